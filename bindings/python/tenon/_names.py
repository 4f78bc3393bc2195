"""How names of WIT are spelled in Python. docs/python.md has the table."""

from __future__ import annotations

import keyword
import re
from typing import Iterable


def _identifier(name: str) -> str:
    name = re.sub(r"\W", "_", name) or "_"
    return name + "_" if keyword.iskeyword(name) else "_" + name if name[0].isdigit() else name


def snake(label: str) -> str:
    """Functions, parameters, fields.

    >>> snake("get-all"), snake("from"), snake("HTTP-port")
    ('get_all', 'from_', 'http_port')
    """
    return _identifier(label.replace("-", "_").lower())


def pascal(label: str) -> str:
    """Types and cases of variants.

    >>> pascal("line-item"), pascal("none"), pascal("HTTP-error")
    ('LineItem', 'None_', 'HTTPError')
    """
    return _identifier("".join(word[:1].upper() + word[1:] for word in label.split("-")))


def case_names(labels: Iterable[str]) -> list[str]:
    """Cases of one variant. A name that is taken gets `_`, as in modules of `tenon bindgen py`.

    >>> case_names(["utf8", "utf-8", "none"])
    ['Utf8', 'Utf8_', 'None_']
    """
    names: dict[str, None] = {}
    for label in labels:
        name = pascal(label)
        while name in names:
            name += "_"
        names[name] = None
    return list(names)


def upper(label: str) -> str:
    """Members of enums and flags.

    >>> upper("hot-pink")
    'HOT_PINK'
    """
    return _identifier(label.replace("-", "_").upper())


def split_function(name: str) -> tuple[str, str, str]:
    """The kind of a function, its resource and its name in it.

    >>> split_function("[method]account.close")
    ('method', 'account', 'close')
    >>> split_function("[constructor]account")
    ('constructor', 'account', '')
    >>> split_function("total")
    ('', '', 'total')
    """
    match = re.fullmatch(r"\[(?:async )?(method|static|constructor)\]([^.]+)\.?(.*)", name)
    return (match[1], match[2], match[3]) if match else ("", "", name)
