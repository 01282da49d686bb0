"""Tables as GitHub has them, bounded in size; formulas in them may hold `|`."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock, table

from app.markdown.formulas import formula_end

MAX_TABLE_COLUMNS = 100
MAX_TABLE_CELLS = 1_000
_LINE = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r"[ \t>]*[|:-][|: \t-]*")
_HELD = "\ufdd1"
"""Stands for a line in a formula while cells are told apart; cleaned text never holds it."""


def bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """As markdown-it's rule, with lines in formulas; too large a table is one `large_table`."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    n_columns = line.strip().strip("|").count("|") + 1
    if silent or "|" not in line:
        return _table(state, start, end, silent)
    last = start
    most = start + MAX_TABLE_CELLS // n_columns if n_columns <= MAX_TABLE_COLUMNS else start
    while last < end and last <= most and not state.isEmpty(last):
        last += 1
    if last <= most:
        return _table(state, start, end, silent)
    if start + 2 > end or not _table(state, start, start + 2, True):
        return False
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        last += 1
    token = state.push("large_table", "table", 0)
    token.content = state.getLines(start, last, state.blkIndent, False)
    token.meta = {"cells": n_columns * max(last - start - 1, 1)}
    token.map = [start, last]
    state.line = last
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """As markdown-it's rule, which would end a cell within `$|x|$`."""
    source = state.src
    n_tokens = len(state.tokens)
    # To interrupt a paragraph, which is asked for at every line of it, the header is enough.
    state.src = _with_lines_held(state, start, min(end, start + 2) if silent else end)
    try:
        return table(state, start, end, silent)
    finally:
        if state.src is not source:
            for token in state.tokens[n_tokens:]:
                token.content = token.content.replace(_HELD, "|")
            state.src = source


def _with_lines_held(state: StateBlock, start: int, end: int) -> str:
    """The text, as long as before, in which no row has more cells than the row of dashes."""
    if start + 2 > end or not _DASHES.fullmatch(_row(state, start + 1)):
        return state.src
    n_columns = _n_cells(_row(state, start + 1))
    held = state.src
    for index in range(start, min(end, start + MAX_TABLE_CELLS)):
        row = _row(state, index)
        if not row.strip():
            break
        if _n_cells(row) != n_columns:
            changed = _hold_lines(row)
            if _n_cells(changed) == n_columns:
                place = state.bMarks[index]
                held = held[:place] + changed + held[place + len(row) :]
    return held


def _row(state: StateBlock, index: int) -> str:
    return state.src[state.bMarks[index] : state.eMarks[index]]


def _n_cells(row: str) -> int:
    row = row.strip()
    n_lines = len(_LINE.findall(row))
    return (
        n_lines + 1 - row.startswith("|") - (len(row) > 1 and bool(_LINE.match(row, len(row) - 1)))
    )


def _hold_lines(row: str) -> str:
    """The row with other characters for the lines in its formulas."""
    parts: list[str] = []
    position = 0
    while position < len(row):
        after = formula_end(row, position, len(row)) or position + 1
        part = row[position:after]
        parts.append(part if len(part) == 1 else _LINE.sub(_HELD, part))
        position = after
    return "".join(parts)
