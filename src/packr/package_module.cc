#include "packr/package_module.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "binary/read_module.h"
#include "packr/buffers.h"
#include "support/byte_reader.h"
#include "support/diagnostics.h"

namespace tenon::packr {

namespace {

using binary::CoreExtern;
using binary::Module;

constexpr std::uint8_t kI32 = 0x7f;

using CoreTypes = std::vector<std::uint8_t>;
struct Signature {
  CoreTypes params;
  CoreTypes results;

  bool operator==(const Signature&) const = default;
};

Signature i32_signature(std::size_t params, std::size_t results) {
  return {CoreTypes(params, kI32), CoreTypes(results, kI32)};
}

const Signature kGraphFunction = i32_signature(4, 1);

// The signature, if the type is a function.
std::optional<Signature> read_signature(std::span<const std::uint8_t> file, binary::ByteSpan span) {
  ByteReader in(file, span.begin, span.end, "a type");
  const auto form = in.read_byte("form");
  if (!form || *form != 0x60) return std::nullopt;
  const auto read_types = [&]() -> std::optional<CoreTypes> {
    const auto count = in.read_count("number of types");
    if (!count) return std::nullopt;
    const auto bytes = in.read_bytes(*count, "types");
    if (!bytes) return std::nullopt;
    return CoreTypes(bytes->begin(), bytes->end());
  };
  auto params = read_types();
  if (!params) return std::nullopt;
  auto results = read_types();
  if (!results) return std::nullopt;
  return Signature{*std::move(params), *std::move(results)};
}

// The signatures of a module, by type index. A recursion group of several types has none, because
// packages do not use them.
class Signatures {
 public:
  Signatures(std::span<const std::uint8_t> file, const Module& module) {
    for (const binary::ModuleType& type : module.types) {
      signatures_.push_back(type.count == 1 ? read_signature(file, type.span) : std::nullopt);
      signatures_.resize(signatures_.size() + type.count - 1);
    }
  }
  [[nodiscard]] const Signature* find(const CoreExtern& item) const {
    if (item.kind != CoreExtern::Kind::Func || item.type_index >= signatures_.size())
      return nullptr;
    const auto& signature = signatures_[item.type_index];
    return signature ? &*signature : nullptr;
  }

