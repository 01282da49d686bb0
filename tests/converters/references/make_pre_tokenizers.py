"""Makes known.py and digests.py of converters/vocabulary/pre_tokenizer from llama.cpp's source.

    python tests/converters/references/make_pre_tokenizers.py LLAMA_CPP

LLAMA_CPP is the folder vendor/llama.cpp of the source package of llama-cpp-python, of the version
in pyproject.toml. Facts are taken from two places: src/llama-vocab.cpp (which regular expressions
and flags stand behind a name) and conversion/base.py (which name belongs to which digest of token
ids).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from converters.vocabulary.pre_tokenizer.definition import one_form  # noqa: E402

TARGET = ROOT / "converters/vocabulary/pre_tokenizer"
STRING = r'"(?:[^"\\]|\\.)*"'
DIGEST = re.compile(r'chkhsh == "([0-9a-f]{64})":\s+#[^\n]*\s+res = "([^"]+)"')
DIGITS = 16
# DeepSeek's tokenizer.json cuts digits one by one. llama.cpp leaves them together, for there are no
# merges that would join them: https://github.com/ggml-org/llama.cpp/pull/7033
OTHER_FORMS = {"DEEPSEEK_LLM": (r"\p{N}+", r"\p{N}")}

KNOWN_HEAD = '''"""What llama.cpp knows of pre-tokenizers. Made by a program, not by hand.

Source: src/llama-vocab.cpp and conversion/base.py of llama.cpp, as of llama-cpp-python 0.3.36,
through tests/converters/references/make_pre_tokenizers.py
"""

# ruff: noqa: E501  (regular expressions are not broken)

from __future__ import annotations

from converters.vocabulary.pre_tokenizer.definition import Known

'''
DIGESTS_HEAD = '''"""Which name belongs to which tokenizer. Made by a program, not by hand.

The first digits of the SHA-256 of the token ids of `choice.TEST_TEXT`.

Source: conversion/base.py of llama.cpp, as of llama-cpp-python 0.3.36, through
tests/converters/references/make_pre_tokenizers.py
"""

from __future__ import annotations

'''


def expressions(source: str) -> dict[str, list[tuple[str, ...]]]:
    """The expressions of each LLAMA_VOCAB_PRE_TYPE: as compiled, and as a comment quotes them."""
    body = source[source.index("struct llm_tokenizer_bpe :") :]
    body = body[: body.index("std::vector<std::string> regex_exprs;")]
    found: dict[str, list[tuple[str, ...]]] = {}
    for block in body.split("break;"):
        types = re.findall(r"case LLAMA_VOCAB_PRE_TYPE_(\w+):", block) or ["DEFAULT"]
        if "regex_exprs = {" not in block or "byte_encode = false" in block:
            continue
        lines = [line.strip() for line in block.splitlines()]
        compiled = tuple(literal(line) for line in lines if line.startswith('"'))
        quoted = tuple(literal(line) for line in lines if re.match(r'//\s*"', line))
        forms = [tuple(map(one_form, compiled))]
        if len(quoted) == len(compiled):
            forms.append(tuple(map(one_form, quoted)))
        for kind in types:
            old, new = OTHER_FORMS.get(kind, ("", ""))
            other = tuple(new if form == old else form for form in forms[0])
            found[kind] = list(dict.fromkeys([*forms, other]))
    return found


def literal(line: str) -> str:
    found = re.search(STRING, line)
    assert found, line
    return str(ast.literal_eval(found[0].replace("\\/", "/")))


def names(source: str) -> list[tuple[str, str, bool, bool]]:
    """For each name: its type and whether it ignores merges and adds BOS."""
    body = source[source.index('tokenizer_pre == "default"') :]
    body = body[: body.index("unknown pre-tokenizer type")]
    rows = []
    for block in re.split(r"\} else if \(", body):
        kind = re.search(r"pre_type = LLAMA_VOCAB_PRE_TYPE_(\w+)", block)
        if kind is None:
            continue
        flags = ("ignore_merges = true" in block, "add_bos = true" in block)
        for name in re.findall(r'"([^"]+)"', block.split("pre_type =")[0]):
            rows.append((name, kind[1], *flags))
    return rows


def known(source: str, used: set[str]) -> str:
    by_kind = expressions(source)
    groups: dict[tuple[object, ...], list[str]] = {}
    others = []
    for name, kind, *flags in names(source):
        if kind in by_kind and kind != "DEFAULT":
            groups.setdefault((tuple(by_kind[kind]), *flags), []).append(name)
        else:
            others.append(name)
    out = [KNOWN_HEAD, "KNOWN = (\n"]
    for (splits, *flags), group in groups.items():
        # A name that the converter writes for some model goes before one that it never writes.
        group.sort(key=lambda name: name not in used)
        said = "".join(
            f", {name}=True"
            for name, flag in zip(("ignore_merges", "adds_bos"), flags, strict=True)
            if flag
        )
        out.append(f"Known({tuple(group)!r}, {splits!r}{said}),\n")
    out.append(
        f")\n\n# Names of rules that are more than expressions.\nOTHERS = {tuple(others)!r}\n"
    )
    return "".join(out)


def main(folder: Path) -> None:
    source = (folder / "src/llama-vocab.cpp").read_text(encoding="utf-8")
    digests = dict(DIGEST.findall((folder / "conversion/base.py").read_text(encoding="utf-8")))
    byte_level = {name for name, *_ in names(source)}
    digests = {digest: name for digest, name in digests.items() if name in byte_level}
    rows = "".join(f"{digest[:DIGITS]!r}: {name!r},\n" for digest, name in digests.items())
    files = {
        "known.py": known(source, set(digests.values())),
        "digests.py": f"{DIGESTS_HEAD}NAMES_BY_DIGEST = {{\n{rows}}}\n",
    }
    for name, content in files.items():
        (TARGET / name).write_text(content, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet"]
    subprocess.run([*ruff, *(str(TARGET / name) for name in files)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
