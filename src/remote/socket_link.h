// A socket that calls between two tenons share (docs/formats/wrpc.md, "Shared connections").
//
// A connection for each call takes longer than a small call itself. On a link, a call is a number,
// and messages carry its bytes, which are those of a connection of its own. Messages that are queued
// before the composition waits are sent by one system call.
//
// Calls with streams have their own sockets: on a link, a reader that is slow would delay others.
//
// Thread: that of the composition.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "remote/socket_connection.h"
#include "runtime/scheduler.h"

namespace tenon::remote {

class SocketLink;

// One call on a link.
class LinkedConnection final : public Connection {
 public:
  LinkedConnection(std::shared_ptr<SocketLink> link, std::uint32_t number, OnReady on_ready);
  ~LinkedConnection() override { close(); }

  void begin(std::string_view instance, std::string_view function, const WorkerId* owner) override;
  void send(const IndexPath& channel, Bytes data, bool is_last) override;
  void finish() override { is_finishing_ = true; }
  void flush() override;
  [[nodiscard]] std::size_t unsent() const override { return out_.size() - sent_; }
  [[nodiscard]] std::uint64_t total() const override { return total_; }
  [[nodiscard]] bool has_sent() const override;
  [[nodiscard]] bool can_restart() const override { return false; }
  void restart() override;
  [[nodiscard]] Arrived read() override;
  [[nodiscard]] std::size_t unread() const override { return in_.size() + reading_.size(); }
  [[nodiscard]] bool must_linger() const override { return false; }
  void close() override;
  void reset() override { close(); }

 private:
  friend class SocketLink;

  void add(std::span<const std::uint8_t> data);
  void note_peer_end();
  // The call cannot go on. is_unread: the peer has not begun it. Needs no memory, except for a reason.
  void break_off(std::string_view why, bool is_unread = false);
  void notify();

  std::shared_ptr<SocketLink> link_;
  const std::uint32_t number_;
  OnReady on_ready_;
  bool is_open_ = true;

  Bytes out_;
  std::size_t sent_ = 0;  // of `out_`
  std::uint64_t total_ = 0;
  std::optional<std::uint64_t> begin_;  // of its first message, in all bytes of the link
  bool is_finishing_ = false;
  bool has_finished_ = false;
  bool is_blocked_ = false;
  bool is_unread_ = false;  // by the peer

  Bytes in_;               // what has arrived
  Bytes reading_;          // what is being read
  std::size_t taken_ = 0;  // of `reading_`
  bool has_peer_ended_ = false;
  bool is_notified_ = false;
  const std::uint64_t received_before_;  // bytes of the link
};

class SocketLink final {
 public:
  SocketLink() = default;
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;
  ~SocketLink() { close(); }

  // A function that schedules `step` as long as the link exists. Lifetime: refers to the scheduler.
  [[nodiscard]] static Connection::OnReady make_on_ready(const std::shared_ptr<SocketLink>& link,
                                                         runtime::Scheduler& scheduler) {
    return scheduler.make_poster([weak = std::weak_ptr(link)] {
      if (const auto held = weak.lock()) held->step();
    });
  }
  // Begins the client side on a new socket. attempts: how many endpoints can be tried.
  // on_ready: schedules `step` in the composition; also that of the socket. Thread of it: any.
  void open(std::shared_ptr<SocketConnection> socket, std::size_t attempts,
            Connection::OnReady on_ready);
  // Whether calls can be made at once. Another process can have replaced the server while the link
  // had no calls, so it is not ready if there is news from it.
  [[nodiscard]] bool is_ready() const;
  // REQUIRES: `is_ready`
  [[nodiscard]] static std::shared_ptr<Connection> connect(const std::shared_ptr<SocketLink>& link,
                                                           Connection::OnReady on_ready);

  // Whether a client begins a link with these first bytes.
  [[nodiscard]] static bool is_link(std::span<const std::uint8_t> first) {
    return !first.empty() && first[0] == kMark[0];
  }
  // Begins the server side. first: the bytes of the client so far. on_call: must make a
  // LinkedConnection for the number of a new call. on_ready: as above.
  using OnCall = std::function<void(std::uint32_t number)>;
  void serve(std::shared_ptr<SocketConnection> socket, std::span<const std::uint8_t> first,
             OnCall on_call, Connection::OnReady on_ready);

