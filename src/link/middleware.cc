#include "link/middleware.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "link/import_collector.h"
#include "link/inputs.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/interface_name.h"

namespace tenon::link {

namespace {

using Kind = Middleware::Kind;

Diagnostic make_problem(Code code, const Location& where, std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(code, "{}", message);
  problem.where = where;
  problem.hints.push_back(std::move(hint));
  return problem;
}

void check_names(const Request& request, Diagnostics& problems) {
  std::set<std::string> used;
  for (const resolve::Wire& wire : request.policy.wires) {
    used.insert(wire.via.begin(), wire.via.end());
    if (wire.provider) used.insert(*wire.provider);
  }
  for (const auto& [name, middleware] : request.middleware) {
    if (name.starts_with("tenon:")) continue;
    if (!is_unit_name(name))
      problems.push_back(make_problem(Code::ConfigValue, middleware.where,
                                      fmt::format("`{}` is not a valid name of middleware", name),
                                      fmt::format("call it `{}`", propose_unit_name(name))));
    else if (std::ranges::find(request.units, name, &UnitRequest::name) != request.units.end())
      problems.push_back(
          make_problem(Code::ConfigValue, middleware.where,
                       fmt::format("`{}` is the name of middleware and of a unit", name),
                       "give one of them another name"));
    else if (!used.contains(name))
      problems.push_back(
          make_problem(Code::ConfigValue, middleware.where,
                       fmt::format("no wire uses the middleware `{}`", name),
                       fmt::format("add `via = [\"{}\"]` to a wire, or remove it", name)));
    if (Result<void> fits = middleware::check_settings(name, middleware); !fits)
      std::ranges::move(fits.error(), std::back_inserter(problems));
  }
}

// Whether a wire gives an import to middleware that answers: that of its consumer, or of a unit in front
// of the middleware.
bool is_wired(const std::vector<resolve::Wire>& wires, const std::string& middleware,
              const resolve::Unit& unit, const types::RootItem& import) {
  const Result<types::ItemName> name = types::parse_item_name(import.name);
  return name && std::ranges::any_of(wires, [&](const resolve::Wire& wire) {
           const bool is_named =
               wire.provider == middleware || (!wire.via.empty() && wire.via.back() == middleware);
           const bool is_on_way = std::ranges::find(wire.via, unit.name) != wire.via.end();
           if (!is_named || (wire.consumer && *wire.consumer != unit.name && !is_on_way))
             return false;
           const auto pattern = resolve::parse_name_pattern(wire.import);
           return pattern && resolve::matches_name(*pattern, *name);
         });
}

resolve::Unit make_unit(const std::string& name, const Middleware& middleware, Inputs& inputs) {
  resolve::Unit unit;
  unit.name = name;
  unit.kind = UnitKind::Mock;
  unit.file = middleware.file;
  unit.where = middleware.where;
  // Sorted, because the first importer decides a type.
  std::vector<const resolve::Unit*> importers;
  for (const resolve::Unit& importer : inputs.units.units) importers.push_back(&importer);
  std::ranges::sort(importers, {}, &resolve::Unit::name);
  ImportCollector collector(inputs.units.types);
  for (const resolve::Unit* const importer : importers) {
    std::vector<bool> provided;
    for (const types::RootItem& import : importer->type.imports)
      provided.push_back(is_wired(inputs.units.policy.wires, name, *importer, import));
    collector.add(importer->type.imports, provided);
  }
  collector.finish(unit);
  return unit;
}

}  // namespace

void add_known_middleware(Request& request) {
  for (const resolve::Wire& wire : request.policy.wires)
    for (const std::string& name : wire.via)
      for (const Kind kind : {Kind::Log, Kind::Cache})
        if (name == fmt::format("tenon:{}", get_name(kind)))
          request.middleware.try_emplace(name, Middleware{.kind = kind});
}

Result<void> add_middleware(const Request& request, Inputs& inputs) {
  Diagnostics problems;
  resolve::Policy& policy = inputs.units.policy;
  check_names(request, problems);
  if (!problems.empty()) return problems;
  for (const auto& [name, middleware] : request.middleware) {
    if (middleware::answers(middleware.kind))
      inputs.units.units.push_back(make_unit(name, middleware, inputs));
    else
      policy.middleware.push_back({name, middleware::passes_handles(middleware.kind)});
  }
  return {};
}

Result<void> check_without_middleware(const Request& request) {
  if (request.middleware.empty()) return {};
  const auto& [name, middleware] = *request.middleware.begin();
  return make_problem(
      Code::ComposeNotOneDomain, middleware.where,
      fmt::format("`{}` has the middleware `{}`, and a component cannot contain middleware",
                  request.name, name),
      "link it when it runs, with `tenon run` or `CompositionBuilder::build`, or remove the "
      "middleware");
}

Result<MiddlewareTable> make_middleware(const Request& request, const BuildOptions& options) {
  MiddlewareTable table;
  Diagnostics problems;
  for (const auto& [name, settings] : request.middleware) {
    auto made = middleware::make(name, settings, options.on_log);
    if (made)
      table.emplace(name, *std::move(made));
    else
      std::ranges::move(made.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return table;
}

}  // namespace tenon::link
