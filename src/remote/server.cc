#include "remote/server.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/basic_socket_acceptor.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "remote/connection.h"
#include "remote/extension.h"
#include "remote/incoming.h"
#include "remote/remote_function.h"
#include "remote/steps.h"
#include "remote/streams.h"
#include "runtime/program_call.h"
#include "runtime/resource_table.h"
#include "support/diagnostics.h"
#include "support/measures.h"
#include "support/names.h"

namespace tenon::remote {

namespace {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

// How long a peer has to take the end of an answer.
constexpr std::chrono::seconds kLingerTime{10};

// How long nothing is accepted when the process has no descriptors left.
constexpr std::chrono::milliseconds kAcceptPause{100};

std::string shown_function(std::string_view instance, std::string_view function) {
  return instance.empty() ? std::string(function) : fmt::format("{}#{}", instance, function);
}

// REQUIRES: it is one of TCP
asio::ip::tcp::endpoint ip_endpoint(const Endpoint& endpoint) {
  asio::ip::tcp::endpoint ip;
  std::memcpy(ip.data(), endpoint.data(), std::min(ip.capacity(), endpoint.size()));
  return ip;
}

// "[::1]:41234"; a socket file has no name on the side of the peer.
std::string print_peer(const Endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  if (family != AF_INET && family != AF_INET6) return "a peer at the socket file";
  const asio::ip::tcp::endpoint ip = ip_endpoint(endpoint);
  return fmt::format("{}{}{}:{}", family == AF_INET6 ? "[" : "", ip.address().to_string(),
                     family == AF_INET6 ? "]" : "", ip.port());
}

// The part of a peer's address that its connections share.
std::string peer_host(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

class Server::Listener {
 public:
  Listener(Acceptor socket, std::string made)
      : acceptor(std::move(socket)), retry(acceptor.get_executor()), file(std::move(made)) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    if (!file.empty()) (void)::unlink(file.c_str());
  }

  Acceptor acceptor;
  asio::steady_timer retry;
  bool is_waiting = false;  // for connections, or for the timer
  std::string file;         // that this process has made
};

// A connection with one call.
class Server::ServedCall final : public WireHandles,
                                 public std::enable_shared_from_this<ServedCall> {
 public:
  ServedCall(Server& server, std::string peer)
      : server_(server),
        shared_(server.shared_),
        peer_(std::move(peer)),
        timer_(server.reactor_.context()) {}

  void begin(Connection::Socket socket) {
    connection_ = Connection::adopt(std::move(socket), poster());
    streams_.emplace(shared_, Dialect(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->go_on();
    });
    set_timer(server_.limits_.header_time);
    // Clients send their call at once.
    go_on();
  }

  // Something is ready, or the time is over.
  void go_on() {
    const std::shared_ptr<ServedCall> self = shared_from_this();
    steps_.run([this] { step(); });
  }

  // REQUIRES: it waits for others
  void start() {
    state_ = State::Running;
    ++server_.counts_.calls;
    ++server_.counts_.in_progress;
    call_.emplace(*function_->shape, shared_, arena_,
                  abi::From::memory(arena_, incoming_.address()), nullptr, [this] { note_end(); });
    is_starting_ = true;
    function_->callee->start(*call_);
    is_starting_ = false;
    if (call_->has_ended()) answer();
  }
  [[nodiscard]] bool is_waiting() const { return state_ == State::Waiting; }

  // The server ends.
  void drop() {
    state_ = State::Ended;
    timer_.cancel();
    end_call();
    connection_->reset();
  }

  Result<Bytes, abi::AbiError> give(abi::HandlePart /*part*/,
                                    abi::ResourceToken resource) override {
    return server_.leases_.add(resource, holder_);
  }
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override;
  Result<void, abi::AbiError> send(abi::HandlePart /*part*/, abi::ResourceToken end,
                                   const IndexPath& channel) override {
    const runtime::HeldResource taken = shared_.resources.take(end);
    streams_->send(
        std::static_pointer_cast<runtime::ReadableEnd>(std::const_pointer_cast<void>(taken.object)),
        channel);
    return {};
  }
  Result<Received, abi::AbiError> receive(abi::HandlePart part, const IndexPath& channel) override;

 private:
  enum class State : std::uint8_t {
    Header,   // who calls what is not known
    Params,   // of `function_`
    Renewal,  // the note of a peer that has handles
    Waiting,  // for other calls to end
    Running,
    Answered,  // streams can go on
    Ended,
  };

  [[nodiscard]] std::function<void()> poster() {
    return [&scheduler = shared_.scheduler, weak = weak_from_this()] {
      scheduler.post([weak] {
        if (const auto self = weak.lock()) self->go_on();
      });
    };
  }

  void step() {
    if (state_ == State::Ended) return;
    connection_->flush();
    if (is_late_) return end_late();
    read();
    if (state_ == State::Answered) finish();
  }

  void set_timer(std::chrono::milliseconds time) {
    is_late_ = false;
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this(), post = poster()](asio::error_code error) {
      const auto self = weak.lock();
      if (error || self == nullptr) return;
      self->is_late_ = true;
      post();
    });
  }
  void stop_timer() {
    timer_.cancel();
    is_late_ = false;
  }

