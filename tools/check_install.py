#!/usr/bin/env python3
"""Installs a build into a temporary prefix, and builds programs against it: tests/install, examples/embed and
examples/embed-c with both find_package and pkg-config, examples/embed-extensions, examples/embed-query, examples/embed-async and
examples/sqlite-functions. Then it moves the prefix, repeats the pkg-config builds, and builds and runs the program of
docs/tutorial.md.

Each page in docs/c is a program in C: its blocks that name a file (```wat cart.wat) are written to a folder, together with
the `.wasm` files of the source tree to which the page links. The ```c file is compiled as C11 and as C++, run in the folder,
and its output compared with the block ```text stdout. The programs call every function of the C API.

Usage: check_install.py BUILD_DIR
"""
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "tests", "install")
COMPONENTS = [os.path.join(PROGRAM, name) for name in ("app.wat", "greeter.wat")]
EXAMPLE = os.path.join(ROOT, "examples", "embed")
EDITOR = os.path.join(ROOT, "examples", "embed-extensions")
SERVER = os.path.join(ROOT, "examples", "embed-async")
C_EXAMPLE = os.path.join(ROOT, "examples", "embed-c")
SQL_FUNCTIONS = os.path.join(ROOT, "examples", "sqlite-functions")
C_COMPILERS = [command for command in ("gcc -std=c11 -pedantic", "clang-19 -std=c11 -pedantic", "g++ -x c++ -std=c++20")
               if command.startswith("g") or shutil.which("clang-19")]
C_PAGES = os.path.join(ROOT, "docs", "c")
C_BINDINGS = os.path.join(ROOT, "tests", "bindings", "c")
TUTORIAL = os.path.join(ROOT, "docs", "tutorial.md")
PLUGINS = os.path.join(ROOT, "tests", "guests", "domains", "wasm")
QUERY = os.path.join(ROOT, "examples", "embed-query")


def run(*command, **options):
    print("+ " + " ".join(command), flush=True)
    return subprocess.run(command, check=True, text=True, **options)


def build_by_cmake(prefix, source, folder):
    run("cmake", "-S", source, "-B", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_BUILD_TYPE=Release", stdout=subprocess.DEVNULL)
    run("cmake", "--build", folder, stdout=subprocess.DEVNULL)


def build_by_pkg_config(prefix, source, program):
    pc = subprocess.run(["find", prefix, "-name", "tenon.pc"], capture_output=True, text=True).stdout.strip()
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(pc)}
    flags = run("pkg-config", "--cflags", "--libs", "tenon", env=environment,
                stdout=subprocess.PIPE).stdout.split()
    run(os.environ.get("CXX", "g++"), "-std=c++20", "-Wall", "-Wextra", "-Werror", source, "-o", program, *flags)


def run_example(program):
    """Makes the calls that the README of the example shows, and compares the output with the README."""
    with open(os.path.join(EXAMPLE, "README.md"), encoding="utf-8") as file:
        command, shown = re.search(r"^\$ build/embed/embed (.*)\n((?:.*\n)*?)```$", file.read(), re.M).groups()
    # By the shell, for the glob and the quotes.
    done = subprocess.run(f"{shlex.quote(program)} {command}", shell=True, cwd=ROOT, capture_output=True, text=True)
    printed = done.stdout + done.stderr
    if (done.returncode, printed) != (1, shown):
        sys.exit(f"check_install: examples/embed exited with {done.returncode}, and its output differs from its README:\n{printed}")


