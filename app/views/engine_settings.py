"""The settings of the engine, as rows of the dialog: memory, disk, idle models, workers."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from app.item_models.figures import number
from app.services.preferences import EnginePreferences
from app.views.language import follow_language
from app.views.reported import translated_sentence
from app.views.setting_row import SettingRow, SettingWords
from inference.errors import WorkerUnreachable
from inference.rpc_address import split_address

_MIB = 1 << 20
_MAX_MIB = 1 << 21
_MAX_IDLE_MIN = 24 * 60


class EngineRows:
    """Shows what is set; `rows` go into the dialog."""

    def __init__(self, before: EnginePreferences, parent: QWidget) -> None:
        self._before = before
        self._parent = parent
        self.memory = self._budget(before.state_memory_bytes)
        self.disk = self._budget(before.state_disk_bytes)
        self.idle = QSpinBox(parent)
        self.idle.setRange(0, _MAX_IDLE_MIN)
        self.idle.setValue(_minutes(before.idle_unload_s))
        self.workers = QLineEdit(", ".join(before.rpc_workers), parent)
        self.workers.setPlaceholderText("192.168.0.10:50052")
        follow_language(parent, self._say)
        usual = EnginePreferences()
        minutes = _minutes(usual.idle_unload_s)
        self.rows = (
            self._budget_row(self.memory, usual.state_memory_bytes, _memory_words),
            self._budget_row(self.disk, usual.state_disk_bytes, _disk_words),
            SettingRow(
                lambda: _idle_words(minutes),
                self.idle,
                lambda: self.idle.setValue(minutes),
                parent,
            ),
            SettingRow(_worker_words, self.workers, self.workers.clear, parent),
        )

    @property
    def preferences(self) -> EnginePreferences:
        """As the controls are now; what nobody touched stays as finely set as it was."""
        before = self._before
        engine = EnginePreferences(
            self.memory.value() * _MIB,
            self.disk.value() * _MIB,
            self.idle.value() * 60.0,
            self._worker_addresses(),
        )
        if self.memory.value() == before.state_memory_bytes // _MIB:
            engine = replace(engine, state_memory_bytes=before.state_memory_bytes)
        if self.disk.value() == before.state_disk_bytes // _MIB:
            engine = replace(engine, state_disk_bytes=before.state_disk_bytes)
        if self.idle.value() == _minutes(before.idle_unload_s):
            engine = replace(engine, idle_unload_s=before.idle_unload_s)
        return engine

    @property
    def problem(self) -> str:
        """What cannot be meant, in words; "" where all can."""
        try:
            for address in self._worker_addresses():
                split_address(address)
        except WorkerUnreachable as error:
            return f"{error.detail} {translated_sentence(error.hint)}"
        return ""

    def _worker_addresses(self) -> tuple[str, ...]:
        parts = (part.strip() for part in self.workers.text().split(","))
        return tuple(part for part in parts if part)

    def _budget(self, n_bytes: int) -> QSpinBox:
        control = QSpinBox(self._parent)
        control.setRange(0, max(_MAX_MIB, n_bytes // _MIB))
        control.setSingleStep(256)
        control.setGroupSeparatorShown(True)
        control.setValue(n_bytes // _MIB)
        return control

    def _budget_row(
        self, control: QSpinBox, usual: int, words: Callable[[str], SettingWords]
    ) -> SettingRow:
        mib = usual // _MIB

        def said() -> SettingWords:
            default = QCoreApplication.translate("SettingsDialog", "{mib} MiB")
            return words(default.format(mib=number(mib)))

        return SettingRow(said, control, lambda: control.setValue(mib), self._parent)

    def _say(self) -> None:
        for control in (self.memory, self.disk):
            control.setSuffix(QCoreApplication.translate("SettingsDialog", " MiB"))
        self.idle.setSuffix(QCoreApplication.translate("SettingsDialog", " min"))
        self.idle.setSpecialValueText(QCoreApplication.translate("SettingsDialog", "Never"))


def _memory_words(default: str) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Memory for conversations"),
        QCoreApplication.translate(
            "SettingsDialog",
            "What the model has read of conversations that are not open stays in memory up to "
            "this size, so that it need not read them again.",
        ),
        default,
    )


def _disk_words(default: str) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Disk for conversations"),
        QCoreApplication.translate(
            "SettingsDialog",
            "The same on disk, where it outlives the program; 0 keeps nothing.",
        ),
        default,
    )


def _idle_words(minutes: int) -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Give an idle model back after"),
        QCoreApplication.translate(
            "SettingsDialog",
            "A model that is not used for so long leaves the memory and is loaded again "
            "with the next message.",
        ),
        QCoreApplication.translate("SettingsDialog", "{minutes} min").format(minutes=minutes),
    )


def _worker_words() -> SettingWords:
    return SettingWords(
        QCoreApplication.translate("SettingsDialog", "Workers on other machines"),
        QCoreApplication.translate(
            "SettingsDialog",
            "Machines that run “conclave rpc-worker” and hold part of each model, as "
            "host:port, with commas between them.",
        ),
        QCoreApplication.translate("SettingsDialog", "none"),
    )


def _minutes(seconds: float) -> int:
    """Whole minutes, rounded up: what is set is never shown as off."""
    return min(-int(-seconds // 60), _MAX_IDLE_MIN)
