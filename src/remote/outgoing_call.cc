#include "remote/outgoing_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "remote/frames.h"
#include "remote/remote_resource.h"
#include "support/measures.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;

// When a call is made again whose bytes nobody has seen: a peer that restarts is back soon.
constexpr std::array<std::chrono::milliseconds, 2> kPauses = {std::chrono::milliseconds(50),
                                                              std::chrono::milliseconds(250)};

std::string shown_bytes(std::uint64_t count) {
  return count == 1 ? "1 byte" : fmt::format("{} bytes", count);
}

AbiError bad_handle(std::string message) {
  return {.kind = AbiErrorKind::Guest, .message = std::move(message)};
}

}  // namespace

OutgoingCall::OutgoingCall(const RemoteFunctionParts& parts, const std::string& function_on_wire,
                           runtime::Shared& shared)
    : parts_(parts),
      function_(function_on_wire),
      shared_(shared),
      peer_(*parts.peer),
      timer_(peer_.reactor().context()),
      pause_(peer_.reactor().context()) {
  ++peer_.counts().calls;
  ++peer_.counts().in_flight;
}

OutgoingCall::~OutgoingCall() { --peer_.counts().in_flight; }

void OutgoingCall::start(abi::ValueArena& arena, std::uint32_t params,
                         std::function<void()> on_progress) {
  on_progress_ = std::move(on_progress);
  const Address& address = peer_.settings().address;
  streams_.emplace(shared_, address.dialect(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->go_on();
  });
  const auto written =
      WireWriter(arena, *this, address.dialect()).write_params(layout(), params, values_);
  if (!written) return give_up("its parameters cannot be sent: " + abi::describe(written.error()));
  if (address.peer.empty()) {
    const CallNote note{.worker = peer_.self(),
                        .type_digest = parts_.type_digest,
                        .drops = peer_.take_drops(kNoteDrops)};
    append_note(note, values_);
    given_.insert(given_.end(), note.drops.begin(), note.drops.end());
  }
  if (const auto timeout = peer_.settings().timeout)
    deadline_ = call::Clock::now() + std::chrono::duration_cast<call::Clock::duration>(*timeout);
  steps_.run([this] {
    if (attempts_ == 0 && !is_looking_up_)
      connect();
    else
      step();
  });
  set_timer();
}

std::function<void()> OutgoingCall::poster() {
  return [&scheduler = shared_.scheduler, weak = weak_from_this()] {
    scheduler.post([weak] {
      if (const auto self = weak.lock()) self->go_on();
    });
  };
}

void OutgoingCall::go_on() {
  const std::shared_ptr<OutgoingCall> self = shared_from_this();
  steps_.run([this] { step(); });
}

void OutgoingCall::step() {
  const auto now = call::Clock::now();
  if (!is_done() && deadline_ && now >= *deadline_) {
    give_up(fmt::format("no answer within {}", print_duration(*peer_.settings().timeout)));
    failure_->kind = CallFailure::Kind::Deadline;
    failure_->limits.emplace_back(call::kRemoteTimeout);
  } else if (is_looking_up_ || (is_pausing_ && pause_.expiry() <= now)) {
    connect();
  } else if (incoming_) {
    // Items that have arrived are passed on after the connection has ended, too.
    if (connection_ != nullptr) connection_->flush();
    read();
  }
  if (is_done() && on_progress_) std::exchange(on_progress_, nullptr)();
  if (is_finished_ && has_ended()) close();
}