  void end_late() {
    switch (state_) {
      case State::Header:
        return refuse(ServerFailure::Kind::BadCall,
                      fmt::format("it named no function within {}",
                                  print_duration(server_.limits_.header_time)));
      case State::Params:
      case State::Renewal:
        return refuse(ServerFailure::Kind::BadCall,
                      fmt::format("its parameters were not complete after {}",
                                  print_duration(server_.limits_.params_time)));
      case State::Answered:
        return close();
      case State::Waiting:
      case State::Running:
      case State::Ended:
        return;
    }
  }

  // Reads what the peer has sent, as far as it can be used.
  void read() {
    using Kind = Connection::Arrived::Kind;
    while (state_ != State::Ended && !has_peer_ended_) {
      const auto moved = streams_->move(connection_.get(), incoming_);
      if (!moved) return refuse(ServerFailure::Kind::BadCall, moved.error());
      // Nothing is read before it can be used, except for the end.
      const bool is_reading =
          state_ < State::Waiting || state_ == State::Answered || !streams_->has_received_all();
      if (!is_reading || incoming_.is_full()) return;
      const Connection::Arrived arrived = connection_->read();
      if (arrived.kind == Kind::Nothing) return;
      if (arrived.kind == Kind::Failure) return note_broken();
      if (arrived.kind == Kind::End)
        note_peer_end();
      else
        add(arrived.data);
    }
    if (state_ != State::Ended)
      if (const auto moved = streams_->move(connection_.get(), incoming_); !moved)
        refuse(ServerFailure::Kind::BadCall, moved.error());
  }

  void add(std::span<const std::uint8_t> bytes) {
    has_read_ = true;
    // What follows the answer is ignored, if it is not of a stream.
    if (state_ == State::Answered && streams_->has_received_all()) return;
    const Result<void, std::string> added = incoming_.add(bytes);
    note_caller();
    if (!added) return refuse(ServerFailure::Kind::BadCall, added.error());
    if (state_ == State::Header && incoming_.has_header()) find_function();
    go_on_if_complete();
  }

  void go_on_if_complete() {
    if (!incoming_.has_root()) return;
    note_caller();
    if (state_ == State::Renewal) return renew();
    if (state_ == State::Params && incoming_.has_values()) check_and_wait();
  }

  void note_peer_end() {
    has_peer_ended_ = true;
    // Who only looks whether the port is open sends nothing.
    if (state_ == State::Header && !has_read_) return close();
    if (state_ < State::Waiting) {
      const Result<void, std::string> complete = incoming_.end();
      return refuse(ServerFailure::Kind::BadCall,
                    complete ? "the data ends before the parameters" : complete.error());
    }
    streams_->end_received();
  }

  // The connection has failed. A call in progress goes on: its effects may be wanted.
  void note_broken() {
    has_peer_ended_ = true;
    if (state_ < State::Waiting)
      return refuse(ServerFailure::Kind::BadCall, connection_->failure());
    if (state_ == State::Answered) return close();
    streams_->end();
  }

  // The header has arrived.
  void find_function() {
    if (incoming_.instance() == kHandlesInstance && incoming_.function() == kRenewFunction) {
      state_ = State::Renewal;
      set_timer(server_.limits_.params_time);
      if (const auto added = incoming_.expect_nothing(); !added)
        refuse(ServerFailure::Kind::BadCall, added.error());
      return;
    }
    function_ = server_.find(incoming_.instance(), incoming_.function());
    state_ = State::Params;
    set_timer(server_.limits_.params_time);
    if (function_ == nullptr) {
      // The note of the caller is behind the parameters.
      if (const auto added = incoming_.expect_nothing(); !added || incoming_.has_root())
        note_caller();
      return refuse(ServerFailure::Kind::Unknown,
                    server_.explain_unknown(incoming_.instance(), incoming_.function()));
    }
    const auto expected =
        incoming_.expect(WireReader::of_params(function_->shape->program.layout(), arena_, *this));
    note_caller();
    if (!expected) refuse(ServerFailure::Kind::BadCall, expected.error());
  }

