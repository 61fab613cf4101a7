"""The stand-in for QtPy, in processes of their own: what is loaded once stays loaded."""

import subprocess
import sys

_SAME = """
from lanchat.desktop import bindings
bindings.shorten()
import webview.platforms.qt as used
from PySide6 import QtCore, QtGui, QtWebEngineCore, QtWebEngineWidgets, QtWidgets
assert used._qt6 and used.is_webengine and used.renderer == "qtwebengine"
assert used.QtCore.Signal is QtCore.Signal and used.QtCore.__version__ == QtCore.__version__
assert used.QAction is QtGui.QAction
assert used.QMainWindow is QtWidgets.QMainWindow
assert used.QWebPage is QtWebEngineCore.QWebEnginePage
assert used.QWebView is QtWebEngineWidgets.QWebEngineView
assert callable(used.QApplication.exec_) and callable(QtWidgets.QMenu.exec_)
try:
    used.QtCore.Nothing
except AttributeError as error:
    print(error)
"""
_REAL = """
import os
os.environ["QT_API"] = "pyside6"
import qtpy
from lanchat.desktop import bindings
bindings.shorten()
import qtpy.QtCore
print(qtpy.API_NAME)
"""


def test_pywebview_gets_the_classes_of_qt() -> None:
    assert _run(_SAME) == "module 'qtpy.QtCore' has no attribute 'Nothing'\n"


def test_a_loaded_qtpy_is_let_be() -> None:
    assert _run(_REAL) == "PySide6\n"


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
