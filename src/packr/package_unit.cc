#include "packr/package_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "binary/custom_sections.h"
#include "binary/read_module.h"
#include "packr/guest_names.h"
#include "packr/metadata.h"
#include "packr/metadata_bytes.h"
#include "packr/package_module.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

// A function of a package that is not yet part of an item of the unit.
struct Listed {
  std::string interface;  // empty: a bare function
  std::string name;       // in the form of WIT
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

// The type of a function without metadata.
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
    for (const MetadataFunction& function : functions)
      types_.try_emplace(std::pair(function.interface, label_of_field(function.name)),
                         function.type);
  }

  [[nodiscard]] std::optional<types::FunctionId> find(std::string_view interface,
                                                      std::string_view name) const {
    const auto type = types_.find(std::pair(std::string(interface), label_of_field(name)));
    return type == types_.end() ? std::nullopt : std::optional(type->second);
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

// notes: gets a note for each export that the module does not have.
std::vector<Listed> list_exports(const PackageModule& module, const Metadata& metadata,
                                 types::Types& types, Diagnostics& notes) {
  std::vector<Listed> listed;
  ExportNames names(module);
  for (const MetadataFunction& function : metadata.exports) {
    const std::optional<std::string_view> field = names.take(function.interface, function.name);
    if (field)
      listed.push_back({function.interface, label_of_field(function.name), "", std::string(*field),
                        function.type});
    else
      notes.push_back(missing_export(function.interface, function.name));
  }
  for (const std::string_view name : names.unused()) {
    auto [interface, function] = split_name(name);
    listed.push_back({std::move(interface), label_of_field(function), "", std::string(name),
                      add_untyped(types)});
  }
  return listed;
}

// The name under which a wire selects this function alone, if there is such a wire. named: the
// items of this unit that wires name.
template <class Named>
std::optional<std::string> find_wired(std::span<const Wire> wires, const Listed& function,
                                      Named&& named) {
  if (function.interface.empty()) return std::nullopt;
  const std::string label = joined_name(function.interface, function.name);
  const std::string raw = joined_name(function.interface, function.field);
  for (const Wire& wire : wires) {
    std::optional<std::string> name = named(wire);
    if (name && (*name == label || *name == raw || *name == function.field)) return name;
  }
  return std::nullopt;
}

types::RootItem make_item(const std::string& name, types::Item item) {
  types::RootItem root_item;
  root_item.name = name;
  root_item.item = item;
  return root_item;
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
    // If two names differ only in `-` and `_`, the second one is kept unchanged.
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
  for (const MetadataHash& hash : hashes) {
    shown.push_back({hash.interface, engine::show_sha256(hash.hash)});
  }
  return shown;
}

// Both forms of functions have the same type in the module. An allocator and metadata came with the
// form in which the callee has the buffer.
Result<PackageAbi> detect_abi(const PackageModule& module, const Metadata& metadata) {
  if (!metadata.abi.empty()) {
    if (const auto abi = parse_package_abi(metadata.abi)) return *abi;
    Diagnostic problem = make_diagnostic(
        Code::PackMetadata, "its metadata has the unknown `abi` {}", quote_text(metadata.abi));
    problem.hints.emplace_back("it can be `callee-buffer` or `caller-buffer`");
    return problem;
  }
  const bool has_functions = !module.imports.empty() || !module.exports.empty();
  if (module.has_allocator || module.has_types || !has_functions) return PackageAbi::CalleeBuffer;
  Diagnostic problem = make_diagnostic(
      Code::PackModule,
      "it has neither `__pack_alloc` nor metadata, so its functions can have either form of "
      "packr's: with a result in a buffer of the callee, or of the caller");
  problem.notes.push_back({"both forms have the type `(i32, i32, i32, i32) -> (i32)`", {}, {}});
  problem.hints.emplace_back(
      "say which: \"caller-buffer\" if its functions return the size of a result that they wrote "
      "to "
      "the third parameter, otherwise \"callee-buffer\"",
      HintWays{.program = "`UnitOptions::abi`",
               .command = {},
               .manifest = {"[packages.NAME]", "abi = \"callee-buffer\""}});
  return problem;
}

Result<Metadata> metadata_of(std::span<const std::uint8_t> bytes, const PackageModule& module,
                             types::Types& types) {
  TENON_TRY(const auto own_metadata, get_metadata(bytes, module));
  return own_metadata ? read_metadata(*own_metadata, types) : Metadata();
}

}  // namespace

std::optional<PackageAbi> parse_package_abi(std::string_view name) {
  if (name == "callee-buffer") return PackageAbi::CalleeBuffer;
  if (name == "caller-buffer") return PackageAbi::CallerBuffer;
  return std::nullopt;
}

Result<PackageUnit> read_package_unit(std::string_view unit, std::span<const std::uint8_t> bytes,
                                      std::span<const Wire> wires, PackageAbi abi,
                                      types::Types& types) {
  TENON_TRY(const PackageModule module, read_package_module(bytes));
  TENON_TRY(Metadata metadata, metadata_of(bytes, module, types));
  PackageUnit package_unit;
  Package package;
  package.abi = abi;
  package.version = metadata.version;
  package.is_async = module.is_async;
  // The async form came after version 3.
  if (module.is_async && !package.version) package.version = GraphVersion::V3;
  if (abi == PackageAbi::Detect) {
    TENON_TRY(package.abi, detect_abi(module, metadata));
  }
  if (package.is_async && package.abi == PackageAbi::CallerBuffer)
    return make_diagnostic(Code::PackModule,
                           "it exports `__pack_resume`, and its functions are declared with "
                           "`caller-buffer`: async functions have the form `callee-buffer`");
  Items imports(types, package_unit.unit.type.imports, package.imports);
  for (const Listed& listed : list_imports(module, metadata, types)) {
    std::optional<std::string> alone =
        find_wired(wires, listed, [&](const Wire& wire) -> std::optional<std::string> {
          if (!wire.consumer.empty() && wire.consumer != unit) return std::nullopt;
          return wire.import;
        });
    if (alone)
      imports.add_alone(listed, *std::move(alone));
    else
      imports.add_to_interface(listed);
  }
  Items exports(types, package_unit.unit.type.exports, package.exports);
  for (const Listed& listed : list_exports(module, metadata, types, package_unit.notes)) {
    if (listed.interface.empty()) {
      exports.add_alone(listed, listed.name);
      continue;
    }
    exports.add_to_interface(listed);
    std::optional<std::string> alone =
        find_wired(wires, listed, [&](const Wire& wire) -> std::optional<std::string> {
          if (wire.provider != unit) return std::nullopt;
          return wire.export_name.empty() ? wire.import : wire.export_name;
        });
    if (alone) exports.add_alone(listed, *std::move(alone));
  }
  package.names = std::move(metadata.names);
  package_unit.unit.import_hashes = show_hashes(metadata.import_hashes);
  package_unit.unit.export_hashes = show_hashes(metadata.export_hashes);
  if (const auto read = binary::read_module(bytes, {0, bytes.size()}))
    for (const binary::MetadataText& text :
         binary::read_metadata(bytes, read->custom_sections).texts)
      if (text.key == "version") package_unit.unit.version = std::string(text.value);
  package_unit.package = std::make_shared<const Package>(std::move(package));
  return package_unit;
}

}  // namespace tenon::packr
