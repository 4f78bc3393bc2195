#include "link/domain_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <utility>

#include "link/http_domains.h"
#include "resolve/http_interfaces.h"
#include "support/diagnostics.h"
#include "support/measures.h"

namespace tenon {

Result<std::uint64_t> Limits::parse_size(std::string_view text) {
  if (const std::optional<std::uint64_t> size = tenon::parse_size(text)) return *size;
  Diagnostic problem =
      has_size_form(text)
          ? make_diagnostic(Code::ConfigValue, "the size `{}` is too large", text)
          : make_diagnostic(Code::ConfigValue, "expected a size like 256MiB, found `{}`", text);
  problem.hints.push_back("write a whole number and one of the units B, KiB, MiB and GiB");
  return problem;
}

Result<std::chrono::milliseconds> Limits::parse_duration(std::string_view text) {
  const std::optional<std::chrono::milliseconds> duration = tenon::parse_duration(text);
  if (duration && duration->count() != 0) return *duration;
  Diagnostic problem =
      duration ? make_diagnostic(Code::ConfigValue, "the time `{}` must be greater than 0", text)
      : has_duration_form(text)
          ? make_diagnostic(Code::ConfigValue, "the time `{}` is too large", text)
          : make_diagnostic(Code::ConfigValue, "expected a time like 30s, found `{}`", text);
  problem.hints.push_back("write a whole number and one of the units ms, s, m and h");
  return problem;
}

Result<std::uint64_t> Limits::parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (error == std::errc() && rest == end && count <= kMost) return count;
  Diagnostic problem = make_diagnostic(
      Code::ConfigValue, "expected a whole number from 0 to 9223372036854775807, found `{}`", text);
  problem.hints.push_back("write digits only, such as 1000000");
  return problem;
}

}  // namespace tenon

namespace tenon::link {

namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append(Grants& to, const Grants& from) {
  append(to.dirs, from.dirs);
  append(to.env, from.env);
  append(to.net, from.net);
  append(to.http, from.http);
  to.http_proxy |= from.http_proxy;
  append(to.args, from.args);
  to.stdio = std::max(to.stdio, from.stdio);
}

// Limits that are set in `from` override those in `to`.
void override_limits(DomainSettings& to, const Limits& from) {
  const auto override_one = [](auto& limit, const auto& by) {
    if (by) limit = by;
  };
  override_one(to.memory, from.memory);
  override_one(to.tables, from.tables);
  override_one(to.instances, from.instances);
  to.fuel = from.fuel.value_or(to.fuel);
  override_one(to.timeout, from.timeout);
  override_one(to.call_timeout, from.call_timeout);
}

// With `--isolate`, no unit is in `main`; its settings then apply to the root's domain.
bool has_no_main(const Request& request) {
  if (request.policy.isolation != resolve::Policy::Isolation::All) return false;
  const auto places_in_main = [](const resolve::Placement& placement) {
    return placement.domain == "main";
  };
  return std::ranges::none_of(request.policy.placements, places_in_main) &&
         std::ranges::none_of(request.units,
                              [](const UnitRequest& unit) { return unit.name == "main"; });
}

PlanGrants shown(const Grants& grants) {
  PlanGrants plan_grants;
  for (const Grants::Directory& dir : grants.dirs)
    plan_grants.dirs.push_back({dir.host, dir.guest, dir.writable});
  for (const auto& [name, value] : grants.env) plan_grants.env.push_back(name);
  std::ranges::sort(plan_grants.env);
  plan_grants.env.erase(std::unique(plan_grants.env.begin(), plan_grants.env.end()),
                        plan_grants.env.end());
  plan_grants.net = grants.net;
  plan_grants.http = grants.http;
  plan_grants.http_proxy = grants.http_proxy;
  plan_grants.stdio = grants.stdio;
  plan_grants.args = grants.args.size();
  return plan_grants;
}

PlanLimits shown_limits(const DomainSettings& settings) {
  PlanLimits plan_limits{.memory = settings.memory,
                         .tables = settings.tables,
                         .instances = settings.instances,
                         .fuel = {},
                         .timeout = settings.timeout,
                         .call_timeout = settings.call_timeout,
                         .restarts = 0,
                         .within = {}};
  if (settings.fuel != 0) plan_limits.fuel = settings.fuel;
  if (settings.restart) {
    plan_limits.restarts = settings.restart->max;
    plan_limits.within = settings.restart->within;
  }
  return plan_limits;
}

}  // namespace

std::string find_declared_domain(const Plan& plan, const std::string& name) {
  const auto domain = std::ranges::find(plan.domains, name, &PlanDomain::name);
  return domain == plan.domains.end() || domain->part_of.empty() ? name : domain->part_of;
}

