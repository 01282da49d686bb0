"""Every error of the engine that a person can meet.

Each carries `title` (what happened), `detail` (file, key, numbers) and `hint` (what to do now).
They cross the pipe between the engine's process and the window by class name, so every class here
takes the same three arguments.
"""

from __future__ import annotations


class ReportedError(Exception):
    """An error with words for the person who meets it: all of Conclave's own errors.

    Attributes:
        title: What happened, in a few words.
        detail: The file, key and numbers concerned.
        hint: What to do now.
    """

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.detail) if part)


class EngineError(ReportedError):
    """Base of the engine's errors."""


class ModelError(EngineError):
    """A model cannot be used; another one can be chosen."""


class ModelNotFound(ModelError):
    """The model file does not exist or cannot be read."""


class NotAModelFile(ModelError):
    """The file is not GGUF, or of a version that cannot be read."""


class ModelFileTruncated(ModelError):
    """The file ends before the tensors that its header announces."""


class ModelPartMissing(ModelError):
    """A further file of a split model is not there; `detail` names it."""


class ModelPartWrong(ModelError):
    """A file of a split model is not the one that belongs there; `detail` names it."""


class UnknownArchitecture(ModelError):
    """The file is sound, but this build of llama.cpp does not know its architecture."""


class ModelTooLarge(ModelError):
    """Weights and context need more memory than this machine has free."""


class NotAChatModel(ModelError):
    """The file is sound GGUF, but holds no model that answers; `detail` says what it holds."""


class ModelDamaged(ModelError):
    """The file's content is not what it should be: checksum, a tensor's shape, a missing part."""


class ModelFileChanged(ModelError):
    """The file was replaced while it was loaded."""


class AdapterFailed(ModelError):
    """An adapter cannot be used; `detail` names it."""


class AdapterMismatch(AdapterFailed):
    """An adapter belongs to another model; `detail` has what differs."""


class ProjectorFailed(ModelError):
    """The file with which a model sees pictures cannot be used; `detail` names it."""


class ProjectorMismatch(ProjectorFailed):
    """That file belongs to another model; `detail` has what differs."""


class ModelLoadFailed(ModelError):
    """llama.cpp refused the model for another reason; `detail` has its own words."""


class NoExperts(ModelError):
    """Experts were asked for, and the model has none."""


class ChatTemplateFailed(ModelError):
    """The chat template in the model file cannot be rendered."""


class WorkerUnreachable(EngineError):
    """A worker that was to hold part of the model does not answer."""


class PromptTooLong(EngineError):
    """The prompt has more tokens than the context can hold; nothing was evaluated."""


class ContextFull(EngineError):
    """The conversation does not fit, and nothing of it may be left out; nothing was evaluated."""


class ContextTooShort(EngineError):
    """The context cannot hold what was asked for; nothing was evaluated."""


class CannotSeePictures(EngineError):
    """The question has pictures and the model has no projector; nothing was evaluated."""


class PictureUnreadable(EngineError):
    """A picture is damaged or of an unknown format; `detail` names it. Nothing was evaluated."""


class PictureTooLarge(EngineError):
    """A picture has more pixels, bytes or tokens than can be used; nothing was evaluated."""


class BadSampling(EngineError):
    """A sampling value is out of its range; nothing was evaluated."""


class BadGrammar(EngineError):
    """The grammar that the answer is to follow cannot be used; nothing was evaluated."""


class BadSchema(BadGrammar):
    """The JSON schema cannot be turned into a grammar; `detail` names the place in it."""


class BadTools(EngineError):
    """The list of tools cannot be read; nothing was evaluated."""


class DecodeFailed(EngineError):
    """llama.cpp could not evaluate a batch."""


class EngineDied(EngineError):
    """The engine's process ended; `detail` has the last words of its log."""


class EngineHung(EngineDied):
    """Nothing moved in the engine's process any more, so it was ended."""


class EngineOutOfMemory(EngineDied):
    """The engine's process ended because memory was refused to it."""


class WorkerLost(EngineDied):
    """A worker that held part of the model is gone, and the engine's process with it."""


class PictureNotWritten(EngineError):
    """A picture cannot be written where it should."""


class WorkerNotStarted(EngineError):
    """A worker cannot listen where it should."""


class EngineStartFailed(EngineError):
    """The engine's process did not start or did not answer in time."""


def _tree(root: type[EngineError]) -> dict[str, type[EngineError]]:
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


def from_name(name: str, title: str, detail: str, hint: str) -> EngineError:
    """Rebuild the error that the other side of the pipe raised; an unknown name gives the base."""
    return _tree(EngineError).get(name, EngineError)(title, detail, hint)
