// Component types.
#include <fmt/core.h>

#include <memory>

#include "binary/opcodes.h"
#include "binary/productions.h"

namespace tenon::binary {

Result<void> check_depth(const ByteReader& in, std::uint32_t depth) {
  if (depth <= limits::kNestingDepth) return {};
  return in.beyond_limit(
      in.offset(), "nesting",
      fmt::format("components and types more than {} levels deep", limits::kNestingDepth));
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

// The byte in front of an optional part: 0x00 none, 0x01 one.
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
  LabelledType made;
  TENON_TRY(made.label, read_label(in));
  TENON_TRY(made.type, read_val_type(in));
  return made;
}

// case ::= l:<labellit> t?:<valtype>? 0x00
Result<CaseType> read_case(ByteReader& in) {
  const Production production(in, "case");
  CaseType made;
  TENON_TRY(made.label, read_label(in));
  TENON_TRY(made.type, read_optional_val_type(in));
  TENON_TRY_VOID(read_zero(in, "end of the case"));
  return made;
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
  FuncDef made;
  made.is_async = opcode == TypeOpcode::AsyncFunc;
  TENON_TRY(made.params, read_vector(in, "number of parameters", read_labelled_type));
  TENON_TRY(made.result, read_result_list(in));
  return TypeExpr(std::move(made));
}

// resourcetype ::= 0x3f t:<core:valtype> f?:<core:funcidx>?
Result<TypeExpr> read_resource(ByteReader& in) {
  const Production production(in, "resourcetype");
  ResourceDef made;
  TENON_TRY(made.representation, in.peek_byte("representation"));
  TENON_TRY_VOID(skip_core_val_type(in));
  TENON_TRY(const bool has_destructor, read_presence(in, "destructor"));
  if (has_destructor) {
    TENON_TRY(made.destructor, in.read_u32("core function index"));
  }
  return TypeExpr(made);
}

// importdecl ::= na:<nameattributes> et:<externtype>
Result<TypeDecl> read_import_decl(ByteReader& in) {
  const Production production(in, "importdecl");
  const std::size_t begin = in.offset();
  ImportDecl made;
  TENON_TRY(made.name, read_name_attributes(in));
  TENON_TRY(made.desc, read_extern_type(in));
  made.span = span_from(begin, in);
  return TypeDecl(made);
}

// exportdecl ::= na:<nameattributes> et:<externtype>
Result<TypeDecl> read_export_decl(ByteReader& in) {
  const Production production(in, "exportdecl");
  const std::size_t begin = in.offset();
  ExportDecl made;
  TENON_TRY(made.name, read_name_attributes(in));
  TENON_TRY(made.desc, read_extern_type(in));
  made.span = span_from(begin, in);
  return TypeDecl(made);
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

// The productions of defvaltype whose parts are value types only.
template <class Def>
Result<TypeExpr> read_element(ByteReader& in) {
  Def made{};
  TENON_TRY(made.type, read_val_type(in));
  return TypeExpr(std::move(made));
}
template <class Def>
Result<TypeExpr> read_optional_element(ByteReader& in) {
  Def made{};
  TENON_TRY(made.type, read_optional_val_type(in));
  return TypeExpr(std::move(made));
}
template <class Def>
Result<TypeExpr> read_handle(ByteReader& in) {
  Def made{};
  TENON_TRY(made.type_index, in.read_u32("type index"));
  return TypeExpr(std::move(made));
}
template <class Def>
Result<TypeExpr> read_labels(ByteReader& in) {
  Def made{};
  TENON_TRY(made.labels, read_vector(in, "number of labels", read_label));
  return TypeExpr(std::move(made));
}

// 0x70 t:<valtype> | 0x67 t:<valtype> len:<u32>
Result<TypeExpr> read_list(ByteReader& in, TypeOpcode opcode) {
  ListDef made;
  TENON_TRY(made.element, read_val_type(in));
  if (opcode == TypeOpcode::FixedList) {
    TENON_TRY(made.length, in.read_u32("length"));
  }
  return TypeExpr(made);
}

// 0x63 k:<valtype> v:<valtype>
Result<TypeExpr> read_map(ByteReader& in) {
  MapDef made;
  TENON_TRY(made.key, read_val_type(in));
  TENON_TRY(made.value, read_val_type(in));
  return TypeExpr(made);
}

// 0x6a t?:<valtype>? u?:<valtype>?
Result<TypeExpr> read_result(ByteReader& in) {
  ResultDef made;
  TENON_TRY(made.ok, read_optional_val_type(in));
  TENON_TRY(made.error, read_optional_val_type(in));
  return TypeExpr(made);
}

Result<TypeExpr> read_record(ByteReader& in) {
  RecordDef made;
  TENON_TRY(made.fields, read_vector(in, "number of fields", read_labelled_type));
  return TypeExpr(std::move(made));
}

Result<TypeExpr> read_variant(ByteReader& in) {
  VariantDef made;
  TENON_TRY(made.cases, read_vector(in, "number of cases", read_case));
  return TypeExpr(std::move(made));
}

Result<TypeExpr> read_tuple(ByteReader& in) {
  TupleDef made;
  TENON_TRY(made.types, read_vector(in, "number of types", read_val_type));
  return TypeExpr(std::move(made));
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
