// A call over NATS (docs/formats/wrpc.md, "NATS"). Each side has an inbox, and each channel of the call
// is a subject below it, so no frames are needed. The call can have a header `traceparent`.
//
//   client                                                 server
//   subject of the function, reply C: first parameters ->
//                                     <- C, reply S: empty, the call is accepted
//   S.params: the rest, and an empty message           ->
//                                     <- C.results: the result, and an empty message
//
// NATS itself cannot make a sender wait. Between two tenons, the sender marks its data now and then, and
// the receiver answers a mark when it has read everything before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "remote/connection.h"
#include "remote/nats_link.h"

namespace tenon::remote {

// The subject of a function. owner: of the handles of the call; null: any worker can answer it.
[[nodiscard]] std::string nats_subject(std::string_view prefix, const WorkerId* owner,
                                       std::string_view instance, std::string_view function);

class NatsConnection final : public Connection, public NatsLink::Inbox {
 public:
  // The client side of a call. prefix: the first part of all subjects.
  NatsConnection(std::shared_ptr<NatsLink> link, std::string prefix, OnReady on_ready);
  // The server side of a call, which it accepts. first: the first message. REQUIRES: it has a reply
  NatsConnection(std::shared_ptr<NatsLink> link, NatsMessage first, OnReady on_ready);
  ~NatsConnection() override { close(); }

  void begin(std::string_view instance, std::string_view function, const WorkerId* owner) override;
  void set_cause(const TraceContext& cause) override { traceparent_ = print_traceparent(cause); }
  void send(const IndexPath& channel, Bytes data, bool is_last) override;
  void finish() override {}  // each channel has its own end
  void flush() override;
  [[nodiscard]] std::size_t unsent() const override { return unsent_; }
  [[nodiscard]] std::uint64_t total() const override { return total_; }
  [[nodiscard]] bool has_sent() const override { return has_called_; }
  void restart() override;
  [[nodiscard]] Arrived read() override;
  [[nodiscard]] std::size_t unread() const override { return waiting_; }
  [[nodiscard]] bool can_ask() const override { return NatsLink::is_inbox(peer_); }
  void ask() override { link_->publish(peer_, inbox_, {}); }
  [[nodiscard]] bool is_blind() const override { return !can_ask(); }
  [[nodiscard]] bool must_linger() const override { return false; }
  void close() override;
  void reset() override;

  void receive(std::string_view path, NatsMessage message) override;
  void note_break(const std::string& why) override { fail(why); }

 private:
  // After so many bytes the sender marks its data, if the peer is a tenon.
  static constexpr std::size_t kMarkedBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMostMarks = 4;

  struct Outgoing {
    IndexPath channel;
    Bytes data;
    std::size_t sent = 0;  // bytes of the data
    bool is_last = false;
  };
  struct Arriving {
    std::optional<IndexPath> channel;  // nothing: a mark of the sender
    NatsMessage message;
  };

  // Sends the first parameters with the call.
  void call();
  void publish(const Outgoing& block, std::size_t size);
  void keep(Arriving arriving);
  // Whether another tenon has not read so much that no more is sent.
  [[nodiscard]] bool has_to_wait() const { return unread_marks_ >= kMostMarks; }
  void fail(std::string why);

  const std::shared_ptr<NatsLink> link_;
  OnReady on_ready_;
  const std::string prefix_;
  const std::string_view incoming_;  // the subject of received data, below the inbox
  const std::string_view outgoing_;  // the subject of sent data, below the inbox of the peer
  std::string subject_;              // of the function
  std::string traceparent_;          // for the header of that name; empty: none
  std::string inbox_;
  std::string peer_;  // the inbox of the peer; empty: it has not accepted the call
  std::deque<Outgoing> queue_;
  std::size_t unmarked_ = 0;      // bytes that were sent since the last mark
  std::size_t unread_marks_ = 0;  // marks that the peer has not read
  std::size_t unsent_ = 0;
  std::uint64_t total_ = 0;
  bool has_called_ = false;
  bool is_open_ = false;
  std::deque<Arriving> arrived_;
  std::size_t waiting_ = 0;  // bytes of `arrived_`
  std::optional<Arriving> current_;
};

}  // namespace tenon::remote
