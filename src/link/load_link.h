// The fourth step of a link: components to compiled code, from the cache or from the compiler.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/code.h"
#include "engine/code_cache.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "link/compose_link.h"
#include "link/domain_settings.h"
#include "link/engines.h"
#include "link/known_link.h"
#include "tenon/result.h"

namespace tenon::link {

// A domain that is compiled but not started.
struct Loaded {
  DomainSettings settings;
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<const engine::CompiledComponent> code;
  std::shared_ptr<const engine::CompiledModule> module;  // of a package; `code` is null then
  std::string code_key = {};                             // of engine::CodeCache
  std::shared_ptr<const engine::Denials> denials = {};   // null: it needs no WASI
};

// A link with the code of all its domains.
struct LoadedLink {
  ComposedLink link;
  KnownLink facts;  // those that starting it needs
  std::vector<Loaded> domains;
};

// Errors: run-engine, read-invalid, compose-, run-deadline.
[[nodiscard]] Result<LoadedLink> load_link(ComposedLink link, const Request& request,
                                           Engines& engines, const engine::CodeCache& cache);

// The domains of a known link. Empty if the code of one is no longer in the cache.
// Errors: run-engine, run-deadline.
[[nodiscard]] Result<std::optional<std::vector<Loaded>>> load_known_link(
    const KnownLink& known, const Request& request, Engines& engines,
    const engine::CodeCache& cache);

// Compiles the component of one domain. before: the domains loaded so far; equal components share
// their code. Errors: run-engine, read-invalid.
[[nodiscard]] Result<Loaded> load_domain(ComposedLink& link, std::size_t i,
                                         std::span<const Loaded> before, const Request& request,
                                         const std::string& root_domain, Engines& engines,
                                         const engine::CodeCache& cache);

}  // namespace tenon::link
