#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "binary/opcodes.h"
// Checks the first bytes of a file. When they are not those of a component, users have usually
// named the wrong file, so the error says what the file looks like and which one to name instead.
#include "binary/productions.h"

namespace tenon::binary {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kBytesShown = 16;

struct Likeness {
  std::string_view begins_with;  // lowercase letters match both cases
  std::string_view what;
  std::string_view hint;  // may be empty
};

constexpr std::string_view kBuildHint =
    "name the `.wasm` file that the build produced, for example under `target/wasm32-wasip2/`";

// Binary files, recognized by their first bytes.
constexpr std::array<Likeness, 9> kBinaryLikenesses = {{
    {"\x7f"
     "elf",
     "a native ELF file, or a precompiled `.cwasm`", kBuildHint},
    {"!<arch>", "a static library", kBuildHint},
    {"mz", "a native Windows program", kBuildHint},
    {"\xcf\xfa\xed\xfe", "a native macOS program", kBuildHint},
    {"bc\xc0\xde", "LLVM bitcode", kBuildHint},
    {"pk\x03\x04", "a zip archive", "unpack it, and name the `.wasm` file inside"},
    {"\x1f\x8b", "a gzip archive", "unpack it, and name the `.wasm` file inside"},
    {"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, and name the `.wasm` file inside"},
    {"ustar", "a tar archive", "unpack it, and name the `.wasm` file inside"},
}};

// Text files, recognized by the first word after white space.
constexpr std::string_view kWitHint =
    "WIT only describes a component: name the component itself; `tenon check --wit` reads WIT";
constexpr std::string_view kSourceHint = "name the component that was built from it";

constexpr std::array<Likeness, 23> kTextLikenesses = {{
    {"(component", "WebAssembly text",
     "`wasm-tools parse in.wat -o out.wasm` converts it to a binary"},
    {"(module", "WebAssembly text",
     "`wasm-tools parse in.wat -o out.wasm` converts it to a binary"},
    {";;", "WebAssembly text", "`wasm-tools parse in.wat -o out.wasm` converts it to a binary"},
    {"<!doctype html", "an HTML page",
     "the download may have failed: fetch the file itself, not its web page"},
    {"<html", "an HTML page",
     "the download may have failed: fetch the file itself, not its web page"},
    {"package main", "Go source code", kSourceHint},
    {"package ", "WIT text", kWitHint},
    {"interface ", "WIT text", kWitHint},
    {"world ", "WIT text", kWitHint},
    {"///", "source code, or WIT text", kSourceHint},
    {"//", "source code, or WIT text", kSourceHint},
    {"/*", "source code, or WIT text", kSourceHint},
    {"#include", "C or C++ source code", kSourceHint},
    {"#!/", "a script", kSourceHint},
    {"#", "a TOML, YAML or Python file",
     "name the folder of a manifest, which is called `tenon.toml`"},
    {"[", "a TOML file", "name the folder of a manifest, which is called `tenon.toml`"},
    {"schema", "a TOML file", "name the folder of a manifest, which is called `tenon.toml`"},
    {"{", "JSON", kBuildHint},
    {"import ", "source code", kSourceHint},
    {"export ", "source code", kSourceHint},
    {"use ", "Rust source code", kSourceHint},
    {"fn ", "Rust source code", kSourceHint},
    {"version https://git-lfs", "a Git LFS pointer", "`git lfs pull` fetches the file itself"},
}};

bool begins_with(Bytes bytes, std::string_view pattern) {
  if (bytes.size() < pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), bytes.begin(), [](char expected, auto byte) {
    const char character = static_cast<char>(byte);
    return expected ==
           (character >= 'A' && character <= 'Z' ? static_cast<char>(character | 0x20) : character);
  });
}

Bytes skip_white_space(Bytes bytes) {
  const auto is_space = [](auto byte) { return byte == ' ' || (byte >= 0x09 && byte <= 0x0d); };
  if (begins_with(bytes, "\xef\xbb\xbf")) bytes = bytes.subspan(3);
  const auto first = std::find_if_not(bytes.begin(), bytes.end(), is_space);
  return bytes.subspan(static_cast<std::size_t>(first - bytes.begin()));
}

