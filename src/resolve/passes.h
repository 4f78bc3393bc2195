// The passes of resolve, in the order in which they run.
//
// A pass reads what earlier passes have put into the Draft and adds to it; nothing that is decided
// is ever taken back. `resolve.cc` calls them in this order, and the order is forced: each pass
// lists below what it reads and what it writes. Every pass may append to Draft::problems and
// Draft::notes, so that one run reports everything that is wrong. The rules are in docs/resolve.md;
// the section is named for each group.
//
// A pass that needs no other header is declared here and defined in the source that is named first.
#pragma once

#include <cstdint>
#include <vector>

#include "resolve/draft.h"
#include "resolve/graph.h"

namespace tenon::resolve {

// -- Names (section 1, prepare.cc)

// Reads:    the names of units.
// Problems: resolve-unit-name. After one, no name identifies a unit, and no other pass may run.
void check_unit_names(Draft& draft);

// Reads:    the types of units.
// Writes:   imports, first_import, export_names, exports, group_of; the kind of each import, and
//           the leader of each function of a root resource.
// Problems: resolve-unsupported-item.
void read_items(Draft& draft);

// -- Requests of the user (sections 6, 7 and 9)

// placement.cc. Placements of the policy override what units declare.
// Reads:    units and Policy::placements.
// Writes:   domain_names, domain_of, Unit::domain and Unit::is_isolated.
// Problems: resolve-placement, for a placement of a unit that does not exist, two placements that
//           disagree, an invalid domain name, a unit in the domain of an isolated unit, and
//           settings for a domain without units.
void place_units(Draft& draft);

// placement.cc. Writes domain_names and domain_of, from the domains of the units.
void list_domains(Draft& draft);

// filters.cc
// Reads:    Policy::filters, export_names.
// Writes:   visibility.
// Problems: resolve-filter-unused.
void apply_filters(Draft& draft);

// wires.cc
// Reads:    Policy::wires, names and kinds of imports.
// Writes:   DraftImport::wire, ::chain and ::is_optional. Fails the imports of a wire that is an error.
// Problems: resolve-wire-unused; resolve-chain, for a chain that repeats a unit or names one that
//           does not exist; resolve-ambiguous, for two wires that disagree.
void match_wires(Draft& draft);

// wires.cc
// Reads:    DraftImport::wire and ::chain.
// Writes:   DraftImport::hop, ::place, ::excluded and ::middleware; the wire of the last import of a chain.
// Problems: resolve-chain.
void lay_chains(Draft& draft);

// exports.cc. The units that the policy names as the root and for exports.
// Writes:   root, if the policy names it.
// Problems: resolve-root, resolve-export-missing.
void check_named_units(Draft& draft);

// -- Providers (sections 3, 4, 5 and 8)

// candidates.cc, wired_unit.cc
// Reads:    all of the above.
// Writes:   for each import the choice that a wire or chain makes, or DraftImport::candidates of
//           the highest level that has one, or the outcome Open, Trap or Failed. Candidates of
//           lower levels, and exports that match by name but not by type, go to `rejected`. An
//           import of types only can end with no candidate: other imports can define its resources.
// Problems: resolve-wire-unused, resolve-wire-type, resolve-chain, resolve-hidden, resolve-ambiguous;
//           and for an import that nothing fits, those of UnmetReport.
void find_candidates(Draft& draft);

// choose.cc
// Reads:    candidates, choices.
// Writes:   the outcome of every import, classes, groups of open imports and stubs,
//           open_definitions.
// Problems: resolve-resource-split, resolve-ambiguous, resolve-merge; for imports of types only,
//           those of UnmetReport.
void choose_providers(Draft& draft);

// cycles.cc. Removes the provider of an import of types only that does not need one, if it closes a cycle of units.
// Writes:   the outcome and the choice of such imports.
void leave_cycles(Draft& draft);

// resolve.cc. Runs all passes above; `explain_import` needs no others.
enum class Names : std::uint8_t {
  Fine,
  Wrong,  // units with one name, or a wrong name in the policy; nothing was chosen
};
Names decide_imports(Draft& draft);

// -- Checks of the choice (section 9). No provider is chosen from here on.

// cycles.cc. The units that each unit needs before it can be instantiated.
[[nodiscard]] Graph find_dependencies(Draft& draft);

// middleware.cc. Checks that middleware can see the calls of each edge that has some.
// Problems: resolve-chain.
// Notes:    middleware-not-applied, for an import that only a glob names.
void check_middleware(Draft& draft);

// middleware.cc. Middleware sees calls between domains alone, so this separates the ends of each
// direct edge that has some: a domain becomes several parts, with edges from earlier parts to later
// ones only.
// Writes:   Unit::domain, domain_names, domain_of, parent_domains.
void separate_by_middleware(Draft& draft);

// cycles.cc. Reports cycles of units until each edge that lies on one is in a message.
// Problems: resolve-cycle.
void check_cycles(Draft& draft);

// placement.cc. Checks that every edge between two domains, and every edge to the program, can pass
// the types of its functions.
// Problems: resolve-placement; resolve-wire-type, for a lazy wire on an edge that is not bridged.
void check_domains(Draft& draft);

// adapters.cc. Warns of types that other engines cannot pass, if the plan is for a component (large-type).
void note_adapters(Draft& draft);

// cycles.cc. The part of check_domains that looks for domains that need each other although their
// units do not: one problem for each set of domains that all reach each other.
// Problems: resolve-placement.
void check_domain_cycles(Draft& draft);

// fate.cc
// Problems: resolve-wire-type, for an `on-failure` that fits no function of the import, is on an
//           edge that is not bridged, or differs between consumers of an export that share a domain.
void check_fates(Draft& draft);

// edge_options.cc
// Problems: resolve-wire-type, for a `stream-buffer` of an import that passes no stream with a
//           buffer, and otherwise as check_fates.
void check_stream_buffers(Draft& draft);

// edge_options.cc
// Problems: resolve-wire-type, for `buffers` of an import that passes no buffer between a component
//           and a package.
void check_buffers(Draft& draft);

// -- Exports and imports of the composition (sections 8 and 10)

// notes.cc. An import of value types is met by its own types. This compares them with what units export.
// Writes:   agreeing_units; Failed as the outcome of an import whose types differ from those of its wire.
// Notes:    types-differ, if a unit exports the name with other types.
// Problems: resolve-type-mismatch, if a wire names that unit; resolve-wire-unused, if the unit that a
//           wire names does not export the name.
void check_types_of_imports(Draft& draft);

// handlers.cc. The units whose handlers answer HTTP requests.
// Reads:    Policy::handlers, domain_of.
// Writes:   handlers.
// Problems: http-handler, for a unit that does not exist or has no handler, and for two in one domain.
void find_handlers(Draft& draft);
// Checks that the root, which answers everything without routes, is in another domain than units behind handlers of
// the program. Reads: Policy::handlers, domain_of, root. Writes: problems.
// Errors: http-handler.
void check_handlers_of_root(Draft& draft);

// exports.cc. If the policy names no root, the only component, composition or package that no other
// unit imports from. Reports nothing while a failed import could hide the root.
// Writes:   root; none with `--export-all`, or if the program can call each unit that could be it, or each
//           has a handler that answers requests.
// Problems: resolve-root.
void find_root(Draft& draft);

// exports.cc. The exports of the root and those that the policy requests; before each of them, the
// interfaces whose types it uses.
// Reads:    root, outcomes.
// Writes:   composition_exports; named_imports, for types that no unit exports.
// Problems: resolve-export-missing, resolve-export-clash, resolve-hidden.
void plan_exports(Draft& draft);

// placement.cc. The engine cannot export an import, so an export of the composition that a unit passes
// on from outside of its domain needs a relay (relays.h).
// Writes:   DraftExport::relayed.
// Problems: resolve-placement, if no relay can be made.
void check_passed_exports(Draft& draft);

// imports.cc
// Reads:    outcomes, named_imports.
// Writes:   groups: one for each import of the composition. named_imports grows by the imports of
//           value types that these use.
// Problems: resolve-merge; resolve-name-clash; resolve-resource-split, for an open import that
//           uses a resource which is made inside the composition.
void plan_imports(Draft& draft);

// imports.cc. The groups in the order in which they are written: what is used is first, ties by
// name.
// Problems: resolve-merge, for groups that use each other in a cycle.
[[nodiscard]] std::vector<std::uint32_t> order_groups(Draft& draft);

// -- Last checks (section 12, notes.cc)

// Notes:    unused-unit.
// Problems: resolve-unused-unit, for a unit that the user named explicitly.
void check_unused_units(Draft& draft);

// -- The plan. REQUIRES: no problems.

// notes.cc. Notes `older-provider` for each edge to an older version than the import names. WASI
// links any patch version.
void note_older_providers(Draft& draft);

// notes.cc. Notes `adapted` for each edge whose values are converted.
void note_adapted(Draft& draft);

// fate.cc. Notes `ends-with-provider`, once for each bridged edge with functions that cannot return
// an error.
void note_fates(Draft& draft);

// cycles.cc. Units, dependencies first, ties by name.
[[nodiscard]] std::vector<UnitIndex> order_units(Draft& draft);

// cycles.cc. Positions in Draft::domain_names, dependencies first, ties by name.
[[nodiscard]] std::vector<std::uint32_t> order_domains(Draft& draft);

// imports.cc. Makes the imports of the plan; adds the types of merged imports to the arena.
[[nodiscard]] std::vector<CompositionImport> make_imports(Draft& draft,
                                                          const std::vector<std::uint32_t>& order);

// plan.cc. Writes the plan down. Moves out of the draft, which cannot be used afterwards.
[[nodiscard]] LinkPlan make_plan(Draft& draft, std::vector<CompositionImport> imports);

// plan.cc. The edge of one import. REQUIRES: the import has a provider.
[[nodiscard]] PlanEdge make_edge(const Draft& draft, const DraftImport& import);

}  // namespace tenon::resolve
