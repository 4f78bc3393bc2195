#include "http/address.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::http {

namespace {

constexpr std::string_view kScheme = "http://";
constexpr const char* kExample = "127.0.0.1:8080";

Diagnostic refuse(std::string_view text, std::string_view why) {
  Diagnostic problem = make_diagnostic(Code::HttpAddress,
                                       "`{}` is not the address of an HTTP server: {}", text, why);
  problem.hints.push_back(
      fmt::format("write HOST:PORT, such as `{}`, `[::1]:8080` or `localhost:8080`", kExample));
  return problem;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_ipv6_character(char c) { return is_host_character(c) || c == ':' || c == '%'; }

bool is_port(std::string_view text) {
  constexpr unsigned kMost = 65535;
  if (text.empty() || text.size() > 5) return false;
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number <= kMost;
}

using Found = std::unique_ptr<addrinfo, decltype([](addrinfo* found) { ::freeaddrinfo(found); })>;

std::string print_url(std::string_view host, std::string_view port) {
  const bool is_ipv6 = host.find(':') != host.npos;
  return fmt::format("{}{}{}{}:{}", kScheme, is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port);
}

Diagnostic refuse_listener(const Address& address, std::string_view why, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::RemoteListen, "cannot listen at `{}`: {}",
                                       print_url(address.host, address.port), why);
  problem.hints.push_back(std::move(hint));
  return problem;
}

Result<Found> look_up(const Address& address) {
  const addrinfo wanted = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &found);
  if (error == 0) return Found(found);
  return refuse_listener(
      address, fmt::format("the host `{}` was not found: {}", address.host, ::gai_strerror(error)),
      fmt::format("use an address of this machine, such as `{}`", kExample));
}

// The port at which a socket listens.
std::string port_of(int socket) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  std::array<char, NI_MAXSERV> port = {};
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&bound), size, nullptr, 0, port.data(),
                    port.size(), NI_NUMERICSERV) != 0)
    return "0";
  return port.data();
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find("://") != rest.npos) return refuse(text, "only HTTP without TLS is supported");
  const std::size_t colon = rest.rfind(':');
  if (colon == rest.npos || colon + 1 == rest.size() || rest.ends_with(']'))
    return refuse(text, "it has no port");
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  if (!is_port(port)) return refuse(text, "its port is not a number from 0 to 65535");
  const bool has_brackets = host.starts_with('[') && host.ends_with(']');
  if (has_brackets) host = host.substr(1, host.size() - 2);
  if (host.empty()) return refuse(text, "it has no host");
  if (!std::ranges::all_of(host, has_brackets ? is_ipv6_character : is_host_character))
    return refuse(text, "its host is neither a name nor an IP address");
  return Address{.host = std::string(host), .port = std::string(port)};
}

Result<Listening> listen_at(const Address& address) {
  TENON_TRY(const Found found, look_up(address));
  Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  const bool listens =
      socket.is_open() &&
      ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
      ::bind(socket.number(), found->ai_addr, found->ai_addrlen) == 0 &&
      ::listen(socket.number(), SOMAXCONN) == 0;
  if (!listens) {
    const int error = errno;
    return refuse_listener(address, std::strerror(error),
                           error == EADDRINUSE
                               ? "stop the process that listens there, or choose another port"
                               : "choose another address");
  }
  std::string url = print_url(address.host, port_of(socket.number()));
  return Listening{.socket = std::move(socket), .url = std::move(url)};
}

}  // namespace tenon::http
