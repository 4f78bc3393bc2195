#include "binary/write_definitions.h"

#include "binary/opcodes.h"

namespace tenon::binary {

namespace {

// sortidx ::= sort:<sort> idx:<u32>
void write_sort_index(SortIndex item, ByteWriter& out) {
  write_sort(item.sort, out);
  out.u32(item.index, "index");
}

void write_attribute(std::uint8_t kind, const std::optional<std::string_view>& value,
                     std::string_view label, ByteWriter& out) {
  if (!value) return;
  out.byte(kind, label);
  out.name(*value, "value");
}

}  // namespace

Sort sort_of(const ExternDesc& desc) {
  switch (desc.kind) {
    case ExternDesc::Kind::CoreModule:
      return Sort::CoreModule;
    case ExternDesc::Kind::Func:
      return Sort::Func;
    case ExternDesc::Kind::ValueEq:
    case ExternDesc::Kind::ValueType:
      return Sort::Value;
    case ExternDesc::Kind::TypeEq:
    case ExternDesc::Kind::SubResource:
      return Sort::Type;
    case ExternDesc::Kind::Component:
      return Sort::Component;
    case ExternDesc::Kind::Instance:
      return Sort::Instance;
  }
  return Sort::Func;
}

// sort ::= 0x00 cs:<core:sort> | 0x01 | ... | 0x05
void write_sort(Sort sort, ByteWriter& out) {
  if (is_core_sort(sort)) out.byte(0x00, "core");
  out.byte(sort_byte(sort), sort_text(sort));
}

// nameattributes ::= 0x00 len:<u32> en:<externname>
//                  | 0x02 len:<u32> en:<externname> a*:vec(<attribute>)
void write_name(const Name& name, ByteWriter& out) {
  const std::uint32_t attributes =
      (name.implements ? 1U : 0U) + (name.version_suffix ? 1U : 0U) + (name.external_id ? 1U : 0U);
  out.byte(attributes == 0 ? 0x00 : 0x02, attributes == 0 ? "plain" : "with attributes");
  out.name(name.text, "name");
  if (attributes == 0) return;
  out.u32(attributes, "count");
  write_attribute(0x00, name.implements, "implements", out);
  write_attribute(0x01, name.version_suffix, "version suffix", out);
  write_attribute(0x02, name.external_id, "external id", out);
}

// alias ::= s:<sort> 0x00 i:<instanceidx> n:<name>
//         | s:<sort> 0x01 i:<core:instanceidx> n:<core:name>
//         | s:<sort> 0x02 ct:<u32> idx:<u32>
void write_alias(const AliasDef& alias, ByteWriter& out) {
  write_sort(alias.sort, out);
  switch (alias.target) {
    case AliasDef::Target::Export:
      out.byte(0x00, "alias export");
      break;
    case AliasDef::Target::CoreExport:
      out.byte(0x01, "alias core export");
      break;
    case AliasDef::Target::Outer:
      out.byte(0x02, "alias outer");
      out.u32(alias.count, "outward count");
      out.u32(alias.index, "index");
      return;
  }
  out.u32(alias.instance, "instance");
  out.name(alias.name, "name");
}

// import ::= na:<nameattributes> et:<externtype>
void write_import(const Name& name, const ExternDesc& desc, ByteWriter& out) {
  write_name(name, out);
  write_extern_type(desc, out);
}

// export ::= na:<nameattributes> si:<sortidx> et?:<externtype>?
void write_export(const Name& name, SortIndex item, const std::optional<ExternDesc>& ascription,
                  ByteWriter& out) {
  write_name(name, out);
  write_sort_index(item, out);
  out.byte(ascription ? 0x01 : 0x00, ascription ? "as type" : "no type");
  if (ascription) write_extern_type(*ascription, out);
}

// instanceexpr ::= 0x00 c:<componentidx> arg*:vec(<instantiatearg>)
//                | 0x01 e*:vec(<inlineexport>)
void write_instance(const InstanceDef& instance, ByteWriter& out) {
  out.byte(instance.component ? 0x00 : 0x01, instance.component ? "instantiate" : "exports");
  if (instance.component) {
    out.u32(*instance.component, "component");
    out.count(instance.args.size(), "count");
    for (const InstantiateArg& arg : instance.args) {
      out.name(arg.name, "argument");
      write_sort_index(arg.item, out);
    }
    return;
  }
  out.count(instance.exports.size(), "count");
  for (const InlineExport& item : instance.exports) {
    write_name(item.name, out);
    write_sort_index(item.item, out);
  }
}

// core:instanceexpr ::= 0x00 m:<moduleidx> arg*:vec(<core:instantiatearg>)
//                     | 0x01 e*:vec(<core:inlineexport>)
void write_core_instance(const CoreInstanceDef& instance, ByteWriter& out) {
  out.byte(instance.module ? 0x00 : 0x01, instance.module ? "instantiate" : "exports");
  if (instance.module) {
    out.u32(*instance.module, "core module");
    out.count(instance.args.size(), "count");
    for (const InstantiateArg& arg : instance.args) {
      out.name(arg.name, "argument");
      out.byte(sort_byte(arg.item.sort), sort_text(arg.item.sort));
      out.u32(arg.item.index, "index");
    }
    return;
  }
  out.count(instance.exports.size(), "count");
  for (const InlineExport& item : instance.exports) {
    out.name(item.name.text, "name");
    out.byte(sort_byte(item.item.sort), sort_text(item.item.sort));
    out.u32(item.item.index, "index");
  }
}

}  // namespace tenon::binary
