#include "link/load_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "resolve/split_domains.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::link {

namespace {

using Binding = resolve::CompositionImport::Binding;

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
  Result<engine::CachedCode> code = cache.load_or_compile(engine, composed.bytes);
  if (!code) {
    if (code.error().front().code == code_text(Code::ReadInvalid))
      return explain_invalid(planned, part, code.error());
    return explain_reexport(part, std::move(code).error());
  }
  std::ranges::move(code->warnings, std::back_inserter(planned.plan.shown.notes));
  return code;
}

// Warnings of the cache become notes of the plan. Errors: of an invalid module, with its file.
Result<std::shared_ptr<const engine::CompiledModule>> load_module(PlannedLink& planned,
                                                                  const resolve::Unit& unit,
                                                                  const Bytes& bytes,
                                                                  const engine::Engine& engine,
                                                                  const engine::CodeCache& cache) {
  Result<engine::CachedModule> module = cache.load_or_compile_module(engine, bytes);
  if (!module) return place_problems(std::move(module).error(), unit.file, unit.name);
  std::ranges::move(module->warnings, std::back_inserter(planned.plan.shown.notes));
  return std::make_shared<const engine::CompiledModule>(std::move(module->code));
}

Concurrency concurrency_of(const PlannedLink& planned, const resolve::LinkPlan& part) {
  const bool is_concurrent = std::ranges::any_of(part.units, [&](const resolve::Unit& unit) {
    return planned.binaries.find(unit.name)->second.concurrency == Concurrency::Yes;
  });
  return is_concurrent ? Concurrency::Yes : Concurrency::No;
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

// The part of a plan that starting needs, without its domains.
KnownLink facts_of(const PlannedLink& planned) {
  KnownLink facts;
  facts.program = program_name(planned.plan);
  facts.command = command_name(planned.plan.shown);
  facts.domain = find_root_domain(planned.plan.shown);
  return facts;
}

KnownImport make_known_import(const resolve::BridgedImport& import, const resolve::LinkPlan& plan) {
  const resolve::Unit& provider = plan.units[import.from.unit];
  return {.name = import.name,
          .provider = import.provider,
          .export_name = import.export_name,
          .lazy = import.lazy,
          .on_failure = import.on_failure,
          .unit = provider.name,
          .exported = provider.type.exports[import.from.index].name,
          .item = import.item};
}

// The same as load_domain for a domain of a known link. Empty if its code is no longer in the cache.
// Errors: run-engine.
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

}  // namespace

Result<Loaded> load_domain(ComposedLink& link, std::size_t i, std::span<const Loaded> before,
                           const Request& request, const std::string& root_domain, Engines& engines,
                           const engine::CodeCache& cache) {
  const resolve::DomainPlan& domain = link.split.domains[i];
  Loaded loaded;
  loaded.settings = settings_of(request, domain.name, root_domain);
  if (std::ranges::any_of(domain.link->imports,
                          [](const auto& import) { return import.binding == Binding::Wasi; }))
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
  if (is_package(link.planned, *domain.link)) {
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

Result<LoadedLink> load_link(ComposedLink link, const Request& request, Engines& engines,
                             const engine::CodeCache& cache) {
  LoadedLink loaded{.link = std::move(link), .facts = {}, .domains = {}};
  loaded.facts = facts_of(loaded.link.planned);
  for (std::size_t i = 0; i < loaded.link.split.domains.size(); ++i) {
    TENON_TRY_VOID(check_deadline(request));
    TENON_TRY(Loaded domain_code, load_domain(loaded.link, i, loaded.domains, request,
                                              loaded.facts.domain, engines, cache));
    const resolve::DomainPlan& domain = loaded.link.split.domains[i];
    KnownDomain known{
        .name = domain.name,
        .code_key = domain_code.code_key,
        .concurrency = domain_code.engine->config().concurrency == engine::Concurrency::Yes
                           ? Concurrency::Yes
                           : Concurrency::No,
        .needs_wasi = domain_code.denials != nullptr};
    for (const resolve::BridgedImport& import : domain.imports)
      known.imports.push_back(make_known_import(import, loaded.link.planned.plan));
    loaded.facts.domains.push_back(std::move(known));
    loaded.domains.push_back(std::move(domain_code));
  }
  return loaded;
}

Result<std::optional<std::vector<Loaded>>> load_known_link(const KnownLink& known,
                                                           const Request& request, Engines& engines,
                                                           const engine::CodeCache& cache) {
  std::vector<Loaded> loaded;
  for (const KnownDomain& domain : known.domains) {
    TENON_TRY_VOID(check_deadline(request));
    TENON_TRY(std::optional<Loaded> domain_code,
              load_known_domain(domain, loaded, request, known.domain, engines, cache));
    if (!domain_code) return std::optional<std::vector<Loaded>>();
    loaded.push_back(*std::move(domain_code));
  }
  return std::optional(std::move(loaded));
}

}  // namespace tenon::link
