#!/usr/bin/env python3
"""Generates docs/reference/ from the public headers: their comments, their declarations, and examples
from tests/reference_test.cc, which runs them. Also updates the example in README.md.

Usage: make_reference.py            writes the pages
       make_reference.py --check    exit 1 and one line for each page that is not up to date
"""
import os
import re
import sys

from project_files import ROOT, read_text

HEADERS = "include/tenon"
PAGES = "docs/reference"
# Described in docs/host-bundles.md and docs/host-bundles-authoring.md, in docs/c-api.md, and in docs/bindgen.md.
HEADERS_WITH_GUIDES = {"tenon_host.h", "host_glue.h", "tenon_c.h", "tenon_string.h"}
ALL_HEADERS = "tenon.h"  # includes all others
EXAMPLES = "tests/reference_test.cc"
CLASS = re.compile(r"(?:struct|class|enum|union|namespace)\b")
# Other documents whose blocks of C++ are examples, in their order.
DOCUMENTS = ("README.md", "docs/http.md")
EXAMPLE = re.compile(r"^ *// \[([a-z_]+\.h|[A-Za-z/]+\.md)\] ?([^\n]*)\n(.*?)^ *// \[end\]$", re.M | re.S)


def skip_quiet(text, at):
    """The end of the comment or literal that begins at `at`, or `at` if there is none."""
    if text.startswith("//", at):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    if text[at] == '"' or (text[at] == "'" and not text[at - 1].isalnum()):
        end = at + 1
        while text[end] != text[at]:
            end += 2 if text[end] == "\\" else 1
        return end + 1
    return at


def find_close(text, at):
    """The position of the bracket that closes the one at `at`."""
    depth = 0
    while True:
        quiet = skip_quiet(text, at)
        if quiet != at:
            at = quiet
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
        at += 1


def strip_template(code):
    """The declaration behind `template <...>` and `requires (...)`."""
    code = re.sub(r"^(?:\s*//[^\n]*\n)+", "", code).lstrip()
    while code.startswith("template"):
        at, depth = code.index("<"), 0
        while True:
            depth += (code[at] == "<") - (code[at] == ">")
            at += 1
            if depth == 0:
                break
        code = code[at:].lstrip()
    return code


def read_declaration(text, at):
    """(end, where a body begins or None) of the declaration that begins at `at`."""
    start = at
    while True:
        quiet = skip_quiet(text, at)
        if quiet != at:
            at = quiet
        elif text[at] == ";":
            return at + 1, None
        elif text[at] in "([":
            at = find_close(text, at) + 1
        elif text[at] == "{":
            close = find_close(text, at) + 1
            if CLASS.match(strip_template(text[start:at])):
                if strip_template(text[start:at]).startswith("namespace"):
                    return close, at
                at = close
            elif text[close:close + 1] in (";", ","):
                at = close
            else:
                return close, at
        else:
            at += 1


def read_chunks(text):
    """Yields (comment lines, declaration, position of the body in it or None). A comment that is followed
    by a blank line has no declaration."""
    at, comment = 0, []
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        if line.startswith("//"):
            comment.append(line[2:].removeprefix(" "))
            at = end + 1
        elif not line:
            if comment:
                yield comment, "", None
            comment, at = [], end + 1
        elif line.startswith("#"):
            while text[at:end].endswith("\\"):
                at, end = end + 1, text.find("\n", end + 1)
            if line.startswith("#define"):
                yield comment, line.split(")")[0] + ")", None
            comment, at = [], end + 1
        elif re.fullmatch(r"(public|private|protected):", line):
            yield [], line, None
            comment, at = [], end + 1
        else:
            begin = at + len(text[at:end]) - len(text[at:end].lstrip())
            close, body = read_declaration(text, begin)
            rest = text.find("\n", close)
            tail = text[close:len(text) if rest < 0 else rest]
            close += len(tail) if tail.strip().startswith("//") else 0
            yield comment, text[begin:close], None if body is None else body - begin
            comment, at = [], close


def show_code(code, body, indent):
    """A declaration without the body of a function and without member initializers."""
    if body is not None:
        code = code[:body].rstrip()
        depth = 0
        for at, character in enumerate(code):
            depth += (character in "([{<") - (character in ")]}>" and code[at - 1] != "-")
            if character == ":" and depth == 0 and ":" not in (code[at - 1], code[at + 1]):
                code = code[:at].rstrip()
                break
        code += ";"
    lines = code.split("\n")
    return "\n".join([lines[0]] + [line.removeprefix(" " * indent) for line in lines[1:]])


