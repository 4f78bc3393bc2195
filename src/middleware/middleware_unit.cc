#include "middleware/middleware_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "resolve/import_collector.h"
#include "resolve/name_match.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/interface_name.h"

namespace tenon::middleware {

namespace {

using resolve::ImportCollector;
using Kind = tenon::Middleware::Kind;

Diagnostic make_problem(Code code, const Location& where, std::string message, std::string hint) {
  Diagnostic problem = make_diagnostic(code, "{}", message);
  problem.where = where;
  problem.hints.push_back(std::move(hint));
  return problem;
}

// Middleware that needs no settings, and that a wire can name without a table.
constexpr std::pair<std::string_view, Kind> kKnown[] = {{"tenon:log", Kind::Log},
                                                        {"tenon:cache", Kind::Cache}};

bool is_known(std::string_view name) {
  return std::ranges::find(kKnown, name, &std::pair<std::string_view, Kind>::first) !=
         std::end(kKnown);
}

void check_names(const Settings& all, const std::vector<Wire>& wires,
                 const std::set<std::string>& units, Diagnostics& problems) {
  std::set<std::string> used;
  for (const Wire& wire : wires) {
    used.insert(wire.via.begin(), wire.via.end());
    if (!wire.provider.empty()) used.insert(wire.provider);
  }
  for (const auto& [name, settings] : all) {
    const auto complain = [&](std::string message, std::string hint) {
      problems.push_back(
          make_problem(Code::ConfigValue, settings.where, std::move(message), std::move(hint)));
    };
    if (!is_known(name) && !is_unit_name(name))
      complain(fmt::format("`{}` is not a valid name of middleware", name),
               fmt::format("call it `{}`", propose_unit_name(name)));
    else if (units.contains(name))
      complain(fmt::format("`{}` is the name of middleware and of a unit", name),
               "give one of them another name");
    else if (!used.contains(name))
      complain(fmt::format("no wire uses the middleware `{}`", name),
               fmt::format("add `via = [\"{}\"]` to a wire, or remove it", name));
    if (Result<void> fits = check_settings(name, settings); !fits)
      std::ranges::move(fits.error(), std::back_inserter(problems));
  }
}

// The imports that wires give to middleware which answers calls: those of consumers, and those of units in
// front of the middleware.
class WiredImports final {
 public:
  WiredImports(const std::vector<Wire>& wires, const std::string& middleware) {
    for (const Wire& wire : wires) {
      if (wire.provider != middleware && (wire.via.empty() || wire.via.back() != middleware))
        continue;
      if (auto pattern = resolve::parse_name_pattern(wire.import))
        wires_.push_back({&wire, *std::move(pattern)});
    }
  }

  [[nodiscard]] bool contain(const resolve::Unit& unit, const types::RootItem& import) const {
    const resolve::ItemNames names = resolve::read_item_names(import);
    return std::ranges::any_of(wires_, [&](const ParsedWire& parsed) {
      const auto& [wire, pattern] = parsed;
      const bool is_in_front = std::ranges::find(wire->via, unit.name) != wire->via.end();
      if (!wire->consumer.empty() && wire->consumer != unit.name && !is_in_front) return false;
      // Packages can import names that components cannot have.
      return names.empty() ? pattern.text == import.name
                           : std::ranges::any_of(names, [&](const types::ItemName& name) {
                               return resolve::matches_name(pattern, name);
                             });
    });
  }

 private:
  struct ParsedWire {
    const Wire* wire;
    resolve::NamePattern pattern;
  };
  std::vector<ParsedWire> wires_;
};

resolve::Unit make_unit(const std::string& name, const tenon::Middleware& settings,
                        resolve::Inputs& inputs) {
  resolve::Unit unit;
  unit.name = name;
  unit.kind = UnitKind::Mock;
  unit.file = settings.file;
  unit.where = std::make_shared<const Location>(settings.where);
  // Sorted, because the first importer decides a type.
  std::vector<const resolve::Unit*> importers;
  for (const resolve::Unit& importer : inputs.units) importers.push_back(&importer);
  std::ranges::sort(importers, {}, &resolve::Unit::name);
  const WiredImports wired(inputs.policy.wires, name);
  ImportCollector collector(inputs.types);
  for (const resolve::Unit* const importer : importers) {
    std::vector<std::optional<ImportCollector::Provided>> provided;
    for (const types::RootItem& import : importer->type.imports) {
      provided.emplace_back();
      if (wired.contain(*importer, import)) provided.back() = ImportCollector::as_imported(import);
    }
    collector.add(importer->type.imports, provided);
  }
  collector.finish(unit);
  return unit;
}

}  // namespace

void add_known(const std::vector<Wire>& wires, Settings& settings) {
  for (const Wire& wire : wires)
    for (const auto& [name, kind] : kKnown)
      if (std::ranges::find(wire.via, name) != wire.via.end())
        settings.try_emplace(std::string(name), tenon::Middleware{.kind = kind});
}

Result<void> add_middleware(const Settings& settings, const std::set<std::string>& units,
                            resolve::Inputs& inputs) {
  Diagnostics problems;
  check_names(settings, inputs.policy.wires, units, problems);
  if (!problems.empty()) return problems;
  for (const auto& [name, own_settings] : settings) {
    if (answers(own_settings.kind))
      inputs.units.push_back(make_unit(name, own_settings, inputs));
    else
      inputs.policy.middleware.push_back({name, passes_handles(own_settings.kind)});
  }
  return {};
}

Result<Table> make_all(const Settings& settings, const Report& report) {
  Table table;
  Diagnostics problems;
  for (const auto& [name, own_settings] : settings) {
    auto middleware = make(name, own_settings, report);
    if (middleware)
      table.emplace(name, *std::move(middleware));
    else
      std::ranges::move(middleware.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  return table;
}

}  // namespace tenon::middleware
