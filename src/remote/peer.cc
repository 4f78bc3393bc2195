#include "remote/peer.h"

#include <fmt/core.h>

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <iterator>
#include <optional>
#include <set>

#include "call/bounds.h"
#include "remote/extension.h"
#include "remote/outgoing_call.h"

namespace tenon::remote {

namespace {

// A third of a lease.
constexpr std::chrono::seconds kPingPause{20};
// Handles that are dropped soon after one another share a message.
constexpr std::chrono::milliseconds kDropPause{20};

}  // namespace

struct Peer::Ping {
  explicit Ping(Reactor& reactor) : timer(reactor.context()) {}

  asio::steady_timer timer;
  std::optional<call::Clock::time_point> at;  // of the next ping; absent: none is planned
  std::vector<std::shared_ptr<Connection>> connections;  // of the last pings
};

Peer::Peer(std::string name, Address address, const RemoteOptions& options, const WorkerId& self,
           std::unique_ptr<Connector> connector, std::shared_ptr<Reactor> reactor,
           runtime::Scheduler& scheduler)
    : reactor_(std::move(reactor)),
      address_(std::move(address)),
      options_(options),
      self_(self),
      scheduler_(scheduler),
      state_{.name = std::move(name), .address = print_address(address_)},
      connector_(std::move(connector)) {}

Peer::~Peer() {
  // Unless a name must be looked up, the message is usually sent at once.
  if (!drops_.empty()) ping();
}

void Peer::end() {
  {
    // The end of a call can destroy others.
    std::unordered_set<std::shared_ptr<OutgoingCall>> calls;
    calls.swap(streaming_);
  }
  connector_->end();
}

void Peer::add_resource(const Bytes& handle) {
  // Other implementations have no leases.
  const std::optional<WorkerId> worker = find_worker(handle);
  if (!worker) return;
  ++resources_[*worker];
  ping_after(kPingPause);
}

void Peer::remove_resource(const Bytes& handle) {
  const std::optional<WorkerId> worker = find_worker(handle);
  if (worker && --resources_[*worker] == 0) resources_.erase(*worker);
}

void Peer::drop_handle(Bytes handle) {
  // Other implementations have no message for dropping a handle.
  if (!find_worker(handle)) return;
  drops_.push_back(std::move(handle));
  ping_after(kDropPause);
}

std::vector<Bytes> Peer::take_drops() {
  if (!connector_->has_workers()) return take_drops_of(nullptr);
  // Drops are sent to the workers of the handles, before the call.
  if (!drops_.empty()) ping();
  return {};
}

std::vector<Bytes> Peer::take_drops_of(const WorkerId* worker) {
  const auto own = std::partition(drops_.begin(), drops_.end(), [&](const Bytes& handle) {
    return worker != nullptr && find_worker(handle) != *worker;
  });
  const auto count = std::min<std::ptrdiff_t>(kNoteDrops, drops_.end() - own);
  const auto first = drops_.end() - count;
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
  if (!connector_->is_there()) return drops_.clear();
  std::erase_if(ping_->connections, [](const std::shared_ptr<Connection>& one) {
    return !one->failure().empty() || (one->has_sent() && one->unsent() == 0);
  });
  std::set<WorkerId> workers;
  for (const auto& [worker, count] : resources_) workers.insert(worker);
  for (const Bytes& handle : drops_) workers.insert(*find_worker(handle));
  for (const WorkerId& worker : workers) ping(worker);
  if (!workers.empty()) ping_after(kPingPause);
}

void Peer::ping(const WorkerId& worker) {
  std::vector<Bytes> drops;
  do {
    const auto made = connector_->connect(
        [&scheduler = scheduler_, link = std::weak_ptr<Peer*>(link_)] {
          scheduler.post([link] {
            if (const auto held = link.lock()) (*held)->flush_pings();
          });
        },
        Connector::Sharing::No);
    if (!made || *made == nullptr) return;
    const std::shared_ptr<Connection>& connection = *made;
    drops = take_drops_of(&worker);
    Bytes note;
    append_note({.worker = self_, .type_digest = {}, .drops = drops}, note);
    connection->begin(kHandlesInstance, kRenewFunction, &worker);
    connection->send({}, std::move(note), true);
    connection->finish();
    connection->flush();
    ping_->connections.push_back(connection);
  } while (drops.size() == kNoteDrops);
}

// The answers to pings are ignored.
void Peer::flush_pings() {
  for (const std::shared_ptr<Connection>& connection : ping_->connections) connection->flush();
}

}  // namespace tenon::remote
