#!/usr/bin/env python3
"""Installs what tenon's build needs on Debian 12. It can be run again: installed packages are not changed.

Usage: setup.py install [build|test|guests|aarch64] [--with-duckdb] [--with-wrpc] [--with-wasmtime]
                     [--with-sigstore]
                                                              install; as root, or by sudo
       setup.py check [build|test|aarch64] [--quiet]          exit 1 if something is missing

build: for the command, the library and the demo. test (the default): also for tests, fuzz targets, benchmarks and
lint. guests: also for building the guest components again, and for the tests that build guests and extensions. aarch64:
for building packages for that machine on another one (cross.py), and for testing them.

       setup.py path                                 print PATH with a new enough cargo in front
"""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import cross

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CARGO_WANTED = (1, 95)
SKIPPED = 77
# Programs with two versions of wrpc-transport, peers of tenon in tests.
WRPC_PEERS = [os.path.join(ROOT, "tests", "peers", "wrpc_rust", version) for version in ("0.29", "0.30")]

# Debian packages for the command and the library, and why each is needed.
BUILD_PACKAGES = [
    ("g++", "compiles the library and the command"),
    ("cmake", "describes the build"),
    ("ninja-build", "runs the build"),
    ("patch", "changes crates of the engine (engine/patches)"),
    ("ccache", "keeps what was compiled before; installed later, it would change every command of the build"),
    ("pkg-config", "finds libedit; the installed package is tested with it"),
    ("ca-certificates", "crates are fetched over https"),
    ("libfmt-dev", "text formatting"),
    ("nlohmann-json3-dev", "JSON: plans, diagnostics, graphs"),
    ("libcli11-dev", "the command line"),
    ("libedit-dev", "the prompt of `tenon shell`"),
    ("libtomlplusplus-dev", "tenon.toml"),
    ("libffi-dev", "calls plain C libraries for host bundles"),
    ("zlib1g-dev", "compresses the files that `tenon host pack` writes"),
    ("libssl-dev", "headers of the library that TLS loads"),
    ("libasio-dev", "sockets and timers of remote units"),
    ("libnats-dev", "nats.h, for NATS addresses and the bundle keyvalue-nats"),
    ("libnats3.4", "loaded when such an address is used"),
    ("libseccomp-dev", "seccomp.h, for host bundles in processes with fewer rights"),
    ("libseccomp2", "loaded by such a process"),
    ("libxxhash-dev", "hashes that detect damage in cached code"),
    ("libcurl4-openssl-dev", "curl.h, for packages from registries and the bundle http-client"),
    ("libcurl4", "loaded when a package is fetched"),
    ("libsqlite3-dev", "the host bundle sqlite"),
    ("libp11-kit-dev", "pkcs11.h, for the host bundle pkcs11"),
    ("graphviz", "lays out the pictures of `tenon graph --format svg`"),
]
# For tests, fuzz targets, benchmarks and lint.
TEST_PACKAGES = [
    ("docker-registry", "a registry, for the tests that fetch and publish"),
    ("openssl", "certificates for the TLS tests"),
    ("openssh-client", "ssh-keygen, which signs releases and verifies them"),
    ("nats-server", "for the tests of remote units over NATS"),
    ("curl", "a client in the tests of HTTP"),
    ("nghttp2-client", "h2load, which sends many requests"),
    ("nginx-light", "a proxy before `tenon serve --http`"),
    ("tinyproxy-bin", "a proxy between guests and servers"),
    ("wrk", "./dev bench: requests per second"),
    ("libgtest-dev", "tests"),
    ("libgmock-dev", "matchers in tests"),
    ("libbenchmark-dev", "./dev bench"),
    ("zlib1g", "a plain C library that tests and docs call"),
    ("libsqlite3-0", "another one"),
    ("sqlite3", "loads the extension of examples/sqlite-functions"),
    ("softhsm2", "a token in software, for the tests of the host bundle pkcs11"),
    ("clang-19", "the presets debug and tsan, and fuzz targets"),
    ("lld-19", "links test programs ten times faster"),
    ("libclang-rt-19-dev", "libFuzzer and the sanitizers of clang"),
    ("llvm-19", "llvm-symbolizer: sanitizers name functions, by which tests/tsan.supp suppresses reports"),
    ("clang-format-19", "./dev fmt and ./dev lint"),
    ("clang-tidy-19", "./dev lint"),
    ("abigail-tools", "abidiff, for the binary interface of libtenon.so"),
    ("lintian", "for the Debian packages"),
    ("python3-dev", "Python.h, for the package for Python"),
    ("python3-pytest", "its tests"),
    ("mypy", "its types"),
    ("python3-prometheus-client", "reads the metrics of a server in a test"),
]
# Debian's Rust 1.96, for the engine, if no cargo 1.95 or newer is installed.
RUST_PACKAGES = [
    ("rustc-web", "compiles the engine; the recorded compiler of guests"),
    ("cargo-web", "its cargo"),
]
# The test that builds the packr guests again uses Debian's Rust, and is skipped without it.
RUST_SOURCES = [("rust-web-src", "the standard library of guests, built from source")]
# Only for building the guest components again; their .wasm files are checked in.
GUEST_PACKAGES = [
    ("wasi-libc", "C guests with WASI"),
    ("libclang-rt-19-dev-wasm32", "compiler runtime for WebAssembly"),
    ("libc++-19-dev-wasm32", "C++ guests"),
    ("libc++abi-19-dev-wasm32", "C++ guests"),
    ("rust-web-llvm", "wasm-component-ld and the linker beside it"),
    ("make", "extensions in C and C++, as `tenon ext new` writes them"),
    ("nodejs", "JavaScript guests"),
    ("npm", "fetches componentize-js"),
    ("python3-pip", "fetches componentize-py"),
    ("chromium", "a browser, which reads examples/site"),
    ("chromium-driver", "drives it"),
]

