#!/usr/bin/env python3
"""Links a component for every world in the tests of wit-parser: plans, composes and starts it.

Usage: check_worlds.py TENON [--only NAME] [--list]
       check_worlds.py --fetch    fetch the crates that the build needs (`./dev setup` does this)

tests/guests/worlds builds the components: for each world a `consumer`, which has all imports and exports of the
world, and a `provider`, which exports what the consumer imports. All functions of CHECKS run for each world. NAME
is a part of the name of a world; --list prints the names: TEST/NAMESPACE-PACKAGE[@VERSION]/WORLD.

The cache is $TENON_GUEST_CACHE, or ${XDG_CACHE_HOME:-~/.cache}/tenon/guests. It contains:
  worlds/<key>/   the components; <key> is a hash of the crate
  worlds/target/  cargo's folder
Exit: 0 fine; 1 a check failed; 77 skipped: the crates are not fetched.
"""
import argparse
import fcntl
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from build_engine import ROOT, prune, say
from build_packr_guests import cache_folder
from setup import crates_are_fetched, find_cargo, path_with_cargo

CRATE = os.path.join(ROOT, "tests", "guests", "worlds")
# Providers that wit-component cannot build, because they export resources of the root.
PROVIDERS = os.path.join(CRATE, "providers")
ENGINE = os.path.join(ROOT, "engine")
SKIPPED = 77
KEPT_KEYS = 2
PROCESSES = 2
TIMEOUT = 60  # seconds for one command


class Refusal(NamedTuple):
    worlds: str  # a pattern of names
    check: str
    code: str  # the only diagnostic code expected
    reason: str


# Worlds that tenon refuses by design. A world in this list that is not refused is a failure too. Do not list bugs.
REFUSALS = [
    Refusal("error-context/*", "isolate", "resolve-placement", "error contexts do not cross domains"),
]

# A component that traps when it starts: every check that starts it must fail.
TRAPS = """(component
  (core module $code (func $start unreachable) (start $start))
  (core instance (instantiate $code)))
"""


# --- Components -----------------------------------------------------------------------------------

def cargo(*words, **options):
    environment = {**os.environ, "PATH": path_with_cargo(), "CARGO_TARGET_DIR": os.path.join(cache(), "target")}
    command = [find_cargo(), *words]
    say("+ cargo " + " ".join(words))
    return subprocess.run(command, cwd=CRATE, env=environment, check=True, **options)


def cache():
    return os.path.join(cache_folder(), "worlds")


def cache_key():
    digest = hashlib.sha256()
    for name in ("Cargo.toml", "Cargo.lock", os.path.join("src", "main.rs")):
        with open(os.path.join(CRATE, name), "rb") as file:
            content = file.read()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:24]


def locked_version(folder, crate):
    with open(os.path.join(folder, "Cargo.lock"), encoding="utf-8") as file:
        return re.findall(rf'name = "{crate}"\nversion = "(.+)"', file.read())


def demand_versions_of_engine():
    for crate in ("wit-parser", "wit-component"):
        here, engine = locked_version(CRATE, crate), locked_version(ENGINE, crate)
        if here != engine:
            sys.exit(f"check_worlds: tests/guests/worlds has {crate} {', '.join(here)}, and engine/Cargo.lock "
                     f"has {', '.join(engine)}: set the version of the engine in Cargo.toml")


def find_tests():
    """The folder tests/ui of wit-parser."""
    printed = cargo("metadata", "--format-version=1", "--locked", "--offline", capture_output=True, text=True)
    manifest = next(package["manifest_path"] for package in json.loads(printed.stdout)["packages"]
                    if package["name"] == "wit-parser")
    return os.path.join(os.path.dirname(manifest), "tests", "ui")


