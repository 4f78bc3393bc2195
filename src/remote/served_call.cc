#include "remote/served_call.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "remote/frames.h"
#include "support/measures.h"

namespace tenon::remote {

namespace {

// How long a peer has to take the end of an answer.
constexpr std::chrono::seconds kLingerTime{10};

std::string shown_function(std::string_view instance, std::string_view function) {
  return instance.empty() ? std::string(function) : fmt::format("{}#{}", instance, function);
}

// The part of a peer's address that its connections share.
std::string peer_host(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

abi::AbiError bad_handle(std::string why) {
  return {.kind = abi::AbiErrorKind::Guest, .message = std::move(why)};
}

}  // namespace

ServedCall::ServedCall(Server& server, Dialect dialect, std::string peer)
    : server_(server),
      dialect_(dialect),
      shared_(server.shared_),
      peer_(std::move(peer)),
      holder_(peer_host(peer_)),
      timer_(server.reactor_.context()),
      transit_(shared_.resources) {}

void ServedCall::begin(Connection::Socket socket) {
  connection_ = Connection::adopt(std::move(socket), poster());
  streams_.emplace(shared_, dialect_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->go_on();
  });
  set_timer(server_.limits_.header_time);
  // Clients send their call at once.
  go_on();
}

void ServedCall::drop() {
  state_ = State::Ended;
  timer_.cancel();
  end_call();
  connection_->reset();
}

std::function<void()> ServedCall::poster() {
  return [&scheduler = shared_.scheduler, weak = weak_from_this()] {
    scheduler.post([weak] {
      if (const auto self = weak.lock()) self->go_on();
    });
  };
}

void ServedCall::go_on() {
  const std::shared_ptr<ServedCall> self = shared_from_this();
  steps_.run([this] { step(); });
}

void ServedCall::step() {
  if (state_ == State::Ended) return;
  connection_->flush();
  if (deadline_ && call::Clock::now() >= *deadline_) return end_late();
  read();
  if (state_ == State::Answered) finish();
}

void ServedCall::set_timer(std::chrono::milliseconds time) {
  deadline_ = call::Clock::now() + time;
  timer_.expires_at(*deadline_);
  timer_.async_wait([post = poster()](asio::error_code error) {
    if (!error) post();
  });
}

void ServedCall::stop_timer() {
  deadline_.reset();
  timer_.cancel();
}

void ServedCall::end_late() {
  if (state_ == State::Answered) return close();
  refuse(ServerFailure::Kind::BadCall,
         state_ == State::Header ? fmt::format("it named no function within {}",
                                               print_duration(server_.limits_.header_time))
                                 : fmt::format("its parameters were not complete after {}",
                                               print_duration(server_.limits_.params_time)));
}

void ServedCall::read() {
  using Kind = Connection::Arrived::Kind;
  while (state_ != State::Ended) {
    const auto moved = streams_->move(connection_.get(), incoming_);
    if (!moved) return refuse(ServerFailure::Kind::BadCall, moved.error());
    // Nothing is read before it can be used.
    const bool is_reading =
        state_ < State::Waiting || state_ == State::Answered || !streams_->has_received_all();
    if (has_peer_ended_ || !is_reading || incoming_.is_full()) return;
    const Connection::Arrived arrived = connection_->read();
    switch (arrived.kind) {
      case Kind::Nothing:
        return;
      case Kind::Data:
        add(arrived.data);
        break;
      case Kind::End:
        note_peer_end();
        break;
      case Kind::Failure:
        note_broken();
        break;
    }
  }
}

void ServedCall::add(std::span<const std::uint8_t> bytes) {
  has_read_ = true;
  // What follows an answer is ignored, if it is not of a stream.
  if (state_ == State::Answered && streams_->has_received_all()) return;
  const Result<void, std::string> added = incoming_.add(bytes);
  note_caller();
  if (!added) return refuse(ServerFailure::Kind::BadCall, added.error());
  if (state_ == State::Header && incoming_.has_header()) find_function();
  if (!incoming_.has_root()) return;
  note_caller();
  // A renewal is in the note, too.
  if (state_ == State::Renewal)
    send_values({});
  else if (state_ == State::Params && function_ == nullptr)
    refuse_unknown();
  else if (state_ == State::Params && incoming_.has_values())
    check_and_wait();
}

// The header has arrived.
void ServedCall::find_function() {
  const bool is_renewal =
      incoming_.instance() == kHandlesInstance && incoming_.function() == kRenewFunction;
  state_ = is_renewal ? State::Renewal : State::Params;
  set_timer(server_.limits_.params_time);
  if (!is_renewal) function_ = server_.find(incoming_.instance(), incoming_.function());
  const auto expected = function_ == nullptr
                            ? incoming_.expect_nothing()
                            : incoming_.expect(WireReader::of_params(
                                  function_->shape->program.layout(), arena_, *this, dialect_));
  note_caller();
  if (!expected) refuse(ServerFailure::Kind::BadCall, expected.error());
}

void ServedCall::note_caller() {
  if (!incoming_.has_root() || std::exchange(has_noted_, true)) return;
  note_ = read_note(incoming_.tail());
  if (note_) {
    holder_ = print_worker(note_->worker);
    for (const Bytes& handle : note_->drops) server_.leases_.drop(handle);
  }
  server_.leases_.renew(holder_);
}

void ServedCall::note_peer_end() {
  has_peer_ended_ = true;
  // Who only looks whether the port is open sends nothing.
  if (state_ == State::Header && !has_read_) return close();
  if (state_ == State::Params && function_ == nullptr) return refuse_unknown();
  if (state_ < State::Waiting) {
    const Result<void, std::string> complete = incoming_.end();
    return refuse(ServerFailure::Kind::BadCall,
                  complete ? "the data ends before the parameters" : complete.error());
  }
  streams_->end_received();
}

// The connection has failed. A call in progress goes on: its effects may be wanted.
void ServedCall::note_broken() {
  has_peer_ended_ = true;
  if (state_ < State::Waiting) return refuse(ServerFailure::Kind::BadCall, connection_->failure());
  if (state_ == State::Answered) return close();
  streams_->end();
}

void ServedCall::check_and_wait() {
  if (note_ && note_->type_digest && *note_->type_digest != function_->type_digest)
    return refuse(ServerFailure::Kind::Type,
                  fmt::format("it has another type there: `{}`", function_->type));
  stop_timer();
  state_ = State::Waiting;
  server_.waiting_.push_back(weak_from_this());
  server_.start_waiting();
}

void ServedCall::start() {
  state_ = State::Running;
  ++server_.counts_.calls;
  ++server_.counts_.in_progress;
  call_.emplace(*function_->shape, shared_, arena_, abi::From::memory(arena_, incoming_.address()),
                nullptr, [this] { note_end(); });
  is_starting_ = true;
  function_->callee->start(*call_);
  is_starting_ = false;
  if (call_->has_ended()) answer();
}

// Within a turn of a guest, perhaps.
void ServedCall::note_end() {
  if (is_starting_) return;
  shared_.scheduler.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->answer();
  });
}

