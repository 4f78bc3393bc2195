// Replaces the component or package of one unit of a running composition.
//
// The whole composition is planned and composed twice: as it is, and with the new unit. The swap
// is allowed only if the two results differ in the component of one domain and in nothing that
// other domains or the program hold: bridges, function types, the place of an export. The slow
// steps, planning and compiling, run while the old unit still serves calls. The composition is
// locked only for the last comparison and for the exchange itself.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "link/inputs.h"
#include "link/link.h"
#include "link/start_link.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/measures.h"
#include "support/names.h"
#include "support/try.h"

namespace tenon::link {

namespace {

Diagnostic swap_problem(const std::string& unit, std::string why) {
  return make_diagnostic(Code::RunSwap, "`{}` cannot be swapped: {}", unit, why);
}

// Why calls in progress keep a unit from being swapped.
Diagnostic explain_wait(const std::string& unit, const CallFailure& failure) {
  if (failure.kind == CallFailure::Kind::Reentrance)
    return swap_problem(unit, "a call of it is in progress");
  Diagnostic problem = swap_problem(
      unit, failure.kind == CallFailure::Kind::Deadline
                ? fmt::format("calls in progress did not end within {}",
                              print_duration(limits::kSwapWait))
                : fmt::format("its calls in progress do not end: {}", failure.message));
  problem.hints.emplace_back(
      "give its calls a limit: `call-timeout` in the `[domains]` table of the unit");
  return problem;
}

// The name of an export in the type of its unit.
const std::string& name_of(const resolve::LinkPlan& plan, resolve::UnitExport item) {
  return plan.units[item.unit].type.exports[item.index].name;
}

// Existing bridges stay in use, so each must find the same export at the same place in the new
// unit.
std::optional<Diagnostic> compare_bridges(const ComposedLink& before, const ComposedLink& after,
                                          const std::string& unit, std::size_t domain) {
  for (std::size_t i = 0; i < before.split.domains.size(); ++i) {
    if (i == domain) continue;
    const auto& was = before.split.domains[i].imports;
    const auto& is = after.split.domains[i].imports;
    const auto same = [&](const resolve::BridgedImport& a, const resolve::BridgedImport& b) {
      return a.name == b.name && a.provider == b.provider && a.export_name == b.export_name &&
             (a.provider != resolve::kOutside ||
              (before.planned.plan.units[a.from.unit].name ==
                   after.planned.plan.units[b.from.unit].name &&
               name_of(before.planned.plan, a.from) == name_of(after.planned.plan, b.from)));
    };
    const auto [a, b] = std::ranges::mismatch(was, is, same);
    if (a == was.end() && b == is.end()) continue;
    std::string why =
        fmt::format("the exports that `{}` calls would change", before.split.domains[i].name);
    if (a != was.end() && b != is.end())
      why +=
          fmt::format(": from `{}` to `{}`, which have different places among the exports in use",
                      name_of(before.planned.plan, a->from), name_of(after.planned.plan, b->from));
    return swap_problem(unit, std::move(why));
  }
  return std::nullopt;
}

// The functions that are called from outside, and the types of their plan.
struct Callables {
  CallTable& calls;
  const std::vector<ExportedItem>& functions;
};

Diagnostic other_type(const std::string& unit, const std::string& function,
                      const FunctionType& old_type, const FunctionType& new_type) {
  Diagnostic problem = swap_problem(unit, fmt::format("the type of `{}` would change", function));
  problem.notes.push_back({fmt::format("it is `{}`", old_type.wit("")), {}, {}});
  problem.notes.push_back({fmt::format("it would be `{}`", new_type.wit("")), {}, {}});
  return problem;
}

// Functions that are held outside the composition must keep their types.
std::optional<Diagnostic> compare_functions(const Callables& before, const Callables& after,
                                            const std::string& unit) {
  const value::SameResource same = [&](types::ResourceId a, types::ResourceId b) {
    const runtime::ResourceKind& was = before.calls.kind_of(a);
    const runtime::ResourceKind& is = after.calls.kind_of(b);
    // A resource that no unit defines is known only by its name.
    return was.can_cross() || is.can_cross() ? &was == &is : was.name == is.name;
  };
  for (const ExportedItem& was : before.functions) {
    const auto is = std::ranges::find_if(after.functions, [&](const ExportedItem& item) {
      return item.interface == was.interface && item.name == was.name;
    });
    const std::string name = shown_name(was.interface, was.name);
    if (is == after.functions.end())
      return swap_problem(unit, fmt::format("it would not export `{}`", name));
    const FunctionType old_type = value::make_function_type(before.calls.graph(), was.function);
    const FunctionType new_type = value::make_function_type(after.calls.graph(), is->function);
    if (value::is_same_function(old_type, new_type, same)) {
      if (is->component_export == was.component_export) continue;
      return swap_problem(unit, fmt::format("the place of `{}` among its exports would change, and "
                                            "another composition uses the unit",
                                            name));
    }
    return other_type(unit, name, old_type, new_type);
  }
  return std::nullopt;
}

// Visits the name of each function in an imported item; the empty name if the item is a function.
template <class Visit>
void visit_functions(const types::Types& types, const types::Item& item, Visit&& visit) {
  if (std::holds_alternative<types::FunctionId>(item)) return visit(std::string());
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return;
  for (const types::NamedItem& part : types.instances[*instance].exports)
    if (std::holds_alternative<types::FunctionId>(part.item)) visit(part.name);
}

FunctionType type_of(CallTable& calls, resolve::UnitExport from, const std::string& function) {
  const types::Item& item = calls.plan().units[from.unit].type.exports[from.index].item;
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  const types::Item& actual =
      instance == nullptr ? item : calls.types().instances[*instance].find_export(function)->item;
  return value::make_function_type(calls.graph(), std::get<types::FunctionId>(actual));
}

// A package calls its imports with the types of their provider, which it holds: they must not
// change.
std::optional<Diagnostic> compare_packages(CallTable& was, const resolve::SplitPlan& split_was,
                                           CallTable& is, const resolve::SplitPlan& split_is,
                                           const std::string& unit, std::size_t domain) {
  // Packages pass no resources.
  const value::SameResource none = [](types::ResourceId, types::ResourceId) { return false; };
  std::optional<Diagnostic> problem;
  for (std::size_t i = 0; i < split_was.domains.size(); ++i) {
    const resolve::Unit& consumer = was.plan().units[split_was.domains[i].units.front()];
    if (i == domain || !resolve::has_packr_types(consumer.kind)) continue;
    for (std::size_t k = 0; k < split_was.domains[i].imports.size(); ++k) {
      const resolve::BridgedImport& before = split_was.domains[i].imports[k];
      const resolve::BridgedImport& after = split_is.domains[i].imports[k];
      if (before.provider != domain) continue;
      visit_functions(was.types(), before.item, [&](const std::string& function) {
        const FunctionType old_type = type_of(was, before.from, function);
        const FunctionType new_type = type_of(is, after.from, function);
        if (problem || value::is_same_function(old_type, new_type, none)) return;
        const std::string& item = name_of(was.plan(), before.from);
        problem = other_type(unit, function.empty() ? item : shown_name(item, function), old_type,
                             new_type);
        problem->notes.push_back(
            {fmt::format("the package `{}` calls it with its current type", consumer.name),
             {},
             {}});
      });
    }
  }
  return problem;
}

// True if another composition uses the unit.
bool is_shared(const Running& running, const std::string& unit) {
  return std::ranges::any_of(running.shared_units,
                             [&](const std::weak_ptr<const RunningUnit>& shared) {
                               const auto used = shared.lock();
                               return used != nullptr && used->name == unit;
                             });
}

resolve::UnitIndex index_of(const CallTable& calls, const std::string& unit) {
  const auto match = std::ranges::find(calls.plan().units, unit, &resolve::Unit::name);
  return static_cast<resolve::UnitIndex>(match - calls.plan().units.begin());
}

// Checks that the two plans differ only in the component of one domain.
std::optional<Diagnostic> compare_links(const ComposedLink& before, const ComposedLink& after,
                                        const std::string& unit, std::size_t domain) {
  const auto names = [](const auto& items) {
    std::vector<std::string> users;
    for (const auto& item : items) users.push_back(item.name);
    return users;
  };
  if (names(before.split.domains) != names(after.split.domains))
    return swap_problem(unit, "the domains of the composition would change");
  for (std::size_t i = 0; i < before.composed.size(); ++i) {
    if (i == domain || (before.composed[i].bytes == after.composed[i].bytes &&
                        before.composed[i].modules == after.composed[i].modules))
      continue;
    return swap_problem(unit, fmt::format("the links of the domain `{}` would change",
                                          before.split.domains[i].name));
  }
  if (names(before.split.domains[domain].exports) != names(after.split.domains[domain].exports) ||
      names(before.split.exports) != names(after.split.exports))
    return swap_problem(unit, "its exports that are in use would change");
  return compare_bridges(before, after, unit, domain);
}

// Admits one swap of a composition at a time.
class SwapTurn final {
 public:
  explicit SwapTurn(Running& running)
      : running_(running), has_begun_(!running.is_swapping.exchange(true)) {}
  SwapTurn(const SwapTurn&) = delete;
  SwapTurn& operator=(const SwapTurn&) = delete;
  ~SwapTurn() {
    if (has_begun_) running_.is_swapping.store(false);
  }

