// A remote unit at run time: its address, the options of its calls, the handles of its resources, and
// its statistics.
//
// Thread: that of the composition.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "remote/address.h"
#include "remote/connector.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "runtime/resource_table.h"
#include "runtime/scheduler.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::remote {

class OutgoingCall;

class Peer final {
 public:
  // name: of the unit. self: identifies the composition that calls. Lifetime: refers to the scheduler.
  Peer(std::string name, Address address, const RemoteOptions& options, const WorkerId& self,
       std::unique_ptr<Connector> connector, std::shared_ptr<Reactor> reactor,
       runtime::Scheduler& scheduler);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  // Drops the handles that are left.
  ~Peer();

  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] const RemoteOptions& options() const { return options_; }
  [[nodiscard]] const WorkerId& self() const { return self_; }
  [[nodiscard]] Reactor& reactor() { return *reactor_; }

  [[nodiscard]] Connector& connector() { return *connector_; }

  // Counts the handles of the peer's resources in this composition. While there are any, their workers
  // are pinged regularly, so that they keep the resources.
  void add_resource(const Bytes& handle);
  void remove_resource(const Bytes& handle);
  // Drops resources at their workers: with the next call or ping. Needs no memory. handles: empty afterwards.
  void drop_handles(std::list<Bytes>& handles);
  // Takes queued drops, at most as many as a note can have, for a call that any worker can answer.
  [[nodiscard]] std::list<Bytes> take_drops();

  // Keeps a call that has ended for its caller until its streams have ended.
  void keep(const std::shared_ptr<OutgoingCall>& call) { streaming_.insert(call); }
  void forget(const std::shared_ptr<OutgoingCall>& call) { streaming_.erase(call); }
  // The composition ends: ends the streams of all calls that are kept.
  void end();

  [[nodiscard]] RemoteState& state() { return state_; }

 private:
  struct Ping;

  // Pings the workers that have resources of this composition, or handles to be dropped. Without memory, some are
  // pinged later.
  void ping();
  void ping_all();
  void ping(const WorkerId& worker);
  void flush_pings();
  void ping_after(std::chrono::milliseconds pause);
  // The same if there is memory; else the next call tries again.
  void try_ping_after(std::chrono::milliseconds pause);
  // Takes queued drops, at most as many as a note can have. worker: of the handles; null: of any.
  [[nodiscard]] std::list<Bytes> take_drops_of(const WorkerId* worker);

  // Resources of the composition can outlive everything else that uses the reactor.
  std::shared_ptr<Reactor> reactor_;
  Address address_;
  RemoteOptions options_;
  WorkerId self_;
  runtime::Scheduler& scheduler_;
  RemoteState state_;
  std::unique_ptr<Connector> connector_;
  std::unordered_set<std::shared_ptr<OutgoingCall>> streaming_;
  std::map<WorkerId, std::size_t> resources_;
  std::list<Bytes> drops_;
  std::unique_ptr<Ping> ping_;
  // This object, as long as it exists.
  std::shared_ptr<Peer*> link_ = std::make_shared<Peer*>(this);
};

// A resource that a peer owns, as the object of an entry of the resource table.
class RemoteResource final : public runtime::OutsideResource {
 public:
  RemoteResource(std::shared_ptr<Peer> peer, Bytes handle) : peer_(std::move(peer)) {
    handle_.push_back(std::move(handle));
    peer_->add_resource(handle_.front());
  }
  RemoteResource(const RemoteResource&) = delete;
  RemoteResource& operator=(const RemoteResource&) = delete;
  // Drops the resource, unless it was given back.
  ~RemoteResource() override {
    if (handle_.empty()) return;
    peer_->remove_resource(handle_.front());
    peer_->drop_handles(handle_);
  }

  // Null after `give_back`.
  [[nodiscard]] const Bytes* handle() const { return handle_.empty() ? nullptr : &handle_.front(); }
  // Const, because the entries of tables share their objects as immutable.
  void give_back() const {
    peer_->remove_resource(handle_.front());
    handle_.clear();
  }

 private:
  std::shared_ptr<Peer> peer_;
  mutable std::list<Bytes> handle_;  // at most one, which is dropped without memory
};

}  // namespace tenon::remote
