// Core types and constant expressions. They have no length in front, so finding their end means
// reading their structure.
#include <fmt/core.h>

#include "binary/productions.h"

namespace tenon::binary {

namespace {

// absheaptype: func, extern, any, eq, i31, struct, array, exn, cont and the bottom types
bool is_abstract_heap_type(std::uint8_t byte) { return byte >= 0x68 && byte <= 0x75; }

Result<void> skip_abstract_heap_type(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("heap type"));
  if (!is_abstract_heap_type(byte)) return in.unknown_byte(begin, byte, "heap type");
  return {};
}

// absheaptype | 0x65 absheaptype    (shared)
Result<void> skip_shareable_heap_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("heap type"));
  if (first == 0x65) TENON_TRY_VOID(in.read_byte("heap type"));
  return skip_abstract_heap_type(in);
}

// reftype ::= 0x63 ht:<heaptype> | 0x64 ht:<heaptype> | absheaptype
Result<void> skip_ref_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("reference type"));
  if (first != 0x63 && first != 0x64) return skip_shareable_heap_type(in);
  TENON_TRY_VOID(in.read_byte("reference type"));
  return skip_heap_type(in);
}

// A byte of flags. Only the bits in `known` may be set.
Result<std::uint8_t> read_flags(ByteReader& in, std::uint8_t known, std::string_view what) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t flags, in.read_byte(what));
  if ((flags & ~known) != 0) return in.unknown_byte(begin, flags, what);
  return flags;
}

// limits, after their flags: 0x01 a maximum follows
Result<void> skip_limits(ByteReader& in, std::uint8_t flags) {
  TENON_TRY_VOID(in.read_u64("minimum"));
  if ((flags & 0x01) != 0) TENON_TRY_VOID(in.read_u64("maximum"));
  return {};
}

// fieldtype ::= st:<storagetype> mut;  storagetype ::= valtype | 0x78 | 0x77
Result<void> skip_field_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("field"));
  if (first == 0x78 || first == 0x77) {
    TENON_TRY_VOID(in.read_byte("field"));
  } else {
    TENON_TRY_VOID(skip_core_val_type(in));
  }
  TENON_TRY_VOID(read_flags(in, 0x01, "mutability"));
  return {};
}

template <class SkipItem>
Result<void> skip_vector(ByteReader& in, std::string_view what, SkipItem skip_item) {
  TENON_TRY(const std::uint32_t count, in.read_count(what));
  for (std::uint32_t i = 0; i < count; ++i) TENON_TRY_VOID(skip_item(in));
  return {};
}

Result<void> skip_index(ByteReader& in) {
  TENON_TRY_VOID(in.read_u32("type index"));
  return {};
}

// comptype ::= 0x65? (0x4c typeidx)? (0x4d typeidx)?
//              (0x60 vec(valtype) vec(valtype) | 0x5f vec(fieldtype) | 0x5e fieldtype | 0x5d s33)
Result<void> skip_composite_type(ByteReader& in) {
  std::size_t begin = in.offset();
  TENON_TRY(std::uint8_t opcode, in.read_byte("core type"));
  for (const int prefix : {0x65, 0x4c, 0x4d}) {
    if (opcode != prefix) continue;
    if (prefix != 0x65) TENON_TRY_VOID(in.read_u32("type index"));
    begin = in.offset();
    TENON_TRY(opcode, in.read_byte("core type"));
  }
  switch (opcode) {
    case 0x60:
      TENON_TRY_VOID(skip_vector(in, "number of parameters", skip_core_val_type));
      return skip_vector(in, "number of results", skip_core_val_type);
    case 0x5f:
      return skip_vector(in, "number of fields", skip_field_type);
    case 0x5e:
      return skip_field_type(in);
    case 0x5d:
      TENON_TRY_VOID(in.read_s33("type index"));
      return {};
    default:
      return in.unknown_byte(begin, opcode, "core type");
  }
}

