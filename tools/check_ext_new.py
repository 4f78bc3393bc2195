#!/usr/bin/env python3
"""Creates a command and a library with `tenon ext new` in each language, builds, installs and uses them.

Usage: check_ext_new.py BUILD_DIR

They are built as their READMEs say, but without a network. If cargo's compiler for WebAssembly differs from
the one in the README, as on Debian, it is passed to cargo. A language whose compiler is not
installed is skipped with a message (`./dev setup guests` installs all). What cargo has built is kept in
GUESTS_BUILD if it is set, otherwise in BUILD_DIR.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

from guest_languages import CACHE as LANGUAGES_CACHE
from new_checks import Tally, run
from setup import DEBIAN_CARGO, PRESS_CRATES, STANDARD_CRATES, crates_are_fetched, find_cargo, wit_bindgen_folder

COMPONENT_LD = "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld"
WASI_LIBC = "/usr/lib/wasm32-wasi"
NODE_MODULES = os.path.join(LANGUAGES_CACHE, "node_modules")
CRT = os.path.join(WASI_LIBC, "crt1-command.o")
# The argument of `ext new`, and the name of the extension.
COMMAND = ("say-hello", "say-hello")
LIBRARY = ("acme:small-talk", "small-talk")


class Job(NamedTuple):
    language: str
    is_library: bool
    folder: str  # for the extensions of the language and their store
    place: str  # the folder of the extension
    target: str  # a copy of cargo's output, because a standard library takes a minute to build
    environment: dict


def output_of(job):
    """Where cargo writes."""
    return os.path.join(job.place, "target")


def keep_output(job):
    if os.path.isdir(output_of(job)):
        shutil.rmtree(job.target, ignore_errors=True)
        subprocess.run(["cp", "-a", output_of(job), job.target], check=True)


def has_rust_target():
    asked = subprocess.run(["rustc", "--print", "target-libdir", "--target", "wasm32-wasip2"],
                           capture_output=True, text=True)
    return asked.returncode == 0 and os.path.isdir(asked.stdout.strip())


def prepare_make(job):
    """The command, which finds Debian's clang if there is no wasi-sdk, and its environment."""
    return ["make"], job.environment


