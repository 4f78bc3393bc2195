// The draft of a plan: what is known of every unit and import, and what the passes have decided so
// far. Each pass (passes.h) reads the draft and decides more; nothing decided is taken back.
//
// Imports are one flat list, by unit and then as written, so that a pass is a loop over them and a
// position identifies an import in candidates, groups and ties. Where something refers to "the unit
// at position 3" or "the import at position 7", it is a position in these lists. All lists are
// sorted by name at the start, which makes every later loop independent of the order of the inputs.
//
// Below the structs are the questions that several passes ask of the draft.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "resolve/filters.h"
#include "resolve/identity.h"
#include "resolve/name_match.h"
#include "resolve/plan.h"
#include "resolve/unit.h"
#include "resolve/unit_kind.h"
#include "support/diagnostics.h"
#include "types/subtype.h"
#include "types/uses.h"

namespace tenon::resolve {

// What an import needs.
enum class ImportKind : std::uint8_t {
  Needs,        // it has functions: a provider
  TypesOnly,    // types, some of them resources: a definition of each resource
  ValueTypes,   // nothing: compose writes the types
  Follows,      // `[method]r.f` at the root: the provider of the root resource `r`
  Unsupported,  // reported; no other pass looks at it
};

enum class Outcome : std::uint8_t {
  Undecided,
  Provided,  // by `choice`
  Open,      // an import of the composition
  Trap,      // a stub that traps
  Types,     // no provider: compose writes it from its own types
  Failed,    // reported
};

// An export that fits an import, provided that its ties can be made.
struct Candidate {
  std::uint32_t import = 0;  // position in Draft::imports
  UnitExport from;
  CandidateLevel level = CandidateLevel::Component;
  std::vector<Tie> ties;
  bool dropped = false;  // its ties would split a resource
};

// The conversions of the values of an edge, and the values that make its calls fail.
struct AdaptedImport {
  std::vector<std::string> conversions;
  std::vector<std::string> failures;
};

struct Choice {
  UnitExport from;
  EdgeReason reason = EdgeReason::OnlyCandidate;
  std::vector<Tie> ties;
  std::vector<std::string> notes;
  std::optional<AdaptedImport> adapted = {};
  // False: the import has types only, and other imports define its resources.
  bool is_needed = true;
};

struct DraftImport {
  UnitImport at;
  ImportKind kind = ImportKind::Needs;
  ItemNames names;
  std::vector<std::uint32_t> followers;  // of a root resource: the functions that follow it
  std::optional<std::uint32_t> leader;   // of a follower: its resource

  // Requested by the user. Wires point into Policy::wires.
  const Wire* wire = nullptr;   // decides the provider, or leaves the import open
  const Wire* chain = nullptr;  // the chain that the import is part of
  enum class Place : std::uint8_t { Head, Member } place = Place::Head;  // in that chain
  std::optional<UnitIndex> hop;         // the next unit of that chain; absent at its end
  std::vector<UnitIndex> excluded;      // the units in front of it in that chain
  std::vector<std::string> middleware;  // that wraps its calls, consumer's side first
  bool is_optional = false;             // if nothing provides it, it traps

  // Decided by the passes.
  Outcome outcome = Outcome::Undecided;
  std::optional<Choice> choice;
  std::vector<std::uint32_t> candidates;  // positions in Draft::candidates, best of each unit first
  std::optional<UnitExport> named_by;     // of types: the export that brings them along
};

// Imports that become one import of the composition (import_groups.h).
struct ImportGroup {
  std::vector<std::uint32_t> members;  // positions in Draft::imports
  CompositionImport::Binding binding = CompositionImport::Binding::Open;
  // The union of the members' imports: each name with the first item of that name, and the
  // import that it is from. A function or type that is imported alone has the empty name.
  struct Part {
    types::Item item;
    std::uint32_t import = 0;
  };
  std::unordered_map<std::string, Part> parts;
  // The difference that kept it from joining the group before it of the same name and track.
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
  bool implied = false;                     // only because another export uses its types
  bool relayed = false;                     // compose puts a relay in front of it (relays.h)
  std::vector<UnitExport> same_types = {};  // exports of other units that this one stands for
};

inline constexpr std::uint32_t kNoDomain = UINT32_MAX;

struct Draft {
  explicit Draft(Inputs link_inputs);
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // Units sorted by name, the engine's WASI last; every list of the policy sorted.
  Inputs inputs;
  UnitIndex linked = 0;  // the number of units without WASI
  std::optional<UnitIndex> wasi;
  std::unordered_map<std::string, UnitIndex> unit_by_name;

  std::vector<DraftImport> imports;                  // by unit, then as written
  std::vector<std::uint32_t> first_import;           // by unit, a position in `imports`
  std::vector<std::vector<ItemNames>> export_names;  // [unit][export]
  ExportIndex exports;
  Visibility visibility;
  types::Subtyping relation;

  // The units in chains for imports with a label, each with this label.
  std::set<std::pair<UnitIndex, std::string>> chained_labels;

