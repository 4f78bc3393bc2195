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
// Whether units of a kind run outside of all domains: native code, and remote units.
[[nodiscard]] inline bool is_outside(UnitKind kind) { return is_native(kind) || is_remote(kind); }
// Whether units of a kind run in domains: of this composition or, if they already run, of another.
[[nodiscard]] inline bool runs_in_domain(UnitKind kind) {
  return row_of(kind).runs_in == RunsIn::Domain || row_of(kind).runs_in == RunsIn::OwnDomain;
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

// A line of the user that decides imports: `[[wire]]`, `--wire`, `--via`, or the same in a program.
// A wire that matches no import is an error.
struct Wire {
  std::optional<std::string> consumer;  // absent: every unit but the provider and its chain
  std::string import;                   // a name pattern; a glob is allowed
  std::optional<std::string> provider;
  std::optional<std::string> export_name;  // the provider's export under another name
  std::vector<std::string> via;            // units and middleware, consumer's side first
  enum class Target { Provider, Open, Trap } target = Target::Provider;
  bool lazy = false;  // the provider starts at its first call; bridged edges only
  // An import that nothing provides is a stub that traps, and the provider need not exist.
  bool optional = false;
  // The case of the error type that a consumer gets when the provider's domain dies in a call.
  std::optional<std::string> on_failure;
  std::optional<std::uint64_t> stream_buffer;  // in bytes, of each stream; bridged edges only
  bool adapt = false;    // values are converted where the versions of an interface differ
  bool buffers = false;  // buffers of a component fit `value` of a package, and the reverse
  Location where;
};

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
