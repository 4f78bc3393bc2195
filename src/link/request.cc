#include "link/request.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/measures.h"
#include "support/names.h"
#include "tenon/buffer.h"

namespace tenon::link {

std::optional<std::chrono::milliseconds> find_timeout(const Request& request) {
  if (request.limits.timeout) return request.limits.timeout;
  for (const auto& [name, settings] : request.domains)
    if (settings.timeout) return settings.timeout;
  for (const auto& [name, overrides] : request.domain_overrides)
    if (overrides.limits.timeout) return overrides.limits.timeout;
  return std::nullopt;
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
  return {.name = unit.name, .path = unit.path, .where = unit.where, .entry = unit.host};
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
    if (unit.remote != nullptr)
      remotes.push_back({.name = unit.name,
                         .settings = unit.remote,
                         .must_be_used = unit.origin == UnitOrigin::ByHand,
                         .where = unit.where});
  return remotes;
}

bool can_plan_again(const Request& request) {
  return std::ranges::all_of(request.units, [](const UnitRequest& unit) {
    return unit.running == nullptr && (unit.bytes != nullptr || unit.record != nullptr);
  });
}

UnitRequest make_bundle_unit(host::BundleRequest bundle) {
  UnitRequest unit;
  unit.name = std::move(bundle.name);
  unit.kind = UnitKind::HostBundle;
  unit.path = std::move(bundle.path);
  unit.where = std::move(bundle.where);
  unit.host = std::move(bundle.entry);
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

HostParts with_built_in(HostParts parts) {
  static constexpr std::string_view kBuffers = "tenon:buffer/buffers";
  const auto is_buffers = [](const auto& part) { return part.interface.starts_with(kBuffers); };
  if (std::ranges::any_of(parts.functions, is_buffers) ||
      std::ranges::any_of(parts.resources, is_buffers))
    return parts;
  HostResource<Buffer> buffer(kBuffers, "buffer");
  buffer.constructor([] { return std::make_unique<Buffer>(); })
      .method(
          "write",
          [](Buffer& self, std::span<const std::uint8_t> part) -> HostResult<void> {
            if (self.write(part)) return {};
            return Trap{"the buffer has been read or passed on, and cannot be written any more"};
          })
      .method("len", [](const Buffer& self) -> std::uint64_t { return self.size(); })
      .method("read", [](const Buffer& self, std::uint64_t offset, std::uint64_t len) {
        const std::span<const std::uint8_t> bytes = self.bytes();
        const std::size_t begin = std::min<std::uint64_t>(offset, bytes.size());
        const auto part = bytes.subspan(begin, std::min<std::uint64_t>(len, bytes.size() - begin));
        return std::vector<std::uint8_t>(part.begin(), part.end());
      });
  parts.resources.push_back(buffer);
  return parts;
}

std::uint32_t find_pool(const Request& request, std::string_view domain) {
  const auto unit = std::ranges::find(request.units, domain, &UnitRequest::name);
  return unit == request.units.end() ? 0 : unit->pool;
}

}  // namespace tenon::link
