// Moves bytes between two processes over a bare socket: the baseline for tenon's figures of large
// values and streams between processes. The program forks, so both processes run before the
// measurement starts.
//
// Usage: socket_peer echo COUNT SIZE    COUNT times SIZE bytes there and back, over a Unix socket
//        socket_peer copy SIZE          SIZE bytes in one direction, over TCP
//
// Like a call of wRPC, each round trip of `echo` has a connection of its own: the client sends all bytes
// and ends its direction, then the server sends them back and closes. Prints the seconds of one round
// trip, or of the copy.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock = std::size_t{1} << 18;  // bytes of one system call of `copy`

void require(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(1);
}

// Where the server listens: an address that the system chooses.
struct Place {
  int family;
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
};

int open_socket(const Place& place) {
  const int socket = ::socket(place.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(socket >= 0, "socket");
  return socket;
}

int listen_at(Place& place) {
  const int socket = open_socket(place);
  sockaddr_storage any = {};
  any.ss_family = static_cast<sa_family_t>(place.family);
  socklen_t size = sizeof(sa_family_t);  // a Unix socket without a file
  if (place.family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(any).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(sockaddr_in);
  }
  require(::bind(socket, reinterpret_cast<const sockaddr*>(&any), size) == 0, "bind");
  require(::listen(socket, SOMAXCONN) == 0, "listen");
  require(::getsockname(socket, reinterpret_cast<sockaddr*>(&place.address), &place.size) == 0,
          "getsockname");
  return socket;
}

int connect_to(const Place& place) {
  const int socket = open_socket(place);
  require(::connect(socket, reinterpret_cast<const sockaddr*>(&place.address), place.size) == 0,
          "connect");
  return socket;
}

int accept_at(int listener) {
  const int socket = ::accept(listener, nullptr, nullptr);
  require(socket >= 0, "accept");
  return socket;
}

void send_all(int socket, const std::uint8_t* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    require(sent > 0, "send");
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

// Receives until the end of the connection. Fills `into` again and again from its beginning.
// Returns the number of bytes.
std::size_t receive_all(int socket, Bytes& into) {
  std::size_t count = 0;
  while (true) {
    const std::size_t at = count % into.size();
    const ssize_t received = ::recv(socket, into.data() + at, into.size() - at, 0);
    require(received >= 0, "recv");
    if (received == 0) return count;
    count += static_cast<std::size_t>(received);
  }
}

void require_count(std::size_t count, std::size_t size) {
  if (count == size) return;
  std::fprintf(stderr, "bytes were lost\n");
  std::exit(1);
}

void serve_echoes(int listener, std::size_t count, std::size_t size) {
  Bytes bytes(size);
  for (; count > 0; --count) {
    const int socket = accept_at(listener);
    require_count(receive_all(socket, bytes), size);
    send_all(socket, bytes.data(), size);
    ::close(socket);
  }
}

void echo(const Place& place, std::size_t count, std::size_t size) {
  Bytes bytes(size, 1);
  for (; count > 0; --count) {
    const int socket = connect_to(place);
    send_all(socket, bytes.data(), size);
    require(::shutdown(socket, SHUT_WR) == 0, "shutdown");
    require_count(receive_all(socket, bytes), size);
    ::close(socket);
  }
}

void serve_copy(int listener, std::size_t size) {
  const Bytes block(kBlock, 1);
  const int socket = accept_at(listener);
  for (; size > 0; size -= std::min(size, kBlock))
    send_all(socket, block.data(), std::min(size, kBlock));
  ::close(socket);
}

void copy(const Place& place, std::size_t size) {
  Bytes block(kBlock, 1);
  const int socket = connect_to(place);
  require_count(receive_all(socket, block), size);
  ::close(socket);
}

// Runs the server in a process of its own. Returns the seconds of the client.
template <typename Server, typename Client>
double measure(int family, Server server, Client client) {
  Place place{family};
  const int listener = listen_at(place);
  const pid_t child = ::fork();
  require(child >= 0, "fork");
  if (child == 0) {
    server(listener);
    std::exit(0);
  }
  ::close(listener);
  const Clock::time_point begin = Clock::now();
  client(place);
  const std::chrono::duration<double> elapsed = Clock::now() - begin;
  int status = 0;
  require(::waitpid(child, &status, 0) == child, "wait");
  if (status != 0) std::exit(1);
  return elapsed.count();
}

std::size_t parse(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
  double seconds = 0;
  if (argc == 4 && std::strcmp(argv[1], "echo") == 0) {
    const std::size_t count = parse(argv[2]);
    const std::size_t size = parse(argv[3]);
    seconds = measure(
        AF_UNIX, [=](int listener) { serve_echoes(listener, count, size); },
        [=](const Place& place) { echo(place, count, size); });
    seconds /= static_cast<double>(count);
  } else if (argc == 3 && std::strcmp(argv[1], "copy") == 0) {
    const std::size_t size = parse(argv[2]);
    seconds = measure(
        AF_INET, [=](int listener) { serve_copy(listener, size); },
        [=](const Place& place) { copy(place, size); });
  } else {
    std::fprintf(stderr, "usage: socket_peer echo COUNT SIZE\n       socket_peer copy SIZE\n");
    return 2;
  }
  std::printf("%.9f\n", seconds);
  return 0;
}
