"""Chat templates come from three places, alone or by names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converters.errors import TokenizerUnreadable
from converters.vocabulary.chat_templates import template_keys
from converters.vocabulary.files import TokenizerFiles

CONFIG = "tokenizer_config.json"
NO_TEMPLATE = {CONFIG: {"bos_token": "<s>"}}
IN_JINJA = {"chat_template.jinja": "two"}
IN_JSON = {"chat_template.json": {"chat_template": "three"}}


def _templates(folder: Path, files: dict[str, Any]) -> dict[str, Any]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return {key: value.value for key, value in template_keys(TokenizerFiles(folder)).items()}


def test_one_template_in_the_configuration(tmp_path: Path) -> None:
    found = _templates(tmp_path, {CONFIG: {"chat_template": "one"}})
    assert found == {"tokenizer.chat_template": "one"}


@pytest.mark.parametrize(("files", "template"), [(IN_JINJA, "two"), (IN_JSON, "three")])
def test_a_template_in_a_file_of_its_own(
    tmp_path: Path, files: dict[str, Any], template: str
) -> None:
    assert _templates(tmp_path, NO_TEMPLATE | files) == {"tokenizer.chat_template": template}


def test_the_configuration_goes_first(tmp_path: Path) -> None:
    files = {CONFIG: {"chat_template": "one"}} | IN_JINJA | IN_JSON
    assert _templates(tmp_path, files) == {"tokenizer.chat_template": "one"}


def test_named_templates(tmp_path: Path) -> None:
    listed = [
        {"name": "default", "template": "one"},
        {"name": "tool_use", "template": "two"},
        {"name": "rag-é", "template": "three"},
        {"name": "", "template": "nameless"},
    ]
    found = _templates(tmp_path, {CONFIG: {"chat_template": listed}})
    assert found == {
        "tokenizer.chat_template.tool_use": "two",
        "tokenizer.chat_template.rag__": "three",
        "tokenizer.chat_templates": ["rag__", "tool_use"],
        "tokenizer.chat_template": "one",
    }


def test_additional_templates_beside_the_file(tmp_path: Path) -> None:
    additional = {"additional_chat_templates/tools.jinja": "one more"}
    found = _templates(tmp_path, NO_TEMPLATE | IN_JINJA | additional)
    assert found == {
        "tokenizer.chat_template.tools": "one more",
        "tokenizer.chat_templates": ["tools"],
        "tokenizer.chat_template": "two",
    }


def test_no_template(tmp_path: Path) -> None:
    assert _templates(tmp_path, NO_TEMPLATE) == {}


def test_a_template_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TokenizerUnreadable, match=r"chat_template\.jinja"):
        template_keys(TokenizerFiles(tmp_path))
