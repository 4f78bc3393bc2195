"""The files of the project, and their includes."""
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def walk(root):
    """Every file of a source tree without git, such as an unpacked archive."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ("build", "target", ".git", "__pycache__")]
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), root)


def project_files(*suffixes, root=ROOT):
    """Sorted paths from the root of all files that git tracks or would add, with one of the suffixes."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            cwd=root, capture_output=True)
    paths = listed.stdout.decode().split("\0") if listed.returncode == 0 else walk(root)
    return sorted({path for path in paths
                   if path and path.endswith(suffixes or "") and os.path.isfile(os.path.join(root, path))})


def read_text(path, root=ROOT):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def includes_of(text):
    """(quote, path, line number) of each #include."""
    return [(match[1], match[2], text.count("\n", 0, match.start(2)) + 1)
            for match in INCLUDE.finditer(text)]


def resolve_include(path, includer, root=ROOT):
    """The project file that `#include "path"` in `includer` means, or None."""
    for folder in ("src", "include", "engine/include", ".", os.path.dirname(includer)):
        candidate = os.path.normpath(os.path.join(folder, path))
        if os.path.isfile(os.path.join(root, candidate)):
            return candidate
    return None


class IncludeGraph:
    """Project files and the project files they include."""

    def __init__(self, root=ROOT):
        self.root = root
        self.direct_ = {}

    def direct(self, path):
        if path not in self.direct_:
            found = (resolve_include(name, path, self.root)
                     for _, name, _ in includes_of(read_text(path, self.root)))
            self.direct_[path] = sorted({name for name in found if name})
        return self.direct_[path]

    def closure(self, path):
        """`path` and everything it includes, directly or through others; sorted."""
        seen = {path}
        waiting = [path]
        while waiting:
            for name in self.direct(waiting.pop()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return sorted(seen)

    def find_cycle(self, paths):
        """The first cycle of includes that starts at one of `paths`, as a list; or None."""
        done = set()
        for start in paths:
            stack = [(start, iter(self.direct(start)))]
            on_stack = [start]
            while stack:
                path, rest = stack[-1]
                following = next((name for name in rest if name not in done), None)
                if following is None:
                    done.add(path)
                    stack.pop()
                    on_stack.pop()
                elif following in on_stack:
                    return on_stack[on_stack.index(following):] + [following]
                else:
                    stack.append((following, iter(self.direct(following))))
                    on_stack.append(following)
        return None
