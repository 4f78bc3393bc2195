// The fourth step of a link: components to compiled code, from the cache or from the compiler.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "engine/code.h"
#include "engine/code_cache.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "link/compose_link.h"
#include "link/engines.h"
#include "link/start_plan.h"
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
  std::optional<call::TimeLimit> call_limit;  // of one call from outside of the domain
  std::shared_ptr<const engine::Engine> engine;
  std::shared_ptr<DomainCode> code;
  std::shared_ptr<const engine::CompiledModule> module = {};  // of a package; `code` is null then
  std::shared_ptr<const CodeKeys> keys = {};                  // of `code`, or of the module
  bool is_package = false;
  std::shared_ptr<const engine::Denials> denials = {};  // null: it needs no WASI
  // Of wasi:http; domains of a pool share it.
  std::shared_ptr<const engine::HttpClient> http_client = {};
  // Made by the first domain of a pool whose component imports nothing but modules and WASI.
  std::shared_ptr<const runtime::ComponentBody::Prepared> prepared = {};
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

// The composed link of a start plan, which is composed when it is asked for: keys and code that are
// missing come from it. Lifetime of the result: until the link is moved. Errors: as compose_link.
using GetLink = std::function<Result<ComposedLink*>()>;

// The domains without their code. Sets the keys of the code in the rows that have none.
// Errors: run-engine, run-deadline; those of `get_link`.
[[nodiscard]] Result<std::vector<Loaded>> open_domains(StartPlan& start, const GetLink& get_link,
                                                       Engines& engines, const Request& request);

// The domains with their code, which is compiled if the cache does not have it. Warnings of the cache
// become notes of the start plan. times: gets those of compilations.
// Errors: as open_domains; read-invalid, compose-.
[[nodiscard]] Result<std::vector<Loaded>> load_domains(StartPlan& start, const GetLink& get_link,
                                                       Engines& engines, const CodeSource& source,
                                                       LazyDomains lazy,
                                                       std::vector<UnitTime>& times);

// Loads the code of a domain that has none. Returns false if the cache does not have it.
[[nodiscard]] bool find_code(Loaded& loaded, const CodeSource& source);
// Compiles it. Errors: read-invalid, compose-, run-engine, run-deadline.
[[nodiscard]] Result<void> compile_code(Loaded& loaded, ComposedLink& link, std::size_t domain,
                                        const CodeSource& source);

}  // namespace tenon::link