# libduckdb from npm, for the tests of the host bundle duckdb: the package, the library in it, and its sha256. It is
# installed in ${XDG_CACHE_HOME:-~/.cache}/tenon/duckdb.
DUCKDB_PACKAGE = "@duckdb/node-bindings-linux-x64@1.5.6-r.1"
DUCKDB_LIBRARY = "package/libduckdb.so"
DUCKDB_SHA256 = "3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633"

# Another engine in one process with libtenon.so, for tests/embedding.py. It is installed in
# ${XDG_CACHE_HOME:-~/.cache}/tenon/wasmtime-py.
WASMTIME_PY = "wasmtime==50.0.1"

# Signatures that other programs made with Sigstore, and its trusted roots, for tests/sigstore_bundles_test.cc: two archives
# of PyPI, and what is taken from them, with its sha256. They are installed in ${XDG_CACHE_HOME:-~/.cache}/tenon/sigstore.
SIGSTORE_ROOTS = "sigstore==4.5.1"
SIGSTORE_BUNDLES = "pypi-attestations==0.0.30"
SIGSTORE_FILES = [
    (SIGSTORE_ROOTS, "sigstore/_store/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev/trusted_root.json", "trusted_root.json",
     "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"),
    (SIGSTORE_ROOTS, "sigstore/_store/https%3A%2F%2Ftuf-repo-cdn.sigstage.dev/trusted_root.json",
     "staging_trusted_root.json", "81f5af777952d2c3955062ad56924c05ca916b5d49f3a0bce945faa475a8b1cc"),
    (SIGSTORE_BUNDLES, "test/assets/pypi_attestation_models-0.0.4a2.tar.gz.sigstore", "workflow.sigstore.json",
     "faf6ebd0a6573479d34ffd0610eba529b155a1cebf643f50d30308daaa675994"),
    (SIGSTORE_BUNDLES, "test/assets/rfc8785-0.1.2-py3-none-any.whl.sigstore", "staging_person.sigstore.json",
     "3f40d91de61ed99657be0b0889216f18695df14138cab8f804456c2610add299"),
]

# The command of the engine, which `./dev bench` compares HTTP with. It is installed in
# ${XDG_CACHE_HOME:-~/.cache}/tenon/wasmtime.
WASMTIME = "48.0.8"
WASMTIME_FEATURES = "run,serve,compile,cranelift,component-model-async,pooling-allocator,parallel-compilation"

# wit-bindgen generates C, C++ and Go from WIT; folders of `tenon ext new --lib` and guests of the tests need it. It is
# installed in ${XDG_CACHE_HOME:-~/.cache}/tenon/wit-bindgen.
WIT_BINDGEN_VERSION = "0.63.0"
# Extensions in Rust need the crate wit-bindgen of the first workspace, and Debian's sources of the standard library,
# which only Debian's cargo can build.
PRESS_CRATES = os.path.join(ROOT, "examples", "press", "src", "rust")
STANDARD_CRATES = "/usr/lib/rustlib/src/rust/library"
DEBIAN_CARGO = "/usr/bin/cargo"
GUEST_WORKSPACES = [PRESS_CRATES, STANDARD_CRATES, os.path.join(ROOT, "examples", "site"),
                    os.path.join(ROOT, "examples", "sql"), os.path.join(ROOT, "examples", "embed-extensions"),
                    os.path.join(ROOT, "examples", "embed-query"), os.path.join(ROOT, "bundles", "keyvalue-draft"),
                    os.path.join(ROOT, "tests", "guests")]

