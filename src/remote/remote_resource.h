// A resource that a peer owns, and whose handle is in this composition: the object of its entry in the
// resource table.
#pragma once

#include <memory>
#include <utility>

#include "remote/peer.h"
#include "remote/wire_values.h"

namespace tenon::remote {

class RemoteResource final {
 public:
  RemoteResource(std::shared_ptr<Peer> peer, Bytes handle)
      : peer_(std::move(peer)), handle_(std::move(handle)) {
    peer_->add_resource();
  }
  RemoteResource(const RemoteResource&) = delete;
  RemoteResource& operator=(const RemoteResource&) = delete;
  // Drops the resource at its owner, unless it was given back.
  ~RemoteResource() { peer_->remove_resource(std::move(handle_)); }

  [[nodiscard]] const Peer& peer() const { return *peer_; }
  // Empty after `give_back`.
  [[nodiscard]] const Bytes& handle() const { return handle_; }
  // Const, because the entries of tables share their objects as immutable.
  void give_back() const { handle_.clear(); }

 private:
  std::shared_ptr<Peer> peer_;
  mutable Bytes handle_;
};

}  // namespace tenon::remote
