#include <charconv>

#include "http/grant.h"
#include "http/outgoing.h"
#include "link/domain_settings.h"
#include "support/diagnostics.h"

namespace tenon {

namespace {
constexpr std::string_view kReadOnly = "ro:";
constexpr std::string_view kReadWrite = "rw:";
}  // namespace

Result<Grants::Directory> Grants::parse_directory(std::string_view text) {
  Grants::Directory grant;
  std::string_view rest = text;
  if (rest.starts_with(kReadOnly) || rest.starts_with(kReadWrite)) {
    grant.writable = rest.starts_with(kReadWrite);
    rest.remove_prefix(kReadOnly.size());
  }
  const std::size_t separator = rest.find("::");
  grant.host = std::string(rest.substr(0, separator));
  grant.guest = separator == rest.npos ? grant.host : std::string(rest.substr(separator + 2));
  if (grant.host.empty() || grant.guest.empty()) {
    Diagnostic problem =
        make_diagnostic(Code::ConfigValue, "the directory grant `{}` names no directory", text);
    problem.hints.push_back("write [ro:|rw:]HOST[::GUEST], such as ro:./data::/data");
    return problem;
  }
  return grant;
}

Result<void> Grants::check_network(std::string_view text) {
  Result<engine::NetworkGrant> grant = link::parse_network_grant(text);
  if (!grant) return std::move(grant).error();
  return {};
}

Result<void> Grants::check_http(std::string_view text) {
  Result<http::Grant> grant = http::parse_grant(text);
  if (!grant) return std::move(grant).error();
  return {};
}

}  // namespace tenon

namespace tenon::link {

namespace {

Diagnostic bad_network(std::string_view text, std::string_view rule) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "the network grant `{}` {}", text, rule);
  problem.hints.push_back("write HOST, HOST:PORT, [IPV6]:PORT, or * for everything");
  return problem;
}

engine::Stdio to_engine(Stdio stdio) {
  switch (stdio) {
    case Stdio::None:
      return engine::Stdio::None;
    case Stdio::Output:
      return engine::Stdio::Output;
    case Stdio::Inherit:
      return engine::Stdio::Inherit;
  }
  return engine::Stdio::None;
}

}  // namespace

Result<engine::NetworkGrant> parse_network_grant(std::string_view text) {
  engine::NetworkGrant grant;
  std::string_view host = text;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == host.npos) return bad_network(text, "has an unclosed bracket");
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
  } else if (std::size_t colon = host.find(':'); colon == host.rfind(':') && colon != host.npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) return bad_network(text, "does not name a host");
  grant.host = std::string(host);
  if (port.empty()) return grant;
  std::uint16_t number = 0;
  const char* const end = port.data() + port.size();
  const auto [read, error] = std::from_chars(port.data() + 1, end, number);
  if (port.front() != ':' || error != std::errc() || read != end || number == 0)
    return bad_network(text, "has no port between 1 and 65535");
  grant.port = number;
  return grant;
}

bool is_empty(const Grants& grants) {
  const auto& [dirs, env, net, http, http_proxy, args, stdio] = grants;
  return dirs.empty() && env.empty() && net.empty() && http.empty() && args.empty() &&
         stdio == Stdio::None;
}

Result<std::shared_ptr<const engine::HttpClient>> make_http_client(
    const Grants& grants, std::shared_ptr<const engine::Denials> denials) {
  std::vector<http::Grant> granted;
  Diagnostics problems;
  for (const std::string& text : grants.http) {
    Result<http::Grant> grant = http::parse_grant(text);
    if (grant)
      granted.push_back(*std::move(grant));
    else
      problems.insert(problems.end(), grant.error().begin(), grant.error().end());
  }
  Result<http::Proxies> proxies =
      grants.http_proxy ? http::Proxies::of_process() : Result<http::Proxies>(http::Proxies());
  if (!proxies) problems.insert(problems.end(), proxies.error().begin(), proxies.error().end());
  if (!problems.empty()) return problems;
  return http::make_client(std::move(granted), *std::move(proxies), std::move(denials));
}

Result<engine::Grants> engine_grants(const Grants& grants, std::string_view program,
                                     const std::map<std::string, std::string>& folders) {
  engine::Grants granted;
  Diagnostics problems;
  granted.args.emplace_back(program);
  granted.args.insert(granted.args.end(), grants.args.begin(), grants.args.end());
  for (const auto& [name, value] : grants.env) granted.environment.push_back({name, value});
  for (const Grants::Directory& dir : grants.dirs) {
    const auto noted = folders.find(dir.host);
    granted.directories.push_back(
        {dir.host, dir.guest,
         dir.writable ? engine::DirectoryAccess::ReadWrite : engine::DirectoryAccess::ReadOnly,
         noted != folders.end() ? noted->second : std::string()});
  }
  for (const std::string& text : grants.net) {
    Result<engine::NetworkGrant> net = parse_network_grant(text);
    if (net) {
      granted.network.push_back(*std::move(net));
    } else {
      problems.insert(problems.end(), net.error().begin(), net.error().end());
    }
  }
  granted.stdio = to_engine(grants.stdio);
  if (!problems.empty()) return problems;
  return granted;
}

}  // namespace tenon::link
