"""The steps of the set-up in their order. Each is skipped while nothing changed since."""

from __future__ import annotations

from tools import packages, starter, system, venv
from tools.places import SETUP_LOG, VENV
from tools.steps import Stamps, StepFailed, say

_SYSTEM_INPUTS = {"libraries": list(system.QT_LIBRARIES)}


def set_up(requested_backend: str | None, *, needs_model: bool) -> None:
    """Bring everything to the state in which Conclave runs.

    Args:
        requested_backend: What llama.cpp is to be built for; None keeps the one before, or chooses.
        needs_model: Whether nothing can be done without the starter model.

    Raises:
        StepFailed: From the step that could not be done.
    """
    stamps = Stamps(VENV / "stamps")
    # Read before the virtual environment, and the stamps in it, may be made anew.
    remembered = _remembered_backend(stamps)
    system_is_complete = stamps.is_fresh("system", _SYSTEM_INPUTS) or system.ensure_system()
    venv.ensure_venv()
    if system_is_complete:
        stamps.write("system", _SYSTEM_INPUTS)
    venv.ensure_uv(stamps)
    packages.ensure_packages(stamps, requested_backend, remembered)
    _bring_model(stamps, needs_model=needs_model)


def _remembered_backend(stamps: Stamps) -> str | None:
    remembered = stamps.read("backend").get("backend")
    return remembered if isinstance(remembered, str) else None


def _bring_model(stamps: Stamps, *, needs_model: bool) -> None:
    try:
        starter.ensure_starter(stamps)
    except StepFailed:
        if needs_model:
            raise
        say(
            f"The starter model could not be fetched (see {SETUP_LOG})."
            " The app says how to add a model."
        )
