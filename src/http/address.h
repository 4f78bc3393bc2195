// Addresses of HTTP servers, as users write them: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", each also
// with "http://" before it.
#pragma once

#include <string>
#include <string_view>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::http {

struct Address {
  std::string host;  // a name or an IP address, without brackets
  std::string port;  // "0": any free one

  bool operator==(const Address&) const = default;
};

// Errors: http-address.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// A socket that listens.
struct Listening {
  Descriptor socket;
  std::string url;  // "http://127.0.0.1:8080", with the actual port
};

// Looks the host up, and listens at its first address. Errors: remote-listen.
[[nodiscard]] Result<Listening> listen_at(const Address& address);

}  // namespace tenon::http
