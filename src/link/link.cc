#include "link/link.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/code_cache.h"
#include "host/process_env.h"
#include "link/embed_later.h"
#include "link/known_files.h"
#include "link/known_link.h"
#include "link/load_link.h"
#include "link/start_link.h"
#include "support/try.h"

namespace tenon::link {

namespace {

// Runs before anything is compiled, because compiling starts threads.
Result<void> set_process_env(const PlannedLink& planned, const Request& request) {
  const auto access =
      request.hosts.may_setenv ? host::EnvAccess::MayChange : host::EnvAccess::ReadOnly;
  Diagnostics problems;
  for (const auto& [name, binary] : planned.binaries) {
    if (binary.bundle == nullptr) continue;
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
Result<void> read_late_units(const KnownLink& link, const std::vector<Loaded>& domains,
                             Request& request, const Files& files) {
  const bool embeds = std::ranges::any_of(
      link.domains, [](const KnownDomain& domain) { return domain.code->reference.empty(); });
  const bool compiles =
      std::ranges::any_of(domains, [](const Loaded& loaded) { return loaded.code == nullptr; });
  for (UnitRequest& unit : request.units)
    if (unit.is_late && unit.bytes == nullptr && (embeds || (compiles && !unit.sha256))) {
      TENON_TRY(unit.bytes, read_late_unit(unit, files));
    }
  return {};
}

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
  std::optional<KnownFiles> known_files;
  Diagnostics warnings;
  if (request.cache != nullptr && options.link_form != LinkForm::Embedded) {
    known_files.emplace(request, files, std::chrono::system_clock::now().time_since_epoch());
    (void)known_files->use(*request.cache, request, warnings);
  }
  clock.add(load_units(request, files));
  // Traces show names from the plan, which a known link does not have.
  std::optional<std::string> key =
      options.trace_calls || options.trace_streams ? std::nullopt : make_link_key(request);
  std::optional<KnownLink> known =
      key ? find_known_link(cache.folder().get(), *key, warnings) : std::nullopt;
  // A link that is not known keeps the bytes of its units.
  if (!known && known_files && known_files->forget(request)) {
    clock.add(load_units(request, files));
    if (key) key = make_link_key(request);
  }
  if (known) std::ranges::copy(warnings, std::back_inserter(known->notes));
  std::ranges::move(warnings, std::back_inserter(request.notes));
  Engines engines(request);
  const CodeSource source{request, cache, options.link_form, options.on_compile};
  if (known) {
    TENON_TRY(auto domains, load_known_link(*known, engines, source));
    if (domains) {
      TENON_TRY_VOID(read_late_units(*known, *domains, request, files));
      clock.end_phase("load");
      if (options.link_form == LinkForm::Auto)
        embed_later(list_wanted(*domains), request, options.cache_dir);
      TENON_TRY(auto running, start_link(std::move(request), *std::move(known), std::nullopt,
                                         *std::move(domains), std::move(engines), options));
      clock.end_phase("instantiate");
      if (known_files) known_files->keep(*running->request.cache, running->request);
      return running;
    }
    // Some of its code is gone.
    if (known_files && known_files->forget(request)) {
      clock.add(load_units(request, files));
      key.reset();
    }
  }
  TENON_TRY(ComposedLink composed, compose_link(request, files, clock));
  keep_late_units(composed, request);
  TENON_TRY_VOID(set_process_env(composed.planned, request));
  TENON_TRY(LoadedLink loaded, load_link(std::move(composed), engines, source, LazyDomains::Leave));
  clock.add(std::move(loaded.times));
  clock.end_phase("load");
  // From here on, nothing is compiled, except embedded code for the next start.
  if (options.link_form == LinkForm::Auto && cache.folder() != nullptr)
    embed_later(list_wanted(loaded.domains), loaded.link.planned.binaries, loaded.link.split,
                options.cache_dir);
  // A plan that depends on offers is not stored, because the offers can change.
  const bool can_be_known =
      key && cache.folder() != nullptr && !loaded.link.planned.looks_at_offers;
  adopt_offers(std::move(loaded.link.planned.taken_offers), request);
  TENON_TRY(const std::shared_ptr<Running> running,
            start_link(std::move(request), std::move(loaded.facts),
                       make_plan_record(std::move(loaded.link)), std::move(loaded.domains),
                       std::move(engines), options));
  clock.end_phase("instantiate");
  // From here on, guests run.
  if (can_be_known)
    if (const std::optional<KnownLink> link = make_known_link(*running))
      keep_known_link(cache.folder().get(), *key, *link);
  if (known_files) known_files->keep(*running->request.cache, running->request);
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
  const Result<LoadedLink> loaded =
      load_link(std::move(composed), engines,
                {request, cache, options.link_form, options.on_compile}, LazyDomains::Load);
  clock.end_phase("load");
  if (!loaded) return loaded.error();
  return {};
}

}  // namespace tenon::link
