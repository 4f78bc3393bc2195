#include "compose/core_code.h"

#include <span>
#include <utility>

#include "binary/opcodes.h"

namespace tenon::compose {

namespace {

void write_core_types(ByteWriter& out, const std::vector<abi::CoreType>& core_types) {
  out.count(core_types.size(), "count");
  for (const abi::CoreType type : core_types) out.byte(static_cast<std::uint8_t>(type), "valtype");
}

// Signed LEB128.
void write_signed(ByteWriter& out, std::int64_t value) {
  while (true) {
    const auto low = static_cast<std::uint8_t>(value & 0x7f);
    value >>= 7;
    const bool is_last = value == ((low & 0x40) != 0 ? -1 : 0);
    out.byte(is_last ? low : static_cast<std::uint8_t>(low | 0x80), "value");
    if (is_last) return;
  }
}

}  // namespace

std::vector<std::uint8_t> write_core_module(std::initializer_list<CoreSection> sections,
                                            const ByteWriter* function_names) {
  ByteWriter out;
  out.raw(binary::kModulePreamble, "preamble");
  const auto write = [&out](std::uint8_t id, const ByteWriter& body) {
    out.byte(id, "section");
    out.block(body, "size");
  };
  for (const CoreSection& section : sections) write(section.id, section.body);
  if (function_names != nullptr) {
    ByteWriter names;
    names.name("name", "name");
    names.byte(0x01, "function names");
    names.block(*function_names, "size");
    write(0, names);
  }
  return std::move(out).take_bytes();
}

void write_core_signature(ByteWriter& out, const abi::CoreSignature& signature) {
  out.byte(0x60, "func");
  write_core_types(out, signature.params);
  write_core_types(out, signature.results);
}

abi::CoreSignature realloc_signature() {
  return {std::vector<abi::CoreType>(4, abi::CoreType::I32), {abi::CoreType::I32}};
}

void write_core_export(ByteWriter& out, std::string_view name, CoreSort sort, std::uint32_t index) {
  out.name(name, "name");
  out.byte(static_cast<std::uint8_t>(sort), "sort");
  out.u32(index, "index");
}

CoreCode::CoreCode(const std::vector<abi::CoreType>& locals) {
  body_.count(locals.size(), "count");
  for (const abi::CoreType type : locals) {
    body_.u32(1, "locals of this type");
    body_.byte(static_cast<std::uint8_t>(type), "valtype");
  }
}

CoreCode& CoreCode::i32(std::int32_t value) {
  body_.byte(0x41, "i32.const");
  write_signed(body_, value);
  return *this;
}

CoreCode& CoreCode::i64(std::int64_t value) {
  body_.byte(0x42, "i64.const");
  write_signed(body_, value);
  return *this;
}

CoreCode& CoreCode::get(std::uint32_t local) { return op(0x20, "local.get", local); }
CoreCode& CoreCode::set(std::uint32_t local) { return op(0x21, "local.set", local); }
CoreCode& CoreCode::get_global(std::uint32_t global) { return op(0x23, "global.get", global); }
CoreCode& CoreCode::set_global(std::uint32_t global) { return op(0x24, "global.set", global); }
CoreCode& CoreCode::call(std::uint32_t function) { return op(0x10, "call", function); }

CoreCode& CoreCode::load_i32(std::uint32_t offset) {
  body_.byte(0x28, "i32.load");
  body_.u32(2, "align");
  body_.u32(offset, "offset");
  return *this;
}

CoreCode& CoreCode::begin_if() { return op({0x04, 0x40}, "if, no result"); }
CoreCode& CoreCode::end() { return op({0x0b}, "end"); }

CoreCode& CoreCode::op(std::initializer_list<std::uint8_t> bytes, std::string_view label) {
  body_.raw(std::span(bytes.begin(), bytes.size()), label);
  return *this;
}

CoreCode& CoreCode::op(std::uint8_t opcode, std::string_view label, std::uint32_t index) {
  body_.byte(opcode, label);
  body_.u32(index, "index");
  return *this;
}

void CoreCode::write_to(ByteWriter& section) && {
  end();
  section.block(body_, "size");
}

}  // namespace tenon::compose