def run_shown(folder, program):
    """Runs the command that the README of a folder shows, with another program for the shown one, and compares the output
    with the README."""
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        command, shown = re.search(r"^\$ (.*)\n((?:.*\n)*?)```$", file.read(), re.M).groups()
    command = re.sub(r"build/[a-z-]+/[a-z_]+", program, command)
    done = subprocess.run(command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.stderr + done.stdout != shown:
        sys.exit(f"check_install: the output of {folder} differs from its README:\n{done.stderr}{done.stdout}")


def find_c_library(prefix):
    [library] = [os.path.join(at, name) for at, _, names in os.walk(prefix) for name in names if name == "libtenon.so.0"]
    return library


def c_flags(library):
    """How pkg-config says that a program in C is compiled and linked, and where it finds the library when it runs."""
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(os.path.dirname(library), "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "tenon-c", env=environment, stdout=subprocess.PIPE).stdout.split()
    return [*flags, f"-Wl,-rpath,{os.path.dirname(library)}"]


def c_exports():
    with open(os.path.join(ROOT, "src", "capi", "exports.txt"), encoding="utf-8") as file:
        return file.read().split()


def check_c(prefix, folder):
    """Builds the examples in C, by CMake, and by pkg-config with gcc and clang as C11 and C++."""
    library = find_c_library(prefix)
    needed = run("objdump", "-p", library, stdout=subprocess.PIPE).stdout
    unexpected = set(re.findall(r"NEEDED +(\S+)", needed)) - {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
    if unexpected:
        sys.exit(f"check_install: libtenon.so.0 needs {', '.join(sorted(unexpected))}")
    names = re.findall(r" TENON_0 +(\S+)$", run("objdump", "-T", library, stdout=subprocess.PIPE).stdout, re.M)
    if sorted(set(names) - {"TENON_0"}) != c_exports():
        sys.exit("check_install: libtenon.so.0 does not export what src/capi/exports.txt lists")
    for example, program in ((C_EXAMPLE, "embed_c"), (SQL_FUNCTIONS, "tenon_functions")):
        built = os.path.join(folder, "c", program)
        build_by_cmake(prefix, example, built)
        run_shown(example, os.path.join(built, program))
    source = os.path.join(C_EXAMPLE, "main.c")
    flags = c_flags(library)
    for compiler in C_COMPILERS:
        program = os.path.join(folder, "c", "by_pkg_config")
        run(*compiler.split(), "-Wall", "-Wextra", "-Werror", source, "-o", program, *flags)
        run_shown(C_EXAMPLE, program)


def check_c_bindings(prefix, folder):
    """Builds and runs the program that uses generated code in C."""
    flags = c_flags(find_c_library(prefix))
    sources = sorted(os.path.join(at, name) for at, _, names in os.walk(C_BINDINGS) for name in names if name.endswith(".c"))
    program = os.path.join(folder, "c", "bindings")
    for compiler in C_COMPILERS:
        run(*compiler.split(), "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror", "-I", ROOT, *sources, "-o", program,
            *flags)
        run(program, C_BINDINGS, PLUGINS)


def write_page(text, folder):
    """Writes the files of a page in docs/c, and returns the name of its program."""
    for name, block in re.findall(r"^```\w+ (?!stdout$)(\S+)\n(.*?)^```$", text, re.M | re.S):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(block)
    for path in re.findall(r"\]\(\.\./\.\./([^)]+\.wasm)\)", text):
        shutil.copy(os.path.join(ROOT, path), folder)
    [program] = re.findall(r"^```c (\S+)$", text, re.M)
    return program


def check_c_pages(prefix, folder):
    """Compiles and runs the programs of docs/c, which together call every function of the C API."""
    flags = c_flags(find_c_library(prefix))
    code = ""
    for page in sorted(os.listdir(C_PAGES)):
        with open(os.path.join(C_PAGES, page), encoding="utf-8") as file:
            text = file.read()
        code += "".join(blocks_of(text, r"c \S+"))
        for compiler in C_COMPILERS:
            with tempfile.TemporaryDirectory(dir=folder) as at:
                source = write_page(text, at)
                run(*compiler.split(), "-pthread", "-Wall", "-Wextra", "-Werror", source, "-o", "program", *flags, cwd=at)
                done = subprocess.run([os.path.join(at, "program")], cwd=at, stdout=subprocess.PIPE, text=True, timeout=120)
                if [done.stdout] != blocks_of(text, "text stdout") or done.returncode != 0:
                    sys.exit(f"check_install: the program of docs/c/{page} exited with {done.returncode}, "
                             f"or its output differs from the page:\n{done.stdout}")
    missing = [name for name in c_exports() if not re.search(rf"\b{name}\(", code)]
    if missing:
        sys.exit(f"check_install: no program of docs/c calls {', '.join(missing)}")


def run_page(example, program, folder, **variables):
    """Runs the commands in the README of an example, in `folder` of it, and compares the output with the README."""
    with open(os.path.join(example, "README.md"), encoding="utf-8") as file:
        [shown] = blocks_of(file.read(), "text")
    environment = {**os.environ, **variables, "PATH": os.path.dirname(program) + os.pathsep + os.environ["PATH"]}
    typed = ""
    for command in re.findall(r"^\$ (.*)$", shown, re.M):
        done = subprocess.run(command, shell=True, cwd=os.path.join(example, folder), env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        typed += f"$ {command}\n{done.stdout}"
    if typed != shown:
        sys.exit(f"check_install: the output of {os.path.relpath(example, ROOT)} differs from its README:\n{typed}")


def run_server(program):
    """Talks to the server on many connections. The answer to a short line comes before that to a long one."""
    server = subprocess.Popen([program, os.path.join(SERVER, "plugin.wat"), "0"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.fullmatch(r"listening on port (\d+)\n", server.stdout.readline()).group(1))
        connections = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(100)]
        slow, *others = [(connection, connection.makefile("r")) for connection in connections]
        slow[0].sendall(b"x" * 900 + b"\n")
        for number, (connection, _) in enumerate(others):
            connection.sendall(f"line {number}\n".encode())
        answers = [answer.readline() for _, answer in others]
        if answers != [f"LINE {number}\n" for number in range(len(others))]:
            sys.exit(f"check_install: examples/embed-async answered {answers}")
        # Still waiting: 9 s for its 900 bytes.
        slow[0].setblocking(False)
        try:
            sys.exit(f"check_install: examples/embed-async answered early: {slow[0].recv(1000)}")
        except BlockingIOError:
            pass
    finally:
        server.terminate()
    if server.wait(timeout=60) != 0:
        sys.exit(f"check_install: examples/embed-async exited with {server.returncode}")


def blocks_of(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def check_tutorial(prefix, folder):
    """Builds the program that the tutorial shows, and compares its output with the tutorial."""
    with open(TUTORIAL, encoding="utf-8") as file:
        text = file.read()
    source = os.path.join(folder, "host")
    plugins = os.path.join(source, "plugins")
    shutil.copytree(PLUGINS, plugins)
    shutil.copy(os.path.join(ROOT, "tests", "guests", "domains", "wit", "domains.wit"), source)
    for name, language in (("main.cc", "cpp"), ("plugins/tenon.toml", "toml"), ("CMakeLists.txt", "cmake")):
        with open(os.path.join(source, name), "w", encoding="utf-8") as file:
            file.write("\n".join(blocks_of(text, language)))
    build_by_cmake(prefix, source, os.path.join(source, "build"))
    program = os.path.join(source, "build", "host")
    if subprocess.run([program], stderr=subprocess.DEVNULL, check=False).returncode != 2:
        sys.exit("check_install: the program in docs/tutorial.md does not check its arguments")
    printed = run(program, plugins, stdout=subprocess.PIPE).stdout
    if [printed] != blocks_of(text, "text"):
        sys.exit(f"check_install: the output of the program in docs/tutorial.md differs from the page:\n{printed}")


def build_and_run(prefix, program):
    build_by_pkg_config(prefix, os.path.join(PROGRAM, "main.cc"), program)
    run(program, *COMPONENTS)


def check_files(prefix):
    """Checks that the installed tree is complete and contains no path of the build."""
    names = [os.path.join(folder, name) for folder, _, files in os.walk(prefix) for name in files]
    for end in ("/bin/tenon", "/libtenon.a", "/libtenon_engine.a", "/libtenon.so.0", "/tenon-config.cmake", "/tenon.pc", "/tenon-c.pc",
                "/include/tenon/tenon.h", "/include/tenon/tenon_c.h", "/include/tenon/detail/c_calls.h", "/include/tenon/host_glue.h", "/LICENSE", "/bash-completion/completions/tenon",
                "/doc/tenon/docs/command.md", "/man/man1/tenon.1", "/tenon/hosts/sqlite/lib/libsqlite_host.so", "/tenon/hosts/zlib/host.toml"):
        if not any(name.endswith(end) for name in names):
            sys.exit(f"check_install: {end} is not installed")
    paths = [path.encode() for path in (ROOT + os.sep, os.path.expanduser(os.path.join("~", ".ca")))]  # .cargo, .cache
    for name in names:
        with open(name, "rb") as file:
            content = file.read()
        if any(path in content for path in paths):
            sys.exit(f"check_install: {name} holds a path of the machine that built it")


def check_bundles(prefix, folder):
    """Finds an installed host bundle by its name, without a path."""
    environment = {**os.environ, "XDG_DATA_DIRS": os.path.join(prefix, "share"), "HOME": folder}
    tenon = os.path.join(prefix, "bin", "tenon")
    query = os.path.join(ROOT, "examples", "sql", "query.wasm")
    printed = run(tenon, "run", query, "--host-bundle", "sqlite", "--", "SELECT 6 * 7 AS answer", env=environment,
                  stdout=subprocess.PIPE).stdout
    if "42" not in printed:
        sys.exit(f"check_install: the installed bundle sqlite answered:\n{printed}")


def main():
    build = os.path.abspath(sys.argv[1])
    # tenon does not load bundles that other users can write to.
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "prefix")
        run("cmake", "--install", build, "--prefix", prefix, stdout=subprocess.DEVNULL)
        check_files(prefix)
        check_bundles(prefix, folder)
        check_c(prefix, folder)
        check_c_bindings(prefix, folder)
        check_c_pages(prefix, folder)
        build_by_cmake(prefix, PROGRAM, os.path.join(folder, "build"))
        run(os.path.join(folder, "build", "uses_tenon"), *COMPONENTS)
        build_by_cmake(prefix, EXAMPLE, os.path.join(folder, "embed"))
        run_example(os.path.join(folder, "embed", "embed"))
        build_by_cmake(prefix, EDITOR, os.path.join(folder, "editor"))
        run_page(EDITOR, os.path.join(folder, "editor", "editor"), "plugins",
                 EDITOR_PLUGINS=os.path.join(folder, "editor_plugins"))
        build_by_cmake(prefix, QUERY, os.path.join(folder, "query"))
        run_page(QUERY, os.path.join(folder, "query", "query"), "")
        build_by_cmake(prefix, SERVER, os.path.join(folder, "server"))
        run_server(os.path.join(folder, "server", "embed_async"))
        build_and_run(prefix, os.path.join(folder, "by_pkg_config"))
        moved = os.path.join(folder, "moved")
        shutil.move(prefix, moved)
        build_and_run(moved, os.path.join(folder, "by_pkg_config_moved"))
        build_by_pkg_config(moved, os.path.join(EXAMPLE, "main.cc"), os.path.join(folder, "embed_pc"))
        run_example(os.path.join(folder, "embed_pc"))
        check_tutorial(moved, folder)
        run(os.path.join(moved, "bin", "tenon"), "version")
    print("install: both ways work, and so do the examples and the tutorial")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"check_install: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}")
