"""llama.cpp's own tools for conversion, for comparisons: found where they are told, or built.

They need torch and transformers, so they get an environment of their own, in a folder that is
thrown away with the rest of the measurement.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_REQUIREMENTS = "requirements/requirements-convert_hf_to_gguf.txt"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where llama.cpp's tools are.

    Attributes:
        source: llama.cpp's source, as llama-cpp-python ships it.
        python: A Python with what its converter needs.
        quantize: The program llama-quantize.
    """

    source: Path
    python: Path
    quantize: Path

    def conversion(self, checkpoint: Path, target: Path, kind: str) -> list[str]:
        """The command of a conversion to F32, F16, BF16 or Q8_0."""
        script = str(self.source / "convert_hf_to_gguf.py")
        options = ["--outfile", str(target), "--outtype", kind.lower()]
        return [str(self.python), script, str(checkpoint), *options]

    def quantization(self, source: Path, target: Path, kind: str) -> list[str]:
        """The command of a quantization, with all cores."""
        return [str(self.quantize), str(source), str(target), kind, str(os.cpu_count())]


def build(folder: Path) -> Upstream:
    """Fetch the source package, compile llama-quantize and install what the converter needs.

    Raises:
        subprocess.CalledProcessError: A step failed; it has said why.
    """
    package = f"llama-cpp-python=={version('llama-cpp-python')}"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    # Source of this package alone: what pip needs to look into it, cmake perhaps, may be binary.
    download = ["download", "--no-deps", "--no-binary=llama-cpp-python", "--dest", str(folder)]
    _run(*pip, *download, package)
    (archive,) = folder.glob("llama_cpp_python-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    source = folder / archive.name.removesuffix(".tar.gz") / "vendor" / "llama.cpp"
    _run(sys.executable, "-m", "venv", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    # The list names an index of its own for torch; where that is out of reach, pip asks it for each
    # package as often as it may, before it takes the usual one.
    install = ["install", "--quiet", "--retries", "0", "-r", str(source / _REQUIREMENTS)]
    _run(str(python), "-m", "pip", *install)
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_TESTS=OFF"]
    cmake, ninja = (str(Path(sys.executable).with_name(name)) for name in ("cmake", "ninja"))
    options += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"]
    _run(cmake, "-S", str(source), "-B", str(folder / "build"), *options)
    target = ["--target", "llama-quantize", "--parallel", str(os.cpu_count())]
    _run(cmake, "--build", str(folder / "build"), *target)
    return Upstream(source, python, folder / "build" / "bin" / "llama-quantize")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