// Each call has a connection of its own.
void OutgoingCall::connect() {
  is_pausing_ = false;
  auto endpoints = peer_.find_endpoints(poster());
  if (!endpoints) return give_up(endpoints.error());
  is_looking_up_ = !endpoints->has_value();
  if (is_looking_up_) return;
  if ((*endpoints)->empty()) return give_up("its host has no address");
  const Endpoint& endpoint = (**endpoints)[attempts_ % (*endpoints)->size()];
  ++attempts_;
  result_.clear();
  transit_.emplace(shared_.resources);
  incoming_.emplace(FrameReader::From::Server);
  incoming_->open(kFailureChannel, server_failure_);
  const auto expected = layout().result
                            ? incoming_->expect(WireReader::of_result(
                                  layout(), result_, *this, peer_.settings().address.dialect()))
                            : incoming_->expect_nothing();
  if (!expected) return give_up(expected.error());
  Bytes head;
  append_header(head, parts_.instance, function_);
  append_frame_head(head, {}, values_.size());
  sent_ = head.size() + values_.size();
  connection_ = Connection::connect(peer_.reactor(), endpoint, poster());
  connection_->send(std::move(head));
  connection_->send(may_repeat() ? Bytes(values_) : std::move(values_));
  read();
}

bool OutgoingCall::may_repeat() const { return attempts_ <= kPauses.size() && !failure_; }

void OutgoingCall::read() {
  using Kind = Connection::Arrived::Kind;
  // Another call on the stack can close it.
  const std::shared_ptr<Connection> held = connection_;
  while (!failure_) {
    const auto moved = streams_->move(connection_.get(), *incoming_);
    if (!moved) return give_up(moved.error());
    if (connection_ == nullptr || has_ended()) return;
    if (is_sending_ && streams_->has_sent_all()) {
      is_sending_ = false;
      connection_->finish();
    }
    if (incoming_->is_full()) return;
    const Connection::Arrived arrived = connection_->read();
    switch (arrived.kind) {
      case Kind::Nothing:
        return;
      case Kind::Data: {
        received_ += arrived.data.size();
        const auto added = incoming_->add(arrived.data);
        if (const auto failure = server_failure_.failure()) return note_server_failure(*failure);
        if (!added) return give_up("its answer is not of the function's type: " + added.error());
        is_done_ = incoming_->has_values();
        break;
      }
      case Kind::End:
        note_end();
        break;
      case Kind::Failure:
        return note_failure();
    }
  }
}

// Streams whose connection is gone end where they are: their readers cannot get an error.
void OutgoingCall::drop_connection() {
  connection_->close();
  connection_.reset();
  streams_->end();
}

// The peer has closed the connection.
void OutgoingCall::note_end() {
  const Result<void, std::string> complete = incoming_->end();
  // Known servers send nothing for a function without a result.
  is_done_ = is_done_ || complete.has_value();
  if (is_done_) return drop_connection();
  give_up(received_ == 0
              ? std::string("the peer closed the connection without an answer: it does not serve "
                            "this function, or the function failed there")
              : "the peer closed the connection within its answer: " + complete.error());
}

void OutgoingCall::note_failure() {
  if (is_done_) return drop_connection();
  const std::string why = connection_->failure();
  const bool was_seen = connection_->has_sent();
  if (!was_seen) sent_ = 0;
  if (!may_repeat() || (was_seen && !peer_.settings().is_idempotent)) return give_up(why);
  const auto again = call::Clock::now() + kPauses[attempts_ - 1];
  if (deadline_ && again >= *deadline_) return give_up(why);
  connection_->close();
  connection_.reset();
  is_pausing_ = true;
  pause_.expires_at(again);
  pause_.async_wait([post = poster()](asio::error_code error) {
    if (!error) post();
  });
}

void OutgoingCall::note_server_failure(const ServerFailure& failure) {
  switch (failure.kind) {
    case ServerFailure::Kind::Failed:
      return give_up("it failed there: " + failure.message);
    case ServerFailure::Kind::Unknown:
    case ServerFailure::Kind::Type:
    case ServerFailure::Kind::BadCall:
      return give_up(failure.message);
  }
}

void OutgoingCall::set_timer() {
  if (!deadline_ || is_done()) return;
  timer_.expires_at(*deadline_);
  timer_.async_wait([post = poster()](asio::error_code error) {
    if (!error) post();
  });
}