// subtype ::= 0x50 x*:vec(<typeidx>) ct:<comptype> | 0x4f x*:vec(<typeidx>) ct:<comptype>
//           | ct:<comptype>
Result<void> skip_sub_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("core type"));
  if (first == 0x50 || first == 0x4f) {
    TENON_TRY_VOID(in.read_byte("core type"));
    TENON_TRY_VOID(skip_vector(in, "number of supertypes", skip_index));
  }
  return skip_composite_type(in);
}

// core:alias ::= 0x10 0x01 ct:<u32> idx:<u32>
Result<void> skip_core_alias(ByteReader& in) {
  for (const int expected : {0x10, 0x01}) {
    const std::size_t begin = in.offset();
    TENON_TRY(const std::uint8_t byte, in.read_byte("core alias"));
    if (byte != expected) return in.unknown_byte(begin, byte, "core alias");
  }
  TENON_TRY_VOID(in.read_u32("outward count"));
  TENON_TRY_VOID(in.read_u32("index"));
  return {};
}

// core:moduledecl ::= 0x00 i:<core:import> | 0x01 t:<core:type> | 0x02 a:<core:alias>
//                   | 0x03 e:<core:exportdecl>
Result<void> skip_module_declaration(ByteReader& in) {
  const Production production(in, "core:moduledecl");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("declaration"));
  switch (kind) {
    case 0x01:
      TENON_TRY_VOID(skip_rec_type(in));
      return {};
    case 0x02:
      return skip_core_alias(in);
    case 0x00:
      TENON_TRY_VOID(in.read_name("module name"));
      break;
    case 0x03:
      break;
    default:
      return in.unknown_byte(begin, kind, "declaration");
  }
  TENON_TRY_VOID(in.read_name("name"));
  TENON_TRY_VOID(read_core_extern(in));
  return {};
}

}  // namespace

// heaptype ::= x:<s33> | absheaptype | 0x65 absheaptype | 0x62 x:<u32>    (the last: exact)
Result<void> skip_heap_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("heap type"));
  if (first == 0x62) {
    TENON_TRY_VOID(in.read_byte("heap type"));
    TENON_TRY_VOID(in.read_u32("type index"));
    return {};
  }
  if (first >= 0x40 && first < 0x80) return skip_shareable_heap_type(in);
  const std::size_t begin = in.offset();
  TENON_TRY(const std::int64_t index, in.read_s33("type index"));
  if (index < 0) return in.unknown_byte(begin, first, "heap type");
  return {};
}

// valtype ::= 0x7f | 0x7e | 0x7d | 0x7c | 0x7b | rt:<reftype>
Result<void> skip_core_val_type(ByteReader& in) {
  TENON_TRY(const std::uint8_t first, in.peek_byte("core value type"));
  if (first < 0x7b || first > 0x7f) return skip_ref_type(in);
  TENON_TRY_VOID(in.read_byte("core value type"));
  return {};
}

// tabletype ::= rt:<reftype> lim:<limits>    (flags: 0x01 maximum, 0x02 shared, 0x04 64-bit)
Result<void> skip_table_type(ByteReader& in) {
  const Production production(in, "core:tabletype");
  TENON_TRY_VOID(skip_ref_type(in));
  TENON_TRY(const std::uint8_t flags, read_flags(in, 0x07, "limits"));
  return skip_limits(in, flags);
}

// memtype ::= lim:<limits>    (flags of a table, and 0x08: log2 of the page size follows)
Result<void> skip_memory_type(ByteReader& in) {
  const Production production(in, "core:memtype");
  TENON_TRY(const std::uint8_t flags, read_flags(in, 0x0f, "limits"));
  TENON_TRY_VOID(skip_limits(in, flags));
  if ((flags & 0x08) != 0) TENON_TRY_VOID(in.read_u32("page size"));
  return {};
}

// globaltype ::= t:<valtype> m:<mut>    (flags: 0x01 mutable, 0x02 shared)
Result<void> skip_global_type(ByteReader& in) {
  const Production production(in, "core:globaltype");
  TENON_TRY_VOID(skip_core_val_type(in));
  TENON_TRY_VOID(read_flags(in, 0x03, "mutability"));
  return {};
}

