from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.notices import Notice
from app.services.transfer import ImportPreview, Task, TransferProgress, TransferService
from app.store import Repository, Store
from app.transfer import ExportFormat, ExportOptions


@pytest.fixture
def transfer(qtbot: QtBot, store: Store) -> TransferService:
    return TransferService(store)


def claude_file(path: Path, count: int) -> Path:
    said = [
        {"uuid": "1", "sender": "human", "text": "Hi"},
        {"uuid": "2", "sender": "assistant", "text": "Hello"},
    ]
    entries = [json.dumps({"name": f"n{n}", "chat_messages": said}) for n in range(count)]
    path.write_text("[" + ",".join([*entries, '{"name": "broken"}']) + "]")
    return path


def previewed(qtbot: QtBot, transfer: TransferService, path: Path) -> ImportPreview:
    with qtbot.waitSignal(transfer.previewed, timeout=30_000) as signal:
        transfer.preview(path)
    preview = signal.args[0]
    assert isinstance(preview, ImportPreview)
    return preview


def count(store: Store) -> int:
    return len(store.submit(Repository.conversations).result(10))


def test_preview_counts_and_stores_nothing(qtbot, transfer, store, tmp_path) -> None:
    preview = previewed(qtbot, transfer, claude_file(tmp_path / "a.json", 500))
    assert (preview.n_conversations, preview.n_messages) == (500, 1000)
    assert preview.programs == (("Claude", 500),)
    assert [fault.lost for fault in preview.faults] == [True]
    assert count(store) == 0
    assert not transfer.is_busy


def test_import_tells_how_far_it_is(qtbot, transfer, store, tmp_path) -> None:
    preview = previewed(qtbot, transfer, claude_file(tmp_path / "a.json", 300))
    told: list[TransferProgress] = []
    tasks: list[Task] = []
    transfer.progressed.connect(told.append)
    transfer.began.connect(tasks.append)
    with qtbot.waitSignals([transfer.ended, transfer.imported], timeout=30_000):
        transfer.take_in(preview)
        assert transfer.is_busy
    assert tasks == [Task.IMPORT]
    assert told
    assert all(each.task is Task.IMPORT and 0 < each.fraction <= 1 for each in told)
    assert count(store) == 300


def test_a_cancelled_import_leaves_nothing_and_no_notice(qtbot, transfer, store, tmp_path) -> None:
    preview = previewed(qtbot, transfer, claude_file(tmp_path / "a.json", 300))
    notices: list[Notice] = []
    transfer.failed.connect(notices.append)
    transfer.imported.connect(notices.append)
    with qtbot.waitSignal(transfer.ended, timeout=30_000):
        transfer.take_in(preview)
        transfer.cancel()
    assert count(store) == 0
    assert notices == []


def test_a_second_job_is_refused_while_one_runs(qtbot, transfer, tmp_path) -> None:
    preview = previewed(qtbot, transfer, claude_file(tmp_path / "a.json", 50))
    began: list[Task] = []
    transfer.began.connect(began.append)
    with qtbot.waitSignal(transfer.imported, timeout=30_000):
        transfer.take_in(preview)
        transfer.back_up(tmp_path / "copy.db")
    assert began == [Task.IMPORT]
    assert not (tmp_path / "copy.db").exists()


def test_a_cancelled_export_leaves_no_file(qtbot, transfer, tmp_path) -> None:
    preview = previewed(qtbot, transfer, claude_file(tmp_path / "a.json", 50))
    with qtbot.waitSignal(transfer.imported, timeout=30_000):
        transfer.take_in(preview)
    target = tmp_path / "out" / "all.json"
    target.parent.mkdir()
    with qtbot.waitSignal(transfer.ended, timeout=30_000):
        transfer.export(target, ExportOptions(ExportFormat.JSON, many=True), None)
        transfer.cancel()
    assert list(target.parent.iterdir()) == []


def test_errors_become_notices(qtbot, transfer, tmp_path) -> None:
    with qtbot.waitSignal(transfer.failed) as failed:
        transfer.back_up(tmp_path / "missing" / "copy.db")
    assert isinstance(failed.args[0], Notice)
    assert "missing" in failed.args[0].detail
    assert not transfer.is_busy


def test_a_conversation_that_is_gone_leaves_no_file(qtbot, transfer, tmp_path) -> None:
    with qtbot.waitSignal(transfer.failed) as failed:
        transfer.export(tmp_path / "gone.md", ExportOptions(ExportFormat.MARKDOWN), 99)
    assert "99" in failed.args[0].detail
    assert not list(tmp_path.glob("*gone*"))


def test_closing_ends_what_runs(qtbot, transfer, tmp_path) -> None:
    path = claude_file(tmp_path / "a.json", 100_000)
    transfer.preview(path)
    transfer.close()
    with qtbot.assertNotEmitted(transfer.previewed), qtbot.waitSignal(transfer.ended):
        pass
