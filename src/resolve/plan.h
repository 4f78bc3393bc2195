// The plan as compose needs it: `shown` is the plan for users (tenon::Plan), and the ids beside it
// say where every argument of every instantiation comes from.
//
//   TENON_TRY(const resolve::LinkPlan plan, resolve::resolve_units(std::move(inputs)));
//   for (const resolve::UnitIndex unit : plan.order)
//     instantiate(plan.units[unit], plan.arguments[unit]);
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "resolve/unit.h"
#include "support/rare.h"
#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::resolve {

// Position of a unit in Inputs::units after sorting by name, the same as in LinkPlan::units.
using UnitIndex = std::uint32_t;

// An export of a unit: position in ComponentType::exports.
struct UnitExport {
  UnitIndex unit = 0;
  std::uint32_t index = 0;

  auto operator<=>(const UnitExport&) const = default;
};

// An import of a unit: position in ComponentType::imports.
struct UnitImport {
  UnitIndex unit = 0;
  std::uint32_t index = 0;

  auto operator<=>(const UnitImport&) const = default;
};

// The argument for one import of one unit is one of these three.
struct FromUnit {
  UnitExport from;
};
// An import of the composition: position in LinkPlan::imports.
struct FromImport {
  std::uint32_t import = 0;
};
// No provider is needed: an instance or type that consists of value types, or of resources that
// have a definition elsewhere. compose writes it from the import's own type and the resource
// classes.
struct FromTypes {
  // The export that names its value types, if exports of the composition use them.
  std::optional<UnitExport> named_by = {};
};

using Argument = std::variant<FromUnit, FromImport, FromTypes>;

// An import of the composition, in the order in which they are written: an interface comes before
// those that use its types.
struct CompositionImport {
  // A wire that makes calls of an importer trap.
  struct TrapWire {
    std::string unit;
    std::string wire;  // as printed by `print_wire`
    bool operator==(const TrapWire&) const = default;
  };

  std::string name;
  // The union of what its importers ask for, with resources replaced by their classes.
  types::Item item;
  Rare<std::string> implements;
  std::vector<UnitImport> importers;  // none of an import of types alone
  // What meets it: the engine's WASI, the environment of the composition, a stub that traps, or
  // (in the component of one domain) a unit of another domain (split_domains.h).
  enum class Binding { Wasi, Open, Trap, Bridged } binding = Binding::Open;
  std::vector<TrapWire> trap_wires = {};  // of a stub that no optional import asks for
};

// An export of the composition, in the order in which they are written.
struct CompositionExport {
  std::string name;
  UnitExport from;
  bool is_implied = false;  // only because another export uses its types
  // It passes on an import of the component, which the engine can only export through a relay.
  bool is_relayed = false;
  Rare<std::string> implements;
  // Exports of other units with the same name and equal value types. Only this one is written, and it
  // names the types of all of them.
  std::vector<UnitExport> same_types = {};
  // Functions of the instance that a filter of its unit hides, sorted. The item is exported whole
  // unless compose can narrow it.
  std::vector<std::string> hidden_functions = {};
};

// The parts of an export that `expose` and `hide` hide.
struct HiddenExport {
  bool is_whole = false;
  std::vector<std::string> functions = {};  // sorted
};

// A plan and the inputs that it was made from. Immutable once made.
struct LinkPlan {
  Plan shown;
  std::vector<Unit> units;                    // sorted by name, without the unit "wasi"
  std::shared_ptr<const types::Types> types;  // shared by the plans of domains
  // arguments[u][i]: the argument for import i of unit u.
  std::vector<std::vector<Argument>> arguments;
  std::vector<CompositionImport> imports;
  std::vector<CompositionExport> exports;
  // The exports that filters hide, wholly or in part, from every consumer.
  std::map<UnitExport, HiddenExport> hidden;
  // The handlers of Policy::handlers, each in another domain.
  std::vector<UnitExport> handlers;
  std::vector<UnitIndex> order;  // dependencies first
  // Representative of the class of every resource id, by index. Resources with equal
  // representatives are one resource at run time.
  std::shared_ptr<const std::vector<types::ResourceId>> resource_class;
  // The rest of the inputs, so that the plan can be explained (explain.h).
  std::optional<Unit> wasi;
  Policy policy;
  types::BufferResources buffers;
};

// Chooses one provider for every import of every unit, or lists every problem.
//
// Order-independent: the same set of units and requests gives the same plan, byte for byte. Takes
// the inputs because the plan owns them afterwards. Linear in units, imports and candidates; no
// recursion on input depth.
// Errors:   every `resolve-` code.
// Source:   docs/resolve.md.
[[nodiscard]] Result<LinkPlan> resolve_units(Inputs inputs);

// An import or export as plans and inspections show it: name, kind, and the functions of an
// instance in the order written.
[[nodiscard]] PlanItem shown_item(const types::Types& types, const types::NamedItem& item);

}  // namespace tenon::resolve
