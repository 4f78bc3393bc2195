#include "remote/call_side.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "support/try.h"

namespace tenon::remote {

CallSide::CallSide(runtime::Shared& shared, Reactor& reactor, Dialect dialect,
                   FrameReader::From from, std::chrono::milliseconds check_pause)
    : shared_(shared),
      reactor_(reactor),
      dialect_(dialect),
      incoming_(from),
      transit_(shared.resources),
      check_pause_(check_pause) {}

void CallSide::go_on() {
  is_step_due_ = true;
  if (is_stepping_) return;
  const std::shared_ptr<CallSide> self = shared_from_this();
  is_stepping_ = true;
  while (std::exchange(is_step_due_, false)) {
    try {
      step();
      if (!is_step_due_) set_timer();
    } catch (const std::bad_alloc&) {
      end_without_memory();
    }
  }
  is_stepping_ = false;
}

const std::function<void()>& CallSide::poster() {
  if (poster_ == nullptr)
    poster_ = shared_.scheduler.make_poster([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->go_on();
    });
  return poster_;
}

// Most calls end before anything has to wait, so a timer is set only for those that wait.
void CallSide::set_timer() {
  const std::optional<call::Clock::time_point> at = next_time();
  if (!at || at == timer_at_) return;
  if (!timer_) timer_.emplace(reactor_.context());
  timer_->expires_at(*at);
  timer_->async_wait([post = poster()](asio::error_code error) {
    if (!error) post();
  });
  timer_at_ = at;
}

void CallSide::check_peer() {
  if (connection_ == nullptr || !connection_->failure().empty() || !connection_->can_ask())
    return stop_checks();
  const auto now = call::Clock::now();
  if (check_at_ && now < *check_at_) return;
  if (check_at_) connection_->ask();
  check_at_ = now + check_pause_;
}

std::optional<call::Clock::time_point> CallSide::before_check(
    std::optional<call::Clock::time_point> time) const {
  std::optional<call::Clock::time_point> first = time;
  const auto take = [&](const std::optional<call::Clock::time_point>& other) {
    if (other && (!first || *other < *first)) first = other;
  };
  take(check_at_);
  if (streams_) take(streams_->next_time());
  return first;
}

Result<void, std::string> CallSide::add(const Connection::Arrived& arrived) {
  if (arrived.channel == nullptr) return incoming_.add(arrived.data);
  return incoming_.add(*arrived.channel, arrived.data, arrived.is_last);
}

Result<void, std::string> CallSide::send_root(WireBytes values, Connection::Slices slices) {
  // Go peers cannot read an empty string at the end. They ignore the extra byte.
  if (dialect_.needs_padding && values.size() != 0) values.bytes.push_back(0);
  connection_->send_slices({}, std::move(values), slices, true);
  return check_reader(dialect_, *connection_);
}

CallStreams& CallSide::streams() {
  if (streams_) return *streams_;
  streams_.emplace(
      shared_, dialect_, *this, [this] { return connection_.get(); },
      [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->go_on();
      });
  if (can_pause_) streams_->allow_pauses();
  return *streams_;
}

void CallSide::allow_pauses() {
  can_pause_ = true;
  if (streams_) streams_->allow_pauses();
}

void CallSide::expect_pace() { incoming_.open(kPaceChannel, pace_input_.emplace(*this)); }

Result<std::size_t, std::string> CallSide::PaceInput::take(std::span<const std::uint8_t> bytes) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  std::span<const std::uint8_t> rest = rest_;
  while (true) {
    TENON_TRY(const std::optional<PaceRequest> request, read_pace(rest));
    if (!request) break;
    if (side_.streams_) side_.streams_->set_pace(*request);
  }
  rest_.erase(rest_.begin(), rest_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return bytes.size();
}

Result<void, std::string> CallSide::move_streams() {
  if (!streams_) return {};
  return streams_->move(connection_.get(), incoming_);
}

Result<Bytes, abi::AbiError> CallSide::give(abi::HandlePart part, abi::ResourceToken resource) {
  return give_resource(part.ownership, resource);
}

Result<abi::ResourceToken, abi::AbiError> CallSide::take(abi::HandlePart part,
                                                         std::span<const std::uint8_t> bytes) {
  TENON_TRY(const abi::ResourceToken token,
            take_resource(*received_kinds()[part.number], part.ownership, bytes));
  if (part.ownership == abi::Ownership::Own) transit_.add(token);
  return token;
}

Result<void, abi::AbiError> CallSide::send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                           const IndexPath& channel) {
  streams().send(end, channel);
  return {};
}

Result<WireHandles::Received, abi::AbiError> CallSide::receive(abi::HandlePart part,
                                                               const IndexPath& channel) {
  TENON_TRY(const Received received, streams().receive(*received_kinds()[part.number], incoming_,
                                                       channel, CallStreams::Within::Values));
  transit_.add(received.token);
  return received;
}

}  // namespace tenon::remote
