// One call on the side of its caller: sends the parameters, receives the result, and moves the items of
// streams in both. It lives until these have ended, which can be after the result.
//
// Thread: that of the composition.
#pragma once

#include <asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "call/call.h"
#include "remote/connection.h"
#include "remote/extension.h"
#include "remote/incoming.h"
#include "remote/peer.h"
#include "remote/remote_function.h"
#include "remote/steps.h"
#include "remote/streams.h"
#include "remote/wire_values.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"

namespace tenon::remote {

class RemoteResource;

class OutgoingCall final : public WireHandles, public std::enable_shared_from_this<OutgoingCall> {
 public:
  // function_on_wire: its name in calls of wRPC.
  OutgoingCall(const RemoteFunctionParts& parts, const std::string& function_on_wire,
               runtime::Shared& shared);
  OutgoingCall(const OutgoingCall&) = delete;
  OutgoingCall& operator=(const OutgoingCall&) = delete;
  ~OutgoingCall() override;

  // Sends the call. on_progress: called, in the composition, when it may be `is_done`.
  // params: in `arena`. Own handles leave the composition.
  void start(abi::ValueArena& arena, std::uint32_t params, std::function<void()> on_progress);

  // Whether the result is there, or it has failed.
  [[nodiscard]] bool is_done() const { return is_done_ || failure_; }
  // Nothing: it has a result, if the function has one.
  [[nodiscard]] const std::optional<CallFailure>& failure() const { return failure_; }
  [[nodiscard]] abi::ValueArena& result() { return result_; }
  // REQUIRES: the function has a result
  [[nodiscard]] std::uint32_t result_address() const { return incoming_->address(); }
  // The caller has taken the result, or does not want it. Goes on as long as streams do.
  void finish();
  // A failure that is found after the result has arrived.
  [[nodiscard]] CallFailure fail(std::string_view why) const;

  // For values of this call.
  Result<Bytes, abi::AbiError> give(abi::HandlePart part, abi::ResourceToken resource) override;
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override;
  Result<void, abi::AbiError> send(abi::HandlePart part, abi::ResourceToken end,
                                   const IndexPath& channel) override;
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& channel) override;

 private:
  // What the server says about a failure.
  class FailureInput final : public ChannelInput {
   public:
    Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override;
    [[nodiscard]] std::optional<ServerFailure> failure() const { return read_failure(bytes_); }

   private:
    Bytes bytes_;
  };

  [[nodiscard]] const abi::FunctionLayout& layout() const { return parts_.shape->program.layout(); }
  // Goes on when something is ready.
  [[nodiscard]] std::function<void()> poster();
  void go_on();
  void step();
  void connect();
  void read();
  void note_end();
  void drop_connection();
  void note_failure();
  void note_server_failure(const ServerFailure& failure);
  void set_timer();
  void give_up(std::string_view why);
  [[nodiscard]] bool may_repeat() const;
  [[nodiscard]] std::string describe_traffic() const;
  [[nodiscard]] bool has_ended() const;
  void close();

  const RemoteFunctionParts parts_;
  const std::string function_;
  runtime::Shared& shared_;
  Peer& peer_;
  Steps steps_;
  std::function<void()> on_progress_;
  Bytes values_;  // the parameters, as long as they may have to be sent
  std::vector<Bytes>
      given_;  // the own handles among them, and those that are dropped with the call
  abi::ValueArena result_;
  std::optional<runtime::Transit> transit_;  // of the handles in the result
  std::optional<Incoming> incoming_;         // of the last attempt
  FailureInput server_failure_;
  std::shared_ptr<Connection> connection_;
  std::optional<CallStreams> streams_;  // as soon as it has started
  std::optional<call::Clock::time_point> deadline_;
  asio::steady_timer timer_;  // of the deadline
  asio::steady_timer pause_;  // before another attempt
  bool is_pausing_ = false;
  bool is_looking_up_ = false;
  std::size_t attempts_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  bool is_sending_ = true;  // streams of the parameters have not ended
  bool is_done_ = false;
  bool is_finished_ = false;  // by the caller
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::remote
