// The decoders of the component grammar, one function per production. Only for the sources of this
// folder.
//
// A `skip_` function checks the structure of a core type or expression and moves past it; a linker
// compares and copies these as bytes and never looks inside. `depth` is the number of components
// and types around the production; limits::kNestingDepth limits it.
//
// Source: component-model Binary.md; for core types the core specification 3.0, "Types", and
// wasmparser 0.254 for shared, exact and descriptor types and compact imports.
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
// Error: read-limit if `depth` is too large.
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
// The preamble of a file that should be a component. Errors: read-not-wasm (says what the file
// looks like), read-core-module, read-truncated, read-malformed (unknown version or layer).
Result<void> read_file_preamble(ByteReader& in);
// The preamble of a nested component or a core module: exactly the bytes `expected`.
Result<void> read_exact_preamble(ByteReader& in, std::span<const std::uint8_t> expected);

// read_core_types.cc
Result<void> skip_core_val_type(ByteReader& in);
Result<void> skip_heap_type(ByteReader& in);
Result<void> skip_table_type(ByteReader& in);
Result<void> skip_memory_type(ByteReader& in);
Result<void> skip_global_type(ByteReader& in);
// rectype. Returns the number of types that it defines.
Result<std::uint32_t> skip_rec_type(ByteReader& in);
// A constant expression with its `end`.
Result<void> skip_const_expr(ByteReader& in);
Result<CoreExtern> read_core_extern(ByteReader& in);
Result<CoreTypeDef> read_core_type(ByteReader& in);

inline ByteSpan span_from(std::size_t begin, const ByteReader& in) { return {begin, in.offset()}; }

}  // namespace tenon::binary
