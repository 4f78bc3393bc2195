#include "remote/peer.h"

#include <fmt/core.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <iterator>
#include <mutex>
#include <utility>

#include "remote/extension.h"
#include "remote/frames.h"

namespace tenon::remote {

namespace {

// How long the addresses of a name are used again.
constexpr std::chrono::seconds kLookupAge{5};

// Three of them are in a lease.
constexpr std::chrono::seconds kRenewalPause{20};
// Drops that follow one another are told together.
constexpr std::chrono::milliseconds kDropPause{20};

}  // namespace

// A look-up of a name, which a thread of the resolver makes.
struct Peer::Lookup {
  explicit Lookup(Reactor& reactor) : resolver(reactor.context()) {}

  asio::ip::tcp::resolver resolver;

  std::mutex mutex;  // guards what follows
  bool is_running = false;
  std::vector<std::function<void()>> waiters;
  std::vector<Endpoint> found;
  std::string failure;
  call::Clock::time_point at = {};  // of the end of the last look-up
};

// The timer of the next message about handles, and the connections of those that were sent.
struct Peer::Renewal {
  explicit Renewal(Reactor& reactor) : timer(reactor.context()) {}

  asio::steady_timer timer;
  bool is_planned = false;
  bool is_soon = false;  // planned because of drops
  std::vector<std::shared_ptr<Connection>> sent;
};

Peer::Peer(PeerSettings settings, const WorkerId& self, std::shared_ptr<Reactor> reactor,
           runtime::Scheduler& scheduler)
    : reactor_(std::move(reactor)),
      settings_(std::move(settings)),
      self_(self),
      scheduler_(scheduler) {}

Peer::~Peer() {
  // Where no name has to be looked up, most systems send it at once.
  if (!drops_.empty()) renew();
  if (lookup_ != nullptr) lookup_->resolver.cancel();
}

void Peer::add_resource() {
  if (resources_++ == 0) renew_later(kRenewalPause);
}

void Peer::remove_resource(Bytes handle) {
  --resources_;
  drop_handle(std::move(handle));
}

void Peer::drop_handle(Bytes handle) {
  // Other implementations cannot be told.
  if (!find_worker(handle)) return;
  drops_.push_back(std::move(handle));
  renew_later(kDropPause);
}

std::vector<Bytes> Peer::take_drops(std::size_t most) {
  const auto first = drops_.end() - static_cast<std::ptrdiff_t>(std::min(most, drops_.size()));
  std::vector<Bytes> taken(std::make_move_iterator(first), std::make_move_iterator(drops_.end()));
  drops_.erase(first, drops_.end());
  return taken;
}

void Peer::renew_later(std::chrono::milliseconds pause) {
  if (renewal_ == nullptr) renewal_ = std::make_unique<Renewal>(*reactor_);
  const bool is_soon = pause == kDropPause;
  if (renewal_->is_planned && (renewal_->is_soon || !is_soon)) return;
  renewal_->is_planned = true;
  renewal_->is_soon = is_soon;
  renewal_->timer.expires_after(pause);
  renewal_->timer.async_wait(
      [&scheduler = scheduler_, link = std::weak_ptr<Peer*>(link_)](asio::error_code error) {
        if (error) return;
        scheduler.post([link] {
          if (const auto held = link.lock()) (*held)->renew();
        });
      });
}

void Peer::renew() {
  if (renewal_ == nullptr) return;
  renewal_->is_planned = false;
  if (resources_ == 0 && drops_.empty()) return;
  const auto endpoints = find_endpoints([] {});
  if (endpoints && *endpoints && !(*endpoints)->empty()) {
    Bytes data;
    append_note({.worker = self_, .type_digest = {}, .drops = take_drops(kNoteDrops)}, data);
    Bytes message;
    append_header(message, kHandlesInstance, kRenewFunction);
    append_frame(message, {}, data);
    // The answer of the one before does not matter.
    renewal_->sent.clear();
    const auto connection = Connection::connect(*reactor_, (*endpoints)->front(), [] {});
    connection->send(std::move(message));
    connection->finish();
    renewal_->sent.push_back(connection);
  }
  if (!drops_.empty())
    renew_later(kDropPause);
  else if (resources_ != 0)
    renew_later(kRenewalPause);
}

Result<std::optional<std::vector<Endpoint>>, std::string> Peer::find_endpoints(
    std::function<void()> on_found) {
  const Address& address = settings_.address;
  if (address.transport == Address::Transport::Unix)
    return std::optional(
        std::vector<Endpoint>{asio::local::stream_protocol::endpoint(address.path)});
  asio::error_code error;
  if (const auto ip = asio::ip::make_address(address.host, error); !error)
    return std::optional(std::vector<Endpoint>{asio::ip::tcp::endpoint(ip, address.port)});
  if (lookup_ == nullptr) lookup_ = std::make_shared<Lookup>(*reactor_);
  Lookup& lookup = *lookup_;
  const std::lock_guard lock(lookup.mutex);
  const bool is_fresh =
      lookup.at != call::Clock::time_point() && call::Clock::now() - lookup.at < kLookupAge;
  if (!lookup.is_running && is_fresh) {
    if (lookup.failure.empty()) return std::optional(lookup.found);
    return fmt::format("the host `{}` was not found: {}", address.host, lookup.failure);
  }
  lookup.waiters.push_back(std::move(on_found));
  if (std::exchange(lookup.is_running, true)) return std::optional<std::vector<Endpoint>>();
  lookup.resolver.async_resolve(address.host, std::to_string(address.port),
                                asio::ip::resolver_base::numeric_service,
                                [held = lookup_](asio::error_code failed, const auto& results) {
                                  std::vector<std::function<void()>> waiters;
                                  {
                                    const std::lock_guard held_lock(held->mutex);
                                    held->found.clear();
                                    for (const auto& result : results)
                                      held->found.emplace_back(result.endpoint());
                                    held->failure = failed ? failed.message() : std::string();
                                    held->at = call::Clock::now();
                                    held->is_running = false;
                                    waiters.swap(held->waiters);
                                  }
                                  for (const std::function<void()>& waiter : waiters) waiter();
                                });
  return std::optional<std::vector<Endpoint>>();
}

}  // namespace tenon::remote
