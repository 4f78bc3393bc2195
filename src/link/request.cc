#include "link/request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/measures.h"

namespace tenon::link {

std::optional<std::chrono::milliseconds> find_timeout(const Request& request) {
  if (request.limits.timeout) return request.limits.timeout;
  for (const auto& [name, settings] : request.domains)
    if (settings.timeout) return settings.timeout;
  for (const auto& [name, overrides] : request.domain_overrides)
    if (overrides.limits.timeout) return overrides.limits.timeout;
  return std::nullopt;
}

void add_http_route(HttpRoute route, Request& request) {
  if (!route.unit.empty()) request.policy.handlers.push_back({route.unit, route.where});
  request.http_routes.push_back(std::move(route));
}

namespace {

struct HttpFunctionName {
  const char* interface;
  const char* function;
};

void add_http_functions(HttpHandlerFunction handler, const HttpHandlerOptions& options,
                        std::span<const HttpFunctionName> names, Request& request) {
  const auto part = std::make_shared<const detail::HttpFunctionPart>(
      detail::HttpFunctionPart{std::move(handler), options.next});
  std::vector<HostFunction> functions;
  for (const HttpFunctionName& name : names) {
    HostFunction& function = functions.emplace_back();
    function.interface = name.interface;
    function.name = name.function;
    function.consumers = options.consumers;
    function.http = part;
  }
  // If there is no memory, none is added.
  request.host.functions.reserve(request.host.functions.size() + functions.size());
  if (!options.next.empty())
    request.policy.handlers.push_back({options.next, {}, resolve::HandlerRequest::By::Program});
  std::ranges::move(functions, std::back_inserter(request.host.functions));
}

}  // namespace

void add_http_handler(HttpHandlerFunction handler, const HttpHandlerOptions& options,
                      Request& request) {
  static constexpr std::array<HttpFunctionName, 2> kNames = {
      {{"wasi:http/incoming-handler", "handle"}, {"wasi:http/handler", "handle"}}};
  add_http_functions(std::move(handler), options, kNames, request);
}

void add_http_client(HttpHandlerFunction handler, const HttpHandlerOptions& options,
                     Request& request) {
  static constexpr std::array<HttpFunctionName, 2> kNames = {
      {{"wasi:http/outgoing-handler", "handle"}, {"wasi:http/client", "send"}}};
  add_http_functions(std::move(handler), options, kNames, request);
}

void set_deadline(Request& request) {
  using Clock = std::chrono::steady_clock;
  request.deadline.reset();
  if (const auto timeout = find_timeout(request))
    request.deadline = request.start.value_or(Clock::now()) + std::min(*timeout, kLongestDuration);
}

Result<void> check_deadline(const Request& request) {
  if (request.abandoned != nullptr && *request.abandoned)
    return make_diagnostic(Code::RunDeadline, "linking `{}` was abandoned", request.name);
  if (!request.deadline || std::chrono::steady_clock::now() < *request.deadline) return {};
  Diagnostic problem = make_diagnostic(
      Code::RunDeadline, "linking `{}` took longer than `timeout` allows", request.name);
  problem.hints.emplace_back(
      "allow more time, or cache compiled code, which makes later links of the same units fast");
  return problem;
}

host::BundleRequest make_bundle_request(const UnitRequest& unit) {
  host::BundleRequest bundle{.name = unit.name, .path = unit.path, .where = unit.where};
  if (const auto* const entry =
          std::get_if<std::shared_ptr<const host::HostEntry>>(&unit.kind_part))
    bundle.entry = *entry;
  return bundle;
}

std::vector<host::BundleRequest> list_bundles(const Request& request) {
  std::vector<host::BundleRequest> bundles;
  for (const UnitRequest& unit : request.units)
    if (unit.kind == UnitKind::HostBundle) bundles.push_back(make_bundle_request(unit));
  return bundles;
}

std::vector<remote::RemoteRequest> list_remotes(const Request& request) {
  std::vector<remote::RemoteRequest> remotes;
  for (const UnitRequest& unit : request.units)
    if (const auto* const settings =
            std::get_if<std::shared_ptr<const remote::RemoteSettings>>(&unit.kind_part))
      remotes.push_back({.name = unit.name,
                         .settings = *settings,
                         .must_be_used = unit.origin == UnitOrigin::ByHand,
                         .where = unit.where});
  return remotes;
}

bool can_plan_again(const Request& request) {
  return std::ranges::all_of(request.units, [](const UnitRequest& unit) {
    return unit.as<RunningUnit>() == nullptr && (unit.bytes != nullptr || unit.record != nullptr);
  });
}

UnitRequest make_bundle_unit(host::BundleRequest bundle) {
  UnitRequest unit;
  unit.name = std::move(bundle.name);
  unit.kind = UnitKind::HostBundle;
  unit.path = std::move(bundle.path);
  unit.where = std::move(bundle.where);
  if (bundle.entry != nullptr) unit.kind_part = std::move(bundle.entry);
  return unit;
}

void adopt_offers(std::vector<UnitRequest> used, Request& request) {
  std::ranges::move(used, std::back_inserter(request.units));
  request.hosts.offers.clear();
}

UnitRequest make_unit(std::string_view name, const UnitOptions& options) {
  UnitRequest unit;
  unit.name = name;
  unit.origin = options.origin;
  unit.is_reachable = options.reachable == Reachable::Yes;
  if (!options.sha256.empty()) unit.sha256 = options.sha256;
  if (unit.sha256 && options.reading == UnitOptions::Reading::WhenNeeded) {
    unit.is_late = true;
    unit.digest = std::make_shared<const std::string>(*unit.sha256);
  }
  unit.abi = options.abi;
  unit.pool = options.pool;
  if (options.pool != 0) unit.is_isolated = true;
  return unit;
}

std::uint32_t find_pool(const Request& request, std::string_view domain) {
  const auto unit = std::ranges::find(request.units, domain, &UnitRequest::name);
  return unit == request.units.end() ? 0 : unit->pool;
}

}  // namespace tenon::link
