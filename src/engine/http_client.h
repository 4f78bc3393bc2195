// Requests that guests send by wasi:http.
//
//   const auto client = std::make_shared<const HttpClient>(policy, limits, tls);
//   Store::open(engine, {.has_http = true, .http_client = client});
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/raw_call.h"
#include "engine/tls.h"
#include "tenon/result.h"

namespace tenon::engine {

// IPv6; an IPv4 address is the one that IPv6 maps it to, ::ffff:a.b.c.d.
using IpAddress = std::array<std::uint8_t, 16>;

// Where a request goes.
struct HttpTarget {
  bool is_https = false;
  std::string host = {};  // a name in lower case, or an IP address without brackets
  std::uint16_t port = 0;

  bool operator==(const HttpTarget&) const = default;
};

// A proxy that requests of `http` are sent to, and that opens tunnels for `https`.
struct HttpProxy {
  std::uint16_t port = 0;
  std::string authorization = {};  // the value of `Proxy-Authorization`; empty: none
};

// How a target is reached.
struct HttpRoute {
  std::vector<IpAddress> addresses;     // not empty
  std::optional<HttpProxy> proxy = {};  // whose addresses they are; absent: the target's
};

enum class Unresolved : std::uint8_t { UnknownHost, Prohibited };

// Decides where requests can go. Thread: any, several at once.
class HttpPolicy {
 public:
  HttpPolicy() = default;
  HttpPolicy(const HttpPolicy&) = delete;
  HttpPolicy& operator=(const HttpPolicy&) = delete;
  virtual ~HttpPolicy() = default;

  // Whether a request can be sent there. Called for each request.
  [[nodiscard]] virtual bool allows(const HttpTarget& target) const = 0;
  // Looks up the addresses by which a target can be reached. Called for each new connection, which is made
  // to none but these. Can block.
  [[nodiscard]] virtual Result<HttpRoute, Unresolved> resolve(const HttpTarget& target) const = 0;
  // The value of `traceparent` for a request; empty: none. Called while its guest runs.
  // tag: of the calls in progress in the guest's store; null if they have several, or none.
  [[nodiscard]] virtual std::string traceparent(const CallTag* tag) const = 0;
};

struct HttpClientLimits {
  std::size_t connections = 64;  // at once; requests wait for one as long as for a connection
  std::uint32_t header_bytes = 64 * 1024;  // of a response
  // The most that guests can ask for, and what they get if they ask for nothing.
  std::uint64_t connect_ms = 60'000;  // from the look-up of the name to the end of TLS's handshake
  std::uint64_t first_byte_ms = 600'000;
  std::uint64_t between_bytes_ms = 600'000;
  std::uint64_t idle_ms = 30'000;  // for the next request on a connection
};

// Sends requests, and keeps connections for later ones. Stores that have it can outlive it. Thread: any.
class HttpClient final {
 public:
  struct Impl;

  // tls: for `https`.
  HttpClient(std::shared_ptr<const HttpPolicy> policy, const HttpClientLimits& limits,
             const Tls& tls);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<const Impl> impl_;
};

}  // namespace tenon::engine
