// The inputs of resolve: units with typed imports and exports, and the policy of the user.
//
// All of it is values without identity: no file, no engine, no clock. The order of the lists has no
// meaning; resolve sorts them.
//
// Source: docs/resolve.md, sections 1, 6, 7, 9 and 10.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resolve/unit_kind.h"
#include "support/rare.h"
#include "tenon/plan.h"
#include "tenon/result.h"
#include "tenon/wire.h"
#include "types/subtype.h"
#include "types/type.h"
#include "types/uses.h"

namespace tenon::resolve {

// One instantiation of a component, or another kind of provider. The engine's WASI is a unit named
// "wasi" of kind Wasi; it has only exports.
struct Unit {
  std::string name;
  UnitKind kind = UnitKind::Component;
  std::string file;                           // as the user wrote it
  std::shared_ptr<const std::string> digest;  // SHA-256, hexadecimal; null: no bytes
  Rare<std::string> version;                  // from its `version` section
  types::ComponentType type;                  // ids of Inputs::types
  // By export, the only unit that can import it, or the empty text: then all units can that have no
  // exports of their own in this list. The list is empty for all units but the program.
  std::vector<std::string> export_consumers = {};
  // By export, whether only a wire that names it can select it, such as an export of a remote unit for
  // an import with another name. The list is empty if there is no such export.
  std::vector<bool> only_wired = {};
  std::vector<PlanHash> import_hashes = {};  // packages only
  std::vector<PlanHash> export_hashes = {};
  std::string domain = "main";  // in Inputs: the declared domain; in a plan: its domain
  bool is_isolated = false;     // in a domain of its own, named like the unit
  bool is_reachable = false;  // the program can call its exports, as it can those of isolated units
  bool is_running = false;    // already running in another composition, where its functions are
                              // called; it has no imports
  types::RemotePeer peer = types::RemotePeer::Unknown;  // remote units only
  // Of a host bundle in a process of its own; null: it runs in this process, or is of another kind.
  std::shared_ptr<const HostProcess> process = {};
  bool is_explicit = false;  // given by --with: unused is an error, not a note (as for a unit
                             // that a wire names)
  std::shared_ptr<const Location> where;  // the declaration of the unit; null: none
};

// Whether units of a kind are native code of the process: functions of the program, and bundles.
[[nodiscard]] inline bool is_native(UnitKind kind) {
  return row_of(kind).runs_in == RunsIn::Process;
}
[[nodiscard]] inline bool is_remote(UnitKind kind) {
  return row_of(kind).runs_in == RunsIn::Remote;
}
// Whether a unit runs in another process.
[[nodiscard]] inline bool runs_elsewhere(const Unit& unit) {
  return is_remote(unit.kind) || unit.process != nullptr;
}
// Whether units of a kind run outside of all domains: native code, and remote units.
[[nodiscard]] inline bool is_outside(UnitKind kind) { return is_native(kind) || is_remote(kind); }
// Whether units of a kind run in domains: of this composition or, if they already run, of another.
[[nodiscard]] inline bool runs_in_domain(UnitKind kind) {
  return row_of(kind).runs_in == RunsIn::Domain || row_of(kind).runs_in == RunsIn::OwnDomain;
}
// Whether units of a kind are instances of components, alone or composed.
[[nodiscard]] inline bool is_made_of_components(UnitKind kind) {
  return row_of(kind).runs_in == RunsIn::Domain;
}
// Whether units of a kind answer the calls of the imports that a wire gives them, in place of a provider.
[[nodiscard]] inline bool replaces_provider(UnitKind kind) {
  return row_of(kind).level == CandidateLevel::Wired;
}
// Whether the items of units of a kind have the types of the imports that they meet.
[[nodiscard]] inline bool has_types_of_consumer(UnitKind kind) {
  return row_of(kind).types == TypesOf::Consumer;
}
// Whether units of a kind have the types of packr.
[[nodiscard]] inline bool has_packr_types(UnitKind kind) {
  return row_of(kind).types == TypesOf::Packages;
}

// Whether a unit runs in a domain of this composition. Native code is in no domain; a running unit is
// in a domain of its own composition, and a remote unit on another machine.
[[nodiscard]] inline bool has_domain(const Unit& unit) {
  return !is_outside(unit.kind) && !unit.is_running;
}

// A wrapper around the calls of an edge that is not a unit; `Wire::via` can name it. Its name is that
// of no unit.
struct Middleware {
  std::string name;
  bool passes_handles = true;  // also for functions with handles, streams or futures
};

// `expose` or `hide` of one unit. If a unit has any `expose`, everything else of it is hidden.
struct Filter {
  std::string unit;
  enum class Kind { Expose, Hide } kind = Kind::Hide;
  std::string item;  // "ns:pkg/iface[@v]", "iface.func", "iface.resource.f", or a plain export name
  Location where;
};

// An export that the composition should have: `[[export]]` or `--export`.
struct ExportRequest {
  std::string unit;
  std::string item;
  std::optional<std::string> as;
  Location where;
  bool is_one_of_all = false;  // of a unit's exports: if it cannot be linked, a note says so
};

// A unit whose handler of HTTP requests answers, root or not.
struct HandlerRequest {
  std::string unit;
  Location where;
  enum class By : std::uint8_t { Route, Program } by = By::Route;
};

// The domain for a unit. Overrides what the unit declares.
struct Placement {
  std::string unit;
  std::optional<std::string> domain;  // absent: a domain of its own, named like the unit
  Location where;
};

// A domain with settings. It is an error if no unit is placed in it.
struct DomainTable {
  std::string name;
  Location where;
};

struct Policy {
  std::vector<Wire> wires;
  std::vector<Filter> filters;
  std::vector<ExportRequest> exports;
  // Root: those of the root, and `exports`. All: also what no unit consumes. Listed: `exports` alone.
  enum class Exports { Root, All, Listed } export_mode = Exports::Root;
  std::optional<std::string> root;
  Location root_where;
  // An import without a provider is an error, or stays open. Outside: units provide only what wires
  // say; all other imports are met from outside of the composition (the program, host bundles, remote
  // units, WASI), or stay open.
  enum class Unresolved { Error, Open, Outside } unresolved = Unresolved::Error;
  std::vector<Placement> placements;
  // All: every unit that no placement names has a domain of its own.
  enum class Isolation { AsPlaced, All } isolation = Isolation::AsPlaced;
  std::vector<DomainTable> domains;
  std::vector<Middleware> middleware;  // no two of one name
  // Whether the composition is run by this engine, or written as a component. What this engine cannot
  // run is an error if it is run, and a warning otherwise, because another engine may run it.
  enum class Product { Run, Component } product = Product::Run;
  std::vector<HandlerRequest> handlers = {};  // a unit can repeat
};

struct Inputs {
  std::string name;
  std::vector<Unit> units;
  Policy policy;
  // Shared by all units of the link; resolve adds the types of merged imports.
  types::Types types;
  types::BufferResources buffers = {};
};

}  // namespace tenon::resolve
