// Encoders for the productions of component.h. Only for the sources of this folder.
#pragma once

#include <optional>

#include "binary/component.h"
#include "support/byte_writer.h"

namespace tenon::binary {

void write_sort(Sort sort, ByteWriter& out);
void write_name(const Name& name, ByteWriter& out);
void write_extern_type(const ExternDesc& desc, ByteWriter& out);
// file: the bytes that the type was read from, for the core types in it; may be empty if it has
// none.
void write_type(const TypeExpr& type, std::span<const std::uint8_t> file, ByteWriter& out);
void write_alias(const AliasDef& alias, ByteWriter& out);
void write_import(const Name& name, const ExternDesc& desc, ByteWriter& out);
void write_export(const Name& name, SortIndex item, const std::optional<ExternDesc>& ascription,
                  ByteWriter& out);
void write_instance(const InstanceDef& instance, ByteWriter& out);
void write_core_instance(const CoreInstanceDef& instance, ByteWriter& out);

// The sort of an import or export: the index space that it adds to.
Sort sort_of(const ExternDesc& desc);

}  // namespace tenon::binary
