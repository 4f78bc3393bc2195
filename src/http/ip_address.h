// IP addresses and ranges of them, and which of them are those of the public internet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/http_client.h"

namespace tenon::http {

using engine::IpAddress;

// "192.0.2.1" or "2001:db8::1", without brackets and zone.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);
[[nodiscard]] std::string print_ip(const IpAddress& address);

// The addresses that begin with the same bits.
struct IpRange {
  IpAddress first = {};
  unsigned bits = 128;

  [[nodiscard]] bool contains(const IpAddress& address) const;
  bool operator==(const IpRange&) const = default;
};

// "10.0.0.0/8", "fd00::/8", or one address.
[[nodiscard]] std::optional<IpRange> parse_ip_range(std::string_view text);

[[nodiscard]] bool is_loopback(const IpAddress& address);
// Whether a name is this machine's, and no server is asked for it (RFC 6761, section 6.3).
[[nodiscard]] bool is_local_name(std::string_view name);

// Whether any machine on the internet could have the address. Not public: addresses of this machine and of
// private, local and shared networks, multicast addresses, those of services that clouds offer to their machines,
// and all that are reserved. An address that embeds an IPv4 address is judged by that one.
// Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry".
[[nodiscard]] bool is_public(const IpAddress& address);

}  // namespace tenon::http