def fence(code):
    return f"```cpp\n{code}\n```"


def escape(line):
    """A line of prose with its angle brackets escaped for HTML."""
    pieces = line.split("`")
    return "`".join(piece if i % 2 else piece.replace("<", "\\<") for i, piece in enumerate(pieces))


def render_comment(lines):
    """Comment lines as Markdown: indented lines after a blank line are code, and labels such as `Errors:`
    start paragraphs."""
    out, code = [], []

    def end_code():
        while code and not code[-1]:
            code.pop()
        if code:
            out.extend(["", "```cpp", *code, "```", ""])
            code.clear()

    for line in lines:
        if line.startswith("clang-format"):
            continue
        if line.startswith("  ") and (code or not out or not out[-1]):
            code.append(line[2:])
            continue
        if not line and code:
            code.append("")
            continue
        end_code()
        marked = re.sub(r"(?<![^ ])(Errors|Failures|Lifetime|Thread|Returns|REQUIRES|Source|Docs): ",
                        r"\n\n**\1:** ", escape(line.strip()))
        out.extend(marked.split("\n"))
    end_code()
    text = "\n".join(out).strip()
    text = re.sub(r" +\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def name_of(code):
    """The name of a declaration in headings."""
    head = strip_template(code).split("{")[0]
    head = re.sub(r"\[\[.*?\]\]\s*", "", head)
    if found := re.match(r"(?:enum class|struct|class)\s+(\w+)", head):
        return found[1]
    if found := re.match(r"#define (\w+)", head):
        return found[1]
    if found := re.match(r"(?:using|concept)\s+(\w+)", head):
        return found[1]
    if found := re.search(r"(operator\S+?|~?\w+)\s*\(", head):
        return found[1]
    return head.split()[0]


def is_forward(code):
    return re.fullmatch(r"(?:struct|class|enum class)\s+[\w<>:, ]+;", strip_template(code)) is not None


def is_inner(code):
    """Whether a declaration is internal to the library, or defines a member that a class declares."""
    head = strip_template(code).split("(")[0]
    return is_forward(code) or re.search(r"\w::~?\w+$|^friend\b", head) is not None \
        or "detail::CallPort" in code or "Impl>" in code


def render_members(code):
    """The public members of a class, each with its comment."""
    body = code[code.index("{") + 1:code.rindex("}")]
    is_public = code.lstrip().startswith("struct")
    parts, run = [], []

    def end_run():
        if run:
            parts.append(fence("\n".join(run)))
            run.clear()

    for comment, member, at in read_chunks(body):
        if re.fullmatch(r"(public|private|protected):", member):
            is_public = member == "public:"
        elif is_public and member and not is_inner(member if at is None else member[:at]):
            shown = show_code(member, at, 2)
            if comment:
                end_run()
            run.append(shown)
            if comment:
                end_run()
                parts.append(render_comment(comment))
    end_run()
    return parts


def render_declaration(comment, code, body):
    head = strip_template(code)
    parts = [f"## {name_of(code)}"]
    if head.startswith("class"):
        intro = code[:code.index("{")].rstrip()
        parts += [fence(intro + ";"), render_comment(comment), *render_members(code)]
    else:
        parts += [fence(show_code(code, body, 0)), render_comment(comment)]
    return "\n\n".join(part for part in parts if part)


def namespace_parts(text):
    """The text inside `namespace tenon {`, without the library's internal namespaces."""
    for match in re.finditer(r"^namespace tenon \{$", text, re.M):
        open_at = match.end() - 1
        yield text[match.end():find_close(text, open_at)]


def render_examples(examples):
    """The examples of a header: [(title, code)]."""
    if len(examples) == 1:
        return ["## Example", fence(examples[0][1])]
    parts = ["## Examples"]
    for title, code in examples:
        parts += [f"{title}:", fence(code)]
    return parts


def render_page(header, examples):
    text = read_text(f"{HEADERS}/{header}")
    intro, rest = text.split("#pragma once\n", 1)
    lines = [line[2:].removeprefix(" ") for line in intro.splitlines()]
    parts = [f"# tenon/{header}", render_comment(lines), *render_examples(examples)]
    for match in re.finditer(r"^#define (TENON_(?!DETAIL)\w+\([^)]*\))", rest, re.M):
        parts.append(f"## {match[1].split('(')[0]}\n\n{fence(match[1])}")
    seen = set()
    for inside in namespace_parts(rest):
        for comment, code, body in read_chunks(inside):
            is_class = "{" in code and CLASS.match(strip_template(code))
            if not code or code.startswith("namespace") or (not is_class and is_inner(code)):
                continue
            name = name_of(code)
            page = render_declaration(comment, code, body)
            # Overloads of one name share a heading.
            parts.append(page.split("\n\n", 1)[1] if name in seen else page)
            seen.add(name)
    made = "[//]: # (Made by tools/make_reference.py from the header and its examples.)"
    return "\n\n".join([made, *parts]) + "\n"


def summary_of(header):
    """The first sentence of a header."""
    lines = []
    for line in read_text(f"{HEADERS}/{header}").splitlines():
        if not line.startswith("//") or line == "//":
            break
        lines.append(line[3:])
    return re.split(r"(?<=[a-z])[.:](?: |$)", " ".join(lines), maxsplit=1)[0]


def replace_examples(name, examples):
    """The text of a document with the examples in its C++ blocks."""
    codes = [code for _, code in examples]
    page, count = re.subn(r"(?<=^```cpp\n).*?(?=^```$)", lambda _: codes.pop(0) + "\n" if codes else "",
                          read_text(name), flags=re.M | re.S)
    if count != len(examples):
        sys.exit(f"{EXAMPLES}: {len(examples)} examples of {name}, which has {count} blocks of C++")
    return page


def make_pages():
    """{path: text}"""
    headers = sorted(name for name in os.listdir(os.path.join(ROOT, HEADERS))
                     if name.endswith(".h") and name not in HEADERS_WITH_GUIDES and name != ALL_HEADERS)
    examples = {}
    for name, title, code in EXAMPLE.findall(read_text(EXAMPLES)):
        lines = code.rstrip("\n").split("\n")
        indent = min(len(line) - len(line.lstrip()) for line in lines if line)
        examples.setdefault(name, []).append((title, "\n".join(line[indent:] for line in lines)))
    if missing := [name for name in headers if name not in examples]:
        sys.exit(f"{EXAMPLES}: no example of {', '.join(missing)}")
    if unknown := sorted(set(examples) - set(headers) - set(DOCUMENTS)):
        sys.exit(f"{EXAMPLES}: examples of {', '.join(unknown)}, which is not a public header")
    if untitled := [name for name in headers if len(examples[name]) > 1 and not all(title for title, _ in examples[name])]:
        sys.exit(f"{EXAMPLES}: examples of {', '.join(untitled)} need titles")
    rows = [f"| [{name}]({name.removesuffix('.h')}.md) | {summary_of(name)} |" for name in headers]
    index = "\n".join([
        "[//]: # (Made by tools/make_reference.py from the headers.)", "",
        "# Reference of the C++ library", "",
        "This reference has a page for each header of `include/tenon`, generated from it. `tenon/tenon.h` includes "
        "all of them. Start with the [tutorial](../tutorial.md).", "",
        "No function throws, except `std::bad_alloc`: a function that fails returns a [Result](result.md) with "
        "[diagnostics](../diagnostics.md), and a call that fails is a "
        "[CallFailure](result.md#callfailure). A code that ends with a dash stands for all codes that begin with it.", "",
        "| header | |", "| --- | --- |", *rows, ""])
    pages = {f"{PAGES}/README.md": index, **{name: replace_examples(name, examples[name]) for name in DOCUMENTS}}
    for name in headers:
        pages[f"{PAGES}/{name.removesuffix('.h')}.md"] = render_page(name, examples[name])
    return pages


def main():
    pages = make_pages()
    folder = os.path.join(ROOT, PAGES)
    found = {f"{PAGES}/{name}" for name in os.listdir(folder)} if os.path.isdir(folder) else set()
    problems = [f"{path}: no header has this page" for path in sorted(found - set(pages))]
    for path, text in pages.items():
        if os.path.exists(os.path.join(ROOT, path)) and read_text(path) == text:
            continue
        problems.append(f"{path}: not up to date; run tools/make_reference.py")
        if sys.argv[1:] != ["--check"]:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
                file.write(text)
    if sys.argv[1:] != ["--check"]:
        for path in found - set(pages):
            os.unlink(os.path.join(ROOT, path))
        return 0
    for problem in problems:
        print(problem)
    print(f"reference: {len(pages)} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
