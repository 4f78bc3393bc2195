#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kBytesShown = 16;

struct Likeness {
  std::string_view begins_with;  // letters in lower case stand for both cases
  std::string_view what;
  std::string_view hint;  // may be empty
};

constexpr std::string_view kBuildHint =
    "name the `.wasm` file that the build made, such as one under `target/wasm32-wasip2/`";

// Files whose first bytes tell them.
constexpr std::array<Likeness, 9> kBinaryLikenesses = {{
    {"\x7f"
     "elf",
     "a native ELF file, or a precompiled `.cwasm`", kBuildHint},
    {"!<arch>", "a static library", kBuildHint},
    {"mz", "a native Windows program", kBuildHint},
    {"\xcf\xfa\xed\xfe", "a native macOS program", kBuildHint},
    {"bc\xc0\xde", "LLVM bitcode", kBuildHint},
    {"pk\x03\x04", "a zip archive", "unpack it, and name the `.wasm` file that it holds"},
    {"\x1f\x8b", "a gzip archive", "unpack it, and name the `.wasm` file that it holds"},
    {"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, and name the `.wasm` file that it holds"},
    {"ustar", "a tar archive", "unpack it, and name the `.wasm` file that it holds"},
}};

// Text files, after white space.
constexpr std::string_view kWitHint =
    "WIT describes a component: name the component itself; `tenon check --wit` takes WIT";
constexpr std::string_view kSourceHint = "name the component that is built from it";

constexpr std::array<Likeness, 23> kTextLikenesses = {{
    {"(component", "WebAssembly text",
     "`wasm-tools parse in.wat -o out.wasm` makes a binary of it"},
    {"(module", "WebAssembly text", "`wasm-tools parse in.wat -o out.wasm` makes a binary of it"},
    {";;", "WebAssembly text", "`wasm-tools parse in.wat -o out.wasm` makes a binary of it"},
    {"<!doctype html", "an HTML page",
     "the download may have failed: fetch the file itself, not the page that shows it"},
    {"<html", "an HTML page",
     "the download may have failed: fetch the file itself, not the page that shows it"},
    {"package main", "source code in Go", kSourceHint},
    {"package ", "WIT text", kWitHint},
    {"interface ", "WIT text", kWitHint},
    {"world ", "WIT text", kWitHint},
    {"///", "source code, or WIT text", kSourceHint},
    {"//", "source code, or WIT text", kSourceHint},
    {"/*", "source code, or WIT text", kSourceHint},
    {"#include", "source code in C or C++", kSourceHint},
    {"#!/", "a script", kSourceHint},
    {"#", "a TOML, YAML or Python file",
     "a manifest is read where it is called `tenon.toml`: name its folder"},
    {"[", "a TOML file", "a manifest is read where it is called `tenon.toml`: name its folder"},
    {"schema", "a TOML file",
     "a manifest is read where it is called `tenon.toml`: name its folder"},
    {"{", "JSON", kBuildHint},
    {"import ", "source code", kSourceHint},
    {"export ", "source code", kSourceHint},
    {"use ", "source code in Rust", kSourceHint},
    {"fn ", "source code in Rust", kSourceHint},
    {"version https://git-lfs", "a Git LFS pointer", "`git lfs pull` fetches the file itself"},
}};

bool begins_with(Bytes bytes, std::string_view pattern) {
  if (bytes.size() < pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), bytes.begin(), [](char expected, auto byte) {
    const char found = static_cast<char>(byte);
    return expected == (found >= 'A' && found <= 'Z' ? static_cast<char>(found | 0x20) : found);
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

// What a person could have typed: the first bytes are printable, or white space.
bool is_text(Bytes bytes) {
  return std::all_of(
      bytes.begin(), bytes.begin() + static_cast<long>(std::min(bytes.size(), kBytesShown)),
      [](auto byte) { return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d); });
}

Diagnostic not_wasm(Bytes bytes) {
  Diagnostic made = make_diagnostic(Code::ReadNotWasm, "the file is empty");
  made.where.offset = 0;
  if (bytes.empty()) {
    made.hints.emplace_back("the tool that should have written it may have failed: build it again");
    return made;
  }
  const Bytes shown = bytes.first(std::min(bytes.size(), kBytesShown));
  made.message = fmt::format(
      "not WebAssembly: a component begins with `00 61 73 6d`, and this begins with `{:02x}`",
      fmt::join(shown, " "));
  if (const Likeness* likeness = find_likeness(bytes)) {
    Note& note = made.notes.emplace_back();
    note.text = fmt::format("it looks like {}", likeness->what);
    made.hints.emplace_back(likeness->hint);
  } else {
    if (is_text(bytes)) made.notes.emplace_back().text = "it looks like text";
    made.hints.emplace_back(kBuildHint);
  }
  return made;
}

Diagnostic core_module() {
  Diagnostic made =
      make_diagnostic(Code::ReadCoreModule,
                      "a core module, where a component is needed: it has imports and "
                      "exports of numbers only, and no types to link by");
  made.where.offset = 4;
  made.hints.emplace_back("build for the target `wasm32-wasip2`, which makes components");
  made.hints.emplace_back(
      "a module that `wit-bindgen` prepared becomes a component by `wasm-tools component new "
      "module.wasm -o component.wasm`");
  return made;
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
  TENON_TRY(const Bytes found,
            in.read_bytes(kComponentPreamble.size(), "magic, version and layer"));
  if (std::ranges::equal(found, kComponentPreamble)) return {};
  if (std::ranges::equal(found, kModulePreamble)) return core_module();
  const bool is_component = found[6] == 0x01 && found[7] == 0x00;
  Diagnostic made = in.malformed(4, "version and layer",
                                 fmt::format("`{:02x}`, where a component has `0d 00 01 00`",
                                             fmt::join(found.subspan(4), " ")));
  if (is_component) {
    made.hints.emplace_back("the component is of another version of the format: build it anew");
  }
  return made;
}

Result<void> read_exact_preamble(ByteReader& in, Bytes expected) {
  const Production production(in, "preamble");
  const std::size_t begin = in.offset();
  TENON_TRY(const Bytes found, in.read_bytes(expected.size(), "magic, version and layer"));
  if (std::ranges::equal(found, expected)) return {};
  return in.malformed(begin, "magic, version and layer",
                      fmt::format("`{:02x}`, where `{:02x}` is due", fmt::join(found, " "),
                                  fmt::join(expected, " ")));
}

}  // namespace tenon::binary
