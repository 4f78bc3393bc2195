// A socket that one process passes to another over a socket of SOCK_SEQPACKET that they share. Nobody else
// can connect to it: it has no name.
#pragma once

#include <cstdint>

#include "support/descriptor.h"

namespace tenon::remote {

// Makes a pair of connected sockets, keeps one, and passes the other. Returns an end that is closed if
// that fails, and sets errno: EAGAIN, if the other process has not taken earlier ones.
[[nodiscard]] Descriptor pass_socket(int over);

struct PassedSocket {
  enum class State : std::uint8_t {
    Nothing,  // has arrived yet
    Message,
    End,  // the other process has closed its side, or is gone
  } state = State::Nothing;
  Descriptor socket{-1};  // of a message; closed if this process has no free descriptor
};

// Does not wait.
[[nodiscard]] PassedSocket receive_socket(int over);

}  // namespace tenon::remote
