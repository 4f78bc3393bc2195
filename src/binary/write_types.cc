// Encoders for type definitions.

#include "binary/opcodes.h"
#include "binary/write_definitions.h"
#include "support/check.h"

namespace tenon::binary {

namespace {

void write_opcode(TypeOpcode opcode, ByteWriter& out) {
  out.byte(static_cast<std::uint8_t>(opcode), type_label(opcode));
}

// valtype ::= i:<typeidx> | pvt:<primvaltype>
void write_val_type(const ValType& type, ByteWriter& out) {
  if (const Primitive* primitive = std::get_if<Primitive>(&type)) {
    out.byte(primitive_opcode(*primitive), "primitive type");
  } else {
    out.s33(std::get<std::uint32_t>(type), "type index");
  }
}

// <valtype>? ::= 0x00 | 0x01 t:<valtype>
void write_optional(const std::optional<ValType>& type, ByteWriter& out) {
  out.byte(type ? 0x01 : 0x00, type ? "a type" : "no type");
  if (type) write_val_type(*type, out);
}

// labelvaltype ::= l:<labellit> t:<valtype>
void write_labelled(const std::vector<LabelledType>& items, ByteWriter& out) {
  out.count(items.size(), "count");
  for (const LabelledType& item : items) {
    out.name(item.label, "label");
    write_val_type(item.type, out);
  }
}

void write_labels(TypeOpcode opcode, const std::vector<std::string_view>& labels, ByteWriter& out) {
  write_opcode(opcode, out);
  out.count(labels.size(), "count");
  for (const std::string_view label : labels) out.name(label, "label");
}

// A visitor that writes the production of a type or declaration.
class TypeEncoder {
 public:
  TypeEncoder(std::span<const std::uint8_t> file, ByteWriter& out) : file_(file), out_(out) {}

  void operator()(Primitive type) { out_.byte(primitive_opcode(type), "primitive type"); }
  // 0x72 lt*:vec(<labelvaltype>)
  void operator()(const RecordDef& type) {
    write_opcode(TypeOpcode::Record, out_);
    write_labelled(type.fields, out_);
  }
  // 0x71 case*:vec(<case>);  case ::= l:<labellit> t?:<valtype>? 0x00
  void operator()(const VariantDef& type) {
    write_opcode(TypeOpcode::Variant, out_);
    out_.count(type.cases.size(), "count");
    for (const CaseType& item : type.cases) {
      out_.name(item.label, "case");
      write_optional(item.type, out_);
      out_.byte(0x00, "end of the case");
    }
  }
  // 0x70 t:<valtype> | 0x67 t:<valtype> len:<u32>
  void operator()(const ListDef& type) {
    write_opcode(type.length ? TypeOpcode::FixedList : TypeOpcode::List, out_);
    write_val_type(type.element, out_);
    if (type.length) out_.u32(*type.length, "length");
  }
  // 0x63 k:<valtype> v:<valtype>
  void operator()(const MapDef& type) {
    write_opcode(TypeOpcode::Map, out_);
    write_val_type(type.key, out_);
    write_val_type(type.value, out_);
  }
  // 0x6f t*:vec(<valtype>)
  void operator()(const TupleDef& type) {
    write_opcode(TypeOpcode::Tuple, out_);
    out_.count(type.types.size(), "count");
    for (const ValType& item : type.types) write_val_type(item, out_);
  }
  // 0x6e l*:vec(<labellit>)
  void operator()(const FlagsDef& type) { write_labels(TypeOpcode::Flags, type.labels, out_); }
  // 0x6d l*:vec(<labellit>)
  void operator()(const EnumDef& type) { write_labels(TypeOpcode::Enum, type.labels, out_); }
  // 0x6b t:<valtype>
  void operator()(const OptionDef& type) {
    write_opcode(TypeOpcode::Option, out_);
    write_val_type(type.type, out_);
  }
  // 0x6a t?:<valtype>? u?:<valtype>?
  void operator()(const ResultDef& type) {
    write_opcode(TypeOpcode::Result, out_);
    write_optional(type.ok, out_);
    write_optional(type.error, out_);
  }
  // 0x69 i:<typeidx>
  void operator()(const OwnDef& type) {
    write_opcode(TypeOpcode::Own, out_);
    out_.u32(type.type_index, "type index");
  }
  // 0x68 i:<typeidx>
  void operator()(const BorrowDef& type) {
    write_opcode(TypeOpcode::Borrow, out_);
    out_.u32(type.type_index, "type index");
  }
  // 0x66 t?:<valtype>?
  void operator()(const StreamDef& type) {
    write_opcode(TypeOpcode::Stream, out_);
    write_optional(type.type, out_);
  }
  // 0x65 t?:<valtype>?
  void operator()(const FutureDef& type) {
    write_opcode(TypeOpcode::Future, out_);
    write_optional(type.type, out_);
  }
  // functype ::= 0x40 ps:<paramlist> rs:<resultlist> | 0x43 ...
  // resultlist ::= 0x00 t:<valtype> | 0x01 0x00
  void operator()(const FuncDef& type) {
    write_opcode(type.is_async ? TypeOpcode::AsyncFunc : TypeOpcode::Func, out_);
    write_labelled(type.params, out_);
    out_.byte(type.result ? 0x00 : 0x01, type.result ? "a result" : "results");
    if (type.result) {
      write_val_type(*type.result, out_);
    } else {
      out_.byte(0x00, "count");
    }
  }
  // resourcetype ::= 0x3f t:<core:valtype> f?:<core:funcidx>?
  void operator()(const ResourceDef& type) {
    write_opcode(TypeOpcode::Resource, out_);
    out_.byte(type.representation, "representation");
    out_.byte(type.destructor ? 0x01 : 0x00, type.destructor ? "destructor" : "no destructor");
    if (type.destructor) out_.u32(*type.destructor, "core function index");
  }
  // componenttype ::= 0x41 cd*:vec(<componentdecl>)
  void operator()(const ComponentTypeDef& type) {
    write_opcode(TypeOpcode::Component, out_);
    write_declarations(type.declarations);
  }
  // instancetype ::= 0x42 id*:vec(<instancedecl>)
  void operator()(const InstanceTypeDef& type) {
    write_opcode(TypeOpcode::Instance, out_);
    write_declarations(type.declarations);
  }

