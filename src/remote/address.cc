#include "remote/address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/names.h"
#include "types/interface_name.h"

namespace tenon::remote {

namespace {

using Transport = Address::Transport;

struct Scheme {
  std::string_view name;
  Transport transport;
  bool has_tls;
};
constexpr Scheme kSchemes[] = {{"tcp", Transport::Tcp, false},
                               {"tls+tcp", Transport::Tcp, true},
                               {"unix", Transport::Unix, false},
                               {"nats", Transport::Nats, false},
                               {"tls+nats", Transport::Nats, true}};

constexpr std::array<std::string_view, 3> kPeers = {"go", "0.17", "0.18"};

std::uint16_t default_port(Transport transport) {
  return transport == Transport::Nats ? 4222 : 7761;
}

// The characters that separate the parts of an address, and quotes.
constexpr std::string_view kReserved = "/?#[]@:\\\"'`";

bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return c > ' ' && c < 0x7f && kReserved.find(c) == kReserved.npos;
  });
}

std::optional<in6_addr> read_ipv6(const std::string& host) {
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

// The text without the user and the password that it may have: messages go to logs.
std::string hide_credentials(std::string_view text) {
  const std::size_t slashes = text.find("://");
  if (slashes == text.npos) return std::string(text);
  const std::size_t begin = slashes + 3;
  const std::size_t at = text.substr(0, text.find_first_of("/?", begin)).rfind('@');
  if (at == text.npos || at < begin) return std::string(text);
  return std::string(text.substr(0, begin)) + std::string(text.substr(at + 1));
}

// NATS, "Subject-based messaging": tokens between dots, without wildcards and spaces.
bool is_subject(std::string_view subject) {
  return !subject.empty() && subject.front() != '.' && subject.back() != '.' &&
         subject.find("..") == subject.npos && std::ranges::all_of(subject, [](char c) {
           return c > ' ' && c < 0x7f && c != '*' && c != '>' && c != '/' && c != '?';
         });
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), shown_(hide_credentials(text)) {}

  Result<Address> parse() {
    std::string_view rest = text_;
    if (!take_scheme(rest)) return std::move(problems_);
    if (const std::size_t at = rest.find('?'); at != rest.npos) {
      take_options(rest.substr(at + 1));
      rest = rest.substr(0, at);
    }
    if (address_.transport == Transport::Unix)
      take_socket(rest);
    else
      take_server(rest);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(address_);
  }

 private:
  template <class... Args>
  Diagnostic& fail(fmt::format_string<Args...> format, Args&&... args) {
    return problems_.emplace_back(
        make_diagnostic(Code::RemoteAddress, "the address `{}` {}", shown_,
                        fmt::format(format, std::forward<Args>(args)...)));
  }

  bool take_scheme(std::string_view& rest) {
    const std::size_t colon = rest.find(':');
    const std::string_view name = rest.substr(0, colon);
    const auto* const scheme = std::ranges::find(kSchemes, name, &Scheme::name);
    if (colon == rest.npos || scheme == std::end(kSchemes)) {
      std::vector<std::string> names;
      for (const Scheme& known : kSchemes) names.emplace_back(known.name);
      const bool has_scheme = rest.find("://") == colon && colon != rest.npos;
      Diagnostic& problem = has_scheme ? fail("has the unknown scheme `{}`", name)
                                       : fail("does not begin with a scheme");
      problem.hints.push_back(
          has_scheme
              ? suggest_name(name, std::move(names), "schemes")
              : fmt::format("write `tcp://{}`, or `unix:` before the path of a socket file", rest));
      return false;
    }
    address_.transport = scheme->transport;
    address_.has_tls = scheme->has_tls;
    rest = rest.substr(colon + 1);
    return true;
  }

  void take_socket(std::string_view path) {
    if (path.starts_with("//")) {
      if (!path.starts_with("///")) {
        const std::string_view relative = path.substr(2);
        fail("has a host, which a socket file does not have")
            .hints.push_back(fmt::format("write `unix:{}` for the file `{}`", relative, relative));
        return;
      }
      path = path.substr(2);
    }
    constexpr std::size_t kLimit = sizeof(sockaddr_un::sun_path) - 1;
    if (path.empty())
      fail("has no path").hints.emplace_back("write it after the colon: `unix:/run/shop.sock`");
    else if (path.size() > kLimit)
      fail("has a path of {} bytes, and a socket file can have {}", path.size(), kLimit);
    else if (path.find('\0') != path.npos)
      fail("has a path with a zero byte");
    address_.path = path;
  }

  void take_server(std::string_view rest) {
    if (!rest.starts_with("//")) {
      fail("has no host")
          .hints.push_back(fmt::format("write two slashes after the colon: `{}//host:port`",
                                       text_.substr(0, text_.find(':') + 1)));
      return;
    }
    rest = rest.substr(2);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    take_prefix(rest.substr(slash));
    std::string_view server = rest.substr(0, slash);
    if (server.find('@') != server.npos) {
      // Whoever lists the processes of the machine would see them.
      fail("was written with a user or a password")
          .hints.emplace_back("put them into a credentials file");
      return;
    }
    take_host(server);
    take_port(server);
  }

  // Leaves what follows the host.
  void take_host(std::string_view& server) {
    if (server.starts_with('[')) {
      const std::size_t end = server.find(']');
      address_.host = server.substr(1, end == server.npos ? end : end - 1);
      if (end == server.npos || !read_ipv6(address_.host)) fail("has an invalid IPv6 address");
      server = end == server.npos ? std::string_view() : server.substr(end + 1);
      return;
    }
    if (std::ranges::count(server, ':') > 1) {
      const std::size_t last = server.rfind(':');
      fail("has more than one colon after the host")
          .hints.push_back(fmt::format("write an IPv6 address in brackets: `[{}]:{}`",
                                       server.substr(0, last), server.substr(last + 1)));
      server = {};
      return;
    }
    const std::size_t colon = std::min(server.find(':'), server.size());
    address_.host = server.substr(0, colon);
    server = server.substr(colon);
    if (address_.host.empty())
      fail("has no host");
    else if (!is_host(address_.host))
      fail("has the invalid host `{}`", address_.host);
  }

  void take_port(std::string_view text) {
    address_.port = default_port(address_.transport);
    if (text.empty()) return;
    const std::string_view digits = text.substr(1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address_.port);
    if (text.front() != ':' || digits.empty() || error != std::errc() ||
        end != digits.data() + digits.size())
      fail("has the invalid port `{}`", text.front() == ':' ? digits : text)
          .hints.emplace_back("a port is a number up to 65535");
  }

  void take_prefix(std::string_view path) {
    if (path.empty() || path == "/") return;
    const std::string_view prefix = path.substr(1);
    if (address_.transport == Transport::Tcp)
      fail("has the path `{}`, which only `nats` addresses have", path);
    else if (!is_subject(prefix))
      fail("has the prefix `{}`, which is not a subject of NATS", prefix)
          .hints.emplace_back("write words with dots between them, as in `eu.shop`");
    address_.path = prefix;
  }

  void take_options(std::string_view options) {
    while (!options.empty()) {
      const std::size_t end = std::min(options.find('&'), options.size());
      take_option(options.substr(0, end));
      options = options.substr(std::min(end + 1, options.size()));
    }
  }

  void take_option(std::string_view option) {
    const std::size_t equals = std::min(option.find('='), option.size());
    const std::string_view name = option.substr(0, equals);
    const std::string_view value = option.substr(std::min(equals + 1, option.size()));
    const bool is_nats = address_.transport == Transport::Nats;
    if (name == "peer") {
      if (std::ranges::find(kPeers, value) == kPeers.end())
        fail("has the unknown peer `{}`", value)
            .hints.push_back(suggest_name(value, {kPeers.begin(), kPeers.end()}, "peers"));
      address_.peer = value;
    } else if (name == "world") {
      const Result<types::ItemName> world = types::parse_item_name(value);
      if (!world || world->kind != types::NameKind::Interface)
        fail("has the invalid world `{}`", value)
            .hints.emplace_back("write its full name: `world=acme:shop/shop@1.0.0`");
      address_.world = value;
    } else if (name == "group" && is_nats) {
      if (!is_subject(value)) fail("has the invalid queue group `{}`", value);
      address_.group = value;
    } else if (name == "group") {
      fail("has the option `group`, which only `nats` addresses have");
    } else {
      std::vector<std::string> names = {"peer", "world"};
      if (is_nats) names.emplace_back("group");
      fail("has the unknown option `{}`", name)
          .hints.push_back(suggest_name(name, std::move(names), "options"));
    }
  }

  std::string_view text_;
  std::string shown_;  // for messages
  Address address_;
  Diagnostics problems_;
};

}  // namespace

bool Address::is_local() const {
  if (transport == Transport::Unix) return true;
  if (const std::optional<in6_addr> v6 = read_ipv6(host)) return IN6_IS_ADDR_LOOPBACK(&*v6);
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return host == "localhost";
}

Result<Address> parse_address(std::string_view text) { return Parser(text).parse(); }

std::string print_address(const Address& address) {
  const auto* const scheme = std::ranges::find_if(kSchemes, [&](const Scheme& known) {
    return known.transport == address.transport && known.has_tls == address.has_tls;
  });
  std::string text(scheme->name);
  if (address.transport == Transport::Unix) {
    text += ":" + address.path;
  } else {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    text +=
        fmt::format("://{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
    if (!address.path.empty()) text += "/" + address.path;
  }
  char separator = '?';
  for (const auto& [name, value] :
       {std::pair("peer", &address.peer), {"world", &address.world}, {"group", &address.group}}) {
    if (value->empty()) continue;
    text += fmt::format("{}{}={}", std::exchange(separator, '&'), name, *value);
  }
  return text;
}

}  // namespace tenon::remote
