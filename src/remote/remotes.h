// The remote units of a running composition.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "remote/remote_unit.h"
#include "runtime/scheduler.h"
#include "tenon/result.h"

namespace tenon::remote {

class Connector;
class Peer;
class Reactor;
class Worker;

// Thread: that of the composition.
class Remotes final {
 public:
  Remotes();
  Remotes(const Remotes&) = delete;
  Remotes& operator=(const Remotes&) = delete;
  ~Remotes();

  // The peer of a remote unit, made at the first call. unit: its name. Errors: run-engine.
  [[nodiscard]] Result<std::shared_ptr<Peer>> get(const std::string& unit,
                                                  const RemoteSettings& settings,
                                                  runtime::Scheduler& scheduler);
  using MakeConnector = std::function<std::unique_ptr<Connector>(Reactor& reactor)>;
  // The same for a unit whose process this composition starts; `peers` does not list it. Errors: run-engine.
  [[nodiscard]] Result<std::shared_ptr<Peer>> get_process(const std::string& unit,
                                                          runtime::Scheduler& scheduler,
                                                          const MakeConnector& make);
  // The reactor of all peers and of a server, made at the first call. Errors: run-engine.
  [[nodiscard]] Result<Reactor*> reactor(runtime::Scheduler& scheduler);
  // The identity of this composition among its peers, made at the first call. Errors: run-engine.
  [[nodiscard]] Result<const Worker*> worker();
  // Remote units, by their names.
  [[nodiscard]] const std::map<std::string, std::shared_ptr<Peer>>& peers() const { return peers_; }

 private:
  runtime::Scheduler* scheduler_ = nullptr;  // that runs the reactor
  std::shared_ptr<Reactor> reactor_;
  std::unique_ptr<const Worker> worker_;
  std::map<std::string, std::shared_ptr<Peer>> peers_;
  std::map<std::string, std::shared_ptr<Peer>> processes_;
};

}  // namespace tenon::remote
