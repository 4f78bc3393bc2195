#include "http/grant.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "http/path.h"
#include "support/diagnostics.h"

namespace tenon::http {

namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kLocalhost = "localhost";
constexpr std::string_view kAnySubdomain = "*.";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kMostNameBytes = 253;  // RFC 1035, section 2.3.4
constexpr std::size_t kMostLabelBytes = 63;

Diagnostic refuse_grant(std::string_view text, std::string_view rule) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "the grant of HTTP requests `{}` {}", text, rule);
  problem.hints.emplace_back(
      "write [SCHEME://]HOST[:PORT], such as `api.example.com`, `*.example.org`, `localhost:8080` "
      "or "
      "`10.0.0.0/8:8080`");
  return problem;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMostLabelBytes &&
         std::ranges::all_of(label, is_label_character);
}

// Why a text is not the name of a host; empty: it is one.
std::string_view find_fault(std::string_view name) {
  if (name.empty()) return "does not name a host";
  if (name.size() > kMostNameBytes) return "has a name of more than 253 characters";
  std::string_view label;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    label = rest.substr(0, dot);
    if (!is_label(label))
      return "has a name with other characters than letters, digits, `-`, `_` and single dots";
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    if (rest.empty() && name.ends_with('.')) return "has a name with two dots at its end";
  }
  // The system would read `127.1` and `0x7f000001` as addresses.
  if (is_digit(label.front())) return "has neither a name nor an IP address before its port";
  return {};
}

struct Parts {
  std::string_view host;
  std::string_view port;  // with its colon
  bool is_bracketed = false;
};

// An IPv6 address without a port needs no brackets.
Result<Parts, std::string_view> split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return std::string_view("has an unclosed bracket");
    std::size_t end = close + 1;
    // `[fd00::]/8:8080`
    if (end < text.size() && text[end] == '/') end = std::min(text.find(':', end), text.size());
    return Parts{text.substr(0, end), text.substr(end), true};
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon != text.rfind(':')) return Parts{text, {}};
  return Parts{text.substr(0, colon), text.substr(colon)};
}

std::string_view read_port(std::string_view text, Grant& grant) {
  if (text.empty()) return {};
  if (text == ":*") {
    grant.ports = Grant::Ports::All;
    return {};
  }
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + 1, end, grant.port);
  if (text.front() != ':' || error != std::errc() || read != end || grant.port == 0)
    return "has no port between 1 and 65535, and not `*`";
  grant.ports = Grant::Ports::One;
  return {};
}

// host: with its brackets.
std::string_view read_host(std::string host, bool is_bracketed, Grant& grant) {
  if (is_bracketed) std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  if (const std::optional<IpRange> range = parse_ip_range(host)) {
    grant.kind = Grant::Kind::Addresses;
    grant.range = *range;
    return {};
  }
  if (is_bracketed) return "has no IPv6 address in its brackets";
  if (host.find('/') != host.npos)
    return "ends with a path: all paths of a host are granted together, and a range of addresses "
           "has "
           "the form `10.0.0.0/8`";
  if (host.find('@') != host.npos) return "has a user";
  if (host == "*") return {};
  grant.kind = Grant::Kind::Name;
  if (host.starts_with(kAnySubdomain)) {
    grant.kind = Grant::Kind::Subdomains;
    host.erase(0, kAnySubdomain.size());
  }
  if (host.ends_with('.')) host.pop_back();
  grant.name = std::move(host);
  if (grant.name.find('*') != grant.name.npos)
    return "has a `*` that is neither the whole host nor its first part";
  return find_fault(grant.name);
}

}  // namespace

bool is_host_name(std::string_view text) { return find_fault(text).empty(); }

bool Grant::allows(const HttpTarget& target) const {
  if (is_https && *is_https != target.is_https) return false;
  const std::uint16_t usual = target.is_https ? kHttpsPort : kHttpPort;
  if (ports != Ports::All && target.port != (ports == Ports::One ? port : usual)) return false;
  const std::optional<IpAddress> address = parse_ip(target.host);
  switch (kind) {
    case Kind::Any:
      return true;
    case Kind::Name:
      return target.host == name || (name == kLocalhost && address && is_loopback(*address));
    case Kind::Subdomains:
      return !address && target.host.size() > name.size() + 1 && target.host.ends_with(name) &&
             target.host[target.host.size() - name.size() - 1] == '.';
    case Kind::Addresses:
      return address && range.contains(*address);
  }
  return false;
}

bool Grant::names(const HttpTarget& target, const IpAddress& address) const {
  const bool is_named = kind == Kind::Addresses || (kind == Kind::Name && name == kLocalhost);
  return is_named && allows({target.is_https, print_ip(address), target.port});
}

Result<Grant> parse_grant(std::string_view text) {
  Grant grant;
  const std::string lowered = lower(text);
  std::string_view rest = lowered;
  for (const std::string_view scheme : {kHttp, kHttps})
    if (rest.starts_with(scheme)) {
      grant.is_https = scheme == kHttps;
      rest.remove_prefix(scheme.size());
      break;
    }
  if (rest.find("://") != rest.npos)
    return refuse_grant(text, "has a scheme other than `http` and `https`");
  const Result<Parts, std::string_view> parts = split(rest);
  if (!parts) return refuse_grant(text, parts.error());
  if (const std::string_view fault = read_port(parts->port, grant); !fault.empty())
    return refuse_grant(text, fault);
  if (const std::string_view fault =
          read_host(std::string(parts->host), parts->is_bracketed, grant);
      !fault.empty())
    return refuse_grant(text, fault);
  // As for the network, `*` alone grants everything.
  if (grant.kind == Grant::Kind::Any && grant.ports == Grant::Ports::Usual && !grant.is_https)
    grant.ports = Grant::Ports::All;
  return grant;
}

std::string print_grant(const Grant& grant) {
  std::string text;
  if (grant.is_https) text += *grant.is_https ? kHttps : kHttp;
  switch (grant.kind) {
    case Grant::Kind::Any:
      text += '*';
      break;
    case Grant::Kind::Name:
      text += grant.name;
      break;
    case Grant::Kind::Subdomains:
      text += fmt::format("*.{}", grant.name);
      break;
    case Grant::Kind::Addresses: {
      const std::string address = print_ip(grant.range.first);
      const bool is_ipv6 = address.find(':') != address.npos;
      text += is_ipv6 ? fmt::format("[{}]", address) : address;
      if (grant.range.bits != 128)
        text += fmt::format("/{}", grant.range.bits - (is_ipv6 ? 0 : 96));
      break;
    }
  }
  if (grant.ports == Grant::Ports::One) text += fmt::format(":{}", grant.port);
  if (grant.ports == Grant::Ports::All) text += ":*";
  return text;
}

}  // namespace tenon::http
