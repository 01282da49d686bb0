"""Reading pictures beside the GUI thread."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
BOTH_AT_ONCE = """
import io
import threading
from PIL import Image
from PySide6.QtGui import QGuiApplication, QIcon
from app.views.thumbnails import read_image

application = QGuiApplication([])
file = io.BytesIO()
Image.new("RGB", (40, 30), "red").save(file, "PNG")
with open("icon.png", "wb") as icon_file:
    icon_file.write(file.getvalue())
widths = []

def read() -> None:
    for _ in range(400):
        widths.append(read_image(file.getvalue()).width())
        widths.append(read_image(b"no picture").width())

thread = threading.Thread(target=read, daemon=True)
thread.start()
while thread.is_alive():
    for _ in range(100):
        QIcon().addFile("icon.png")
print(set(widths))
"""


def test_a_picture_is_read_while_the_gui_thread_loads_icons(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", BOTH_AT_ONCE],
        cwd=tmp_path,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert finished.stdout.strip() in ("{40, 0}", "{0, 40}")
