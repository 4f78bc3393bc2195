// A section is its id, its size, and a count of definitions, so its beginning can be written only
// when its end is known. `ComponentWriter` therefore encodes definitions into `body_` and counts
// them; when a definition of another section follows, `flush` writes the section and clears
// `body_`. Nested binaries, the start function and custom sections are sections of one item and are
// written directly. Types nest the same way: a `TypeWriter` collects its declarations, and the
// scope around it copies them.
#include "binary/write_component.h"

#include <memory>
#include <utility>
#include <variant>

#include "binary/opcodes.h"
#include "binary/write_definitions.h"
#include "support/check.h"

namespace tenon::binary {

// ---- TypeWriter: every call writes a declaration at once

TypeWriter::TypeWriter(Kind kind, KeepLabels keep) : kind_(kind), body_(keep) {}

std::uint32_t TypeWriter::add_type(const TypeExpr& type) {
  ++count_;
  body_.byte(0x01, "type declaration");
  write_type(type, {}, body_);
  return spaces_.add(Sort::Type);
}

std::uint32_t TypeWriter::add_type(const TypeWriter& type) {
  ++count_;
  body_.byte(0x01, "type declaration");
  type.write_to(body_);
  return spaces_.add(Sort::Type);
}

std::uint32_t TypeWriter::alias_export(std::uint32_t instance, Sort sort, std::string_view name) {
  ++count_;
  body_.byte(0x02, "alias declaration");
  write_alias({.sort = sort, .instance = instance, .name = name}, body_);
  return spaces_.add(sort);
}

std::uint32_t TypeWriter::alias_outer(Sort sort, std::uint32_t count, std::uint32_t index) {
  ++count_;
  body_.byte(0x02, "alias declaration");
  write_alias({.sort = sort, .target = AliasDef::Target::Outer, .count = count, .index = index},
              body_);
  return spaces_.add(sort);
}

std::uint32_t TypeWriter::import_item(const Name& name, const ExternDesc& desc) {
  TENON_CHECK(kind_ == Kind::Component);
  ++count_;
  body_.byte(0x03, "import declaration");
  write_import(name, desc, body_);
  return spaces_.add(sort_of(desc));
}

std::uint32_t TypeWriter::export_item(const Name& name, const ExternDesc& desc) {
  ++count_;
  body_.byte(0x04, "export declaration");
  write_name(name, body_);
  write_extern_type(desc, body_);
  return spaces_.add(sort_of(desc));
}

void TypeWriter::write_to(ByteWriter& out) const {
  const TypeOpcode opcode = kind_ == Kind::Component ? TypeOpcode::Component : TypeOpcode::Instance;
  out.byte(static_cast<std::uint8_t>(opcode), type_label(opcode));
  out.u32(count_, "declarations");
  out.append(body_, "declarations");
}

// ---- ComponentWriter: collects definitions in `body_` until one of another section follows

ComponentWriter::ComponentWriter(KeepLabels keep) : out_(keep), body_(keep), producers_(keep) {
  out_.raw(kComponentPreamble, "component");
}

// Starts one more definition of `section`. If another section is under construction, ends that
// first.
ByteWriter& ComponentWriter::item(Section section) {
  if (section_ != section) flush();
  section_ = section;
  ++count_;
  return body_;
}

void ComponentWriter::flush() {
  if (count_ == 0) return;
  ByteWriter contents(out_.keeps_labels());
  contents.u32(count_, "count");
  contents.append(body_, "definitions");
  write_section(section_, contents);
  body_.clear();
  count_ = 0;
}

void ComponentWriter::write_section(Section section, const ByteWriter& contents) {
  const std::uint8_t id = static_cast<std::uint8_t>(section);
  out_.byte(id, find_section(id).value_or(""));
  out_.block(contents, "size");
}

ByteSpan ComponentWriter::nest(Section section, std::span<const std::uint8_t> bytes,
                               std::span<const ByteLabel> labels) {
  flush();
  const std::uint8_t id = static_cast<std::uint8_t>(section);
  out_.byte(id, find_section(id).value_or(""));
  out_.count(bytes.size(), "size");
  const std::size_t begin = out_.size();
  out_.append(bytes, labels, "contents");
  return {begin, out_.size()};
}

std::uint32_t ComponentWriter::add_core_module(std::span<const std::uint8_t> bytes,
                                               std::string_view debug_name) {
  const ByteSpan span = nest(Section::CoreModule, bytes, {});
  const std::uint32_t index = spaces_.add(Sort::CoreModule);
  core_modules_.push_back({index, span});
  set_debug_name({Sort::CoreModule, index}, debug_name);
  return index;
}

std::uint32_t ComponentWriter::add_component(std::span<const std::uint8_t> bytes,
                                             std::string_view debug_name) {
  return nest_component(bytes, {}, debug_name);
}

std::uint32_t ComponentWriter::add_component(const EncodedComponent& component,
                                             std::string_view debug_name) {
  return nest_component(component.bytes, component.labels, debug_name);
}

std::uint32_t ComponentWriter::add_core_type(std::span<const std::uint8_t> type) {
  item(Section::CoreType).raw(type, "core type");
  return spaces_.add(Sort::CoreType);
}

std::uint32_t ComponentWriter::nest_component(std::span<const std::uint8_t> bytes,
                                              std::span<const ByteLabel> labels,
                                              std::string_view debug_name) {
  const ByteSpan span = nest(Section::Component, bytes, labels);
  const std::uint32_t index = spaces_.add(Sort::Component);
  components_.push_back({index, span});
  set_debug_name({Sort::Component, index}, debug_name);
  return index;
}

std::uint32_t ComponentWriter::add_type(const TypeExpr& type) {
  write_type(type, {}, item(Section::Type));
  return spaces_.add(Sort::Type);
}

std::uint32_t ComponentWriter::add_type(const TypeWriter& type) {
  type.write_to(item(Section::Type));
  return spaces_.add(Sort::Type);
}

std::uint32_t ComponentWriter::alias_export(std::uint32_t instance, Sort sort,
                                            std::string_view name) {
  write_alias({.sort = sort, .instance = instance, .name = name}, item(Section::Alias));
  return spaces_.add(sort);
}

std::uint32_t ComponentWriter::alias_core_export(std::uint32_t core_instance, Sort sort,
                                                 std::string_view name) {
  write_alias({.sort = sort,
               .target = AliasDef::Target::CoreExport,
               .instance = core_instance,
               .name = name},
              item(Section::Alias));
  return spaces_.add(sort);
}

std::uint32_t ComponentWriter::alias_outer(Sort sort, std::uint32_t count, std::uint32_t index) {
  write_alias({.sort = sort, .target = AliasDef::Target::Outer, .count = count, .index = index},
              item(Section::Alias));
  return spaces_.add(sort);
}

std::uint32_t ComponentWriter::import_item(const Name& name, const ExternDesc& desc) {
  write_import(name, desc, item(Section::Import));
  return spaces_.add(sort_of(desc));
}

std::uint32_t ComponentWriter::export_item(const Name& name, SortIndex exported,
                                           const std::optional<ExternDesc>& ascription) {
  write_export(name, exported, ascription, item(Section::Export));
  return spaces_.add(exported.sort);
}

std::uint32_t ComponentWriter::instantiate(std::uint32_t component,
                                           const std::vector<InstantiateArg>& args,
                                           std::string_view debug_name) {
  return append_instance({.component = component, .args = args}, debug_name);
}

std::uint32_t ComponentWriter::add_instance(const std::vector<InlineExport>& exports,
                                            std::string_view debug_name) {
  return append_instance({.component = std::nullopt, .exports = exports}, debug_name);
}

std::uint32_t ComponentWriter::append_instance(const InstanceDef& instance,
                                               std::string_view debug_name) {
  write_instance(instance, item(Section::Instance));
  const std::uint32_t index = spaces_.add(Sort::Instance);
  set_debug_name({Sort::Instance, index}, debug_name);
  return index;
}

void ComponentWriter::add_custom_section(std::string_view name,
                                         std::span<const std::uint8_t> contents) {
  flush();
  ByteWriter section(out_.keeps_labels());
  section.name(name, "name");
  section.raw(contents, "contents");
  write_section(Section::Custom, section);
}

void ComponentWriter::set_debug_name(std::string_view name) { debug_name_ = name; }

void ComponentWriter::set_debug_name(SortIndex named, std::string_view name) {
  if (name.empty()) return;
  debug_names_[static_cast<std::size_t>(named.sort)][named.index] = name;
}

void ComponentWriter::set_producers(const Producers& producers) {
  producers_.clear();
  write_producers(producers, producers_);
}

void ComponentWriter::write_debug_names() {
  DebugNames names = {.self = debug_name_, .items = {}};
  for (std::size_t sort = 0; sort < kSortCount; ++sort) {
    if (debug_names_[sort].empty()) continue;
    SortNames& sort_names = names.items.emplace_back();
    sort_names.sort = static_cast<Sort>(sort);
    for (const auto& [index, name] : debug_names_[sort]) sort_names.names.push_back({index, name});
  }
  if (names.self.empty() && names.items.empty()) return;
  ByteWriter section(out_.keeps_labels());
  section.name("component-name", "name");
  write_component_names(names, section);
  write_section(Section::Custom, section);
}

EncodedComponent ComponentWriter::finish() && {
  flush();
  write_debug_names();
  if (producers_.size() != 0) {
    ByteWriter section(out_.keeps_labels());
    section.name("producers", "name");
    section.append(producers_, "producers");
    write_section(Section::Custom, section);
  }
  std::vector<ByteLabel> labels = std::move(out_).take_labels();
  return {std::move(out_).take_bytes(), std::move(components_), std::move(core_modules_),
          std::move(labels)};
}

namespace {

std::span<const std::uint8_t> bytes_of(std::span<const std::uint8_t> file, ByteSpan span) {
  TENON_CHECK(span.begin <= span.end && span.end <= file.size());
  return file.subspan(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.size()));
}

}  // namespace

// ---- Copying definitions

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