  // Begins no more calls, and closes when those in progress have ended. A client makes calls that
  // the server has not begun again, elsewhere.
  void leave();
  // Whether calls could be made at any time.
  [[nodiscard]] bool was_open() const { return state_ != State::Mark; }
  // Whether it begins no more calls.
  [[nodiscard]] bool is_leaving() const { return is_leaving_ || is_closed(); }
  [[nodiscard]] bool has_calls() const { return !calls_.empty(); }

  // Sends and receives what it can. Without memory, the next step goes on.
  void step();
  // Whether it is not read, because the client has begun too many calls.
  [[nodiscard]] bool is_held() const { return state_ == State::Held && is_full(); }
  // Closes it if the client has done so. It does not notice that by itself while it `is_held`.
  void check_client();
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  // Why it broke, such as "connection reset". Empty: it did not, or the peer closed it.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  // Ends all calls at once.
  void close() { end("the connection was closed"); }

 private:
  friend class LinkedConnection;

  static constexpr std::array<std::uint8_t, 4> kMark = {'t', 'n', 'l', '1'};
  // The part of the stream that is read next. Held: the first message of a call, which has been read up to
  // its data.
  enum class State : std::uint8_t { Mark, Number, Size, Held, Data };

  void begin(std::shared_ptr<SocketConnection> socket, Connection::OnReady on_ready);
  [[nodiscard]] bool is_server() const { return on_call_ != nullptr; }

  void add(LinkedConnection& call) { calls_.emplace(call.number_, &call); }
  void remove(const LinkedConnection& call);
  // Queues data of a call, as long as not too much waits for the socket.
  void send(LinkedConnection& call);
  void append(std::uint32_t number, std::span<const std::uint8_t> data, bool is_last);
  void append_number(std::uint32_t number);
  // The number of bytes that wait for the socket.
  [[nodiscard]] std::size_t backlog() const { return out_.size() + socket_->unsent(); }
  // The number of bytes so far that the peer may have received.
  [[nodiscard]] std::uint64_t written() const { return queued_ - backlog(); }
  void step_soon();
  // Passes messages on to the socket.
  void flush_messages();
  // The same, and goes on with calls that have to wait for the socket.
  void flush();

  void receive();
  [[nodiscard]] bool is_full() const;
  // Reads messages until the link `is_held`, and removes what it has read, also if it throws std::bad_alloc.
  void read(std::span<const std::uint8_t>& bytes);
  // Reads messages, and keeps the rest. Returns whether there was memory.
  [[nodiscard]] bool take(std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool take_unread();
  [[nodiscard]] std::optional<std::uint32_t> read_number(std::uint8_t byte);
  void take_size(std::uint32_t size);
  void begin_message();
  void read_data(std::span<const std::uint8_t> data);
  void note_leaving(std::uint32_t last_number);
  void fail(std::string_view why);
  void end(std::string_view why);

  std::shared_ptr<SocketConnection> socket_;  // null: not open yet
  Connection::OnReady on_ready_;
  OnCall on_call_;            // null: of a client
  std::size_t attempts_ = 0;  // that are left
  std::unordered_map<std::uint32_t, LinkedConnection*> calls_;
  std::uint32_t last_number_ = 0;  // of the newest call
  std::string failure_;
  bool is_leaving_ = false;
  bool is_closed_ = false;
  bool is_step_due_ = false;

  Bytes out_;                          // messages that the socket does not have yet
  std::size_t waiting_ = 0;            // the number of these messages
  std::uint32_t last_sent_ = 0;        // the call of the last of them; 0: there are none
  std::size_t last_size_ = 0;          // where this message has its size
  std::deque<std::uint32_t> blocked_;  // calls that have more data
  std::uint64_t queued_ = 0;           // bytes of all messages so far

  State state_ = State::Mark;
  std::size_t mark_size_ = 0;  // that was read
  std::uint64_t partial_ = 0;  // a number of which some bytes were read,
  unsigned partial_bits_ = 0;  // and how many bits these are
  std::uint32_t number_ = 0;   // of the message that is read
  std::uint32_t data_left_ = 0;
  bool is_last_ = false;
  Bytes unread_;                // bytes that came when the link was held
  std::uint64_t received_ = 0;  // bytes
};

}  // namespace tenon::remote
