#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "link/inputs.h"
#include "packr/package_unit.h"
#include "support/diagnostics.h"

namespace tenon::link {

namespace {

// A wire of one function, with its ends.
struct LoneWire {
  std::size_t wire;
  std::string function;           // within the interface
  const resolve::Unit* provider;  // a package
  packr::Package::Function lone;  // its export
};

// An import of a component: the names of the unit and of the import.
using Imported = std::pair<std::string, std::string>;

class Joiner {
 public:
  explicit Joiner(Inputs& inputs) : inputs_(inputs), wires_(inputs.units.policy.wires) {}

  Diagnostics join() {
    std::map<Imported, std::vector<LoneWire>> groups;
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < wires_.size(); ++i)
      if (add(i, groups)) used.push_back(i);
    for (const auto& [imported, wires] : groups) join(imported, wires);
    for (const std::size_t wire : std::views::reverse(used))
      wires_.erase(wires_.begin() + static_cast<std::ptrdiff_t>(wire));
    std::ranges::move(joined_, std::back_inserter(wires_));
    return std::move(problems_);
  }

 private:
  [[nodiscard]] resolve::Unit* find_unit(std::string_view name) {
    const auto unit = std::ranges::find(inputs_.units.units, name, &resolve::Unit::name);
    return unit == inputs_.units.units.end() ? nullptr : &*unit;
  }

  // Null if the unit is not a package.
  [[nodiscard]] std::shared_ptr<const packr::Package>* find_package(std::string_view unit) {
    if (const auto running = inputs_.running_packages.find(unit);
        running != inputs_.running_packages.end())
      return &running->second;
    const auto binary = inputs_.binaries.find(unit);
    return binary == inputs_.binaries.end() || binary->second.package == nullptr
               ? nullptr
               : &binary->second.package;
  }

  bool add(std::size_t at, std::map<Imported, std::vector<LoneWire>>& groups) {
    const Wire& wire = wires_[at];
    const std::size_t dot = wire.import.rfind('.');
    if (wire.target != Wire::Target::Provider || wire.provider.empty() || dot == std::string::npos)
      return false;
    const resolve::Unit* const provider = find_unit(wire.provider);
    if (provider == nullptr) return false;
    const std::string function = wire.import.substr(dot + 1);
    const std::string& name = wire.export_name.empty() ? function : wire.export_name;
    const std::shared_ptr<const packr::Package>* const package = find_package(provider->name);
    if (package == nullptr) return false;
    const auto& exports = (*package)->exports;
    const auto lone = std::ranges::find_if(exports, [&](const packr::Package::Function& exported) {
      return exported.item == name && exported.function.empty();
    });
    if (lone == exports.end()) return false;
    const std::vector<Imported> importers =
        find_importers(wire, wire.import.substr(0, dot), function);
    for (const Imported& imported : importers)
      groups[imported].push_back({at, function, provider, *lone});
    return !importers.empty();
  }

  // The imports of components that have the function; none if a package imports the function by
  // itself, because the wire then applies to that import.
  [[nodiscard]] std::vector<Imported> find_importers(const Wire& wire, const std::string& interface,
                                                     const std::string& function) const {
    std::vector<Imported> importers;
    for (const resolve::Unit& unit : inputs_.units.units) {
      if (wire.consumer.empty() ? unit.name == wire.provider : unit.name != wire.consumer) continue;
      for (const types::RootItem& item : unit.type.imports) {
        const bool is_package = resolve::has_packr_types(unit.kind);
        if (is_package && item.name == wire.import) return {};
        const auto* instance = std::get_if<types::InstanceId>(&item.item);
        const bool is_meant = item.name == interface || item.name.starts_with(interface + "@");
        if (!is_package && instance != nullptr && is_meant &&
            inputs_.units.types.instances[*instance].find_export(function) != nullptr)
          importers.emplace_back(unit.name, item.name);
      }
    }
    return importers;
  }

  void join(const Imported& imported, const std::vector<LoneWire>& wires) {
    for (const LoneWire& lone_wire : wires)
      if (lone_wire.provider != wires.front().provider)
        return refuse(imported.second, wires.front(), lone_wire);
    Wire merged = wires_[wires.front().wire];
    for (const LoneWire& lone_wire : wires) merged.buffers |= wires_[lone_wire.wire].buffers;
    merged.consumer = imported.first;
    merged.import = imported.second;
    merged.export_name = offer(*find_unit(wires.front().provider->name), imported, wires);
    joined_.push_back(std::move(merged));
  }

  // The export of the package with the functions; added unless another consumer already needed it.
  std::string offer(resolve::Unit& provider, const Imported& imported,
                    const std::vector<LoneWire>& wires) {
    std::map<std::string, std::string> functions;  // and their names as bare functions
    for (const LoneWire& lone_wire : wires)
      functions.emplace(lone_wire.function, lone_wire.lone.item);
    std::string& name = offered_[{provider.name, functions}];
    if (!name.empty()) return name;
    const auto is_taken = [&] {
      return std::ranges::find(provider.type.exports, name, &types::RootItem::name) !=
             provider.type.exports.end();
    };
    name = imported.second;
    if (is_taken()) name = fmt::format("{} of {}", imported.second, imported.first);
    std::shared_ptr<const packr::Package>& known = *find_package(provider.name);
    auto package = std::make_shared<packr::Package>(*known);
    types::Instance instance;
    for (const LoneWire& lone_wire : wires) {
      if (instance.find_export(lone_wire.function) != nullptr) continue;
      instance.add_export(lone_wire.function, lone_wire.lone.type);
      package->exports.push_back(
          {name, lone_wire.function, "", lone_wire.lone.field, lone_wire.lone.type});
    }
    types::RootItem item;
    item.name = name;
    item.item = inputs_.units.types.instances.add(std::move(instance));
    provider.type.exports.push_back(std::move(item));
    known = std::move(package);
    return name;
  }

  void refuse(const std::string& interface, const LoneWire& lone_wire, const LoneWire& other) {
    Diagnostic problem = make_diagnostic(
        Code::ResolveAmbiguous,
        "the functions `{}` and `{}` of `{}` are wired to `{}` and `{}`, and a component takes an "
        "interface from one unit",
        lone_wire.function, other.function, interface, lone_wire.provider->name,
        other.provider->name);
    problem.where = wires_[lone_wire.wire].where;
    problem.notes.push_back(
        {.text = "the other wire is here", .excerpt = {}, .related = wires_[other.wire].where});
    problem.hints.emplace_back(
        "wire the functions to one package, or write a package that imports and forwards both");
    problems_.push_back(std::move(problem));
  }

  Inputs& inputs_;
  std::vector<Wire>& wires_;
  std::vector<Wire> joined_;
  // The added exports, by provider and functions.
  std::map<std::pair<std::string, std::map<std::string, std::string>>, std::string> offered_;
  Diagnostics problems_;
};

}  // namespace

Diagnostics join_lone_functions(Inputs& inputs) { return Joiner(inputs).join(); }

}  // namespace tenon::link