// rectype ::= 0x4e st*:vec(<subtype>) | st:<subtype>
Result<std::uint32_t> skip_rec_type(ByteReader& in) {
  const Production production(in, "core:rectype");
  TENON_TRY(const std::uint8_t first, in.peek_byte("core type"));
  if (first != 0x4e) {
    TENON_TRY_VOID(skip_sub_type(in));
    return std::uint32_t{1};
  }
  TENON_TRY_VOID(in.read_byte("core type"));
  TENON_TRY(const std::uint32_t count, in.read_count("number of types"));
  for (std::uint32_t i = 0; i < count; ++i) TENON_TRY_VOID(skip_sub_type(in));
  return count;
}

// core:externtype ::= 0x00 typeidx | 0x01 tabletype | 0x02 memtype | 0x03 globaltype
//                   | 0x04 0x00 typeidx | 0x20 typeidx    (the last: exact)
Result<CoreExtern> read_core_extern(ByteReader& in) {
  const Production production(in, "core:externtype");
  std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("kind"));
  if (kind > 0x04 && kind != 0x20) return in.unknown_byte(begin, kind, "kind");
  CoreExtern item;
  if (kind != 0x20) item.kind = static_cast<CoreExtern::Kind>(kind);
  begin = in.offset();
  switch (item.kind) {
    case CoreExtern::Kind::Table:
      TENON_TRY_VOID(skip_table_type(in));
      break;
    case CoreExtern::Kind::Memory:
      TENON_TRY_VOID(skip_memory_type(in));
      break;
    case CoreExtern::Kind::Global:
      TENON_TRY_VOID(skip_global_type(in));
      break;
    case CoreExtern::Kind::Tag:
      TENON_TRY_VOID(read_flags(in, 0x00, "attribute"));
      [[fallthrough]];
    case CoreExtern::Kind::Func: {
      TENON_TRY(item.type_index, in.read_u32("type index"));
      return item;
    }
  }
  item.type = span_from(begin, in);
  return item;
}

// core:type ::= rt:<core:rectype> | 0x00 0x50 x*:vec(<core:typeidx>) ct:<core:comptype>
//             | 0x50 md*:vec(<core:moduledecl>)
Result<CoreTypeDef> read_core_type(ByteReader& in) {
  const Production production(in, "core:type");
  const std::size_t begin = in.offset();
  CoreTypeDef type;
  TENON_TRY(const std::uint8_t first, in.peek_byte("core type"));
  if (first == 0x50) {
    TENON_TRY_VOID(in.read_byte("core type"));
    TENON_TRY_VOID(skip_vector(in, "number of declarations", skip_module_declaration));
    type.is_module_type = true;
  } else {
    if (first == 0x00) {
      TENON_TRY_VOID(in.read_byte("core type"));
      TENON_TRY(const std::uint8_t next, in.peek_byte("core type"));
      if (next != 0x50) return in.unknown_byte(in.offset(), next, "core type");
    }
    TENON_TRY(type.count, skip_rec_type(in));
  }
  type.span = span_from(begin, in);
  return type;
}

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
      return in.malformed(begin, "instruction", "not allowed in a constant expression");
  }
}

Result<void> skip_bytes(ByteReader& in, std::uint64_t count) {
  TENON_TRY_VOID(in.read_bytes(count, "constant"));
  return {};
}

// The operands of one instruction, after its opcode.
Result<void> skip_operands(ByteReader& in, std::uint8_t opcode, std::size_t begin) {
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
  return in.malformed(begin, "instruction", "not allowed in a constant expression");
}

}  // namespace

// expr ::= instr* 0x0b
Result<void> skip_const_expr(ByteReader& in) {
  const Production production(in, "core:expr");
  while (true) {
    const std::size_t begin = in.offset();
    TENON_TRY(const std::uint8_t opcode, in.read_byte("instruction"));
    if (opcode == 0x0b) return {};
    TENON_TRY_VOID(skip_operands(in, opcode, begin));
  }
}

}  // namespace tenon::binary
