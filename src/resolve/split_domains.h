// Splits a plan into one for each domain. The component of a domain holds only its own units; an
// edge to another domain becomes an import of one component and an export of the other.
//
//   const SplitPlan split = split_domains(plan);
//   for (const DomainPlan& domain : split.domains)
//     compose::embed(*domain.link, bytes_of(domain.link->units), {});
//
//   (component                                    ;; the domain of `site` and `cache`
//     (import "wasi:cli/stdout@0.2.12" ...)       ;; each domain has its own WASI
//     (import "i0" (instance ...))                ;; `store` of `kv`, which is in another
//     ...
//     (export "press:web/handler@1.0.0" ...)      ;; of the composition
//     (export "e0" (instance ...)))               ;; for units of other domains
//
// Source: docs/resolve.md, "What makes a composed component valid".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "resolve/plan.h"

namespace tenon::resolve {

// Position in SplitPlan::domains.
using DomainIndex = std::uint32_t;
// The "domain" of providers that are in none: native code, and units that run in other
// compositions.
inline constexpr DomainIndex kOutside = UINT32_MAX;

// How the calls of a bridged import are made: what its wires say, and whether values are converted.
struct BridgeOptions {
  // Whether all of its edges are lazy, and the first `on-failure` and `stream-buffer` among them.
  bool lazy = false;
  std::string on_failure = {};
  std::optional<std::uint64_t> stream_buffer = {};
  std::vector<std::string> middleware = {};  // around its calls, consumer's side first
  bool is_adapted = false;  // some of its functions have other types than the provider's
};

// An import of a domain's component that is met by a unit of another domain or composition, or by
// native code: an instance of functions, a function, or a resource. The code that runs the domain
// must define it. In the domain of a package, an import of the package.
struct BridgedImport {
  std::string name;          // in the component, such as "i3"; in a package, its own name
  UnitExport from;           // ids of the whole plan
  DomainIndex provider = 0;  // the domain of that unit, or kOutside
  // The name in the component of the provider's domain, such as "e7". Empty if nothing is called
  // (a bare resource), or if the provider is outside.
  std::string export_name = {};
  BridgeOptions options = {};
  std::string consumer = {};  // the unit that has it, or the domain if several have it
  std::string imported = {};  // its name in that unit; in one of them, if several have it
  // The union of the imports of the domain's units, with resources replaced by their classes. No
  // other functions are called.
  types::Item item;
};

// An export of a domain's component that is used by units of other domains or by the program.
struct BridgedExport {
  std::string name;  // in the component, such as "e7"; in a package, its own name
  UnitExport from;   // ids of the whole plan
  types::Item item;  // the type of the whole export
};

struct DomainPlan {
  std::string name;
  // A plan of the units of this domain only. Its `imports` are the imports of the composition that
  // these units have (Binding::Wasi, Open, Trap) and the bridged ones (Binding::Bridged): all of
  // DomainPlan::imports, and value types that only need a name ("t0") and no definition. A package
  // has no component; its plan holds the unit and nothing else. Null once the component is made.
  std::unique_ptr<LinkPlan> link;
  std::vector<UnitIndex> units;        // the position in the whole plan of each of link->units
  std::vector<BridgedImport> imports;  // in the order of link->imports
  std::vector<BridgedExport> exports;  // in the order of link->exports
  // The export that answers HTTP requests, under its own name; empty: none does.
  std::string handler = {};
  std::string handler_unit = {};
  // Exports after these: those that only the program calls, and the items that name their types.
  std::vector<BridgedExport> reachable;
};

// An export of the composition, with the domain whose component has it.
struct SplitExport {
  std::string name;  // in the composition and in the component of the domain
  DomainIndex domain = 0;
  UnitExport from;  // ids of the whole plan
};

struct SplitPlan {
  std::vector<DomainPlan> domains;            // in order of start
  std::vector<SplitExport> exports;           // as in LinkPlan::exports
  std::shared_ptr<const types::Types> types;  // as in LinkPlan; shared by all domains
};

// The position of the export through which a unit hands its state over when it is swapped: the
// interface `tenon:state/handover`, in any version. Absent: it has none.
[[nodiscard]] std::optional<std::uint32_t> find_handover(const types::ComponentType& unit);

// Splits a plan. Cannot fail, since resolve has refused every plan that cannot be split. A plan of
// one domain, without providers outside of it and without units that the program reaches, stays
// whole.
//
// All domains share one arena of types and the classes of resources.
// Cost:   linear in the units, their imports and exports.
[[nodiscard]] SplitPlan split_domains(const LinkPlan& plan);

}  // namespace tenon::resolve
