// How the calls of a remote unit reach its peer.
//
// Thread: that of the composition.
#pragma once

#include <memory>
#include <string>

#include "remote/address.h"
#include "remote/connection.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "runtime/scheduler.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::remote {

class Connector {
 public:
  Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  virtual ~Connector() = default;

  // The connection of a new call. Null: it is not known yet where the peer is, and `on_ready` will be
  // called when it is. Errors: a sentence that says why it cannot be reached.
  [[nodiscard]] virtual Result<std::shared_ptr<Connection>, std::string> connect(
      Connection::OnReady on_ready) = 0;
  // Whether a call can be answered by several workers, so that one with a handle has to name its owner.
  [[nodiscard]] virtual bool has_workers() const = 0;
  // The composition ends. Connections that need no thread can still be made.
  virtual void end() {}
};

// Lifetime: refers to reactor and scheduler. self: identifies the composition that calls.
// Errors: remote-tls.
[[nodiscard]] Result<std::unique_ptr<Connector>> make_connector(const Address& address,
                                                                const RemoteOptions& options,
                                                                const WorkerId& self,
                                                                Reactor& reactor,
                                                                runtime::Scheduler& scheduler);

}  // namespace tenon::remote
