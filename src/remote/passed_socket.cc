#include "remote/passed_socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tenon::remote {

namespace {

// The message of a socket is one byte; what it says does not matter.
struct Message {
  std::uint8_t byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control = {};
  msghdr header = {};

  Message() {
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
};

}  // namespace

Descriptor pass_socket(int over) {
  std::array<int, 2> pair = {};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return Descriptor(-1);
  Descriptor own(pair[0]);
  const Descriptor passed(pair[1]);
  Message message;
  cmsghdr* const head = CMSG_FIRSTHDR(&message.header);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(head), &pair[1], sizeof(int));
  for (;;) {
    if (::sendmsg(over, &message.header, MSG_NOSIGNAL | MSG_DONTWAIT) == 1) return own;
    if (errno != EINTR) return Descriptor(-1);
  }
}

PassedSocket receive_socket(int over) {
  Message message;
  for (;;) {
    const ssize_t size = ::recvmsg(over, &message.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    if (size <= 0) return {PassedSocket::State::End};
    PassedSocket received{PassedSocket::State::Message};
    const cmsghdr* const head = CMSG_FIRSTHDR(&message.header);
    if (head == nullptr || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
      return received;
    int socket = -1;
    std::memcpy(&socket, CMSG_DATA(head), sizeof(socket));
    received.socket = Descriptor(socket);
    return received;
  }
}

}  // namespace tenon::remote
