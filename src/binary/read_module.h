// Reads the sections of a core module that a linker needs: what it imports and exports, with the
// types as bytes, and what stands where.
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
  std::string_view name;  // "code"; of a custom section its own name
  ByteSpan span;          // contents, without number and size
};

// rectype: one entry of the type section, which may add more than one type.
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

// Code, data, elements and start are spans in `sections`.
struct Module {
  ByteSpan span;  // preamble included
  std::vector<ModuleSection> sections;
  std::vector<ModuleType> types;
  std::vector<ModuleImport> imports;
  std::vector<std::uint32_t> functions;  // defined ones: type indices
  std::vector<ByteSpan> tables;          // defined ones: tabletype
  std::vector<ByteSpan> memories;        // memtype
  std::vector<ByteSpan> globals;         // globaltype
  std::vector<std::uint32_t> tags;       // type indices
  std::vector<ModuleExport> exports;
  std::vector<CustomSection> custom_sections;
};

// True for bytes that begin as a core module does.
[[nodiscard]] bool is_core_module(std::span<const std::uint8_t> file);

// Reads the module at `where` in `file`.
//
// Errors:   read-truncated, read-malformed, read-limit.
// Lifetime: names are views into `file`.
[[nodiscard]] Result<Module> read_module(std::span<const std::uint8_t> file, ByteSpan where);

// The type of an export, imports counted first in its index space; nullopt: the index names
// nothing.
[[nodiscard]] std::optional<CoreExtern> find_export_type(const Module& module,
                                                         const ModuleExport& exported);

}  // namespace tenon::binary
