// Imports, exports and aliases: their names with attributes, their sorts and their types.
#include <fmt/core.h>

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

namespace {

// attribute ::= 0x00 len:<u32> in:<interfacename> | 0x01 len:<u32> vs:<semversuffix>
//             | 0x02 n:<name>
Result<void> read_attribute(ByteReader& in, Name& name) {
  const Production production(in, "attribute");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("attribute"));
  std::optional<std::string_view>* slot = nullptr;
  switch (kind) {
    case 0x00:
      slot = &name.implements;
      break;
    case 0x01:
      slot = &name.version_suffix;
      break;
    case 0x02:
      slot = &name.external_id;
      break;
    default:
      return in.unknown_byte(begin, kind, "attribute");
  }
  if (slot->has_value()) {
    return in.malformed(begin, "attribute", fmt::format("duplicate attribute 0x{:02x}", kind));
  }
  TENON_TRY(*slot, in.read_name("value"));
  return {};
}

// core:sort
Result<Sort> read_core_sort(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("core sort"));
  const std::optional<Sort> sort = find_core_sort(byte);
  if (!sort) return in.unknown_byte(begin, byte, "core sort");
  return *sort;
}

// sort ::= 0x00 cs:<core:sort> | 0x01 | ... | 0x05
Result<Sort> read_sort(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("sort"));
  if (byte == 0x00) return read_core_sort(in);
  const std::optional<Sort> sort = find_sort(byte);
  if (!sort) return in.unknown_byte(begin, byte, "sort");
  return *sort;
}

// The sort of an import or export of a component. `core module` is the only core sort among them.
Result<Sort> read_extern_sort(ByteReader& in) {
  const std::size_t begin = in.offset();
  TENON_TRY(const Sort sort, read_sort(in));
  if (is_core_sort(sort) && sort != Sort::CoreModule) {
    return in.malformed(begin, "sort", "a component cannot import or export this core sort");
  }
  return sort;
}

bool can_alias(AliasDef::Target target, Sort sort) {
  switch (target) {
    case AliasDef::Target::Export:
      return !is_core_sort(sort) || sort == Sort::CoreModule;
    case AliasDef::Target::CoreExport:
      return sort == Sort::CoreFunc || sort == Sort::CoreTable || sort == Sort::CoreMemory ||
             sort == Sort::CoreGlobal || sort == Sort::CoreTag;
    case AliasDef::Target::Outer:
      return sort == Sort::CoreModule || sort == Sort::CoreType || sort == Sort::Type ||
             sort == Sort::Component;
  }
  return false;
}

}  // namespace

// nameattributes ::= 0x00 len:<u32> en:<externname> | 0x01 len:<u32> en:<externname>
//                  | 0x02 len:<u32> en:<externname> a*:vec(<attribute>)
Result<Name> read_name_attributes(ByteReader& in) {
  const Production production(in, "nameattributes");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("name"));
  if (kind > 0x02) return in.unknown_byte(begin, kind, "name");
  Name name;
  TENON_TRY(name.text, in.read_name("name"));
  if (kind != 0x02) return name;
  TENON_TRY(const std::uint32_t count, in.read_count("number of attributes"));
  for (std::uint32_t i = 0; i < count; ++i) TENON_TRY_VOID(read_attribute(in, name));
  return name;
}

// sortidx ::= sort:<sort> idx:<u32>    (only sorts that a component can import and export)
Result<SortIndex> read_sort_index(ByteReader& in) {
  const Production production(in, "sortidx");
  SortIndex item;
  TENON_TRY(item.sort, read_extern_sort(in));
  TENON_TRY(item.index, in.read_u32("index"));
  return item;
}

namespace {

// typebound ::= 0x00 i:<typeidx> | 0x01
Result<ExternDesc> read_type_bound(ByteReader& in) {
  ExternDesc desc;
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("type bound"));
  if (kind > 0x01) return in.unknown_byte(begin, kind, "type bound");
  desc.kind = kind == 0x00 ? ExternDesc::Kind::TypeEq : ExternDesc::Kind::SubResource;
  if (desc.kind == ExternDesc::Kind::TypeEq) {
    TENON_TRY(desc.index, in.read_u32("type index"));
  }
  return desc;
}