const Likeness* find_likeness(Bytes bytes) {
  for (const Likeness& likeness : kBinaryLikenesses) {
    if (begins_with(bytes, likeness.begins_with)) return &likeness;
  }
  const Bytes text = skip_white_space(bytes);
  for (const Likeness& likeness : kTextLikenesses) {
    if (begins_with(text, likeness.begins_with)) return &likeness;
  }
  return nullptr;
}

// True if the first bytes are printable ASCII or white space.
bool is_text(Bytes bytes) {
  return std::all_of(
      bytes.begin(), bytes.begin() + static_cast<long>(std::min(bytes.size(), kBytesShown)),
      [](auto byte) { return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d); });
}

Diagnostic not_wasm(Bytes bytes) {
  Diagnostic problem = make_diagnostic(Code::ReadNotWasm, "the file is empty");
  problem.where.offset = 0;
  if (bytes.empty()) {
    problem.hints.emplace_back("the tool that writes it may have failed: build it again");
    return problem;
  }
  const Bytes shown = bytes.first(std::min(bytes.size(), kBytesShown));
  problem.message =
      fmt::format("not WebAssembly: a component begins with `00 61 73 6d`, this file with `{:02x}`",
                  fmt::join(shown, " "));
  if (const Likeness* likeness = find_likeness(bytes)) {
    Note& note = problem.notes.emplace_back();
    note.text = fmt::format("it looks like {}", likeness->what);
    problem.hints.emplace_back(likeness->hint);
  } else {
    if (is_text(bytes)) problem.notes.emplace_back().text = "it looks like text";
    problem.hints.emplace_back(kBuildHint);
  }
  return problem;
}

// Imports of WASI preview 1 need an adapter in the component.
bool looks_like_preview1(Bytes file) {
  constexpr std::string_view kModule = "wasi_snapshot_preview1";
  return !std::ranges::search(file, kModule).empty();
}

Diagnostic core_module(Bytes file) {
  Diagnostic problem =
      make_diagnostic(Code::ReadCoreModule,
                      "expected a component, found a core module: it has no interface types to "
                      "link by");
  problem.where.offset = 4;
  problem.hints.emplace_back("build for the target `wasm32-wasip2`, which produces components");
  problem.hints.emplace_back(
      looks_like_preview1(file)
          ? "it imports WASI preview 1; `tenon inspect` prints the command that makes a component "
            "of it"
          : "a module built with `wit-bindgen` can be converted: `wasm-tools component new "
            "module.wasm -o component.wasm`");
  return problem;
}

}  // namespace

// preamble ::= <magic> <version> <layer>;  magic ::= 0x00 0x61 0x73 0x6D
Result<void> read_file_preamble(ByteReader& in) {
  const Production production(in, "preamble");
  const Bytes file = in.file();
  const Bytes magic = Bytes(kComponentPreamble).first(4);
  const std::size_t compared = std::min(file.size(), magic.size());
  if (file.empty() ||
      !std::equal(magic.begin(), magic.begin() + static_cast<long>(compared), file.begin())) {
    return not_wasm(file);
  }
  TENON_TRY(const Bytes actual,
            in.read_bytes(kComponentPreamble.size(), "magic, version and layer"));
  if (std::ranges::equal(actual, kComponentPreamble)) return {};
  if (std::ranges::equal(actual, kModulePreamble)) return core_module(file);
  const bool is_component = actual[6] == 0x01 && actual[7] == 0x00;
  Diagnostic problem = in.malformed(
      4, "version and layer",
      fmt::format("expected `0d 00 01 00`, found `{:02x}`", fmt::join(actual.subspan(4), " ")));
  if (is_component) {
    problem.hints.emplace_back(
        "the component uses another version of the format: rebuild it with current tools");
  }
  return problem;
}

Result<void> read_exact_preamble(ByteReader& in, Bytes expected) {
  const Production production(in, "preamble");
  const std::size_t begin = in.offset();
  TENON_TRY(const Bytes actual, in.read_bytes(expected.size(), "magic, version and layer"));
  if (std::ranges::equal(actual, expected)) return {};
  return in.malformed(begin, "magic, version and layer",
                      fmt::format("expected `{:02x}`, found `{:02x}`", fmt::join(expected, " "),
                                  fmt::join(actual, " ")));
}

}  // namespace tenon::binary