  // Reads what another tenon says about itself, as soon as it is there.
  void note_caller() {
    if (!incoming_.has_root() || has_noted_) return;
    has_noted_ = true;
    note_ = read_note(incoming_.tail());
    if (note_) {
      holder_ = print_worker(note_->worker);
      for (const Bytes& handle : note_->drops) server_.leases_.drop(handle);
    }
    server_.leases_.renew(holder_);
  }

  // The parameters are complete.
  void check_and_wait() {
    if (note_ && note_->type_digest && *note_->type_digest != function_->type_digest)
      return refuse(ServerFailure::Kind::Type,
                    fmt::format("it has another type there: `{}`", function_->type));
    stop_timer();
    state_ = State::Waiting;
    server_.waiting_.push_back(weak_from_this());
    server_.start_waiting();
  }

  void renew() {
    // The handles that it drops were in its note.
    send_values({});
  }

  // Within a turn of a guest, perhaps.
  void note_end() {
    if (is_starting_) return;
    shared_.scheduler.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->answer();
    });
  }

  void answer() {
    if (state_ != State::Running) return;
    const std::shared_ptr<ServedCall> self = shared_from_this();
    --server_.counts_.in_progress;
    if (!call_->is_success()) {
      refuse(ServerFailure::Kind::Failed,
             failure_diagnostic(call_->take_failure(function_->name)).message);
    } else {
      Bytes values;
      Result<void, abi::AbiError> written;
      if (call_->result())
        written = WireWriter(arena_, *this)
                      .write_result(function_->shape->program.layout(), *call_->result(), values);
      if (written)
        send_values(std::move(values));
      else
        refuse(ServerFailure::Kind::Failed,
               "its result cannot be sent: " + abi::describe(written.error()));
    }
    server_.start_waiting();
  }

  void send_values(Bytes values) {
    Bytes head;
    append_frame_head(head, {}, values.size());
    connection_->send(std::move(head));
    connection_->send(std::move(values));
    end_call();
    state_ = State::Answered;
    go_on();
  }

  // Ends the connection when all is sent. Closing while the peer still sends would take the answer away
  // from it.
  void finish() {
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

  // Ends the connection without an answer. wRPC has no other way to say that a call failed; for a
  // function without a result, only an error of the connection differs from an answer. Another tenon
  // is told why.
  void refuse(ServerFailure::Kind kind, std::string why) {
    if (state_ == State::Ended) return;
    ++server_.counts_.failures;
    if (note_) {
      Bytes frame;
      append_frame(frame, kFailureChannel, write_failure({kind, why}));
      connection_->send(std::move(frame));
      connection_->finish();
    }
    server_.report({.peer = peer_,
                    .function = incoming_.has_header()
                                    ? shown_function(incoming_.instance(), incoming_.function())
                                    : std::string(),
                    .message = std::move(why)});
    end_call();
    if (note_)
      connection_->close();
    else
      connection_->reset();
    end();
  }

  // The values of the call are not needed any more.
  void end_call() {
    call_.reset();
    transit_.finish();
    for (const std::uint64_t number : std::exchange(lent_, {})) shared_.program.end_pass(number);
  }

  void close() {
    connection_->close();
    end();
  }

  void end() {
    state_ = State::Ended;
    timer_.cancel();
    server_.remove(shared_from_this());
  }

  Server& server_;
  runtime::Shared& shared_;
  const std::string peer_;
  std::string holder_ = peer_host(peer_);  // who has the handles that this call passes
  Steps steps_;
  State state_ = State::Header;
  std::shared_ptr<Connection> connection_;
  asio::steady_timer timer_;
  std::atomic<bool> is_late_ = false;
  bool has_read_ = false;
  bool has_peer_ended_ = false;
  bool is_finishing_ = false;
  bool has_noted_ = false;
  std::optional<CallNote> note_;
  Incoming incoming_{FrameReader::From::Client};
  std::optional<CallStreams> streams_;
  abi::ValueArena arena_;  // the parameters, and then the result
  runtime::Transit transit_{shared_.resources};
  std::vector<std::uint64_t> lent_;  // numbers of resources that the call borrows
  ServedFunction* function_ = nullptr;
  std::optional<runtime::StartedCall> call_;
  bool is_starting_ = false;
};

