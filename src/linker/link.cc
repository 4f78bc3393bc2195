#include "linker/link.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/code_cache.h"
#include "engine/validate.h"
#include "linker/grants.h"
#include "linker/place_problems.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"

namespace tenon::linker {

namespace {

// So that nothing is composed from an invalid component, and the message names the file.
Result<void> validate_units(const PlannedLink& planned) {
  Diagnostics problems;
  for (const resolve::Unit& unit : planned.plan.units) {
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

// A result that the engine refuses is our bug or a rule that resolve does not know.
Result<void> validate_composed(const compose::Composed& composed) {
  Result<void> valid = engine::validate_component(composed.bytes);
  if (valid) return {};
  Diagnostic problem =
      make_diagnostic(Code::ComposeInvalid, "the engine refuses the composed component: {}",
                      valid.error().front().message);
  problem.where.offset = valid.error().front().where.offset;
  problem.hints.push_back(
      "please report this with the components; `--no-validate` writes it anyway");
  return problem;
}

// Cached code was compiled from these very bytes, so it is valid; all else is validated unit by
// unit before it is compiled. Warnings of the cache become notes of the plan.
Result<engine::CompiledComponent> load_code(PlannedLink& planned, const compose::Composed& composed,
                                            const engine::Engine& engine,
                                            const BuildOptions& options) {
  TENON_TRY(engine::CachedCode made,
            engine::load_or_compile(engine, composed.bytes, options.cache_dir,
                                    [&planned] { return validate_units(planned); }));
  std::ranges::move(made.warnings, std::back_inserter(planned.plan.shown.notes));
  return std::move(made.code);
}

using Met = resolve::CompositionImport::Met;

// In a run, what is left open traps when it is called: compose writes the stubs.
void stub_open_imports(resolve::LinkPlan& plan) {
  for (resolve::CompositionImport& import : plan.imports)
    if (import.met == Met::Open && !types::is_types_only(plan.types, import.item))
      import.met = Met::Trap;
}

// Defines what the composition imports, which is WASI.
Result<engine::Linker> define_imports(const resolve::LinkPlan& plan, const engine::Engine& engine) {
  engine::Linker linker = engine::Linker::make(engine);
  if (std::ranges::any_of(plan.imports, [](const auto& one) { return one.met == Met::Wasi; }))
    TENON_TRY_VOID(linker.add_wasi());
  return linker;
}

std::string program_name(const resolve::LinkPlan& plan) {
  for (const resolve::Unit& unit : plan.units)
    if (unit.name == plan.shown.root && !unit.file.empty())
      return unit.file.substr(unit.file.find_last_of('/') + 1);
  return plan.shown.name;
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
  TENON_TRY_VOID(validate_units(planned));
  compose::EmbedOptions embed;
  embed.version = version();
  if (options.sections == ComposeOptions::Sections::Strip)
    embed.sections = compose::Sections::Strip;
  TENON_TRY(compose::Composed composed, compose::embed(planned.plan, unit_bytes(planned), embed));
  if (options.validate == ComposeOptions::Validate::Yes)
    TENON_TRY_VOID(validate_composed(composed));
  clock.end_phase("compose");
  return composed;
}

Result<std::unique_ptr<Running>> run_link(PlannedLink planned, const Grants& grants,
                                          const BuildOptions& options, PhaseClock& clock) {
  TENON_TRY(const engine::Grants granted, engine_grants(grants, program_name(planned.plan)));
  stub_open_imports(planned.plan);
  TENON_TRY(compose::Composed composed, compose::embed(planned.plan, unit_bytes(planned), {}));
  clock.end_phase("compose");
  engine::EngineConfig config;
  if (planned.concurrency == Concurrency::Yes) config.concurrency = engine::Concurrency::Yes;
  // Nothing in this process interrupts a guest: Ctrl-C ends the process itself. Epoch checks would
  // cost five times what an inlined call costs (docs/adr/0006-interruption.md).
  config.interruption = engine::Interruption::No;
  TENON_TRY(engine::Engine engine, engine::Engine::open(config));
  TENON_TRY(engine::CompiledComponent code, load_code(planned, composed, engine, options));
  clock.end_phase("load");
  // From here nothing is compiled.
  TENON_TRY(const engine::Linker linker, define_imports(planned.plan, engine));
  TENON_TRY(engine::Store store, engine::Store::open(engine, granted));
  Result<engine::Instance, engine::Failure> instance = linker.instantiate(store, code);
  Spans spans{std::move(composed.units), std::move(composed.stubs)};
  if (!instance) return failure_diagnostic(describe_failure(instance.error(), spans));
  clock.end_phase("instantiate");
  return std::make_unique<Running>(Running{std::move(planned.plan.shown), std::move(spans),
                                           std::move(engine), std::move(code), std::move(store),
                                           *std::move(instance)});
}

}  // namespace tenon::linker
