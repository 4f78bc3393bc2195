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
  std::shared_ptr<remote::Peer>& peer = peers_[unit.name];
  if (peer == nullptr) {
    peer = std::make_shared<remote::Peer>(unit.name, unit.remote->address, unit.remote->options,
                                          self->id(), reactor_, scheduler);
  }
  return peer;
}

}  // namespace tenon::link
