#include "link/load_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "engine/sha256.h"
#include "link/code_jobs.h"
#include "link/domain_settings.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::link {

namespace {

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

bool has_code(const Loaded& loaded) { return loaded.code != nullptr || loaded.module != nullptr; }

// The code of several domains. `find` takes it from the cache. What is not there is compiled: `want`
// says which domains, `compile` compiles them, and `take` gives the code.
class CodeLoader final {
 public:
  explicit CodeLoader(const CodeSource& source)
      : source_(source), jobs_(source.cache, count_processors()) {
    jobs_.on_compile = source.on_compile;
  }

  // Sets the code that is in the cache: embedded if possible. Leaves `code` null if it is not there.
  void find(Loaded& loaded, LinkForm form) {
    if (loaded.is_package) {
      loaded.module = jobs_.find<engine::CompiledModule>(loaded.engine, loaded.keys->embedded);
      return;
    }
    std::shared_ptr<DomainCode>& shared = known_[{loaded.engine.get(), loaded.keys->embedded}];
    if (shared == nullptr && form != LinkForm::Reference)
      if (auto code = jobs_.find<engine::CompiledComponent>(loaded.engine, loaded.keys->embedded))
        shared = std::make_shared<DomainCode>(compose::Form::Embedded, std::move(code));
    if (shared == nullptr && form != LinkForm::Embedded) shared = find_reference(loaded);
    loaded.code = shared;
  }

  // Plans to compile what `find` did not find. Errors: compose-.
  Result<void> want(const Loaded& loaded, ComposedLink& link, std::size_t domain, LinkForm form) {
    if (!wanted_.emplace(loaded.engine.get(), loaded.keys.get(), form).second) return {};
    const resolve::LinkPlan& part = *link.split.domains[domain].link;
    const compose::Composed& composed = link.composed[domain];
    TENON_TRY_VOID(read_late_units(link.planned, part));
    if (loaded.is_package) {
      const auto& bytes = link.planned.binaries.find(part.units.front().name)->second.bytes;
      jobs_.add<engine::CompiledModule>(loaded.engine, loaded.keys->embedded,
                                        {bytes, *bytes, part.units.front().name});
      return {};
    }
    const std::string& name = link.split.domains[domain].name;
    if (form == LinkForm::Embedded) {
      std::shared_ptr<const Bytes> bytes;
      if (composed.form == compose::Form::Embedded) {
        bytes = std::make_shared<const Bytes>(composed.bytes);
      } else {
        TENON_TRY(compose::Composed embedded, embed_domain(link, domain));
        bytes = std::make_shared<const Bytes>(std::move(embedded.bytes));
      }
      jobs_.add<engine::CompiledComponent>(loaded.engine, loaded.keys->embedded,
                                           {bytes, *bytes, name});
      return {};
    }
    const auto root = std::make_shared<const Bytes>(composed.bytes);
    jobs_.add<engine::CompiledComponent>(loaded.engine, loaded.keys->reference,
                                         {root, *root, name});
    std::vector<bool> is_added(composed.modules.size());
    for (const compose::UnitModule& module : composed.unit_modules) {
      if (is_added[module.module]) continue;
      is_added[module.module] = true;
      const auto& bytes = link.planned.binaries.find(module.unit)->second.bytes;
      jobs_.add<engine::CompiledModule>(
          loaded.engine, loaded.keys->modules[module.module],
          {bytes,
           std::span(*bytes).subspan(module.bytes.begin, module.bytes.end - module.bytes.begin),
           module.unit});
    }
    return {};
  }

  Result<void> compile() {
    return jobs_.run([this] { return check_deadline(source_.request); });
  }

  // Sets the code of a domain that was wanted. Errors: those of the compiler.
  Result<void> take(Loaded& loaded, LinkForm form) {
    find(loaded, form);
    if (has_code(loaded)) return {};
    if (loaded.is_package)
      return jobs_.get<engine::CompiledModule>(*loaded.engine, loaded.keys->embedded).error();
    if (form != LinkForm::Reference)
      return jobs_.get<engine::CompiledComponent>(*loaded.engine, loaded.keys->embedded).error();
    for (const std::string& key : loaded.keys->modules)
      TENON_TRY_VOID(jobs_.get<engine::CompiledModule>(*loaded.engine, key));
    return jobs_.get<engine::CompiledComponent>(*loaded.engine, loaded.keys->reference).error();
  }

