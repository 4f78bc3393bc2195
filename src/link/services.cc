#include "link/services.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "link/domain_settings.h"
#include "link/running.h"
#include "support/diagnostics.h"
#include "support/names.h"

namespace tenon::link {

namespace {

// REQUIRES: `tables` is locked
Grants grants_of(const Running& running, const Caller& caller) {
  const StartPlan& start = *running.start;
  const auto row = std::ranges::find(start.domains, caller.domain, &DomainRow::name);
  return settings_of(running.request, row == start.domains.end() ? caller.domain : row->declared,
                     start.domain)
      .grants;
}

// The values of the unit itself, and the variables that its domain is granted.
program::ConfigValues find_config(Running& running, const Caller& caller) {
  const std::lock_guard tables(running.tables);
  program::ConfigValues values;
  if (const auto own = running.request.config.find(caller.unit);
      own != running.request.config.end())
    values = own->second.values;
  // The last of two variables of a name counts; the loop meets it first.
  const Grants grants = grants_of(running, caller);
  for (auto variable = grants.env.rbegin(); variable != grants.env.rend(); ++variable)
    values.insert(*variable);
  return values;
}

// To where the standard error of the unit's domain goes. A program that takes the log of its
// composition gets the line instead.
void write_log(Running& running, const Caller& caller, std::string_view line) {
  {
    const std::lock_guard tables(running.tables);
    if (grants_of(running, caller).stdio == Stdio::None) return;
  }
  if (running.on_log) return running.on_log(line);
  const std::string text = fmt::format("{}\n", line);
  // One write, so lines of threads do not mix.
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

program::Services make_services(Running& running) {
  return {.find_config = [&running](const Caller& caller) { return find_config(running, caller); },
          .log = [&running](const Caller& caller,
                            std::string_view line) { write_log(running, caller, line); }};
}

Diagnostics check_unit_config(const Request& request, std::span<const resolve::Unit> units) {
  Diagnostics problems;
  const auto add = [&](const UnitConfig& config, std::string message, Hint hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
    problem.where = config.where;
    problem.hints.push_back(std::move(hint));
    problems.push_back(std::move(problem));
  };
  for (const auto& [name, config] : request.config) {
    if (std::ranges::find(request.units, name, &UnitRequest::name) == request.units.end()) {
      std::vector<std::string> names;
      for (const UnitRequest& unit : request.units) names.push_back(unit.name);
      add(config,
          fmt::format("`{}.{}` is for `{}`, and there is no such unit", name,
                      config.values.begin()->first, name),
          suggest_name(name, std::move(names), "units"));
      continue;
    }
    const auto unit = std::ranges::find(units, name, &resolve::Unit::name);
    const auto is_config = [](const types::RootItem& item) {
      return program::is_config_interface(item.implements ? *item.implements : item.name);
    };
    // A unit that cannot be read has a problem of its own.
    if (unit == units.end() || std::ranges::any_of(unit->type.imports, is_config)) continue;
    add(config,
        fmt::format("`{}` has a configuration, and does not import `wasi:config/store`", name),
        Hint("remove its configuration, or pass the values as it reads them: as variables (`env` "
             "of its domain) or as arguments"));
  }
  return problems;
}

}  // namespace tenon::link
