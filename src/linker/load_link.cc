#include "linker/load_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "engine/linker.h"
#include "engine/store.h"
#include "linker/callees.h"
#include "linker/grants.h"
#include "linker/place_problems.h"
#include "runtime/component_body.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/uses.h"

namespace tenon::linker {

namespace {

using Binding = resolve::CompositionImport::Binding;

// An open import traps when it is called in a run; compose writes a stub for it. A resource needs a
// stub as well, because the engine requires its type.
void stub_open_imports(resolve::LinkPlan& plan) {
  for (resolve::CompositionImport& import : plan.imports)
    if (import.binding == Binding::Open && !types::is_value_types_only(*plan.types, import.item))
      import.binding = Binding::Trap;
}

runtime::RestartPolicy restart_of(const DomainSettings& settings) {
  runtime::RestartPolicy policy;
  if (!settings.restart) return policy;
  policy.max = settings.restart->max;
  policy.window = settings.restart->within;
  return policy;
}

std::unique_ptr<const engine::StoreLimits> limits_of(const DomainSettings& settings) {
  engine::StoreLimits limits;
  limits.memory_bytes = settings.memory;
  limits.table_elements = settings.tables;
  limits.instances = settings.instances;
  if (settings.fuel != 0) limits.fuel = settings.fuel;
  if (limits == engine::StoreLimits()) return nullptr;
  return std::make_unique<const engine::StoreLimits>(limits);
}

// The engine cannot compile a component that exports a function that it imports.
Diagnostics explain_reexport(const resolve::LinkPlan& part, Diagnostics problems) {
  Diagnostic& problem = problems.front();
  if (problem.message.find("reexport of an imported function") == std::string::npos)
    return problems;
  std::string units;
  for (const resolve::Unit& unit : part.units)
    units += fmt::format("{}`{}`", units.empty() ? "" : ", ", unit.name);
  problem.notes.push_back(
      {fmt::format("one of these units of the domain exports what it imports: {}", units), {}, {}});
  problem.hints.emplace_back(
      "place it in one domain with the provider of that import, or wire its consumers to the "
      "provider");
  return problems;
}

// Compiling validates. Warnings of the cache become notes of the plan.
Result<engine::CachedCode> load_code(PlannedLink& planned, const resolve::LinkPlan& part,
                                     const compose::Composed& composed,
                                     const engine::Engine& engine, const engine::CodeCache& cache) {
  Result<engine::CachedCode> made = cache.load_or_compile(engine, composed.bytes);
  if (!made) {
    if (made.error().front().code == code_text(Code::ReadInvalid))
      return explain_invalid(planned, part, made.error());
    return explain_reexport(part, std::move(made).error());
  }
  std::ranges::move(made->warnings, std::back_inserter(planned.plan.shown.notes));
  return made;
}

bool is_package(const resolve::LinkPlan& part) {
  return part.units.front().kind == UnitKind::Package;
}

// A package runs as its own module, so its bytes are used unchanged.
compose::Composed take_package(const PlannedLink& planned, const resolve::Unit& unit) {
  const Bytes& bytes = *planned.binaries.find(unit.name)->second.bytes;
  compose::Composed made;
  made.bytes = bytes;
  made.units.push_back({unit.name, {0, bytes.size()}});
  return made;
}

// Warnings of the cache become notes of the plan. Errors: of an invalid module, with its file.
Result<std::shared_ptr<const engine::CompiledModule>> load_module(PlannedLink& planned,
                                                                  const resolve::Unit& unit,
                                                                  const Bytes& bytes,
                                                                  const engine::Engine& engine,
                                                                  const engine::CodeCache& cache) {
  Result<engine::CachedModule> made = cache.load_or_compile_module(engine, bytes);
  if (!made) return place_problems(std::move(made).error(), unit.file, unit.name);
  std::ranges::move(made->warnings, std::back_inserter(planned.plan.shown.notes));
  return std::make_shared<const engine::CompiledModule>(std::move(made->code));
}

Concurrency concurrency_of(const PlannedLink& planned, const resolve::LinkPlan& part) {
  const bool is_concurrent = std::ranges::any_of(part.units, [&](const resolve::Unit& unit) {
    return planned.binaries.find(unit.name)->second.concurrency == Concurrency::Yes;
  });
  return is_concurrent ? Concurrency::Yes : Concurrency::No;
}

}  // namespace

Result<ComposedLink> compose_domains(const Request& request, const Files& files,
                                     PhaseClock& clock) {
  ComposedLink link;
  TENON_TRY(link.planned, plan_link(request, files, clock));
  stub_open_imports(link.planned.plan);
  link.split = resolve::split_domains(link.planned.plan);
  // Domains of equal units have one component.
  compose::EmbedOptions options;
  if (link.split.domains.size() > 1) options.sections = compose::Sections::KeepUnits;
  for (const resolve::DomainPlan& domain : link.split.domains) {
    TENON_TRY_VOID(check_deadline(request));
    if (is_package(*domain.link)) {
      link.composed.push_back(take_package(link.planned, domain.link->units.front()));
      continue;
    }
    TENON_TRY(compose::Composed made, embed_part(link.planned, *domain.link, options));
    link.composed.push_back(std::move(made));
  }
  clock.end_phase("compose");
  return link;
}

KnownUnits known_units_of(const PlannedLink& planned) {
  KnownUnits units;
  for (const auto& [name, binary] : planned.binaries) {
    if (binary.package != nullptr) units.packages.emplace(name, binary.package);
    if (binary.bundle != nullptr) units.bundles.emplace(name, binary.bundle);
  }
  return units;
}

PlanRecord make_plan_record(ComposedLink link) {
  KnownUnits units = known_units_of(link.planned);
  PlanRecord plan_record{std::move(link.planned.plan),
                         std::move(link.planned.foreign),
                         std::move(units),
                         std::move(link.split),
                         {}};
  for (compose::Composed& made : link.composed)
    plan_record.spans.push_back({std::move(made.units), std::move(made.stubs)});
  return plan_record;
}

Result<Loaded> load_domain(ComposedLink& link, std::size_t i, std::span<const Loaded> before,
                           const Request& request, const std::string& root_domain, Engines& engines,
                           const engine::CodeCache& cache) {
  const resolve::DomainPlan& domain = link.split.domains[i];
  Loaded loaded;
  loaded.settings = settings_of(request, domain.name, root_domain);
  if (std::ranges::any_of(domain.link->imports,
                          [](const auto& one) { return one.binding == Binding::Wasi; }))
    loaded.denials = std::make_shared<const engine::Denials>();
  TENON_TRY(loaded.engine,
            engines.open(concurrency_of(link.planned, *domain.link), loaded.settings));
  for (std::size_t k = 0; k < before.size(); ++k) {
    if (before[k].engine != loaded.engine || link.composed[k].bytes != link.composed[i].bytes)
      continue;
    loaded.code = before[k].code;
    loaded.module = before[k].module;
    loaded.code_key = before[k].code_key;
    return loaded;
  }
  if (is_package(*domain.link)) {
    TENON_TRY(loaded.module, load_module(link.planned, domain.link->units.front(),
                                         link.composed[i].bytes, *loaded.engine, cache));
    return loaded;
  }
  TENON_TRY(engine::CachedCode code,
            load_code(link.planned, *domain.link, link.composed[i], *loaded.engine, cache));
  loaded.code_key = std::move(code.key);
  loaded.code = std::make_shared<const engine::CompiledComponent>(std::move(code.code));
  return loaded;
}

Result<std::optional<Loaded>> load_known_domain(const KnownDomain& domain,
                                                std::span<const Loaded> before,
                                                const Request& request,
                                                const std::string& root_domain, Engines& engines,
                                                const engine::CodeCache& cache) {
  Loaded loaded;
  loaded.settings = settings_of(request, domain.name, root_domain);
  loaded.code_key = domain.code_key;
  if (domain.needs_wasi) loaded.denials = std::make_shared<const engine::Denials>();
  TENON_TRY(loaded.engine, engines.open(domain.concurrency, loaded.settings));
  const auto same = std::ranges::find_if(before, [&](const Loaded& other) {
    return other.engine == loaded.engine && other.code_key == loaded.code_key;
  });
  if (same != before.end()) {
    loaded.code = same->code;
    return std::optional(std::move(loaded));
  }
  auto code = cache.find_code(*loaded.engine, domain.code_key);
  if (!code) return std::optional<Loaded>();
  loaded.code = std::make_shared<const engine::CompiledComponent>(*std::move(code));
  return std::optional(std::move(loaded));
}

namespace {

// Limits name look-ups of guests to the granted names. `*` grants all names.
Result<void> limit_names(engine::Linker& linker, const std::vector<std::string>& net,
                         const engine::Denials& denials) {
  std::vector<std::string> names;
  for (const std::string& text : net) {
    Result<engine::NetworkGrant> grant = parse_network_grant(text);
    if (!grant) return std::move(grant).error();
    if (grant->host == "*") return {};
    names.push_back(std::move(grant->host));
  }
  return linker.limit_names(names, net.empty() ? &denials : nullptr);
}

// A linker with the imports that the engine provides.
Result<std::shared_ptr<engine::Linker>> make_linker(const Loaded& loaded) {
  auto linker = std::make_shared<engine::Linker>(engine::Linker::make(*loaded.engine));
  if (loaded.denials == nullptr) return linker;
  TENON_TRY_VOID(linker->add_wasi());
  const Grants& grants = loaded.settings.grants;
  TENON_TRY_VOID(linker->watch(
      *loaded.denials, {.environment = grants.env.empty(), .file_system = grants.dirs.empty()}));
  TENON_TRY_VOID(limit_names(*linker, grants.net, *loaded.denials));
  return linker;
}

}  // namespace

Result<std::unique_ptr<runtime::Body>> make_body(Running& running, const Loaded& loaded,
                                                 const resolve::SplitPlan& split,
                                                 resolve::DomainIndex domain, CallTable& calls) {
  if (loaded.module != nullptr)
    return make_package_body(running, loaded.module, split, domain, calls);
  if (split.domains[domain].imports.empty() && loaded.denials == nullptr)
    return std::unique_ptr<runtime::Body>(std::make_unique<runtime::ComponentBody>(
        loaded.code, running.engines.bare_linker(*loaded.engine)));
  TENON_TRY(const std::shared_ptr<engine::Linker> linker, make_linker(loaded));
  TENON_TRY_VOID(define_imports(*linker, split, domain, calls, running));
  return std::unique_ptr<runtime::Body>(
      std::make_unique<runtime::ComponentBody>(loaded.code, linker));
}

Result<std::unique_ptr<runtime::Body>> make_known_body(Running& running, const Loaded& loaded,
                                                       resolve::DomainIndex domain,
                                                       ShapeTable& shapes) {
  const std::vector<KnownImport>& imports = running.facts.domains[domain].imports;
  if (imports.empty() && loaded.denials == nullptr)
    return std::unique_ptr<runtime::Body>(std::make_unique<runtime::ComponentBody>(
        loaded.code, running.engines.bare_linker(*loaded.engine)));
  TENON_TRY(const std::shared_ptr<engine::Linker> linker, make_linker(loaded));
  TENON_TRY_VOID(define_known_imports(*linker, imports, domain, shapes, running));
  return std::unique_ptr<runtime::Body>(
      std::make_unique<runtime::ComponentBody>(loaded.code, linker));
}

Result<runtime::DomainParts> make_parts(const Running& running, Loaded loaded,
                                        std::unique_ptr<runtime::Body> body,
                                        runtime::DescribeFailure describe) {
  std::unique_ptr<const engine::Grants> granted;
  if (loaded.denials != nullptr || !is_empty(loaded.settings.grants)) {
    TENON_TRY(engine::Grants made, engine_grants(loaded.settings.grants, running.facts.program));
    made.denials = std::move(loaded.denials);
    granted = std::make_unique<const engine::Grants>(std::move(made));
  }
  return runtime::DomainParts{.engine = std::move(loaded.engine),
                              .body = std::move(body),
                              .grants = std::move(granted),
                              .limits = limits_of(loaded.settings),
                              .restart = restart_of(loaded.settings),
                              .call_timeout = loaded.settings.call_timeout,
                              .describe = std::move(describe)};
}

}  // namespace tenon::linker
