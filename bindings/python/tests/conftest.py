from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import textwrap
from typing import Any, Callable

import pytest

import tenon

ROOT = pathlib.Path(__file__).resolve().parents[3]
GUESTS = ROOT / "tests" / "guests"
sys.path.append(str(ROOT / "tests" / "values"))  # guests.py

CALCULATOR = """(component
  (core module $code
    (memory 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "boom") unreachable)
    (func (export "touch") (result i32) (i32.load (i32.const 0x7ffffff0)))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
    (func (export "spin") (loop $again (br $again))))
  (core instance $core (instantiate $code))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "add")))
  (func (export "boom") (canon lift (core func $core "boom")))
  (func (export "touch") (result u32) (canon lift (core func $core "touch")))
  (func (export "divide") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "divide")))
  (func (export "spin") (canon lift (core func $core "spin"))))"""


@pytest.fixture
def wat(tmp_path: pathlib.Path) -> Callable[..., str]:
    """Writes the text of a component to a file."""
    def write(text: str, name: str = "guest") -> str:
        path = tmp_path / f"{name}.wat"
        path.write_text(text)
        return str(path)

    return write


def guest_of_docs(name: str) -> str:
    """A component of the pages about the C API."""
    for page in (ROOT / "docs" / "c").glob("*.md"):
        match = re.search(rf"```wat {re.escape(name)}\n(.*?)```", page.read_text(), re.S)
        if match:
            return match[1]
    raise LookupError(name)


def run_child(code: str, *arguments: str, flags: tuple[str, ...] = ("-X", "dev"), timeout: float = 60) -> str:
    """Runs Python in a process of its own, which has to succeed."""
    done = subprocess.run([sys.executable, *flags, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, "PYTHONPATH": str(pathlib.Path(tenon.__file__).parents[1])})
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def calculator(wat: Callable[..., str]) -> Any:
    return tenon.link({"calculator": wat(CALCULATOR, "calculator")})
