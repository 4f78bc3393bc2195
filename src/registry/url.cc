#include "registry/url.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "support/try.h"

namespace tenon::registry {

namespace {

constexpr std::size_t kMaxBytes = 8192;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint16_t default_port(Scheme scheme) { return scheme == Scheme::Http ? 80 : 443; }

bool is_host_name(std::string_view host) {
  constexpr std::size_t kMaxHost = 253;  // RFC 1035, section 2.3.4, as text
  // A dot at the end would be another name of the same host.
  return !host.empty() && host.size() <= kMaxHost && is_alphanumeric(host.front()) &&
         is_alphanumeric(host.back()) && std::ranges::all_of(host, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
         });
}

bool is_ipv6(std::string_view bracketed) {
  if (bracketed.size() < 2 || !bracketed.starts_with('[') || !bracketed.ends_with(']'))
    return false;
  const std::string inner(bracketed.substr(1, bracketed.size() - 2));
  in6_addr address = {};
  return inet_pton(AF_INET6, inner.c_str(), &address) == 1;
}

// Whether every character is allowed in a path or query by RFC 3986. Brackets are not, but servers
// send them.
bool is_url_text(std::string_view text) {
  constexpr std::string_view kSpecial = "-._~!$&'()*+,;=:@/?%[]";
  for (const char c : text)
    if (!is_alphanumeric(c) && kSpecial.find(c) == kSpecial.npos) return false;
  return true;
}

Result<std::uint16_t, UrlError> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  if (read.ec != std::errc() || read.ptr != end || text.starts_with('0'))
    return UrlError{"has an invalid port: expected a number from 1 to 65535"};
  return port;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), to_lower);
  return lowered;
}

Result<Url, UrlError> parse_authority(std::string_view text, Scheme scheme) {
  if (text.find('@') != text.npos) return UrlError{"contains a user name"};
  Url url;
  url.scheme = scheme;
  url.port = default_port(scheme);
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = bracket == text.npos ? text.npos : text.find(':', bracket);
  url.host = lower(text.substr(0, colon));
  if (!is_host_name(url.host) && !is_ipv6(url.host))
    return UrlError{"has an invalid host: expected letters, digits, `-` and `.`"};
  if (colon != text.npos) {
    TENON_TRY(url.port, parse_port(text.substr(colon + 1)));
  }
  return url;
}

Result<Url, UrlError> parse_url(std::string_view text) {
  if (text.size() > kMaxBytes) return UrlError{fmt::format("is longer than {} bytes", kMaxBytes)};
  const std::size_t colon = text.find("://");
  const std::string scheme = lower(text.substr(0, colon == text.npos ? 0 : colon));
  if (scheme != "https" && scheme != "http")
    return UrlError{"does not begin with `https://` or `http://`"};
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  TENON_TRY(Url url,
            parse_authority(text.substr(0, end), scheme == "http" ? Scheme::Http : Scheme::Https));
  text.remove_prefix(end);
  if (text.find('#') != text.npos) return UrlError{"has a fragment (`#...`)"};
  if (!is_url_text(text)) return UrlError{"contains a character that must be percent-encoded"};
  const std::size_t question = text.find('?');
  if (const std::string_view path = text.substr(0, question); !path.empty()) url.path = path;
  if (question != text.npos) url.query = text.substr(question + 1);
  return url;
}

Result<Url, UrlError> resolve_location(const Url& base, std::string_view location) {
  location = location.substr(0, location.find('#'));
  const std::size_t scheme = location.find("://");
  if (scheme != location.npos && scheme < location.find_first_of("/?")) return parse_url(location);
  Url root = base;
  root.path.clear();
  root.query.clear();
  const std::string origin = print_url(root);
  if (location.starts_with("//"))
    return parse_url(
        fmt::format("{}{}", base.scheme == Scheme::Http ? "http:" : "https:", location));
  if (location.starts_with('/')) return parse_url(origin + std::string(location));
  if (location.starts_with('?')) return parse_url(origin + base.path + std::string(location));
  const std::string folder = base.path.substr(0, base.path.rfind('/') + 1);
  return parse_url(origin + folder + std::string(location));
}

std::string show_url(const Url& url) {
  std::string text =
      fmt::format("{}{}", url.scheme == Scheme::Http ? "http://" : "https://", url.host);
  if (url.port != default_port(url.scheme)) text += fmt::format(":{}", url.port);
  return text + url.path;
}

std::string print_url(const Url& url) {
  return url.query.empty() ? show_url(url) : fmt::format("{}?{}", show_url(url), url.query);
}

void add_query(Url& url, std::string_view name, std::string_view value) {
  if (!url.query.empty()) url.query += '&';
  url.query.append(name).append("=");
  for (const char c : value) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
      url.query += c;
    else
      url.query += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const std::string text(host);
  in_addr address = {};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

bool is_same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

}  // namespace tenon::registry
