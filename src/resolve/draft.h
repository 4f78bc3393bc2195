// The plan while it is being made: what is known of every import, and what was decided so far. Each
// pass of resolve.cc reads it and decides more; nothing decided is taken back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolve/export_index.h"
#include "resolve/filters.h"
#include "resolve/identity.h"
#include "resolve/plan.h"
#include "resolve/unit.h"
#include "support/diagnostics.h"
#include "types/subtype.h"
#include "types/uses.h"

namespace tenon::resolve {

enum class ImportKind : std::uint8_t {
  Needs,        // functions: it needs a provider
  TypesOnly,    // types, some of them resources: it needs a definition of each
  ValueTypes,   // it needs nothing
  Follows,      // `[method]r.f` at the root: it goes where the root resource `r` goes
  Unsupported,  // reported; nothing else looks at it
};

enum class Outcome : std::uint8_t {
  Undecided,
  Provided,  // `choice` says by whom
  Open,      // an import of the composition
  Trap,      // a stub that traps
  Types,     // needs nobody: written from its own types
  Failed,    // reported
};

// Where the winner of an import stands; a smaller one hides the greater ones.
enum class Level : std::uint8_t {
  HostFunction,
  SameName,
  Component,  // and compositions
  Package,
  HostBundle,
  Remote,
  Wasi,
};

// An export that fits an import, given its ties.
struct Candidate {
  std::uint32_t import = 0;  // position in Draft::imports
  UnitExport from;
  Level level = Level::Component;
  std::vector<Tie> ties;
  bool dropped = false;  // it would split a resource
};

struct Choice {
  UnitExport from;
  EdgeReason reason = EdgeReason::OnlyCandidate;
  std::vector<Tie> ties;
  std::vector<std::string> notes;
};

struct DraftImport {
  UnitImport at;
  ImportKind kind = ImportKind::Needs;
  ItemNames names;
  std::vector<std::uint32_t> followers;  // of a root resource: imports that go with it
  std::optional<std::uint32_t> leader;   // of a follower

  // Wishes. Pointers into Policy::wires.
  const Wire* wire = nullptr;   // decides the provider, or leaves it open
  const Wire* chain = nullptr;  // the chain that this import is part of
  enum class Place : std::uint8_t { Head, Member } place = Place::Head;  // in that chain
  std::optional<UnitIndex> hop;     // the next unit of that chain; absent: no chain, or its end
  std::vector<UnitIndex> excluded;  // members of that chain in front

  // Decision.
  Outcome outcome = Outcome::Undecided;
  std::optional<Choice> choice;
  std::vector<std::uint32_t> candidates;  // positions in Draft::candidates, best of each unit first
  std::optional<UnitExport> named_by;     // of types: what an export that uses them takes with it
};

// Imports that become one import of the composition (`group.h`).
struct ImportGroup {
  std::vector<std::uint32_t> members;  // positions in Draft::imports
  CompositionImport::Met met = CompositionImport::Met::Open;
  // What the members ask for: each name with the first item seen and the import that asks for it. A
  // function or type that is imported by itself stands under the empty name.
  struct Part {
    types::Item item;
    std::uint32_t import = 0;
  };
  std::unordered_map<std::string, Part> parts;
  // Why it did not join the group of its name and track that stands before it.
  struct Mismatch {
    std::uint32_t import = 0;
    std::uint32_t other = 0;  // an import of that group
    types::Difference difference;
  };
  std::optional<Mismatch> mismatch;
};

// An export of the composition, in the order in which they are written.
struct DraftExport {
  std::string name;
  UnitExport from;
  bool implied = false;
};

struct Draft {
  explicit Draft(Inputs given);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  Inputs inputs;         // units sorted by name, the engine's WASI last; wires and the rest sorted
  UnitIndex linked = 0;  // units that are linked: all but WASI
  std::optional<UnitIndex> wasi;
  std::unordered_map<std::string, UnitIndex> unit_by_name;

  std::vector<DraftImport> imports;                  // by unit, then as written
  std::vector<std::uint32_t> first_import;           // position of each unit's first
  std::vector<std::vector<ItemNames>> export_names;  // [unit][export]
  ExportIndex exports;
  Visibility visibility;
  types::Subtyping relation;

