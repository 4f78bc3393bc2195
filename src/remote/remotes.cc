#include "remote/remotes.h"

#include "remote/handle_blob.h"
#include "remote/peer.h"
#include "remote/reactor.h"
#include "support/try.h"

namespace tenon::remote {

Remotes::Remotes() = default;

Remotes::~Remotes() {
  for (const auto* const peers : {&peers_, &processes_})
    for (const auto& [name, peer] : *peers) peer->end();
  if (scheduler_ != nullptr) scheduler_->remove_reactor();
}

Result<Reactor*> Remotes::reactor(runtime::Scheduler& scheduler) {
  if (reactor_ == nullptr) {
    TENON_TRY(std::shared_ptr<Reactor> reactor, Reactor::make());
    TENON_TRY_VOID(scheduler.set_reactor(*reactor));
    reactor_ = std::move(reactor);
    scheduler_ = &scheduler;
  }
  return reactor_.get();
}

Result<const Worker*> Remotes::worker() {
  if (worker_ == nullptr) {
    TENON_TRY(const Worker worker, Worker::make());
    worker_ = std::make_unique<const Worker>(worker);
  }
  return worker_.get();
}

Result<std::shared_ptr<Peer>> Remotes::get(const std::string& unit, const RemoteSettings& settings,
                                           runtime::Scheduler& scheduler) {
  TENON_TRY(const Worker* const self, worker());
  TENON_TRY_VOID(reactor(scheduler));
  std::shared_ptr<Peer> peer;
  if (const auto known = peers_.find(unit); known != peers_.end()) {
    peer = known->second;
  } else {
    const auto& [address, options] = settings;
    TENON_TRY(std::unique_ptr<Connector> connector,
              make_connector(address, options, self->id(), *reactor_, scheduler));
    peer = std::make_shared<Peer>(unit, address, options, self->id(), std::move(connector),
                                  reactor_, scheduler);
    peers_.emplace(unit, peer);
  }
  return peer;
}

Result<std::shared_ptr<Peer>> Remotes::get_process(const std::string& unit,
                                                   runtime::Scheduler& scheduler,
                                                   const MakeConnector& make) {
  if (const auto known = processes_.find(unit); known != processes_.end()) return known->second;
  TENON_TRY(const Worker* const self, worker());
  TENON_TRY_VOID(reactor(scheduler));
  RemoteOptions options;
  options.timeout.reset();
  auto peer = std::make_shared<Peer>(unit, Address{}, options, self->id(), make(*reactor_),
                                     reactor_, scheduler);
  processes_.emplace(unit, peer);
  return peer;
}

}  // namespace tenon::remote
