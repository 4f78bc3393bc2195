#include "packr/package_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "binary/custom_sections.h"
#include "binary/read_module.h"
#include "packr/call_metadata.h"
#include "packr/export_names.h"
#include "packr/metadata.h"
#include "packr/package_module.h"
#include "packr/wire_names.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

// A function of a package before it has a place among the unit's items.
struct Listed {
  std::string interface;  // empty: by itself
  std::string name;       // as WIT would call it
  std::string module;     // of an import
  std::string field;
  types::FunctionId type;
};

std::string joined_name(std::string_view interface, std::string_view name) {
  return interface.empty() ? std::string(name) : fmt::format("{}.{}", interface, name);
}

// "a:b/c.f" is f of a:b/c.
std::pair<std::string, std::string> split_name(std::string_view name) {
  const std::size_t dot = name.find_last_of(".#");
  if (dot == name.npos || dot == 0 || dot + 1 == name.size()) return {"", std::string(name)};
  return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

// A function of which nothing is known.
types::FunctionId add_untyped(types::Types& types) {
  types::Function function;
  function.is_untyped = true;
  function.params.push_back({"arguments", types.types.add({types::Dynamic{}})});
  function.result = types.types.add({types::Dynamic{}});
  return types.functions.add(std::move(function));
}

// The functions that metadata lists, by interface and label; the first of equal ones.
class ListedTypes {
 public:
  explicit ListedTypes(const std::vector<MetadataFunction>& functions) {
    for (const MetadataFunction& one : functions)
      types_.try_emplace(std::pair(one.interface, label_of_field(one.name)), one.type);
  }

  [[nodiscard]] std::optional<types::FunctionId> find(std::string_view interface,
                                                      std::string_view name) const {
    const auto found = types_.find(std::pair(std::string(interface), label_of_field(name)));
    return found == types_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::pair<std::string, std::string>, types::FunctionId> types_;
};

std::vector<Listed> list_imports(const PackageModule& module, const Metadata& metadata,
                                 types::Types& types) {
  const ListedTypes known(metadata.imports);
  std::vector<Listed> listed;
  for (const PackageModule::Import& import : module.imports) {
    const auto type = known.find(import.module, import.field);
    listed.push_back({std::string(import.module), label_of_field(import.field),
                      std::string(import.module), std::string(import.field),
                      type ? *type : add_untyped(types)});
  }
  return listed;
}

Diagnostic missing_export(std::string_view interface, std::string_view name) {
  Diagnostic note =
      make_diagnostic(Code::NoteMissingExport,
                      "its metadata declares the export {}, which the module does not have",
                      quote_text(joined_name(interface, name)));
  note.hints.emplace_back("rebuild the package; `tenon pack verify` checks it");
  return note;
}

// notes: what the module lacks.
std::vector<Listed> list_exports(const PackageModule& module, const Metadata& metadata,
                                 types::Types& types, Diagnostics& notes) {
  std::vector<Listed> listed;
  ExportNames names(module);
  for (const MetadataFunction& one : metadata.exports) {
    const std::optional<std::string_view> field = names.take(one.interface, one.name);
    if (field)
      listed.push_back(
          {one.interface, label_of_field(one.name), "", std::string(*field), one.type});
    else
      notes.push_back(missing_export(one.interface, one.name));
  }
  for (const std::string_view name : names.untaken()) {
    auto [interface, function] = split_name(name);
    listed.push_back({std::move(interface), label_of_field(function), "", std::string(name),
                      add_untyped(types)});
  }
  return listed;
}

// How a wire names the function by itself, if one does. named: what a wire says of this unit.
template <class Named>
std::optional<std::string> find_wired(std::span<const resolve::Wire> wires, const Listed& function,
                                      Named&& named) {
  if (function.interface.empty()) return std::nullopt;
  const std::string label = joined_name(function.interface, function.name);
  const std::string raw = joined_name(function.interface, function.field);
  for (const resolve::Wire& wire : wires) {
    std::optional<std::string> name = named(wire);
    if (name && (*name == label || *name == raw || *name == function.field)) return name;
  }
  return std::nullopt;
}

types::RootItem make_item(const std::string& name, types::Item item) {
  types::RootItem made;
  made.name = name;
  made.item = item;
  return made;
}

// The items of one side, in the order of their first functions.
class Items {
 public:
  Items(types::Types& types, std::vector<types::RootItem>& items,
        std::vector<Package::Function>& functions)
      : types_(types), items_(items), functions_(functions) {}

  void add_alone(const Listed& listed, std::string name) {
    items_.push_back(make_item(name, listed.type));
    functions_.push_back({std::move(name), "", listed.module, listed.field, listed.type});
  }
  void add_to_interface(const Listed& listed) {
    const auto [at, is_new] = instances_.try_emplace(listed.interface, items_.size());
    if (is_new)
      items_.push_back(make_item(listed.interface, types_.instances.add(types::Instance())));
    types::Instance& instance =
        types_.instances[std::get<types::InstanceId>(items_[at->second].item)];
    // Two that differ in `-` and `_` alone: the second keeps its own name.
    const std::string& name =
        instance.find_export(listed.name) == nullptr ? listed.name : listed.field;
    instance.add_export(name, listed.type);
    functions_.push_back({listed.interface, name, listed.module, listed.field, listed.type});
  }

 private:
  types::Types& types_;
  std::vector<types::RootItem>& items_;
  std::vector<Package::Function>& functions_;
  std::map<std::string, std::size_t> instances_;
};

std::vector<PlanHash> show_hashes(const std::vector<MetadataHash>& hashes) {
  std::vector<PlanHash> shown;
  for (const MetadataHash& one : hashes) {
    shown.push_back({one.interface, show_sha256(one.hash)});
  }
  return shown;
}

Result<Metadata> metadata_of(std::span<const std::uint8_t> bytes, const PackageModule& module,
                             types::Types& types) {
  TENON_TRY(const auto given, get_metadata(bytes, module));
  return given ? read_metadata(*given, types) : Metadata();
}

}  // namespace

Result<PackageUnit> read_package_unit(std::string_view unit, std::span<const std::uint8_t> bytes,
                                      std::span<const resolve::Wire> wires, types::Types& types) {
  TENON_TRY(const PackageModule module, read_package_module(bytes));
  TENON_TRY(Metadata metadata, metadata_of(bytes, module, types));
  PackageUnit made;
  Package package;
  Items imports(types, made.unit.type.imports, package.imports);
  for (const Listed& one : list_imports(module, metadata, types)) {
    std::optional<std::string> alone =
        find_wired(wires, one, [&](const resolve::Wire& wire) -> std::optional<std::string> {
          if (wire.consumer && *wire.consumer != unit) return std::nullopt;
          return wire.import;
        });
    if (alone)
      imports.add_alone(one, *std::move(alone));
    else
      imports.add_to_interface(one);
  }
  Items exports(types, made.unit.type.exports, package.exports);
  for (const Listed& one : list_exports(module, metadata, types, made.notes)) {
    if (one.interface.empty()) {
      exports.add_alone(one, one.name);
      continue;
    }
    exports.add_to_interface(one);
    std::optional<std::string> alone =
        find_wired(wires, one, [&](const resolve::Wire& wire) -> std::optional<std::string> {
          if (wire.provider != unit) return std::nullopt;
          return wire.export_name ? *wire.export_name : wire.import;
        });
    if (alone) exports.add_alone(one, *std::move(alone));
  }
  package.names = std::move(metadata.names);
  made.unit.import_hashes = show_hashes(metadata.import_hashes);
  made.unit.export_hashes = show_hashes(metadata.export_hashes);
  if (const auto read = binary::read_module(bytes, {0, bytes.size()}))
    for (const binary::MetadataText& text :
         binary::read_metadata(bytes, read->custom_sections).texts)
      if (text.key == "version") made.unit.version = std::string(text.value);
  made.package = std::make_shared<const Package>(std::move(package));
  return made;
}

}  // namespace tenon::packr