void ServedCall::answer() {
  if (state_ != State::Running) return;
  const std::shared_ptr<ServedCall> self = shared_from_this();
  if (!call_->is_success()) {
    refuse(ServerFailure::Kind::Failed,
           failure_diagnostic(call_->take_failure(function_->name)).message);
  } else {
    Bytes values;
    Result<void, abi::AbiError> written;
    if (call_->result())
      written = WireWriter(arena_, *this, dialect_)
                    .write_result(function_->shape->program.layout(), *call_->result(), values);
    if (written)
      send_values(std::move(values));
    else
      refuse(ServerFailure::Kind::Failed,
             "its result cannot be sent: " + abi::describe(written.error()));
  }
  server_.start_waiting();
}

void ServedCall::send_values(Bytes values) {
  Bytes head;
  append_frame_head(head, {}, values.size());
  connection_->send(std::move(head));
  connection_->send(std::move(values));
  end_call();
  state_ = State::Answered;
  stop_timer();
  go_on();
}

// Closing while the peer still sends would take the answer away from it.
void ServedCall::finish() {
  if (!streams_->has_sent_all()) return;
  if (!std::exchange(is_finishing_, true)) {
    connection_->finish();
    set_timer(kLingerTime);
    // Most peers have ended already.
    read();
    if (state_ == State::Ended) return;
  }
  if (!connection_->failure().empty() ||
      (has_peer_ended_ && connection_->unsent() == 0 && streams_->have_ended()))
    close();
}