// valtype    (Binary.md has a valuebound here; the engine's tools write and read a valtype)
Result<ExternDesc> read_value_type(ByteReader& in) {
  ExternDesc desc;
  desc.kind = ExternDesc::Kind::ValueType;
  TENON_TRY(desc.type, read_val_type(in));
  return desc;
}

}  // namespace

// externtype ::= 0x00 0x11 i:<core:typeidx> | 0x01 i:<typeidx> | 0x02 t:<valtype>
//              | 0x03 b:<typebound> | 0x04 i:<typeidx> | 0x05 i:<typeidx>
Result<ExternDesc> read_extern_type(ByteReader& in) {
  const Production production(in, "externtype");
  TENON_TRY(const Sort sort, read_extern_sort(in));
  if (sort == Sort::Type) return read_type_bound(in);
  if (sort == Sort::Value) return read_value_type(in);
  ExternDesc desc;
  if (sort == Sort::CoreModule) desc.kind = ExternDesc::Kind::CoreModule;
  if (sort == Sort::Component) desc.kind = ExternDesc::Kind::Component;
  if (sort == Sort::Instance) desc.kind = ExternDesc::Kind::Instance;
  TENON_TRY(desc.index, in.read_u32("type index"));
  return desc;
}

// alias ::= s:<sort> 0x00 i:<instanceidx> n:<name>
//         | s:<sort> 0x01 i:<core:instanceidx> n:<core:name>
//         | s:<sort> 0x02 ct:<u32> idx:<u32>
Result<AliasDef> read_alias(ByteReader& in) {
  const Production production(in, "alias");
  const std::size_t begin = in.offset();
  AliasDef alias;
  TENON_TRY(alias.sort, read_sort(in));
  const std::size_t target_offset = in.offset();
  TENON_TRY(const std::uint8_t target, in.read_byte("alias target"));
  if (target > 0x02) return in.unknown_byte(target_offset, target, "alias target");
  alias.target = static_cast<AliasDef::Target>(target);
  if (!can_alias(alias.target, alias.sort)) {
    return in.malformed(begin, "sort", "not a sort that this kind of alias can refer to");
  }
  if (alias.target == AliasDef::Target::Outer) {
    TENON_TRY(alias.count, in.read_u32("outward count"));
    TENON_TRY(alias.index, in.read_u32("index"));
  } else {
    TENON_TRY(alias.instance, in.read_u32("instance index"));
    TENON_TRY(alias.name, in.read_name("name"));
  }
  return alias;
}

// import ::= na:<nameattributes> et:<externtype>
Result<ImportDef> read_import(ByteReader& in) {
  const Production production(in, "import");
  const std::size_t begin = in.offset();
  ImportDef import;
  TENON_TRY(import.name, read_name_attributes(in));
  TENON_TRY(import.desc, read_extern_type(in));
  import.span = span_from(begin, in);
  return import;
}

// export ::= na:<nameattributes> si:<sortidx> et?:<externtype>?
Result<ExportDef> read_export(ByteReader& in) {
  const Production production(in, "export");
  const std::size_t begin = in.offset();
  ExportDef exported;
  TENON_TRY(exported.name, read_name_attributes(in));
  TENON_TRY(exported.item, read_sort_index(in));
  const std::size_t flag_offset = in.offset();
  TENON_TRY(const std::uint8_t has_type, in.read_byte("optional type"));
  if (has_type > 0x01) return in.unknown_byte(flag_offset, has_type, "optional type");
  if (has_type == 0x01) {
    TENON_TRY(exported.ascription, read_extern_type(in));
  }
  exported.span = span_from(begin, in);
  return exported;
}

}  // namespace tenon::binary
