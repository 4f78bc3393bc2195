// From a request to the components of its domains, compiled: what starting a composition and
// swapping one of its units share. For the sources of this folder alone.
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
  std::vector<compose::Composed> composed;  // by domain; of a package the package itself
};

// One domain on its way.
struct Loaded {
  DomainSettings settings;
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<const engine::CompiledComponent> code;
  std::shared_ptr<const engine::CompiledModule> module;  // of a package, which has no `code`
  std::string code_key = {};                             // of engine::CodeCache
  std::shared_ptr<const engine::Denials> denials = {};   // null: it needs no WASI
};

// Errors: as plan_link; compose-, those of invalid units first.
[[nodiscard]] Result<ComposedLink> compose_domains(const Request& request, const Files& files,
                                                   PhaseClock& clock);

[[nodiscard]] Told tell_of(ComposedLink link);
[[nodiscard]] KnownUnits known_units_of(const PlannedLink& planned);

// Compiles the component of one domain. before: the domains before it; what is the same component
// is compiled and kept once. Errors: run-engine, read-invalid.
[[nodiscard]] Result<Loaded> load_domain(ComposedLink& link, std::size_t i,
                                         std::span<const Loaded> before, const Request& request,
                                         const std::string& root_domain, Engines& engines,
                                         const engine::CodeCache& cache);

// The same of a link that was known. Nothing: its code is not there any more. Errors: run-engine.
[[nodiscard]] Result<std::optional<Loaded>> load_known_domain(
    const KnownDomain& domain, std::span<const Loaded> before, const Request& request,
    const std::string& root_domain, Engines& engines, const engine::CodeCache& cache);

// What runs in a domain, its imports met. Errors: as define_imports; run-engine.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_body(Running& running,
                                                               const Loaded& loaded,
                                                               const resolve::SplitPlan& split,
                                                               resolve::DomainIndex domain,
                                                               CallTable& calls);
// The same of a link that was known.
[[nodiscard]] Result<std::unique_ptr<runtime::Body>> make_known_body(Running& running,
                                                                     const Loaded& loaded,
                                                                     resolve::DomainIndex domain,
                                                                     ShapeTable& shapes);

// Errors: run-grant.
[[nodiscard]] Result<runtime::DomainParts> make_parts(const Running& running, Loaded loaded,
                                                      std::unique_ptr<runtime::Body> body,
                                                      runtime::DescribeFailure describe);

}  // namespace tenon::linker
