"""A message's Markdown as HTML: code in colours, formulas drawn, and nothing that could act.

HTML is off, so that whatever stands in a message is text on the page. Formulas are drawings within
the page, in the colour of the text. Pictures that a text links to are shown as their address.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from app.markdown.formulas import formula_plugin, tex_of
from app.markdown.inline import MAX_BRACKETS, MAX_INLINE_CHARS
from app.markdown.parser import MAX_NESTING
from app.markdown.plain import clean
from app.markdown.typesetting import Drawing, typeset, typeset_slowly

_MAX_FORMULAS = 500
"""In one message; those after them are shown as their source."""
_MAX_COLOURED_CHARS = 200_000
_MAX_COLOURED_LINE = 2_000
"""Code beyond these stays in one colour: some lexers are slow on a long line."""
_EM = 1.08
"""The formulas' font looks smaller than most text fonts of its size."""
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_SVG_HEAD = re.compile(
    r'\s(?:width|height|style|role|lang|aria-labelledby|xmlns:mathra|data-mathra-version)="[^"]*"'
)
"""What the opening tag of a drawing says otherwise, or not at all, within a page."""
_SVG_NAME = re.compile(r"mathra-[0-9a-f]+")

_Rule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, Any], str]


def rendered(markdown: str, name: str = "") -> str:
    """Markdown as HTML; what nests too deeply to be understood is shown as it is written.

    Args:
        name: What tells its footnotes from those of other messages on the page.
    """
    markdown = clean(markdown)
    parser = _parser()
    environment: EnvType = {"name": name, "n_formulas": 0}
    tokens = parser.parse(markdown, environment)
    if max((token.level for token in tokens), default=0) >= MAX_NESTING - 1:
        return as_written(markdown)
    return str(parser.renderer.render(tokens, parser.options, environment))


def as_written(text: str) -> str:
    """Text without any marks, its lines kept."""
    return f'<div class="written">{escaped(text)}</div>\n'


def escaped(text: str) -> str:
    """Text for any place on the page; what would stay unseen in it is made visible."""
    return html.escape(clean(text).replace("\0", "\ufffd"))


@cache
def _parser() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "maxNesting": MAX_NESTING, "highlight": _coloured}
    parser = MarkdownIt("commonmark", options)
    parser.enable(["table", "strikethrough"])
    footnote_plugin(parser, inline=False, move_to_end=False)
    formula_plugin(parser)
    parser.core.ruler.before("inline", "keep_long_text", _keep_long_text)
    parser.core.ruler.after("inline", "tasks", _mark_tasks)
    rules: dict[str, _Rule] = {
        "image": _image,
        "formula": _formula,
        "formula_block": _formula_block,
        "footnote_ref": _footnote_link,
        "footnote_reference_open": _footnote,
        "footnote_reference_close": _footnote_end,
    }
    for token_type, rule in rules.items():
        parser.add_render_rule(token_type, rule)
    return parser


def _keep_long_text(state: StateCore) -> None:
    for token in state.tokens:
        long = len(token.content) > MAX_INLINE_CHARS or token.content.count("[") > MAX_BRACKETS
        if token.type == "inline" and long:
            token.type, token.tag = "text", ""


def _mark_tasks(state: StateCore) -> None:
    """Give the items of a list of tasks their boxes."""
    for before, _paragraph, token in zip(
        state.tokens, state.tokens[1:], state.tokens[2:], strict=False
    ):
        if before.type == "list_item_open" and token.type == "inline" and token.children:
            first = token.children[0]
            box = _TASKS.get(first.content[:4])
            if first.type == "text" and box:
                first.content = box + first.content[4:]
                before.attrSet("class", "task")


def _coloured(code: str, language: str, _attributes: str) -> str:
    """Code with the classes of Pygments; nothing for code that stays in one colour."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    lines = code.split("\n")
    if not language or len(code) > _MAX_COLOURED_CHARS or max(map(len, lines)) > _MAX_COLOURED_LINE:
        return ""
    try:
        lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="t-"))


def _image(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: OptionsDict,
    _environment: Any,
) -> str:
    token = tokens[place]
    words = "".join(child.content for child in token.children or ())
    source = str(token.attrGet("src") or "")
    return f'<span class="picture">{escaped(f"{words} ({source})" if words else source)}</span>'


def _formula(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: OptionsDict,
    environment: Any,
) -> str:
    source = tokens[place].content
    tex, apart = tex_of(source)
    environment["n_formulas"] += 1
    drawing = None
    if environment["n_formulas"] <= _MAX_FORMULAS:
        drawing = typeset(tex, apart) or typeset_slowly(tex)
    if drawing is None:
        return f"<code>{escaped(source)}</code>"
    kind = "formula apart" if apart else "formula"
    svg = _svg(drawing, f"formula-{environment['name']}-{environment['n_formulas']}")
    return f'<span class="{kind}" role="img" aria-label="{escaped(tex)}">{svg}</span>'


def _formula_block(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    options: OptionsDict,
    environment: Any,
) -> str:
    return f"<p>{_formula(renderer, tokens, place, options, environment)}</p>\n"


def _svg(drawing: Drawing, name: str) -> str:
    """The drawing in the size and on the baseline of the text around it; `name` is its own."""
    head, end, rest = _SVG_NAME.sub(name, drawing.svg).partition(">")
    height = (drawing.ascent + drawing.descent) * _EM
    style = (
        f"width:{drawing.width * _EM:.3f}em;height:{height:.3f}em;"
        f"vertical-align:{-drawing.descent * _EM:.3f}em"
    )
    return f'{_SVG_HEAD.sub("", head)} style="{style}" aria-hidden="true"{end}{rest}'


def _footnote_number(label: str, environment: Any) -> int:
    """Footnotes are numbered in the order in which they are written, as in the window."""
    if "numbers" not in environment:
        labels = environment["footnotes"]["refs"]
        environment["numbers"] = {each: number for number, each in enumerate(labels, 1)}
    return int(environment["numbers"][f":{label}"])


def _footnote_link(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: OptionsDict,
    environment: Any,
) -> str:
    number = _footnote_number(tokens[place].meta["label"], environment)
    return f'<sup><a href="#note-{environment["name"]}-{number}">[{number}]</a></sup>'


def _footnote(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: OptionsDict,
    environment: Any,
) -> str:
    number = _footnote_number(tokens[place].meta["label"], environment)
    return (
        f'<div class="note" id="note-{environment["name"]}-{number}"><span>{number}.</span><div>\n'
    )


def _footnote_end(
    _renderer: RendererHTML,
    _tokens: Sequence[Token],
    _place: int,
    _options: OptionsDict,
    _environment: Any,
) -> str:
    return "</div></div>\n"