# Packages whose command can also come from elsewhere (nodesource's nodejs conflicts with Debian's npm).
COMMANDS = {"nodejs": "node", "npm": "npm", "python3-pip": "pip3"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, **options):
    say("+ " + " ".join(command))
    subprocess.run(command, check=True, **options)


def is_installed(package):
    if package in COMMANDS and shutil.which(COMMANDS[package]):
        return True
    query = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
                           capture_output=True, text=True)
    return query.stdout == "installed"


def cargo_version(cargo):
    """The version of a cargo as a tuple, or None."""
    if not cargo:
        return None
    # rustup's proxy uses the toolchain of the folder that it is called in.
    printed = subprocess.run([cargo, "--version"], capture_output=True, text=True, cwd=ROOT).stdout
    match = re.match(r"cargo (\d+)\.(\d+)", printed)
    return (int(match[1]), int(match[2])) if match else None


def find_cargo():
    """The first cargo that is new enough, from PATH, rustup or Debian; or None."""
    for cargo in (shutil.which("cargo"), os.path.expanduser("~/.cargo/bin/cargo"), "/usr/bin/cargo"):
        if cargo and os.path.exists(cargo) and (cargo_version(cargo) or (0, 0)) >= CARGO_WANTED:
            return cargo
    return None


def path_with_cargo():
    path = os.environ.get("PATH", "")
    cargo = find_cargo()
    if cargo and cargo != shutil.which("cargo"):
        return os.path.dirname(cargo) + os.pathsep + path
    return path


def missing_packages(table):
    return [package for package, _ in table if not is_installed(package)]


def crates_are_fetched(cargo, workspace=os.path.join(ROOT, "engine")):
    if not os.path.exists(os.path.join(workspace, "Cargo.lock")):
        return True
    return subprocess.run([cargo, "fetch", "--locked", "--offline", "--quiet"],
                          cwd=workspace, capture_output=True).returncode == 0


def print_table(table):
    width = max(len(package) for package, _ in table)
    for package, why in table:
        state = "there  " if is_installed(package) else "missing"
        say(f"  {state}  {package:<{width}}  {why}")


def install_packages(packages):
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and not shutil.which("sudo"):
        sys.exit("setup: neither root nor sudo; as root, run:\n  apt-get install " + " ".join(packages))
    # Nobody can answer the questions of packages here.
    apt = prefix + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    quietly = [os.path.join(ROOT, "tools", "run_quietly.py")]
    log = os.path.join("build", "log", "apt-get.log")
    run(*quietly, log, *apt, "update", cwd=ROOT)
    run(*quietly, log, *apt, "install", "-y", "--no-install-recommends", *packages, cwd=ROOT)


def explain_cargo():
    found = cargo_version(shutil.which("cargo"))
    had = "cargo %d.%d is too old" % found if found else "no cargo is installed"
    say(f"\n{had}; engine/ needs {CARGO_WANTED[0]}.{CARGO_WANTED[1]} or newer.")
    say("Taking Debian's rustc-web and cargo-web. To use rustup instead, stop here and run:")
    say("  rustup toolchain install stable && rustup default stable")


def fetch_guest_crates():
    script = os.path.join(ROOT, "tools", "build_packr_guests.py")
    code = subprocess.run([sys.executable, script, "--fetch"]).returncode
    # Skipped means that the Debian packages are missing.
    if code not in (0, SKIPPED):
        sys.exit("setup: the crates of the packr guests cannot be fetched")


def fetch_world_crates():
    script = os.path.join(ROOT, "tools", "check_worlds.py")
    if subprocess.run([sys.executable, script, "--fetch"]).returncode != 0:
        sys.exit("setup: the crates of tests/guests/worlds cannot be fetched")


def cache_folder(name):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "tenon", name)


def wit_bindgen_folder():
    """The path of the command, which can also be on PATH."""
    return os.path.join(cache_folder("wit-bindgen"), "bin")


def install_wit_bindgen(cargo):
    # Already installed, it is left alone. Optimizations and debug information would take longer to build than they
    # save.
    run(cargo, "install", "--quiet", "--debug", "wit-bindgen-cli", "--version", WIT_BINDGEN_VERSION, "--locked",
        "--no-default-features", "--features", "c,cpp,go", "--root", cache_folder("wit-bindgen"),
        env={**os.environ, "CARGO_PROFILE_DEV_DEBUG": "false"})


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def duckdb_path():
    return os.path.join(cache_folder("duckdb"), "libduckdb.so")