  [[nodiscard]] Diagnostics warnings() const { return jobs_.warnings(); }
  [[nodiscard]] std::vector<UnitTime> times() const { return jobs_.times(); }

 private:
  std::shared_ptr<DomainCode> find_reference(const Loaded& loaded) {
    if (loaded.keys->reference.empty()) return nullptr;
    auto code = jobs_.find<engine::CompiledComponent>(loaded.engine, loaded.keys->reference);
    if (code == nullptr) return nullptr;
    auto shared = std::make_shared<DomainCode>(compose::Form::Reference, std::move(code));
    for (const std::string& key : loaded.keys->modules) {
      shared->modules.push_back(jobs_.find<engine::CompiledModule>(loaded.engine, key));
      if (shared->modules.back() == nullptr) return nullptr;
    }
    return shared;
  }

  const CodeSource& source_;
  CodeJobs jobs_;
  std::set<std::tuple<const engine::Engine*, const CodeKeys*, LinkForm>> wanted_;
  // By the key of the embedded code, which both forms have.
  std::map<std::pair<const engine::Engine*, std::string>, std::shared_ptr<DomainCode>> known_;
};

CodeKeys keys_of(const compose::Composed& composed, const engine::Engine& engine) {
  const std::string root = engine::sha256_hex(composed.bytes);
  if (composed.form == compose::Form::Embedded) return {.embedded = engine::code_key(engine, root)};
  CodeKeys keys;
  keys.reference = engine::code_key(engine, root);
  // The root and the modules determine the embedded component, which need not be composed for it.
  std::string parts = "embedded " + root;
  for (const std::string& digest : composed.modules) {
    keys.modules.push_back(engine::code_key(engine, digest));
    parts += ' ' + digest;
  }
  keys.embedded = engine::code_key(engine, engine::sha256_hex(as_bytes(parts)));
  return keys;
}

// Keys, of which equal ones are stored once.
class KeyTable final {
 public:
  std::shared_ptr<const CodeKeys> of(const compose::Composed& composed,
                                     const engine::Engine& engine) {
    CodeKeys keys = keys_of(composed, engine);
    std::shared_ptr<const CodeKeys>& shared = known_[keys.embedded];
    if (shared == nullptr) shared = std::make_shared<const CodeKeys>(std::move(keys));
    return shared;
  }

