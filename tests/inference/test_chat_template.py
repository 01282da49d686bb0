from __future__ import annotations

import re

import pytest

from inference.chat_template import ChatTemplate
from inference.engine import ChatMessage
from inference.errors import ChatTemplateFailed

USER = ChatMessage("user", "Hi <b>there</b>")
ANSWER = ChatMessage("assistant", "Hello")

# The generation prompt opens the tag itself, as DeepSeek-R1's published template does.
R1_LIKE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}{{ '<|User|>' + message['content'] }}"
    "{% else %}"
    "{{ '<|Assistant|>' + message['content'].split('</think>')[-1] + eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|Assistant|><think>\\n' }}{% endif %}"
)


def template(source: str) -> ChatTemplate:
    return ChatTemplate(source, "<s>", "</s>", "model.gguf")


def test_chatml_stands_in_for_a_missing_template() -> None:
    chatml = template("")
    prompt = chatml.render((USER, ANSWER, ChatMessage("user", "And?")))

    assert chatml.is_fallback
    assert prompt.text == (
        "<|im_start|>user\nHi <b>there</b><|im_end|>\n"
        "<|im_start|>assistant\nHello<|im_end|>\n"
        "<|im_start|>user\nAnd?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert not prompt.in_thinking
    assert prompt.at_start


def test_a_tag_that_the_template_opens_is_seen() -> None:
    prompt = template(R1_LIKE).render((USER,))

    assert prompt.text == "<s><|User|>Hi <b>there</b><|Assistant|><think>\n"
    assert prompt.in_thinking


def test_continuing_writes_the_beginning_behind_the_prompt() -> None:
    prompt = template("").render((USER, ChatMessage("assistant", "Once upon")), continue_last=True)

    assert prompt.text.endswith("<|im_start|>assistant\nOnce upon")
    assert not prompt.at_start


@pytest.mark.parametrize(
    ("source", "opening"),
    [("", "<|im_start|>assistant\n<think>\n"), (R1_LIKE, "<|Assistant|><think>\n")],
)
def test_continuing_thinking_opens_the_tag_once(source: str, opening: str) -> None:
    begun = ChatMessage("assistant", "", thinking="First I")
    prompt = template(source).render((USER, begun), continue_last=True)

    assert prompt.text.endswith(opening + "First I")
    assert prompt.in_thinking
    assert not prompt.at_start


def test_continuing_an_answer_after_thinking_closes_the_tag() -> None:
    begun = ChatMessage("assistant", "So, ", thinking="I see")
    prompt = template(R1_LIKE).render((USER, begun), continue_last=True)

    assert prompt.text.endswith("<think>\nI see\n</think>\n\nSo, ")
    assert not prompt.in_thinking


def test_what_hugging_face_templates_expect_is_there() -> None:
    source = (
        "{%- set ns = namespace(n=0) -%}"
        "{% for message in messages %}{% if loop.index > 5 %}{% break %}{% endif %}"
        "{% set ns.n = ns.n + 1 %}{% endfor %}"
        "{{ messages[0] | tojson }} {{ ns.n }} {{ strftime_now('%Y') }} "
        "{% generation %}inner{% endgeneration %}"
        "{% if tools is not none %}{{ raise_exception('no tools') }}{% endif %}"
    )
    text = template(source).render((ChatMessage("user", "naïve <x>"),)).text

    # tojson as transformers has it: no HTML escapes, no \u escapes.
    assert text.startswith('{"role": "user", "content": "naïve <x>"} 1 ')
    assert re.search(r" 20\d\d inner$", text)


def test_thinking_of_history_is_passed_by_its_field() -> None:
    source = "{% for m in messages %}[{{ m.reasoning_content }}|{{ m.content }}]{% endfor %}"
    text = template(source).render((ChatMessage("assistant", "A", thinking="T"), USER)).text

    assert text == "[T|A][|Hi <b>there</b>]"


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('Only user messages') }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ undefined_function() }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_that_breaks_or_attacks_is_an_error_with_the_model_name(source: str) -> None:
    with pytest.raises(ChatTemplateFailed) as caught:
        template(source).render((USER,))
    assert "model.gguf" in caught.value.detail


def test_a_template_that_is_not_jinja_is_an_error() -> None:
    with pytest.raises(ChatTemplateFailed):
        template("{% for %}")
