#include "remote/socket_link.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "remote/frames.h"
#include "support/check.h"
#include "support/leb128.h"

namespace tenon::remote {

namespace {

// The most data in one message. Calls with more take turns.
constexpr std::size_t kMessageData = std::size_t{1} << 16;
// The most bytes of two numbers.
constexpr std::size_t kMessageHead = 10;
// How much can wait for the socket before calls have to.
constexpr std::size_t kBacklog = std::size_t{1} << 18;
// How many messages wait for others before they are sent. The peer can work on these meanwhile.
constexpr std::size_t kWaiting = 16;
// Calls of one link that a server begins before others have ended.
constexpr std::size_t kOpenCalls = 256;
// The maximum number of received bytes that a call has not read.
constexpr std::size_t kUnreadData = std::size_t{1} << 20;
// The number of bytes that are received before the calls get their turn.
constexpr std::size_t kTurnBytes = std::size_t{1} << 19;

constexpr const char* kClosedByPeer = "the peer closed the connection";

}  // namespace

LinkedConnection::LinkedConnection(std::shared_ptr<SocketLink> link, std::uint32_t number,
                                   OnReady on_ready)
    : link_(std::move(link)),
      number_(number),
      on_ready_(std::move(on_ready)),
      received_before_(link_->received_) {
  link_->add(*this);
}

void LinkedConnection::begin(std::string_view instance, std::string_view function,
                             const WorkerId* /*owner*/) {
  append_header(out_, instance, function);
  total_ = out_.size();
}

void LinkedConnection::send(const IndexPath& channel, Bytes data, bool /*is_last*/) {
  const std::size_t before = out_.size();
  try {
    append_frame(out_, channel, data);
  } catch (const std::bad_alloc&) {
    out_.resize(before);
    throw;
  }
  total_ += out_.size() - before;
}

void LinkedConnection::flush() {
  if (is_open_) link_->send(*this);
}

bool LinkedConnection::has_sent() const {
  return begin_ && !is_unread_ && link_->written() > *begin_;
}

void LinkedConnection::restart() { TENON_CHECK(false); }

Connection::Arrived LinkedConnection::read() {
  using Kind = Arrived::Kind;
  if (taken_ == reading_.size()) {
    // Most calls never need a large buffer again.
    if (reading_.capacity() > kMessageData) reading_ = {};
    reading_.clear();
    reading_.swap(in_);
    taken_ = 0;
  }
  if (!reading_.empty()) {
    const std::size_t size = std::min(reading_.size() - taken_, kMessageData);
    taken_ += size;
    return {Kind::Data, std::span(reading_).subspan(taken_ - size, size)};
  }
  if (has_peer_ended_) return {Kind::End};
  if (!failure().empty() || !is_open_) return {Kind::Failure};
  is_notified_ = false;
  return {Kind::Nothing};
}

void LinkedConnection::close() {
  if (std::exchange(is_open_, false)) link_->remove(*this);
}

void LinkedConnection::add(std::span<const std::uint8_t> data) {
  if (has_peer_ended_ || !failure().empty()) return;
  if (in_.size() + data.size() > kUnreadData)
    return break_off(fmt::format("more than {} MiB wait to be read", kUnreadData >> 20));
  const std::size_t before = in_.size();
  in_.insert(in_.end(), data.begin(), data.end());
  if (before / kMessageData != in_.size() / kMessageData) is_notified_ = false;
  notify();
}

void LinkedConnection::note_peer_end() {
  has_peer_ended_ = true;
  notify();
}

void LinkedConnection::break_off(std::string_view why, bool is_unread) {
  // A client has its answer then. A server still has to give it.
  if ((has_peer_ended_ && !link_->is_server()) || !failure().empty()) return;
  is_unread_ = is_unread;
  try {
    fail(std::string(why));
  } catch (const std::bad_alloc&) {
    fail("out of memory");
  }
  // A server does not read what follows the parameters, so it would miss a second notification.
  on_ready_();
}

void LinkedConnection::notify() {
  if (!std::exchange(is_notified_, true)) on_ready_();
}

void SocketLink::open(std::shared_ptr<SocketConnection> socket, std::size_t attempts,
                      Connection::OnReady on_ready) {
  attempts_ = attempts - 1;
  begin(std::move(socket), std::move(on_ready));
  step();
}

void SocketLink::serve(std::shared_ptr<SocketConnection> socket,
                       std::span<const std::uint8_t> first, OnCall on_call,
                       Connection::OnReady on_ready) {
  on_call_ = std::move(on_call);
  begin(std::move(socket), std::move(on_ready));
  unread_.assign(first.begin(), first.end());
  step();
}

void SocketLink::begin(std::shared_ptr<SocketConnection> socket, Connection::OnReady on_ready) {
  socket_ = std::move(socket);
  on_ready_ = std::move(on_ready);
  out_.assign(kMark.begin(), kMark.end());
  queued_ = out_.size();
}

bool SocketLink::is_ready() const {
  return state_ != State::Mark && !is_leaving() && (has_calls() || socket_->is_quiet());
}

std::shared_ptr<Connection> SocketLink::connect(const std::shared_ptr<SocketLink>& link,
                                                Connection::OnReady on_ready) {
  const std::uint32_t number = ++link->last_number_;
  if (number == std::numeric_limits<std::uint32_t>::max()) link->is_leaving_ = true;
  return std::make_shared<LinkedConnection>(link, number, std::move(on_ready));
}

void SocketLink::leave() {
  if (is_leaving()) return;
  if (is_server())
    out_.reserve(out_.size() + kMessageHead);  // one of the two numbers alone means something else
  is_leaving_ = true;
  if (is_server()) {
    append_number(0);
    append_number(last_number_);
  }
  step_soon();
}

void SocketLink::remove(const LinkedConnection& call) {
  const bool was_full = is_full();
  calls_.erase(call.number_);
  if (is_closed_) return;
  if (!call.has_finished_ || !call.has_peer_ended_) {
    try {
      append(call.number_, {}, false);
    } catch (const std::bad_alloc&) {
      // The peer would wait for this call.
      fail("out of memory");
      return step_soon();
    }
    // The client gives up. A server that sends nothing at all may be gone.
    if (!is_server() && call.received_before_ == received_) is_leaving_ = true;
  }
  if (was_full || is_leaving_ || !out_.empty()) step_soon();
}

void SocketLink::send(LinkedConnection& call) {
  if (is_closed_ || call.is_blocked_) return;
  while (call.unsent() != 0) {
    if (backlog() >= kBacklog) {
      blocked_.push_back(call.number_);
      call.is_blocked_ = true;
      break;
    }
    const std::size_t size = std::min(call.unsent(), kMessageData);
    if (!call.begin_) call.begin_ = queued_;
    const bool is_last = call.is_finishing_ && size == call.unsent();
    append(call.number_, std::span(call.out_).subspan(call.sent_, size), is_last);
    call.has_finished_ = is_last;
    call.sent_ += size;
  }
  if (call.unsent() == 0) {
    call.out_.clear();
    call.sent_ = 0;
    if (call.is_finishing_ && !call.has_finished_) {
      // Usually, the last message of the call still waits here.
      if (last_sent_ == call.number_)
        out_[last_size_] |= 1U;
      else
        append(call.number_, {}, true);
      call.has_finished_ = true;
    }
  }
  if (waiting_ >= kWaiting) flush_messages();
  step_soon();
}

void SocketLink::append(std::uint32_t number, std::span<const std::uint8_t> data, bool is_last) {
  // A message is queued as a whole.
  const std::size_t size = out_.size() + data.size() + kMessageHead;
  if (size > out_.capacity()) out_.reserve(std::max(size, 2 * out_.capacity()));
  append_number(number);
  ++waiting_;
  last_sent_ = number;
  last_size_ = out_.size();
  append_number(static_cast<std::uint32_t>(data.size()) << 1U | (is_last ? 1U : 0U));
  out_.insert(out_.end(), data.begin(), data.end());
  queued_ += data.size();
}

void SocketLink::append_number(std::uint32_t number) {
  last_sent_ = 0;
  const std::size_t before = out_.size();
  append_leb128(out_, number);
  queued_ += out_.size() - before;
}

void SocketLink::step_soon() {
  if (!std::exchange(is_step_due_, true)) on_ready_();
}

void SocketLink::step() {
  is_step_due_ = false;
  if (is_closed_) return;
  // A server that leaves says so before it closes the socket.
  try {
    receive();
    if (is_closed_) return;
    flush();
  } catch (const std::bad_alloc&) {
    // Nothing is lost.
    return step_soon();
  }
  const bool has_left = is_leaving_ && calls_.empty() && backlog() == 0;
  if (has_left && is_server()) close();
}

void SocketLink::check_client() {
  // A client does not end its direction alone.
  if (!is_closed_ && socket_->has_peer_ended()) end(kClosedByPeer);
}

void SocketLink::flush_messages() {
  if (!out_.empty()) {
    socket_->send_bytes(std::move(out_));
    out_.clear();
    last_sent_ = 0;
    waiting_ = 0;
  }
  const bool was_fine = socket_->failure().empty();
  socket_->flush();
  // The step that is under way has received already.
  if (was_fine && !socket_->failure().empty()) step_soon();
}

void SocketLink::flush() {
  flush_messages();
  while (!blocked_.empty() && backlog() < kBacklog) {
    const auto found = calls_.find(blocked_.front());
    if (found == calls_.end()) {
      blocked_.pop_front();
      continue;
    }
    LinkedConnection& call = *found->second;
    call.is_blocked_ = false;
    send(call);
    blocked_.pop_front();
    if (call.unsent() == 0) call.on_ready_();
  }
}

bool SocketLink::is_full() const { return is_server() && calls_.size() >= kOpenCalls; }

void SocketLink::receive() {
  if ((!unread_.empty() || state_ == State::Held) && !take_unread()) return;
  const std::uint64_t before = received_;
  while (!is_closed_ && !is_held()) {
    if (received_ - before > kTurnBytes) return step_soon();
    const Connection::Arrived arrived = socket_->read();
    switch (arrived.kind) {
      case Connection::Arrived::Kind::Nothing:
        return;
      case Connection::Arrived::Kind::Data: {
        received_ += arrived.data.size();
        if (!take(arrived.data)) return;
        break;
      }
      case Connection::Arrived::Kind::End:
        return end(kClosedByPeer);
      case Connection::Arrived::Kind::Failure:
        if (attempts_ == 0 || socket_->has_sent()) return fail(socket_->failure());
        --attempts_;
        socket_->restart();
        socket_->flush();
        break;
    }
  }
}

bool SocketLink::take(std::span<const std::uint8_t> bytes) {
  try {
    read(bytes);
    unread_.assign(bytes.begin(), bytes.end());
    return true;
  } catch (const std::bad_alloc&) {
  }
  try {
    unread_.assign(bytes.begin(), bytes.end());
    step_soon();
  } catch (const std::bad_alloc&) {
    fail("out of memory");
  }
  return false;
}

bool SocketLink::take_unread() {
  std::span<const std::uint8_t> bytes = unread_;
  bool has_memory = true;
  try {
    read(bytes);
  } catch (const std::bad_alloc&) {
    has_memory = false;
    step_soon();
  }
  unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return has_memory;
}

void SocketLink::read(std::span<const std::uint8_t>& bytes) {
  while (!is_closed_) {
    // The messages of calls that have begun must be read, because they can end these.
    if (state_ == State::Held) {
      if (is_full()) return;
      begin_message();
      continue;
    }
    if (bytes.empty()) return;
    if (state_ == State::Data) {
      const std::size_t size = std::min<std::size_t>(data_left_, bytes.size());
      read_data(bytes.first(size));
      bytes = bytes.subspan(size);
      continue;
    }
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (state_ == State::Mark) {
      if (byte != kMark[mark_size_]) return fail("the peer sent bytes of another protocol");
      if (++mark_size_ == kMark.size()) state_ = State::Number;
      continue;
    }
    const std::optional<std::uint32_t> number = read_number(byte);
    if (!number) continue;
    if (state_ == State::Size) {
      take_size(*number);
    } else {
      number_ = *number;
      state_ = State::Size;
    }
  }
}

std::optional<std::uint32_t> SocketLink::read_number(std::uint8_t byte) {
  partial_ |= std::uint64_t{byte & 0x7FU} << partial_bits_;
  partial_bits_ += 7;
  const bool is_whole = (byte & 0x80U) == 0;
  if (partial_ > std::numeric_limits<std::uint32_t>::max() || (!is_whole && partial_bits_ >= 35)) {
    fail("the peer sent a number that does not fit in 32 bits");
    return std::nullopt;
  }
  if (!is_whole) return std::nullopt;
  partial_bits_ = 0;
  return static_cast<std::uint32_t>(std::exchange(partial_, 0));
}

void SocketLink::take_size(std::uint32_t size) {
  state_ = State::Number;
  if (number_ == 0)
    return is_server() ? fail("the peer sent a message for call 0") : note_leaving(size);
  const bool is_new = number_ > last_number_;
  if (is_new && !is_server()) return fail("the peer answered a call that was not made");
  is_last_ = (size & 1U) != 0;
  data_left_ = size >> 1U;
  state_ = is_new ? State::Held : State::Data;
  if (state_ == State::Data && data_left_ == 0) read_data({});
}

void SocketLink::begin_message() {
  if (!is_leaving_) {
    on_call_(number_);
    last_number_ = number_;
  }
  state_ = State::Data;
  if (data_left_ == 0) read_data({});
}

void SocketLink::read_data(std::span<const std::uint8_t> data) {
  const auto found = calls_.find(number_);
  // Null: it has ended.
  LinkedConnection* const call = found == calls_.end() ? nullptr : found->second;
  if (call != nullptr && !data.empty()) call->add(data);
  data_left_ -= static_cast<std::uint32_t>(data.size());
  if (data_left_ == 0) state_ = State::Number;
  if (call == nullptr || data_left_ != 0) return;
  if (is_last_)
    call->note_peer_end();
  else if (data.empty())
    call->break_off("the peer ended the call");
}

void SocketLink::note_leaving(std::uint32_t last_number) {
  is_leaving_ = true;
  for (const auto& [number, call] : calls_)
    if (number > last_number) call->break_off("the server is shutting down", true);
}

void SocketLink::fail(std::string_view why) {
  if (is_closed_) return;
  try {
    failure_ = why;
  } catch (const std::bad_alloc&) {
    failure_ = "out of memory";
  }
  end(why);
}

void SocketLink::end(std::string_view why) {
  if (std::exchange(is_closed_, true) || socket_ == nullptr) return;
  for (const auto& [number, call] : calls_) call->break_off(why);
  socket_->close();
}

}  // namespace tenon::remote