 private:
  std::map<std::string, std::shared_ptr<const CodeKeys>> known_;  // by `embedded`
};

// The form in which a domain is compiled if the cache has none.
LinkForm choose_form(const CodeSource& source, const compose::Composed& composed) {
  if (composed.form == compose::Form::Embedded) return LinkForm::Embedded;
  if (source.form != LinkForm::Auto) return source.form;
  return source.cache.folder() == nullptr ? LinkForm::Embedded : LinkForm::Reference;
}

// Explains why the compiler refused a domain.
Diagnostics explain(const PlannedLink& planned, const resolve::LinkPlan& part,
                    Diagnostics problems) {
  const bool is_invalid = problems.front().code == code_text(Code::ReadInvalid);
  if (is_package(planned, part))
    return place_problems(std::move(problems), part.units.front().file, part.units.front().name);
  return is_invalid ? explain_invalid(planned, part, problems)
                    : explain_reexport(part, std::move(problems));
}

// Compiles the code that some domains of a link lack. Errors: as load_link.
Result<void> compile_domains(CodeLoader& loader, ComposedLink& link,
                             std::span<Loaded* const> domains, std::span<const std::size_t> places,
                             const CodeSource& source) {
  for (std::size_t k = 0; k < domains.size(); ++k)
    TENON_TRY_VOID(
        loader.want(*domains[k], link, places[k], choose_form(source, link.composed[places[k]])));
  TENON_TRY_VOID(loader.compile());
  for (std::size_t k = 0; k < domains.size(); ++k) {
    Loaded& loaded = *domains[k];
    const LinkForm form = choose_form(source, link.composed[places[k]]);
    Result<void> code = loader.take(loaded, form);
    // If the engine cannot link the units by reference, they are compiled together. If that fails
    // too, its error is reported.
    if (!code && form == LinkForm::Reference && source.form == LinkForm::Auto &&
        !loaded.is_package) {
      TENON_TRY_VOID(loader.want(loaded, link, places[k], LinkForm::Embedded));
      TENON_TRY_VOID(loader.compile());
      code = loader.take(loaded, LinkForm::Embedded);
    }
    if (!code)
      return explain(link.planned, *link.split.domains[places[k]].link, std::move(code).error());
  }
  return {};
}

// `call-timeout` of a domain or, if it is shorter, `request-timeout` of a domain that answers HTTP requests.
std::optional<call::TimeLimit> find_call_limit(const DomainRow& row, const DomainSettings& settings,
                                               const HttpOptions& http) {
  const auto& of_call = settings.call_timeout;
  const auto& of_request = http.request_time;
  if (of_request && !row.http_handler.empty() && (!of_call || *of_request < *of_call))
    return call::TimeLimit{*of_request, call::kRequestTimeout};
  return of_call ? std::optional(call::TimeLimit{*of_call}) : std::nullopt;
}

// The domain of a row without its code. Errors: run-engine, config-value.
Result<Loaded> open_domain(const DomainRow& row, const std::string& root_domain,
                           const Request& request, Engines& engines) {
  Loaded loaded;
  loaded.settings = settings_of(request, row.declared, root_domain);
  loaded.call_limit = find_call_limit(row, loaded.settings, request.http);
  if (row.needs_wasi) loaded.denials = std::make_shared<const engine::Denials>();
  if (row.needs_http) {
    TENON_TRY(loaded.http_client, make_http_client(loaded.settings.grants, loaded.denials));
  }
  TENON_TRY(loaded.engine,
            engines.open(row.concurrency, loaded.settings, count_instances(request, row)));
  loaded.is_package = row.package != nullptr;
  return loaded;
}

}  // namespace

bool find_code(Loaded& loaded, const CodeSource& source) {
  CodeLoader(source).find(loaded, source.form);
  return has_code(loaded);
}

Result<void> compile_code(Loaded& loaded, ComposedLink& link, std::size_t domain,
                          const CodeSource& source) {
  CodeLoader loader(source);
  return compile_domains(loader, link, {{&loaded}}, {{domain}}, source);
}

Result<std::vector<Loaded>> open_domains(StartPlan& start, const GetLink& get_link,
                                         Engines& engines, const Request& request) {
  KeyTable keys;
  std::vector<Loaded> opened;
  for (DomainRow& row : start.domains) {
    TENON_TRY_VOID(check_deadline(request));
    TENON_TRY(Loaded loaded, open_domain(row, start.domain, request, engines));
    if (row.code == nullptr) {
      TENON_TRY(const ComposedLink* const link, get_link());
      row.code = keys.of(link->composed[opened.size()], *loaded.engine);
    }
    loaded.keys = row.code;
    opened.push_back(std::move(loaded));
  }
  return opened;
}

Result<std::vector<Loaded>> load_domains(StartPlan& start, const GetLink& get_link,
                                         Engines& engines, const CodeSource& source,
                                         LazyDomains lazy, std::vector<UnitTime>& times) {
  TENON_TRY(std::vector<Loaded> loaded, open_domains(start, get_link, engines, source.request));
  const std::vector<bool> is_lazy = find_lazy_domains(start.domains);
  CodeLoader loader(source);
  std::vector<Loaded*> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (is_lazy[i] && lazy == LazyDomains::Leave) continue;
    loader.find(loaded[i], source.form);
    if (has_code(loaded[i])) continue;
    missing.push_back(&loaded[i]);
    places.push_back(i);
  }
  if (!missing.empty()) {
    TENON_TRY(ComposedLink* const link, get_link());
    TENON_TRY_VOID(compile_domains(loader, *link, missing, places, source));
  }
  times = loader.times();
  std::ranges::move(loader.warnings(), std::back_inserter(start.notes));
  return loaded;
}

}  // namespace tenon::link
