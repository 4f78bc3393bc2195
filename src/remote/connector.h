// How the calls of a remote unit reach its peer.
//
// Thread: that of the composition.
#pragma once

#include <memory>
#include <string>

#include "remote/connection.h"
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

}  // namespace tenon::remote