Result<abi::ResourceToken, abi::AbiError> Server::ServedCall::take(
    abi::HandlePart part, std::span<const std::uint8_t> bytes) {
  const auto refuse_handle = [](std::string why) {
    return abi::AbiError{.kind = abi::AbiErrorKind::Guest, .message = std::move(why)};
  };
  const runtime::ResourceKind& kind = *function_->shape->param_kinds[part.number];
  const Result<std::uint64_t, std::string> number = server_.leases_.find(bytes);
  if (!number) return refuse_handle(number.error());
  runtime::HeldResource* const held = shared_.program.find(*number);
  if (held == nullptr) return refuse_handle("the resource is gone");
  if (held->kind->number != kind.number)
    return refuse_handle(
        fmt::format("the handle is of a `{}`, and a `{}` is needed", held->kind->name, kind.name));
  const runtime::Domain* const home = held->kind->home;
  if (home != nullptr && (!home->is_alive() || held->life != home->life()))
    return refuse_handle(
        fmt::format("the resource is gone: the domain `{}` that made it has ended", home->name()));
  const abi::ResourceToken token = shared_.program.token(*number);
  if (part.ownership == abi::Ownership::Borrow) {
    shared_.program.pass(*number);
    lent_.push_back(*number);
    return token;
  }
  if (shared_.program.is_in_use(*number))
    return refuse_handle("the resource is borrowed by a call in progress");
  server_.leases_.remove(*number);
  held->holder = {runtime::Holder::Who::Call};
  transit_.add(token);
  return token;
}

Result<WireHandles::Received, abi::AbiError> Server::ServedCall::receive(abi::HandlePart part,
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

Server::Server(std::vector<ServedFunction> functions, const ServerLimits& limits,
               const Worker& worker, Reactor& reactor, runtime::Shared& shared,
               std::function<void(const ServedFailure&)> on_failure)
    : limits_(limits),
      reactor_(reactor),
      shared_(shared),
      leases_(worker, limits.lease, reactor, shared),
      on_failure_(std::move(on_failure)),
      functions_(std::move(functions)),
      work_(shared.scheduler) {
  for (ServedFunction& function : functions_)
    by_name_.emplace(std::pair(function.instance, function_on_wire(function.function)), &function);
}

Server::~Server() {
  for (const std::shared_ptr<ServedCall>& call : calls_) call->drop();
}

ServedFunction* Server::find(const std::string& instance, const std::string& function) {
  const auto found = by_name_.find({instance, function});
  return found == by_name_.end() ? nullptr : found->second;
}

std::string Server::explain_unknown(const std::string& instance,
                                    const std::string& function) const {
  std::set<std::string> instances;
  std::vector<std::string> functions;
  for (const auto& [name, served] : by_name_) {
    instances.insert(name.first);
    if (name.first == instance) functions.push_back(name.second);
  }
  if (!functions.empty())
    return fmt::format("`{}` has no function `{}`; {}", instance, function,
                       suggest_name(function, std::move(functions), "functions"));
  // Other versions of the same interface.
  const std::string base = instance.substr(0, instance.find('@'));
  std::string versions;
  for (const std::string& served : instances)
    if (served.substr(0, served.find('@')) == base)
      versions += fmt::format("{}`{}`", versions.empty() ? "" : ", ", served);
  return versions.empty() ? fmt::format("`{}` is not served here", instance)
                          : fmt::format("`{}` is not served here, but {} is", instance, versions);
}

namespace {

Diagnostic refuse_listener(const Address& address, std::string_view why) {
  return make_diagnostic(Code::RemoteListen, "cannot listen at `{}`: {}", print_address(address),
                         why);
}

// Whether a process accepts connections at a socket file.
bool is_alive(asio::io_context& context, const Endpoint& endpoint) {
  Connection::Socket socket(context);
  asio::error_code error;
  socket.connect(endpoint, error);
  return !error;
}

}  // namespace

Result<Address> Server::listen(const Address& address) {
  asio::error_code error;
  Endpoint endpoint;
  std::string file;
  if (address.transport == Address::Transport::Unix) {
    endpoint = asio::local::stream_protocol::endpoint(address.path);
    struct stat status = {};
    if (::lstat(address.path.c_str(), &status) == 0) {
      if (!S_ISSOCK(status.st_mode))
        return refuse_listener(address, "a file of another kind has that name");
      if (is_alive(reactor_.context(), endpoint)) {
        Diagnostic problem = refuse_listener(address, "another process listens there");
        problem.hints.emplace_back("stop that process, or choose another path");
        return problem;
      }
      (void)::unlink(address.path.c_str());
    }
    file = address.path;
  } else {
    asio::ip::tcp::resolver resolver(reactor_.context());
    const auto results = resolver.resolve(
        address.host, std::to_string(address.port),
        asio::ip::resolver_base::passive | asio::ip::resolver_base::numeric_service, error);
    if (error || results.empty()) {
      Diagnostic problem = refuse_listener(
          address, fmt::format("the host `{}` was not found: {}", address.host, error.message()));
      problem.hints.emplace_back(
          "write an address of this machine: `tcp://[::1]:7761` for callers on it");
      return problem;
    }
    endpoint = results.begin()->endpoint();
  }
  Acceptor acceptor(reactor_.context());
  acceptor.open(endpoint.protocol(), error);
  if (!error && file.empty()) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  // Who can connect to a socket file is who can write to it: the owner.
  const mode_t mask = ::umask(0177);
  if (!error) acceptor.bind(endpoint, error);
  ::umask(mask);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    Diagnostic problem = refuse_listener(address, error.message());
    if (error == asio::error::address_in_use)
      problem.hints.emplace_back("another process listens there: stop it, or choose another port");
    return problem;
  }
  Address actual = address;
  if (file.empty()) actual.port = ip_endpoint(acceptor.local_endpoint(error)).port();
  add_listener(std::make_shared<Listener>(std::move(acceptor), std::move(file)));
  return actual;
}

