// Replaces the components or packages of units of a running composition.
//
// The whole composition is planned and composed twice: as it is, and with the new units. The swap is
// allowed only if the two results differ in the components of the domains of these units and in
// nothing that other domains or the program hold: bridges, function types, the place of an export.
// The slow steps, planning and compiling, run while the old units still serve calls. The composition
// is locked only for the last comparison and for the exchange itself:
//
//   Drained       calls in progress end, and new ones wait
//   save          the old units give their state
//   Replacement   each domain begins a new life, and the old one waits
//   restore       the new units take the state
//   commit        the old lives end; until here, any failure brings them back
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "link/inputs.h"
#include "link/link.h"
#include "link/start_link.h"
#include "link/swap_state.h"
#include "resolve/hints.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/measures.h"
#include "support/names.h"
#include "support/try.h"

namespace tenon::link {

namespace {

// The domains whose lives are replaced, in order of start.
using Domains = std::set<resolve::DomainIndex>;

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

// The domain of a provider, or the unit if it is outside of all domains.
const std::string& provider_name(const ComposedLink& link, const resolve::BridgedImport& import) {
  return import.provider == resolve::kOutside ? link.planned.plan.units[import.from.unit].name
                                              : link.split.domains[import.provider].name;
}

// The bridges of other domains stay in use, so each must find the same export at the same place.
std::optional<Diagnostic> compare_bridges(const ComposedLink& before, const ComposedLink& after,
                                          const Domains& domains) {
  for (resolve::DomainIndex i = 0; i < before.split.domains.size(); ++i) {
    if (domains.contains(i)) continue;
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
    const std::string unit = a == was.end() ? provider_name(after, *b) : provider_name(before, *a);
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
                                           const Domains& domains) {
  // Packages pass no resources.
  const value::SameResource none = [](types::ResourceId, types::ResourceId) { return false; };
  std::optional<Diagnostic> problem;
  for (resolve::DomainIndex i = 0; i < split_was.domains.size(); ++i) {
    const resolve::Unit& consumer = was.plan().units[split_was.domains[i].units.front()];
    if (domains.contains(i) || !resolve::has_packr_types(consumer.kind)) continue;
    for (std::size_t k = 0; k < split_was.domains[i].imports.size(); ++k) {
      const resolve::BridgedImport& before = split_was.domains[i].imports[k];
      const resolve::BridgedImport& after = split_is.domains[i].imports[k];
      if (!domains.contains(before.provider)) continue;
      const std::string& unit = was.plan().units[before.from.unit].name;
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

// Checks that the two plans differ only in the components of these domains.
std::optional<Diagnostic> compare_links(const ComposedLink& before, const ComposedLink& after,
                                        const std::string& unit, const Domains& domains) {
  const auto names = [](const auto& items) {
    std::vector<std::string> users;
    for (const auto& item : items) users.push_back(item.name);
    return users;
  };
  if (names(before.split.domains) != names(after.split.domains))
    return swap_problem(unit, "the domains of the composition would change");
  for (resolve::DomainIndex i = 0; i < before.composed.size(); ++i) {
    const std::string& name = before.split.domains[i].name;
    if (!domains.contains(i)) {
      if (before.composed[i].bytes != after.composed[i].bytes ||
          before.composed[i].modules != after.composed[i].modules)
        return swap_problem(unit, fmt::format("the links of the domain `{}` would change", name));
    } else if (names(before.split.domains[i].exports) != names(after.split.domains[i].exports)) {
      return swap_problem(name, "its exports that are in use would change");
    }
  }
  if (names(before.split.exports) != names(after.split.exports))
    return swap_problem(unit, "its exports that are in use would change");
  return compare_bridges(before, after, domains);
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
// reported by their reader.
std::optional<Diagnostic> check_kind(const resolve::LinkPlan& before,
                                     const UnitRequest& replacement) {
  if (replacement.bytes == nullptr) return std::nullopt;
  const auto match = std::ranges::find(before.units, replacement.name, &resolve::Unit::name);
  if (match == before.units.end()) return std::nullopt;
  const std::optional<UnitKind> kind = find_kind(*replacement.bytes);
  const bool was_package = resolve::has_packr_types(match->kind);
  if (!kind || resolve::has_packr_types(*kind) == was_package) return std::nullopt;
  Diagnostic problem = swap_problem(
      replacement.name, was_package ? "it is a packr package, and the replacement is a component"
                                    : "it is a component, and the replacement is a packr package");
  problem.hints.emplace_back("build a new composition with the other kind of unit");
  return problem;
}

Diagnostic refuse_unknown(const std::string& unit, const Request& request) {
  std::vector<std::string> names;
  for (const UnitRequest& other : request.units) names.push_back(other.name);
  Diagnostic problem = swap_problem(unit, "there is no such unit");
  problem.hints.push_back(suggest_name(unit, std::move(names), "units"));
  return problem;
}

// The request of a running composition with other files or bytes for some units, not yet loaded.
Result<Request> replace_units(Request request, const std::vector<UnitRequest>& units) {
  Diagnostics problems;
  std::set<std::string_view> names;
  for (const UnitRequest& unit : units) {
    const auto replaced = std::ranges::find(request.units, unit.name, &UnitRequest::name);
    if (replaced == request.units.end()) {
      problems.push_back(refuse_unknown(unit.name, request));
    } else if (replaced->running != nullptr) {
      problems.push_back(
          swap_problem(unit.name, "it belongs to another composition; swap it there"));
    } else if (!names.insert(unit.name).second) {
      problems.push_back(swap_problem(unit.name, "it is named twice"));
    } else {
      replaced->path = unit.path;
      replaced->bytes = unit.bytes;
      replaced->digest.reset();
      replaced->is_late = false;
      replaced->record.reset();
      replaced->sha256.reset();
      // The program names the new file, so the position in a manifest no longer applies. A pipe would make
      // all later swaps wait until it has a writer.
      replaced->where.reset();
      replaced->must_be_file = true;
    }
  }
  if (!problems.empty()) return problems;
  return request;
}

// The domains of units that run in domains.
Result<Domains> find_domains(const ComposedLink& link, const std::vector<UnitRequest>& units,
                             bool whole_domains) {
  const auto is_replaced = [&](resolve::UnitIndex unit) {
    return std::ranges::find(units, link.planned.plan.units[unit].name, &UnitRequest::name) !=
           units.end();
  };
  Domains domains;
  Diagnostics problems;
  for (const UnitRequest& unit : units) {
    const auto domain = std::ranges::find_if(link.split.domains, [&](const auto& candidate) {
      return std::ranges::any_of(candidate.units, [&](resolve::UnitIndex index) {
        return link.planned.plan.units[index].name == unit.name;
      });
    });
    if (domain == link.split.domains.end()) {
      problems.push_back(swap_problem(unit.name, "it is native code, or not part of the link"));
      continue;
    }
    domains.insert(static_cast<resolve::DomainIndex>(domain - link.split.domains.begin()));
    if (whole_domains || std::ranges::all_of(domain->units, is_replaced)) continue;
    Diagnostic problem = swap_problem(unit.name, "it shares its domain with other units");
    problem.hints.push_back(resolve::hint_at_isolation("give", unit.name));
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return domains;
}

// A domain with new code, before and during the exchange.
struct NewDomain {
  resolve::DomainIndex index;
  runtime::Domain& domain;
  Loaded loaded;
  std::shared_ptr<DomainCode> code = loaded.code;
  // For failures before the plan is that of the new units.
  Spans spans;
  std::unique_ptr<const runtime::Domain::Drained> drained = {};
  std::unique_ptr<runtime::Domain::Replacement> replacement = {};
  bool changes_exports = false;
};

// The state of a unit, on its way from the old life to the new one.
struct Handover {
  HandoverFunction save;
  HandoverFunction restore;
  std::optional<Value> state = {};
};

// A swap from the moment when its plan is known.
class Swap final {
 public:
  Swap(Running& running, const SwapOptions& how, ComposedLink before, ComposedLink after,
       Domains domains)
      : running_(running),
        how_(how),
        before_(std::move(before)),
        after_(std::move(after)),
        domains_(std::move(domains)) {}

  // Compiles the code of the domains. request: the new one.
  Result<void> load(const Request& request, const BuildOptions& options);
  // Replaces the lives of the domains. Nothing is compiled from here on.
  Result<void> run(Request request);

 private:
  Result<void> exchange(Request request);
  // Lets calls in progress end: those of consumers first, because they need their providers.
  Result<void> drain();
  // Compares what needs the types of calls. REQUIRES, here and below: the tables are locked
  std::optional<Diagnostic> compare(CallTable& was, CallTable& is);
  Result<void> check_losses(CallTable& was, CallTable& is);
  Result<runtime::DomainParts> make_parts_of(NewDomain& part, CallTable& calls);

  Running& running_;
  const SwapOptions& how_;
  ComposedLink before_;
  ComposedLink after_;
  Domains domains_;
  PlanRecord record_;                // of `after_`
  std::vector<Handover> handovers_;  // of units that hand their state over
  std::vector<NewDomain> parts_;     // in order of start
};

Result<void> Swap::load(const Request& request, const BuildOptions& options) {
  const engine::CodeCache cache(options.cache_dir);
  for (const resolve::DomainIndex index : domains_) {
    TENON_TRY(Loaded loaded, load_domain(after_, index, running_.facts.domain, running_.engines,
                                         {request, cache, options.link_form, options.on_compile}));
    const compose::Form form = loaded.code ? loaded.code->form : compose::Form::Embedded;
    TENON_TRY(Spans spans, make_spans(after_, index, form));
    for (runtime::Domain* const domain : list_pool(*running_.domains[index]))
      parts_.push_back({.index = index, .domain = *domain, .loaded = loaded, .spans = spans});
  }
  return {};
}

Result<void> Swap::drain() {
  call::Bounds wait;
  wait.deadline = {call::Clock::now() + limits::kSwapWait, "swap", {}};
  for (NewDomain& part : std::views::reverse(parts_)) {
    wait.deadline->domain = part.domain.name();
    part.drained = std::make_unique<const runtime::Domain::Drained>(part.domain, wait);
    if (!part.drained->result())
      return explain_wait(part.domain.name(), part.drained->result().error());
  }
  return {};
}

std::optional<Diagnostic> Swap::compare(CallTable& was, CallTable& is) {
  if (auto problem = compare_functions({was, was.functions()}, {is, is.functions()},
                                       parts_.front().domain.name()))
    return problem;
  if (auto problem = compare_packages(was, before_.split, is, record_.split, domains_))
    return problem;
  for (NewDomain& part : parts_)
    for (const resolve::UnitIndex old_unit : before_.split.domains[part.index].units) {
      const std::string& unit = was.plan().units[old_unit].name;
      auto problem = compare_functions({was, was.functions_of(old_unit)},
                                       {is, is.functions_of(index_of(is, unit))}, unit);
      if (problem && is_shared(running_, unit)) return problem;
      part.changes_exports |= problem.has_value();
    }
  return std::nullopt;
}

Result<void> Swap::check_losses(CallTable& was, CallTable& is) {
  SwapLosses losses;
  std::vector<const runtime::Domain*> domains;
  for (const NewDomain& part : parts_) {
    domains.push_back(&part.domain);
    for (const resolve::UnitIndex old_unit : before_.split.domains[part.index].units) {
      const std::string& unit = was.plan().units[old_unit].name;
      // A domain that is not alive has no state.
      if (!part.domain.is_alive()) continue;
      TENON_TRY(auto save, find_handover_function(was, old_unit, "save"));
      TENON_TRY(auto restore, find_handover_function(is, index_of(is, unit), "restore"));
      (save && restore ? losses.handed_over : losses.units).push_back(unit);
      if (save && restore) handovers_.push_back({*std::move(save), *std::move(restore)});
    }
  }
  std::ranges::sort(losses.units);
  std::ranges::sort(losses.handed_over);
  losses.handles = list_lost_handles(running_, domains);
  if (!losses.handles.empty() && how_.handles == SwapHandles::Refuse) {
    Diagnostic problem =
        swap_problem(parts_.front().domain.name(), "handles would be lost that are in use");
    for (const SwapLosses::Handles& lost : losses.handles)
      problem.notes.push_back(
          {fmt::format("{} of `{}`, held by {}", lost.count, lost.type, lost.holder), {}, {}});
    problem.hints.emplace_back("drop them first");
    problem.hints.emplace_back("or lose them", HintWays{.program = "`SwapHandles::MakeStale`",
                                                        .command = "--lose-handles",
                                                        .manifest = {}});
    return problem;
  }
  if (how_.on_losses) how_.on_losses(losses);
  return {};
}

Result<runtime::DomainParts> Swap::make_parts_of(NewDomain& part, CallTable& calls) {
  std::vector<std::uintptr_t> modules;
  if (part.code != nullptr) modules = module_addresses(*part.code);
  TENON_TRY(auto body,
            make_body(running_, part.loaded, record_.split, part.index, part.domain, calls));
  return make_parts(running_, part.index, std::move(part.loaded), std::move(body),
                    [spans = std::move(part.spans), modules](const engine::Failure& failure) {
                      return describe_failure(failure, spans, modules);
                    });
}

Result<void> Swap::exchange(Request request) {
  TENON_TRY_VOID(drain());
  record_ = make_plan_record(std::move(after_));
  const KnownUnits units_before = known_units_of(before_.planned);
  std::unique_lock tables(running_.tables);
  CallTable was(before_.planned.plan, before_.split, before_.planned.foreign, units_before,
                running_.host, running_.kinds, running_.program_buffers, running_.domains);
  CallTable is(record_.plan, record_.split, record_.foreign, record_.units, running_.host,
               running_.kinds, running_.program_buffers, running_.domains);
  if (auto problem = compare(was, is)) return *std::move(problem);
  TENON_TRY_VOID(check_losses(was, is));
  if (how_.is_trial) return {};
  std::vector<runtime::DomainParts> made;
  for (NewDomain& part : parts_) {
    TENON_TRY(runtime::DomainParts parts, make_parts_of(part, is));
    made.push_back(std::move(parts));
    running_.in_swap.push_back(&part.domain);
  }
  tables.unlock();
  for (Handover& handover : handovers_) {
    TENON_TRY(handover.state, handover.save.save(running_));
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    // One instance of a pool shows whether it starts.
    const bool is_first = i == 0 || parts_[i - 1].index != parts_[i].index;
    using runtime::Domain;
    parts_[i].replacement = std::make_unique<Domain::Replacement>(
        parts_[i].domain, std::move(made[i]),
        is_first ? Domain::Replacement::Begin::Yes : Domain::Replacement::Begin::No);
    TENON_TRY_VOID(parts_[i].replacement->result());
  }
  for (const Handover& handover : handovers_)
    TENON_TRY_VOID(handover.restore.restore(running_, *handover.state));
  for (const NewDomain& part : parts_)
    if (part.replacement->has_ended())
      return swap_problem(part.domain.name(), "it ended while other units were started");
  std::vector<std::uint64_t> ended;
  for (NewDomain& part : parts_) ended.push_back(part.replacement->commit());
  tables.lock();
  running_.request = std::move(request);
  running_.calls.reset();
  running_.plan_record = std::move(record_);
  running_.notes = running_.plan_record->shown->notes;
  for (const NewDomain& part : parts_) {
    running_.codes[part.index] = part.code;
    if (part.changes_exports) part.domain.change_exports();
  }
  tables.unlock();
  // The plan describes the new units now, so destructors that fail are reported correctly.
  for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i].domain.release(ended[i]);
  return {};
}

Result<void> Swap::run(Request request) {
  const runtime::OwnerLock::Entry entry(*running_.shared.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  Result<void> swapped = exchange(std::move(request));
  // Lives that were not committed end, and the old ones continue.
  parts_.clear();
  running_.in_swap.clear();
  return swapped;
}

}  // namespace

Result<void> swap_units(Running& running, std::vector<UnitRequest> units, const SwapOptions& how,
                        const Files& files, const BuildOptions& options) {
  if (units.empty()) return {};
  const SwapTurn turn(running);
  if (!turn.has_begun())
    return swap_problem(units.front().name, "another swap of its composition is in progress");
  TENON_TRY(Request request, replace_units(running.request, units));
  set_deadline(request);
  load_units(request, files);
  PhaseClock clock;
  TENON_TRY(ComposedLink before, compose_link(running.request, files, clock));
  Diagnostics problems;
  for (const UnitRequest& unit : units) {
    const auto loaded = std::ranges::find(request.units, unit.name, &UnitRequest::name);
    if (auto problem = check_kind(before.planned.plan, *loaded))
      problems.push_back(*std::move(problem));
  }
  if (!problems.empty()) return problems;
  TENON_TRY(ComposedLink after, compose_link(request, files, clock));
  TENON_TRY(Domains domains, find_domains(before, units, how.whole_domains));
  if (auto problem = compare_links(before, after, units.front().name, domains))
    return *std::move(problem);
  Swap swap(running, how, std::move(before), std::move(after), std::move(domains));
  TENON_TRY_VOID(swap.load(request, options));
  // The units of the composition could be called until here.
  return swap.run(std::move(request));
}

}  // namespace tenon::link
