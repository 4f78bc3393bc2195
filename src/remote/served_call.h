// The server side of a call: a connection that was accepted, or a part of one. A connection that calls
// share is also one of these, until its client has begun a link.
//
//   header --> parameters --> wait for other calls --> the call --> answer --> streams, end
//
// If the peer leaves before the answer, the call is cancelled: nobody waits for it any more. A peer that is
// silent is asked each second whether it is still there.
//
// Thread: that of the composition.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "remote/call_side.h"
#include "remote/extension.h"
#include "remote/server.h"
#include "remote/socket_link.h"
#include "runtime/program_call.h"

namespace tenon::remote {

class ServedCall final : public CallSide {
 public:
  // dialect, peer, client: of the connection; `peer` is its address. Lifetime: refers to the server, which
  // holds it until it has ended.
  ServedCall(Server& server, Dialect dialect, std::string peer,
             std::shared_ptr<ServedClient> client);
  ~ServedCall() override;

  // The callback for its connection. Thread of the function: any.
  [[nodiscard]] const Connection::OnReady& on_ready() { return poster(); }
  // Reads the call from a socket, from its header on. The client can also begin a link.
  void begin(std::shared_ptr<SocketConnection> socket);
  // The same for a connection on a link, when data has arrived.
  void expect(std::shared_ptr<Connection> connection);
  // The same without a header. cause: the span that causes the call, unless its note names one.
  void begin(std::shared_ptr<Connection> connection, const std::string& instance,
             const std::string& function, const TraceContext& cause);
  // Who has the connection.
  [[nodiscard]] const std::shared_ptr<ServedClient>& client() const { return client_; }
  // Who makes the call, if the note says more than the address. REQUIRES: it has its parameters
  [[nodiscard]] const std::shared_ptr<ServedClient>& caller() const { return caller_; }
  // Its place in `caller()->waiting`, as long as it waits for others to end.
  void set_place(std::list<ServedCall*>::iterator place) { place_ = place; }
  // Gives this place up.
  void stop_waiting();
  // Makes the call, which the server and `caller` count.
  void start();
  // Ends it at once, because the server ends.
  void drop();
  // The link that has its connection; null: it has a call.
  [[nodiscard]] SocketLink* link() const { return link_.get(); }

  Result<Bytes, abi::AbiError> give_resource(abi::Ownership ownership,
                                             abi::ResourceToken resource) override;
  Result<abi::ResourceToken, abi::AbiError> take_resource(
      const runtime::ResourceKind& kind, abi::Ownership ownership,
      std::span<const std::uint8_t> bytes) override;

 private:
  enum class State : std::uint8_t {
    Header,    // the function is not known yet
    Params,    // if no function was found: a note after them says whether the peer gets the reason
    Renewal,   // the note of a peer that has handles
    Waiting,   // for other calls to end
    Starting,  // the call is made by the next step
    Running,
    Answered,  // streams can go on
    Ended,
  };

  [[nodiscard]] const std::vector<const runtime::ResourceKind*>& received_kinds() const override {
    return found_.function->shape->param_kinds;
  }
  [[nodiscard]] std::optional<call::Clock::time_point> next_time() const override {
    if (state_ == State::Ended) return std::nullopt;
    return before_check(deadline_);
  }
  void step() override;
  void end_without_memory() override;
  // Whether the peer waits for the answer, and sends nothing that has to be read.
  [[nodiscard]] bool is_unanswered() const {
    return state_ == State::Waiting || state_ == State::Running;
  }
  void enter(State state, std::optional<std::chrono::milliseconds> time);
  void end_late();
  // The connection is shared by calls.
  void share(std::span<const std::uint8_t> first);
  void step_link();

  // Reads the data of the peer that can be used in this state.
  void read();
  // Reads what a peer that cannot be made to wait sends although it cannot be used, and drops it.
  void drop_unread();
  // Whether there is memory for what has arrived and cannot be used yet. Refuses the call if nothing that it does frees
  // any.
  [[nodiscard]] bool has_room();
  void add(const Connection::Arrived& arrived);
  void find_function(std::string instance, std::string function);
  // Reads the note of another tenon, once it has arrived.
  void note_caller();
  void note_peer_end();
  void note_broken();
  // The parameters are complete.
  void check_and_wait();
  void make_call();
  // Decides between the exports that implement the interface which the peer names: by the label in its
  // note, or by the handles that it passes. Returns false if the call is refused.
  [[nodiscard]] bool choose_label();
  // Leaves those of them whose parameter at an index takes handles of a kind. Returns whether there is
  // one.
  [[nodiscard]] bool narrow_by_handle(std::size_t part, std::uint32_t kind);

  void note_end();
  void answer();
  void send_answer(WireBytes values);
  // Ends the connection when everything is sent.
  void finish();
  // Ends the call without an answer.
  void refuse(ServerFailure::Kind kind, std::string why);
  void refuse_unknown();
  void refuse_size();
  [[nodiscard]] std::string explain_size() const;
  // The values of the call are no longer needed.
  void end_call();
  void close();
  void end();

  Server& server_;
  const std::string peer_;
  const std::shared_ptr<ServedClient> client_;
  std::shared_ptr<ServedClient> caller_;
  std::optional<std::list<ServedCall*>::iterator> place_;
  bool is_counted_ = false;  // as a call in progress
  std::string instance_;     // as the peer names it
  std::string function_name_;
  std::string holder_;  // identifies the peer as a holder of handles
  State state_ = State::Header;
  std::optional<call::Clock::time_point> deadline_;  // of the state
  bool has_read_ = false;
  bool has_peer_ended_ = false;
  bool has_noted_ = false;
  bool has_finished_ = false;  // its direction
  bool is_refused_ = false;    // with a reason for the peer
  std::size_t lingering_ = 0;  // bytes that were unsent when the deadline was set
  std::optional<CallNote> note_;
  TraceContext cause_;
  abi::ValueArena arena_;             // the parameters, and then the result
  std::size_t held_ = 0;              // bytes of the parameters, and then of the unsent answer
  std::size_t held_items_ = 0;        // bytes of items of its streams, and of what is not read
  std::vector<std::uint64_t> lent_;   // numbers of resources that the call borrows
  std::vector<std::uint64_t> given_;  // of those in its answer, until that is sent
  ServedNames::Found found_;
  std::optional<runtime::StartedCall> call_;
  bool is_starting_ = false;
  bool has_ended_ = false;                    // `call_`, after it has started
  std::shared_ptr<SocketConnection> socket_;  // null: it cannot become a link
  std::shared_ptr<SocketLink> link_;          // null: it is a call
};

}  // namespace tenon::remote
