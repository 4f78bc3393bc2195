#include "http/address.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include "support/diagnostics.h"
#include "support/socket_file.h"
#include "support/try.h"

namespace tenon::http {

namespace {

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kEncrypted = "https://";
constexpr std::string_view kFile = "unix:";
constexpr const char* kExample = "127.0.0.1:8080";

Diagnostic refuse(std::string_view text, std::string_view why) {
  Diagnostic problem = make_diagnostic(Code::HttpAddress,
                                       "`{}` is not the address of an HTTP server: {}", text, why);
  problem.hints.push_back(
      fmt::format("write HOST:PORT, such as `{}`, `[::1]:8080` or `localhost:8080`; with TLS "
                  "`https://HOST:PORT`; for a socket file `unix:/run/site.sock`",
                  kExample));
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

std::string print_url(const Address& address) {
  if (address.host.empty()) return fmt::format("{}{}", kFile, address.path);
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", address.has_tls ? kEncrypted : kPlain, is_ipv6 ? "[" : "",
                     address.host, is_ipv6 ? "]" : "", address.port);
}

Diagnostic refuse_listener(const Address& address, std::string_view why, std::string hint) {
  Diagnostic problem =
      make_diagnostic(Code::RemoteListen, "cannot listen at `{}`: {}", print_url(address), why);
  problem.hints.push_back(std::move(hint));
  return problem;
}

Result<Found> look_up(const Address& address) {
  addrinfo wanted = {};
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &found);
  if (error == 0) return Found(found);
  return refuse_listener(
      address, fmt::format("the host `{}` was not found: {}", address.host, ::gai_strerror(error)),
      fmt::format("use an address of this machine, such as `{}`", kExample));
}

// The host and the port at which a socket listens.
std::pair<std::string, std::string> read_name(int socket) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  std::array<char, NI_MAXHOST> host = {};
  std::array<char, NI_MAXSERV> port = {};
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&bound), size, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {"unknown", "0"};
  return {host.data(), port.data()};
}

Result<Address> parse_file(std::string_view text) {
  Address address;
  std::string_view path = text.substr(kFile.size());
  if (const std::size_t options = path.find('?'); options != path.npos) {
    constexpr std::string_view kMode = "mode=";
    const std::string_view option = path.substr(options + 1);
    const std::string_view digits = option.substr(std::min(kMode.size(), option.size()));
    if (!option.starts_with(kMode) || digits.size() != 3 ||
        !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '7'; }))
      return refuse(text, "only `?mode=` with three octal digits can follow the path");
    address.mode = 0;
    for (const char digit : digits)
      address.mode = address.mode * 8 + static_cast<mode_t>(digit - '0');
    path = path.substr(0, options);
  }
  if (path.starts_with("///")) path.remove_prefix(2);
  if (path.starts_with("//")) return refuse(text, "a socket file has no host");
  if (path.empty()) return refuse(text, "it has no path");
  constexpr std::size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kMost)
    return refuse(text, fmt::format("its path has {} bytes, and a socket file can have {}",
                                    path.size(), kMost));
  if (path.find('\0') != path.npos) return refuse(text, "its path has a zero byte");
  address.path = path;
  return address;
}

Result<Listening> listen_at_file(const Address& address) {
  switch (clear_socket_file(address.path)) {
    case SocketFileState::Used:
      return refuse_listener(address, "another process listens there",
                             "stop that process, or choose another path");
    case SocketFileState::OtherKind:
      return refuse_listener(address, "a file of another kind has this name",
                             "choose another path");
    case SocketFileState::Free:
      break;
  }
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  std::ranges::copy(address.path, name.sun_path);
  // Nothing that can fail comes after the file has been made.
  Listening made{.socket = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                 .kind = engine::HttpServer::SocketKind::File,
                 .url = print_url(address)};
  std::string path = address.path;
  const Descriptor& socket = made.socket;
  // No process can connect before the socket listens.
  const bool listens =
      socket.is_open() &&
      ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0 &&
      ::chmod(address.path.c_str(), address.mode) == 0 && ::listen(socket.number(), SOMAXCONN) == 0;
  if (!listens)
    return refuse_listener(address, std::strerror(errno),
                           "choose a path in a folder that this process can write to");
  made.file = SocketFile(std::move(path));
  return made;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with(kFile)) return parse_file(text);
  std::string_view rest = text;
  const bool has_tls = rest.starts_with(kEncrypted);
  if (has_tls)
    rest.remove_prefix(kEncrypted.size());
  else if (rest.starts_with(kPlain))
    rest.remove_prefix(kPlain.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find("://") != rest.npos) return refuse(text, "its scheme is neither HTTP nor HTTPS");
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
  return Address{.host = std::string(host), .port = std::string(port), .has_tls = has_tls};
}

Result<Listening> listen_at(const Address& address) {
  if (address.host.empty()) return listen_at_file(address);
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
  Address actual = address;
  actual.port = read_name(socket.number()).second;
  return Listening{.socket = std::move(socket), .url = print_url(actual)};
}

Result<Listening> listen_on(int number, bool has_tls) {
  Descriptor socket(number);
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  int listens = 0;
  socklen_t listens_size = sizeof(listens);
  const bool is_stream_listener =
      ::getsockname(number, reinterpret_cast<sockaddr*>(&bound), &size) == 0 &&
      ::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) == 0 && listens != 0;
  const int family = bound.ss_family;
  Address address{.host = {}, .port = {}, .has_tls = has_tls};
  if (is_stream_listener && family == AF_UNIX) {
    if (has_tls)
      return refuse_listener(address, "a socket file is not encrypted",
                             "name it `http` in `FileDescriptorName=`");
    const auto& name = reinterpret_cast<const sockaddr_un&>(bound);
    const std::size_t length = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
    address.path.assign(name.sun_path, ::strnlen(name.sun_path, length));
    return Listening{.socket = std::move(socket),
                     .kind = engine::HttpServer::SocketKind::File,
                     .url = print_url(address)};
  }
  if (is_stream_listener && (family == AF_INET || family == AF_INET6)) {
    std::tie(address.host, address.port) = read_name(number);
    return Listening{.socket = std::move(socket), .url = print_url(address)};
  }
  Diagnostic problem = make_diagnostic(
      Code::RemoteListen,
      "cannot answer HTTP at descriptor {}: it is not a socket of TCP or a file that listens",
      number);
  problem.hints.emplace_back("pass a socket of `ListenStream=` in a systemd socket unit");
  return problem;
}

}  // namespace tenon::http
