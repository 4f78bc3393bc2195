// The productions of the component grammar, one reader each. Within this folder only.
//
// `depth` counts the components and types around what is read; limits::kNestingDepth bounds it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "binary/component.h"
#include "support/byte_reader.h"

namespace tenon::binary {

// read_types.cc
Result<ValType> read_val_type(ByteReader& in);
Result<std::optional<ValType>> read_optional_val_type(ByteReader& in);
Result<std::optional<ValType>> read_result_list(ByteReader& in);
Result<TypeDef> read_type(ByteReader& in, std::uint32_t depth);
// Components, and types in types: `read-limit` where one more would be too deep.
Result<void> check_depth(const ByteReader& in, std::uint32_t depth);

// read_externs.cc
Result<Name> read_name_attributes(ByteReader& in);
Result<SortIndex> read_sort_index(ByteReader& in);
Result<ExternDesc> read_extern_type(ByteReader& in);
Result<AliasDef> read_alias(ByteReader& in);
Result<ImportDef> read_import(ByteReader& in);
Result<ExportDef> read_export(ByteReader& in);

// read_instances.cc
Result<CoreInstanceDef> read_core_instance(ByteReader& in);
Result<InstanceDef> read_instance(ByteReader& in);

// read_canon.cc
Result<CanonDef> read_canon(ByteReader& in);

// preamble.cc
// preamble ::= <magic> <version> <layer>    of a file that should be a component.
//
// Errors: read-not-wasm, which says what the file looks like; read-core-module; read-truncated;
// read-malformed, where version or layer is unknown.
Result<void> read_file_preamble(ByteReader& in);
// preamble of a nested component, or of a core module: these bytes and no others.
Result<void> read_exact_preamble(ByteReader& in, std::span<const std::uint8_t> expected);

// read_core_types.cc
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
Result<CoreTypeDef> read_core_type(ByteReader& in);

inline ByteSpan span_from(std::size_t begin, const ByteReader& in) { return {begin, in.offset()}; }

}  // namespace tenon::binary
