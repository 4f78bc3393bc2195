// Grants of requests that guests send, as users write them (`allow-http`, `--allow-http`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/http_client.h"
#include "http/ip_address.h"
#include "tenon/result.h"

namespace tenon::http {

using engine::HttpTarget;

// [SCHEME://]HOST[:PORT], where HOST is `*`, a name, `*.NAME`, an address or a range of addresses.
struct Grant {
  std::optional<bool> is_https = {};  // absent: both
  enum class Kind : std::uint8_t {
    Any,         // every host
    Name,        // one name
    Subdomains,  // names below `name`, at any depth
    Addresses,   // of `range`
  } kind = Kind::Any;
  std::string name = {};  // in lower case
  IpRange range = {};
  enum class Ports : std::uint8_t {
    Usual,  // 80 for http, 443 for https
    One,
    All,
  } ports = Ports::Usual;
  std::uint16_t port = 0;  // One

  bool operator==(const Grant&) const = default;

  // Whether requests to the target are granted. Its addresses are checked separately (`names`).
  [[nodiscard]] bool allows(const HttpTarget& target) const;
  // Whether the grant names an address, for requests to the target: by itself, by a range, or a loopback
  // address by `localhost`.
  [[nodiscard]] bool names(const HttpTarget& target, const IpAddress& address) const;
};

// Whether a text names a host. The system would read others as addresses: `127.1`, `0x7f000001`.
[[nodiscard]] bool is_host_name(std::string_view text);

// Errors: config-value.
[[nodiscard]] Result<Grant> parse_grant(std::string_view text);
// As text that `parse_grant` reads.
[[nodiscard]] std::string print_grant(const Grant& grant);

}  // namespace tenon::http
