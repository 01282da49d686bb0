"""The numbers of sampling as a person meets them: names, sentences, ranges, steps.

The ranges lie within those of `inference.sampling`; names are those of its fields.
"""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QLocale

from app.views.translatable import QT_TRANSLATE_NOOP
from inference.sampling import SamplerSettings

_CONTEXT = "Sampling"
_USUAL = SamplerSettings()


class Number(Struct, frozen=True):
    """One number of sampling; title, sentence and words are not translated yet.

    Args:
        name: The field of `Sampling`.
        title_text: Its name.
        sentence: What it does.
        low: The smallest value.
        high: The largest value.
        step: What a key changes.
        decimals: 0 for whole numbers.
        off: What stands for `low`, where that means that nothing is set.
        is_common: Shown without asking for more.
    """

    name: str
    title_text: str
    sentence: str
    low: float
    high: float
    step: float
    decimals: int = 2
    off: str = ""
    is_common: bool = False

    @property
    def title(self) -> str:
        """Its name in the language of the window."""
        return QCoreApplication.translate(_CONTEXT, self.title_text)

    @property
    def off_words(self) -> str:
        """What stands in the field for `low`."""
        return QCoreApplication.translate(_CONTEXT, self.off) if self.off else ""

    @property
    def usual(self) -> float:
        """Where a change starts while the model's default is not known."""
        return float(getattr(_USUAL, self.name, self.low))

    def words(self, value: float) -> str:
        """A value without the zeros at its end."""
        locale = QLocale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        text = locale.toString(float(value), "f", self.decimals)
        point = locale.decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def described(self, default: float | None) -> str:
        """The sentence, with the model's default."""
        sentence = QCoreApplication.translate(_CONTEXT, self.sentence)
        if self.off:
            return sentence
        if default is None:
            told = QCoreApplication.translate(
                "Sampling", "The model's default is known once it is loaded."
            )
        else:
            told = QCoreApplication.translate("Sampling", "The model's default is {value}.").format(
                value=self.words(default)
            )
        both = QCoreApplication.translate("Sampling", "{sentence} {default}")
        return both.format(sentence=sentence, default=told)


NUMBERS = (
    Number(
        "temperature",
        QT_TRANSLATE_NOOP("Sampling", "Temperature"),
        QT_TRANSLATE_NOOP(
            "Sampling", "Higher is livelier and less certain; 0 always takes the likeliest word."
        ),
        0,
        5,
        0.1,
        is_common=True,
    ),
    Number(
        "top_p",
        QT_TRANSLATE_NOOP("Sampling", "Top P"),
        QT_TRANSLATE_NOOP(
            "Sampling", "Draws only from the likeliest words that together reach this probability."
        ),
        0,
        1,
        0.05,
        is_common=True,
    ),
    Number(
        "top_k",
        QT_TRANSLATE_NOOP("Sampling", "Top K"),
        QT_TRANSLATE_NOOP("Sampling", "Draws only from so many of the likeliest words; 0: all."),
        0,
        1000,
        1,
        decimals=0,
        is_common=True,
    ),
    Number(
        "min_p",
        QT_TRANSLATE_NOOP("Sampling", "Min P"),
        QT_TRANSLATE_NOOP(
            "Sampling", "Leaves out words less likely than this share of the likeliest one."
        ),
        0,
        1,
        0.01,
        is_common=True,
    ),
    Number(
        "repeat_penalty",
        QT_TRANSLATE_NOOP("Sampling", "Repeat penalty"),
        QT_TRANSLATE_NOOP(
            "Sampling", "Above 1, words of the last lines become less likely to come again."
        ),
        0.5,
        2,
        0.05,
        is_common=True,
    ),
    Number(
        "max_tokens",
        QT_TRANSLATE_NOOP("Sampling", "Longest answer"),
        QT_TRANSLATE_NOOP("Sampling", "An answer ends after so many tokens, finished or not."),
        0,
        1_000_000,
        64,
        decimals=0,
        off=QT_TRANSLATE_NOOP("Sampling", "No limit"),
        is_common=True,
    ),
    Number(
        "seed",
        QT_TRANSLATE_NOOP("Sampling", "Seed"),
        QT_TRANSLATE_NOOP(
            "Sampling", "With the same number the same question gets the same answer."
        ),
        -1,
        2**31 - 1,
        1,
        decimals=0,
        off=QT_TRANSLATE_NOOP("Sampling", "Random"),
        is_common=True,
    ),
    Number(
        "presence_penalty",
        QT_TRANSLATE_NOOP("Sampling", "Presence penalty"),
        QT_TRANSLATE_NOOP("Sampling", "Above 0, words that have come once are drawn less often."),
        -2,
        2,
        0.1,
    ),
    Number(
        "frequency_penalty",
        QT_TRANSLATE_NOOP("Sampling", "Frequency penalty"),
        QT_TRANSLATE_NOOP("Sampling", "The same, and stronger the more often a word has come."),
        -2,
        2,
        0.1,
    ),
    Number(
        "penalty_last_n",
        QT_TRANSLATE_NOOP("Sampling", "Penalties look back"),
        QT_TRANSLATE_NOOP(
            "Sampling", "The penalties look at so many of the last tokens; -1 at all."
        ),
        -1,
        65536,
        16,
        decimals=0,
    ),
    Number(
        "dry_multiplier",
        QT_TRANSLATE_NOOP("Sampling", "DRY"),
        QT_TRANSLATE_NOOP(
            "Sampling", "Above 0, whole phrases are kept from being repeated; 0.8 is usual."
        ),
        0,
        5,
        0.1,
    ),
    Number(
        "typical_p",
        QT_TRANSLATE_NOOP("Sampling", "Typical P"),
        QT_TRANSLATE_NOOP("Sampling", "Below 1, words that would surprise too much are left out."),
        0,
        1,
        0.05,
    ),
    Number(
        "top_n_sigma",
        QT_TRANSLATE_NOOP("Sampling", "Top n-sigma"),
        QT_TRANSLATE_NOOP(
            "Sampling",
            "Above 0, draws only from words within so many deviations of the likeliest one.",
        ),
        0,
        10,
        0.1,
    ),
    Number(
        "xtc_probability",
        QT_TRANSLATE_NOOP("Sampling", "XTC"),
        QT_TRANSLATE_NOOP(
            "Sampling", "So often the likeliest words are left out on purpose, for variety."
        ),
        0,
        1,
        0.05,
    ),
    Number(
        "xtc_threshold",
        QT_TRANSLATE_NOOP("Sampling", "XTC threshold"),
        QT_TRANSLATE_NOOP("Sampling", "XTC leaves out only words more likely than this."),
        0,
        1,
        0.05,
    ),
    Number(
        "dynatemp_range",
        QT_TRANSLATE_NOOP("Sampling", "Dynamic temperature"),
        QT_TRANSLATE_NOOP(
            "Sampling", "The temperature moves this far up and down with the model's doubt."
        ),
        0,
        2,
        0.1,
    ),
)