  std::vector<Candidate> candidates;
  std::optional<ResourceClasses> classes;
  std::vector<ImportGroup> groups;
  std::unordered_map<std::string, std::vector<std::uint32_t>> groups_by_key;
  std::vector<std::uint32_t> group_of;  // of an import; UINT32_MAX: none
  // Resources that open imports bring in, and the group of each.
  std::unordered_map<ResourceId, std::uint32_t> open_definitions;
  std::optional<UnitIndex> root;
  std::vector<std::string> domain_names;  // sorted
  // Of each linked unit, a position in domain_names; kNoDomain: it is in none.
  std::vector<std::uint32_t> domain_of;
  std::vector<std::uint32_t> domain_order;  // dependencies first
  std::vector<UnitIndex> order;             // dependencies first
  std::vector<DraftExport> made_exports;
  // Imports of value types that must have a name, since an export or an import uses their types.
  std::vector<std::uint32_t> named_imports;

  // Work that grows with the input, counted for tests: types compared, candidates judged by
  // identity.
  struct Work {
    std::size_t compared = 0;
    std::size_t judged = 0;
  };
  Work work;

  Diagnostics problems;
  Diagnostics notes;
  std::vector<PlanRejected> rejected;
  std::vector<bool> touched;  // units that some import asked for, met or not

  [[nodiscard]] const Unit& unit(UnitIndex index) const { return inputs.units[index]; }
  // Whether a unit is linked and runs in a domain: neither WASI, nor the program, nor one of
  // another composition.
  [[nodiscard]] bool is_inside(UnitIndex index) const;
  [[nodiscard]] const types::RootItem& item(UnitImport at) const {
    return inputs.units[at.unit].type.imports[at.index];
  }
  [[nodiscard]] const types::RootItem& item(UnitExport at) const {
    return inputs.units[at.unit].type.exports[at.index];
  }
  [[nodiscard]] DraftImport& import_at(UnitImport at) {
    return imports[first_import[at.unit] + at.index];
  }
  [[nodiscard]] const DraftImport& import_at(UnitImport at) const {
    return imports[first_import[at.unit] + at.index];
  }
  [[nodiscard]] const std::string& unit_name(UnitIndex index) const {
    return inputs.units[index].name;
  }
  [[nodiscard]] std::optional<UnitIndex> find_unit(const std::string& name) const;
  // Who shares which types within a unit.
  [[nodiscard]] const types::UseIndex& uses_of(UnitIndex unit);
  // The unit that makes a resource, WASI included; nothing for one that no unit makes.
  [[nodiscard]] std::optional<UnitIndex> find_maker(ResourceId made);

 private:
  // Filled when first asked for.
  std::unordered_map<UnitIndex, std::unique_ptr<types::UseIndex>> uses_;
  std::unordered_map<ResourceId, UnitIndex> makers_;
};

inline constexpr std::uint32_t kNoDomain = UINT32_MAX;

// Names of items as messages show them: with the version written out.
[[nodiscard]] std::string shown_name(const DraftImport& import);
[[nodiscard]] std::string shown_name(const Draft& draft, UnitExport at);

// Where an import or export is written.
[[nodiscard]] Location where_of(const Draft& draft, UnitImport at);
[[nodiscard]] Location where_of(const Draft& draft, UnitExport at);

// By what rules the types of an edge are compared.
[[nodiscard]] types::TypeRelation relation_of(const Unit& consumer, const Unit& provider);

// Does the export fit the import, its followers included?
[[nodiscard]] types::Verdict compare_import(Draft& draft, const DraftImport& import,
                                            UnitExport from);

// The export of the same name beside `from`, for an import that follows another.
[[nodiscard]] std::optional<UnitExport> find_follower(const Draft& draft, UnitExport from,
                                                      const DraftImport& follower);

// The name of the import that an export answers to, and that of the export; the import's own name
// if none matches (a wire may force that).
struct MatchedNames {
  const types::ItemName* wanted = nullptr;
  const types::ItemName* found = nullptr;
  bool match = false;
};
[[nodiscard]] MatchedNames match_names(const Draft& draft, const DraftImport& import,
                                       UnitExport from);

// Orders two exports of one unit for an import: the version asked for, then the newest.
[[nodiscard]] bool is_better(const Draft& draft, const DraftImport& import, UnitExport a,
                             UnitExport b);

// "newer in track 1", "older than asked (1.2.0)"; empty where the versions are equal.
[[nodiscard]] std::string describe_version(const Draft& draft, const DraftImport& import,
                                           UnitExport from);
[[nodiscard]] bool is_older(const Draft& draft, const DraftImport& import, UnitExport from);

}  // namespace tenon::resolve
