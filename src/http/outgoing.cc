#include "http/outgoing.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/trace.h"
#include "support/try.h"
#include "tls/tls.h"

namespace tenon::http {

namespace {

std::string print_target(const HttpTarget& target) {
  const bool is_ipv6 = target.host.find(':') != target.host.npos;
  return fmt::format("{}://{}{}{}:{}", target.is_https ? "https" : "http", is_ipv6 ? "[" : "",
                     target.host, is_ipv6 ? "]" : "", target.port);
}

// address: that of the target, if it was denied for that.
engine::DeniedRequest deny(const HttpTarget& target, const std::optional<IpAddress>& address) {
  HttpTarget wanted = target;
  if (address) wanted.host = is_loopback(*address) ? "localhost" : print_ip(*address);
  std::string grant = print_target(wanted);
  const std::string_view usual = target.is_https ? ":443" : ":80";
  if (grant.ends_with(usual)) grant.resize(grant.size() - usual.size());
  return {print_target(target), address ? print_ip(*address) : std::string(), std::move(grant)};
}

std::vector<IpAddress> local_addresses() { return {*parse_ip("::1"), *parse_ip("127.0.0.1")}; }

std::optional<IpAddress> to_address(const sockaddr& from) {
  if (from.sa_family == AF_INET6) {
    sockaddr_in6 socket = {};
    std::memcpy(&socket, &from, sizeof(socket));
    return std::bit_cast<IpAddress>(socket.sin6_addr);
  }
  if (from.sa_family != AF_INET) return std::nullopt;
  sockaddr_in socket = {};
  std::memcpy(&socket, &from, sizeof(socket));
  const auto bytes = std::bit_cast<std::array<std::uint8_t, 4>>(socket.sin_addr);
  IpAddress address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::ranges::copy(bytes, address.begin() + 12);
  return address;
}

std::vector<IpAddress> ask_system(const std::string& name) {
  addrinfo wanted = {};
  wanted.ai_flags = AI_ADDRCONFIG;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<IpAddress> addresses;
  if (::getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
    if (const std::optional<IpAddress> address = to_address(*each->ai_addr))
      addresses.push_back(*address);
  ::freeaddrinfo(found);
  return addresses;
}

// The context of all connections of a client, made for the first of them.
class ClientTls final {
 public:
  Result<std::shared_ptr<const tls::TlsContext>> get() {
    static constexpr std::array<std::string_view, 2> kProtocols = {"h2", "http/1.1"};
    const std::lock_guard lock(mutex_);
    if (!context_) context_ = tls::TlsContext::of_client({}, kProtocols);
    return *context_;
  }

 private:
  std::mutex mutex_;
  std::optional<Result<std::shared_ptr<const tls::TlsContext>>> context_;
};

}  // namespace

Outgoing::Outgoing(std::vector<Grant> grants, Proxies proxies,
                   std::shared_ptr<const engine::Denials> denials, LookUp look_up)
    : grants_(std::move(grants)),
      proxies_(std::move(proxies)),
      denials_(std::move(denials)),
      look_up_(std::move(look_up)) {}

bool Outgoing::allows(const HttpTarget& target) const {
  const bool is_granted =
      std::ranges::any_of(grants_, [&](const Grant& grant) { return grant.allows(target); });
  if (!is_granted) denials_->add_request(deny(target, std::nullopt));
  return is_granted;
}

std::vector<IpAddress> Outgoing::look_up(const std::string& host) const {
  if (const std::optional<IpAddress> literal = parse_ip(host)) return {*literal};
  return is_local_name(host) ? local_addresses() : look_up_(host);
}

Result<std::vector<IpAddress>, engine::Unresolved> Outgoing::find_usable(
    const HttpTarget& target) const {
  const std::vector<IpAddress> found = look_up(target.host);
  if (found.empty()) return engine::Unresolved::UnknownHost;
  std::vector<IpAddress> usable;
  for (const IpAddress& address : found)
    if (is_public(address) || std::ranges::any_of(grants_, [&](const Grant& grant) {
          return grant.names(target, address);
        }))
      usable.push_back(address);
  if (!usable.empty()) return usable;
  denials_->add_request(deny(target, found.front()));
  return engine::Unresolved::Prohibited;
}

Result<engine::HttpRoute, engine::Unresolved> Outgoing::resolve(const HttpTarget& target) const {
  const Proxy* const proxy = proxies_.find(target);
  const bool is_address = parse_ip(target.host).has_value();
  // The proxy could read it as an address, and as another one than this machine would.
  if (proxy != nullptr && !is_address && !is_host_name(target.host))
    return engine::Unresolved::UnknownHost;
  // A proxy looks names up itself. An address is checked in any case.
  if (proxy == nullptr || is_address) {
    TENON_TRY(std::vector<IpAddress> addresses, find_usable(target));
    if (proxy == nullptr) return engine::HttpRoute{.addresses = std::move(addresses)};
  }
  engine::HttpRoute route = {
      .addresses = look_up(proxy->at.host),
      .proxy = engine::HttpProxy{.port = proxy->at.port, .authorization = proxy->authorization}};
  if (route.addresses.empty()) return engine::Unresolved::UnknownHost;
  return route;
}

std::string Outgoing::traceparent(const engine::CallTag* tag) const {
  const TraceContext context =
      tag != nullptr ? std::bit_cast<TraceContext>(*tag) : runtime::TraceScope::current();
  return context.span == 0 ? std::string() : print_traceparent(context);
}

std::shared_ptr<const engine::HttpClient> make_client(
    std::vector<Grant> grants, Proxies proxies, std::shared_ptr<const engine::Denials> denials) {
  const auto context = std::make_shared<ClientTls>();
  const engine::Tls tls([context] { return context->get(); });
  auto policy = std::make_shared<const Outgoing>(std::move(grants), std::move(proxies),
                                                 std::move(denials), ask_system);
  return std::make_shared<const engine::HttpClient>(std::move(policy), engine::HttpClientLimits(),
                                                    tls);
}

}  // namespace tenon::http
