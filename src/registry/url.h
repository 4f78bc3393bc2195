// URLs of http and https: read strictly, so that what is checked is what is fetched.
//
//   Result<Url, UrlError> url = parse_url("https://example.org/math.wasm");
//
// Source: RFC 3986; no user information, no fragment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::registry {

enum class Scheme { Http, Https };

// Which rule a text breaks: "has a user in it".
struct UrlError {
  std::string reason;

  bool operator==(const UrlError&) const = default;
};

struct Url {
  Scheme scheme = Scheme::Https;
  std::string host;  // in lower case; an IPv6 address with its brackets
  std::uint16_t port = 443;
  std::string path = "/";  // begins with `/`
  std::string query;       // what follows `?`

  bool operator==(const Url&) const = default;
};

// With ASCII letters in lower case.
[[nodiscard]] std::string lower(std::string_view text);

[[nodiscard]] Result<Url, UrlError> parse_url(std::string_view text);

// HOST, HOST:PORT or [IPV6]:PORT, and nothing else. The port is that of the scheme where none is
// written.
[[nodiscard]] Result<Url, UrlError> parse_authority(std::string_view text, Scheme scheme);

// What a `Location` or a `Link` in the answer of `base` leads to; a fragment is dropped.
[[nodiscard]] Result<Url, UrlError> resolve_location(const Url& base, std::string_view location);

// The text that `parse_url` reads back.
[[nodiscard]] std::string print_url(const Url& url);

// For messages: without the query, which may hold a secret.
[[nodiscard]] std::string show_url(const Url& url);

// `name=value` at the end of the query, with what is special in `value` escaped.
void add_query(Url& url, std::string_view name, std::string_view value);

// Whether a host is this machine by its text alone: `localhost`, 127.x.x.x or `[::1]`.
[[nodiscard]] bool is_loopback(std::string_view host);

[[nodiscard]] bool is_same_origin(const Url& a, const Url& b);

}  // namespace tenon::registry