  std::vector<Candidate> candidates;
  std::optional<ResourceClasses> classes;
  std::vector<ImportGroup> groups;
  std::unordered_map<std::string, std::vector<std::uint32_t>> groups_by_key;
  std::vector<std::uint32_t> group_of;  // by import; UINT32_MAX: none
  // The resources that open imports and stubs introduce, each with the group of the import.
  std::unordered_map<ResourceId, std::uint32_t> open_definitions;
  // Definitions of which two should be one, as reported: nothing is known of who makes such a resource.
  std::set<ResourceId> split_definitions;
  // Units that are used for their value types: those of an import are equal, and the unit exports nothing
  // else, or a wire names it.
  std::set<UnitIndex> agreeing_units;
  std::optional<UnitIndex> root;
  std::vector<std::string> domain_names;  // sorted
  // By linked unit, a position in domain_names; kNoDomain: it is in no domain.
  std::vector<std::uint32_t> domain_of;
  std::vector<std::uint32_t> domain_order;  // dependencies first
  // By domain that holds a part of the units of another one (separate_by_middleware): that one.
  std::map<std::string, std::string> parent_domains;
  std::vector<UnitIndex> order;  // dependencies first
  std::vector<DraftExport> composition_exports;
  std::vector<UnitExport> handlers;  // of HTTP requests, sorted
  // Imports of value types that must have a name, since an export or an import uses their types.
  std::vector<std::uint32_t> named_imports;
  // Imports that the composition does not have, apart from the types that one of its imports uses
  // and that need a name: an instance of these types for each.
  std::map<std::uint32_t, types::Item> imports_of_types;

  // Counters of the work that grows with the input, for tests.
  struct Work {
    std::size_t compared = 0;  // imports compared with exports
    std::size_t judged = 0;    // candidates tested for a split
  };
  Work work;

  Diagnostics problems;
  Diagnostics notes;
  std::vector<PlanRejected> rejected;
  // Units that some import came near to, provided or not. While there are problems, one of these is
  // not reported as unused: it may be used once the problem is fixed.
  std::vector<bool> considered;

  [[nodiscard]] const Unit& unit(UnitIndex index) const { return inputs.units[index]; }
  // Whether a unit runs in a domain of this composition. WASI, native code and units of other
  // compositions do not.
  [[nodiscard]] bool is_inside(UnitIndex index) const;
  [[nodiscard]] const types::RootItem& item(UnitImport at) const {
    return inputs.units[at.unit].type.imports[at.index];
  }
  [[nodiscard]] const types::RootItem& item(UnitExport at) const {
    return inputs.units[at.unit].type.exports[at.index];
  }
  // Whether a unit offers an export to another one (Unit::export_consumers).
  [[nodiscard]] bool is_offered(UnitExport from, UnitIndex consumer) const;
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
  // Null if there is none. Lifetime: that of the policy.
  [[nodiscard]] const Middleware* find_middleware(const std::string& name) const;
  // Which items of a unit use types of which others.
  [[nodiscard]] const types::UseIndex& uses_of(UnitIndex unit);
  // The unit that makes a resource, WASI included. Absent: no unit makes it.
  [[nodiscard]] std::optional<UnitIndex> find_maker(ResourceId resource);

 private:
  // Filled when first needed.
  std::unordered_map<UnitIndex, std::unique_ptr<types::UseIndex>> uses_;
  std::unordered_map<ResourceId, UnitIndex> makers_;
};

// -- Names and places for messages

// The name of an item with its version written out.
[[nodiscard]] std::string shown_name(const DraftImport& import);
[[nodiscard]] std::string shown_name(const Draft& draft, UnitExport at);

// The place of an import or export in the file of its unit.
[[nodiscard]] Location where_of(const Draft& draft, UnitImport at);
[[nodiscard]] Location where_of(const Draft& draft, UnitExport at);

// The place where a unit is declared, or else its file.
[[nodiscard]] Location where_of_unit(const Unit& unit);

// What an item is that tenon does not link: "a core module", "a URL name". Empty: tenon links it.
[[nodiscard]] std::string describe_unsupported(const Unit& unit, const types::RootItem& item);

// The export of a unit with this name that tenon does not link; null if there is none.
[[nodiscard]] const types::RootItem* find_unsupported(const Draft& draft, UnitIndex unit,
                                                      const std::string& name);

// -- Types and names of an import and an export

// The rules by which the types of an edge are compared.
[[nodiscard]] types::TypeRelation relation_of(const Unit& consumer, const Unit& provider);

// Whether an edge with `buffers` could pass buffers: between a component and a package that both run
// in domains of this composition.
[[nodiscard]] bool can_pass_buffers(const Unit& consumer, const Unit& provider);

// Compares the types of an import and its followers with those of an export.
[[nodiscard]] types::Verdict compare_import(Draft& draft, const DraftImport& import,
                                            UnitExport from);

// The export, of the unit that `from` is of, that meets an import which follows another.
[[nodiscard]] std::optional<UnitExport> find_follower(const Draft& draft, UnitExport from,
                                                      const DraftImport& follower);

// How an import and an export match by name.
[[nodiscard]] MatchedNames match_names(const Draft& draft, const DraftImport& import,
                                       UnitExport from);

// Orders two exports of one unit for an import, as compare_matches does; ties by position.
[[nodiscard]] bool is_better(const Draft& draft, const DraftImport& import, UnitExport a,
                             UnitExport b);

// "newer in track 1", "older than asked (1.2.0)"; empty if the versions are equal.
[[nodiscard]] std::string describe_version(const Draft& draft, const DraftImport& import,
                                           UnitExport from);
[[nodiscard]] bool is_older(const Draft& draft, const DraftImport& import, UnitExport from);

// -- Edges. REQUIRES: providers are chosen.

// Whether the provider is a unit of another domain, or of another composition.
[[nodiscard]] bool is_bridged(const Draft& draft, const DraftImport& import);

// Whether both ends were placed in one domain and are in two parts of it.
[[nodiscard]] bool are_separated(const Draft& draft, const DraftImport& import);

// Whether the provider is native code.
[[nodiscard]] bool is_outside(const Draft& draft, const DraftImport& import);

// The case of the error type that a wire names for an import (fate.h). Empty: none.
[[nodiscard]] std::string on_failure_of(const DraftImport& import);

}  // namespace tenon::resolve
