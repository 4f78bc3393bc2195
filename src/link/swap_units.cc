// Replaces the components or packages of units of a running composition.
//
// The whole composition is planned and composed again, with the new units. The swap is allowed only if the
// rows of the two start plans differ in the components of the domains of these units, and in nothing that
// other domains or the program hold: edges, function types, the place of an export.
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
#include "runtime/replacement.h"
#include "support/at_end.h"
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

// The edges of other domains stay in use, so each must find the same export at the same place.
std::optional<Diagnostic> compare_edges(const StartPlan& before, const StartPlan& after,
                                        const Domains& domains) {
  const auto provider_name = [](const StartPlan& start, const EdgeRow& edge) -> const auto& {
    return edge.provider == resolve::kOutside ? edge.unit : start.domains[edge.provider].name;
  };
  for (resolve::DomainIndex i = 0; i < before.domains.size(); ++i) {
    if (domains.contains(i)) continue;
    const std::vector<EdgeRow>& was = before.domains[i].imports;
    const std::vector<EdgeRow>& is = after.domains[i].imports;
    const auto same = [](const EdgeRow& a, const EdgeRow& b) {
      return a.import == b.import && a.provider == b.provider && a.export_name == b.export_name &&
             (a.provider != resolve::kOutside || (a.unit == b.unit && a.exported == b.exported));
    };
    const auto [a, b] = std::ranges::mismatch(was, is, same);
    if (a == was.end() && b == is.end()) continue;
    const std::string& unit = a == was.end() ? provider_name(after, *b) : provider_name(before, *a);
    std::string why =
        fmt::format("the exports that `{}` calls would change", before.domains[i].name);
    if (a != was.end() && b != is.end())
      why +=
          fmt::format(": from `{}` to `{}`, which have different places among the exports in use",
                      a->exported, b->exported);
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
    const runtime::ResourceKind& was = before.calls.types().kind_of(a);
    const runtime::ResourceKind& is = after.calls.types().kind_of(b);
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
    const FunctionType old_type =
        value::make_function_type(before.calls.types().graph(), was.function);
    const FunctionType new_type =
        value::make_function_type(after.calls.types().graph(), is->function);
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

// The rows of a start, and their types.
struct Rows {
  const StartPlan& start;
  CallTypes& types;
};

// The consumers of adapted edges and of packages, and packages themselves, hold types of their providers:
// those must not change. REQUIRES: compare_starts finds no difference
std::optional<Diagnostic> compare_edge_types(const Rows& before, const Rows& after,
                                             const Domains& domains) {
  // Handles are not converted, so both types have those of the consumer.
  const value::SameResource any = [](types::ResourceId, types::ResourceId) { return true; };
  for (resolve::DomainIndex i = 0; i < before.start.domains.size(); ++i) {
    if (domains.contains(i)) continue;
    const std::vector<EdgeRow>& imports = before.start.domains[i].imports;
    for (std::size_t k = 0; k < imports.size(); ++k) {
      const EdgeRow& edge = imports[k];
      if (!domains.contains(edge.provider)) continue;
      for (std::size_t f = 0; f < edge.functions.size(); ++f) {
        const FunctionRow& was = edge.functions[f];
        const FunctionRow& is = after.start.domains[i].imports[k].functions[f];
        if (was.provided == was.type && is.provided == is.type) continue;
        const FunctionType old_type = value::make_function_type(before.types.graph(), was.provided);
        const FunctionType new_type = value::make_function_type(after.types.graph(), is.provided);
        if (value::is_same_function(old_type, new_type, any)) continue;
        Diagnostic problem = other_type(
            edge.unit, was.name.empty() ? edge.exported : shown_name(edge.exported, was.name),
            old_type, new_type);
        problem.notes.push_back(
            {fmt::format("`{}` calls it with its current type", edge.consumer), {}, {}});
        problem.hints.emplace_back(
            "swap the units that call it at the same time, or build a new composition");
        return problem;
      }
    }
  }
  return std::nullopt;
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

// Checks that the two starts differ only in the components of these domains.
std::optional<Diagnostic> compare_starts(const StartPlan& before, const StartPlan& after,
                                         const std::string& unit, const Domains& domains) {
  if (!std::ranges::equal(before.domains, after.domains, {}, &DomainRow::name, &DomainRow::name))
    return swap_problem(unit, "the domains of the composition would change");
  const auto list_exports = [](const DomainRow& domain, ExportRow::User user) {
    std::vector<std::string_view> names;
    for (const ExportRow& row : domain.exports)
      if (row.user == user) names.push_back(row.name);
    return names;
  };
  const auto have_same_exports = [&](resolve::DomainIndex i, ExportRow::User user) {
    return list_exports(before.domains[i], user) == list_exports(after.domains[i], user);
  };
  for (resolve::DomainIndex i = 0; i < before.domains.size(); ++i) {
    const std::string& name = before.domains[i].name;
    if (!domains.contains(i)) {
      if (*before.domains[i].code != *after.domains[i].code)
        return swap_problem(unit, fmt::format("the links of the domain `{}` would change", name));
    } else if (!have_same_exports(i, ExportRow::User::Domains)) {
      return swap_problem(name, "its exports that are in use would change");
    }
  }
  for (resolve::DomainIndex i = 0; i < before.domains.size(); ++i)
    if (!have_same_exports(i, ExportRow::User::Composition))
      return swap_problem(unit, "its exports that are in use would change");
  return compare_edges(before, after, domains);
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
    } else if (replaced->as<RunningUnit>() != nullptr) {
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
Result<Domains> find_domains(const StartPlan& start, const resolve::LinkPlan& plan,
                             const std::vector<UnitRequest>& units, bool whole_domains) {
  const auto is_replaced = [&](resolve::UnitIndex unit) {
    return std::ranges::find(units, plan.units[unit].name, &UnitRequest::name) != units.end();
  };
  Domains domains;
  Diagnostics problems;
  for (const UnitRequest& unit : units) {
    const auto domain = std::ranges::find_if(start.domains, [&](const DomainRow& candidate) {
      return std::ranges::any_of(candidate.units, [&](resolve::UnitIndex index) {
        return plan.units[index].name == unit.name;
      });
    });
    if (domain == start.domains.end()) {
      problems.push_back(swap_problem(unit.name, "it is native code, or not part of the link"));
      continue;
    }
    domains.insert(static_cast<resolve::DomainIndex>(domain - start.domains.begin()));
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
  std::unique_ptr<const runtime::Drained> drained = {};
  std::unique_ptr<runtime::Replacement> replacement = {};
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
  // after: the new link, and its start plan with its domains.
  Swap(Running& running, const SwapOptions& how, ComposedLink after, StartPlan start,
       std::vector<Loaded> opened, Domains domains)
      : running_(running),
        how_(how),
        after_(std::move(after)),
        start_(std::make_shared<const StartPlan>(std::move(start))),
        opened_(std::move(opened)),
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
  std::optional<Diagnostic> compare(CallTable& was, CallTable& is, CallTypes& types);
  Result<void> check_losses(CallTable& was, CallTable& is);
  Result<runtime::DomainParts> make_parts_of(NewDomain& part, CallTypes& types);
  [[nodiscard]] const DomainRow& row_before(const NewDomain& part) const {
    return running_.start->domains[part.index];
  }

  Running& running_;
  const SwapOptions& how_;
  ComposedLink after_;
  std::shared_ptr<const StartPlan> start_;  // of `after_`
  std::vector<Loaded> opened_;              // its domains
  Domains domains_;
  PlanRecord record_;                // of `after_`
  std::vector<Handover> handovers_;  // of units that hand their state over
  std::vector<NewDomain> parts_;     // in order of start
};

Result<void> Swap::load(const Request& request, const BuildOptions& options) {
  const engine::CodeCache cache(options.cache_dir);
  const CodeSource source{request, cache, options.link_form, options.on_compile};
  for (const resolve::DomainIndex index : domains_) {
    Loaded& loaded = opened_[index];
    if (!find_code(loaded, source)) TENON_TRY_VOID(compile_code(loaded, after_, index, source));
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
    part.drained = std::make_unique<const runtime::Drained>(part.domain, wait);
    if (!part.drained->result())
      return explain_wait(part.domain.name(), part.drained->result().error());
  }
  return {};
}

std::optional<Diagnostic> Swap::compare(CallTable& was, CallTable& is, CallTypes& types) {
  if (auto problem = compare_functions({was, was.functions()}, {is, is.functions()},
                                       parts_.front().domain.name()))
    return problem;
  if (auto problem =
          compare_edge_types({*running_.start, edge_types(running_)}, {*start_, types}, domains_))
    return problem;
  for (NewDomain& part : parts_)
    for (const resolve::UnitIndex old_unit : row_before(part).units) {
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
    for (const resolve::UnitIndex old_unit : row_before(part).units) {
      const std::string& unit = was.plan().units[old_unit].name;
      // A domain that is not alive has no state.
      if (!part.domain.is_alive()) continue;
      // Nor has one that ends with its request. What others have kept is not the state of the unit, but that of one of
      // its instances.
      if (const runtime::CallsOfLife& life = part.domain.calls_of_life(); life.are_counted()) {
        if (life.most > 1) losses.units.push_back(unit);
        continue;
      }
      TENON_TRY(auto save, find_handover_function(running_, was, old_unit, "save"));
      TENON_TRY(auto restore, find_handover_function(running_, is, index_of(is, unit), "restore"));
      (save && restore ? losses.handed_over : losses.units).push_back(unit);
      if (save && restore) handovers_.push_back({*std::move(save), *std::move(restore)});
    }
  }
  std::ranges::sort(losses.units);
  losses.units.erase(std::ranges::unique(losses.units).begin(), losses.units.end());
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

Result<runtime::DomainParts> Swap::make_parts_of(NewDomain& part, CallTypes& types) {
  std::vector<std::uintptr_t> modules;
  if (part.code != nullptr) modules = module_addresses(*part.code);
  const DomainRow& row = start_->domains[part.index];
  TENON_TRY(auto body, make_body(running_, part.loaded, row, part.domain, types));
  return make_parts(running_, row, std::move(part.loaded), std::move(body),
                    [spans = std::move(part.spans), modules](const engine::Failure& failure) {
                      return describe_failure(failure, spans, modules);
                    });
}

Result<void> Swap::exchange(Request request) {
  TENON_TRY_VOID(drain());
  record_ = make_plan_record(std::move(after_));
  std::unique_lock tables(running_.tables);
  CallTable& was = call_table(running_);
  CallTable is(record_.plan, *start_, record_.foreign, record_.units, running_.host, running_.kinds,
               running_.domains);
  CallTypes types = make_edge_types(running_, *start_);
  if (auto problem = compare(was, is, types)) return *std::move(problem);
  TENON_TRY_VOID(check_losses(was, is));
  if (how_.is_trial) return {};
  std::vector<runtime::DomainParts> made;
  for (NewDomain& part : parts_) {
    TENON_TRY(runtime::DomainParts parts, make_parts_of(part, types));
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
    using runtime::Replacement;
    parts_[i].replacement =
        std::make_unique<Replacement>(parts_[i].domain, std::move(made[i]),
                                      is_first ? Replacement::Begin::Yes : Replacement::Begin::No);
    TENON_TRY_VOID(parts_[i].replacement->result());
  }
  for (const Handover& handover : handovers_)
    TENON_TRY_VOID(handover.restore.restore(running_, *handover.state));
  for (const NewDomain& part : parts_)
    if (part.replacement->has_ended())
      return swap_problem(part.domain.name(), "it ended while other units were started");
  std::vector<std::uint64_t> ended;
  ended.reserve(parts_.size());
  Diagnostics notes = start_->notes;
  // From here on, no memory is needed until all domains have their new lives.
  for (NewDomain& part : parts_) ended.push_back(part.replacement->commit());
  tables.lock();
  running_.request = std::move(request);
  running_.calls.reset();
  running_.edge_types.reset();
  running_.plan_record = std::move(record_);
  running_.start = start_;
  running_.notes = std::move(notes);
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
  // Lives that were not committed end, and the old ones continue.
  const AtEnd end([this] {
    parts_.clear();
    running_.in_swap.clear();
  });
  return exchange(std::move(request));
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
  std::unique_lock tables(running.tables);
  const resolve::LinkPlan& before = get_plan_record(running).plan;  // only a swap changes it
  tables.unlock();
  Diagnostics problems;
  for (const UnitRequest& unit : units) {
    const auto loaded = std::ranges::find(request.units, unit.name, &UnitRequest::name);
    if (auto problem = check_kind(before, *loaded)) problems.push_back(*std::move(problem));
  }
  if (!problems.empty()) return problems;
  TENON_TRY(ComposedLink after, compose_link(request, files, clock));
  TENON_TRY(Domains domains, find_domains(*running.start, before, units, how.whole_domains));
  StartPlan start = make_start_plan(after, request);
  TENON_TRY(
      std::vector<Loaded> opened,
      open_domains(
          start, [&]() -> Result<ComposedLink*> { return &after; }, running.engines, request));
  if (auto problem = compare_starts(*running.start, start, units.front().name, domains))
    return *std::move(problem);
  Swap swap(running, how, std::move(after), std::move(start), std::move(opened),
            std::move(domains));
  TENON_TRY_VOID(swap.load(request, options));
  // The units of the composition could be called until here. What loads or explains code later plans the
  // request again, without a deadline.
  request.deadline.reset();
  return swap.run(std::move(request));
}

}  // namespace tenon::link
