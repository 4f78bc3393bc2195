// Opens the connections for the calls of a remote unit.
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "remote/address.h"
#include "remote/connection.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "runtime/scheduler.h"
#include "tenon/remote.h"
#include "tenon/result.h"

namespace tenon::remote {

// Why a call failed.
struct CallFault {
  enum class Kind : std::uint8_t {
    Here,        // the call was not made, or its result cannot be passed
    Function,    // the function failed; `why` is what the server says
    Answer,      // what came is not an answer
    Connection,  // it ended before the answer
  } kind = Kind::Here;
  std::uint64_t life = 0;  // of the peer when the call was sent; see `Connector::life`
  const std::string& unit;
  const std::string& function;  // for messages: "acme:tax/lib@1.0.0#rate"
  std::string_view why;
};

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
  // The failure of a call, if it is not that of a call to another machine; then nothing.
  [[nodiscard]] virtual std::optional<CallFailure> describe(const CallFault& /*fault*/) {
    return std::nullopt;
  }
  // Whether the peer is known to be a tenon, which answers each call, also of a function without a result.
  [[nodiscard]] virtual bool is_tenon() const { return false; }
  // Whether this composition starts the peer. It is told how much time is left for a call then, and ends it in
  // time.
  [[nodiscard]] virtual bool starts_peer() const { return false; }
  // The caller of a call has given up before the answer.
  virtual void note_abandoned() {}
  // The number of the process that it has started last, from 1.
  [[nodiscard]] virtual std::uint64_t life() const { return 0; }
  // Whether the peer can have resources. Otherwise it gets no pings.
  [[nodiscard]] virtual bool is_there() const { return true; }
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
