"""Why a draft is not sent, or a file not taken up, in the language of the moment."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.item_models.figures import number
from app.services.notices import Notice
from app.services.token_count import TokenCount


def unready(name: str) -> Notice:
    """A file of that name is still being read."""
    return Notice(
        QCoreApplication.translate("Drafting", "A file is still being read"),
        QCoreApplication.translate("Drafting", "“{name}” is not ready yet.").format(name=name),
        QCoreApplication.translate("Drafting", "Wait a moment, or remove it."),
    )


def too_long(counted: TokenCount) -> Notice:
    """The message does not fit into the context."""
    detail = QCoreApplication.translate(
        "Drafting",
        "It has {n} tokens; the context holds {n_ctx}, of which {kept} are kept for the answer.",
    )
    return Notice(
        QCoreApplication.translate("Drafting", "This message is too long for the model"),
        detail.format(
            n=number(counted.n_question),
            n_ctx=number(counted.n_ctx),
            kept=number(counted.n_ctx - counted.room),
        ),
        QCoreApplication.translate(
            "Drafting", "Shorten it or remove a file, or use a longer context."
        ),
    )


def too_large(name: str, n_tokens: int, n_ctx: int, left: int) -> Notice:
    """There is no room for a file.

    Args:
        name: The file's.
        n_tokens: How many it has.
        n_ctx: The length of the context.
        left: How many tokens there is room for.
    """
    detail = QCoreApplication.translate(
        "Drafting",
        "It has {n} tokens; of the context of {n_ctx}, {left} are left beside "
        "the rest of your message.",
    )
    return Notice(
        QCoreApplication.translate("Drafting", "“{name}” does not fit").format(name=name),
        detail.format(n=number(n_tokens), n_ctx=number(n_ctx), left=number(left)),
        QCoreApplication.translate(
            "Drafting", "Attach the part that the question is about, or use a longer context."
        ),
    )


def blind() -> Notice:
    """The model sees no pictures."""
    return Notice(
        QCoreApplication.translate("Drafting", "This model cannot see pictures"),
        QCoreApplication.translate(
            "Drafting",
            "It reads text only: there is no projector (mmproj…gguf) for it beside it.",
        ),
        QCoreApplication.translate(
            "Drafting", "Choose a model that sees pictures, or describe in words what they show."
        ),
    )