Result<Address> Server::listen_on(int socket) {
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  sockaddr_storage bound = {};
  socklen_t bound_size = sizeof(bound);
  if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 ||
      is_listening == 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0)
    return make_diagnostic(Code::RemoteListen,
                           "cannot serve at descriptor {}: it is not a socket that listens",
                           socket);
  const Endpoint endpoint(&bound, bound_size);
  Address address;
  if (bound.ss_family == AF_UNIX) {
    address.transport = Address::Transport::Unix;
    address.path = reinterpret_cast<const sockaddr_un&>(bound).sun_path;
  } else {
    const asio::ip::tcp::endpoint ip = ip_endpoint(endpoint);
    address.host = ip.address().to_string();
    address.port = ip.port();
  }
  Acceptor acceptor(reactor_.context());
  asio::error_code error;
  acceptor.assign(endpoint.protocol(), socket, error);
  if (error) return refuse_listener(address, error.message());
  add_listener(std::make_shared<Listener>(std::move(acceptor), std::string()));
  return address;
}

void Server::add_listener(const std::shared_ptr<Listener>& listener) {
  asio::error_code ignored;
  listener->acceptor.native_non_blocking(true, ignored);
  listeners_.push_back(listener);
  accept(listener);
}

void Server::accept(const std::shared_ptr<Listener>& listener) {
  listener->is_waiting = false;
  while (counts_.connections < limits_.connections) {
    sockaddr_storage from = {};
    socklen_t size = sizeof(from);
    const int accepted =
        ::accept4(listener->acceptor.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // Without descriptors, a connection stays where it is, and a wait for it would end at once.
      return errno == EAGAIN ? wait_for_connections(listener) : wait_for_descriptors(listener);
    }
    Connection::Socket socket(reactor_.context());
    asio::error_code error;
    socket.assign(asio::generic::stream_protocol(from.ss_family, 0), accepted, error);
    const auto call = std::make_shared<ServedCall>(*this, print_peer(Endpoint(&from, size)));
    calls_.insert(call);
    ++counts_.connections;
    call->begin(std::move(socket));
  }
  // `remove` goes on.
}

std::function<void(asio::error_code)> Server::accept_later(
    const std::shared_ptr<Listener>& listener) {
  listener->is_waiting = true;
  return [this, weak = std::weak_ptr<Listener>(listener)](asio::error_code error) {
    if (error) return;
    shared_.scheduler.post([this, weak] {
      if (const auto held = weak.lock()) accept(held);
    });
  };
}

void Server::wait_for_connections(const std::shared_ptr<Listener>& listener) {
  listener->acceptor.async_wait(Acceptor::wait_read, accept_later(listener));
}

void Server::wait_for_descriptors(const std::shared_ptr<Listener>& listener) {
  listener->retry.expires_after(kAcceptPause);
  listener->retry.async_wait(accept_later(listener));
}

void Server::drain() { listeners_.clear(); }

void Server::remove(const std::shared_ptr<ServedCall>& call) {
  if (calls_.erase(call) == 0) return;
  if (counts_.connections-- < limits_.connections) return;
  for (const std::shared_ptr<Listener>& listener : listeners_)
    if (!listener->is_waiting) wait_for_connections(listener);
}

void Server::start_waiting() {
  while (counts_.in_progress < limits_.calls && !waiting_.empty()) {
    const std::shared_ptr<ServedCall> next = waiting_.front().lock();
    waiting_.erase(waiting_.begin());
    if (next != nullptr && next->is_waiting()) next->start();
  }
}

void Server::report(ServedFailure failure) {
  if (on_failure_) on_failure_(failure);
}

}  // namespace tenon::remote
