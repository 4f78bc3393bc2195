"""tenon links separately built WebAssembly components into one running composition.

>>> import tenon
>>> calculator = tenon.link({"calculator": CALCULATOR})
>>> calculator.add(2, 3)
5
>>> calculator.add(2, -3)
Traceback (most recent call last):
    ...
OverflowError: add: b: -3 is out of range of `u32` (0 to 4294967295)
"""

from __future__ import annotations

import atexit

from . import _tenon
from ._async import Call, Future, Stream, cancel_coroutine, feed, run_coroutine
from ._builder import Builder, Plan, link
from ._composition import Composition, Interface, Resource, Server, Unit
from ._errors import (BadCall, CallError, Deadline, Deadlock, Ended, EngineError, Error, Frame, GuestError, Interrupted,
                      LinkError, Note, OpenImport, Problem, Reentrance, Refused, RemoteError, ResultError, Trap,
                      make_error)
from ._types import Err, Ok, Record, Some, UnsupportedType, Variant

__all__ = [
    "BadCall", "Builder", "Call", "CallError", "Composition", "Deadline", "Deadlock", "Ended", "EngineError", "Err",
    "Error", "Frame", "Future", "GuestError", "Interface", "Interrupted", "LinkError", "Note", "Ok", "OpenImport", "Plan",
    "Problem", "Record", "Reentrance", "Refused", "RemoteError", "Resource", "ResultError", "Server", "Some", "Stream",
    "Trap", "Unit", "UnsupportedType", "Variant", "__version__", "explain", "link"]

__version__: str = _tenon.version


def explain(code: str) -> str | None:
    """The explanation of the code of an error, as Markdown; None: the code is unknown.

    >>> explain("resolve-cycle").split(":")[0]
    'Units depend on each other in a cycle'
    """
    return _tenon.explain(code)


_tenon.set_hooks({"make_error": make_error, "ResultError": ResultError, "feed": feed, "run_coroutine": run_coroutine,
                  "cancel_coroutine": cancel_coroutine})
atexit.register(_tenon.end)
