"""The chat templates of a checkpoint, from whichever of the three places they were put."""

from __future__ import annotations

import re

from converters.typed_value import TypedValue, string, strings
from converters.vocabulary.files import TokenizerFiles

TEMPLATE = "tokenizer.chat_template"
NAMES = "tokenizer.chat_templates"
_DEFAULT = "default"


def template_keys(files: TokenizerFiles) -> dict[str, TypedValue]:
    """The keys that hold the default template and the named ones.

    tokenizer_config.json goes before chat_template.jinja (with the folder
    additional_chat_templates), and that before chat_template.json.
    """
    templates = _templates(files)
    keys = {
        f"{TEMPLATE}.{name}": string(text) for name, text in templates.items() if name != _DEFAULT
    }
    if keys:
        keys[NAMES] = strings(sorted(name for name in templates if name != _DEFAULT))
    if _DEFAULT in templates:
        keys[TEMPLATE] = string(templates[_DEFAULT])
    return keys


def _templates(files: TokenizerFiles) -> dict[str, str]:
    if "chat_template" in files.config:
        return _named(files.config["chat_template"])
    template = files.text("chat_template.jinja")
    if template is None:
        return _named(files.json("chat_template.json").get("chat_template"))
    additional = sorted((files.folder / "additional_chat_templates").glob("*.jinja"))
    texts = {_plain_name(path.stem): path.read_text(encoding="utf-8") for path in additional}
    return {_DEFAULT: template} | texts


def _named(value: object) -> dict[str, str]:
    if isinstance(value, str):
        return {_DEFAULT: value}
    if not isinstance(value, list):
        return {}
    return {
        _plain_name(entry["name"]): entry["template"]
        for entry in value
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and isinstance(entry.get("template"), str)
        and entry["name"]
    }


def _plain_name(name: str) -> str:
    """The name as part of a key: letters and digits of ASCII, anything else an underscore."""
    return re.sub(r"[^A-Za-z0-9]", "_", name)
