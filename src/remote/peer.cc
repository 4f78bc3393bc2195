#include "remote/peer.h"

#include <fmt/core.h>

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <new>
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
  std::function<void()> post_ping;
  std::function<void()> post_flush;
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
  ping_after(kPingPause);
  ++resources_[*worker];
}

void Peer::remove_resource(const Bytes& handle) {
  const std::optional<WorkerId> worker = find_worker(handle);
  if (worker && --resources_[*worker] == 0) resources_.erase(*worker);
}

void Peer::drop_handles(std::list<Bytes>& handles) {
  // Other implementations have no message for dropping a handle.
  std::erase_if(handles, [](const Bytes& handle) { return !find_worker(handle); });
  if (handles.empty()) return;
  drops_.splice(drops_.end(), handles);
  try_ping_after(kDropPause);
}

std::list<Bytes> Peer::take_drops() {
  if (!resources_.empty()) try_ping_after(kPingPause);
  if (!connector_->has_workers()) return take_drops_of(nullptr);
  // Drops are sent to the workers of the handles, before the call.
  if (!drops_.empty()) ping();
  return {};
}

std::list<Bytes> Peer::take_drops_of(const WorkerId* worker) {
  std::list<Bytes> taken;
  for (auto next = drops_.begin(); next != drops_.end() && taken.size() < kNoteDrops;) {
    const auto handle = next++;
    if (worker == nullptr || find_worker(*handle) == *worker)
      taken.splice(taken.end(), drops_, handle);
  }
  return taken;
}

void Peer::ping_after(std::chrono::milliseconds pause) {
  const auto at = call::Clock::now() + pause;
  if (ping_ == nullptr) {
    const auto post = [&](void (Peer::*function)()) {
      return scheduler_.make_poster([link = std::weak_ptr<Peer*>(link_), function] {
        if (const auto held = link.lock()) ((**held).*function)();
      });
    };
    auto ping = std::make_unique<Ping>(*reactor_);
    ping->post_ping = post(&Peer::ping);
    ping->post_flush = post(&Peer::flush_pings);
    ping_ = std::move(ping);
  }
  if (ping_->at && *ping_->at <= at) return;
  ping_->at.reset();
  ping_->timer.expires_at(at);
  ping_->timer.async_wait([post = ping_->post_ping](asio::error_code error) {
    if (!error) post();
  });
  ping_->at = at;
}

void Peer::try_ping_after(std::chrono::milliseconds pause) {
  try {
    ping_after(pause);
  } catch (const std::bad_alloc&) {
  }
}

void Peer::ping() {
  try {
    ping_all();
  } catch (const std::bad_alloc&) {
    try_ping_after(kDropPause);
  }
}

void Peer::ping_all() {
  if (ping_ == nullptr) return;
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
  std::list<Bytes> drops;
  do {
    const auto made = connector_->connect(ping_->post_flush, Connector::Sharing::No);
    if (!made || *made == nullptr) return;
    const std::shared_ptr<Connection>& connection = *made;
    drops = take_drops_of(&worker);
    try {
      Bytes note;
      append_note({.worker = self_, .type_digest = {}, .drops = {drops.begin(), drops.end()}},
                  note);
      connection->begin(kHandlesInstance, kRenewFunction, &worker);
      connection->send({}, std::move(note), true);
      connection->finish();
      ping_->connections.push_back(connection);
      connection->flush();
    } catch (const std::bad_alloc&) {
      // A worker ignores those that it has dropped.
      drops_.splice(drops_.end(), drops);
      throw;
    }
  } while (drops.size() == kNoteDrops);
}

// The answers to pings are ignored.
void Peer::flush_pings() {
  for (const std::shared_ptr<Connection>& connection : ping_->connections) connection->flush();
}

}  // namespace tenon::remote