def fetch_duckdb():
    """Installs libduckdb atomically, if its digest is the expected one."""
    place = duckdb_path()
    if os.path.exists(place) and sha256_of(place) == DUCKDB_SHA256:
        say("libduckdb: there")
        return
    if os.uname().machine != "x86_64":
        sys.exit(f"setup: {DUCKDB_PACKAGE} is for x86_64; set TENON_DUCKDB to a libduckdb.so of this machine")
    say(f"libduckdb: fetching {DUCKDB_PACKAGE}")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(place)) as folder:
        run("npm", "pack", "--silent", "--pack-destination", folder, DUCKDB_PACKAGE, cwd=folder,
            stdout=subprocess.DEVNULL)
        packed = [name for name in os.listdir(folder) if name.endswith(".tgz")]
        if len(packed) != 1:
            sys.exit(f"setup: npm packed {len(packed)} files instead of one")
        part = os.path.join(folder, "libduckdb.so")
        with tarfile.open(os.path.join(folder, packed[0])) as archive:
            with archive.extractfile(DUCKDB_LIBRARY) as library, open(part, "wb") as file:
                shutil.copyfileobj(library, file)
        found = sha256_of(part)
        if found != DUCKDB_SHA256:
            sys.exit(f"setup: libduckdb.so of {DUCKDB_PACKAGE} has an unexpected digest\n"
                     f"  expected sha256 {DUCKDB_SHA256}\n  found    sha256 {found}")
        os.chmod(part, 0o644)
        os.replace(part, place)


def files_of_package(package, folder):
    """The files of a package of PyPI, by their paths. Only the archive of the source has files of its tests."""
    form = ["--only-binary", ":all:"] if package == SIGSTORE_ROOTS else ["--no-binary", package.split("==")[0]]
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *form, "--dest", folder, package)
    (name,) = os.listdir(folder)
    path = os.path.join(folder, name)
    if name.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in archive
                if member.isfile()}


def fetch_sigstore():
    place = cache_folder("sigstore")
    if all(os.path.exists(os.path.join(place, name)) and sha256_of(os.path.join(place, name)) == digest
           for _, _, name, digest in SIGSTORE_FILES):
        say("signatures of Sigstore: there")
        return
    say(f"signatures of Sigstore: fetching {SIGSTORE_ROOTS} and {SIGSTORE_BUNDLES}")
    os.makedirs(place, exist_ok=True)
    for package in (SIGSTORE_ROOTS, SIGSTORE_BUNDLES):
        with tempfile.TemporaryDirectory() as folder:
            files = files_of_package(package, folder)
        for _, path, name, digest in [row for row in SIGSTORE_FILES if row[0] == package]:
            found = hashlib.sha256(files[path]).hexdigest()
            if found != digest:
                sys.exit(f"setup: `{path}` of {package} has an unexpected digest\n"
                         f"  expected sha256 {digest}\n  found    sha256 {found}")
            with open(os.path.join(place, name), "wb") as file:
                file.write(files[path])