// wRPC has no way to say that a call failed; for a function without a result, only an error of the
// connection differs from an answer. Another tenon is told why.
void ServedCall::refuse(ServerFailure::Kind kind, std::string why) {
  if (state_ == State::Ended) return;
  ++server_.counts_.failures;
  server_.report({.peer = peer_,
                  .function = incoming_.has_header()
                                  ? shown_function(incoming_.instance(), incoming_.function())
                                  : std::string(),
                  .message = why});
  end_call();
  // What was begun cannot be ended in order.
  if (!note_ || state_ == State::Answered) {
    connection_->reset();
    return end();
  }
  Bytes frame;
  append_frame(frame, kFailureChannel, write_failure({kind, std::move(why)}));
  connection_->send(std::move(frame));
  streams_->end();
  state_ = State::Answered;
  stop_timer();
  go_on();
}

void ServedCall::refuse_unknown() {
  refuse(ServerFailure::Kind::Unknown,
         server_.explain_unknown(incoming_.instance(), incoming_.function()));
}

void ServedCall::end_call() {
  if (call_) --server_.counts_.in_progress;
  call_.reset();
  transit_.finish();
  for (const std::uint64_t number : std::exchange(lent_, {})) shared_.program.end_pass(number);
}

void ServedCall::close() {
  connection_->close();
  end();
}

void ServedCall::end() {
  state_ = State::Ended;
  stop_timer();
  server_.remove(shared_from_this());
}

Result<Bytes, abi::AbiError> ServedCall::give(abi::HandlePart /*part*/,
                                              abi::ResourceToken resource) {
  return server_.leases_.add(resource, holder_);
}

Result<abi::ResourceToken, abi::AbiError> ServedCall::take(abi::HandlePart part,
                                                           std::span<const std::uint8_t> bytes) {
  const runtime::ResourceKind& kind = *function_->shape->param_kinds[part.number];
  const Result<std::uint64_t, std::string> number = server_.leases_.find(bytes);
  if (!number) return bad_handle(number.error());
  runtime::HeldResource* const held = shared_.program.find(*number);
  if (held == nullptr) return bad_handle("the resource is gone");
  if (held->kind->number != kind.number)
    return bad_handle(
        fmt::format("the handle is of a `{}`, and a `{}` is needed", held->kind->name, kind.name));
  const runtime::Domain* const home = held->kind->home;
  if (home != nullptr && (!home->is_alive() || held->life != home->life()))
    return bad_handle(
        fmt::format("the resource is gone: the domain `{}` that made it has ended", home->name()));
  const abi::ResourceToken token = shared_.program.token(*number);
  if (part.ownership == abi::Ownership::Borrow) {
    shared_.program.pass(*number);
    lent_.push_back(*number);
    return token;
  }
  if (shared_.program.is_in_use(*number))
    return bad_handle("the resource is borrowed by a call in progress");
  server_.leases_.remove(*number);
  held->holder = {runtime::Holder::Who::Call};
  transit_.add(token);
  return token;
}

Result<void, abi::AbiError> ServedCall::send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                             const IndexPath& channel) {
  const runtime::HeldResource taken = shared_.resources.take(end);
  streams_->send(
      std::static_pointer_cast<runtime::ReadableEnd>(std::const_pointer_cast<void>(taken.object)),
      channel);
  return {};
}

Result<WireHandles::Received, abi::AbiError> ServedCall::receive(abi::HandlePart part,
                                                                 const IndexPath& channel) {
  const runtime::ResourceKind* const kind = function_->shape->param_kinds[part.number];
  CallStreams::Received received =
      streams_->receive(kind->stream->shared_from_this(), incoming_, channel);
  const abi::ResourceToken token = shared_.resources.add({.kind = kind,
                                                          .holder = {runtime::Holder::Who::Call},
                                                          .object = std::move(received.readable)});
  transit_.add(token);
  return Received{token, received.end};
}

}  // namespace tenon::remote
