#include "packr/package_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "binary/read_module.h"
#include "packr/buffer_functions.h"
#include "support/byte_reader.h"
#include "support/diagnostics.h"

namespace tenon::packr {

namespace {

using binary::CoreExtern;
using binary::Module;

constexpr std::uint8_t kI32 = 0x7f;
constexpr std::string_view kTypesExport = "__pack_types";

using ValueTypes = std::vector<std::uint8_t>;
struct Signature {
  ValueTypes params;
  ValueTypes results;

  bool operator==(const Signature&) const = default;
};

const Signature kGraphFunction{{kI32, kI32, kI32, kI32}, {kI32}};

// A type that is a function of plain values; nothing for others.
std::optional<Signature> read_signature(std::span<const std::uint8_t> file, binary::ByteSpan span) {
  ByteReader in(file, span.begin, span.end, "a type");
  const auto form = in.read_byte("form");
  if (!form || *form != 0x60) return std::nullopt;
  const auto read_types = [&]() -> std::optional<ValueTypes> {
    const auto count = in.read_count("number of types");
    if (!count) return std::nullopt;
    const auto bytes = in.read_bytes(*count, "types");
    if (!bytes) return std::nullopt;
    return ValueTypes(bytes->begin(), bytes->end());
  };
  auto params = read_types();
  if (!params) return std::nullopt;
  auto results = read_types();
  if (!results) return std::nullopt;
  return Signature{*std::move(params), *std::move(results)};
}

// By type index; groups of several types have no plain function that a package could use.
class Signatures {
 public:
  Signatures(std::span<const std::uint8_t> file, const Module& module) {
    for (const binary::ModuleType& type : module.types) {
      signatures_.push_back(type.count == 1 ? read_signature(file, type.span) : std::nullopt);
      signatures_.resize(signatures_.size() + type.count - 1);
    }
  }
  [[nodiscard]] const Signature* find(const CoreExtern& item) const {
    if (item.kind != CoreExtern::Kind::Func || item.type_index >= signatures_.size()) return nullptr;
    const auto& signature = signatures_[item.type_index];
    return signature ? &*signature : nullptr;
  }

