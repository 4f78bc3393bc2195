"""Errors, with everything that the linker found out about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Sequence, TypeVar

E = TypeVar("E")


@dataclass(frozen=True)
class Note:
    """A fact that explains a problem, and lines that show it."""

    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """One problem. Text that is unknown is ""; a number, None."""

    code: str
    message: str
    severity: str
    file: str
    unit: str
    item: str
    offset: int | None
    line: int | None
    column: int | None
    lines: tuple[str, ...]
    notes: tuple[Note, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """A frame of a guest's stack; without a unit, it is the host's."""

    unit: str
    function: str
    module: str
    source: str
    offset: int | None


class Error(Exception):
    """What tenon reports: `code` and `message` of the first problem, and all `problems`."""

    code: str
    message: str
    problems: tuple[Problem, ...]

    def __init__(self, problems: Sequence[Problem], text: str) -> None:
        super().__init__(text.rstrip("\n"))
        self.problems = tuple(problems)
        self.code = problems[0].code if problems else ""
        self.message = problems[0].message if problems else text

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class LinkError(Error):
    """Components could not be read, linked or started."""


class CallError(Error):
    """A call failed. The subclass says how."""

    unit: str
    function: str
    reason: str
    """What happened, without the names of unit and function."""
    import_: str
    """Of OpenImport: the import that nothing provides."""
    domain: str
    """To which the limits belong."""
    limits: tuple[str, ...]
    """Those that ended the call, as a manifest names them."""
    waits: tuple[str, ...]
    """What the composition waited for, of a deadlock or deadline."""
    frames: tuple[Frame, ...]
    """The guest's stack, innermost first."""


class Trap(CallError):
    """The guest trapped, or a function of the program raised an exception, which is `__cause__`."""


class OpenImport(CallError):
    """The guest called an import that nothing provides."""


class Deadline(CallError, TimeoutError):
    """The call took longer than it may."""


class Ended(CallError):
    """The unit had ended before."""


class Reentrance(CallError):
    """The call would wait for itself."""


class EngineError(CallError):
    """The engine failed."""


class BadCall(CallError, ValueError):
    """The guest was not entered: an argument does not fit."""


class GuestError(CallError):
    """A packr package returned an error."""


class Interrupted(CallError):
    """The call was ended early."""


class Deadlock(CallError):
    """Everything that could end the call waits for it."""


class RemoteError(CallError):
    """A peer, or the way to it, failed."""


class Refused(CallError):
    """Middleware refused the call."""


class ResultError(Exception, Generic[E]):
    """The `err` of a function that returns a `result`; raise it in a function that guests call."""

    payload: E

    def __init__(self, payload: E = None) -> None:  # type: ignore[assignment]
        super().__init__(payload)
        self.payload = payload


# By the number of TENON_FAILURE_.
_FAILURES: tuple[type[CallError], ...] = (
    Trap, OpenImport, Deadline, Ended, Reentrance, EngineError, BadCall, GuestError, Interrupted, Deadlock, RemoteError,
    Refused)
_SEVERITIES = ("error", "warning", "note")


def _restore(cls: type[Error], args: tuple[Any, ...], state: dict[str, Any]) -> Error:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


def _problem(fields: Sequence[Any]) -> Problem:
    code, message, severity, file, unit, item, offset, line, column, lines, notes, hints = fields
    return Problem(code, message, _SEVERITIES[severity] if severity < 3 else str(severity), file, unit, item, offset,
                   line or None, column or None, tuple(lines), tuple(Note(text, tuple(of)) for text, of in notes),
                   tuple(hints))


def make_error(problems: Sequence[Any], failure: Sequence[Any] | None, text: str, cause: BaseException | None) -> BaseException:
    """The exception for an error of the library. cause: what a function of the program raised meanwhile."""
    if cause is not None and not isinstance(cause, Exception):
        return cause  # KeyboardInterrupt and SystemExit pass through the guest
    made = [_problem(problem) for problem in problems]
    if failure is None:
        if made and made[0].code == "api-memory":
            return MemoryError(text)
        return LinkError(made, text)
    kind, unit, function, reason, import_, domain, limits, waits, frames = failure
    cls: type[CallError] = _FAILURES[kind] if kind < len(_FAILURES) else CallError
    error: CallError = cls(made, text)
    error.unit, error.function, error.reason, error.import_, error.domain = unit, function, reason, import_, domain
    error.limits, error.waits, error.frames = tuple(limits), tuple(waits), tuple(Frame(*frame) for frame in frames)
    error.__cause__ = cause
    return error
