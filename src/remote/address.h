// Where a peer is, as users write it:
//
//   tcp://host:port            over TLS: tls+tcp://host:port
//   unix:/run/shop.sock        a socket file; also unix:shop.sock
//   nats://host:port/prefix    over TLS: tls+nats://host:port/prefix
//
// `prefix` is where the subjects of NATS begin. Without a port, it is 7761 for wRPC and 4222 for
// NATS. Options can follow: `?peer=go`, the dialect of the peer; `?world=acme:shop/shop@1.0.0`, by which
// a peer of wRPC 0.17 names the functions at the root; and for NATS `?group=shop`, the queue group.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "remote/wire_values.h"
#include "tenon/result.h"

namespace tenon::remote {

struct Address {
  enum class Transport : std::uint8_t { Tcp, Unix, Nats };

  Transport transport = Transport::Tcp;
  bool has_tls = false;
  std::string host = {};   // Tcp, Nats: a name or an IP address, without brackets
  std::uint16_t port = 0;  // Tcp, Nats: 0 for a listener that takes any
  std::string path = {};   // Unix: of the socket file; Nats: the prefix of subjects, can be empty
  std::string group = {};  // Nats: empty for none
  std::string world = {};  // the name of functions at the root; empty: they have none
  std::string peer = {};   // as written: `go`, `0.17`, `0.18`; empty for the current one

  [[nodiscard]] Dialect dialect() const {
    const bool is_go = peer == "go";
    const bool has_frames = transport != Transport::Nats;
    return {.has_wide_flags = peer == "0.17",
            .has_char_numbers = is_go,
            .needs_padding = is_go,
            .has_short_reads = is_go && has_frames,
            .always_answers = is_go && has_frames,
            .is_foreign = !peer.empty()};
  }
  // Whether only this machine can connect to it: a socket file, or an address of the loopback
  // network. The name `localhost` counts, others are not looked up.
  [[nodiscard]] bool is_local() const;

  bool operator==(const Address&) const = default;
};

// Errors: remote-address, for each part that is wrong.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// Equal addresses give the same text, and parsing it gives the address back.
[[nodiscard]] std::string print_address(const Address& address);

}  // namespace tenon::remote
