"""examples/embed-python, and the program of docs/python.md."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest

import tenon
from conftest import ROOT

EXAMPLE = ROOT / "examples" / "embed-python"
PACKAGE = str(pathlib.Path(tenon.__file__).parents[1])
LANGUAGES = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "tenon" / "languages"
PAGE = ROOT / "docs" / "python.md"


def run_bot(lines: str, *filters: str) -> str:
    done = subprocess.run([sys.executable, "-X", "dev", "chat.py", *filters], cwd=EXAMPLE, input=lines, text=True,
                          capture_output=True, timeout=120, env={**os.environ, "PYTHONPATH": PACKAGE})
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def test_chat_bot() -> None:
    shown = re.search(r"\$ python chat.py (.*) < lines.txt\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.S)
    assert shown is not None
    assert run_bot((EXAMPLE / "lines.txt").read_text(), *shown[1].split()) == shown[2]
    assert len((EXAMPLE / "chat.py").read_text().splitlines()) <= 200


def test_plugin_in_python(tmp_path: Any) -> None:
    """The filter of the page, built by componentize-py."""
    program = LANGUAGES / "python" / "bin" / "componentize-py"
    if not program.exists():
        pytest.skip("componentize-py is not installed: ./dev setup guests")
    if "TENON_TEST_ALL" not in os.environ:
        pytest.skip("it takes half a minute: set TENON_TEST_ALL")
    source = re.search(r"```py\n(# polite.py\n.*?)```", PAGE.read_text(), re.S)
    assert source is not None
    (tmp_path / "polite.py").write_text(source[1])
    subprocess.run([program, "-d", EXAMPLE / "wit" / "chat.wit", "-w", "filter", "componentize", "--stub-wasi", "polite",
                    "-o", "polite.wasm"], cwd=tmp_path, check=True, capture_output=True,
                   env={**os.environ, "PYTHONPATH": str(LANGUAGES / "python")})
    assert run_bot("ada: hello\nada: you are stupid\n", str(tmp_path / "polite.wasm")) == (
        "ada: hello.\n  log: ada was rude\n  polite refuses: be polite\n")


def test_page(tmp_path: Any) -> None:
    """The blocks of the page, one after the other, are a program whose output is on the page."""
    text = PAGE.read_text()
    for body, name in re.findall(r"```wat\n(;; (\S+)\n.*?)```", text, re.S):
        (tmp_path / name).write_text(body)
    program = "".join(body for body in re.findall(r"```python\n(.*?)```", text, re.S))
    shown = re.findall(r"```output\n(.*?)```", text, re.S)
    done = subprocess.run([sys.executable, "-X", "dev", "-c", program], cwd=tmp_path, capture_output=True, text=True,
                          timeout=60, env={**os.environ, "PYTHONPATH": PACKAGE})
    assert done.returncode == 0, done.stderr
    assert done.stdout == "".join(shown)
