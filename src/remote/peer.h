// A remote unit at run time: where it is, how its calls are made, and how they went.
//
// Thread: that of the composition.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "call/bounds.h"
#include "remote/address.h"
#include "remote/connection.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "runtime/scheduler.h"
#include "tenon/result.h"

namespace tenon::remote {

class OutgoingCall;

struct PeerSettings {
  std::string name;  // of the unit
  Address address;
  // Of a call. Absent: it can take any time.
  std::optional<std::chrono::milliseconds> timeout = std::chrono::seconds(10);
  // Whether a call whose bytes the peer may have seen can be made again.
  bool is_idempotent = false;
};

class Peer final {
 public:
  // self: the composition that calls. Lifetime: refers to the scheduler.
  Peer(PeerSettings settings, const WorkerId& self, std::shared_ptr<Reactor> reactor,
       runtime::Scheduler& scheduler);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  [[nodiscard]] const PeerSettings& settings() const { return settings_; }
  [[nodiscard]] const WorkerId& self() const { return self_; }
  [[nodiscard]] Reactor& reactor() { return *reactor_; }

  // Where to connect to. Nothing: the name of the host is being looked up, and `on_found` is called
  // in the reactor. Errors: a sentence about the name.
  [[nodiscard]] Result<std::optional<std::vector<Endpoint>>, std::string> find_endpoints(
      std::function<void()> on_found);

  // Resources of the peer whose handles are in this composition. As long as there are any, the peer is
  // told now and then that their holder lives; those that are removed are dropped there.
  // handle: its bytes; empty: it was given back.
  void add_resource();
  void remove_resource(Bytes handle);
  // The same for a handle that no entry of the table has.
  void drop_handle(Bytes handle);
  // Some of the handles that the peer was not told of, for a caller that tells it.
  [[nodiscard]] std::vector<Bytes> take_drops(std::size_t most);

  // Calls that have ended for their callers, and whose streams go on.
  void keep(const std::shared_ptr<OutgoingCall>& call) { streaming_.insert(call); }
  void forget(const std::shared_ptr<OutgoingCall>& call) { streaming_.erase(call); }

  // What `Composition::remotes` shows.
  struct Counts {
    std::uint64_t calls = 0;  // that were made
    std::uint64_t failures = 0;
    std::size_t in_flight = 0;
    std::string last_failure;  // empty: there was none
  };
  [[nodiscard]] Counts& counts() { return counts_; }

 private:
  struct Lookup;
  struct Renewal;

  // Tells the peer that this composition lives, and which handles it drops.
  void renew();
  void renew_later(std::chrono::milliseconds pause);

  // The resources of a composition, which hold their peers, are the last that ends.
  std::shared_ptr<Reactor> reactor_;
  PeerSettings settings_;
  WorkerId self_;
  runtime::Scheduler& scheduler_;
  std::shared_ptr<Lookup> lookup_;
  Counts counts_;
  std::unordered_set<std::shared_ptr<OutgoingCall>> streaming_;
  std::size_t resources_ = 0;
  std::vector<Bytes> drops_;  // that the peer was not told of
  std::unique_ptr<Renewal> renewal_;
  // This object, as long as it exists.
  std::shared_ptr<Peer*> link_ = std::make_shared<Peer*>(this);
};

}  // namespace tenon::remote
