// The client side of a call. It lives until its streams have ended, which can be after its result.
//
// Thread: that of the composition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remote/call_side.h"
#include "remote/connector.h"
#include "remote/extension.h"
#include "remote/peer.h"
#include "remote/remote_function.h"
#include "tenon/result.h"

namespace tenon::remote {

class OutgoingCall final : public CallSide {
 public:
  OutgoingCall(std::shared_ptr<const RemoteFunctionParts> parts, runtime::Shared& shared);
  ~OutgoingCall() override;

  // Sends the call. params: in `arena`, with views of the memory of `giver`; own handles leave the
  // composition.
  // deadline: of the caller; absent: it has none.
  // on_done: called once, in the composition, when it `is_done`; perhaps before this returns.
  void start(abi::ValueArena& arena, abi::Guest& giver, std::uint32_t params,
             const std::optional<call::Clock::time_point>& deadline, std::function<void()> on_done);

  // Whether the result has arrived, or the call has failed.
  [[nodiscard]] bool is_done() const { return is_done_ || failure_; }
  // Nothing: it has a result, if the function has one.
  [[nodiscard]] const std::optional<CallFailure>& failure() const { return failure_; }
  [[nodiscard]] abi::ValueArena& result() { return result_; }
  // Nothing: the function has no result.
  [[nodiscard]] std::optional<std::uint32_t> result_address() const;
  // The failure to report if the caller cannot take the result.
  [[nodiscard]] CallFailure fail(std::string_view why,
                                 CallFault::Kind kind = CallFault::Kind::Here) const;
  // The caller has taken the result, or has given up. If there is a result, its streams continue.
  void finish();

  Result<Bytes, abi::AbiError> give_resource(abi::Ownership ownership,
                                             abi::ResourceToken resource) override;
  Result<abi::ResourceToken, abi::AbiError> take_resource(
      const runtime::ResourceKind& kind, abi::Ownership ownership,
      std::span<const std::uint8_t> bytes) override;

 private:
  // The channel of what the server tells.
  class ServerInput final : public ChannelInput {
   public:
    Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override;
    [[nodiscard]] std::optional<ServerFailure> failure() const { return read_failure(failure_); }
    [[nodiscard]] bool offers_sharing() const { return offers_sharing_; }
    [[nodiscard]] bool offers_pauses() const { return offers_pauses_; }
    // Whether a part of a failure came, or one that cannot be read.
    [[nodiscard]] bool has_failure() const { return !failure_.empty(); }
    void clear() { *this = {}; }

   private:
    Bytes failure_;
    bool offers_sharing_ = false;
    bool offers_pauses_ = false;
  };

  [[nodiscard]] const abi::FunctionLayout& layout() const {
    return parts_->shape->program.layout();
  }
  [[nodiscard]] const std::vector<const runtime::ResourceKind*>& received_kinds() const override {
    return parts_->shape->result_kinds;
  }
  [[nodiscard]] std::optional<call::Clock::time_point> next_time() const override;
  void step() override;
  void end_without_memory() override;
  void end_step();
  // Writes the parameters.
  void write(abi::ValueArena& arena, abi::Guest& giver, std::uint32_t params,
             const std::optional<call::Clock::time_point>& deadline);
  void connect();
  [[nodiscard]] Connector::Sharing sharing();
  [[nodiscard]] bool has_result_streams() const;
  // Whether nothing more will be sent, also no request to pause a stream.
  [[nodiscard]] bool has_sent_all() const;
  // Whether closing the connection could lose what was sent: another tenon ends its direction when its
  // streams have been read.
  [[nodiscard]] bool waits_for_end() const;
  void expect_answer();
  void read();
  void note_data(const Connection::Arrived& arrived);
  void note_end();
  void note_failure();
  void give_up(std::string_view why, CallFault::Kind kind = CallFault::Kind::Here);
  void end_with(CallFailure failure);
  [[nodiscard]] std::string describe_traffic() const;
  [[nodiscard]] bool has_ended() const;
  void drop_connection();
  void drop_given();
  void close();

  const std::shared_ptr<const RemoteFunctionParts> parts_;
  Peer& peer_;
  std::function<void()> on_done_;
  WireBytes values_;               // the parameters; kept if another connection may need them
  const TraceContext cause_;       // without a span: the call belongs to no traced call
  std::optional<WorkerId> owner_;  // of the first handle that is sent
  std::list<Bytes> given_;         // handles that the peer gets, or that are dropped if it does not
  abi::ValueArena result_;
  ServerInput server_;
  std::optional<call::Clock::time_point> deadline_;
  std::optional<call::Clock::time_point> retry_at_;
  bool asks_for_pauses_ = false;
  bool must_connect_ = true;
  std::size_t attempts_ = 0;
  std::uint64_t life_ = 0;  // of the peer that it was sent to
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  bool has_finished_sending_ = false;
  bool has_peer_ended_ = false;
  bool is_done_ = false;
  bool is_finished_ = false;  // by the caller
  std::optional<CallFailure> failure_;
};

}  // namespace tenon::remote
