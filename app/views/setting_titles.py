"""The settings of the dialog by their names, for what leads there before the dialog is made."""

from __future__ import annotations

from app.views.translatable import QT_TRANSLATE_NOOP

SETTINGS = (
    QT_TRANSLATE_NOOP("SettingsDialog", "Memory for conversations"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Disk for conversations"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Give an idle model back after"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Workers on other machines"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Colours"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Size of text"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Tell when an answer ends"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Icon in the system tray"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Language"),
)
MODEL_SETTINGS = (
    QT_TRANSLATE_NOOP("SettingsDialog", "Threads"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Flash attention"),
    QT_TRANSLATE_NOOP("SettingsDialog", "Type of the KV cache"),
)
"""Those that there are where a model is chosen."""