def prepare_cargo(job):
    """The same for Debian's cargo. Without rustup's target, it builds the standard library from source."""
    if os.path.isdir(job.target):
        subprocess.run(["cp", "-a", job.target, output_of(job)], check=True)
    plain = ["--release", "--offline", "--target", "wasm32-wasip2", "--target-dir", "target"]
    # The option counts more.
    elsewhere = {**job.environment, "CARGO_TARGET_DIR": os.path.join(job.folder, "elsewhere")}
    if has_rust_target():
        return ["cargo", "build", *plain], elsewhere
    flags = [f"-Clinker={COMPONENT_LD}", "-Clink-arg=--wasm-ld-path=/usr/bin/wasm-ld-19",
             "-Clink-self-contained=no", f"-Lnative={WASI_LIBC}"]
    debian = {**elsewhere, "PATH": "/usr/bin:/bin", "RUSTC": "/usr/bin/rustc", "RUSTC_BOOTSTRAP": "1",
              "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags)}
    words = ["cargo", "rustc", *plain, "-Zbuild-std=std,panic_abort"]
    return words + ([] if job.is_library else ["--", f"-Clink-arg={CRT}"]), debian


def prepare_npm(job):
    """The same for the packages that `./dev setup guests` installed."""
    os.symlink(NODE_MODULES, os.path.join(job.place, "node_modules"))
    # The installed packages must be those that package.json names.
    return ["sh", "-c", "npm ls --depth=0 && npm run build"], job.environment


def missing_for_clang(is_library):
    if "WASI_SDK_PATH" not in os.environ and not (shutil.which("clang-19") and os.path.exists(COMPONENT_LD)
                                                  and os.path.exists(CRT)):
        return "neither wasi-sdk nor Debian's clang-19, wasi-libc and rust-web-llvm"
    path = os.pathsep.join([wit_bindgen_folder(), os.environ.get("PATH", "")])
    if is_library and not shutil.which("wit-bindgen", path=path):
        return "no wit-bindgen"
    return None if shutil.which("make") else "no make"


def missing_for_rust(_):
    if shutil.which("rustc") and has_rust_target():
        there = crates_are_fetched(find_cargo(), PRESS_CRATES)
    elif all(map(os.path.exists, [DEBIAN_CARGO, STANDARD_CRATES, COMPONENT_LD, CRT, "/usr/bin/wasm-ld-19"])):
        there = all(crates_are_fetched(DEBIAN_CARGO, workspace) for workspace in (PRESS_CRATES, STANDARD_CRATES))
    else:
        return "neither rustup's target wasm32-wasip2 nor Debian's cargo, wasi-libc and rust-web-llvm"
    return None if there else "no crate wit-bindgen, or none of the standard library"


def missing_for_js(_):
    # jco needs this version of its shim.
    there = all(os.path.exists(os.path.join(NODE_MODULES, "@bytecodealliance", name))
                for name in ("jco", "preview2-shim"))
    return None if there and shutil.which("npm") else "no npm, or not what `./dev setup guests` installs"


# For each language: what is missing, and how it is built.
LANGUAGES = {
    "c": (missing_for_clang, prepare_make),
    "cpp": (missing_for_clang, prepare_make),
    "rust": (missing_for_rust, prepare_cargo),
    "js": (missing_for_js, prepare_npm),
}


def uses(job, name):
    """Arguments of `tenon ext`, and their expected output."""
    if job.is_library:
        return [(["libs"], "acme:small-talk/lib@0.1.0"), (["call", name, 'lib.greet("Ada")'], '"Hello, Ada!"'),
                (["call", name, 'lib.greet("")'], '"Hello, !"')]
    return [(["run", name], "Hello, world!"), (["run", name, "Ada", "Byron"], "Hello, Ada Byron!")]


def check(tenon, job):
    """A problem, or None."""
    asked, name = LIBRARY if job.is_library else COMMAND
    new = [tenon, "ext", "new", asked, "--lang", job.language, "-o", job.place]
    if job.is_library:
        new.append("--lib")
    code, out, err = run(new, job.folder, job.environment)
    if code != 0:
        return f"`ext new` exits with {code}\n{out}{err}"
    code, out, err = run(new, job.folder, job.environment)
    if code == 0 or "extension.toml` exists" not in err:
        return f"`ext new` over what is there is not refused\n{out}{err}"
    words, environment = LANGUAGES[job.language][1](job)
    code, out, err = run(words, job.place, environment)
    if code != 0:
        return f"`{' '.join(words)}` exits with {code}\n{out}{err}"
    keep_output(job)
    store = ["--store", os.path.join(job.folder, "store")]
    for (action, *rest), wanted in [(["add", "."], name), *uses(job, name)]:
        code, out, err = run([tenon, "ext", action, *store, *rest], job.place, job.environment)
        if code != 0 or wanted not in out:
            return f"`ext {action}` exits with {code}, and `{wanted}` was wanted\n{out}{err}"
    return None


def check_user(tenon, job):
    """A command that imports the library of the same language: a problem, or None."""
    place = os.path.join(job.folder, "user")
    job = job._replace(place=place, is_library=False)
    store = ["--store", os.path.join(job.folder, "store")]
    new = [tenon, "ext", "new", "asker", "--lang", job.language, "--uses", "acme:small-talk/lib", "-o", place]
    code, out, err = run(new + store, job.folder, job.environment)
    if code != 0:
        return f"`ext new --uses` exits with {code}\n{out}{err}"
    words, environment = LANGUAGES[job.language][1](job)
    for command, expected in [(words, ""), ([tenon, "ext", "add", *store, "."], "asker"),
                              ([tenon, "ext", "run", *store, "asker"], "Hello, world!")]:
        code, out, err = run(command, place, environment)
        if code != 0 or expected not in out:
            return f"`{' '.join(command)}` exits with {code}, and `{expected}` was expected\n{out}{err}"
    return None


def main():
    build = os.path.abspath(sys.argv[1])
    target = os.path.join(os.environ.get("GUESTS_BUILD") or build, "ext_new")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = os.pathsep.join([wit_bindgen_folder(), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "TENON_CACHE_DIR": os.path.join(folder, "cache")}
        for language, (missing_for, _) in LANGUAGES.items():
            place = os.path.join(folder, language)
            os.mkdir(place)
            for is_library in (False, True):
                what = f"{language} {'library' if is_library else 'command'}"
                if missing := missing_for(is_library):
                    tally.skip(what, missing)
                    continue
                job = Job(language, is_library, place, os.path.join(place, "lib" if is_library else "command"),
                          target, environment)
                tally.add(what, check(os.path.join(build, "tenon"), job))
                if is_library:
                    tally.add(f"{language} user", check_user(os.path.join(build, "tenon"), job))
    return tally.finish("ext new", "there is no compiler for WebAssembly")


if __name__ == "__main__":
    sys.exit(main())
