"""Shared by the checks of `tenon ext new` and `tenon host new`: running commands, and reporting per language."""
import subprocess


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class Tally:
    def __init__(self):
        self.checked = []
        self.failed = []

    def skip(self, what, why):
        print(f"skipped {what}: {why}")

    def add(self, what, problem):
        """problem: a description, or None if there is none."""
        self.checked.append(what)
        if problem:
            self.failed.append(what)
            print(f"{what}: {problem}")

    def finish(self, title, nothing):
        """The exit code of a script test."""
        if not self.checked:
            print(nothing)
            return 77
        print(f"{title}: {', '.join(self.checked)}; {len(self.failed)} failed")
        return 1 if self.failed else 0
