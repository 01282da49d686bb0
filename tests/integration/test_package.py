"""The packaged program, run from a folder elsewhere, far from the sources and their Python."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.converters.comparing import is_same_file
from tests.converters.tiny_checkpoints import write_checkpoint
from tests.integration.x_server import visible_windows, x_server
from tools import package

TEXT = Path(__file__).parents[1] / "converters" / "measurement" / "text.txt"
WINDOW_WITHIN_S = 60
LARGEST_BYTES = 300e6

# Making the package takes a minute or two of the first test that needs it.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, made from the sources as they are now."""
    if not package.is_current():
        assert package.build() == 0
    # A name with a space and an accent, as users' folders have.
    copy = tmp_path_factory.mktemp("elsewhere") / "Mes modèles à moi"
    shutil.copytree(package.FOLDER, copy, symlinks=True)
    return copy


@pytest.fixture
def environment(tmp_path: Path, starter_model: Path) -> dict[str, str]:
    """An environment without our Python, with a user folder that holds nothing but the model."""
    data = tmp_path / "data"
    (data / "models").mkdir(parents=True)
    (data / "models" / starter_model.name).symlink_to(starter_model)
    home = tmp_path / "home"
    home.mkdir()
    paths = {"CONCLAVE_DATA_DIR": str(data), "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    return {**paths, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture
def display() -> Iterator[str]:
    with x_server() as name:
        yield name


def test_chat_answers(packaged: Path, environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [package.program_in(packaged), "chat", "hi"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_it_converts_and_measures(
    packaged: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """With all its child processes, tokenizer libraries and what draws pictures."""
    checkpoint, model = write_checkpoint(tmp_path, "mixtral"), tmp_path / "x.gguf"
    picture = tmp_path / "x.png"
    for arguments in (
        ("convert", checkpoint, "-o", model, "--type", "BF16"),
        ("quantize", model, "-o", tmp_path / "q.gguf", "--type", "Q4_K_M"),
        ("inspect", tmp_path / "q.gguf"),
        ("measure", model, "--text", TEXT, "--n-ctx", "64", "--chunks", "1", "--plot", picture),
    ):
        done = subprocess.run(
            [package.program_in(packaged), *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr
    assert is_same_file(model, "mixtral", "bf16")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_window_comes_up(
    packaged: Path, environment: dict[str, str], display: str, tmp_path: Path
) -> None:
    program = subprocess.Popen(
        [package.program_in(packaged)],
        cwd=tmp_path,
        env={**environment, "DISPLAY": display},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        width, height = _wait_for_window(program, display)
    finally:
        program.terminate()
        program.communicate(timeout=30)

    assert width > 300
    assert height > 300


def _wait_for_window(program: subprocess.Popen[str], display: str) -> tuple[int, int]:
    """The size of Conclave's window, once it is shown."""
    deadline = time.monotonic() + WINDOW_WITHIN_S
    while time.monotonic() < deadline:
        for title, size in visible_windows(display).items():
            if "Conclave" in title:
                return size
        if program.poll() is not None:
            assert program.stdout
            pytest.fail(f"ended with {program.returncode}:\n{program.stdout.read()}")
        time.sleep(0.2)
    pytest.fail(f"no window within {WINDOW_WITHIN_S} s; shown are {visible_windows(display)}")


def test_no_library_of_llama_is_there_twice(packaged: Path) -> None:
    files = [path for path in packaged.rglob("lib*ggml*") if not path.is_symlink()]
    libraries = sorted(path.name for path in files)
    stems = [name.partition(".")[0] for name in libraries]

    assert "libggml-rpc" in stems
    assert len(stems) == len(set(stems)), libraries


def test_package_is_small(packaged: Path) -> None:
    """The window's libraries took 190 MB in its prototype; tokenizers and pictures came later."""
    files = [path for path in packaged.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)

    assert size < LARGEST_BYTES, f"{size / 1e6:.0f} MB"


def test_package_holds_no_path_of_the_sources(packaged: Path) -> None:
    """Nothing in the folder's layout leads back to where it was made."""
    links = [path for path in packaged.rglob("*") if path.is_symlink()]

    assert all(not link.readlink().is_absolute() for link in links)
    assert all(link.exists() for link in links)
