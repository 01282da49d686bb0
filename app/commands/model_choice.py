"""Which model a command uses."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from app.domain import settings
from app.services.engine_settings import rpc_workers
from app.services.model_files import ModelFile, find_models, model_name
from app.services.tuned_models import find_tuned
from app.store import Store
from inference.engine import Adapter, ModelParams
from inference.errors import ModelNotFound


class TerminalModel(Struct, frozen=True):
    """The model of a terminal chat and the name that is stored with its answers."""

    name: str
    params: ModelParams

    def with_projector(self, path: Path) -> TerminalModel:
        """The same model, seeing pictures through this file."""
        return replace(self, params=replace(self.params, projector_path=path))


def choose_model(
    store: Store,
    folder: Path,
    wanted: str,
    rpc_servers: tuple[str, ...] = (),
    adapters: tuple[Adapter, ...] = (),
) -> TerminalModel:
    """The model asked for, or else the one chosen last in the window, or else the first found.

    It has the settings that tuning found, where it was tuned on this machine.

    Args:
        store: Where the window remembers its choice.
        folder: The models folder.
        wanted: A path, the name of a model in the folder, or "".
        rpc_servers: `host:port` of workers that hold part of it; none: those of the settings.
        adapters: What changes its weights.

    Raises:
        ModelNotFound: There is none, or `wanted` is neither a file nor a name in the folder.
    """
    found = find_models(folder) if folder.is_dir() else ()
    path = _named(found, folder, wanted) if wanted else _default(store, found, folder)
    path = path.absolute()
    tuned = find_tuned(store, path)
    workers = rpc_servers or store.submit(rpc_workers).result()
    params = ModelParams(path, rpc_servers=workers, adapters=adapters)
    return TerminalModel(model_name(path), tuned.applied_to(params) if tuned else params)


def _named(found: tuple[ModelFile, ...], folder: Path, wanted: str) -> Path:
    path = Path(wanted).expanduser()
    if path.is_file():
        return path
    for file in found:
        if wanted.lower() in (file.name.lower(), file.path.name.lower()):
            return file.path
    names = ", ".join(file.name for file in found) or "none"
    raise ModelNotFound(
        "There is no such model",
        f"{wanted} is neither a file nor a model in {folder}",
        f"Models there: {names}",
    )


def _default(store: Store, found: tuple[ModelFile, ...], folder: Path) -> Path:
    chosen = store.submit(lambda repository: repository.setting(settings.MODEL_PATH)).result()
    if isinstance(chosen, str) and Path(chosen).is_file():
        return Path(chosen)
    if found:
        return found[0].path
    raise ModelNotFound(
        "There is no model yet",
        f"{folder} holds no .gguf file",
        "Put one there, or name a file: conclave chat --model FILE, conclave bench FILE",
    )