def install_wasmtime_py():
    place = cache_folder("wasmtime-py")
    if os.path.isdir(os.path.join(place, WASMTIME_PY.replace("==", "-") + ".dist-info")):
        say(f"{WASMTIME_PY}: there")
        return
    run(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", place, WASMTIME_PY)


def wasmtime_path():
    return os.path.join(cache_folder("wasmtime"), "bin", "wasmtime")


def install_wasmtime(cargo):
    say(f"wasmtime {WASMTIME}: building it takes half an hour of CPU time, the first time")
    run(cargo, "install", "--quiet", "wasmtime-cli", "--version", WASMTIME, "--locked", "--no-default-features", "--features",
        WASMTIME_FEATURES, "--root", cache_folder("wasmtime"), env={**os.environ, "CARGO_PROFILE_RELEASE_DEBUG": "0"})


def packages_for(what, with_duckdb, with_sigstore=False):
    """The rows of all packages for a scope: `build`, `test`, `guests` or a machine."""
    table = list(BUILD_PACKAGES)
    if what == "build":
        return table + ([] if find_cargo() else RUST_PACKAGES)
    if what in cross.MACHINES:
        return table + cross.Machine(what).packages()
    table += TEST_PACKAGES + RUST_PACKAGES + RUST_SOURCES
    if what == "guests":
        table += GUEST_PACKAGES
    elif with_duckdb:
        table += [row for row in GUEST_PACKAGES if row[0] in ("nodejs", "npm")]
    if with_sigstore and what != "guests":
        table += [row for row in GUEST_PACKAGES if row[0] == "python3-pip"]
    return table


def install(what, with_duckdb, with_wrpc, with_wasmtime, with_sigstore):
    if not shutil.which("apt-get"):
        say("setup: this is not Debian; install these yourself (names of Debian 12 packages):")
        print_table(packages_for(what, with_duckdb, with_sigstore))
        sys.exit(1)
    if not find_cargo():
        explain_cargo()
    table = packages_for(what, with_duckdb, with_sigstore)
    say("packages of Debian 12:")
    print_table(table)
    missing = sorted(set(missing_packages(table)))
    for package in ("cargo", "rustc"):
        if is_installed(package) and f"{package}-web" in missing:
            say(f"Debian's old package `{package}` is replaced by `{package}-web`.")
    if missing:
        install_packages(missing)
    cargo = find_cargo()
    if not cargo:
        sys.exit("setup: the installed cargo is still older than %d.%d" % CARGO_WANTED)
    if crates_are_fetched(cargo):
        say("crates of engine/Cargo.lock: there")
    else:
        say("crates of engine/Cargo.lock: fetching")
        run(cargo, "fetch", "--quiet", "--locked", cwd=os.path.join(ROOT, "engine"))
    if what in ("test", "guests"):
        fetch_guest_crates()
        fetch_world_crates()
    if with_duckdb:
        fetch_duckdb()
    if with_sigstore:
        fetch_sigstore()
    for peer in WRPC_PEERS if with_wrpc else []:
        if not crates_are_fetched(cargo, peer):
            run(cargo, "fetch", "--quiet", "--locked", cwd=peer)
    if what in cross.MACHINES:
        cross.install(cross.Machine(what))
        run(sys.executable, os.path.join(ROOT, "tools", "portable_link.py"), "install")
    if with_wasmtime:
        install_wasmtime(cargo)
    if what == "guests":
        run(sys.executable, os.path.join(ROOT, "tools", "guest_languages.py"), "install")
        run(sys.executable, os.path.join(ROOT, "tools", "portable_link.py"), "install")
        install_wit_bindgen(cargo)
        install_wasmtime_py()
        for workspace in GUEST_WORKSPACES:
            if not crates_are_fetched(DEBIAN_CARGO, workspace):
                run(DEBIAN_CARGO, "fetch", "--quiet", "--locked", cwd=workspace)
    following = {"build": "./dev build or ./dev demo", **{name: f"./dev package {name}" for name in cross.MACHINES}}
    say(f"setup: everything is installed; next: {following.get(what, './dev build, ./dev test or ./dev demo')}")


def check(what, quiet):
    missing = missing_packages(BUILD_PACKAGES + (TEST_PACKAGES if what == "test" else []))
    if what in cross.MACHINES:
        missing += cross.missing(cross.Machine(what))
    cargo = find_cargo()
    if not cargo:
        missing.append("cargo >= %d.%d" % CARGO_WANTED)
    elif not crates_are_fetched(cargo):
        missing.append("crates of engine/Cargo.lock")
    if missing and not quiet:
        say("missing: " + ", ".join(missing))
    elif not quiet:
        say("everything is installed")
    return 1 if missing else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install")
    installing.add_argument("what", nargs="?", choices=["build", "test", "guests", *cross.MACHINES],
                            default="test")
    installing.add_argument("--with-duckdb", action="store_true", help="fetch libduckdb, for tests")
    installing.add_argument("--with-wrpc", action="store_true", help="fetch wRPC in Rust, for tests")
    installing.add_argument("--with-wasmtime", action="store_true", help="build the engine's command, for ./dev bench")
    installing.add_argument("--with-sigstore", action="store_true", help="fetch signatures of Sigstore, for tests")
    checking = commands.add_parser("check")
    checking.add_argument("what", nargs="?", choices=["build", "test", *cross.MACHINES], default="test")
    checking.add_argument("--quiet", action="store_true")
    commands.add_parser("path")
    options = parser.parse_args()
    if options.command == "path":
        print(path_with_cargo())
        return 0
    if options.command == "check":
        return check(options.what, options.quiet)
    try:
        install(options.what, options.with_duckdb, options.with_wrpc, options.with_wasmtime, options.with_sigstore)
    except subprocess.CalledProcessError as error:
        sys.exit(f"setup: `{' '.join(error.cmd)}` failed with exit code {error.returncode}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
