"""A setting of the side panel, and one that is a number."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QWidget

from app.views.buttons import IconButton
from app.views.icons import icon
from app.views.setting_frame import SettingFrame
from app.views.steering.numbers import Number
from app.views.theme import SCALE_SMALL, SPACING, Theme, ui_font

_FIELD_WIDTH = SPACING * 12


class SteeringRow(SettingFrame):
    """A setting with a picture as the way back, which is there where something is set."""

    def __init__(
        self, title: str, control: QWidget, *, beside: bool, parent: QWidget | None = None
    ) -> None:
        back = QCoreApplication.translate("Steering", "{name}: back to the default")
        button = IconButton("reset", back.format(name=title))
        super().__init__(title, control, button, beside=beside, parent=parent)
        self.sentence.setObjectName("hint")
        self._column.setSpacing(SPACING // 2)

    def show_state(self, sentence: str, *, is_set: bool) -> None:
        """Say what it does; something is set where it differs from the default."""
        self.describe(sentence)
        self.reset_button.setEnabled(is_set)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colour and the size of text."""
        self.sentence.setFont(ui_font(SCALE_SMALL))
        self.reset_button.setIcon(icon("reset", theme.accent, theme.muted))


class NumberField(QDoubleSpinBox):
    """A number without arrows; Up, Down and the wheel change it where it has the focus."""

    def __init__(self, number: Number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._is_unknown = False
        # Without buttons a field with a stylesheet loses its text; there they have no width.
        self.lineEdit().setTextMargins(SPACING, 0, SPACING, 0)
        self.setDecimals(number.decimals)
        self.setRange(number.low, number.high)
        self.setSingleStep(number.step)
        self.setSpecialValueText(number.off_words)
        self.setKeyboardTracking(False)
        self.setFixedWidth(_FIELD_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.installEventFilter(self)

    def show_value(self, value: float, *, is_unknown: bool = False) -> None:
        """Show a value without telling of a change; an unknown default is shown as a dash."""
        self._is_unknown = is_unknown
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)
        # The same value may have other words now.
        is_off = self.value() == self.minimum() and bool(self.specialValueText())
        self.lineEdit().setText(self.specialValueText() if is_off else self._words(value))

    def textFromValue(self, value: float) -> str:
        """The number without the zeros at its end."""
        return self._words(value)

    def stepBy(self, steps: int) -> None:
        """A step away from an unknown default starts at a usual value."""
        self._is_unknown = False
        super().stepBy(steps)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the panel, unless the field has the focus."""
        if event.type() == QEvent.Type.Wheel and not self.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _words(self, value: float) -> str:
        return "–" if self._is_unknown else self._number.words(value)


class NumberRow(SteeringRow):
    """A number that can be set, or left to the model."""

    changed = Signal(object)
    """float or int that a person set."""

    def __init__(self, number: Number, parent: QWidget | None = None) -> None:
        self.number = number
        self.field = NumberField(number)
        super().__init__(number.title, self.field, beside=True, parent=parent)
        self.field.setAccessibleName(number.title)
        self.field.valueChanged.connect(self._on_value_changed)

    def show_number(self, value: float | None, default: float | None) -> None:
        """Show what is set; where nothing is, the default, which may not be known."""
        number = self.number
        is_set = value is not None
        shown = value if value is not None else default
        usual = number.usual if shown is None else shown
        self.field.show_value(usual, is_unknown=shown is None)
        self.show_state(number.described(default), is_set=is_set)

    def _on_value_changed(self, value: float) -> None:
        self.changed.emit(value if self.number.decimals else round(value))
