// The fourth step of a link: components to compiled code, from the cache or from the compiler.
#pragma once

#include <cstddef>
#include <functional>
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
#include "runtime/domain.h"
#include "tenon/result.h"

namespace tenon::link {

// The compiled code of a component in one of its forms. Domains of equal components share it.
struct DomainCode {
  compose::Form form = compose::Form::Embedded;
  std::shared_ptr<const engine::CompiledComponent> component;
  // By reference: the core modules, in the order of its imports.
  std::vector<std::shared_ptr<const engine::CompiledModule>> modules = {};
  // Made by the first domain whose component imports nothing but modules.
  std::shared_ptr<const runtime::ComponentBody::Prepared> prepared = {};
};

// A domain that is compiled but not started. One that its first call starts has no code yet.
struct Loaded {
  DomainSettings settings;
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<DomainCode> code;
  std::shared_ptr<const engine::CompiledModule> module = {};  // of a package; `code` is null then
  std::shared_ptr<const CodeKeys> keys = {};                  // of `code`, or of the module
  bool is_package = false;
  std::shared_ptr<const engine::Denials> denials = {};  // null: it needs no WASI
};

// Where code comes from.
struct CodeSource {
  const Request& request;
  const engine::CodeCache& cache;
  LinkForm form = LinkForm::Auto;
  std::function<void(const CompileStep&)> on_compile = {};
};

// Whether domains that only lazy edges lead to are loaded with the others, or by their first call.
enum class LazyDomains { Load, Leave };

// A link with the code of all its domains.
struct LoadedLink {
  ComposedLink link;
  KnownLink facts;  // those that starting it needs
  std::vector<Loaded> domains;
  std::vector<UnitTime> times = {};  // of compilations
};

// Errors: run-engine, read-invalid, compose-, run-deadline.
[[nodiscard]] Result<LoadedLink> load_link(ComposedLink link, Engines& engines,
                                           const CodeSource& source, LazyDomains lazy);

// The domains of a known link. Empty if the code of one is no longer in the cache. Lazy ones are left.
// Errors: run-engine, run-deadline.
[[nodiscard]] Result<std::optional<std::vector<Loaded>>> load_known_link(const KnownLink& known,
                                                                         Engines& engines,
                                                                         const CodeSource& source);

// One domain with its code. Errors: as load_link.
[[nodiscard]] Result<Loaded> load_domain(ComposedLink& link, std::size_t domain,
                                         const std::string& root_domain, Engines& engines,
                                         const CodeSource& source);

// Loads the code of a domain that was left. Returns false if the cache does not have it.
[[nodiscard]] bool find_code(Loaded& loaded, const CodeSource& source);
// Compiles it. Errors: as load_link.
[[nodiscard]] Result<void> compile_code(Loaded& loaded, ComposedLink& link, std::size_t domain,
                                        const CodeSource& source);

// Marks the domains that start at their first call. A domain that no other domain uses starts with
// the link, and so do the domains that it needs by edges that are not lazy, directly or indirectly.
// All others are lazy. This includes the root, if the only edges that lead to it are lazy.
[[nodiscard]] std::vector<bool> find_lazy_domains(const std::vector<KnownDomain>& domains);

}  // namespace tenon::link
