// The parts of a core module that compose writes itself, for stubs and relays.
//
// Source: WebAssembly Core Specification, "Binary Format".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "abi/flat_types.h"
#include "support/byte_writer.h"

namespace tenon::compose {

// The size of `body` and its contents as a section.
void write_core_section(ByteWriter& out, std::uint8_t id, const ByteWriter& body);
// functype
void write_core_signature(ByteWriter& out, const abi::CoreSignature& signature);
// An export of a function.
void write_core_export(ByteWriter& out, std::string_view name, std::uint32_t function);

// The body of a core function: its locals, then instructions.
class CoreCode final {
 public:
  // locals: in addition to the parameters.
  explicit CoreCode(const std::vector<abi::CoreType>& locals);

  CoreCode& i32(std::int32_t value);
  CoreCode& i64(std::int64_t value);
  CoreCode& get(std::uint32_t local);
  CoreCode& set(std::uint32_t local);
  CoreCode& get_global(std::uint32_t global);
  CoreCode& set_global(std::uint32_t global);
  CoreCode& call(std::uint32_t function);
  // i32.load, aligned
  CoreCode& load_i32(std::uint32_t offset);
  // A block that is entered if the value on the stack is not 0; closed by `end`.
  CoreCode& begin_if();
  CoreCode& end();
  // An instruction without immediates, or one given with them.
  CoreCode& op(std::initializer_list<std::uint8_t> bytes, std::string_view label);

  // Ends the function and adds it, with its size.
  void write_to(ByteWriter& section) &&;

 private:
  ByteWriter body_;
};

}  // namespace tenon::compose
