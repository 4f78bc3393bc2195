// A connection that a server has accepted: one call of a peer.
//
//   header --> parameters --> wait for other calls --> the call --> answer --> streams, end
//
// Thread: that of the composition.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "remote/connection.h"
#include "remote/extension.h"
#include "remote/incoming.h"
#include "remote/server.h"
#include "remote/steps.h"
#include "remote/streams.h"
#include "remote/wire_values.h"
#include "runtime/program_call.h"
#include "runtime/resource_table.h"

namespace tenon::remote {

class ServedCall final : public WireHandles, public std::enable_shared_from_this<ServedCall> {
 public:
  // dialect, peer: of the client; `peer` is its address. Lifetime: refers to the server, which holds it
  // until it has ended.
  ServedCall(Server& server, Dialect dialect, std::string peer);
  ServedCall(const ServedCall&) = delete;
  ServedCall& operator=(const ServedCall&) = delete;

  void begin(Connection::Socket socket);
  // Whether it waits for others to end, and can `start`.
  [[nodiscard]] bool is_waiting() const { return state_ == State::Waiting; }
  // Makes the call. REQUIRES: `is_waiting`
  void start();
  // Ends it at once, because the server ends.
  void drop();

  // For the values of the call.
  Result<Bytes, abi::AbiError> give(abi::HandlePart part, abi::ResourceToken resource) override;
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override;
  Result<void, abi::AbiError> send(abi::HandlePart part, abi::ResourceToken end,
                                   const IndexPath& channel) override;
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& channel) override;

 private:
  enum class State : std::uint8_t {
    Header,  // who calls what is not known
    Params,  // of `function_`; if it is null, the note behind them says whether the peer is told why
    Renewal,  // the note of a peer that has handles
    Waiting,  // for other calls to end
    Running,
    Answered,  // streams can go on
    Ended,
  };

  [[nodiscard]] std::function<void()> poster();
  // Goes on when something is ready, or the time is over.
  void go_on();
  void step();
  void set_timer(std::chrono::milliseconds time);
  void stop_timer();
  void end_late();

  // Reads what the peer has sent, as far as it can be used.
  void read();
  void add(std::span<const std::uint8_t> bytes);
  void find_function();
  // Reads what another tenon says about itself, as soon as it is there.
  void note_caller();
  void note_peer_end();
  void note_broken();
  // The parameters are complete.
  void check_and_wait();

  void note_end();
  void answer();
  void send_values(Bytes values);
  // Ends the connection when all is sent.
  void finish();
  // Ends the call without an answer.
  void refuse(ServerFailure::Kind kind, std::string why);
  void refuse_unknown();
  // The values of the call are not needed any more.
  void end_call();
  void close();
  void end();

  Server& server_;
  const Dialect dialect_;
  runtime::Shared& shared_;
  const std::string peer_;
  std::string holder_;  // who has the handles that this call passes
  Steps steps_;
  State state_ = State::Header;
  std::shared_ptr<Connection> connection_;
  asio::steady_timer timer_;
  std::optional<call::Clock::time_point> deadline_;  // of the state
  bool has_read_ = false;
  bool has_peer_ended_ = false;
  bool is_finishing_ = false;
  bool has_noted_ = false;
  std::optional<CallNote> note_;
  Incoming incoming_{FrameReader::From::Client};
  std::optional<CallStreams> streams_;
  abi::ValueArena arena_;  // the parameters, and then the result
  runtime::Transit transit_;
  std::vector<std::uint64_t> lent_;  // numbers of resources that the call borrows
  ServedFunction* function_ = nullptr;
  std::optional<runtime::StartedCall> call_;
  bool is_starting_ = false;
};

}  // namespace tenon::remote