 private:
  std::vector<std::optional<Signature>> signatures_;
};

std::string describe_types(const CoreTypes& types) {
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

std::string show(const Signature& signature) {
  return fmt::format("({}) -> ({})", describe_types(signature.params),
                     describe_types(signature.results));
}

std::string describe(const CoreExtern& item, const Signature* signature) {
  switch (item.kind) {
    case CoreExtern::Kind::Func:
      if (signature == nullptr) return "a function of another kind";
      return fmt::format("a function `{}`", show(*signature));
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

Diagnostic not_a_package(std::string_view what) {
  Diagnostic problem = make_diagnostic(Code::PackModule, "this is not a packr package: {}", what);
  problem.hints.emplace_back(
      "a package is a core module with its own memory, built with `packr-guest`; a component is "
      "added as a component");
  return problem;
}

// The functions of packr's runtime, which a package can export.
struct RuntimeFunction {
  std::string_view name;
  std::size_t params;
  std::size_t results;
};
constexpr RuntimeFunction kRuntimeFunctions[] = {{"__pack_alloc", 1, 1},
                                                 {"__pack_free", 2, 0},
                                                 {kTypesExport, 2, 1},
                                                 {"__pack_resume", 5, 1},
                                                 {"__wasm_call_ctors", 0, 0}};

void check_runtime_function(const binary::ModuleExport& exported, const CoreExtern& item,
                            const Signature* signature, Diagnostics& problems) {
  const auto* const function =
      std::ranges::find(kRuntimeFunctions, exported.name, &RuntimeFunction::name);
  if (function == std::end(kRuntimeFunctions)) return;
  const Signature expected = i32_signature(function->params, function->results);
  if (signature != nullptr && *signature == expected) return;
  problems.push_back(make_diagnostic(Code::PackModule,
                                     "it exports `{}` as {}, where packages have a function `{}`",
                                     exported.name, describe(item, signature), show(expected)));
}

// The host accesses the memory without synchronization, and with 32-bit addresses.
void check_memory(std::span<const std::uint8_t> file, const Module& module, Diagnostics& problems) {
  const auto exported = std::ranges::find_if(module.exports, [](const auto& item) {
    return item.name == "memory" && item.kind == CoreExtern::Kind::Memory;
  });
  if (exported == module.exports.end()) {
    problems.push_back(not_a_package("it does not export a memory named `memory`"));
    return;
  }
  // An imported memory has no type here. The import is reported as a problem of its own.
  const auto type = binary::find_export_type(module, *exported);
  if (!type || type->type.begin >= type->type.end) return;
  constexpr std::uint8_t kShared = 0x02;
  constexpr std::uint8_t k64Bits = 0x04;
  const std::uint8_t flags = file[type->type.begin];
  if ((flags & kShared) != 0) problems.push_back(not_a_package("its memory is shared"));
  if ((flags & k64Bits) != 0)
    problems.push_back(
        not_a_package("its memory has 64-bit addresses; packages use 32-bit addresses"));
}

std::string_view hint_for_import(std::string_view module) {
  if (module == "env" || module == "pack:alloc")
    return "build it with `packr-guest` 0.10 or newer, or 0.5: packages have their own memory "
           "and allocator";
  if (module == kBufferModule)
    return "`tenon:buffer` has `new`, `append`, `len`, `read` and `drop`, which take and return "
           "i32";
  return "declare the import with `#[import]` of `packr-guest`";
}

bool is_buffer_function(std::string_view name, const Signature* signature) {
  const auto* const type = std::ranges::find(kBufferFunctions, name, &BufferFunctionType::name);
  return type != kBufferFunctions.end() && signature != nullptr &&
         *signature == i32_signature(type->params, type->results);
}

Diagnostic bad_import(const binary::ModuleImport& import, const Signature* signature) {
  Diagnostic problem = make_diagnostic(Code::PackModule, "it imports `{}.{}`, {}", import.module,
                                       import.name, describe(import.item, signature));
  problem.notes.push_back(
      {"packages import functions `(i32, i32, i32, i32) -> (i32)`, and `tenon:buffer`", {}, {}});
  problem.hints.emplace_back(hint_for_import(import.module));
  return problem;
}

}  // namespace

Result<PackageModule> read_package_module(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const Module module, binary::read_module(bytes, {0, bytes.size()}));
  const Signatures signatures(bytes, module);
  PackageModule package;
  Diagnostics problems;
  for (const binary::ModuleImport& import : module.imports) {
    const Signature* const signature = signatures.find(import.item);
    if (import.module == kBufferModule) {
      if (!is_buffer_function(import.name, signature))
        problems.push_back(bad_import(import, signature));
    } else if (signature != nullptr && *signature == kGraphFunction) {
      package.imports.push_back({import.module, import.name});
    } else {
      problems.push_back(bad_import(import, signature));
    }
  }
  check_memory(bytes, module, problems);
  for (const binary::ModuleExport& exported : module.exports) {
    if (exported.name == "__pack_alloc") package.has_allocator = true;
    if (exported.name == "__pack_resume") package.is_async = true;
    const auto type = binary::find_export_type(module, exported);
    const Signature* const signature = type ? signatures.find(*type) : nullptr;
    if (type) check_runtime_function(exported, *type, signature, problems);
    if (exported.name == kTypesExport) {
      package.has_types = true;
      continue;
    }
    if (signature != nullptr && *signature == kGraphFunction)
      package.exports.push_back(exported.name);
  }
  if (package.is_async && !package.has_allocator)
    problems.push_back(not_a_package(
        "it exports `__pack_resume` without `__pack_alloc`, which async packages need"));
  if (!problems.empty()) return problems;
  return package;
}

bool looks_like_package(std::span<const std::uint8_t> bytes) {
  if (!binary::is_core_module(bytes)) return false;
  const Result<Module> module = binary::read_module(bytes, {0, bytes.size()});
  return module && std::ranges::any_of(module->exports, [](const binary::ModuleExport& exported) {
           return exported.name.starts_with("__pack_");
         });
}

bool can_be_declared_package(std::span<const std::uint8_t> bytes) {
  if (!binary::is_core_module(bytes)) return false;
  const Result<PackageModule> module = read_package_module(bytes);
  return module && !module->exports.empty() && !looks_like_package(bytes);
}

}  // namespace tenon::packr
