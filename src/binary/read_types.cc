// Type definitions: value types, functions, resources, and the types of instances and components.
#include <fmt/core.h>

#include <memory>

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

Result<void> check_depth(const ByteReader& in, std::uint32_t depth) {
  if (depth <= limits::kNestingDepth) return {};
  return in.beyond_limit(in.offset(), "nesting",
                         fmt::format("components and types are nested more than {} levels deep",
                                     limits::kNestingDepth));
}

// valtype ::= i:<typeidx> | pvt:<primvaltype>    (one s33: an index is not negative)
Result<ValType> read_val_type(ByteReader& in) {
  const Production production(in, "valtype");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t first, in.peek_byte("value type"));
  if (const std::optional<Primitive> primitive = find_primitive(first)) {
    TENON_TRY_VOID(in.read_byte("value type"));
    return ValType(*primitive);
  }
  TENON_TRY(const std::int64_t index, in.read_s33("type index"));
  if (index < 0) return in.unknown_byte(begin, first, "value type");
  return ValType(static_cast<std::uint32_t>(index));
}

namespace {

// The byte in front of an optional part: 0x00 if it is absent, 0x01 if it follows.
Result<bool> read_presence(ByteReader& in, std::string_view what) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte(what));
  if (byte > 0x01) return in.unknown_byte(begin, byte, what);
  return byte == 0x01;
}

Result<void> read_zero(ByteReader& in, std::string_view what) {
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte(what));
  if (byte != 0x00) return in.unknown_byte(begin, byte, what);
  return {};
}

// labellit ::= len:<u32> l:<label>
Result<std::string_view> read_label(ByteReader& in) { return in.read_name("label"); }

// labelvaltype ::= l:<labellit> t:<valtype>
Result<LabelledType> read_labelled_type(ByteReader& in) {
  const Production production(in, "labelvaltype");
  LabelledType field;
  TENON_TRY(field.label, read_label(in));
  TENON_TRY(field.type, read_val_type(in));
  return field;
}

// case ::= l:<labellit> t?:<valtype>? 0x00
Result<CaseType> read_case(ByteReader& in) {
  const Production production(in, "case");
  CaseType item;
  TENON_TRY(item.label, read_label(in));
  TENON_TRY(item.type, read_optional_val_type(in));
  TENON_TRY_VOID(read_zero(in, "end of the case"));
  return item;
}

}  // namespace

// <valtype>? ::= 0x00 | 0x01 t:<valtype>
Result<std::optional<ValType>> read_optional_val_type(ByteReader& in) {
  TENON_TRY(const bool present, read_presence(in, "optional type"));
  if (!present) return std::optional<ValType>();
  TENON_TRY(const ValType type, read_val_type(in));
  return std::optional<ValType>(type);
}

// resultlist ::= 0x00 t:<valtype> | 0x01 0x00
Result<std::optional<ValType>> read_result_list(ByteReader& in) {
  const Production production(in, "resultlist");
  TENON_TRY(const bool none, read_presence(in, "result"));
  if (none) {
    TENON_TRY_VOID(read_zero(in, "number of results"));
    return std::optional<ValType>();
  }
  TENON_TRY(const ValType type, read_val_type(in));
  return std::optional<ValType>(type);
}

