// Files of Unix sockets that a server makes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

namespace tenon {

enum class SocketFileState : std::uint8_t {
  Free,
  Used,       // another process listens there
  OtherKind,  // it is a file of another kind
};

// Makes room for a socket file: removes one that a dead process has left.
[[nodiscard]] SocketFileState clear_socket_file(const std::string& path);

// A socket file that this process has made. It is removed at the end, unless another process has replaced it. Move-only.
class SocketFile final {
 public:
  SocketFile() = default;  // none
  // path: of the file, which exists.
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept { *this = std::move(other); }
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(node_, other.node_);
    return *this;
  }
  ~SocketFile();

  // Empty: none.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t node_ = 0;
};

}  // namespace tenon
