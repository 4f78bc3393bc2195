#include "http/proxy.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

#include "http/path.h"
#include "support/base64.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::http {

namespace {

constexpr std::uint16_t kUsualPort = 80;
constexpr std::string_view kScheme = "http://";

// Where a value comes from, for messages.
struct Setting {
  std::string variable;
  std::string value;
};

// Without the value, which can hold a password.
Diagnostic refuse(const Setting& setting, std::string_view rule) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "the proxy of the variable `{}` {}",
                                       setting.variable, rule);
  problem.hints.emplace_back(
      "write [http://][USER[:PASSWORD]@]HOST[:PORT], or leave out `http-proxy`");
  return problem;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return text;
}

// An empty value is that of an absent variable.
std::optional<Setting> find_setting(const Proxies::Variable& variable, std::string name) {
  if (std::optional<std::string> value = variable(name)) {
    if (value->empty()) return std::nullopt;
    return Setting{std::move(name), *std::move(value)};
  }
  std::string capital = upper(name);
  // A web server gives programs that it starts the field `Proxy` of a client as HTTP_PROXY (CVE-2016-5385).
  if (capital == "HTTP_PROXY" && variable("REQUEST_METHOD")) return std::nullopt;
  std::optional<std::string> value = variable(capital);
  if (!value || value->empty()) return std::nullopt;
  return Setting{std::move(capital), *std::move(value)};
}

// user: USER[:PASSWORD], each percent-encoded.
Result<std::string> authorize(const Setting& setting, std::string_view user) {
  const std::size_t colon = std::min(user.find(':'), user.size());
  const auto name = decode_percent(user.substr(0, colon));
  const auto password = decode_percent(user.substr(std::min(colon + 1, user.size())));
  if (!name || !password) return refuse(setting, "has a user that is not percent-encoded");
  const std::string pair = *name + ":" + *password;
  return "Basic " +
         encode_base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
}

Result<Proxy> parse_proxy(const Setting& setting) {
  std::string_view rest = setting.value;
  if (const std::size_t end = rest.find("://"); end != rest.npos) {
    if (lower(rest.substr(0, end + 3)) != kScheme)
      return refuse(setting, "has another scheme than `http`");
    rest.remove_prefix(kScheme.size());
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  Proxy proxy;
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    TENON_TRY(proxy.authorization, authorize(setting, rest.substr(0, at)));
    rest.remove_prefix(at + 1);
  }
  const Result<Grant> place = parse_grant(rest);
  const bool is_one = place && !place->is_https && place->ports != Grant::Ports::All &&
                      (place->kind == Grant::Kind::Name ||
                       (place->kind == Grant::Kind::Addresses && place->range.bits == 128));
  if (!is_one) return refuse(setting, "does not name a host");
  proxy.at.host = place->kind == Grant::Kind::Name ? place->name : print_ip(place->range.first);
  proxy.at.port = place->ports == Grant::Ports::One ? place->port : kUsualPort;
  return proxy;
}

// With its colon; empty: there is none.
std::string_view port_of(std::string_view entry) {
  const std::size_t close = entry.find(']');
  const std::size_t colon = entry.rfind(':');
  if (colon == entry.npos) return {};
  const bool is_after_host = close == entry.npos ? entry.find(':') == colon : colon > close;
  return is_after_host ? entry.substr(colon) : std::string_view();
}

// Adds what an entry of `no_proxy` covers.
void add_direct(std::string_view entry, std::vector<Grant>& direct) {
  while (entry.starts_with(' ')) entry.remove_prefix(1);
  while (entry.ends_with(' ')) entry.remove_suffix(1);
  std::string_view port = port_of(entry);
  std::string_view host = entry.substr(0, entry.size() - port.size());
  if (port.empty()) port = ":*";
  const auto add = [&](std::string text) {
    if (Result<Grant> grant = parse_grant(text.append(port))) direct.push_back(*std::move(grant));
  };
  if (host.starts_with('.')) return add("*" + std::string(host));
  const bool is_ipv6 = host.find(':') != host.npos && !host.starts_with('[');
  add(is_ipv6 ? "[" + std::string(host) + "]" : std::string(host));
  if (!is_ipv6 && !host.starts_with('*') && !parse_ip_range(host)) add("*." + std::string(host));
}

bool is_this_machine(const HttpTarget& target) {
  const std::optional<IpAddress> address = parse_ip(target.host);
  return address ? is_loopback(*address) : is_local_name(target.host);
}

}  // namespace

Result<Proxies> Proxies::read(const Variable& variable) {
  Proxies proxies;
  Diagnostics problems;
  const auto find = [&](std::string name) -> std::optional<Proxy> {
    std::optional<Setting> setting = find_setting(variable, std::move(name));
    if (!setting) setting = find_setting(variable, "all_proxy");
    if (!setting) return std::nullopt;
    Result<Proxy> proxy = parse_proxy(*setting);
    if (proxy) return *std::move(proxy);
    problems.insert(problems.end(), proxy.error().begin(), proxy.error().end());
    return std::nullopt;
  };
  proxies.http_ = find("http_proxy");
  proxies.https_ = find("https_proxy");
  if (!problems.empty()) return problems;
  const std::optional<Setting> direct = find_setting(variable, "no_proxy");
  std::string_view rest = direct ? std::string_view(direct->value) : std::string_view();
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    add_direct(rest.substr(0, comma), proxies.direct_);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return proxies;
}

Result<Proxies> Proxies::of_process() {
  return read([](const std::string& name) -> std::optional<std::string> {
    const char* const value = ::secure_getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  });
}

const Proxy* Proxies::find(const HttpTarget& target) const {
  const std::optional<Proxy>& proxy = target.is_https ? https_ : http_;
  if (!proxy || is_this_machine(target)) return nullptr;
  const bool is_direct =
      std::ranges::any_of(direct_, [&](const Grant& grant) { return grant.allows(target); });
  return is_direct ? nullptr : &*proxy;
}

}  // namespace tenon::http
