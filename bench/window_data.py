"""The conversations and answers with which the window is measured."""

from __future__ import annotations

from pathlib import Path

from app.domain.conversations import ReplyStats, Status
from app.store import Repository
from app.store.database import DEFAULT_TIMEOUT_S, close_database, open_database

N_CONVERSATIONS = 500
LONG_TITLE = "5,000 messages"
SHORT_TITLE = "200 messages"
N_LONG = 5000
N_SHORT = 200
CHARS_PER_TOKEN = 4
N_TOKENS = 4000
CODE_CHARS = 17_000
_STATS = ReplyStats(100, 200, 50, 30.5, 400.25)

_PROSE = (
    "A mixture of experts holds **many** small networks and asks a few of them for each token. "
    "A *router* decides which ones; the others rest. So a model of a hundred billion weights may "
    "cost as much work as one of ten, although all of its weights have to be kept somewhere.\n\n"
    "What follows from this for a desk with one graphics card is simple: attention and shared "
    "weights lie there, and the experts lie in `system memory`, where there is more room.\n\n"
)
_LIST = (
    "## In short\n\n1. load the file\n2. split the layers\n3. ask the router\n\n- one\n- two\n\n"
)
_CODE = (
    "```python\n"
    "def route(token: Token, experts: list[Expert]) -> list[Expert]:\n"
    '    """The experts for one token, the best first."""\n'
    "    scores = [(expert.score(token), expert) for expert in experts]\n"
    "    scores.sort(key=lambda pair: -pair[0])  # the best first\n"
    "    return [expert for score, expert in scores[:8] if score > 0.01]\n"
    "```\n\n"
)
_TABLE = (
    "| model | experts | used |\n|---|---|---|\n"
    "| small | 32 | 8 |\n| middle | 128 | 8 |\n| large | 256 | 8 |\n\n"
)
_FORMULA = "The balance is $H = -\\sum_i p_i \\log p_i$, and at most $\\log n$.\n\n"


def fill(path: Path) -> None:
    """Make a database with everything that is opened here; `SHORT_TITLE` is the newest."""
    db, _report = open_database(path, DEFAULT_TIMEOUT_S)
    repository = Repository(db)
    with repository.transaction():
        for number in range(N_CONVERSATIONS - 2):
            conversation = repository.create_conversation(f"Conversation {number}")
            repository.add_user_message(conversation.id, f"Question {number}", parent_id=None)
        for title, n_messages in ((LONG_TITLE, N_LONG), (SHORT_TITLE, N_SHORT)):
            _fill_conversation(repository, title, n_messages)
    close_database(db)


def _fill_conversation(repository: Repository, title: str, n_messages: int) -> None:
    """Half of the answers have code, tables and mathematics."""
    conversation = repository.create_conversation(title)
    parent: int | None = None
    for number in range(n_messages // 2):
        question = repository.add_user_message(
            conversation.id, f"Question {number}: which experts answer, and why?", parent_id=parent
        )
        reply = repository.begin_reply(conversation.id, parent_id=question.id, model="Mixture")
        answer = _PROSE + (_CODE + _TABLE + _FORMULA if number % 2 else _LIST)
        repository.finish_reply(reply.id, answer, "", Status.COMPLETE, _STATS)
        parent = reply.id


def text_tokens() -> list[str]:
    """An answer of `N_TOKENS` tokens with everything in it that answers usually have."""
    whole = _PROSE + _LIST + _PROSE + _CODE + _PROSE + _TABLE + _FORMULA
    needed = N_TOKENS * CHARS_PER_TOKEN
    return _tokens((whole * (needed // len(whole) + 1))[:needed])


def code_tokens() -> list[str]:
    """An answer of one long code block."""
    lines = _CODE.removeprefix("```python\n").removesuffix("```\n\n") + "\n\n"
    return _tokens("```python\n" + (lines * (CODE_CHARS // len(lines) + 1))[:CODE_CHARS])


def _tokens(text: str) -> list[str]:
    starts = range(0, len(text), CHARS_PER_TOKEN)
    return [text[start : start + CHARS_PER_TOKEN] for start in starts]