void OutgoingCall::give_up(std::string_view why) {
  failure_ = fail(why);
  // The peer ignores those that it has.
  for (Bytes& handle : std::exchange(given_, {})) peer_.drop_handle(std::move(handle));
  Peer::Counts& counts = peer_.counts();
  ++counts.failures;
  counts.last_failure = failure_->message;
}

std::string OutgoingCall::describe_traffic() const {
  if (attempts_ == 0) return "nothing was sent";
  return fmt::format("sent {}, received {}{}", shown_bytes(sent_), shown_bytes(received_),
                     attempts_ > 1 ? fmt::format(", in {} attempts", attempts_) : "");
}

CallFailure OutgoingCall::fail(std::string_view why) const {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Remote;
  failure.unit = peer_.settings().name;
  failure.function = parts_.name;
  failure.message = fmt::format("at {}: {} ({})", print_address(peer_.settings().address), why,
                                describe_traffic());
  return failure;
}

bool OutgoingCall::has_ended() const { return failure_ || (is_done_ && streams_->have_ended()); }

void OutgoingCall::finish() {
  on_progress_ = nullptr;
  is_finished_ = true;
  timer_.cancel();
  transit_.reset();
  // A call that nobody waits for ends, unless its streams go on.
  if (!is_done_ || has_ended()) return close();
  peer_.keep(shared_from_this());
}

void OutgoingCall::close() {
  timer_.cancel();
  pause_.cancel();
  is_pausing_ = false;
  if (connection_ != nullptr) connection_->close();
  connection_.reset();
  peer_.forget(shared_from_this());
}

Result<Bytes, AbiError> OutgoingCall::give(abi::HandlePart part, abi::ResourceToken resource) {
  const runtime::HeldResource* const held = shared_.resources.find(resource);
  if (held == nullptr || held->object == nullptr)
    return bad_handle("the resource does not belong to the remote unit");
  // The plan lets only resources of this unit get here.
  const auto object = std::static_pointer_cast<const RemoteResource>(held->object);
  if (object->handle().empty()) return bad_handle("the resource was given away");
  Bytes handle = object->handle();
  if (part.ownership == abi::Ownership::Own) {
    const runtime::HeldResource taken = shared_.resources.take(resource);
    object->give_back();
    given_.push_back(handle);
  }
  return handle;
}

Result<abi::ResourceToken, AbiError> OutgoingCall::take(abi::HandlePart part,
                                                        std::span<const std::uint8_t> bytes) {
  const abi::ResourceToken token =
      shared_.resources.add({.kind = parts_.shape->result_kinds[part.number],
                             .holder = {runtime::Holder::Who::Call},
                             .object = std::make_shared<const RemoteResource>(
                                 parts_.peer, Bytes(bytes.begin(), bytes.end()))});
  transit_->add(token);
  return token;
}

Result<void, AbiError> OutgoingCall::send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                          const IndexPath& channel) {
  const runtime::HeldResource taken = shared_.resources.take(end);
  streams_->send(
      std::static_pointer_cast<runtime::ReadableEnd>(std::const_pointer_cast<void>(taken.object)),
      channel);
  return {};
}

Result<WireHandles::Received, AbiError> OutgoingCall::receive(abi::HandlePart part,
                                                              const IndexPath& channel) {
  const runtime::ResourceKind* const kind = parts_.shape->result_kinds[part.number];
  CallStreams::Received received =
      streams_->receive(kind->stream->shared_from_this(), *incoming_, channel);
  const abi::ResourceToken token = shared_.resources.add({.kind = kind,
                                                          .holder = {runtime::Holder::Who::Call},
                                                          .object = std::move(received.readable)});
  transit_->add(token);
  return Received{token, received.end};
}

Result<std::size_t, std::string> OutgoingCall::FailureInput::take(
    std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 17;
  if (bytes_.size() + bytes.size() > kMost)
    return std::string("it sent a failure that is too long");
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return bytes.size();
}

}  // namespace tenon::remote
