"""`python -m bench [NAME ...]`: run measurements and print their figures."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import psutil

from app import paths
from app.services.model_files import starter_model
from bench import (
    breaks,
    convert,
    decode,
    experts,
    gpu,
    kernels,
    large_store,
    memory,
    search,
    startup,
    states,
    stopping,
    streaming,
    upstream,
    window,
)
from bench.report import Line

MEASUREMENTS: dict[str, Callable[[Path, int], Iterable[Line]]] = {
    "decode": decode.measure,
    "experts": experts.measure,
    "startup": startup.measure,
    "streaming": streaming.measure,
    "large": large_store.measure,
    "memory": memory.measure,
    "kernels": kernels.measure,
    "search": search.measure,
    "search-million": search.measure_many,
    "stop": stopping.measure,
    "cycles": breaks.measure,
    "gpu": gpu.measure,
    "states": states.measure,
    "window": window.measure,
}
ONLY_WHEN_NAMED = ("gpu", "search-million", "window")
GROUPS = {
    "window": ("window", "search", "search-million"),
    "engine": ("decode", "streaming", "memory", "states", "experts", "stop", "cycles"),
}
"""Names that stand for several measurements."""


def main() -> int:
    """Run what was asked for, all by default."""
    arguments = _arguments()
    model = arguments.model or starter_model(paths.models_dir())
    if not model.is_file():
        sys.exit(f"bench: there is no model at {model}; name one with --model")
    # Nothing of the user's is read or written from here on.
    with tempfile.TemporaryDirectory(prefix="conclave-bench-") as folder:
        os.environ["CONCLAVE_DATA_DIR"] = folder
        print(f"{date.today()}, {_machine()}, {model.name}, medians of {arguments.repetitions}\n")
        for name in _measurements(arguments.names):
            for line in _run(name, model, arguments):
                print(line, flush=True)
            print(flush=True)
    return 0


def _run(name: str, model: Path, arguments: argparse.Namespace) -> Iterable[Line]:
    if name == "gpu":
        workers = [part for part in arguments.rpc.split(",") if part]
        return gpu.measure(model, arguments.repetitions, workers)
    if name == "convert":
        return _convert(arguments)
    return MEASUREMENTS[name](model, arguments.repetitions)


def _convert(arguments: argparse.Namespace) -> Iterator[Line]:
    """Conversions in a folder of their own, which is removed."""
    with tempfile.TemporaryDirectory(prefix="conclave-bench-", dir=arguments.folder) as name:
        tools = _upstream(arguments, Path(name) / "llama.cpp")
        n_bytes = int(arguments.size * 1e9)
        yield from convert.measure(Path(name) / "models", n_bytes, arguments.repetitions, tools)


def _upstream(arguments: argparse.Namespace, folder: Path) -> upstream.Upstream | None:
    """llama.cpp's tools, where they are asked for: as told, else built."""
    if arguments.tools:
        return upstream.Upstream(*(path.absolute() for path in arguments.tools))
    if not arguments.compare:
        return None
    folder.mkdir()
    return upstream.build(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    names = [[], *GROUPS, *MEASUREMENTS, "convert"]
    parser.add_argument("names", nargs="*", choices=names, metavar="NAME")
    parser.add_argument("--model", type=Path, help="GGUF file; the starter model by default")
    parser.add_argument(
        "--repetitions", type=int, default=7, help="at least 5, for convert 3; 7 by default"
    )
    parser.add_argument("--gpu", action="store_true", help="the same as the name gpu")
    parser.add_argument("--rpc", default="", help="for gpu: host:port of workers to use as device")
    of_convert = parser.add_argument_group("convert")
    of_convert.add_argument("--size", type=float, default=3.0, help="GB of the checkpoint")
    of_convert.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    of_convert.add_argument(
        "--compare", action="store_true", help="with llama.cpp's tools, which are built for it"
    )
    of_convert.add_argument(
        "--tools", type=Path, nargs=3, metavar=("SOURCE", "PYTHON", "LLAMA_QUANTIZE"),
        help="with llama.cpp's tools as they are there",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.gpu:
        arguments.names = [*arguments.names, "gpu"]
    least = 3 if arguments.names == ["convert"] else 5
    if arguments.repetitions < least:
        parser.error(f"--repetitions must be at least {least}")
    return arguments


def _measurements(names: Sequence[str]) -> list[str]:
    """Each once, groups taken apart; where none is named all but the longest."""
    wanted = [one for name in names for one in GROUPS.get(name, (name,))]
    every = [name for name in MEASUREMENTS if name not in ONLY_WHEN_NAMED]
    return list(dict.fromkeys(wanted or every))


def _machine() -> str:
    cores = psutil.cpu_count(logical=False) or os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GiB"


if __name__ == "__main__":
    raise SystemExit(main())
