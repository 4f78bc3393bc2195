#include "link/link.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/code_cache.h"
#include "host/process_env.h"
#include "link/embed_later.h"
#include "link/known_files.h"
#include "link/link_key.h"
#include "link/load_link.h"
#include "link/start_link.h"
#include "link/start_plan.h"
#include "support/try.h"

namespace tenon::link {

namespace {

// Runs before anything is compiled, because compiling starts threads.
Result<void> set_process_env(const PlannedLink& planned, const Request& request) {
  const auto access =
      request.hosts.may_setenv ? host::EnvAccess::MayChange : host::EnvAccess::ReadOnly;
  Diagnostics problems;
  for (const auto& [name, binary] : planned.binaries) {
    if (binary.bundle == nullptr || binary.bundle->process != nullptr) continue;
    const Result<void> set =
        host::set_process_env(name, binary.bundle->manifest, binary.bundle->config, access);
    if (!set) std::ranges::copy(set.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return {};
}

// Composing reads late units only if a domain of theirs cannot be linked by reference. Then their
// bytes stay in the request, because the plan can be made again, when the files may be gone.
void keep_late_units(const ComposedLink& link, Request& request) {
  for (std::size_t i = 0; i < link.composed.size(); ++i) {
    const resolve::LinkPlan& part = *link.split.domains[i].link;
    if (link.composed[i].form == compose::Form::Reference || is_package(link.planned, part))
      continue;
    for (const resolve::Unit& unit : part.units) {
      const auto late = std::ranges::find(request.units, unit.name, &UnitRequest::name);
      if (late == request.units.end() || !late->is_late) continue;
      late->bytes = link.planned.binaries.find(unit.name)->second.bytes;
    }
  }
}

// The same for a known link, which does not say which units these domains have. Its lazy domains without
// code are compiled at their first call; until then, only pinned units can be read late.
Result<void> read_late_units(const StartPlan& start, const std::vector<Loaded>& domains,
                             Request& request, const Files& files) {
  const bool embeds = std::ranges::any_of(
      start.domains, [](const DomainRow& domain) { return domain.code->reference.empty(); });
  const bool compiles =
      std::ranges::any_of(domains, [](const Loaded& loaded) { return loaded.code == nullptr; });
  for (UnitRequest& unit : request.units)
    if (unit.is_late && unit.bytes == nullptr && (embeds || (compiles && !unit.sha256))) {
      TENON_TRY(unit.bytes, read_late_unit(unit, files));
    }
  return {};
}

// What earlier starts of a link left in the cache, and what this start leaves there for the next one.
class LinkMemory final {
 public:
  // Reads the units of the request, except for files that are known.
  LinkMemory(Request& request, const Files& files, const BuildOptions& options, PhaseClock& clock) {
    if (request.cache != nullptr && options.link_form != LinkForm::Embedded) {
      files_.emplace(request, files, std::chrono::system_clock::now().time_since_epoch());
      (void)files_->use(*request.cache, request, warnings_);
    }
    // Traces show names from the plan.
    const bool has_key = !options.trace_calls && !options.trace_streams;
    const auto load = [&] {
      clock.add(load_units(request, files));
      if (has_key) key_ = make_link_key(request);
    };
    load();
    if (key_) start_ = find_start_plan(request.cache.get(), *key_, warnings_);
    // A link that is not known keeps the bytes of its units.
    if (!start_ && files_ && files_->forget(request)) load();
    if (start_) std::ranges::copy(warnings_, std::back_inserter(start_->notes));
    std::ranges::move(warnings_, std::back_inserter(request.notes));
  }

  // The start plan; absent: the link has to be planned.
  std::optional<StartPlan> take_start() { return std::exchange(start_, std::nullopt); }

  // REQUIRES: the start plan depends on nothing but the request
  void keep_start(const Running& running) const {
    const engine::CacheFolder* const folder = running.request.cache.get();
    if (folder != nullptr && key_) keep_start_plan(*folder, *key_, *running.start);
  }
  void keep_files(const Running& running) const {
    if (files_) files_->keep(*running.request.cache, running.request);
  }

 private:
  std::optional<KnownFiles> files_;
  std::optional<std::string> key_;
  std::optional<StartPlan> start_;
  Diagnostics warnings_;
};

}  // namespace

void PhaseClock::end_phase(std::string_view phase) {
  const auto now = std::chrono::steady_clock::now();
  times_.push_back(
      {std::string(phase), std::chrono::duration<double, std::milli>(now - start_).count()});
  start_ = now;
}

Result<PlannedLink> plan_link(const Request& request, const Files& files, PhaseClock& clock) {
  TENON_TRY(Inputs inputs, read_inputs(request, files));
  clock.add(std::move(inputs.times));
  clock.end_phase("read");
  TENON_TRY_VOID(check_deadline(request));
  // From here on, no file is opened: the inputs have the bytes and types of all units.
  TENON_TRY(PlannedLink planned, resolve_link(request, std::move(inputs)));
  clock.end_phase("resolve");
  TENON_TRY_VOID(check_deadline(request));
  // From here on, no choice is made: the plan has the provider of every import, the domains and
  // their order.
  return planned;
}

Result<ComposedLink> compose_link(const Request& request, const Files& files, PhaseClock& clock) {
  TENON_TRY(PlannedLink planned, plan_link(request, files, clock));
  TENON_TRY(ComposedLink composed, compose_domains(request, std::move(planned)));
  clock.end_phase("compose");
  // From here on, no types are compared: each domain is one component, or one package, whose imports
  // are provided by numbered exports of other domains, by native code or by the program.
  return composed;
}

Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                          const BuildOptions& options, PhaseClock& clock) {
  const engine::CodeCache cache(options.cache_dir);
  request.cache = cache.folder();
  LinkMemory memory(request, files, options, clock);
  std::optional<StartPlan> start = memory.take_start();
  const bool is_known = start.has_value();
  std::optional<ComposedLink> link;  // of a link that is not known, or that lacks code
  const auto compose = [&]() -> Result<ComposedLink*> {
    if (!link) {
      TENON_TRY(link, compose_link(request, files, clock));
      keep_late_units(*link, request);
    }
    return &*link;
  };
  if (!start) {
    TENON_TRY(const ComposedLink* const composed, compose());
    TENON_TRY_VOID(set_process_env(composed->planned, request));
    start = make_start_plan(*composed, request);
  }
  // From here on, the plan is not read: the start plan has what a start needs of it.
  Engines engines(request);
  const CodeSource source{request, cache, options.link_form, options.on_compile};
  std::vector<UnitTime> times;
  TENON_TRY(std::vector<Loaded> domains,
            load_domains(*start, compose, engines, source, LazyDomains::Leave, times));
  if (is_known) TENON_TRY_VOID(read_late_units(*start, domains, request, files));
  clock.add(std::move(times));
  clock.end_phase("load");
  // From here on, nothing is compiled, except for lazy domains, and embedded code for the next start.
  if (options.link_form == LinkForm::Auto && cache.folder() != nullptr) {
    if (link)
      embed_later(list_wanted(domains), link->planned.binaries, link->split, options.cache_dir);
    else
      embed_later(list_wanted(domains), request, options.cache_dir);
  }
  // With other offers, the link can be another one.
  const bool is_new = !is_known && !link->planned.looks_at_offers;
  std::optional<PlanRecord> record;
  if (link) {
    adopt_offers(std::move(link->planned.taken_offers), request);
    record = make_plan_record(*std::move(link));
    record->shown->notes = start->notes;
  }
  TENON_TRY(std::shared_ptr<Running> running,
            start_link(std::move(request), *std::move(start), std::move(record), std::move(domains),
                       std::move(engines), options));
  clock.end_phase("instantiate");
  // From here on, guests run.
  if (is_new) memory.keep_start(*running);
  memory.keep_files(*running);
  drop_shown_plan(*running);
  return running;
}

Result<void> prepare_link(Request request, const Files& files, const BuildOptions& options,
                          PhaseClock& clock) {
  const engine::CodeCache cache(options.cache_dir);
  request.cache = cache.folder();
  clock.add(load_units(request, files));
  Engines engines(request);
  TENON_TRY(ComposedLink composed, compose_link(request, files, clock));
  StartPlan start = make_start_plan(composed, request);
  std::vector<UnitTime> times;
  const Result<std::vector<Loaded>> loaded = load_domains(
      start, [&]() -> Result<ComposedLink*> { return &composed; }, engines,
      {request, cache, options.link_form, options.on_compile}, LazyDomains::Load, times);
  clock.end_phase("load");
  if (!loaded) return loaded.error();
  return {};
}

}  // namespace tenon::link
