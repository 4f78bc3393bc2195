// Reads the parts of a core module that a linker needs: imports, exports, the types of defined
// items (as bytes), and the position of every section.
//
//   Result<Module> module = read_module(file, core_module.span);
//   for (const ModuleImport& import : module->imports) ...
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "tenon/result.h"

namespace tenon::binary {

struct ModuleSection {
  std::uint8_t id = 0;    // 0: custom
  std::string_view name;  // "code"; for a custom section its own name
  ByteSpan span;          // the contents, without number and size
};

// rectype: one entry of the type section, which may define several types.
struct ModuleType {
  ByteSpan span;
  std::uint32_t count = 1;
};

struct ModuleImport {
  std::string_view module;
  std::string_view name;
  CoreExtern item;
};

struct ModuleExport {
  std::string_view name;
  CoreExtern::Kind kind = CoreExtern::Kind::Func;
  std::uint32_t index = 0;
};

// Code, data, elements and start are not read: they are only spans in `sections`.
struct Module {
  ByteSpan span;  // includes the preamble
  std::vector<ModuleSection> sections;
  std::vector<ModuleType> types;
  std::vector<ModuleImport> imports;
  // Defined items, without the imported ones.
  std::vector<std::uint32_t> functions;  // type indices
  std::vector<ByteSpan> tables;          // tabletype
  std::vector<ByteSpan> memories;        // memtype
  std::vector<ByteSpan> globals;         // globaltype
  std::vector<std::uint32_t> tags;       // type indices
  std::vector<ModuleExport> exports;
  std::vector<CustomSection> custom_sections;
};

// True if the bytes begin with the preamble of a core module.
[[nodiscard]] bool is_core_module(std::span<const std::uint8_t> file);

// Reads the module at `where` in `file`.
//
// Errors:   read-truncated, read-malformed, read-limit.
// Lifetime: names are views into `file`.
[[nodiscard]] Result<Module> read_module(std::span<const std::uint8_t> file, ByteSpan where);

// The type of an export; nothing if its index is out of range. In an index space, imported items
// come before defined ones.
[[nodiscard]] std::optional<CoreExtern> find_export_type(const Module& module,
                                                         const ModuleExport& exported);

}  // namespace tenon::binary
