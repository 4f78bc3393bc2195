// Files of Unix sockets that a server makes.
#pragma once

#include <cstdint>
#include <string>

namespace tenon {

enum class SocketFileState : std::uint8_t {
  Free,
  Used,       // another process listens there
  OtherKind,  // it is a file of another kind
};

// Makes room for a socket file: removes one that a dead process has left.
[[nodiscard]] SocketFileState clear_socket_file(const std::string& path);

}  // namespace tenon
