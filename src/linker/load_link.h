// Turns a request into compiled components, one for each domain. Shared by starting a composition
// and swapping one of its units. Internal to this module.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compose/embed.h"
#include "engine/code.h"
#include "engine/code_cache.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "linker/domain_settings.h"
#include "linker/engines.h"
#include "linker/known_link.h"
#include "linker/link.h"
#include "runtime/domain.h"

namespace tenon::linker {

// A plan and the component of each of its domains.
struct ComposedLink {
  PlannedLink planned;
  resolve::SplitPlan split;
  std::vector<compose::Composed> composed;  // by domain; a package is not composed
};

// A domain that is compiled but not started.
struct Loaded {
  DomainSettings settings;
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<const engine::CompiledComponent> code;
  std::shared_ptr<const engine::CompiledModule> module;  // of a package; `code` is null then
  std::string code_key = {};                             // of engine::CodeCache
  std::shared_ptr<const engine::Denials> denials = {};   // null: it needs no WASI
};

// Errors: as plan_link; compose-, those of invalid units first.
[[nodiscard]] Result<ComposedLink> compose_domains(const Request& request, const Files& files,
                                                   PhaseClock& clock);

[[nodiscard]] PlanRecord make_plan_record(ComposedLink link);
[[nodiscard]] KnownUnits known_units_of(const PlannedLink& planned);

// Compiles the component of one domain. before: the domains loaded so far; equal components share
// their code. Errors: run-engine, read-invalid.
[[nodiscard]] Result<Loaded> load_domain(ComposedLink& link, std::size_t i,
                                         std::span<const Loaded> before, const Request& request,
                                         const std::string& root_domain, Engines& engines,
                                         const engine::CodeCache& cache);

// The same for a domain of a known link. Empty if its code is no longer in the cache. Errors: run-engine.
[[nodiscard]] Result<std::optional<Loaded>> load_known_domain(
    const KnownDomain& domain, std::span<const Loaded> before, const Request& request,
    const std::string& root_domain, Engines& engines, const engine::CodeCache& cache);

// The code that runs in a domain, with its imports defined. Errors: as define_imports; run-engine.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_body(Running& running,
                                                               const Loaded& loaded,
                                                               const resolve::SplitPlan& split,
                                                               resolve::DomainIndex domain,
                                                               CallTable& calls);
// The same for a known link.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_known_body(Running& running,
                                                                     const Loaded& loaded,
                                                                     resolve::DomainIndex domain,
                                                                     ShapeTable& shapes);

// Errors: run-grant.
[[nodiscard]] Result<runtime::DomainParts> make_parts(const Running& running, Loaded loaded,
                                                      std::unique_ptr<runtime::Body> body,
                                                      runtime::DescribeFailure describe);

}  // namespace tenon::linker