def build(key):
    aside = os.path.join(cache(), f"{key}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    os.makedirs(aside)
    say("worlds: building their components; the first time, the crates take two minutes")
    cargo("build", "--quiet", "--release", "--locked", "--offline",
          *([f"-j{os.environ['JOBS']}"] if "JOBS" in os.environ else []))
    subprocess.run([os.path.join(cache(), "target", "release", "worlds"), find_tests(), aside], check=True)
    os.rename(aside, os.path.join(cache(), key))


def built():
    """The folder of the components; builds them if necessary."""
    key = cache_key()
    final = os.path.join(cache(), key)
    os.makedirs(cache(), mode=0o700, exist_ok=True)
    if not os.path.isdir(final):
        with open(os.path.join(cache(), "lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.isdir(final):
                build(key)
            prune(cache(), key, KEPT_KEYS)
    os.utime(final)
    return final


def read_index(folder):
    """The worlds; `provider` is a path, or None if the world needs no provider."""
    with open(os.path.join(folder, "index.json"), encoding="utf-8") as file:
        worlds = json.load(file)
    for world in worlds:
        place = os.path.join(folder, world["name"])
        world["consumer"] = os.path.join(place, "consumer.wasm")
        if world.get("root_resources"):
            world["provider"] = os.path.join(PROVIDERS, world["name"].replace("/", ".") + ".wat")
            world["needs_provider"] = True
        elif world.get("provider"):
            world["provider"] = os.path.join(place, "provider.wasm")
        else:
            world["provider"] = None
    return worlds


# --- Checks ---------------------------------------------------------------------------------------

def name_units(world, also_unused):
    """NAME=FILE of the consumer, and a list with that of the provider. A provider of value types only would be unused."""
    wanted = world["provider"] and (world["needs_provider"] or also_unused)
    return "consumer=" + world["consumer"], ["provider=" + world["provider"]] if wanted else []


def plan(world, _):
    consumer, provider = name_units(world, also_unused=True)
    return ["plan", "--root", "consumer", consumer, *provider]


def compose(world, out):
    """Composes both; the result is validated."""
    consumer, provider = name_units(world, also_unused=True)
    return ["compose", "--root", "consumer", consumer, *provider, "-o", out]


def leave_open(world, out):
    """Composes the consumer alone: the result has the same imports, and is validated."""
    return ["compose", "--allow-unresolved", "consumer=" + world["consumer"], "-o", out]


def isolate(world, _):
    """Starts each unit in a domain of its own."""
    consumer, provider = name_units(world, also_unused=False)
    return ["shell", "--no-cache", "--isolate", consumer, *[word for unit in provider for word in ("--with", unit)]]


def stub(world, _):
    """Starts the consumer alone: its imports are stubs."""
    return ["shell", "--no-cache", "--allow-unresolved", "consumer=" + world["consumer"]]


CHECKS = {check.__name__: check for check in (plan, compose, leave_open, isolate, stub)}


def run(tenon, words):
    """Returns the exit code and the text on standard error. A shell ends when it has started."""
    try:
        done = subprocess.run([tenon, *words], input="quit\n", capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return 124, f"not ended after {TIMEOUT} s"
    return done.returncode, done.stderr


def find_refusal(world, check):
    for row, refusal in enumerate(REFUSALS):
        if refusal.check == check and fnmatch.fnmatchcase(world["name"], refusal.worlds):
            return row
    return None


def judge(refusal, code, err):
    """A problem with the exit code of a command, or None."""
    if refusal is None:
        return f"exit code {code}" if code != 0 else None
    wanted = REFUSALS[refusal]
    found = set(re.findall(r"^error\[([a-z-]+)\]", err, re.M))
    if code == 0:
        return f"succeeds, but {wanted.code} is expected: {wanted.reason}"
    if found != {wanted.code}:
        return f"exit code {code} with {', '.join(sorted(found)) or 'no diagnostic'}, but {wanted.code} is expected"
    return None


def check_world(tenon, world, folder):
    """Returns problems, and the rows of REFUSALS that apply."""
    problems, refused = [], []
    for role in ("consumer", "provider"):
        if (reason := world.get(role + "_refused")):
            problems.append(f"{world['name']}: the {role} cannot be made: {reason}")
    if problems:
        return problems, refused
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".wasm") as out:
        for name, check in CHECKS.items():
            words = check(world, out.name)
            code, err = run(tenon, words)
            refusal = find_refusal(world, name)
            if (problem := judge(refusal, code, err)):
                problems.append(f"{world['name']}: {name}: {problem}\n  tenon {' '.join(words)}\n{err}")
            elif refusal is not None:
                refused.append(refusal)
    return problems, refused


def check_checks(tenon, worlds, folder):
    """Runs the checks on broken input (no provider, a trap in a start function), and returns a problem for each check
    that passes."""
    traps = os.path.join(folder, "traps.wat")
    with open(traps, "w", encoding="utf-8") as file:
        file.write(TRAPS)
    wanting = next(world for world in worlds if world.get("needs_provider"))
    broken = [("plan", {**wanting, "provider": None}, "resolve-no-provider"),
              ("compose", {**wanting, "provider": None}, "resolve-no-provider"),
              ("isolate", {"consumer": traps, "provider": None}, "run-trap"),
              ("stub", {"consumer": traps, "provider": None}, "run-trap")]
    problems = []
    for name, world, wanted in broken:
        code, err = run(tenon, CHECKS[name](world, os.path.join(folder, "broken.wasm")))
        if code == 0 or f"error[{wanted}]" not in err:
            problems.append(f"the check `{name}` passes for broken input, with exit code {code}\n{err}")
    return problems


def check_worlds(tenon, worlds):
    """Returns all problems, and how many times each row of REFUSALS applied."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        results = list(pool.map(lambda world: check_world(tenon, world, folder), worlds))
    problems = [problem for found, _ in results for problem in found]
    held = [sum(refused.count(row) for _, refused in results) for row in range(len(REFUSALS))]
    return problems, held


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("tenon", nargs="?")
    parser.add_argument("--only", default="", metavar="NAME", help="only worlds whose name has this part")
    parser.add_argument("--list", action="store_true", help="print the names of all worlds, and check nothing")
    parser.add_argument("--fetch", action="store_true", help="fetch the crates")
    options = parser.parse_args()
    if not (options.tenon or options.list or options.fetch):
        parser.error("TENON is missing")
    if not find_cargo():
        print("skipped: no cargo that is new enough")
        return SKIPPED
    try:
        if options.fetch:
            if not crates_are_fetched(find_cargo(), CRATE):
                cargo("fetch", "--quiet", "--locked")
            return 0
        demand_versions_of_engine()
        if not crates_are_fetched(find_cargo(), CRATE):
            print("skipped: the crates of tests/guests/worlds are not fetched; run ./dev setup")
            return SKIPPED
        everything = read_index(built())
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"check_worlds: {error}")
    worlds = [world for world in everything if options.only in world["name"]]
    if options.list:
        print("\n".join(world["name"] for world in worlds))
        return 0
    if not worlds:
        sys.exit(f"check_worlds: no world has `{options.only}` in its name; --list prints them")
    tenon = os.path.abspath(options.tenon)
    with tempfile.TemporaryDirectory() as folder:
        problems = check_checks(tenon, everything, folder)
    found, held = check_worlds(tenon, worlds)
    problems += found
    for refusal, count in zip(REFUSALS, held):
        if count == 0 and not options.only:
            problems.append(f"the refusal of {refusal.worlds} by `{refusal.check}` is listed, but no world is refused")
    components = sum(1 + bool(world["provider"]) for world in worlds)
    for problem in problems:
        print(problem)
    print(f"{len(worlds)} worlds, {components} components, {len(worlds) * len(CHECKS)} checks: "
          f"{sum(held)} refused by design, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
