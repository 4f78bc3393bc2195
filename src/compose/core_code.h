// Writes core modules: those of stubs (trap_stub.h) and of relays (relay.h).
//
//   CoreCode code({});
//   code.get(0).i32(1).op({0x6a}, "i32.add");
//   std::move(code).write_to(functions);   // adds the function to the body of a code section
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

// A section: its id, as in the specification, and its body.
struct CoreSection {
  std::uint8_t id = 0;
  const ByteWriter& body;
};
// Writes a module with these sections, in this order. function_names: the name map of its functions, for
// backtraces; null if the module has no names.
[[nodiscard]] std::vector<std::uint8_t> write_core_module(
    std::initializer_list<CoreSection> sections, const ByteWriter* function_names);

// core:functype
void write_core_signature(ByteWriter& out, const abi::CoreSignature& signature);
// (func (param $old $old_size $align $size i32) (result i32)), the type of each `realloc`.
[[nodiscard]] abi::CoreSignature realloc_signature();

// core:export, of a function or a memory.
enum class CoreSort : std::uint8_t { Function = 0x00, Memory = 0x02 };
void write_core_export(ByteWriter& out, std::string_view name, CoreSort sort, std::uint32_t index);

// The body of a core function: its locals, then instructions.
class CoreCode final {
 public:
  // locals: the types of the locals besides the parameters.
  explicit CoreCode(const std::vector<abi::CoreType>& locals);

  CoreCode& i32(std::int32_t value);
  CoreCode& i64(std::int64_t value);
  CoreCode& get(std::uint32_t local);
  CoreCode& set(std::uint32_t local);
  CoreCode& get_global(std::uint32_t global);
  CoreCode& set_global(std::uint32_t global);
  CoreCode& call(std::uint32_t function);
  // i32.load with the alignment of an i32.
  CoreCode& load_i32(std::uint32_t offset);
  // A block that is entered if the value on the stack is not 0; closed by `end`.
  CoreCode& begin_if();
  CoreCode& end();
  // Any other instruction. bytes: its opcode and its immediates.
  CoreCode& op(std::initializer_list<std::uint8_t> bytes, std::string_view label);

  // Ends the function, and adds it to the body of a code section.
  void write_to(ByteWriter& section) &&;

 private:
  CoreCode& op(std::uint8_t opcode, std::string_view label, std::uint32_t index);

  ByteWriter body_;
};

}  // namespace tenon::compose
