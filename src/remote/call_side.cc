#include "remote/call_side.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tenon::remote {

namespace {

constexpr std::chrono::seconds kCheckPause{1};

}  // namespace

CallSide::CallSide(runtime::Shared& shared, Reactor& reactor, Dialect dialect,
                   FrameReader::From from)
    : shared_(shared),
      reactor_(reactor),
      dialect_(dialect),
      incoming_(from),
      transit_(shared.resources) {}

void CallSide::go_on() {
  is_step_due_ = true;
  if (is_stepping_) return;
  const std::shared_ptr<CallSide> self = shared_from_this();
  is_stepping_ = true;
  while (std::exchange(is_step_due_, false)) step();
  is_stepping_ = false;
  set_timer();
}

std::function<void()> CallSide::poster() {
  return [&scheduler = shared_.scheduler, weak = weak_from_this()] {
    scheduler.post([weak] {
      if (const auto self = weak.lock()) self->go_on();
    });
  };
}

// Most calls end before anything has to wait, so a timer is set only for those that wait.
void CallSide::set_timer() {
  const std::optional<call::Clock::time_point> at = next_time();
  if (!at || at == timer_at_) return;
  timer_at_ = at;
  if (!timer_) timer_.emplace(reactor_.context());
  timer_->expires_at(*at);
  timer_->async_wait([post = poster()](asio::error_code error) {
    if (!error) post();
  });
}

void CallSide::check_peer() {
  if (connection_ == nullptr || !connection_->failure().empty() || !connection_->can_ask())
    return check_at_.reset();
  const auto now = call::Clock::now();
  if (check_at_ && now < *check_at_) return;
  if (check_at_) connection_->ask();
  check_at_ = now + kCheckPause;
}

std::optional<call::Clock::time_point> CallSide::before_check(
    std::optional<call::Clock::time_point> time) const {
  return time && check_at_ ? std::min(*time, *check_at_) : time ? time : check_at_;
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
  if (!streams_)
    streams_.emplace(
        shared_, dialect_, [this] { return connection_.get(); },
        [weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->go_on();
        });
  return *streams_;
}

Result<void, std::string> CallSide::move_streams() {
  if (!streams_) return {};
  return streams_->move(connection_.get(), incoming_);
}

abi::ResourceToken CallSide::add_received(abi::HandlePart part,
                                          std::shared_ptr<const void> object) {
  const abi::ResourceToken token = shared_.resources.add({.kind = received_kinds()[part.number],
                                                          .holder = {runtime::Holder::Who::Call},
                                                          .object = std::move(object)});
  transit_.add(token);
  return token;
}

Result<void, abi::AbiError> CallSide::send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                           const IndexPath& channel) {
  const runtime::HeldResource taken = shared_.resources.take(end);
  streams().send(
      std::static_pointer_cast<runtime::ReadableEnd>(std::const_pointer_cast<void>(taken.object)),
      channel);
  return {};
}

Result<WireHandles::Received, abi::AbiError> CallSide::receive(abi::HandlePart part,
                                                               const IndexPath& channel) {
  CallStreams::Received received = streams().receive(
      received_kinds()[part.number]->stream->shared_from_this(), incoming_, channel);
  return Received{add_received(part, std::move(received.readable)), received.end};
}

}  // namespace tenon::remote
