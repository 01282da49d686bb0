"""Chooses tokenizer.ggml.pre: by what the tokenizer does, or by what a person says."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from hashlib import sha256

from converters.errors import UnknownPreTokenizer
from converters.vocabulary.files import Json
from converters.vocabulary.pre_tokenizer.definition import Definition, Known, read_definition
from converters.vocabulary.pre_tokenizer.digests import NAMES_BY_DIGEST
from converters.vocabulary.pre_tokenizer.known import KNOWN, OTHERS

# llama.cpp's converter knows tokenizers by what they make of this text, to the last character.
# Source: get_vocab_base_pre in conversion/base.py of llama.cpp, as of llama-cpp-python 0.3.36
TEST_TEXT = (
    "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n"
    "🚀 (normal) 😶\u200d🌫️ (multiple emojis concatenated) ✅ 🦙🦙 "
    "3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3 "
    "កាន់តែពិសេសអាច😁 ?我想在apple工作1314151天～ ------======= нещо на Български "
    "''''''```````\"\"\"\"......!!!!!!?????? "
    "I've been 'told he's there, 'RE you sure? 'M not sure I'll make it, "
    "'D you like some tea? We'Ve a'lL"
)
_DIGITS = 16
_FORCE = "--pre-tokenizer NAME"


def choose(ids: Sequence[int], content: Json, adds_bos: bool, forced: str | None = None) -> str:
    """The value of tokenizer.ggml.pre.

    A tokenizer that llama.cpp's converter knows gets the name it has there. Any other is compared
    with what llama.cpp has compiled in: the same expressions, and among several names with these
    the one that agrees about merges and BOS.

    Args:
        ids: What the tokenizer makes of `TEST_TEXT`, with the tokens that it adds by itself.
        content: tokenizer.json, of the same tokenizer.
        adds_bos: Whether it puts BOS in front of every text.
        forced: A name that a person has chosen.

    Raises:
        UnknownPreTokenizer: llama.cpp splits text by none of its rules as this tokenizer does, or
            does not know the name that was chosen.
    """
    if forced is not None:
        return _checked(forced)
    digest = sha256(str(list(ids)).encode()).hexdigest()[:_DIGITS]
    return NAMES_BY_DIGEST.get(digest) or by_definition(read_definition(content), adds_bos)


def by_definition(definition: Definition, adds_bos: bool) -> str:
    """The name for a tokenizer that nobody has named yet.

    Raises:
        UnknownPreTokenizer: llama.cpp splits text by none of its rules as this tokenizer does.
    """
    alike = [known for known in KNOWN if definition.splits in known.splits]
    alike = [known for known in alike if known.ignore_merges == definition.ignore_merges]
    if not alike or not definition.byte_level or definition.normalizers:
        raise _unknown(definition)
    return min(alike, key=lambda known: known.adds_bos != adds_bos).names[0]


def _checked(name: str) -> str:
    names = [*(name for known in KNOWN for name in known.names), *OTHERS]
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=3, cutoff=0) if name else names[:3]
    raise UnknownPreTokenizer(
        "llama.cpp does not know this pre-tokenizer",
        f"{name!r}; names like it are {', '.join(near)}",
        f"Give one of llama.cpp's names after {_FORCE.split()[0]}.",
    )


def _unknown(definition: Definition) -> UnknownPreTokenizer:
    nearest, likeness = _nearest(definition)
    name = nearest.names[0]
    differences = "; ".join(_differences(definition, nearest))
    return UnknownPreTokenizer(
        "llama.cpp splits text by no rules like this tokenizer's",
        f"nearest is {name!r} ({likeness:.0%} alike): {differences}",
        f"If text may be split as {name!r} does, convert with {_FORCE.replace('NAME', name)}; "
        "tokens will differ where the rules do, and the answers get worse with them.",
    )


def _nearest(definition: Definition) -> tuple[Known, float]:
    def likeness(known: Known) -> float:
        text = "\n".join(definition.splits)
        best = max(
            difflib.SequenceMatcher(None, text, "\n".join(form), autojunk=False).ratio()
            for form in known.splits
        )
        # Expressions weigh more than the flag, and the flag decides between equals.
        return best - 0.01 * (known.ignore_merges != definition.ignore_merges)

    nearest = max(KNOWN, key=likeness)
    return nearest, likeness(nearest)


def _differences(definition: Definition, known: Known) -> list[str]:
    """What is different, in words: the tokenizer's own first."""
    found = []
    if definition.splits not in known.splits:
        theirs = known.splits[0]
        for place in range(max(len(definition.splits), len(theirs))):
            here = definition.splits[place] if place < len(definition.splits) else "nothing"
            there = theirs[place] if place < len(theirs) else "nothing"
            if here != there:
                found.append(f"rule {place + 1} is {here} instead of {there}")
    if definition.ignore_merges != known.ignore_merges:
        found.append(
            f"ignore_merges is {definition.ignore_merges} instead of {known.ignore_merges}"
        )
    if definition.normalizers:
        found.append(f"text is changed before by {', '.join(definition.normalizers)}")
    if not definition.byte_level:
        found.append("the vocabulary is not one of bytes")
    return found
