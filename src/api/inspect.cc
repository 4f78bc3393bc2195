// Inspects one component: its imports, exports and parts.
#include "tenon/inspect.h"

#include <string>
#include <utility>

#include "api/functions.h"
#include "binary/custom_sections.h"
#include "binary/read_component.h"
#include "binary/read_module.h"
#include "engine/sha256.h"
#include "engine/wat.h"
#include "engine/wit_text.h"
#include "packr/package_module.h"
#include "resolve/plan.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/evaluate.h"
#include "wit/read_wit.h"

namespace tenon {

namespace {

using binary::ByteSpan;
using File = std::span<const std::uint8_t>;

ComponentPart make_part(std::string_view kind, std::string_view name, ByteSpan span) {
  return {std::string(kind), std::string(name), span.begin, span.end, {}};
}

ComponentPart module_part(File file, ByteSpan span) {
  ComponentPart part = make_part("core module", "", span);
  const Result<binary::Module> module = binary::read_module(file, span);
  if (!module) return part;
  part.name = binary::read_metadata(file, module->custom_sections).names.self;
  for (const binary::ModuleSection& section : module->sections) {
    const bool is_custom = section.id == 0;
    part.parts.push_back(make_part(is_custom ? "custom section" : section.name,
                                   is_custom ? section.name : "", section.span));
  }
  return part;
}

// The sections whose sizes are shown: code and custom sections. Types, imports and instances are
// summed up as the rest.
std::vector<ComponentPart> component_parts(File file, const binary::Component& component) {
  std::vector<ComponentPart> parts;
  for (const binary::Definition& definition : component.definitions) {
    if (const auto* module = std::get_if<binary::CoreModuleDef>(&definition)) {
      parts.push_back(module_part(file, module->span));
    } else if (const auto* custom = std::get_if<binary::CustomSection>(&definition)) {
      parts.push_back(make_part("custom section", custom->name, custom->span));
    } else if (const auto* nested = std::get_if<std::unique_ptr<binary::Component>>(&definition)) {
      ComponentPart part =
          make_part("component", binary::read_metadata(file, **nested).names.self, (*nested)->span);
      part.parts = component_parts(file, **nested);
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

void add_metadata(const binary::Metadata& metadata, Inspection& inspection) {
  inspection.name = metadata.names.self;
  for (const binary::MetadataText& text : metadata.texts)
    if (text.key == "version") inspection.version = std::string(text.value);
  for (const binary::ProducerField& field : metadata.producers)
    for (const binary::ProducerValue& value : field.values)
      inspection.producers.push_back(
          {std::string(field.name), std::string(value.name), std::string(value.version)});
}

// The interfaces and worlds of a WIT package are shown as exports.
Result<void> add_package(const binary::Component& component, types::Types& types,
                         Inspection& inspection) {
  TENON_TRY(const types::WitPackageTypes package, types::evaluate_wit_package(component, types));
  inspection.kind = Inspection::Kind::WitPackage;
  inspection.name = package.name;
  for (const types::NamedInterface& interface : package.interfaces)
    inspection.exports.push_back(resolve::shown_item(types, {interface.name, interface.instance}));
  return {};
}

Result<void> add_items(const binary::Component& component, Inspection& inspection) {
  types::Types types;
  if (types::is_wit_package(component)) return add_package(component, types, inspection);
  TENON_TRY(const types::ComponentType type, types::evaluate_component(component, types));
  for (const types::RootItem& item : type.imports)
    inspection.imports.push_back(resolve::shown_item(types, {item.name, item.item}));
  for (const types::RootItem& item : type.exports)
    inspection.exports.push_back(resolve::shown_item(types, {item.name, item.item}));
  return {};
}

// Without the `;` of a declaration.
std::string type_text(const FunctionType& type) {
  std::string text = type.wit("");
  if (text.ends_with(';')) text.pop_back();
  return text;
}

Result<void> add_package_items(const Bytes& bytes, Inspection& inspection) {
  types::Types types;
  TENON_TRY(packr::PackageUnit package,
            packr::read_package_unit("", bytes, {}, PackageAbi::CalleeBuffer, types));
  inspection.kind = Inspection::Kind::Package;
  inspection.import_hashes = std::move(package.unit.import_hashes);
  inspection.export_hashes = std::move(package.unit.export_hashes);
  types::TypeNames names;
  names.types.insert(package.package->names.begin(), package.package->names.end());
  const auto graph =
      std::make_shared<const value::TypeGraph>(value::TypeGraph{types, std::move(names)});
  const auto add = [&](const std::vector<types::RootItem>& items, std::vector<PlanItem>& shown,
                       std::vector<Inspection::Function>& functions) {
    for (const types::RootItem& item : items)
      shown.push_back(resolve::shown_item(types, {item.name, item.item}));
    for (const UnitFunction& function : api::list_functions(graph, items))
      functions.push_back({function.interface.empty()
                               ? function.name
                               : fmt::format("{}.{}", function.interface, function.name),
                           type_text(function.type)});
  };
  add(package.unit.type.imports, inspection.imports, inspection.imported);
  add(package.unit.type.exports, inspection.exports, inspection.exported);
  return {};
}

std::string_view kind_name(binary::CoreExtern::Kind kind) {
  switch (kind) {
    case binary::CoreExtern::Kind::Func:
      return "function";
    case binary::CoreExtern::Kind::Table:
      return "table";
    case binary::CoreExtern::Kind::Memory:
      return "memory";
    case binary::CoreExtern::Kind::Global:
      return "global";
    case binary::CoreExtern::Kind::Tag:
      return "tag";
  }
  return {};
}

void add_module_items(const binary::Module& module, Inspection& inspection) {
  for (const binary::ModuleImport& import : module.imports)
    inspection.imported.push_back({fmt::format("{}.{}", import.module, import.name),
                                   std::string(kind_name(import.item.kind))});
  for (const binary::ModuleExport& exported : module.exports)
    inspection.exported.push_back(
        {std::string(exported.name), std::string(kind_name(exported.kind))});
}

template <class T>
Result<T> placed(Result<T> result, std::string_view path) {
  if (result) return result;
  return place_problems(std::move(result).error(), std::string(path));
}

Result<Inspection> look_at(const std::string& path, const Bytes& bytes) {
  Inspection inspection;
  inspection.file = path;
  inspection.bytes = bytes.size();
  inspection.digest = engine::sha256_hex(bytes);
  if (binary::is_core_module(bytes)) {
    inspection.kind = Inspection::Kind::CoreModule;
    TENON_TRY(const binary::Module module, binary::read_module(bytes, {0, bytes.size()}));
    if (packr::looks_like_package(bytes))
      TENON_TRY_VOID(add_package_items(bytes, inspection));
    else
      add_module_items(module, inspection);
    add_metadata(binary::read_metadata(bytes, module.custom_sections), inspection);
    inspection.parts = module_part(bytes, {0, bytes.size()}).parts;
    return inspection;
  }
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  add_metadata(binary::read_metadata(bytes, component), inspection);
  TENON_TRY_VOID(add_items(component, inspection));
  inspection.parts = component_parts(bytes, component);
  return inspection;
}

Result<WitText> read_wit_of(const std::string& path, const WitFeatures& features) {
  const RealFiles files;
  if (wit::is_wit_text(files, path)) {
    TENON_TRY(const engine::EncodedWit encoded,
              wit::encode_wit(files, path, {.features = features}));
    TENON_TRY_VOID(wit::check_features(path, features, encoded.features));
    TENON_TRY(std::string text, engine::print_wit(encoded.binary));
    return WitText{.text = std::move(text), .notes = wit::make_notes(path, encoded)};
  }
  TENON_TRY_VOID(wit::refuse_features(path, features));
  TENON_TRY(const Bytes bytes, engine::read_component_file(files, path, NamedBy::User));
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  Result<std::string> text = engine::print_wit(bytes);
  if (text) return WitText{.text = *std::move(text), .notes = {}};
  if (!text.error().front().where.offset && text.error().front().hints.empty())
    text.error().front().hints.push_back(fmt::format(
        "a component may have what WIT cannot express, such as a resource that it exports "
        "by itself; `tenon inspect {}` lists all that it has",
        path));
  return std::move(text).error();
}

}  // namespace

Result<Inspection> inspect_file(std::string_view path) {
  const std::string file(path);
  const RealFiles files;
  Result<Bytes> bytes = engine::read_component_file(files, file, NamedBy::User);
  if (!bytes) return place_problems(std::move(bytes).error(), file);
  return placed(look_at(file, *bytes), path);
}

Result<Inspection> inspect_bytes(std::string_view name, const std::vector<std::uint8_t>& bytes) {
  return placed(look_at(std::string(name), bytes), name);
}

Result<WitText> read_wit(std::string_view path, const WitFeatures& features) {
  return placed(read_wit_of(std::string(path), features), path);
}

Result<std::string> print_wit(std::string_view path) {
  TENON_TRY(WitText wit, read_wit(path));
  return std::move(wit.text);
}

Result<std::string> print_wat(const std::vector<std::uint8_t>& bytes) {
  return engine::wasm_to_wat(bytes);
}

}  // namespace tenon
