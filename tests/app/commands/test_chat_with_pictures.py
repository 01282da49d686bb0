"""`conclave chat --image`: the whole way through the engine's process."""

from __future__ import annotations

from pathlib import Path

from tests.app.commands.shell import Shell
from tests.inference.tiny_models import write_tiny_model
from tests.inference.tiny_projectors import picture, write_tiny_projector

SHORT = ("--temperature", "0", "--max-tokens", "12")


def test_a_picture_is_seen_stored_and_told_from_another(shell: Shell, tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=2)
    write_tiny_projector(tmp_path / "mmproj.gguf")
    answers = []
    for seed in (1, 2, 1):
        file = tmp_path / f"{seed}.png"
        file.write_bytes(picture(seed).data)
        done = shell.run("chat", *SHORT, "--model", str(model), "--image", str(file), "what?")
        assert done.returncode == 0, done.stderr
        answers.append(done.stdout)

    assert answers[0] == answers[2]
    assert answers[0] != answers[1]
    question = shell.stored()[0].messages[0]
    assert [file.name for file in question.attachments] == ["1.png"]
    assert question.attachments[0].is_picture


def test_what_cannot_be_seen_is_told_and_nothing_is_stored(shell: Shell, tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "blind.gguf", "llama", n_layer=1)
    file = tmp_path / "a.png"
    file.write_bytes(picture(1).data)
    (tmp_path / "a.txt").write_text("hello")

    blind = shell.run("chat", "--model", str(model), "--image", str(file), "what?")
    assert blind.returncode == 1
    assert "cannot see pictures" in blind.stderr
    text = shell.run("chat", "--model", str(model), "--image", str(tmp_path / "a.txt"), "what?")
    assert text.returncode == 1
    assert "is no picture" in text.stderr
    missing = shell.run("chat", "--model", str(model), "--image", str(tmp_path / "b.png"), "what?")
    assert missing.returncode == 1
    assert "“b.png” is not there" in missing.stderr
    assert not shell.stored()
