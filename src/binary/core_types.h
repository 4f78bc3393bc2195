// Core types, read by structure. A linker compares and copies them; it never looks inside, so they
// are kept as bytes.
//
// Source: the core specification 3.0, "Types"; shared, exact and descriptor types and compact
// imports from wasmparser 0.254.
#pragma once

#include <cstdint>

#include "binary/component.h"
#include "support/byte_reader.h"

namespace tenon::binary {

// core:externtype
struct CoreExtern {
  enum class Kind : std::uint8_t { Func, Table, Memory, Global, Tag };
  Kind kind = Kind::Func;
  std::uint32_t type_index = 0;  // Func, Tag: the function type
  ByteSpan type;                 // Table, Memory, Global: the bytes of the type

  bool operator==(const CoreExtern&) const = default;
};

Result<void> skip_core_val_type(ByteReader& in);
Result<void> skip_heap_type(ByteReader& in);
Result<void> skip_table_type(ByteReader& in);
Result<void> skip_memory_type(ByteReader& in);
Result<void> skip_global_type(ByteReader& in);
// rectype. Returns how many types it adds to the type index space.
Result<std::uint32_t> skip_rec_type(ByteReader& in);

// A constant expression, its `end` included.
Result<void> skip_const_expr(ByteReader& in);

Result<CoreExtern> read_core_extern(ByteReader& in);

}  // namespace tenon::binary
