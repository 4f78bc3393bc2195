// The remote units of a running composition.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "link/request.h"
#include "runtime/scheduler.h"
#include "tenon/result.h"

namespace tenon::remote {
class Peer;
class Reactor;
class Worker;
}  // namespace tenon::remote

namespace tenon::link {

// Thread: that of the composition.
class Remotes final {
 public:
  Remotes();
  Remotes(const Remotes&) = delete;
  Remotes& operator=(const Remotes&) = delete;
  ~Remotes();

  // The peer of a remote unit, made at the first call. Errors: run-engine. REQUIRES: the unit is remote
  [[nodiscard]] Result<std::shared_ptr<remote::Peer>> get(const UnitRequest& unit,
                                                          runtime::Scheduler& scheduler);
  // The reactor of all peers and of a server, made at the first call. Errors: run-engine.
  [[nodiscard]] Result<remote::Reactor*> reactor(runtime::Scheduler& scheduler);
  // The identity of this composition among its peers, made at the first call. Errors: run-engine.
  [[nodiscard]] Result<const remote::Worker*> worker();
  // By the names of the units.
  [[nodiscard]] const std::map<std::string, std::shared_ptr<remote::Peer>>& peers() const {
    return peers_;
  }

 private:
  runtime::Scheduler* scheduler_ = nullptr;  // that runs the reactor
  std::shared_ptr<remote::Reactor> reactor_;
  std::unique_ptr<const remote::Worker> worker_;
  std::map<std::string, std::shared_ptr<remote::Peer>> peers_;
};

}  // namespace tenon::link