namespace {

// functype ::= 0x40 ps:<paramlist> rs:<resultlist> | 0x43 ps:<paramlist> rs:<resultlist>
Result<TypeExpr> read_func(ByteReader& in, TypeOpcode opcode) {
  const Production production(in, "functype");
  FuncDef func;
  func.is_async = opcode == TypeOpcode::AsyncFunc;
  TENON_TRY(func.params, read_vector(in, "number of parameters", read_labelled_type));
  TENON_TRY(func.result, read_result_list(in));
  return TypeExpr(std::move(func));
}

// resourcetype ::= 0x3f t:<core:valtype> f?:<core:funcidx>?
Result<TypeExpr> read_resource(ByteReader& in) {
  const Production production(in, "resourcetype");
  ResourceDef resource;
  TENON_TRY(resource.representation, in.peek_byte("representation"));
  TENON_TRY_VOID(skip_core_val_type(in));
  TENON_TRY(const bool has_destructor, read_presence(in, "destructor"));
  if (has_destructor) {
    TENON_TRY(resource.destructor, in.read_u32("core function index"));
  }
  return TypeExpr(resource);
}

// importdecl ::= na:<nameattributes> et:<externtype>
Result<TypeDecl> read_import_decl(ByteReader& in) {
  const Production production(in, "importdecl");
  const std::size_t begin = in.offset();
  ImportDecl import;
  TENON_TRY(import.name, read_name_attributes(in));
  TENON_TRY(import.desc, read_extern_type(in));
  import.span = span_from(begin, in);
  return TypeDecl(import);
}

// exportdecl ::= na:<nameattributes> et:<externtype>
Result<TypeDecl> read_export_decl(ByteReader& in) {
  const Production production(in, "exportdecl");
  const std::size_t begin = in.offset();
  ExportDecl exported;
  TENON_TRY(exported.name, read_name_attributes(in));
  TENON_TRY(exported.desc, read_extern_type(in));
  exported.span = span_from(begin, in);
  return TypeDecl(exported);
}

// componentdecl ::= 0x03 id:<importdecl> | id:<instancedecl>
// instancedecl  ::= 0x00 t:<core:type> | 0x01 t:<type> | 0x02 a:<alias> | 0x04 ed:<exportdecl>
Result<TypeDecl> read_declaration(ByteReader& in, TypeOpcode scope, std::uint32_t depth) {
  const Production production(in,
                              scope == TypeOpcode::Component ? "componentdecl" : "instancedecl");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t kind, in.read_byte("declaration"));
  switch (kind) {
    case 0x00: {
      TENON_TRY(const CoreTypeDef type, read_core_type(in));
      return TypeDecl(type);
    }
    case 0x01: {
      TENON_TRY(TypeDef type, read_type(in, depth));
      return TypeDecl(std::make_unique<TypeDef>(std::move(type)));
    }
    case 0x02: {
      TENON_TRY(const AliasDef alias, read_alias(in));
      return TypeDecl(alias);
    }
    case 0x03:
      if (scope == TypeOpcode::Component) return read_import_decl(in);
      break;
    case 0x04:
      return read_export_decl(in);
    default:
      break;
  }
  return in.unknown_byte(begin, kind, "declaration");
}

// componenttype ::= 0x41 cd*:vec(<componentdecl>)
// instancetype  ::= 0x42 id*:vec(<instancedecl>)
Result<TypeExpr> read_scope_type(ByteReader& in, TypeOpcode scope, std::uint32_t depth) {
  TENON_TRY_VOID(check_depth(in, depth + 1));
  TENON_TRY(std::vector<TypeDecl> declarations,
            read_vector(in, "number of declarations", [scope, depth](ByteReader& inner) {
              return read_declaration(inner, scope, depth + 1);
            }));
  if (scope == TypeOpcode::Component) return TypeExpr(ComponentTypeDef{std::move(declarations)});
  return TypeExpr(InstanceTypeDef{std::move(declarations)});
}

// Productions of defvaltype with the same operands.

// 0x6b t:<valtype>
template <class Def>
Result<TypeExpr> read_element(ByteReader& in) {
  Def def{};
  TENON_TRY(def.type, read_val_type(in));
  return TypeExpr(std::move(def));
}
// 0x66 t?:<valtype>? | 0x65 t?:<valtype>?
template <class Def>
Result<TypeExpr> read_optional_element(ByteReader& in) {
  Def def{};
  TENON_TRY(def.type, read_optional_val_type(in));
  return TypeExpr(std::move(def));
}
// 0x69 i:<typeidx> | 0x68 i:<typeidx>
template <class Def>
Result<TypeExpr> read_handle(ByteReader& in) {
  Def def{};
  TENON_TRY(def.type_index, in.read_u32("type index"));
  return TypeExpr(std::move(def));
}
// 0x6e l*:vec(<labellit>) | 0x6d l*:vec(<labellit>)
template <class Def>
Result<TypeExpr> read_labels(ByteReader& in) {
  Def def{};
  TENON_TRY(def.labels, read_vector(in, "number of labels", read_label));
  return TypeExpr(std::move(def));
}

