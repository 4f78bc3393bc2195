#include "remote/peer.h"

#include <fmt/core.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <exception>
#include <iterator>
#include <mutex>

#include "call/bounds.h"
#include "remote/extension.h"
#include "remote/frames.h"
#include "remote/outgoing_call.h"

namespace tenon::remote {

namespace {

// How long the addresses of a name are used again.
constexpr std::chrono::seconds kLookupAge{5};

// A third of a lease.
constexpr std::chrono::seconds kPingPause{20};
// Handles that are dropped soon after one another share a message.
constexpr std::chrono::milliseconds kDropPause{20};

}  // namespace

// A look-up of a name by a thread of the resolver.
struct Peer::Lookup {
  explicit Lookup(Reactor& reactor) : resolver(reactor.context()) {}

  void end(std::vector<Endpoint> endpoints, std::string reason) {
    std::vector<std::function<void()>> notified;
    {
      const std::lock_guard lock(mutex);
      found = std::move(endpoints);
      failure = std::move(reason);
      ended_at = call::Clock::now();
      is_running = false;
      notified.swap(waiters);
    }
    for (const std::function<void()>& waiter : notified) waiter();
  }

  asio::ip::tcp::resolver resolver;

  std::mutex mutex;  // guards what follows
  bool is_running = false;
  std::vector<std::function<void()>> waiters;
  std::vector<Endpoint> found;
  std::string failure;
  call::Clock::time_point ended_at = {};
};

struct Peer::Ping {
  explicit Ping(Reactor& reactor) : timer(reactor.context()) {}

  asio::steady_timer timer;
  std::optional<call::Clock::time_point> at;  // of the next ping; absent: none is planned
  std::shared_ptr<Connection> connection;     // of the last ping
};

Peer::Peer(std::string name, Address address, const RemoteOptions& options, const WorkerId& self,
           std::shared_ptr<Reactor> reactor, runtime::Scheduler& scheduler)
    : reactor_(std::move(reactor)),
      address_(std::move(address)),
      options_(options),
      self_(self),
      scheduler_(scheduler),
      state_{.name = std::move(name), .address = print_address(address_)} {
  if (address_.transport == Address::Transport::Unix) {
    endpoints_.emplace_back(asio::local::stream_protocol::endpoint(address_.path));
    return;
  }
  asio::error_code error;
  if (const auto ip = asio::ip::make_address(address_.host, error); !error)
    endpoints_.emplace_back(asio::ip::tcp::endpoint(ip, address_.port));
  else
    lookup_ = std::make_shared<Lookup>(*reactor_);
}

Peer::~Peer() {
  // If no name has to be looked up, the system mostly sends a message at once.
  if (!drops_.empty()) ping();
  if (lookup_ != nullptr) lookup_->resolver.cancel();
}

void Peer::end_streams() {
  // The end of a call can destroy others.
  std::unordered_set<std::shared_ptr<OutgoingCall>> calls;
  calls.swap(streaming_);
}

void Peer::add_resource() {
  if (resources_++ == 0) ping_after(kPingPause);
}

void Peer::remove_resource() { --resources_; }

void Peer::drop_handle(Bytes handle) {
  // Other implementations have no message for it.
  if (!find_worker(handle)) return;
  drops_.push_back(std::move(handle));
  ping_after(kDropPause);
}

std::vector<Bytes> Peer::take_drops(std::size_t most) {
  const auto first = drops_.end() - static_cast<std::ptrdiff_t>(std::min(most, drops_.size()));
  std::vector<Bytes> taken(std::make_move_iterator(first), std::make_move_iterator(drops_.end()));
  drops_.erase(first, drops_.end());
  return taken;
}

void Peer::ping_after(std::chrono::milliseconds pause) {
  const auto at = call::Clock::now() + pause;
  if (ping_ == nullptr) ping_ = std::make_unique<Ping>(*reactor_);
  if (ping_->at && *ping_->at <= at) return;
  ping_->at = at;
  ping_->timer.expires_at(at);
  ping_->timer.async_wait(
      [&scheduler = scheduler_, link = std::weak_ptr<Peer*>(link_)](asio::error_code error) {
        if (error) return;
        scheduler.post([link] {
          if (const auto held = link.lock()) (*held)->ping();
        });
      });
}

void Peer::ping() {
  ping_->at.reset();
  if (resources_ == 0 && drops_.empty()) return;
  const auto endpoints = find_endpoints([] {});
  if (endpoints && *endpoints != nullptr && !(*endpoints)->empty()) {
    Bytes data;
    append_note({.worker = self_, .type_digest = {}, .drops = take_drops(kNoteDrops)}, data);
    Bytes message;
    append_header(message, kHandlesInstance, kRenewFunction);
    append_frame(message, {}, data);
    ping_->connection =
        Connection::connect(*reactor_, (*endpoints)->front(), [] { /* the answer says nothing */ });
    ping_->connection->send(std::move(message));
    ping_->connection->finish();
    ping_->connection->flush();
    if (!drops_.empty()) return ping_after(kDropPause);
  }
  ping_after(kPingPause);
}

Result<const std::vector<Endpoint>*, std::string> Peer::find_endpoints(
    std::function<void()> on_found) {
  if (lookup_ == nullptr) return &endpoints_;
  return look_up(std::move(on_found));
}

Result<const std::vector<Endpoint>*, std::string> Peer::look_up(std::function<void()> on_found) {
  const std::lock_guard lock(lookup_->mutex);
  const bool has_ended = lookup_->ended_at != call::Clock::time_point();
  if (!lookup_->is_running && has_ended && call::Clock::now() - lookup_->ended_at < kLookupAge) {
    if (!lookup_->failure.empty())
      return fmt::format("the host `{}` was not found: {}", address_.host, lookup_->failure);
    endpoints_ = lookup_->found;
    return &endpoints_;
  }
  const std::vector<Endpoint>* const none = nullptr;
  if (!std::exchange(lookup_->is_running, true)) {
    try {
      lookup_->resolver.async_resolve(
          address_.host, std::to_string(address_.port), asio::ip::resolver_base::numeric_service,
          [lookup = lookup_](asio::error_code error, const auto& results) {
            std::vector<Endpoint> endpoints;
            for (const auto& result : results) endpoints.emplace_back(result.endpoint());
            lookup->end(std::move(endpoints), error ? error.message() : std::string());
          });
    } catch (const std::exception& failed) {  // no thread can be started
      lookup_->is_running = false;
      return fmt::format("the host `{}` cannot be looked up: {}", address_.host, failed.what());
    }
  }
  lookup_->waiters.push_back(std::move(on_found));
  return none;
}

}  // namespace tenon::remote
