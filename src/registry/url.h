// URLs of http and https. They are parsed strictly, so that libcurl cannot read another host into a
// URL than the one that was checked.
//
//   Result<Url, UrlError> url = parse_url("https://example.org/math.wasm");
//
// Source: RFC 3986, without user information and fragments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::registry {

enum class Scheme { Http, Https };

// The rule that a text breaks, as a predicate: "contains a user name".
struct UrlError {
  std::string reason;

  bool operator==(const UrlError&) const = default;
};

struct Url {
  Scheme scheme = Scheme::Https;
  std::string host;  // in lower case; an IPv6 address in brackets
  std::uint16_t port = 443;
  std::string path = "/";  // begins with `/`
  std::string query;       // the part after `?`

  bool operator==(const Url&) const = default;
};

// Converts ASCII letters to lower case.
[[nodiscard]] std::string lower(std::string_view text);

[[nodiscard]] Result<Url, UrlError> parse_url(std::string_view text);

// Parses HOST, HOST:PORT or [IPV6]:PORT, and nothing else. The default port is that of the scheme.
[[nodiscard]] Result<Url, UrlError> parse_authority(std::string_view text, Scheme scheme);

// Resolves the value of a `Location` or `Link` header in a response from `base`. A fragment is
// dropped.
[[nodiscard]] Result<Url, UrlError> resolve_location(const Url& base, std::string_view location);

// The text that `parse_url` accepts.
[[nodiscard]] std::string print_url(const Url& url);

// For messages: without the query, which may hold a secret.
[[nodiscard]] std::string show_url(const Url& url);

// Appends `name=value` to the query; `value` is percent-encoded.
void add_query(Url& url, std::string_view name, std::string_view value);

// Whether a host is this machine, decided by its text alone: `localhost`, 127.x.x.x or `[::1]`. No
// name is looked up, because a name server could answer with any address.
[[nodiscard]] bool is_loopback(std::string_view host);

[[nodiscard]] bool is_same_origin(const Url& a, const Url& b);

}  // namespace tenon::registry
