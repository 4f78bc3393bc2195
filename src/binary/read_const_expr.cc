// Constant expressions of core modules, which end where their `end` stands.
#include "binary/core_types.h"

namespace tenon::binary {

namespace {

// 0xfb n: struct.new, struct.new_default, array.new, array.new_default, array.new_fixed,
// any.convert_extern, extern.convert_any, ref.i31
Result<void> skip_gc_instruction(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint32_t opcode, in.read_u32("instruction"));
  switch (opcode) {
    case 8:
      TENON_TRY_VOID(in.read_u32("type index"));
      TENON_TRY_VOID(in.read_u32("length"));
      return {};
    case 0:
    case 1:
    case 6:
    case 7:
      TENON_TRY_VOID(in.read_u32("type index"));
      return {};
    case 26:
    case 27:
    case 28:
      return {};
    default:
      return in.malformed(begin, "instruction", "one that a constant expression cannot have");
  }
}

Result<void> skip_bytes(ByteReader& in, std::uint64_t count) {
  TENON_TRY_VOID(in.read_bytes(count, "constant"));
  return {};
}

// The immediates of one instruction; its opcode has been read.
Result<void> skip_immediates(ByteReader& in, std::uint8_t opcode, std::size_t begin) {
  switch (opcode) {
    case 0x23:  // global.get
    case 0xd2:  // ref.func
      TENON_TRY_VOID(in.read_u32("index"));
      return {};
    case 0x41:  // i32.const: s32, which an s33 holds
      TENON_TRY_VOID(in.read_s33("constant"));
      return {};
    case 0x42:  // i64.const
      TENON_TRY_VOID(in.read_s64("constant"));
      return {};
    case 0x43:  // f32.const
      return skip_bytes(in, 4);
    case 0x44:  // f64.const
      return skip_bytes(in, 8);
    case 0x6a:  // i32.add, i32.sub, i32.mul, i64.add, i64.sub, i64.mul
    case 0x6b:
    case 0x6c:
    case 0x7c:
    case 0x7d:
    case 0x7e:
      return {};
    case 0xd0:  // ref.null
      return skip_heap_type(in);
    case 0xfb:
      return skip_gc_instruction(in);
    case 0xfd: {  // v128.const
      TENON_TRY(const std::uint32_t vector, in.read_u32("instruction"));
      if (vector == 12) return skip_bytes(in, 16);
      break;
    }
    default:
      break;
  }
  return in.malformed(begin, "instruction", "one that a constant expression cannot have");
}

}  // namespace

// expr ::= instr* 0x0b
Result<void> skip_const_expr(ByteReader& in) {
  const Production production(in, "core:expr");
  while (true) {
    const std::size_t begin = in.offset();
    TENON_TRY(const std::uint8_t opcode, in.read_byte("instruction"));
    if (opcode == 0x0b) return {};
    TENON_TRY_VOID(skip_immediates(in, opcode, begin));
  }
}

}  // namespace tenon::binary
