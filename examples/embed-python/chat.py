#!/usr/bin/env python3
"""A chat-bot whose filters are plugins: WebAssembly components, in any language.

Usage: chat.py FILTER...

A FILTER is a component with the world `filter` of wit/chat.wit. Each line of the input is `USER: TEXT` and goes through the
filters in their order, each of which can change or refuse it. `/swap NAME FILE` replaces a filter while the others keep
running, and `/filters` lists them. A filter that traps or takes too long is left out from then on.
"""

import os
import sys

import tenon

FILTERS = "acme:chat/filters"


class Log:
    """What filters can call: `acme:chat/log`."""

    def write(self, line: str) -> None:
        print(f"  log: {line}")


class Bot:
    def __init__(self, paths: list[str]) -> None:
        builder = tenon.Builder()
        self.names: list[str] = []
        for path in paths:
            name = os.path.splitext(os.path.basename(path))[0].replace("_", "-")
            # A domain of its own: it fails alone, and has its own limits.
            builder.add_component(name, path).isolate(name)
            builder.set_limit("call-timeout", "200ms", domain=name).set_limit("memory", "64MiB", domain=name)
            self.names.append(name)
        self.app = builder.add_interface("acme:chat/log", Log()).build()

    def filter(self, user: str, text: str) -> str | None:
        """The text after all filters; None: one of them refused it."""
        for name in list(self.names):
            try:
                changed = self.app.unit(name)[FILTERS].check(user, text)
            except tenon.ResultError as refusal:
                print(f"  {name} refuses: {refusal.payload}")
                return None
            except tenon.CallError as failure:
                print(f"  {name} is left out: {failure.code}")
                self.names.remove(name)
            else:
                text = text if changed is None else changed
        return text

    def swap(self, name: str, path: str) -> None:
        try:
            self.app.swap(name, path)
        except tenon.Error as error:
            print(f"  {name} stays: {error.message}")
        else:
            print(f"  {name} is {path} now")
            if name not in self.names:
                self.names.append(name)

    def run(self, line: str) -> None:
        command, *arguments = line.split()
        if command == "/filters":
            print("  " + ", ".join(self.names))
        elif command == "/swap" and len(arguments) == 2:
            self.swap(*arguments)
        else:
            user, _, text = line.partition(": ")
            passed = self.filter(user, text)
            if passed is not None:
                print(f"{user}: {passed}")


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    try:
        bot = Bot(sys.argv[1:])
    except (tenon.Error, TypeError) as error:
        print(error, file=sys.stderr)
        return 1
    for line in sys.stdin:
        if line.strip():
            bot.run(line.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
