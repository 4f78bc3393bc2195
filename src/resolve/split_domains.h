// One plan for each domain of a plan: the component of a domain holds its units alone, and what
// crosses to another domain is an import of one component and an export of another.
//
//   const SplitPlan split = split_domains(plan);
//   for (const DomainPlan& domain : split.domains)
//     compose::embed(*domain.link, bytes_of(domain.link->units), {});
//
//   (component                                    ;; the domain of `site` and `cache`
//     (import "wasi:cli/stdout@0.2.12" ...)       ;; WASI is one for each domain
//     (import "i0" (instance ...))                ;; `store` of `kv`, which is in another
//     ...
//     (export "press:web/handler@1.0.0" ...)      ;; of the composition
//     (export "e0" (instance ...)))               ;; for units of other domains
//
// Source: docs/resolve.md, "What makes a composed component valid".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resolve/plan.h"

namespace tenon::resolve {

// Position in SplitPlan::domains.
using DomainIndex = std::uint32_t;
// Stands for what provides functions and is in no domain: the program, and units that run in other
// compositions.
inline constexpr DomainIndex kOutside = UINT32_MAX;

// An import of a domain's component that a unit of another domain or composition meets, or the
// program. Who runs the domain defines it: an instance of functions, a function, or a resource. Of
// a package's domain: an import of the package.
struct BridgedImport {
  std::string name;          // in the component: "i3"; of a package: its own
  UnitExport from;           // of the whole plan
  DomainIndex provider = 0;  // the domain of that unit, or kOutside
  // In the component of the provider's domain: "e7". Empty: a resource alone, nothing is called; or
  // the provider is outside.
  std::string export_name;
  // Whether all of its edges are lazy, and the first `on-failure` of one.
  bool lazy = false;
  std::string on_failure;
  // What the units of the domain ask for together; each resource is its class. Its functions are
  // all that is called.
  types::Item item;
};

// An export of a domain's component that units of other domains use, or the program.
struct BridgedExport {
  std::string name;  // in the component: "e7"; of a package: its own
  UnitExport from;   // of the whole plan
  types::Item item;  // the whole export, as its unit has it
};

struct DomainPlan {
  std::string name;
  // The units of this domain alone, sorted by name. `imports` are those of the composition that
  // they have (Met::Wasi, Open, Trap), and those that are bridged (Met::Bridged): each of
  // `DomainPlan::imports`, and value types that only have to have a name ("t0"), which nobody has
  // to define. Of a package: the unit alone, since it has no component. Null: its component is
  // made, and nobody asks any more.
  std::unique_ptr<LinkPlan> link;
  std::vector<UnitIndex> units;        // of link->units, in the whole plan
  std::vector<BridgedImport> imports;  // as they stand in link->imports
  std::vector<BridgedExport> exports;  // as they stand in link->exports
  // Behind them, what only the program calls of units that it reaches, and what that needs.
  std::vector<BridgedExport> reachable;
};

// Where an export of the composition is found.
struct SplitExport {
  std::string name;  // of the composition, and in the component of the domain
  DomainIndex domain = 0;
  UnitExport from;  // of the whole plan
};

struct SplitPlan {
  std::vector<DomainPlan> domains;   // in order of start
  std::vector<SplitExport> exports;  // as in LinkPlan::exports
  // The domain whose unit makes the resources of a class; of classes that a unit makes. kOutside:
  // the program makes them.
  std::map<types::ResourceId, DomainIndex> homes;
  // Of all domains, as in LinkPlan.
  std::shared_ptr<const types::Types> types;
  std::shared_ptr<const std::vector<types::ResourceId>> resource_class;
};

// The name by which the component of a unit's domain exports it: of the composition, of other
// domains, or of the program. Nothing: it does not.
[[nodiscard]] std::optional<std::string> find_export_name(const SplitPlan& split, UnitExport from);

// Cannot fail: resolve has refused what cannot be split. A plan of one domain, in which nothing is
// provided from outside and the program reaches no unit, is its own split.
//
// All domains share one arena of types and the classes of resources.
// Cost:   linear in the units, their imports and exports.
[[nodiscard]] SplitPlan split_domains(const LinkPlan& plan);

}  // namespace tenon::resolve
