// Addresses of HTTP servers, as users write them:
//
//   127.0.0.1:8080, [::1]:8080, localhost:8080    each also with `http://` before it
//   https://localhost:8443                        over TLS
//   unix:/run/site.sock                           a socket file; `?mode=660` says who can connect
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "engine/http.h"
#include "support/descriptor.h"
#include "support/socket_file.h"
#include "tenon/result.h"

namespace tenon::http {

struct Address {
  std::string host;  // a name or an IP address, without brackets; empty: a socket file
  std::string port;  // "0": any free one
  bool has_tls = false;
  std::string path = {};  // of a socket file
  mode_t mode = 0600;     // of the file

  bool operator==(const Address&) const = default;
};

// Errors: http-address.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// A socket that listens.
struct Listening {
  Descriptor socket;
  engine::HttpServer::SocketKind kind = engine::HttpServer::SocketKind::Tcp;
  std::string url;       // "http://127.0.0.1:8080", with the actual port
  SocketFile file = {};  // that was made for it
};

// Looks the host up, and listens at its first address. A socket file that a dead process has left is replaced.
// Errors: remote-listen.
[[nodiscard]] Result<Listening> listen_at(const Address& address);
// A socket of systemd, or of another process that has started this one. Errors: remote-listen.
[[nodiscard]] Result<Listening> listen_on(int socket, bool has_tls);

}  // namespace tenon::http