// 0x70 t:<valtype> | 0x67 t:<valtype> len:<u32>
Result<TypeExpr> read_list(ByteReader& in, TypeOpcode opcode) {
  ListDef list;
  TENON_TRY(list.element, read_val_type(in));
  if (opcode == TypeOpcode::FixedList) {
    TENON_TRY(list.length, in.read_u32("length"));
  }
  return TypeExpr(list);
}

// 0x63 k:<valtype> v:<valtype>
Result<TypeExpr> read_map(ByteReader& in) {
  MapDef map;
  TENON_TRY(map.key, read_val_type(in));
  TENON_TRY(map.value, read_val_type(in));
  return TypeExpr(map);
}

// 0x6a t?:<valtype>? u?:<valtype>?
Result<TypeExpr> read_result(ByteReader& in) {
  ResultDef result;
  TENON_TRY(result.ok, read_optional_val_type(in));
  TENON_TRY(result.error, read_optional_val_type(in));
  return TypeExpr(result);
}

// 0x72 lt*:vec(<labelvaltype>)
Result<TypeExpr> read_record(ByteReader& in) {
  RecordDef record;
  TENON_TRY(record.fields, read_vector(in, "number of fields", read_labelled_type));
  return TypeExpr(std::move(record));
}

// 0x71 case*:vec(<case>)
Result<TypeExpr> read_variant(ByteReader& in) {
  VariantDef variant;
  TENON_TRY(variant.cases, read_vector(in, "number of cases", read_case));
  return TypeExpr(std::move(variant));
}

// 0x6f t*:vec(<valtype>)
Result<TypeExpr> read_tuple(ByteReader& in) {
  TupleDef tuple;
  TENON_TRY(tuple.types, read_vector(in, "number of types", read_val_type));
  return TypeExpr(std::move(tuple));
}

// deftype ::= dvt:<defvaltype> | ft:<functype> | ct:<componenttype> | it:<instancetype>
//           | rt:<resourcetype>
Result<TypeExpr> read_def_type(ByteReader& in, std::uint32_t depth) {
  const Production production(in, "deftype");
  const std::size_t begin = in.offset();
  TENON_TRY(const std::uint8_t byte, in.read_byte("type"));
  if (const std::optional<Primitive> primitive = find_primitive(byte)) return TypeExpr(*primitive);
  const TypeOpcode opcode = static_cast<TypeOpcode>(byte);
  switch (opcode) {
    case TypeOpcode::Record:
      return read_record(in);
    case TypeOpcode::Variant:
      return read_variant(in);
    case TypeOpcode::List:
    case TypeOpcode::FixedList:
      return read_list(in, opcode);
    case TypeOpcode::Map:
      return read_map(in);
    case TypeOpcode::Tuple:
      return read_tuple(in);
    case TypeOpcode::Flags:
      return read_labels<FlagsDef>(in);
    case TypeOpcode::Enum:
      return read_labels<EnumDef>(in);
    case TypeOpcode::Option:
      return read_element<OptionDef>(in);
    case TypeOpcode::Result:
      return read_result(in);
    case TypeOpcode::Own:
      return read_handle<OwnDef>(in);
    case TypeOpcode::Borrow:
      return read_handle<BorrowDef>(in);
    case TypeOpcode::Stream:
      return read_optional_element<StreamDef>(in);
    case TypeOpcode::Future:
      return read_optional_element<FutureDef>(in);
    case TypeOpcode::Func:
    case TypeOpcode::AsyncFunc:
      return read_func(in, opcode);
    case TypeOpcode::Component:
    case TypeOpcode::Instance:
      return read_scope_type(in, opcode, depth);
    case TypeOpcode::Resource:
      return read_resource(in);
  }
  return in.unknown_byte(begin, byte, "type");
}

}  // namespace

// type ::= dt:<deftype>
Result<TypeDef> read_type(ByteReader& in, std::uint32_t depth) {
  const std::size_t begin = in.offset();
  TENON_TRY(TypeExpr type, read_def_type(in, depth));
  return TypeDef{std::move(type), span_from(begin, in)};
}

}  // namespace tenon::binary
