// Definitions that were read, written again into another component.
#include <memory>
#include <variant>

#include "binary/opcodes.h"
#include "binary/write_component.h"
#include "binary/write_definitions.h"
#include "support/check.h"

namespace tenon::binary {

namespace {

std::span<const std::uint8_t> bytes_of(std::span<const std::uint8_t> file, ByteSpan span) {
  TENON_CHECK(span.begin <= span.end && span.end <= file.size());
  return file.subspan(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.size()));
}

}  // namespace

struct ComponentWriter::Copier {
  ComponentWriter& out;
  std::span<const std::uint8_t> file;

  void copy(Section section, ByteSpan span, std::string_view label) {
    out.item(section).raw(bytes_of(file, span), label);
  }

  void operator()(const CoreModuleDef& module) { out.add_core_module(bytes_of(file, module.span)); }
  void operator()(const std::unique_ptr<Component>& component) {
    out.add_component(bytes_of(file, component->span));
  }
  void operator()(const CoreInstanceDef& instance) {
    write_core_instance(instance, out.item(Section::CoreInstance));
    out.spaces_.add(Sort::CoreInstance);
  }
  void operator()(const CoreTypeDef& type) {
    copy(Section::CoreType, type.span, "core type");
    out.spaces_.add(Sort::CoreType, type.count);
  }
  void operator()(const InstanceDef& instance) { out.append_instance(instance, {}); }
  void operator()(const AliasDef& alias) {
    write_alias(alias, out.item(Section::Alias));
    out.spaces_.add(alias.sort);
  }
  void operator()(const TypeDef& type) {
    write_type(type.type, file, out.item(Section::Type));
    out.spaces_.add(Sort::Type);
  }
  void operator()(const CanonDef& canon) {
    copy(Section::Canon, canon.span, canon_text(canon.opcode));
    out.spaces_.add(canon.is_lift() ? Sort::Func : Sort::CoreFunc);
  }
  void operator()(const StartDef& start) {
    out.flush();
    ByteWriter section(out.keeps_labels());
    section.u32(start.func, "func");
    section.count(start.args.size(), "count");
    for (const std::uint32_t arg : start.args) section.u32(arg, "value");
    section.u32(start.results, "results");
    out.write_section(Section::Start, section);
    out.spaces_.add(Sort::Value, start.results);
  }
  void operator()(const ImportDef& import) { out.import_item(import.name, import.desc); }
  void operator()(const ExportDef& exported) {
    out.export_item(exported.name, exported.item, exported.ascription);
  }
  void operator()(const ValueDef& value) {
    copy(Section::Value, value.span, "value");
    out.spaces_.add(Sort::Value);
  }
  void operator()(const CustomSection& custom) {
    out.add_custom_section(custom.name, bytes_of(file, custom.span));
  }
};

void ComponentWriter::copy_definition(const Definition& definition,
                                      std::span<const std::uint8_t> file) {
  std::visit(Copier{*this, file}, definition);
}

}  // namespace tenon::binary
