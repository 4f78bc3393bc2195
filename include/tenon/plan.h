// The plan of a composition: the result of linking before anything is compiled. It records all
// edges, domains, exports and the start order. A plan is plain data that can be printed without an
// engine, and equal inputs give equal plans in whatever order they were added.
//
//   tenon::Result<tenon::Plan> plan = builder.plan();
//   for (const tenon::PlanEdge& edge : plan->edges)
//     print("{} gets {} from {}", edge.consumer, edge.import, edge.provider);
//
// Docs: docs/resolve.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// Kinds of units in order of precedence: candidates of an earlier kind win over those of a later
// one.
enum class UnitKind : std::uint8_t {
  HostFunctions,
  Component,
  Composition,
  Package,
  HostBundle,
  Remote,
  Wasi,
  Mock,  // middleware that answers calls from a file
};
// Returns the name of a kind as used in JSON output and lock files: "component", "host-bundle", ...
// Lifetime: static.
[[nodiscard]] std::string_view get_name(UnitKind kind);

// How calls cross an edge.
enum class EdgeKind : std::uint8_t { Direct, Bridged, Native, Remote, Packr, Wasi };
// Returns the name of a kind: "direct", "bridged", ...
// Lifetime: static.
[[nodiscard]] std::string_view get_name(EdgeKind kind);

// The rule by which a provider was chosen.
enum class EdgeReason : std::uint8_t {
  Wire,           // the user wired it
  Chain,          // next in a `via` chain
  HostFunction,   // the embedding program provides exactly this import
  SameName,       // a unit is named like the import
  OnlyCandidate,  // nothing else fits
  SameResource,   // another provider would split a resource type
  BestVersion,    // the best version in the only remaining unit
};

enum class PlanItemKind : std::uint8_t {
  Instance,
  Function,
  ValueType,
  Resource,
  // Items that tenon does not link. A unit can export them, but nothing can import them.
  CoreModule,
  Component,
  Value,
  Type,  // of functions, instances or components
};

// An import or export of a unit.
struct PlanItem {
  std::string name;  // as written in the unit
  PlanItemKind kind = PlanItemKind::Instance;
  // Functions of an instance, in declaration order; empty for other items.
  std::vector<std::string> functions;

  bool operator==(const PlanItem&) const = default;
};

// The digest of an interface of a packr package, as stated by the package or computed from its
// types.
struct PlanHash {
  std::string interface;  // empty: functions outside of any interface
  std::string digest;     // SHA-256, 64 hexadecimal digits

  bool operator==(const PlanHash&) const = default;
};

// A host bundle whose native code runs in a process of its own, and what it may do there
// (docs/host-process.md). Its crash fails the calls in progress, and not the program.
struct HostProcess {
  bool files =
      true;  // false: after its library is loaded, no path can be opened, created or looked at
  bool network = true;                       // false: it can make no sockets
  std::optional<std::uint64_t> memory = {};  // bytes that it can write; RLIMIT_DATA
  std::optional<std::chrono::milliseconds> cpu =
      {};                                         // of its life, rounded up to seconds; RLIMIT_CPU
  std::optional<std::uint64_t> descriptors = {};  // open at once, at least 16; RLIMIT_NOFILE
  // How many times a process that ended is replaced, by the next call.
  std::uint32_t restarts = 0;
  std::optional<std::chrono::milliseconds> within =
      {};  // counted within this time; absent: in total

  bool operator==(const HostProcess&) const = default;
};

struct PlanUnit {
  std::string name;
  UnitKind kind = UnitKind::Component;
  std::string file;  // as the user wrote it; empty: from memory
  std::optional<std::string>
      version;         // from its `version` section, or the package version of its exports
  std::string digest;  // SHA-256 of its bytes, 64 hexadecimal digits; empty: no bytes
  std::string domain;
  std::vector<PlanItem> imports;
  std::vector<PlanItem> exports;
  std::vector<PlanHash> import_hashes;  // for a package, by name
  std::vector<PlanHash> export_hashes;
  std::vector<std::string> config;          // the keys of its configuration, sorted
  std::optional<HostProcess> process = {};  // of a host bundle; absent: it runs in this process

  bool operator==(const PlanUnit&) const = default;
};

// The standard streams of the process that are open to a domain. Reads from a closed stream return
// nothing, and writes to it are discarded.
enum class Stdio : std::uint8_t {
  None,
  Output,   // standard output and error
  Inherit,  // standard input as well
};
// Returns the name as in a manifest: "none", "output" or "inherit".
// Lifetime: static.
[[nodiscard]] std::string_view get_name(Stdio stdio);

// Access and limits of a domain. Nothing is granted by default.
struct PlanDirectory {
  std::string host;
  std::string guest;
  bool writable = true;

  bool operator==(const PlanDirectory&) const = default;
};
struct PlanGrants {
  std::vector<PlanDirectory> dirs;
  std::vector<std::string> env;   // names, sorted; values are not part of a plan
  std::vector<std::string> net;   // "*", "host" or "host:port"
  std::vector<std::string> http;  // "api.example.com", "*.example.org:8443"
  bool http_proxy = false;  // whether these requests go through the proxies set in the environment
  Stdio stdio = Stdio::None;
  std::size_t args = 0;  // number of arguments

  bool operator==(const PlanGrants&) const = default;
};

