// Middleware: which edges can have it, and the domains that it and conversions (`adapt`) need.
//
// tenon wraps the calls that it makes itself: those between domains, to native code and to other
// machines. The units of one domain call each other within the engine, so a domain whose units have
// middleware between them is divided into parts. The part of a unit is the greatest number of such
// edges on a way to it from a unit that no other of the domain needs, so that edges lead from
// earlier parts to later ones, and the parts are in no cycle:
//
//   site -> cart -[limit]-> tax -> rates         main: site, cart     main-2: tax, rates
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "resolve/edge_options.h"
#include "resolve/passes.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

// The functions of an import that pass handles, streams or futures. A package passes buffers as
// values of any type.
std::vector<std::string> find_functions_with_handles(const Draft& draft,
                                                     const DraftImport& import) {
  std::vector<std::string> names;
  const types::Types& types = draft.inputs.types;
  const bool passes_buffers = import.wire != nullptr && import.wire->buffers;
  for (const NamedFunction& function : functions_behind(draft, import)) {
    const bool has_stream =
        std::ranges::any_of(types::mentioned_types(types, function.id), [&](types::TypeId type) {
          const auto& kind = types.types[type].kind;
          return std::holds_alternative<types::Stream>(kind) ||
                 std::holds_alternative<types::Future>(kind) ||
                 (passes_buffers && std::holds_alternative<types::Dynamic>(kind));
        });
    if (has_stream || !types::mentioned_resources(types, function.id).empty())
      names.push_back(function.name);
  }
  return names;
}

// Why middleware cannot be applied to an import; empty: it can.
std::string find_obstacle(const Draft& draft, const DraftImport& import) {
  switch (import.outcome) {
    case Outcome::Provided:
      return import.choice->from.unit == draft.wasi
                 ? "it is WASI, which the engine provides without tenon"
                 : std::string();
    case Outcome::Open:
      return "it is left open";
    case Outcome::Trap:
      return "a stub that traps provides it";
    case Outcome::Types:
      return "it has no functions";
    case Outcome::Undecided:
    case Outcome::Failed:
      return {};
  }
  return {};
}

void report(Draft& draft, const DraftImport& import, const std::string& name, std::string why,
            std::string hint) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveChain, "`{}` cannot be applied to `{}` of `{}`: {}", name,
                      shown_name(import), draft.unit_name(import.at.unit), why);
  const bool has_line = import.chain != nullptr && !import.chain->where.file.empty();
  problem.where = has_line ? import.chain->where : where_of(draft, import.at);
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

// A glob skips imports to which middleware cannot be applied.
void note_not_applied(Draft& draft, const DraftImport& import, std::string_view why) {
  Diagnostic note =
      make_diagnostic(Code::NoteMiddlewareNotApplied, "{} {} not applied to `{}` of `{}`: {}",
                      fmt::format("`{}`", fmt::join(import.middleware, "`, `")),
                      import.middleware.size() == 1 ? "is" : "are", shown_name(import),
                      draft.unit_name(import.at.unit), why);
  note.where = where_of(draft, import.at);
  draft.notes.push_back(std::move(note));
}

// name: of middleware that works on values alone.
void check_handles(Draft& draft, const DraftImport& import, const std::string& name) {
  const std::vector<std::string> functions = find_functions_with_handles(draft, import);
  if (functions.empty()) return;
  report(draft, import, name,
         fmt::format("`{}` pass{} handles or streams, which only `log` and `limit` support",
                     fmt::join(functions, "`, `"), functions.size() == 1 ? "es" : ""),
         fmt::format("remove `{}` from the wire", name));
}

void check_handles(Draft& draft, const DraftImport& import) {
  for (const std::string& name : import.middleware) {
    const Middleware* const middleware = draft.find_middleware(name);
    if (middleware != nullptr && !middleware->passes_handles) check_handles(draft, import, name);
  }
}

}  // namespace

void check_middleware(Draft& draft) {
  for (DraftImport& import : draft.imports) {
    if (import.outcome == Outcome::Provided &&
        replaces_provider(draft.unit(import.choice->from.unit).kind))
      check_handles(draft, import, draft.unit_name(import.choice->from.unit));
    if (import.middleware.empty()) continue;
    const std::string obstacle = find_obstacle(draft, import);
    if (obstacle.empty()) {
      check_handles(draft, import);
      continue;
    }
    const bool is_glob =
        import.chain != nullptr && import.chain->import.find('*') != std::string::npos;
    if (!is_glob)
      report(draft, import, import.middleware.front(), obstacle, "remove the wire");
    else if (import.outcome != Outcome::Types)
      note_not_applied(draft, import, obstacle);
    import.middleware.clear();
  }
}

namespace {

// The part of each unit in its domain, from 0. Units on a cycle are in part 0; cycles are reported
// elsewhere.
std::vector<std::uint32_t> find_parts(Draft& draft) {
  std::set<std::pair<UnitIndex, UnitIndex>> with_middleware;
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided &&
        (!import.middleware.empty() || import.choice->adapted))
      with_middleware.emplace(import.at.unit, import.choice->from.unit);
  const Graph needs = find_dependencies(draft);
  std::vector<std::uint32_t> order = order_nodes(needs);
  std::ranges::reverse(order);  // consumers first
  std::vector<std::uint32_t> parts(needs.size());
  for (const UnitIndex consumer : order) {
    for (const UnitIndex provider : needs[consumer]) {
      if (!draft.is_inside(provider) || draft.domain_of[provider] != draft.domain_of[consumer])
        continue;
      const std::uint32_t after = with_middleware.contains({consumer, provider}) ? 1 : 0;
      parts[provider] = std::max(parts[provider], parts[consumer] + after);
    }
  }
  return parts;
}

}  // namespace

void separate_by_middleware(Draft& draft) {
  const std::vector<std::uint32_t> parts = find_parts(draft);
  std::map<std::pair<std::string, std::uint32_t>, std::string> names;
  const auto is_taken = [&](const std::string& name) {
    return draft.find_unit(name) || std::ranges::binary_search(draft.domain_names, name) ||
           draft.parent_domains.contains(name);
  };
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    if (parts[u] == 0) continue;
    Unit& unit = draft.inputs.units[u];
    std::string& name = names[{unit.domain, parts[u]}];
    for (std::uint32_t number = parts[u] + 1; name.empty(); ++number)
      if (std::string next = fmt::format("{}-{}", unit.domain, number); !is_taken(next))
        name = std::move(next);
    draft.parent_domains.emplace(name, unit.domain);
    unit.domain = name;
  }
  if (!names.empty()) list_domains(draft);
}

}  // namespace tenon::resolve
