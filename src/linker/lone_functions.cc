#include "linker/lone_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "linker/package_unit.h"
#include "support/diagnostics.h"

namespace tenon::linker {

namespace {

using resolve::Unit;
using resolve::Wire;

// A wire of one function, and what it is about.
struct LoneWire {
  std::size_t wire;
  std::string function;      // within the interface
  const Unit* provider;      // a package
  Package::Function lone;    // its export
};

// By consumer, if the wire names one, and import.
using Groups = std::map<std::pair<std::optional<std::string>, std::string>, std::vector<LoneWire>>;

class Joiner {
 public:
  explicit Joiner(Inputs& inputs) : inputs_(inputs), wires_(inputs.units.policy.wires) {}

  Diagnostics join() {
    Groups groups;
    for (std::size_t i = 0; i < wires_.size(); ++i) add(i, groups);
    std::vector<std::size_t> used;
    for (auto& [about, wires] : groups) {
      for (const LoneWire& one : wires) used.push_back(one.wire);
      join(about.first, about.second, wires);
    }
    std::ranges::sort(used, std::greater());
    for (const std::size_t wire : used)
      wires_.erase(wires_.begin() + static_cast<std::ptrdiff_t>(wire));
    std::ranges::move(joined_, std::back_inserter(wires_));
    return std::move(problems_);
  }

 private:
  [[nodiscard]] Unit* find_unit(std::string_view name) {
    const auto found = std::ranges::find(inputs_.units.units, name, &Unit::name);
    return found == inputs_.units.units.end() ? nullptr : &*found;
  }

  void add(std::size_t at, Groups& groups) {
    const Wire& wire = wires_[at];
    const std::size_t dot = wire.import.rfind('.');
    if (wire.target != Wire::Target::Provider || !wire.provider || dot == std::string::npos) return;
    const Unit* const provider = find_unit(*wire.provider);
    if (provider == nullptr || provider->kind != UnitKind::Package) return;
    const std::string interface = wire.import.substr(0, dot);
    std::string function = wire.import.substr(dot + 1);
    if (!is_imported(wire, interface, function)) return;
    const std::string& name = wire.export_name ? *wire.export_name : function;
    const Package& package = *inputs_.binaries.find(provider->name)->second.package;
    const auto lone = std::ranges::find_if(package.exports, [&](const Package::Function& one) {
      return one.item == name && one.function.empty();
    });
    if (lone == package.exports.end()) return;
    groups[{wire.consumer, interface}].push_back({at, std::move(function), provider, *lone});
  }

  // Whether components have it in an import, and no package has it as one of its own.
  [[nodiscard]] bool is_imported(const Wire& wire, const std::string& interface,
                                 const std::string& function) const {
    bool is_there = false;
    for (const Unit& unit : inputs_.units.units) {
      if (wire.consumer ? unit.name != *wire.consumer : unit.name == *wire.provider) continue;
      for (const types::RootItem& item : unit.type.imports) {
        if (unit.kind == UnitKind::Package && item.name == wire.import) return false;
        const auto* instance = std::get_if<types::InstanceId>(&item.item);
        const bool is_meant = item.name == interface || item.name.starts_with(interface + "@");
        is_there |= unit.kind == UnitKind::Component && instance != nullptr && is_meant &&
                    inputs_.units.types.instances[*instance].find_export(function) != nullptr;
      }
    }
    return is_there;
  }

  void join(const std::optional<std::string>& consumer, const std::string& interface,
            const std::vector<LoneWire>& wires) {
    Wire made = wires_[wires.front().wire];
    for (const LoneWire& one : wires)
      if (one.provider != wires.front().provider) return refuse(interface, wires.front(), one);
    Unit& provider = *find_unit(wires.front().provider->name);
    made.import = interface;
    made.export_name = free_name(provider, interface, consumer);
    types::Instance instance;
    UnitBinary& binary = inputs_.binaries.find(provider.name)->second;
    auto package = std::make_shared<Package>(*binary.package);
    for (const LoneWire& one : wires) {
      if (instance.find_export(one.function) != nullptr) continue;
      instance.add_export(one.function, one.lone.type);
      package->exports.push_back(
          {*made.export_name, one.function, "", one.lone.field, one.lone.type});
    }
    types::RootItem item;
    item.name = *made.export_name;
    item.item = inputs_.units.types.instances.add(std::move(instance));
    provider.type.exports.push_back(std::move(item));
    binary.package = std::move(package);
    joined_.push_back(std::move(made));
  }

  static std::string free_name(const Unit& provider, const std::string& interface,
                               const std::optional<std::string>& consumer) {
    const auto has = [&](const std::string& name) {
      return std::ranges::find(provider.type.exports, name, &types::RootItem::name) !=
             provider.type.exports.end();
    };
    std::string name = interface;
    for (int number = 1; has(name); ++number)
      name = fmt::format("{} of {}{}", interface, consumer ? *consumer : "all",
                         number == 1 ? "" : fmt::format(" ({})", number));
    return name;
  }

  void refuse(const std::string& interface, const LoneWire& one, const LoneWire& other) {
    Diagnostic problem = make_diagnostic(
        Code::ResolveAmbiguous,
        "the functions `{}` and `{}` of `{}` are wired to `{}` and `{}`, and a component takes an "
        "interface from one unit",
        one.function, other.function, interface, one.provider->name, other.provider->name);
    problem.where = wires_[one.wire].where;
    problem.notes.push_back({.text = "the other wire is here",
                             .excerpt = {},
                             .related = wires_[other.wire].where});
    problem.hints.emplace_back(
        "wire the functions to one package, or put a package between that imports both");
    problems_.push_back(std::move(problem));
  }

  Inputs& inputs_;
  std::vector<Wire>& wires_;
  std::vector<Wire> joined_;
  Diagnostics problems_;
};

}  // namespace

Diagnostics join_lone_functions(Inputs& inputs) { return Joiner(inputs).join(); }

}  // namespace tenon::linker
