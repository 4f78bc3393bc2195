// What resolve works on: units with typed imports and exports, and the user's policy.
//
// Everything is a value, sorted or not: the answer depends on the set of inputs, never on their
// order. No file, no engine, no clock.
//
// Source: docs/resolve.md, sections 1, 6, 7, 10.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/plan.h"
#include "types/type.h"

namespace tenon::resolve {

// One instantiation of a component, or another kind of provider. The engine's WASI is a unit named
// "wasi" of kind Wasi; it has only exports.
struct Unit {
  std::string name;
  UnitKind kind = UnitKind::Component;
  std::string file;                          // as the user wrote it
  std::string digest;                        // SHA-256, hexadecimal
  std::optional<std::string> version;        // of its `version` section
  types::ComponentType type;                 // ids of Inputs::types
  std::vector<PlanHash> import_hashes = {};  // of a package
  std::vector<PlanHash> export_hashes = {};
  std::string domain = "main";  // where it is declared to be; of a plan: where it is
  bool is_isolated = false;     // in a domain of its own, named like the unit
  bool is_reachable = false;    // the program calls its exports, too; so those of isolated ones
  // Of another composition, where it runs: its functions are called there, and it has no imports.
  bool is_running = false;
  bool named_by_hand = false;  // given by --with: unused is an error, not a note (as for a unit
                               // that a wire names)
  Location where;              // where the unit was declared
};

// What is native code of the process: functions of the program, and bundles.
[[nodiscard]] inline bool is_native(UnitKind kind) {
  return kind == UnitKind::HostFunctions || kind == UnitKind::HostBundle;
}

// Whether a unit runs in a domain of this composition. Native code runs in none, and what another
// composition does in one of its own.
[[nodiscard]] inline bool has_domain(const Unit& unit) {
  return !is_native(unit.kind) && !unit.is_running;
}

// A hint. What it matches is decided by resolve; one that matches nothing is an error.
struct Wire {
  std::optional<std::string> consumer;  // absent: every unit but the provider and its chain
  std::string import;                   // any form of the name; a glob is allowed
  std::optional<std::string> provider;
  std::optional<std::string> export_name;  // the provider's export under another name
  std::vector<std::string> via;            // middleware, consumer's side first
  enum class Target { Provider, Open, Trap } target = Target::Provider;
  bool lazy = false;  // the provider starts at its first call; bridged edges only
  // The case of the error type that a consumer gets when the provider's domain dies in a call.
  std::optional<std::string> on_failure;
  Location where;
};

// `expose` and `hide` of one unit. With any `expose`, what is not exposed is hidden.
struct Filter {
  std::string unit;
  enum class Kind { Expose, Hide } kind = Kind::Hide;
  std::string item;  // "ns:pkg/iface[@v]", "iface.func", "iface.resource.f", or a plain export name
  Location where;
};

struct ExportWish {
  std::string unit;
  std::string item;
  std::optional<std::string> as;
  Location where;
};

// Where a unit is to be; decides over what the unit is declared with.
struct Placement {
  std::string unit;
  std::optional<std::string> domain;  // absent: one of its own, named like the unit
  Location where;
};

// A domain that was given settings: one in which no unit is placed is an error.
struct DomainTable {
  std::string name;
  Location where;
};

struct Policy {
  std::vector<Wire> wires;
  std::vector<Filter> filters;
  std::vector<ExportWish> exports;
  enum class Exports { Root, All } export_mode = Exports::Root;
  std::optional<std::string> root;
  Location root_where;
  enum class Unresolved { Error, Open } unresolved = Unresolved::Error;
  std::vector<Placement> placements;
  // All: every unit that no placement names has a domain of its own.
  enum class Isolation { AsPlaced, All } isolation = Isolation::AsPlaced;
  std::vector<DomainTable> domains;
};

struct Inputs {
  std::string name;
  std::vector<Unit> units;
  Policy policy;
  // Shared by all units of the link; resolve adds the types of merged imports.
  types::Types types;
};

}  // namespace tenon::resolve
