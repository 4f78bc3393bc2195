#include "linker/link.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/code_cache.h"
#include "engine/linker.h"
#include "engine/validate.h"
#include "linker/grants.h"
#include "linker/known_link.h"
#include "linker/place_problems.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"

namespace tenon::linker {

namespace {

// Each unit alone, so that the message names the file.
Result<void> validate_units(const PlannedLink& planned) {
  Diagnostics problems;
  std::unordered_set<std::string_view> digests;
  for (const resolve::Unit& unit : planned.plan.units) {
    if (!digests.insert(unit.digest).second) continue;
    const Result<void> valid =
        engine::validate_component(*planned.binaries.find(unit.name)->second.bytes);
    if (valid) continue;
    std::ranges::move(place_problems(valid.error(), unit.file, unit.name),
                      std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return {};
}

compose::UnitBytes unit_bytes(const PlannedLink& planned) {
  compose::UnitBytes bytes;
  for (const resolve::Unit& unit : planned.plan.units)
    bytes.push_back(*planned.binaries.find(unit.name)->second.bytes);
  return bytes;
}

// A composed component holds its units whole, so one validation judges all of them and what compose
// wrote. Only if it fails is each looked at.
Diagnostics explain_invalid(const PlannedLink& planned, const Diagnostics& found) {
  Result<void> valid = validate_units(planned);
  if (!valid) return std::move(valid).error();
  // Our bug, or a rule that resolve does not know.
  Diagnostic problem = make_diagnostic(
      Code::ComposeInvalid, "the engine refuses the composed component: {}", found.front().message);
  problem.where.offset = found.front().where.offset;
  problem.hints.push_back(
      "please report this with the components; `--no-validate` writes it anyway");
  return {std::move(problem)};
}

// Errors: those of invalid units first.
Result<compose::Composed> embed_units(const PlannedLink& planned,
                                      const compose::EmbedOptions& options) {
  Result<compose::Composed> composed = compose::embed(planned.plan, unit_bytes(planned), options);
  if (!composed) TENON_TRY_VOID(validate_units(planned));
  return composed;
}

// Compiling validates. Warnings of the cache become notes of the plan.
Result<engine::CachedCode> load_code(PlannedLink& planned, const compose::Composed& composed,
                                     const engine::Engine& engine, const BuildOptions& options) {
  Result<engine::CachedCode> made =
      engine::load_or_compile(engine, composed.bytes, options.cache_dir);
  if (!made) {
    const bool is_invalid = made.error().front().code == code_text(Code::ReadInvalid);
    return is_invalid ? explain_invalid(planned, made.error()) : std::move(made).error();
  }
  std::ranges::move(made->warnings, std::back_inserter(planned.plan.shown.notes));
  return made;
}

using Met = resolve::CompositionImport::Met;

// In a run, what is left open traps when it is called: compose writes the stubs.
void stub_open_imports(resolve::LinkPlan& plan) {
  for (resolve::CompositionImport& import : plan.imports)
    if (import.met == Met::Open && !types::is_types_only(plan.types, import.item))
      import.met = Met::Trap;
}

std::string program_name(const resolve::LinkPlan& plan) {
  for (const resolve::Unit& unit : plan.units)
    if (unit.name == plan.shown.root && !unit.file.empty())
      return unit.file.substr(unit.file.find_last_of('/') + 1);
  return plan.shown.name;
}

std::string command_name(const Plan& plan) {
  const auto found = std::ranges::find_if(
      plan.exports, [](const PlanExport& item) { return item.name.starts_with("wasi:cli/run@"); });
  return found == plan.exports.end() ? std::string() : found->name;
}

// What starting needs to know of a plan.
KnownLink facts_of(const PlannedLink& planned) {
  KnownLink facts;
  facts.concurrency = planned.concurrency;
  facts.needs_wasi = std::ranges::any_of(planned.plan.imports,
                                         [](const auto& one) { return one.met == Met::Wasi; });
  facts.program = program_name(planned.plan);
  facts.command = command_name(planned.plan.shown);
  return facts;
}

Result<engine::Engine> open_engine(Concurrency concurrency) {
  engine::EngineConfig config;
  if (concurrency == Concurrency::Yes) config.concurrency = engine::Concurrency::Yes;
  // Nothing in this process interrupts a guest: Ctrl-C ends the process itself. Epoch checks would
  // cost five times what an inlined call costs (docs/adr/0006-interruption.md).
  config.interruption = engine::Interruption::No;
  return engine::Engine::open(config);
}

Told tell_again(const Request& request) {
  PhaseClock clock;
  // Its units are loaded, so no file is opened; and it was planned before.
  Result<PlannedLink> planned = plan_link(request, RealFiles(), clock);
  TENON_CHECK(planned);
  stub_open_imports(planned->plan);
  Result<compose::Composed> composed = compose::embed(planned->plan, unit_bytes(*planned), {});
  TENON_CHECK(composed);
  return {std::move(planned->plan), {std::move(composed->units), std::move(composed->stubs)}};
}

// From here nothing is compiled.
Result<std::shared_ptr<Running>> start(Request request, KnownLink facts, std::optional<Told> told,
                                       engine::Engine engine, engine::CompiledComponent code,
                                       PhaseClock& clock) {
  TENON_TRY(engine::Grants granted, engine_grants(request.grants, facts.program));
  engine::Linker linker = engine::Linker::make(engine);
  if (facts.needs_wasi) TENON_TRY_VOID(linker.add_wasi());
  auto running = std::make_shared<Running>(std::move(request), std::move(facts));
  running->told = std::move(told);
  running->domains.push_back(std::make_unique<runtime::Domain>(running->shared, "main"));
  runtime::DomainParts parts{
      .engine = std::make_shared<const engine::Engine>(std::move(engine)),
      .code = std::make_shared<const engine::CompiledComponent>(std::move(code)),
      .linker = std::move(linker),
      .grants = std::move(granted),
      .limits = {},
      .restart = {},
      .describe = [&running = *running](const engine::Failure& failure) {
        return describe_failure(failure, tell(running).spans);
      }};
  TENON_TRY_VOID(running->domains.front()->start(std::move(parts)));
  clock.end_phase("instantiate");
  return running;
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
  clock.end_phase("read");
  // From here no file is opened.
  PlannedLink planned;
  planned.binaries = std::move(inputs.binaries);
  for (const auto& [name, binary] : planned.binaries)
    if (binary.concurrency == Concurrency::Yes) planned.concurrency = Concurrency::Yes;
  TENON_TRY(planned.plan, resolve::resolve_units(std::move(inputs.units)));
  planned.plan.shown.notes.insert(planned.plan.shown.notes.begin(), request.notes.begin(),
                                  request.notes.end());
  clock.end_phase("resolve");
  // From here no choice is made: the plan says who provides what, in which domain, in which order.
  return planned;
}

Result<compose::Composed> compose_link(const PlannedLink& planned, const ComposeOptions& options,
                                       PhaseClock& clock) {
  compose::EmbedOptions embed;
  embed.version = version();
  const bool strips = options.sections == ComposeOptions::Sections::Strip;
  if (strips) embed.sections = compose::Sections::Strip;
  const bool validates = options.validate == ComposeOptions::Validate::Yes;
  // What is stripped may be what is invalid.
  if (strips || !validates) TENON_TRY_VOID(validate_units(planned));
  TENON_TRY(compose::Composed composed, embed_units(planned, embed));
  if (validates) {
    const Result<void> valid = engine::validate_component(composed.bytes);
    if (!valid) return explain_invalid(planned, valid.error());
  }
  clock.end_phase("compose");
  return composed;
}

Result<std::shared_ptr<Running>> run_link(Request request, const Files& files,
                                          const BuildOptions& options, PhaseClock& clock) {
  load_units(request, files);
  const std::optional<std::string> key = make_link_key(request);
  if (const auto known = key ? find_known_link(options.cache_dir, *key) : std::nullopt) {
    TENON_TRY(engine::Engine engine, open_engine(known->concurrency));
    if (auto code = engine::find_code(engine, options.cache_dir, known->code_key)) {
      clock.end_phase("load");
      return start(std::move(request), *known, std::nullopt, std::move(engine), *std::move(code), clock);
    }
  }
  TENON_TRY(PlannedLink planned, plan_link(request, files, clock));
  stub_open_imports(planned.plan);
  TENON_TRY(compose::Composed composed, embed_units(planned, {}));
  clock.end_phase("compose");
  KnownLink facts = facts_of(planned);
  TENON_TRY(engine::Engine engine, open_engine(facts.concurrency));
  TENON_TRY(engine::CachedCode loaded, load_code(planned, composed, engine, options));
  clock.end_phase("load");
  facts.code_key = loaded.key;
  if (key && planned.plan.shown.notes.empty() && !facts.code_key.empty())
    keep_known_link(options.cache_dir, *key, facts);
  Told told{std::move(planned.plan), {std::move(composed.units), std::move(composed.stubs)}};
  return start(std::move(request), std::move(facts), std::move(told), std::move(engine),
               std::move(loaded.code), clock);
}

const Told& tell(Running& running) {
  if (!running.told) running.told = tell_again(running.request);
  return *running.told;
}

CallTable& call_table(Running& running) {
  if (!running.calls) {
    const resolve::LinkPlan& plan = tell(running).plan;
    std::vector<runtime::Domain*> domain_of(plan.units.size(), running.domains.front().get());
    running.calls.emplace(plan, std::move(domain_of));
  }
  return *running.calls;
}

}  // namespace tenon::linker
