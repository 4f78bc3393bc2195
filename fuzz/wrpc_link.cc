// Property: the bytes of a shared connection are either refused with a reason, or are messages of calls.
// The calls that they begin are as many and have the same data in whichever pieces the bytes come.
//
// The first byte says who reads, and the size of the pieces.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "remote/reactor.h"
#include "remote/socket_link.h"
#include "require.h"

namespace {

using namespace tenon;
using namespace tenon::remote;

constexpr std::size_t kMostBytes = 4096;  // which fit in the buffer of a socket
constexpr std::size_t kMostCalls = 256;
constexpr std::uint32_t kClientCalls = 3;

struct Outcome {
  std::string failure;
  std::map<std::uint32_t, std::pair<Bytes, std::string>> calls;  // data and failure

  bool operator==(const Outcome&) const = default;
};

Outcome read(Reactor& reactor, bool is_server, std::span<const std::uint8_t> bytes,
             std::size_t step) {
  int ends[2] = {-1, -1};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  const Descriptor peer(ends[0]);
  const auto ignore = [] {};
  const auto socket =
      std::make_shared<SocketConnection>(reactor, Descriptor(ends[1]), AF_UNIX, nullptr, ignore);
  const auto link = std::make_shared<SocketLink>();
  std::map<std::uint32_t, std::shared_ptr<Connection>> calls;
  if (is_server) {
    const auto on_call = [&](std::uint32_t number) {
      require(
          calls.emplace(number, std::make_shared<LinkedConnection>(link, number, ignore)).second);
    };
    link->serve(socket, {}, on_call, ignore);
  } else {
    link->open(socket, 1, ignore);
    for (std::uint32_t i = 1; i <= kClientCalls; ++i)
      calls.emplace(i, SocketLink::connect(link, ignore));
  }
  while (!bytes.empty() && !link->is_closed()) {
    const std::size_t size = std::min(step, bytes.size());
    require(::send(peer.number(), bytes.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size));
    bytes = bytes.subspan(size);
    link->step();
  }
  (void)::shutdown(peer.number(), SHUT_WR);
  // Until it has read the end, or is full.
  while (!link->is_closed() && calls.size() < kMostCalls) {
    reactor.run(call::Clock::now() + std::chrono::seconds(1));
    link->step();
  }
  require(calls.size() <= kMostCalls);
  Outcome outcome{.failure = link->failure()};
  // Data after the last call that it begins is not read.
  if (calls.size() == kMostCalls) return outcome;
  for (const auto& [number, call] : calls) {
    auto& [data, failure] = outcome.calls[number];
    while (true) {
      const Connection::Arrived arrived = call->read();
      if (arrived.kind != Connection::Arrived::Kind::Data) break;
      data.insert(data.end(), arrived.data.begin(), arrived.data.end());
    }
    failure = call->failure();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > kMostBytes) return 0;
  static const std::shared_ptr<Reactor> reactor = *Reactor::make();
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  const bool is_server = (data[0] & 1U) != 0;
  const std::size_t step = std::max<std::size_t>(1, data[0] >> 1U);
  const Outcome whole = read(*reactor, is_server, bytes, SIZE_MAX);
  require(read(*reactor, is_server, bytes, step) == whole);
  return 0;
}
