#include "link/services.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "link/domain_settings.h"
#include "link/running.h"
#include "support/diagnostics.h"
#include "support/names.h"

namespace tenon::link {

namespace {

// Null during a swap that adds the domain. REQUIRES, here and in the next function: `tables` is locked
const DomainRow* find_row(const Running& running, const Caller& caller) {
  const std::vector<DomainRow>& domains = running.start->domains;
  const auto row = std::ranges::find(domains, caller.domain, &DomainRow::name);
  return row == domains.end() ? nullptr : &*row;
}

DomainSettings settings_for(const Running& running, const Caller& caller) {
  const DomainRow* const row = find_row(running, caller);
  return settings_of(running.request, row == nullptr ? caller.domain : row->declared,
                     running.start->domain);
}

// The values of the unit itself, and the variables that its domain is granted.
program::ConfigValues find_config(Running& running, const Caller& caller) {
  const std::lock_guard tables(running.tables);
  program::ConfigValues values;
  if (const auto own = running.request.config.find(caller.unit);
      own != running.request.config.end())
    values = own->second.values;
  // The last of two variables of a name counts; the loop meets it first.
  const Grants grants = settings_for(running, caller).grants;
  for (auto variable = grants.env.rbegin(); variable != grants.env.rend(); ++variable)
    values.insert(*variable);
  return values;
}

// To where the standard error of the unit's domain goes. A program that takes the log of its
// composition gets the line instead.
void write_log(Running& running, const Caller& caller, std::string_view line) {
  {
    const std::lock_guard tables(running.tables);
    if (settings_for(running, caller).grants.stdio == Stdio::None) return;
  }
  if (running.on_log) return running.on_log(line);
  const std::string text = fmt::format("{}\n", line);
  // One write, so lines of threads do not mix.
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// The instances of a pool have one budget together, since they have one name.
std::shared_ptr<program::BufferBudget> find_buffer_budget(Running& running, const Caller& caller) {
  const std::lock_guard tables(running.tables);
  if (const auto known = running.buffer_budgets.find(caller.domain);
      known != running.buffer_budgets.end())
    return known->second;
  const DomainRow* const row = find_row(running, caller);
  const std::optional<std::uint64_t> memory = settings_for(running, caller).memory;
  const std::uint64_t instances =
      row == nullptr ? 1 : std::max(count_instances(running.request, *row), 1u);
  std::shared_ptr<program::BufferBudget> budget;
  if (memory)
    budget = std::make_shared<program::BufferBudget>(
        *memory > UINT64_MAX / instances ? UINT64_MAX : *memory * instances);
  if (row != nullptr) running.buffer_budgets.emplace(caller.domain, budget);
  return budget;
}

}  // namespace

program::Services make_services(Running& running) {
  return {.find_config = [&running](const Caller& caller) { return find_config(running, caller); },
          .log = [&running](const Caller& caller,
                            std::string_view line) { write_log(running, caller, line); },
          .find_buffer_budget =
              [&running](const Caller& caller) { return find_buffer_budget(running, caller); }};
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
