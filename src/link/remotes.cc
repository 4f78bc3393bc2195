#include "link/remotes.h"

#include "link/remote_unit.h"
#include "remote/handle_blob.h"
#include "remote/peer.h"
#include "remote/reactor.h"
#include "support/try.h"

namespace tenon::link {

Remotes::Remotes() = default;

Remotes::~Remotes() {
  for (const auto& [name, peer] : peers_) peer->end();
  if (scheduler_ != nullptr) scheduler_->set_reactor(nullptr);
}

Result<remote::Reactor*> Remotes::reactor(runtime::Scheduler& scheduler) {
  if (reactor_ == nullptr) {
    TENON_TRY(reactor_, remote::Reactor::make());
    scheduler_ = &scheduler;
    scheduler.set_reactor(reactor_.get());
  }
  return reactor_.get();
}

Result<const remote::Worker*> Remotes::worker() {
  if (worker_ == nullptr) {
    TENON_TRY(const remote::Worker worker, remote::Worker::make());
    worker_ = std::make_unique<const remote::Worker>(worker);
  }
  return worker_.get();
}

Result<std::shared_ptr<remote::Peer>> Remotes::get(const UnitRequest& unit,
                                                   runtime::Scheduler& scheduler) {
  TENON_TRY(const remote::Worker* const self, worker());
  TENON_TRY_VOID(reactor(scheduler));
  std::shared_ptr<remote::Peer> peer;
  if (const auto known = peers_.find(unit.name); known != peers_.end()) {
    peer = known->second;
  } else {
    const auto& [address, options] = *unit.remote;
    TENON_TRY(std::unique_ptr<remote::Connector> connector,
              remote::make_connector(address, options, self->id(), *reactor_, scheduler));
    peer = std::make_shared<remote::Peer>(unit.name, address, options, self->id(),
                                          std::move(connector), reactor_, scheduler);
    peers_.emplace(unit.name, peer);
  }
  return peer;
}

}  // namespace tenon::link