 private:
  std::vector<std::optional<Signature>> signatures_;
};

std::string describe_types(const ValueTypes& types) {
  std::string text;
  for (const std::uint8_t type : types) {
    const std::string_view word = type == 0x7f   ? "i32"
                                  : type == 0x7e ? "i64"
                                  : type == 0x7d ? "f32"
                                  : type == 0x7c ? "f64"
                                                 : "?";
    text += fmt::format("{}{}", text.empty() ? "" : ", ", word);
  }
  return text;
}

std::string describe(const CoreExtern& item, const Signature* signature) {
  switch (item.kind) {
    case CoreExtern::Kind::Func:
      if (signature == nullptr) return "a function of another kind";
      return fmt::format("a function `({}) -> ({})`", describe_types(signature->params),
                         describe_types(signature->results));
    case CoreExtern::Kind::Table:
      return "a table";
    case CoreExtern::Kind::Memory:
      return "a memory";
    case CoreExtern::Kind::Global:
      return "a global";
    case CoreExtern::Kind::Tag:
      return "a tag";
  }
  return "something else";
}

Diagnostic no_package(std::string_view what) {
  Diagnostic problem = make_diagnostic(Code::PackModule, "it is no packr package: {}", what);
  problem.hints.emplace_back(
      "a package is a core module with a memory of its own, built with `packr-guest`; a component "
      "is added as one");
  return problem;
}

bool has_memory(const Module& module) {
  return std::ranges::any_of(module.exports, [](const binary::ModuleExport& one) {
    return one.name == "memory" && one.kind == CoreExtern::Kind::Memory;
  });
}

// --- Metadata ---

// The contents of a section; empty: there is none.
std::span<const std::uint8_t> section_of(std::span<const std::uint8_t> file, const Module& module,
                                         std::uint8_t id) {
  const auto found = std::ranges::find(module.sections, id, &binary::ModuleSection::id);
  if (found == module.sections.end()) return {};
  return file.subspan(found->span.begin, found->span.end - found->span.begin);
}

constexpr std::uint8_t kCodeSection = 10;
constexpr std::uint8_t kDataSection = 11;

// The body of a defined function.
std::optional<std::span<const std::uint8_t>> find_body(std::span<const std::uint8_t> code,
                                                       std::uint32_t wanted) {
  ByteReader in(code, "the code section");
  const auto count = in.read_count("number of functions");
  if (!count || wanted >= *count) return std::nullopt;
  for (std::uint32_t i = 0;; ++i) {
    const auto size = in.read_u32("size");
    if (!size) return std::nullopt;
    const auto body = in.read_bytes(*size, "body");
    if (!body) return std::nullopt;
    if (i == wanted) return *body;
  }
}

// What is known of a value while a body is looked at.
struct Known {
  enum class Kind : std::uint8_t { Unknown, Param, Constant } kind = Kind::Unknown;
  std::uint32_t value = 0;
};

// The words that a function of two addresses stores there, if it does only that.
std::optional<std::array<std::uint32_t, 2>> find_stores(std::span<const std::uint8_t> body) {
  ByteReader in(body, "a body");
  std::vector<Known> locals = {{Known::Kind::Param, 0}, {Known::Kind::Param, 1}};
  const auto groups = in.read_count("groups of locals");
  if (!groups) return std::nullopt;
  constexpr std::uint32_t kMostLocals = 64;
  for (std::uint32_t i = 0; i < *groups; ++i) {
    const auto count = in.read_u32("count");
    const auto type = in.read_byte("type");
    if (!count || !type || *count > kMostLocals || locals.size() > kMostLocals) return std::nullopt;
    locals.resize(locals.size() + *count);
  }
  std::array<std::optional<std::uint32_t>, 2> stored;
  std::vector<Known> stack;
  const auto pop = [&] {
    if (stack.empty()) return Known();
    const Known top = stack.back();
    stack.pop_back();
    return top;
  };
  while (!in.at_end()) {
    const auto opcode = in.read_byte("opcode");
    if (!opcode) return std::nullopt;
    switch (*opcode) {
      case 0x20:    // local.get
      case 0x21:    // local.set
      case 0x22: {  // local.tee
        const auto index = in.read_u32("local");
        if (!index || *index >= locals.size()) return std::nullopt;
        if (*opcode == 0x20) {
          stack.push_back(locals[*index]);
        } else {
          locals[*index] = pop();
          if (*opcode == 0x22) stack.push_back(locals[*index]);
        }
        break;
      }
      case 0x41: {  // i32.const
        const auto value = in.read_s33("constant");
        if (!value) return std::nullopt;
        stack.push_back({Known::Kind::Constant, static_cast<std::uint32_t>(*value)});
        break;
      }
      case 0x36: {  // i32.store
        const auto align = in.read_u32("alignment");
        const auto offset = in.read_u32("offset");
        const Known value = pop();
        const Known address = pop();
        if (!align || !offset || *offset != 0 || address.kind != Known::Kind::Param ||
            value.kind != Known::Kind::Constant)
          return std::nullopt;
        stored[address.value] = value.value;
        break;
      }
      case 0x1a:  // drop
        pop();
        break;
      case 0x0b:    // end
      case 0x0f: {  // return
        const Known status = pop();
        const bool is_good = status.kind == Known::Kind::Constant && status.value == 0;
        if (!is_good || !stored[0] || !stored[1]) return std::nullopt;
        return std::array{*stored[0], *stored[1]};
      }
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

// Bytes of the memory at the start, as active segments at constant places leave them.
std::optional<std::vector<std::uint8_t>> read_data(std::span<const std::uint8_t> data,
                                                   std::uint64_t address, std::uint64_t size) {
  // What is longer than the file is in no segment of it.
  if (size > data.size()) return std::nullopt;
  std::vector<std::uint8_t> found(size);
  std::uint64_t covered = 0;
  ByteReader in(data, "the data section");
  const auto count = in.read_count("number of segments");
  if (!count) return std::nullopt;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto flags = in.read_u32("flags");
    if (!flags || *flags > 2) return std::nullopt;
    if (*flags == 2 && !in.read_u32("memory")) return std::nullopt;
    std::optional<std::uint32_t> begin;
    if (*flags != 1) {
      const auto opcode = in.read_byte("opcode");
      if (!opcode || *opcode != 0x41) return std::nullopt;
      const auto value = in.read_s33("offset");
      const auto end = in.read_byte("end");
      if (!value || !end || *end != 0x0b) return std::nullopt;
      begin = static_cast<std::uint32_t>(*value);
    }
    const auto length = in.read_u32("length");
    if (!length) return std::nullopt;
    const auto bytes = in.read_bytes(*length, "bytes");
    if (!bytes) return std::nullopt;
    if (!begin) continue;
    const std::uint64_t from = std::max<std::uint64_t>(address, *begin);
    const std::uint64_t to = std::min<std::uint64_t>(address + size, *begin + bytes->size());
    if (from >= to) continue;
    std::copy(bytes->begin() + static_cast<std::ptrdiff_t>(from - *begin),
              bytes->begin() + static_cast<std::ptrdiff_t>(to - *begin),
              found.begin() + static_cast<std::ptrdiff_t>(from - address));
    covered += to - from;
  }
  // Segments may leave zeroes out.
  return covered == 0 ? std::nullopt : std::optional(std::move(found));
}

}  // namespace

Result<PackageModule> read_package_module(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const Module module, binary::read_module(bytes, {0, bytes.size()}));
  const Signatures signatures(bytes, module);
  PackageModule made;
  Diagnostics problems;
  for (const binary::ModuleImport& import : module.imports) {
    if (import.module == kBufferModule) continue;
    const Signature* const signature = signatures.find(import.item);
    if (signature != nullptr && *signature == kGraphFunction) {
      made.imports.push_back({import.module, import.name});
      continue;
    }
    Diagnostic problem =
        make_diagnostic(Code::PackModule, "it imports `{}.{}`, {}", import.module, import.name,
                        describe(import.item, signature));
    problem.notes.push_back(
        {"packages import functions `(i32, i32, i32, i32) -> (i32)`, and `tenon:buffer`", {}, {}});
    problem.hints.emplace_back(
        import.module == "env" || import.module == "pack:alloc"
            ? "build it with `packr-guest` 0.10 or newer, or 0.5: packages have a memory and an "
              "allocator of their own"
            : "declare the import with `#[import]` of `packr-guest`");
    problems.push_back(std::move(problem));
  }
  if (!has_memory(module))
    problems.push_back(no_package("it exports no memory called `memory`"));
  if (!problems.empty()) return problems;
  for (const binary::ModuleExport& exported : module.exports) {
    if (exported.name == "__pack_alloc") made.has_allocator = true;
    if (exported.name == kTypesExport) {
      made.has_types = true;
      continue;
    }
    const auto type = binary::find_export_type(module, exported);
    const Signature* const signature = type ? signatures.find(*type) : nullptr;
    if (signature != nullptr && *signature == kGraphFunction)
      made.exports.push_back(exported.name);
  }
  return made;
}

bool looks_like_package(std::span<const std::uint8_t> bytes) {
  if (!binary::is_core_module(bytes)) return false;
  const Result<Module> module = binary::read_module(bytes, {0, bytes.size()});
  return module && std::ranges::any_of(module->exports, [](const binary::ModuleExport& one) {
           return one.name.starts_with("__pack_");
         });
}

std::optional<std::vector<std::uint8_t>> find_metadata(std::span<const std::uint8_t> bytes) {
  const Result<Module> module = binary::read_module(bytes, {0, bytes.size()});
  if (!module) return std::nullopt;
  const auto exported =
      std::ranges::find(module->exports, kTypesExport, &binary::ModuleExport::name);
  if (exported == module->exports.end() || exported->kind != CoreExtern::Kind::Func)
    return std::nullopt;
  const auto imported = static_cast<std::uint32_t>(
      std::ranges::count_if(module->imports, [](const binary::ModuleImport& import) {
        return import.item.kind == CoreExtern::Kind::Func;
      }));
  if (exported->index < imported) return std::nullopt;
  const auto body = find_body(section_of(bytes, *module, kCodeSection), exported->index - imported);
  if (!body) return std::nullopt;
  const auto words = find_stores(*body);
  if (!words) return std::nullopt;
  return read_data(section_of(bytes, *module, kDataSection), (*words)[0], (*words)[1]);
}

}  // namespace tenon::packr
