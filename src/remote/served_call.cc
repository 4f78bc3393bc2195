#include "remote/served_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

#include "remote/frames.h"
#include "runtime/trace.h"
#include "support/measures.h"
#include "support/names.h"

namespace tenon::remote {

namespace {

// The part of a peer's address that its connections share.
std::string peer_host(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

ServedCall::ServedCall(Server& server, Dialect dialect, std::string peer,
                       std::shared_ptr<ServedClient> client)
    : CallSide(server.shared_, server.reactor_, dialect, FrameReader::From::Client,
               server.limits_.check_pause),
      server_(server),
      peer_(std::move(peer)),
      client_(std::move(client)),
      holder_(peer_host(peer_)),
      arena_(reactor_.buffers().take_arena()) {}

ServedCall::~ServedCall() { reactor_.buffers().keep(std::move(arena_)); }

void ServedCall::begin(std::shared_ptr<SocketConnection> socket) {
  socket_ = socket;
  expect(std::move(socket));
  // Clients send their call at once.
  go_on();
}

void ServedCall::expect(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
  enter(State::Header, server_.limits_.header_time);
}

void ServedCall::begin(std::shared_ptr<Connection> connection, const std::string& instance,
                       const std::string& function, const TraceContext& cause) {
  connection_ = std::move(connection);
  try {
    cause_ = cause;
    // Only a client sends a header.
    incoming_ = Incoming(FrameReader::From::Server);
    find_function(instance, function);
  } catch (const std::bad_alloc&) {
    return end_without_memory();
  }
  go_on();
}

void ServedCall::drop() {
  enter(State::Ended, std::nullopt);
  end_call();
  if (link_ != nullptr) link_->close();
  if (connection_ != nullptr) connection_->reset();
}

void ServedCall::enter(State state, std::optional<std::chrono::milliseconds> time) {
  stop_waiting();
  state_ = state;
  deadline_.reset();
  if (time) deadline_ = call::Clock::now() + *time;
  if (state != State::Ended) return;
  (void)server_.hold(0, held_);
  (void)server_.hold(0, held_items_);
}

void ServedCall::step() {
  if (link_ != nullptr) return step_link();
  // A message can arrive before the call begins.
  if (state_ == State::Ended || connection_ == nullptr) return;
  if (state_ == State::Starting) make_call();
  if (std::exchange(has_ended_, false)) answer();
  connection_->flush();
  if (deadline_ && call::Clock::now() >= *deadline_) return end_late();
  read();
  // The connection may have turned out to be shared.
  if (connection_ == nullptr) return;
  if (is_unanswered() || has_streams())
    check_peer();
  else
    stop_checks();
  if (state_ < State::Answered && state_ != State::Starting && !connection_->failure().empty())
    note_broken();
  if (state_ != State::Answered) return;
  (void)server_.hold(connection_->unsent(), held_);
  finish();
}

void ServedCall::share(std::span<const std::uint8_t> first) {
  link_ = std::make_shared<SocketLink>();
  connection_.reset();
  deadline_.reset();
  link_->serve(
      std::move(socket_), first,
      [this](std::uint32_t number) { server_.accept(link_, number, peer_, client_); }, poster());
  step_link();
}

void ServedCall::step_link() {
  link_->step();
  // Other clients may wait.
  if (server_.is_full() && !link_->has_calls()) link_->leave();
  const auto now = call::Clock::now();
  if (!link_->is_held())
    deadline_.reset();
  else if (deadline_ && now >= *deadline_)
    link_->check_client();
  if (link_->is_held() && (!deadline_ || now >= *deadline_))
    deadline_ = now + server_.limits_.check_pause;
  if (!link_->is_closed()) return;
  if (!link_->failure().empty())
    server_.report({.peer = peer_, .function = {}, .message = link_->failure()});
  end();
}

void ServedCall::end_late() {
  if (state_ == State::Answered) return close();
  if (state_ == State::Running)
    return refuse(ServerFailure::Kind::Failed,
                  fmt::format("cancelled: no answer within {}, and whether its caller still waits "
                              "cannot be known",
                              print_duration(server_.limits_.blind_time)));
  refuse(ServerFailure::Kind::BadCall,
         state_ == State::Header ? fmt::format("it named no function within {}",
                                               print_duration(server_.limits_.header_time))
                                 : fmt::format("its parameters were not complete after {}",
                                               print_duration(server_.limits_.params_time)));
}

void ServedCall::read() {
  using Kind = Connection::Arrived::Kind;
  while (state_ != State::Ended && link_ == nullptr) {
    const auto moved = move_streams();
    if (!moved) return refuse(ServerFailure::Kind::BadCall, moved.error());
    // Nothing is read before it can be used.
    const bool is_reading =
        state_ < State::Waiting || state_ == State::Answered || !has_received_streams();
    if (!is_reading) drop_unread();
    if (!has_room() || has_peer_ended_ || !is_reading || incoming_.is_full()) return;
    const Connection::Arrived arrived =
        is_refused_ ? connection_->read() : connection_->read_into(incoming_.room());
    switch (arrived.kind) {
      case Kind::Nothing:
        return;
      case Kind::Data:
        add(arrived);
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

void ServedCall::drop_unread() {
  if (connection_->unread() == 0) return;
  while (connection_->read().kind == Connection::Arrived::Kind::Data) {
  }
}

bool ServedCall::has_room() {
  // Items that wait become fewer when they are read.
  const std::size_t waiting = waiting_bytes() + incoming_.unread();
  const std::size_t others = unfinished_bytes() + connection_->unread();
  if (server_.hold(waiting + others, held_items_) || is_refused_) return true;
  if (others > Server::kSmallBytes || waiting == 0 || state_ < State::Waiting) refuse_size();
  return false;
}

void ServedCall::add(const Connection::Arrived& arrived) {
  const bool is_first = !std::exchange(has_read_, true);
  if (is_first && socket_ != nullptr && SocketLink::is_link(arrived.data))
    return share(arrived.data);
  // After the answer, data that belongs to no stream is ignored. A client that pauses sends none, unless it has not
  // yet read that its call is refused.
  const bool can_pause = note_ && note_->can_pause;
  if (is_refused_ || (state_ == State::Answered && has_received_streams() && !can_pause)) return;
  const Result<void, std::string> added = CallSide::add(arrived);
  note_caller();
  if (!added) return refuse(ServerFailure::Kind::BadCall, added.error());
  if (state_ == State::Header && incoming_.has_header())
    find_function(incoming_.instance(), incoming_.function());
  if (state_ == State::Params && !server_.hold(arena_.bytes().size(), held_)) return refuse_size();
  if (!incoming_.has_root()) return;
  note_caller();
  // A renewal is in the note, too.
  if (state_ == State::Renewal)
    send_answer({});
  else if (state_ == State::Params && found_.function == nullptr)
    refuse_unknown();
  else if (state_ == State::Params && incoming_.has_values())
    check_and_wait();
}

void ServedCall::find_function(std::string instance, std::string function) {
  instance_ = std::move(instance);
  function_name_ = std::move(function);
  const bool is_renewal = instance_ == kHandlesInstance && function_name_ == kRenewFunction;
  enter(is_renewal ? State::Renewal : State::Params, server_.limits_.params_time);
  if (!is_renewal) found_ = server_.names_.find(instance_, function_name_);
  const auto expected =
      found_.function == nullptr
          ? incoming_.expect_nothing()
          : incoming_.expect(WireReader::of_params(found_.function->shape->program.layout(), arena_,
                                                   *this, dialect_));
  note_caller();
  if (!expected) refuse(ServerFailure::Kind::BadCall, expected.error());
}

void ServedCall::note_caller() {
  if (!incoming_.has_root() || std::exchange(has_noted_, true)) return;
  note_ = read_note(incoming_.tail());
  if (note_) {
    holder_ = print_worker(note_->worker);
    if (note_->cause) cause_ = *note_->cause;
    for (const Bytes& handle : note_->drops) server_.leases_.drop(handle);
    // Another tenon ignores an empty frame on this channel.
    Bytes question;
    append_frame(question, kServerChannel, {});
    if (socket_ != nullptr) socket_->set_question(std::move(question));
    if (note_->can_pause) {
      allow_pauses();
      expect_pace();
    }
  }
  server_.leases_.renew(holder_);
}

void ServedCall::note_peer_end() {
  has_peer_ended_ = true;
  // A client that only checks whether the port is open sends nothing.
  if (state_ == State::Header && !has_read_) return close();
  if (state_ == State::Params && found_.function == nullptr) return refuse_unknown();
  if (state_ < State::Waiting) {
    const Result<void, std::string> complete = incoming_.end();
    return refuse(ServerFailure::Kind::BadCall,
                  complete ? "the data ends before the parameters" : complete.error());
  }
  end_received_streams();
}

// The connection has failed: nobody waits for the answer any more.
void ServedCall::note_broken() {
  has_peer_ended_ = true;
  if (state_ < State::Waiting) return refuse(ServerFailure::Kind::BadCall, connection_->failure());
  if (state_ == State::Answered) return;
  refuse(ServerFailure::Kind::Failed, "cancelled: " + connection_->failure());
}

bool ServedCall::choose_label() {
  if (found_.labelled.empty()) return true;
  const auto chosen =
      !note_ || note_->label.empty()
          ? found_.labelled.end()
          : std::ranges::find(found_.labelled, note_->label, &ServedFunction::instance);
  if (chosen == found_.labelled.end()) {
    if (found_.must_choose)
      refuse(ServerFailure::Kind::Unknown, ServedNames::explain_choice(found_, instance_));
    return !found_.must_choose;
  }
  // The parameters were read by the type of the function that was found first.
  if ((*chosen)->type_digest != found_.function->type_digest) {
    refuse(ServerFailure::Kind::Type,
           fmt::format("`{}` has another type there: `{}`", note_->label, (*chosen)->type));
    return false;
  }
  // So were streams, whose ends belong to one function.
  const auto& read = found_.function->shape->param_kinds;
  const auto& expected = (*chosen)->shape->param_kinds;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (read[i]->stream == nullptr || read[i]->number == expected[i]->number) continue;
    refuse(ServerFailure::Kind::Unknown, ServedNames::explain_choice(found_, instance_));
    return false;
  }
  found_.function = *chosen;
  found_.is_exact = ServedNames::is_version(**chosen, instance_);
  return true;
}

bool ServedCall::narrow_by_handle(std::size_t part, std::uint32_t kind) {
  const std::uint64_t type = found_.function->type_digest;
  std::erase_if(found_.labelled, [&](const ServedFunction* function) {
    return function->type_digest != type || function->shape->param_kinds[part]->number != kind;
  });
  if (found_.function->shape->param_kinds[part]->number != kind) {
    if (found_.labelled.empty()) return false;
    found_.function = found_.labelled.front();
    found_.is_exact = ServedNames::is_version(*found_.function, instance_);
  }
  found_.must_choose = found_.must_choose && found_.labelled.size() > 1;
  return true;
}

void ServedCall::check_and_wait() {
  if (!choose_label()) return;
  // Only a digest says that another version of the interface has the same function.
  if (!found_.is_exact && (!note_ || !note_->type_digest)) return refuse_unknown();
  if (note_ && note_->type_digest && *note_->type_digest != found_.function->type_digest)
    return refuse(ServerFailure::Kind::Type,
                  fmt::format("it has another type there: `{}`", found_.function->type));
  // Before the call: if this process dies in it, the client knows that a missing answer is a failure.
  Bytes offers;
  if (note_ && note_->asks_for_sharing) offers.push_back(kSharingOffer);
  if (note_ && note_->can_pause) offers.push_back(kPauseOffer);
  if (!offers.empty()) {
    connection_->send(kServerChannel, std::move(offers), false);
    connection_->flush();
  }
  caller_ = server_.caller_of(client_, note_ ? holder_ : std::string());
  enter(State::Waiting, std::nullopt);
  server_.start_later(*this);
}

void ServedCall::stop_waiting() {
  if (place_) caller_->waiting.erase(*std::exchange(place_, std::nullopt));
}

void ServedCall::start() {
  enter(State::Starting, std::nullopt);
  is_counted_ = true;
  go_on();
}

// Within a step, so that nothing ends the call while it is on the stack.
void ServedCall::make_call() {
  enter(State::Running, std::nullopt);
  ++server_.counts_.calls;
  std::optional<call::Bounds> bounds;
  if (server_.limits_.ends_late_calls && note_ && note_->time_left)
    bounds.emplace().deadline =
        call::Deadline{call::Clock::now() + *note_->time_left, call::kCallTimeout, {}};
  call_.emplace(*found_.function->shape, shared_, arena_,
                abi::From::memory(arena_, incoming_.address()), bounds ? &*bounds : nullptr,
                [this] { note_end(); });
  is_starting_ = true;
  {
    const runtime::TraceScope scope(cause_, peer_);
    found_.function->callee->start(*call_);
  }
  is_starting_ = false;
  if (call_->has_ended()) return answer();
  if (connection_->is_blind()) deadline_ = call::Clock::now() + server_.limits_.blind_time;
}

// Within a turn of a guest, perhaps.
void ServedCall::note_end() {
  if (is_starting_) return;
  has_ended_ = true;
  poster()();
}

void ServedCall::answer() {
  if (state_ != State::Running) return;
  if (!call_->is_success()) {
    const CallFailure failure = call_->take_failure(found_.function->name);
    refuse(ServerFailure::Kind::Failed, server_.limits_.describe != nullptr
                                            ? server_.limits_.describe(failure)
                                            : failure_diagnostic(failure).message);
  } else {
    WireBytes values;
    Result<void, abi::AbiError> written;
    WireWriter writer(arena_, *this, dialect_);
    writer.leave_slices(values.slices);
    if (call_->result())
      written = writer.write_result(found_.function->shape->program.layout(), *call_->result(),
                                    values.bytes);
    if (written)
      send_answer(std::move(values));
    else
      refuse(ServerFailure::Kind::Failed,
             "its result cannot be sent: " + abi::describe(written.error()));
  }
}

void ServedCall::send_answer(WireBytes values) {
  if (!server_.hold(values.size(), held_))
    return refuse(ServerFailure::Kind::Failed, "its result cannot be sent: " + explain_size());
  if (const auto sent = send_root(std::move(values), Connection::Slices::UntilClosed); !sent)
    return refuse(ServerFailure::Kind::Failed, "its result cannot be sent: " + sent.error());
  given_.clear();
  connection_->flush();
  end_call();
  enter(State::Answered, std::nullopt);
  go_on();
}

// Closing while the peer still sends could destroy the answer. Most peers have already ended.
void ServedCall::finish() {
  if (!connection_->failure().empty()) {
    // Items that have arrived are still read.
    if (has_peer_ended_) end_streams();
    if (has_received_streams()) close();
    return;
  }
  if (!has_sent_streams()) return;
  // The function can read streams after it has returned. Another tenon sends them until the answer ends.
  if (note_ && !has_received_streams()) return;
  if (!std::exchange(has_finished_, true)) {
    connection_->finish();
    connection_->flush();
  }
  // The peer sets the pace of its own streams.
  if (!has_received_streams()) return;
  if (connection_->unsent() == 0 && (has_peer_ended_ || !connection_->must_linger()))
    return close();
  // It has this time for each part of what is left.
  if (deadline_ && lingering_ == connection_->unsent()) return;
  lingering_ = connection_->unsent();
  enter(State::Answered, server_.limits_.linger_time);
}

// wRPC has no way to say that a call failed; for a function without a result, only an error of the
// connection differs from an answer. Another tenon gets the reason.
void ServedCall::refuse(ServerFailure::Kind kind, std::string why) {
  if (state_ == State::Ended) return;
  ++server_.counts_.failures;
  server_.report(
      {.peer = peer_, .function = shown_name(instance_, function_name_), .message = why});
  end_call();
  // An answer that has begun must not end normally, or the peer takes it for complete.
  if (!note_ || state_ == State::Answered || !connection_->failure().empty()) {
    connection_->reset();
    return end();
  }
  is_refused_ = true;
  connection_->send(kServerChannel, write_failure({kind, std::move(why)}), true);
  connection_->flush();
  end_streams();
  enter(State::Answered, std::nullopt);
  go_on();
}

void ServedCall::refuse_unknown() {
  refuse(ServerFailure::Kind::Unknown, server_.names_.explain_unknown(instance_, function_name_));
}

void ServedCall::refuse_size() { refuse(ServerFailure::Kind::BadCall, explain_size()); }

std::string ServedCall::explain_size() const {
  return "the parameters and results of all calls, and items of their streams, take more than " +
         print_size(server_.limits_.memory);
}

void ServedCall::end_call() {
  call_.reset();
  is_starting_ = false;
  has_ended_ = false;
  if (std::exchange(is_counted_, false)) server_.note_end(caller_);
  transit_.finish();
  for (const std::uint64_t number : std::exchange(lent_, {})) shared_.program.end_pass(number);
  for (const std::uint64_t number : std::exchange(given_, {})) server_.leases_.drop(number);
}

void ServedCall::end_without_memory() {
  if (link_ != nullptr) {
    link_->close();
    return end();
  }
  if (state_ == State::Ended) return;
  try {
    return refuse(ServerFailure::Kind::Failed, "out of memory");
  } catch (const std::bad_alloc&) {
    // The peer gets an error of the connection.
  }
  end_call();
  end_streams();
  if (connection_ != nullptr) connection_->reset();
  end();
}

void ServedCall::close() {
  connection_->close();
  end();
}

void ServedCall::end() {
  enter(State::Ended, std::nullopt);
  server_.remove(std::static_pointer_cast<ServedCall>(shared_from_this()));
}

Result<Bytes, abi::AbiError> ServedCall::give_resource(abi::Ownership /*ownership*/,
                                                       abi::ResourceToken resource) {
  const bool is_of_answer = state_ == State::Running;
  if (is_of_answer) given_.push_back(0);
  shared_.resources.find(resource)->holder = {runtime::Holder::Who::Program};
  Leases::Given given = server_.leases_.add(resource, holder_);
  if (is_of_answer) given_.back() = given.number;
  return std::move(given.handle);
}

Result<abi::ResourceToken, abi::AbiError> ServedCall::take_resource(
    const runtime::ResourceKind& kind, abi::Ownership ownership,
    std::span<const std::uint8_t> bytes) {
  const Result<std::uint64_t, std::string> number = server_.leases_.find(bytes);
  if (!number) return bad_handle(number.error());
  runtime::HeldResource* const held = shared_.program.find(*number);
  if (held == nullptr) return bad_handle("the resource is gone");
  const auto& kinds = found_.function->shape->param_kinds;
  const auto part = std::ranges::find(kinds, &kind);
  const bool is_chosen =
      found_.labelled.empty() || part == kinds.end()
          ? held->kind->number == kind.number
          : narrow_by_handle(static_cast<std::size_t>(part - kinds.begin()), held->kind->number);
  if (!is_chosen)
    return bad_handle(
        fmt::format("the handle is of a `{}`, and a `{}` is needed", held->kind->name, kind.name));
  const runtime::Domain* const home = held->kind->home;
  if (home != nullptr && (!home->is_alive() || held->life != home->life()))
    return bad_handle(
        fmt::format("the resource is gone: the domain `{}` that made it has ended", home->name()));
  const abi::ResourceToken token = shared_.program.token(*number);
  if (ownership == abi::Ownership::Borrow) {
    lent_.push_back(*number);
    try {
      shared_.program.pass(*number);
    } catch (const std::bad_alloc&) {
      lent_.pop_back();
      throw;
    }
    return token;
  }
  if (shared_.program.is_in_use(*number))
    return bad_handle("the resource is borrowed by a call in progress");
  server_.leases_.remove(*number);
  held->holder = {runtime::Holder::Who::Call};
  return token;
}

}  // namespace tenon::remote
