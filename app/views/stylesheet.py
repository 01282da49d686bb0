"""The one stylesheet of the window, made from a theme.

Widgets are told apart by object name and, for buttons, by the property `kind`.
"""

from __future__ import annotations

from app.views.theme import RADIUS, SPACING, Theme

_TEMPLATE = """
QMainWindow, #page, #header, #column { background: %(ground)s; }
QWidget { color: %(text)s; }
QLineEdit, QPlainTextEdit, QAbstractSpinBox { placeholder-text-color: %(muted)s; }
QToolTip {
    background: %(raised)s; color: %(text)s; border: 1px solid %(border)s; padding: %(half)spx;
}

#sidebar { background: %(sidebar)s; border: none; border-right: 1px solid %(border)s; }
#conversationList, #searchResults { background: transparent; border: none; outline: none; }
#conversationList QLineEdit {
    background: %(ground)s; border: %(line)spx solid %(accent)s; border-radius: %(radius)spx;
    padding: 0 %(unit)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
#searchField {
    background: %(ground)s; border: %(line)spx solid %(control)s; border-radius: %(radius)spx;
    padding: %(half)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
#searchField:focus { border-color: %(accent)s; }
QSplitter::handle { background: transparent; }

QPushButton, QToolButton {
    background: transparent; border: %(line)spx solid transparent; border-radius: %(radius)spx;
    padding: %(three_quarters)spx %(one_half)spx; color: %(text)s;
}
QPushButton:hover, QToolButton:hover { background: %(hover)s; }
QPushButton:focus, QToolButton:focus { border-color: %(accent)s; }
QPushButton:disabled, QToolButton:disabled { color: %(muted)s; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QPushButton[kind="plain"] { border-color: %(control)s; background: %(ground)s; }
QPushButton[kind="plain"]:hover { background: %(hover)s; }
QPushButton[kind="plain"]:focus { border-color: %(accent)s; }
QPushButton[kind="primary"] { background: %(accent)s; color: %(on_accent)s; }
QPushButton[kind="primary"]:hover { border-color: %(text)s; }
QPushButton[kind="primary"]:focus { border-color: %(text)s; }
QPushButton[kind="icon"], QToolButton[kind="icon"] { padding: %(three_quarters)spx; }
QPushButton[kind="bar"] { padding: 0; border-radius: %(half)spx; }
QPushButton[kind="bar"]:hover { background: %(hover)s; }
QPushButton[kind="bar"]:focus { border-color: %(accent)s; }
#messageBar { background: %(ground)s; border: none; }
QPushButton[kind="end"] {
    background: %(raised)s; border: %(line)spx solid %(control)s; border-radius: 16px; padding: 0;
}
QPushButton[kind="end"]:hover { background: %(hover)s; }
QPushButton[kind="end"]:focus { border-color: %(accent)s; }
#findBar { background: %(sidebar)s; border: none; border-bottom: 1px solid %(border)s; }
#findBar QLineEdit {
    background: %(ground)s; border: %(line)spx solid %(control)s; border-radius: %(radius)spx;
    padding: %(half)spx %(unit)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
#findBar QLineEdit:focus { border-color: %(accent)s; }
#statistics { background: transparent; }
QPushButton[kind="wide"] { text-align: left; }
QPushButton[kind="model"] { text-align: left; }
QPushButton[kind="context"] { color: %(muted)s; }
QPushButton[kind="choice"] {
    text-align: left; background: %(ground)s; border-color: %(control)s;
}
QPushButton[kind="choice"]:hover { background: %(hover)s; }
QPushButton[kind="choice"]:focus { border-color: %(accent)s; }
QPushButton[kind="quiet"] { color: %(muted)s; padding: %(half)spx %(unit)spx; }
QPushButton[kind="send"] {
    background: %(accent)s; border-radius: 17px; padding: 0; border: 2px solid %(accent)s;
}
QPushButton[kind="send"]:hover { border-color: %(text)s; }
QPushButton[kind="send"]:focus { border-color: %(text)s; }
QPushButton[kind="send"]:disabled { background: %(raised)s; border-color: %(control)s; }

#muted, #state, #activity, #hint { color: %(muted)s; }
#stateError { color: %(error)s; }

#composer {
    background: %(raised)s; border: %(line)spx solid %(control)s; border-radius: 18px;
}
#composer[focused="true"] { border-color: %(accent)s; }
#composerEdit {
    background: transparent; border: none; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}

#chip {
    background: %(ground)s; border: %(line)spx solid %(control)s; border-radius: %(radius)spx;
}
QPushButton[kind="chip"] { padding: %(half)spx %(three_quarters)spx; }
QPushButton[kind="chip"]:disabled { color: %(muted)s; }

#summaryEdit {
    background: %(code_ground)s; border: %(line)spx solid %(control)s; border-radius: %(radius)spx;
    padding: %(half)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
#summaryEdit:focus { border-color: %(accent)s; }

#compareSide { background: %(ground)s; border: 1px solid %(border)s; }
#temporary { background: %(warning_ground)s; border-bottom: 1px solid %(border)s; }
#steering {
    background: %(sidebar)s; border: none; border-left: 1px solid %(border)s;
}
#steeringScroll, #steeringContent { background: transparent; }
QAbstractSpinBox, QComboBox, #field, QDialog QLineEdit {
    background: %(ground)s; border: %(line)spx solid %(control)s; border-radius: %(radius)spx;
    padding: %(half)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
QAbstractSpinBox:focus, QComboBox:focus, #field:focus, QDialog QLineEdit:focus {
    border-color: %(accent)s;
}
QAbstractSpinBox:disabled, QComboBox:disabled { color: %(muted)s; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0 %(half)spx; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { width: 0; height: 0; }
QComboBox { padding: %(half)spx %(unit)spx; }
QComboBox::drop-down { border: none; width: %(double)spx; }
QComboBox::down-arrow { image: none; }
QDialogButtonBox QPushButton { border-color: %(control)s; }
#field::item { padding: %(half)spx; border-radius: %(half)spx; }
#field::item:selected { background: %(selection)s; color: %(on_selection)s; }

#notice { background: %(raised)s; border: 1px solid %(border)s; border-radius: %(radius)spx; }
#notice[tone="error"] { background: %(warning_ground)s; }
#notice[tone="error"] #noticeTitle { color: %(error)s; }
#undo { background: %(raised)s; border: 1px solid %(border)s; border-radius: %(radius)spx; }
#commandPalette { background: %(ground)s; border: 1px solid %(border)s; border-radius: 12px; }
#paletteField {
    background: transparent; border: none; border-bottom: 1px solid %(border)s;
    padding: %(one_half)spx %(double)spx; selection-background-color: %(selection)s;
    selection-color: %(on_selection)s;
}
#paletteList { background: transparent; border: none; outline: none; }
#faultList {
    background: %(code_ground)s; border: 1px solid %(border)s; border-radius: %(radius)spx;
    padding: %(half)spx;
}
QRadioButton, QCheckBox { spacing: %(unit)spx; }
QRadioButton::indicator, QCheckBox::indicator {
    width: 12px; height: 12px; border: 2px solid %(muted)s; background: %(ground)s;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator { border-radius: 3px; }
QCheckBox::indicator:checked { background: %(accent)s; border-color: %(accent)s; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid %(accent)s; }
QRadioButton::indicator:focus, QCheckBox::indicator:focus { border-color: %(text)s; }
QRadioButton::indicator:disabled, QCheckBox::indicator:disabled { border-color: %(control)s; }
QRadioButton:disabled, QCheckBox:disabled { color: %(muted)s; }
#sheet, #sheet > QWidget > QWidget { background: %(ground)s; }
#sheet { border: %(line)spx solid transparent; }
#sheet:focus { border-color: %(accent)s; }
QProgressBar { background: %(raised)s; border: none; border-radius: %(half)spx; }
QProgressBar::chunk { background: %(accent)s; border-radius: %(half)spx; }
#pathBox {
    background: %(code_ground)s; border: 1px solid %(border)s; border-radius: %(radius)spx;
    padding: %(unit)spx %(one_half)spx;
}

QMenu {
    background: %(ground)s; border: 1px solid %(border)s; padding: %(half)spx;
}
QMenu::item {
    padding: %(three_quarters)spx %(triple)spx %(three_quarters)spx %(double)spx;
    border-radius: %(half)spx;
}
QMenu::item:selected { background: %(hover)s; }
QMenu::item:disabled { color: %(muted)s; }
QMenu::separator { height: 1px; background: %(border)s; margin: %(half)spx %(unit)spx; }
QMenu::indicator { width: 6px; height: 6px; border-radius: 3px; margin-left: %(unit)spx; }
QMenu::indicator:checked { background: %(accent)s; }

QDockWidget::title { background: %(ground)s; padding: %(unit)spx; }

QDialog { background: %(ground)s; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: %(control)s; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: %(text)s; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


def stylesheet(theme: Theme) -> str:
    """The stylesheet of the whole program in this theme."""
    values: dict[str, object] = {
        name: getattr(theme, name)
        for name in (
            "ground",
            "sidebar",
            "raised",
            "code_ground",
            "border",
            "control",
            "text",
            "muted",
            "accent",
            "on_accent",
            "selection",
            "on_selection",
            "hover",
            "warning_ground",
            "error",
            "line",
        )
    }
    values |= {
        "unit": SPACING,
        "half": SPACING // 2,
        "three_quarters": SPACING * 3 // 4,
        "one_half": SPACING * 3 // 2,
        "double": SPACING * 2,
        "triple": SPACING * 3,
        "radius": RADIUS,
    }
    return _TEMPLATE % values