// Limits of a domain; absent: not limited.
struct PlanLimits {
  std::optional<std::uint64_t> memory;     // bytes, for all memories together
  std::optional<std::uint64_t> tables;     // elements, for each table
  std::optional<std::uint64_t> instances;  // core instances
  std::optional<std::uint64_t> fuel;
  std::optional<std::chrono::milliseconds> timeout;       // for the whole run
  std::optional<std::chrono::milliseconds> call_timeout;  // for one call from outside
  std::uint32_t restarts = 0;                             // maximum number of restarts
  // counted within this time; absent: in total
  std::optional<std::chrono::milliseconds> within;
  // The most instances at once, each of which serves one call. 0: one instance serves all calls.
  std::uint32_t pool = 0;

  bool operator==(const PlanLimits&) const = default;
};

// A domain: units that share one store.
struct PlanDomain {
  std::string name;
  std::vector<std::string> units;  // in order of instantiation
  PlanGrants grants;
  PlanLimits limits;
  bool owns_thread = false;  // `thread = "own"`
  // The domain in which the units were placed, if middleware between them and others of it made a
  // domain of its own necessary. It has the same grants and limits. Empty: this domain.
  std::string part_of;

  bool operator==(const PlanDomain&) const = default;
};

// An import of one unit, satisfied by an export of another.
struct PlanEdge {
  std::string consumer;
  std::string import;       // as written in the consumer
  std::string provider;     // unit name; "wasi" for the engine's WASI
  std::string export_name;  // as the provider writes it
  EdgeKind kind = EdgeKind::Direct;
  EdgeReason reason = EdgeReason::OnlyCandidate;
  // The middleware chain that contains this edge, consumer's side first; empty: none.
  std::vector<std::string> via;
  // Those members of the chain that are not units and wrap the calls of this edge (tenon/middleware.h).
  std::vector<std::string> middleware;
  // Of an edge with `adapt`: what is converted, such as "rate: `order.color` is `none`", and the values
  // with which a call fails, such as "rate: `result` is `urgent`".
  std::vector<std::string> conversions;
  std::vector<std::string> failing;
  [[nodiscard]] bool is_adapted() const { return !conversions.empty() || !failing.empty(); }
  // Bridged edges: the provider's domain starts at the first call.
  bool lazy = false;
  // Bridged edges: the case of the error type that reports to the consumer that the provider's
  // domain ended during a call; empty: none.
  std::string on_failure;
  // The bytes that each stream of the edge holds until they are read; absent: as set for all
  // streams between domains.
  std::optional<std::uint64_t> stream_buffer;
  // An edge between a component and a package that passes buffers where the package has `value`.
  bool buffers = false;
  bool is_optional = false;  // a wire says that the import can be without a provider
  // Remarks for people: "newer in track 1", "older than asked (1.2.0)", "same resource as ...".
  std::vector<std::string> notes;

  bool operator==(const PlanEdge&) const = default;
};

// An open import of the composition, merged from those of units (none: it has types alone).
struct PlanOpenImport {
  std::string name;
  struct Importer {
    std::string unit;
    std::string import;
    bool operator==(const Importer&) const = default;
  };
  std::vector<Importer> importers;
  bool is_wasi = false;      // satisfied by the engine at run time
  bool is_trap = false;      // satisfied by a stub that traps
  bool is_optional = false;  // the stub is there because no unit provides the optional import

  bool operator==(const PlanOpenImport&) const = default;
};

struct PlanExport {
  std::string name;  // of the composition
  std::string unit;
  std::string item;  // as written in the unit
  // Added because another export uses its types.
  bool implied = false;

  bool operator==(const PlanExport&) const = default;
};

// A route of HTTP requests (tenon/http.h).
struct PlanRoute {
  std::string host;  // empty: any
  std::string path;
  std::vector<std::string> methods;  // empty: all
  std::string unit;                  // empty: the files of `folder`
  std::string folder;
  bool precompressed = false;  // whether compressed files beside those of `folder` are sent
  std::string handler;         // the export of the unit: "wasi:http/incoming-handler@0.2.6"
  bool is_of_program = false;  // a handler of the program answers first

  bool operator==(const PlanRoute&) const = default;
};

// A candidate that was not chosen, with the reason.
struct PlanRejected {
  std::string consumer;
  std::string import;
  std::string provider;
  std::string export_name;
  bool shadowed = false;  // fits, but a unit of higher precedence provides it
  std::string why;

  bool operator==(const PlanRejected&) const = default;
};

// The outcome for an export whose name matches an import.
enum class PlanVerdict : std::uint8_t {
  Chosen,
  Shadowed,  // fits, but a unit of higher precedence provides it
  RuledOut,
};

struct PlanCandidate {
  std::string provider;
  std::string export_name;  // as the provider writes it
  PlanVerdict verdict = PlanVerdict::RuledOut;
  std::string why;

  bool operator==(const PlanCandidate&) const = default;
};

// Why an import has its provider, or none (CompositionBuilder::explain_import).
struct PlanChoice {
  std::string consumer;
  std::string import;                     // as written in the consumer
  std::string why;                        // "only candidate in track 1", "left open: ..."
  std::vector<PlanCandidate> candidates;  // the chosen one first, if there is one

  bool operator==(const PlanChoice&) const = default;
};

struct Plan {
  std::string name;                 // of the composition
  std::string root;                 // name of a unit; empty: no root
  std::vector<PlanUnit> units;      // sorted by name
  std::vector<PlanDomain> domains;  // in order of start
  std::vector<PlanEdge> edges;      // by consumer, then in the order of its imports
  std::vector<PlanOpenImport> open;
  std::vector<PlanExport> exports;  // in the order of the composition's exports
  std::vector<PlanRoute> routes;    // the most specific first
  std::vector<std::string> order;   // units, dependencies first, ties by name
  std::vector<PlanRejected> rejected;
  Diagnostics notes;  // severity Note or Warning: `unused-unit`, `older-provider`, ...

  bool operator==(const Plan&) const = default;
};

}  // namespace tenon
