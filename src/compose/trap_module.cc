#include "compose/trap_module.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "binary/opcodes.h"
#include "support/byte_writer.h"

namespace tenon::compose {

namespace {

using abi::CoreSignature;
using abi::CoreType;

constexpr std::array<std::uint8_t, 3> kUnreachable = {0x00, 0x00, 0x0b};
constexpr std::array<std::uint8_t, 3> kAtZero = {0x41, 0x00, 0x0b};  // i32.const 0, end
constexpr std::array<std::uint8_t, 3> kNoPages = {0x01, 0x00, 0x00};

void write_section(ByteWriter& out, std::uint8_t id, const ByteWriter& body) {
  out.byte(id, "section");
  out.block(body, "size");
}

void write_core_types(ByteWriter& out, const std::vector<CoreType>& core_types) {
  out.u32(static_cast<std::uint32_t>(core_types.size()), "count");
  for (const CoreType type : core_types) out.byte(static_cast<std::uint8_t>(type), "valtype");
}

void write_core_signature(ByteWriter& out, const CoreSignature& signature) {
  out.byte(0x60, "func");
  write_core_types(out, signature.params);
  write_core_types(out, signature.results);
}

// Indices of the functions that stand for one of the stub. Only direct calls are inlined, and the
// frame of the function that traps, which has the name, must not be lost; so it is called through
// the table.
struct Positions {
  explicit Positions(std::size_t position)
      : lifted(static_cast<std::uint32_t>(3 * position)), realloc(lifted + 1), trap(lifted + 2) {}

  std::uint32_t lifted;
  std::uint32_t realloc;
  std::uint32_t trap;
};

void write_export(ByteWriter& out, std::string_view name, std::uint32_t index) {
  out.name(name, "name");
  out.byte(0x00, "func");
  out.u32(index, "index");
}

// typeidx of `func()`; then the types of lifted functions.
constexpr std::uint32_t kTrapType = 0;
constexpr std::uint32_t kReallocType = 1;
constexpr std::uint32_t kFirstType = 2;

// Calls the function at `position` of the table.
ByteWriter encode_call(std::uint32_t position) {
  ByteWriter body;
  body.byte(0x00, "no locals");
  body.byte(0x41, "i32.const");
  body.s33(position, "table index");
  body.byte(0x11, "call_indirect");
  body.u32(kTrapType, "type");
  body.u32(0, "table");
  body.byte(0x00, "unreachable");
  body.byte(0x0b, "end");
  return body;
}

}  // namespace

void TrapModule::add(abi::CoreSignature signature, std::string debug_name) {
  functions_.push_back({std::move(signature), std::move(debug_name)});
}

std::string TrapModule::export_name(std::size_t position) { return fmt::format("f{}", position); }

std::string TrapModule::realloc_name(std::size_t position) { return fmt::format("r{}", position); }

std::vector<std::uint8_t> TrapModule::encode(Names names) const {
  const auto count = static_cast<std::uint32_t>(functions_.size());
  ByteWriter types;
  ByteWriter functions;
  ByteWriter exports;
  ByteWriter elements;
  ByteWriter code;
  ByteWriter debug_names;
  types.u32(kFirstType + count, "count");
  write_core_signature(types, {});
  write_core_signature(types, {std::vector<CoreType>(4, CoreType::I32), {CoreType::I32}});
  functions.u32(3 * count, "count");
  exports.u32(2 * count + 1, "count");
  elements.u32(1, "count");
  elements.byte(0x00, "active, table 0");
  elements.raw(kAtZero, "offset");
  elements.u32(count, "count");
  code.u32(3 * count, "count");
  debug_names.u32(count, "count");
  ByteWriter trap;
  trap.raw(kUnreachable, "no locals, unreachable, end");
  for (std::uint32_t i = 0; i < count; ++i) {
    const Positions at(i);
    write_core_signature(types, functions_[i].signature);
    functions.u32(kFirstType + i, "type of the lifted function");
    functions.u32(kReallocType, "type of its realloc");
    functions.u32(kTrapType, "type of what traps");
    write_export(exports, export_name(i), at.lifted);
    write_export(exports, realloc_name(i), at.realloc);
    elements.u32(at.trap, "func");
    code.block(encode_call(i), "size");
    code.block(encode_call(i), "size");
    code.block(trap, "size");
    debug_names.u32(at.trap, "index");
    debug_names.name(functions_[i].debug_name, "name");
  }
  exports.name(kMemory, "name");
  exports.byte(0x02, "memory");
  exports.u32(0, "index");
  ByteWriter tables;
  tables.u32(1, "count");
  tables.byte(0x70, "funcref");
  tables.byte(0x00, "no maximum");
  tables.u32(count, "minimum");
  ByteWriter memories;
  memories.raw(kNoPages, "one memory without pages");

  ByteWriter out;
  out.raw(binary::kModulePreamble, "preamble");
  write_section(out, 1, types);
  write_section(out, 3, functions);
  write_section(out, 4, tables);
  write_section(out, 5, memories);
  write_section(out, 7, exports);
  write_section(out, 9, elements);
  write_section(out, 10, code);
  if (names == Names::Yes) {
    ByteWriter section;
    section.name("name", "name");
    section.byte(0x01, "function names");
    section.block(debug_names, "size");
    write_section(out, 0, section);
  }
  return std::move(out).take_bytes();
}

}  // namespace tenon::compose