  // componentdecl, instancedecl ::= 0x00 t:<core:type> | 0x01 t:<type> | 0x02 a:<alias>
  //                               | 0x03 id:<importdecl> | 0x04 ed:<exportdecl>
  void operator()(const CoreTypeDef& declaration) {
    out_.byte(0x00, "core type declaration");
    TENON_CHECK(declaration.span.end <= file_.size());
    out_.raw(file_.subspan(declaration.span.begin, declaration.span.size()), "core type");
  }
  void operator()(const std::unique_ptr<TypeDef>& declaration) {
    out_.byte(0x01, "type declaration");
    std::visit(*this, declaration->type);
  }
  void operator()(const AliasDef& declaration) {
    out_.byte(0x02, "alias declaration");
    write_alias(declaration, out_);
  }
  void operator()(const ImportDecl& declaration) {
    out_.byte(0x03, "import declaration");
    write_import(declaration.name, declaration.desc, out_);
  }
  void operator()(const ExportDecl& declaration) {
    out_.byte(0x04, "export declaration");
    write_name(declaration.name, out_);
    write_extern_type(declaration.desc, out_);
  }

 private:
  void write_declarations(const std::vector<TypeDecl>& declarations) {
    out_.count(declarations.size(), "declarations");
    for (const TypeDecl& declaration : declarations) std::visit(*this, declaration);
  }

  std::span<const std::uint8_t> file_;
  ByteWriter& out_;
};

}  // namespace

void write_type(const TypeExpr& type, std::span<const std::uint8_t> file, ByteWriter& out) {
  std::visit(TypeEncoder(file, out), type);
}

// externtype ::= 0x00 0x11 i:<core:typeidx> | 0x01 i:<typeidx> | 0x02 t:<valtype>
//              | 0x03 b:<typebound> | 0x04 i:<typeidx> | 0x05 i:<typeidx>
void write_extern_type(const ExternDesc& desc, ByteWriter& out) {
  write_sort(sort_of(desc), out);
  switch (desc.kind) {
    case ExternDesc::Kind::ValueType:
      TENON_CHECK(desc.type.has_value());
      write_val_type(*desc.type, out);
      return;
    case ExternDesc::Kind::SubResource:
      out.byte(0x01, "sub resource");
      return;
    case ExternDesc::Kind::TypeEq:
      out.byte(0x00, "eq");
      break;
    case ExternDesc::Kind::ValueEq:
    case ExternDesc::Kind::CoreModule:
    case ExternDesc::Kind::Func:
    case ExternDesc::Kind::Component:
    case ExternDesc::Kind::Instance:
      break;
  }
  out.u32(desc.index, "index");
}

}  // namespace tenon::binary
