#include "remote/outgoing_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "remote/frames.h"
#include "runtime/shared.h"
#include "runtime/trace.h"
#include "support/measures.h"

namespace tenon::remote {

namespace {

using abi::AbiError;

// Pauses before a call is repeated whose bytes the peer has not seen: a peer that restarts is back soon.
constexpr std::array<std::chrono::milliseconds, 2> kPauses = {std::chrono::milliseconds(50),
                                                              std::chrono::milliseconds(250)};

// The most bytes of parameters that share a connection.
constexpr std::size_t kSharedBytes = std::size_t{1} << 16;

std::string show_bytes(std::uint64_t count) {
  return count == 1 ? "1 byte" : fmt::format("{} bytes", count);
}

}  // namespace

OutgoingCall::OutgoingCall(std::shared_ptr<const RemoteFunctionParts> parts,
                           runtime::Shared& shared)
    : CallSide(shared, parts->peer->reactor(), parts->peer->address().dialect(),
               FrameReader::From::Server),
      parts_(std::move(parts)),
      peer_(*parts_->peer),
      cause_(runtime::TraceScope::current()),
      result_(reactor_.buffers().take_arena()) {
  ++peer_.state().calls;
  ++peer_.state().in_flight;
}

OutgoingCall::~OutgoingCall() {
  reactor_.buffers().keep(std::move(result_));
  --peer_.state().in_flight;
}

void OutgoingCall::start(abi::ValueArena& arena, abi::Guest& giver, std::uint32_t params,
                         const std::optional<call::Clock::time_point>& deadline,
                         std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  try {
    write(arena, giver, params, deadline);
  } catch (const std::bad_alloc&) {
    end_without_memory();
  }
  go_on();
}

void OutgoingCall::write(abi::ValueArena& arena, abi::Guest& giver, std::uint32_t params,
                         const std::optional<call::Clock::time_point>& deadline) {
  WireWriter writer(arena, *this, dialect_);
  writer.read_views(giver);
  writer.leave_slices(values_.slices);
  const auto written = writer.write_params(layout(), params, values_.bytes);
  if (!written) return give_up("its parameters cannot be sent: " + abi::describe(written.error()));
  if (peer_.address().peer.empty()) {
    asks_for_pauses_ = has_streams() || has_result_streams();
    CallNote note{.worker = peer_.self(),
                  .type_digest = parts_->type_digest,
                  .label = parts_->label,
                  .drops = {},
                  .asks_for_sharing = peer_.connector().asks_for_sharing(),
                  .can_pause = asks_for_pauses_,
                  .cause = cause_.span != 0 ? std::optional(cause_) : std::nullopt};
    if (deadline && peer_.connector().starts_peer())
      note.time_left = std::max(*deadline - call::Clock::now(), call::Clock::duration::zero());
    std::list<Bytes> drops = peer_.take_drops();
    const auto first = drops.begin();
    const bool has_drops = !drops.empty();
    given_.splice(given_.end(), drops);
    if (has_drops) note.drops.assign(first, given_.end());
    append_note(note, values_.bytes);
  }
  if (const auto timeout = peer_.options().timeout)
    deadline_ = call::Clock::now() + std::chrono::duration_cast<call::Clock::duration>(*timeout);
}

std::optional<std::uint32_t> OutgoingCall::result_address() const {
  if (!layout().result) return std::nullopt;
  return incoming_.address();
}

std::optional<call::Clock::time_point> OutgoingCall::next_time() const {
  if (is_done()) return before_check(std::nullopt);
  return retry_at_ ? retry_at_ : before_check(deadline_);
}

void OutgoingCall::step() {
  const auto now = call::Clock::now();
  if (!is_done() && deadline_ && now >= *deadline_) {
    give_up(fmt::format("{} within {}", attempts_ == 0 ? "no connection" : "no answer",
                        print_duration(*peer_.options().timeout)));
    failure_->kind = CallFailure::Kind::Deadline;
    failure_->limits.emplace_back(call::kRemoteTimeout);
  } else if (!is_done() && must_connect_) {
    if (!retry_at_ || now >= *retry_at_) connect();
  } else if (!failure_) {
    if (connection_ != nullptr) connection_->flush();
    // Items that have arrived are also passed on after the connection has ended.
    read();
    check_peer();
  }
  end_step();
}

void OutgoingCall::end_step() {
  if (is_done() && on_done_) std::exchange(on_done_, nullptr)();
  if (is_finished_ && has_ended()) close();
}

void OutgoingCall::end_without_memory() {
  end_with(runtime::no_memory());
  end_streams();
  end_step();
}

void OutgoingCall::connect() {
  retry_at_.reset();
  if (connection_ != nullptr) {
    connection_->restart();
  } else {
    auto made = peer_.connector().connect(poster(), sharing());
    if (!made) return give_up(made.error());
    connection_ = *std::move(made);
    life_ = peer_.connector().life();
    const bool is_kept =
        connection_ == nullptr || peer_.options().idempotent || !connection_->can_restart();
    // The guest continues, and can change its memory before the values are sent.
    if (is_kept) values_.own();
    if (connection_ == nullptr) return;
    connection_->begin(parts_->instance, parts_->function, owner_ ? &*owner_ : nullptr);
    if (cause_.span != 0) connection_->set_cause(cause_);
    const auto sent = send_root(is_kept ? WireBytes(values_) : std::move(values_),
                                Connection::Slices::UntilFlush);
    if (!sent) return give_up(sent.error());
    has_finished_sending_ = has_sent_all();
    if (has_finished_sending_) connection_->finish();
  }
  must_connect_ = false;
  ++attempts_;
  sent_ = connection_->unsent();
  expect_answer();
  connection_->flush();
  if (!failure_) read();
  check_peer();
}

// On a shared connection, streams and large values would delay other calls.
Connector::Sharing OutgoingCall::sharing() {
  const bool is_small = values_.size() <= kSharedBytes;
  return is_small && !has_streams() && !has_result_streams() && peer_.address().peer.empty()
             ? Connector::Sharing::Allowed
             : Connector::Sharing::No;
}

bool OutgoingCall::has_result_streams() const {
  return std::ranges::any_of(parts_->shape->result_kinds, [](const runtime::ResourceKind* kind) {
    return kind->stream != nullptr;
  });
}

bool OutgoingCall::has_sent_all() const {
  if (!has_sent_streams()) return false;
  // A server offers it before its answer.
  return !asks_for_pauses_ || (is_done_ && (!server_.offers_pauses() || has_received_streams()));
}

bool OutgoingCall::waits_for_end() const {
  return server_.offers_pauses() && connection_ != nullptr && connection_->must_linger() &&
         has_streams() && !has_dropped_streams();
}

void OutgoingCall::expect_answer() {
  transit_.finish();
  result_.clear();
  received_ = 0;
  server_.clear();
  incoming_ = Incoming(FrameReader::From::Server);
  incoming_.open(kServerChannel, server_);
  if (asks_for_pauses_) expect_pace();
  const auto expected =
      layout().result ? incoming_.expect(WireReader::of_result(layout(), result_, *this, dialect_))
                      : incoming_.expect_nothing();
  if (!expected) give_up(expected.error());
}

void OutgoingCall::read() {
  using Kind = Connection::Arrived::Kind;
  // Moving items can run a guest, which can end this call.
  const std::shared_ptr<Connection> held = connection_;
  while (!failure_) {
    if (const auto moved = move_streams(); !moved) return give_up(moved.error());
    if (connection_ == nullptr) return;
    if (has_sent_all() && !std::exchange(has_finished_sending_, true)) {
      connection_->finish();
      connection_->flush();
    }
    if (has_ended() || has_peer_ended_ || incoming_.is_full()) return;
    const Connection::Arrived arrived = connection_->read_into(incoming_.room());
    switch (arrived.kind) {
      case Kind::Nothing:
        return;
      case Kind::Data:
        note_data(arrived);
        break;
      case Kind::End:
        has_peer_ended_ = true;
        note_end();
        break;
      case Kind::Failure:
        note_failure();
        if (must_connect_) return;
        break;
    }
  }
}

void OutgoingCall::note_data(const Connection::Arrived& arrived) {
  received_ += arrived.data.size();
  const auto added = add(arrived);
  if (server_.offers_sharing()) peer_.connector().allow_sharing();
  if (server_.offers_pauses()) allow_pauses();
  if (const auto failure = server_.failure())
    return failure->kind == ServerFailure::Kind::Failed
               ? give_up(failure->message, CallFault::Kind::Function)
               : give_up(failure->message);
  if (!added)
    return give_up("its answer is not of the function's type: " + added.error(),
                   CallFault::Kind::Answer);
  is_done_ = incoming_.has_values();
  if (!is_done_ && arrived.channel != nullptr && incoming_.has_root()) note_end();
}

// The peer has ended its direction of the connection.
void OutgoingCall::note_end() {
  const Result<void, std::string> complete = incoming_.end();
  // Others send nothing for a function without a result.
  const bool always_answers = dialect_.always_answers || peer_.connector().is_tenon();
  is_done_ = is_done_ || (complete.has_value() && !always_answers);
  if (is_done_) {
    // Another tenon reads no more after that. Other servers can.
    if (has_sent_streams() || !dialect_.is_foreign) return drop_connection();
    return end_received_streams();
  }
  if (server_.has_failure())
    return give_up("it failed there, and the reason cannot be read", CallFault::Kind::Answer);
  give_up(!incoming_.has_begun()
              ? std::string("the peer closed the connection without an answer: it does not serve "
                            "this function, or the function failed there")
              : "the peer closed the connection within its answer: " + complete.error(),
          CallFault::Kind::Connection);
}

void OutgoingCall::note_failure() {
  if (is_done_) return drop_connection();
  const std::string why = connection_->failure();
  const bool was_seen = connection_->has_sent();
  if (!was_seen) sent_ = 0;
  const bool can_repeat = !was_seen || (peer_.options().idempotent && !has_streams());
  if (!can_repeat || attempts_ > kPauses.size()) return give_up(why, CallFault::Kind::Connection);
  retry_at_ = call::Clock::now() + kPauses[attempts_ - 1];
  if (deadline_ && *retry_at_ >= *deadline_) return give_up(why, CallFault::Kind::Connection);
  connection_->close();
  // If the peer has received nothing, the connection keeps the queued data for the next attempt.
  if (was_seen || !connection_->can_restart()) connection_.reset();
  must_connect_ = true;
}

// Streams end after the items that have arrived: their readers cannot get an error.
void OutgoingCall::drop_connection() {
  if (!has_sent_streams()) drop_given();
  connection_->close();
  connection_.reset();
  end_streams();
}

void OutgoingCall::give_up(std::string_view why, CallFault::Kind kind) {
  end_with(fail(why, kind));
}

void OutgoingCall::end_with(CallFailure failure) {
  peer_.state().last_failure = failure.message;
  ++peer_.state().failures;
  drop_given();
  failure_ = std::move(failure);
}

// The peer ignores those that it has received.
void OutgoingCall::drop_given() { peer_.drop_handles(given_); }

std::string OutgoingCall::describe_traffic() const {
  if (attempts_ == 0) return "nothing was sent";
  return fmt::format("sent {}, received {}{}", show_bytes(sent_), show_bytes(received_),
                     attempts_ > 1 ? fmt::format(", in {} attempts", attempts_) : "");
}

CallFailure OutgoingCall::fail(std::string_view why, CallFault::Kind kind) const {
  if (auto described = peer_.connector().describe({.kind = kind,
                                                   .life = life_,
                                                   .unit = peer_.state().name,
                                                   .function = parts_->name,
                                                   .why = why}))
    return *std::move(described);
  CallFailure failure;
  failure.kind = CallFailure::Kind::Remote;
  failure.unit = peer_.state().name;
  failure.function = parts_->name;
  failure.message = fmt::format("at {}: {}{} ({})", peer_.state().address,
                                kind == CallFault::Kind::Function ? "it failed there: " : "", why,
                                describe_traffic());
  return failure;
}

bool OutgoingCall::has_ended() const {
  return failure_ || (is_done_ && has_sent_streams() && has_received_streams() &&
                      (connection_ == nullptr || (connection_->unsent() == 0 && !waits_for_end())));
}

void OutgoingCall::finish() {
  on_done_ = nullptr;
  is_finished_ = true;
  transit_.finish();
  try {
    if (!is_done() && attempts_ != 0) peer_.connector().note_abandoned();
    if (!is_done_ || has_ended()) return close();
    peer_.keep(std::static_pointer_cast<OutgoingCall>(shared_from_this()));
  } catch (const std::bad_alloc&) {
    close();
  }
}

void OutgoingCall::close() {
  must_connect_ = false;
  if (connection_ != nullptr) connection_->close();
  connection_.reset();
  peer_.forget(std::static_pointer_cast<OutgoingCall>(shared_from_this()));
}

Result<Bytes, AbiError> OutgoingCall::give_resource(abi::Ownership ownership,
                                                    abi::ResourceToken resource) {
  const runtime::HeldResource* const held = shared_.resources.find(resource);
  if (held == nullptr ||
      !std::holds_alternative<std::shared_ptr<runtime::OutsideResource>>(held->object))
    return bad_handle("the resource does not belong to the remote unit");
  // The plan ensures that the resource belongs to this unit.
  const auto object =
      std::static_pointer_cast<const RemoteResource>(held->as<runtime::OutsideResource>());
  if (object->handle() == nullptr) return bad_handle("the resource was given away");
  Bytes handle = *object->handle();
  if (!owner_) owner_ = find_worker(handle);
  if (ownership == abi::Ownership::Own) {
    given_.push_back(handle);
    const runtime::HeldResource taken = shared_.resources.take(resource);
    object->give_back();
  }
  return handle;
}

Result<abi::ResourceToken, AbiError> OutgoingCall::take_resource(
    const runtime::ResourceKind& kind, abi::Ownership /*ownership*/,
    std::span<const std::uint8_t> bytes) {
  return shared_.resources.add(
      {.kind = &kind,
       .holder = {runtime::Holder::Who::Call},
       .object = std::shared_ptr<runtime::OutsideResource>(
           std::make_shared<RemoteResource>(parts_->peer, Bytes(bytes.begin(), bytes.end())))});
}

Result<std::size_t, std::string> OutgoingCall::ServerInput::take(
    std::span<const std::uint8_t> bytes) {
  std::span<const std::uint8_t> failure = bytes;
  for (; failure_.empty() && !failure.empty() && failure.front() >= kSharingOffer;
       failure = failure.subspan(1)) {
    // Offers of later versions are skipped.
    if (failure.front() == kSharingOffer) offers_sharing_ = true;
    if (failure.front() == kPauseOffer) offers_pauses_ = true;
  }
  if (failure_.size() + failure.size() > kFailureBytes)
    return fmt::format("a failure has more than {} bytes", kFailureBytes);
  failure_.insert(failure_.end(), failure.begin(), failure.end());
  return bytes.size();
}

}  // namespace tenon::remote
