#include "support/socket_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "support/descriptor.h"

namespace tenon {

namespace {

// Whether a process listens at a socket file, even if it accepts nothing at the moment.
bool is_used(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::ranges::copy(path, address.sun_path);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool is_refused = socket.is_open() &&
                          ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address),
                                    sizeof(address)) != 0 &&
                          errno == ECONNREFUSED;
  return !is_refused;
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat made = {};
  if (::lstat(path_.c_str(), &made) != 0) return;
  device_ = made.st_dev;
  node_ = made.st_ino;
}

SocketFile::~SocketFile() {
  struct stat found = {};
  if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ &&
      found.st_ino == node_)
    (void)::unlink(path_.c_str());
}

SocketFileState clear_socket_file(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return SocketFileState::Free;
  if (!S_ISSOCK(status.st_mode)) return SocketFileState::OtherKind;
  if (is_used(path)) return SocketFileState::Used;
  (void)::unlink(path.c_str());
  return SocketFileState::Free;
}

}  // namespace tenon
