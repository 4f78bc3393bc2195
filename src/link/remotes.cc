#include "link/remotes.h"

#include "link/remote_unit.h"
#include "remote/handle_blob.h"
#include "remote/peer.h"
#include "remote/reactor.h"
#include "support/try.h"

namespace tenon::link {

Remotes::Remotes() = default;
Remotes::~Remotes() {
  if (scheduler_ != nullptr) scheduler_->set_reactor(nullptr);
}

remote::Reactor& Remotes::reactor(runtime::Scheduler& scheduler) {
  if (reactor_ == nullptr) {
    reactor_ = std::make_shared<remote::Reactor>();
    scheduler_ = &scheduler;
    scheduler.set_reactor(reactor_.get());
  }
  return *reactor_;
}

Result<const remote::Worker*> Remotes::worker() {
  if (worker_ == nullptr) {
    TENON_TRY(remote::Worker worker, remote::Worker::make());
    worker_ = std::make_unique<const remote::Worker>(std::move(worker));
  }
  return worker_.get();
}

Result<std::shared_ptr<remote::Peer>> Remotes::get(const UnitRequest& unit,
                                                   runtime::Scheduler& scheduler) {
  TENON_TRY(const remote::Worker* const self, worker());
  std::shared_ptr<remote::Peer>& peer = peers_[unit.name];
  if (peer == nullptr) {
    (void)reactor(scheduler);
    const RemoteRequest& request = *unit.remote;
    peer =
        std::make_shared<remote::Peer>(remote::PeerSettings{.name = unit.name,
                                                            .address = request.address,
                                                            .timeout = request.timeout,
                                                            .is_idempotent = request.is_idempotent},
                                       self->id(), reactor_, scheduler);
  }
  return peer;
}

}  // namespace tenon::link
