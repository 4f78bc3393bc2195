// The plan of a composition: every edge, domain, order and export, decided. Immutable, printable
// without an engine; equal inputs give equal plans, whatever order they came in.
//
//   tenon::Result<tenon::Plan> plan = builder.plan();
//   for (const tenon::PlanEdge& edge : plan->edges) ...
//
// Source: docs/resolve.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tenon/diagnostic.h"

namespace tenon {

// In the order in which candidates win: a higher kind hides the lower ones.
enum class UnitKind : std::uint8_t {
  HostFunctions,
  Component,
  Composition,
  Package,
  HostBundle,
  Remote,
  Wasi
};

// How a call crosses an edge.
enum class EdgeKind : std::uint8_t { Direct, Bridged, Native, Remote, Packr, Wasi };

// Why a provider was chosen.
enum class EdgeReason : std::uint8_t {
  Wire,           // the user wired it
  Chain,          // it is the next member of a `via` chain
  HostFunction,   // the embedding program gave a function of this very name
  SameName,       // a unit of the import's plain name
  OnlyCandidate,  // nothing else fits
  SameResource,   // others would split a resource
  BestVersion,    // the best export of the only unit left
};

enum class PlanItemKind : std::uint8_t { Instance, Function, ValueType, Resource };

// An import or export of a unit.
struct PlanItem {
  std::string name;  // as the unit writes it
  PlanItemKind kind = PlanItemKind::Instance;
  // Functions of an instance, in the order written; empty for other items.
  std::vector<std::string> functions;

  bool operator==(const PlanItem&) const = default;
};

// Of packr: the digest of an interface, as the package itself states it or as it follows from its
// types.
struct PlanHash {
  std::string interface;  // empty: of the functions without interface
  std::string digest;     // SHA-256, 64 hexadecimal digits

  bool operator==(const PlanHash&) const = default;
};

struct PlanUnit {
  std::string name;
  UnitKind kind = UnitKind::Component;
  std::string file;  // as the user wrote it; empty: from memory
  std::optional<std::string>
      version;         // of its `version` section, else its exports' package version
  std::string digest;  // SHA-256 of its bytes, 64 hexadecimal digits; empty: no bytes
  std::string domain;
  std::vector<PlanItem> imports;
  std::vector<PlanItem> exports;
  std::vector<PlanHash> import_hashes;  // of a package, by name
  std::vector<PlanHash> export_hashes;

  bool operator==(const PlanUnit&) const = default;
};

// The standard streams of the process that are open to a domain. A closed one is empty when it is
// read, and loses what is written to it.
enum class Stdio : std::uint8_t {
  None,
  Output,   // standard output and error
  Inherit,  // standard input, too
};

// What a domain may do and use. Nothing is open by default.
struct PlanDirectory {
  std::string host;
  std::string guest;
  bool writable = true;

  bool operator==(const PlanDirectory&) const = default;
};
struct PlanGrants {
  std::vector<PlanDirectory> dirs;
  std::vector<std::string> env;  // names, sorted; values are not part of a plan
  std::vector<std::string> net;  // "*", "host" or "host:port"
  Stdio stdio = Stdio::None;
  std::size_t args = 0;  // how many

  bool operator==(const PlanGrants&) const = default;
};

// Absent: no bound of its own.
struct PlanLimits {
  std::optional<std::uint64_t> memory;     // bytes, of all memories together
  std::optional<std::uint64_t> tables;     // elements, of each table
  std::optional<std::uint64_t> instances;  // core instances
  std::optional<std::uint64_t> fuel;
  std::optional<std::chrono::milliseconds> timeout;       // of the whole run
  std::optional<std::chrono::milliseconds> call_timeout;  // of one call from outside
  std::uint32_t restarts = 0;                             // lives after the first
  std::optional<std::chrono::milliseconds> within;        // in which those are counted

  bool operator==(const PlanLimits&) const = default;
};

struct PlanDomain {
  std::string name;
  std::vector<std::string> units;  // in order of instantiation
  PlanGrants grants;
  PlanLimits limits;

  bool operator==(const PlanDomain&) const = default;
};

// One import of one unit, met by one export of another.
struct PlanEdge {
  std::string consumer;
  std::string import;       // as the consumer writes it
  std::string provider;     // unit name; "wasi" for the engine's WASI
  std::string export_name;  // as the provider writes it
  EdgeKind kind = EdgeKind::Direct;
  EdgeReason reason = EdgeReason::OnlyCandidate;
  // The chain that this edge is part of, consumer's side first; empty: none.
  std::vector<std::string> via;
  // Of a bridged edge: the provider's domain starts at its first call.
  bool lazy = false;
  // Of a bridged edge: the case of the error type by which the consumer is told that the provider's
  // domain died in a call; empty: none was named.
  std::string on_failure;
  // Plain sentences: "newer in track 1", "older than asked (1.2.0)", "same resource as ...".
  std::vector<std::string> notes;

  bool operator==(const PlanEdge&) const = default;
};

// An import of the composition: merged from one or more imports of units.
struct PlanOpenImport {
  std::string name;
  struct Importer {
    std::string unit;
    std::string import;
    bool operator==(const Importer&) const = default;
  };
  std::vector<Importer> importers;
  bool is_wasi = false;  // met by the engine when it runs
  bool is_trap = false;  // wired to a stub that traps

  bool operator==(const PlanOpenImport&) const = default;
};

struct PlanExport {
  std::string name;  // of the composition
  std::string unit;
  std::string item;  // as the unit writes it
  // Taken along because another export uses its types.
  bool implied = false;

  bool operator==(const PlanExport&) const = default;
};

// A candidate that was not chosen, and why.
struct PlanRejected {
  std::string consumer;
  std::string import;
  std::string provider;
  std::string export_name;
  bool shadowed = false;  // fits, but a higher level has one; otherwise it was ruled out
  std::string why;

  bool operator==(const PlanRejected&) const = default;
};

// What became of an export that has the name of an import.
enum class PlanVerdict : std::uint8_t {
  Chosen,
  Shadowed,  // fits, but a higher level has one
  RuledOut,
};

struct PlanCandidate {
  std::string provider;
  std::string export_name;  // as the provider writes it
  PlanVerdict verdict = PlanVerdict::RuledOut;
  std::string why;

  bool operator==(const PlanCandidate&) const = default;
};

// Why an import got its provider, or got none (CompositionBuilder::explain_import).
struct PlanChoice {
  std::string consumer;
  std::string import;                     // as the consumer writes it
  std::string why;                        // "only candidate in track 1", "left open: ..."
  std::vector<PlanCandidate> candidates;  // the chosen one first, if there is one

  bool operator==(const PlanChoice&) const = default;
};

struct Plan {
  std::string name;                 // of the composition
  std::string root;                 // unit name; empty: a composition without a root
  std::vector<PlanUnit> units;      // sorted by name
  std::vector<PlanDomain> domains;  // in order of start
  std::vector<PlanEdge> edges;      // by consumer, then in the order of its imports
  std::vector<PlanOpenImport> open;
  std::vector<PlanExport> exports;  // in the order in which they are written
  std::vector<std::string> order;   // units, dependencies first, ties by name
  std::vector<PlanRejected> rejected;
  Diagnostics notes;  // severity Note or Warning: `unused-unit`, `older-provider`, ...

  bool operator==(const Plan&) const = default;
};

}  // namespace tenon