  [[nodiscard]] bool has_begun() const { return has_begun_; }

 private:
  Running& running_;
  bool has_begun_;
};

// A package can replace only a package, and a component only a component. Files that are neither are
// reported by their reader. bytes: of the replacement; null if it cannot be read.
std::optional<Diagnostic> check_kind(const resolve::LinkPlan& before, const std::string& unit,
                                     const std::shared_ptr<const Bytes>& bytes) {
  if (bytes == nullptr) return std::nullopt;
  const auto match = std::ranges::find(before.units, unit, &resolve::Unit::name);
  if (match == before.units.end()) return std::nullopt;
  const std::optional<UnitKind> kind = find_kind(*bytes);
  const bool was_package = resolve::has_packr_types(match->kind);
  if (!kind || resolve::has_packr_types(*kind) == was_package) return std::nullopt;
  Diagnostic problem =
      swap_problem(unit, was_package ? "it is a packr package, and the replacement is a component"
                                     : "it is a component, and the replacement is a packr package");
  problem.hints.emplace_back("build a new composition with the other kind of unit");
  return problem;
}

// Position of the domain that holds the unit and no other.
std::optional<std::size_t> find_own_domain(const resolve::LinkPlan& plan,
                                           const resolve::SplitPlan& split,
                                           const std::string& unit) {
  for (std::size_t i = 0; i < split.domains.size(); ++i) {
    const std::vector<resolve::UnitIndex>& units = split.domains[i].units;
    if (units.size() == 1 && plan.units[units.front()].name == unit) return i;
  }
  return std::nullopt;
}

}  // namespace

Result<void> swap_unit(Running& running, UnitRequest unit, SwapHandles handles, const Files& files,
                       const BuildOptions& options) {
  const SwapTurn turn(running);
  if (!turn.has_begun())
    return swap_problem(unit.name, "another swap of its composition is in progress");
  Request request = running.request;
  const auto unit_request = std::ranges::find(request.units, unit.name, &UnitRequest::name);
  if (unit_request == request.units.end()) {
    std::vector<std::string> names;
    for (const UnitRequest& other : request.units) names.push_back(other.name);
    Diagnostic problem = swap_problem(unit.name, "there is no such unit");
    problem.hints.push_back(suggest_name(unit.name, std::move(names), "units"));
    return problem;
  }
  if (unit_request->running != nullptr)
    return swap_problem(unit.name, "it belongs to another composition; swap it there");
  unit_request->path = std::move(unit.path);
  unit_request->bytes = std::move(unit.bytes);
  unit_request->digest.reset();
  unit_request->sha256.reset();
  // The program names the new file, so the position in a manifest no longer applies.
  unit_request->where.reset();
  set_deadline(request);
  load_units(request, files);
  PhaseClock clock;
  TENON_TRY(const ComposedLink before, compose_link(running.request, files, clock));
  if (const auto problem = check_kind(before.planned.plan, unit.name, unit_request->bytes))
    return *problem;
  TENON_TRY(ComposedLink after, compose_link(request, files, clock));
  const auto domain = find_own_domain(before.planned.plan, before.split, unit.name);
  if (!domain) {
    Diagnostic problem = swap_problem(unit.name, "it shares its domain with other units");
    problem.hints.push_back(
        fmt::format("isolate it: `isolated = true`, or `--isolate={}`", unit.name));
    return problem;
  }
  if (const auto problem = compare_links(before, after, unit.name, *domain)) return *problem;
  const engine::CodeCache cache(options.cache_dir);
  TENON_TRY(Loaded loaded, load_domain(after, *domain, running.facts.domain, running.engines,
                                       {request, cache, options.link_form}));
  const compose::Form form = loaded.code ? loaded.code->form : compose::Form::Embedded;
  const std::shared_ptr<const DomainCode> code = loaded.code;
  std::vector<std::uintptr_t> modules;
  if (loaded.code != nullptr) modules = module_addresses(*loaded.code);
  TENON_TRY(Spans spans, make_spans(after, static_cast<resolve::DomainIndex>(*domain), form));
  // The units of the composition could be called until here. Nothing is compiled from here on.
  const runtime::OwnerLock::Entry entry(*running.shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  runtime::Domain& swapped = *running.domains[*domain];
  call::Bounds wait;
  wait.deadline = {call::Clock::now() + limits::kSwapWait, "swap", unit.name};
  const runtime::Domain::Drained drained(swapped, wait);
  if (!drained.result()) return explain_wait(unit.name, drained.result().error());
  std::unique_lock tables(running.tables);
  bool changes_exports = false;
  {
    const KnownUnits units_before = known_units_of(before.planned);
    const KnownUnits units_after = known_units_of(after.planned);
    CallTable was(before.planned.plan, before.split, before.planned.foreign, units_before,
                  running.host, running.kinds, running.domains);
    CallTable is(after.planned.plan, after.split, after.planned.foreign, units_after, running.host,
                 running.kinds, running.domains);
    if (const auto problem =
            compare_functions({was, was.functions()}, {is, is.functions()}, unit.name))
      return *problem;
    if (const auto problem =
            compare_packages(was, before.split, is, after.split, unit.name, *domain))
      return *problem;
    const auto problem =
        compare_functions({was, was.functions_of(index_of(was, unit.name))},
                          {is, is.functions_of(index_of(is, unit.name))}, unit.name);
    if (problem && is_shared(running, unit.name)) return *problem;
    changes_exports = problem.has_value();
  }
  // If the domain has ended, its resources are gone.
  const std::size_t live =
      swapped.is_alive() ? running.shared.resources.count_made_by(swapped, swapped.life()) : 0;
  if (live != 0 && handles == SwapHandles::Refuse) {
    Diagnostic problem =
        swap_problem(unit.name, fmt::format("{} resources that it made are in use", live));
    problem.hints.push_back("drop them first, or let them become stale: `SwapHandles::MakeStale`");
    return problem;
  }
  PlanRecord plan_record = make_plan_record(std::move(after));
  CallTable calls(plan_record.plan, plan_record.split, plan_record.foreign, plan_record.units,
                  running.host, running.kinds, running.domains);
  TENON_TRY(auto body, make_body(running, loaded, plan_record.split,
                                 static_cast<resolve::DomainIndex>(*domain), calls));
  // If the new domain fails to start, the composition keeps the old plan, so this describes
  // failures with the spans of the new one.
  TENON_TRY(runtime::DomainParts parts,
            make_parts(running, std::move(loaded), std::move(body),
                       [spans = std::move(spans), modules](const engine::Failure& failure) {
                         return describe_failure(failure, spans, modules);
                       }));
  tables.unlock();
  running.in_swap = &swapped;
  const Result<std::uint64_t> replaced = swapped.swap(std::move(parts));
  running.in_swap = nullptr;
  if (!replaced) return replaced.error();
  tables.lock();
  running.request = std::move(request);
  running.calls.reset();
  running.plan_record = std::move(plan_record);
  running.codes[*domain] = code;
  running.notes = running.plan_record->plan.shown.notes;
  if (changes_exports) swapped.change_exports();
  tables.unlock();
  // The plan describes the new unit now, so destructors that fail are reported correctly.
  swapped.release(*replaced);
  return {};
}

}  // namespace tenon::link
