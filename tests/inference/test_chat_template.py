from __future__ import annotations

import re

import pytest

from inference.engine import ChatMessage, Thinking
from inference.errors import BadTools, ChatTemplateFailed
from inference.prompt import jinja_template
from inference.prompt.chat_template import ChatTemplate

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
    return ChatTemplate(source, "<s>", "</s>", "model.gguf", jinja_template.render)


def test_chatml_stands_in_for_a_missing_template() -> None:
    chatml = template("")
    prompt = chatml.render((USER, ANSWER, ChatMessage("user", "And?")))

    assert prompt.stop_strings == ("<|im_end|>",)
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
    with pytest.raises(ChatTemplateFailed) as caught:
        template("{% for %}").render((USER,))
    assert "ChatML" in caught.value.hint
    # The way out that it offers.
    assert template("{% for %}").render((USER,), use_chatml=True) == template("").render((USER,))


QWEN3_LIKE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}"
    "<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}"
    "<think>\n\n</think>\n\n{% endif %}"
)
# Its own variable, and the tag is closed at once unless that is true.
V31_LIKE = (
    "{% if not thinking is defined %}{% set thinking = false %}{% endif %}"
    "{% for m in messages %}<|User|>{{ m.content }}{% endfor %}<|Assistant|>"
    "{% if thinking %}<think>{% else %}</think>{% endif %}"
)
MISTRAL_LIKE = (
    "[SYSTEM_PROMPT]First think: [THINK]...[/THINK][/SYSTEM_PROMPT]"
    "{% for m in messages %}[INST]{{ m.content }}[/INST]{% endfor %}"
)
GPT_OSS_LIKE = (
    "{% for m in messages %}{% if m.role == 'user' %}<|start|>user<|message|>{{ m.content }}<|end|>"
    "{% else %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>{% endif %}"
    "{% endfor %}<|start|>assistant"
)
Q = (ChatMessage("user", "Q"),)


@pytest.mark.parametrize(
    ("source", "thinking", "end", "in_thinking"),
    [
        (QWEN3_LIKE, Thinking.AUTO, "<|im_start|>assistant\n", False),
        (QWEN3_LIKE, Thinking.ON, "<|im_start|>assistant\n", False),
        (QWEN3_LIKE, Thinking.OFF, "assistant\n<think>\n\n</think>\n\n", False),
        (V31_LIKE, Thinking.AUTO, "<|Assistant|></think>", False),
        (V31_LIKE, Thinking.ON, "<|Assistant|><think>", True),
        (V31_LIKE, Thinking.OFF, "<|Assistant|></think>", False),
        (R1_LIKE, Thinking.AUTO, "<|Assistant|><think>\n", True),
        (R1_LIKE, Thinking.ON, "<|Assistant|><think>\n", True),
        (R1_LIKE, Thinking.OFF, "<|Assistant|><think>\n\n</think>\n\n", False),
        (R1_LIKE.replace("<think>", ""), Thinking.ON, "<|Assistant|>\n<think>\n", True),
        (R1_LIKE.replace("<think>", ""), Thinking.OFF, "\n<think>\n\n</think>\n\n", False),
        (MISTRAL_LIKE, Thinking.ON, "[INST]Q[/INST]", False),
        (MISTRAL_LIKE, Thinking.OFF, "[INST]Q[/INST][THINK][/THINK]", False),
        (GPT_OSS_LIKE, Thinking.ON, "<|start|>assistant", False),
        (GPT_OSS_LIKE, Thinking.OFF, "<|start|>assistant<|channel|>final<|message|>", False),
        # A model that knows no thinking is left alone.
        ("{{ messages[0].content }}A:", Thinking.ON, "QA:", False),
        ("{{ messages[0].content }}A:", Thinking.OFF, "QA:", False),
    ],
)
def test_thinking_is_led_in_the_familys_own_way(
    source: str, thinking: Thinking, end: str, in_thinking: bool
) -> None:
    prompt = template(source).render(Q, thinking=thinking)

    assert prompt.text.endswith(end)
    assert prompt.in_thinking == in_thinking
    assert prompt.at_start


def test_continuing_in_channels_writes_their_headers() -> None:
    def continued(content: str, thinking: str = "") -> tuple[str, bool, bool]:
        begun = ChatMessage("assistant", content, thinking)
        prompt = template(GPT_OSS_LIKE).render((*Q, begun), continue_last=True)
        return (
            prompt.text.removeprefix("<|start|>user<|message|>Q<|end|><|start|>assistant"),
            (prompt.in_thinking),
            prompt.in_answer,
        )

    analysis, final = "<|channel|>analysis<|message|>", "<|channel|>final<|message|>"
    assert continued("So") == (f"{final}So", False, True)
    assert continued("", "Hm") == (f"{analysis}Hm", True, False)
    assert continued("So", "Hm") == (f"{analysis}Hm<|end|><|start|>assistant{final}So", False, True)


def test_thinking_of_history_is_left_out_where_the_template_does_so() -> None:
    # As in Qwen3's and gpt-oss's: earlier turns show their answer only.
    earlier = ChatMessage("assistant", "A", thinking="T")
    for source in (QWEN3_LIKE, GPT_OSS_LIKE):
        text = template(source).render((*Q, earlier, *Q)).text
        assert "T" not in text.replace("<|im_start|>", "")
        assert "A<|" in text


def test_tools_reach_the_template() -> None:
    source = "{% if tools %}{{ tools[0].name }}{% else %}none{% endif %}"
    assert template(source).render(Q, tools='[{"name": "f"}]').text == "f"
    assert template(source).render(Q).text == "none"
    for bad in ("[", '{"name": "f"}'):
        with pytest.raises(BadTools):
            template(source).render(Q, tools=bad)