std::string find_root_domain(const Plan& plan) {
  for (const PlanUnit& unit : plan.units)
    if (unit.name == plan.root) return find_declared_domain(plan, unit.domain);
  const bool has_main =
      std::ranges::find(plan.domains, "main", &PlanDomain::name) != plan.domains.end();
  return has_main || plan.domains.empty() ? std::string("main") : plan.domains.back().name;
}

DomainSettings settings_of(const Request& request, const std::string& domain,
                           const std::string& root_domain) {
  DomainSettings settings;
  const auto own = request.domains.find(domain);
  if (own != request.domains.end()) settings = own->second;
  const bool is_root = domain == root_domain;
  if (is_root && domain != "main" && has_no_main(request)) {
    const auto main = request.domains.find("main");
    if (main != request.domains.end()) {
      const Grants grants = std::exchange(settings.grants, {});
      if (own == request.domains.end()) settings = main->second;
      settings.grants = main->second.grants;
      append(settings.grants, grants);
    }
  }
  if (is_root) {
    // Arguments of this run replace the declared ones.
    if (!request.grants.args.empty()) settings.grants.args.clear();
    append(settings.grants, request.grants);
    override_limits(settings, request.limits);
  }
  const auto overrides = request.domain_overrides.find(domain);
  if (overrides != request.domain_overrides.end()) {
    override_limits(settings, overrides->second.limits);
    if (overrides->second.restart) settings.restart = overrides->second.restart;
  }
  if (request.restart_all) settings.restart = request.restart_all;
  const Stdio inherited = is_root ? Stdio::Inherit : Stdio::Output;
  settings.grants.stdio =
      std::max(settings.grants.stdio,
               settings.stdio.value_or(request.inherit_stdio ? inherited : Stdio::None));
  settings.stdio = settings.grants.stdio;
  for (auto* const limit : {&settings.timeout, &settings.call_timeout})
    if (*limit) *limit = std::min(**limit, kLongestDuration);
  return settings;
}

void show_settings(const Request& request, Plan& plan) {
  const std::string root = find_root_domain(plan);
  std::map<std::string_view, const PlanDomain*> domain_of;  // by unit
  for (PlanDomain& domain : plan.domains) {
    const DomainSettings settings =
        settings_of(request, find_declared_domain(plan, domain.name), root);
    domain.grants = shown(settings.grants);
    domain.limits = shown_limits(settings);
    domain.limits.pool = find_pool(request, domain.name);
    domain.owns_thread = settings.owns_thread;
    for (const std::string& unit : domain.units) domain_of.emplace(unit, &domain);
  }
  for (PlanUnit& unit : plan.units)
    if (const auto config = request.config.find(unit.name); config != request.config.end())
      for (const auto& [key, value] : config->second.values) unit.config.push_back(key);
  for (PlanEdge& edge : plan.edges) {
    const auto domain = domain_of.find(edge.provider);
    const bool crosses = edge.kind == EdgeKind::Bridged || edge.kind == EdgeKind::Packr;
    if (!crosses || domain == domain_of.end()) continue;
    const PlanLimits& limits = domain->second->limits;
    if (resolve::passes_requests(edge.export_name) && serves_requests(plan, domain->second->name))
      edge.notes.emplace_back("a fresh instance for each HTTP request");
    else if (limits.pool != 0)
      edge.notes.push_back(fmt::format("a fresh instance for each call, at most {}", limits.pool));
    else if (limits.restarts != 0)
      edge.notes.push_back(fmt::format("{} restarts on trap", domain->second->name));
  }
}

Result<void> check_settings(const Request& request, const Plan& plan) {
  const std::string root = find_root_domain(plan);
  Diagnostics problems;
  const auto check = [&](const std::string& name, bool has_timeout, const Location& where) {
    if (!has_timeout || name == root || (name == "main" && has_no_main(request))) return;
    Diagnostic problem =
        make_diagnostic(Code::ConfigValue,
                        "`timeout` is not allowed in `[domains.{}]`: it limits the whole run, "
                        "and the root is in `{}`",
                        name, root);
    problem.where = where;
    problem.hints.push_back(
        fmt::format("move it to `[domains.{}]`, or limit each call with `call-timeout`", root));
    problems.push_back(std::move(problem));
  };
  for (const auto& [name, settings] : request.domains)
    check(name, settings.timeout.has_value(), settings.where);
  for (const auto& [name, overrides] : request.domain_overrides)
    check(name, overrides.limits.timeout.has_value(), {});
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::link
