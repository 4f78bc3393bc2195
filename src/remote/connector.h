// Opens the connections for the calls of a remote unit.
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
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

  // Whether a call can use a socket together with others.
  enum class Sharing : std::uint8_t { No, Allowed };
  // Opens a connection for a new call. Null: the address of the peer is being looked up, and
  // `on_ready` is called when it is known. Errors: a sentence that says why the peer cannot be
  // reached.
  [[nodiscard]] virtual Result<std::shared_ptr<Connection>, std::string> connect(
      Connection::OnReady on_ready, Sharing sharing) = 0;
  // Whether the next call should ask the peer if its connections can be shared.
  [[nodiscard]] virtual bool asks_for_sharing() const { return false; }
  // The peer has answered that they can.
  virtual void allow_sharing() {}
  // Whether several workers can answer a call. If so, a call with a handle must name the handle's
  // owner.
  [[nodiscard]] virtual bool has_workers() const = 0;
  // Called when the composition ends. Connections that need no thread can still be opened.
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
