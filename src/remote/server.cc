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
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "remote/nats_connection.h"
#include "remote/passed_socket.h"
#include "remote/remote_function.h"
#include "remote/served_call.h"
#include "remote/socket_connection.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/socket_file.h"
#include "support/try.h"

namespace tenon::remote {

namespace {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

// How long nothing is accepted when the process has no descriptors or memory left.
constexpr std::chrono::milliseconds kRoomPause{100};

// The queue group if the address has no `group`.
constexpr const char* kDefaultGroup = "tenon";

// REQUIRES: it is one of TCP
asio::ip::tcp::endpoint ip_endpoint(const Endpoint& endpoint) {
  asio::ip::tcp::endpoint ip;
  std::memcpy(ip.data(), endpoint.data(), std::min(ip.capacity(), endpoint.size()));
  return ip;
}

std::size_t half(std::size_t limit) { return std::max<std::size_t>(1, limit / 2); }

// All but an eighth, which remains for others.
std::size_t most_of(std::size_t limit) {
  const std::size_t rest = std::max<std::size_t>(1, limit / 8);
  return limit > rest ? limit - rest : 1;
}

// "[::1]:41234"; a socket file has no name on the side of the peer.
std::string print_peer(const Endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  if (family != AF_INET && family != AF_INET6) return "a peer at the socket file";
  const asio::ip::tcp::endpoint ip = ip_endpoint(endpoint);
  return fmt::format("{}{}{}:{}", family == AF_INET6 ? "[" : "", ip.address().to_string(),
                     family == AF_INET6 ? "]" : "", ip.port());
}

}  // namespace

class Server::Listener {
 public:
  Listener(Acceptor socket, Dialect of_peers, std::shared_ptr<const tls::TlsContext> of_server)
      : acceptor(std::move(socket)),
        dialect(of_peers),
        tls(std::move(of_server)),
        retry(acceptor.get_executor()) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Acceptor acceptor;
  Dialect dialect;
  std::shared_ptr<const tls::TlsContext> tls;  // null: connections are not encrypted
  asio::steady_timer retry;
  bool is_waiting = false;  // for connections, or for the timer
  SocketFile file;          // that was made for it
  std::function<void()> post_accept;

  // A connection that was accepted, and has not begun.
  Descriptor accepted{-1};
  sockaddr_storage from = {};  // its address
  socklen_t from_size = 0;
};

class Server::PassedSockets {
 public:
  PassedSockets(asio::io_context& context, std::function<void()> when_it_ends)
      : socket(context), on_end(std::move(when_it_ends)) {}

  asio::posix::stream_descriptor socket;
  const std::function<void()> on_end;
  std::function<void()> post_take;
};

Server::Server(std::vector<ServedFunction> functions, const ServerLimits& limits,
               const Worker& worker, Reactor& reactor, runtime::Shared& shared,
               std::function<void(const ServeFailure&)> on_failure)
    : limits_(limits),
      reactor_(reactor),
      shared_(shared),
      self_(worker.id()),
      leases_(worker, limits.lease, reactor, shared),
      on_failure_(std::move(on_failure)),
      functions_(std::move(functions)),
      names_(functions_),
      here_(std::make_shared<ServedClient>()),
      post_start_(shared.scheduler.make_poster([link = std::weak_ptr<Server*>(link_)] {
        if (const auto held = link.lock()) (*held)->start_waiting();
      })),
      work_(shared.scheduler) {
  here_->most_connections = limits_.connections;
  here_->most_calls = most_of(limits_.calls);
}

Server::~Server() {
  for (auto* const calls : {&calls_, &linked_calls_})
    for (const std::shared_ptr<ServedCall>& call : std::exchange(*calls, {})) call->drop();
  // Their waits for connections have ended, which frees them.
  listeners_.clear();
  shared_.scheduler.poll_reactor();
}

namespace {

Diagnostic refuse_listener(const Address& address, std::string_view why) {
  return make_diagnostic(Code::RemoteListen, "cannot listen at `{}`: {}", print_address(address),
                         why);
}

// Removes a socket file that a dead process has left. Errors: remote-listen.
Result<void> make_room(const Address& address) {
  const SocketFileState state = clear_socket_file(address.path);
  if (state == SocketFileState::Free) return {};
  const bool is_used = state == SocketFileState::Used;
  Diagnostic problem = refuse_listener(
      address, is_used ? "another process listens there" : "a file of another kind has this name");
  problem.hints.emplace_back(is_used ? "stop that process, or choose another path"
                                     : "choose another path");
  return problem;
}

// Errors: remote-listen.
Result<Endpoint> find_endpoint(const Address& address, asio::io_context& context) {
  asio::ip::tcp::resolver resolver(context);
  asio::error_code error;
  const auto results = resolver.resolve(
      address.host, std::to_string(address.port),
      asio::ip::resolver_base::passive | asio::ip::resolver_base::numeric_service, error);
  if (!error && !results.empty()) return Endpoint(results.begin()->endpoint());
  Diagnostic problem = refuse_listener(
      address, fmt::format("the host `{}` was not found: {}", address.host, error.message()));
  problem.hints.emplace_back("use an address of this machine, such as `tcp://[::1]:7761`");
  return problem;
}

}  // namespace

Result<void> Server::check_access(const Address& address) const {
  if (address.is_local() || address.has_tls || limits_.is_insecure) return {};
  Diagnostic problem =
      refuse_listener(address, "other machines can reach it, and nothing is encrypted");
  problem.hints.emplace_back(
      "use TLS: `tls+tcp://host:port`, or listen at `tcp://[::1]:7761`, which only this machine "
      "reaches");
  problem.hints.emplace_back(
      "or allow it",
      HintWays{.program = "`ServeOptions::insecure`", .command = "--insecure", .manifest = {}});
  return problem;
}

Result<Address> Server::listen(const Address& address) {
  TENON_TRY_VOID(check_access(address));
  if (!address.world.empty()) names_.add_world(address.world);
  if (address.transport == Address::Transport::Nats) return listen_at_nats(address);
  std::shared_ptr<const tls::TlsContext> tls;
  if (address.has_tls) {
    TENON_TRY(tls, tls::TlsContext::of_server(limits_.tls));
  }
  const bool is_file = address.transport == Address::Transport::Unix;
  Endpoint endpoint;
  if (is_file) {
    endpoint = asio::local::stream_protocol::endpoint(address.path);
    TENON_TRY_VOID(make_room(address));
  } else {
    TENON_TRY(endpoint, find_endpoint(address, reactor_.context()));
  }
  // Nothing that can fail comes after the file has been made.
  Address actual = address;
  std::string file = address.path;
  const auto listener =
      std::make_shared<Listener>(Acceptor(reactor_.context()), address.dialect(), std::move(tls));
  Acceptor& acceptor = listener->acceptor;
  asio::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error && !is_file) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  // Only the owner can connect to the file, and no process can before the socket listens.
  if (!error && is_file && ::chmod(address.path.c_str(), S_IRUSR | S_IWUSR) != 0)
    error = asio::error_code(errno, asio::error::get_system_category());
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    Diagnostic problem = refuse_listener(address, error.message());
    problem.hints.emplace_back(error == asio::error::address_in_use
                                   ? "stop the process that listens there, or choose another port"
                                   : "choose another address");
    return problem;
  }
  if (is_file)
    listener->file = SocketFile(std::move(file));
  else
    actual.port = ip_endpoint(acceptor.local_endpoint(error)).port();
  add_listener(listener);
  return actual;
}

Result<Address> Server::listen_at_nats(const Address& address) {
  const auto refuse = [&](std::string_view why) {
    Diagnostic problem = refuse_listener(address, why);
    problem.hints.emplace_back("check that a NATS server runs at this address");
    return problem;
  };
  const auto made =
      NatsLink::make(address, {limits_.tls, limits_.credentials}, self_, shared_.scheduler);
  if (!made) return refuse_listener(address, made.error());
  const std::shared_ptr<NatsLink>& link = *made;
  if (const auto connected = link->wait(); !connected) return refuse(connected.error());
  // Without a group, every worker would make every call.
  const std::string group = address.group.empty() ? kDefaultGroup : address.group;
  // Begins calls of messages whose subjects have `skipped` characters before the protocol.
  const auto begin_calls = [&](std::size_t skipped) {
    return [this, weak = std::weak_ptr(link), address, skipped](NatsMessage message) {
      const auto held = weak.lock();
      if (held == nullptr) return;
      std::string sender;
      try {
        sender = message.reply();
        if (const auto named = names_.read_subject(message.subject().substr(skipped)))
          accept(held, address, std::move(message), named->first, named->second);
      } catch (const std::bad_alloc&) {
        // It would wait until the time limit of its call.
        held->refuse(sender.empty() ? message.reply().data() : sender.c_str());
      }
    };
  };
  // Calls with handles of this worker, and drops of them, use a subject of this worker alone. A
  // drop is sent before later calls.
  const std::string own = nats_subject(address.path, &self_, {}, {});
  const std::string protocol = nats_subject({}, nullptr, {}, {});
  Result<void, std::string> subscribed =
      link->subscribe(own + ".>", {}, begin_calls(own.size() - protocol.size()));
  // Other implementations do not know tracks, and may serve other versions in the same group.
  const std::size_t skipped = address.path.empty() ? 0 : address.path.size() + 1;
  for (const std::string& subject : names_.subjects(address.path, address.peer.empty()))
    if (subscribed) subscribed = link->subscribe(subject, group, begin_calls(skipped));
  if (subscribed) subscribed = link->confirm();
  if (!subscribed) return refuse(subscribed.error());
  link->set_on_closed([this, address] {
    report(
        {.peer = print_address(address),
         .function = {},
         .message = "the NATS server closed the connection; it is connected again when possible"});
  });
  nats_.push_back(link);
  return address;
}

void Server::accept(const std::shared_ptr<NatsLink>& link, const Address& address,
                    NatsMessage message, const std::string& instance, const std::string& function) {
  // The sender expects no answer.
  if (message.reply().empty()) return;
  const auto call = std::make_shared<ServedCall>(*this, address.dialect(),
                                                 "a peer at " + print_address(address), here_);
  const TraceContext cause = message.cause();
  auto connection = std::make_shared<NatsConnection>(link, std::move(message), call->on_ready());
  if (is_full()) {
    connection->reset();
    return report({.peer = "a peer at " + print_address(address),
                   .function = instance + "#" + function,
                   .message = "too many calls are in progress"});
  }
  // It can run a guest, which can wait for other messages.
  shared_.scheduler.post([weak = std::weak_ptr<ServedCall>(call),
                          connection = std::move(connection), instance, function, cause] {
    if (const auto held = weak.lock()) held->begin(connection, instance, function, cause);
  });
  calls_.insert(call);
  ++here_->connections;
  ++counts_.connections;
}

void Server::accept(const std::shared_ptr<SocketLink>& link, std::uint32_t number,
                    const std::string& peer, const std::shared_ptr<ServedClient>& client) {
  const auto call = std::make_shared<ServedCall>(*this, Dialect(), peer, client);
  const auto place = linked_calls_.insert(call).first;
  try {
    call->expect(std::make_shared<LinkedConnection>(link, number, call->on_ready()));
  } catch (const std::bad_alloc&) {
    linked_calls_.erase(place);
    throw;
  }
}

Result<Address> Server::listen_on(int socket) {
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  sockaddr_storage bound = {};
  socklen_t bound_size = sizeof(bound);
  if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 ||
      is_listening == 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) {
    Diagnostic problem = make_diagnostic(
        Code::RemoteListen, "cannot serve at descriptor {}: it is not a listening socket", socket);
    problem.hints.emplace_back("pass a socket of `ListenStream=` in a systemd socket unit");
    return problem;
  }
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
  TENON_TRY_VOID(check_access(address));
  Acceptor acceptor(reactor_.context());
  asio::error_code error;
  acceptor.assign(endpoint.protocol(), socket, error);
  if (error) return refuse_listener(address, error.message());
  add_listener(std::make_shared<Listener>(std::move(acceptor), Dialect(), nullptr));
  return address;
}

void Server::add_listener(std::shared_ptr<Listener> listener) {
  asio::error_code ignored;
  listener->acceptor.native_non_blocking(true, ignored);
  listener->post_accept =
      shared_.scheduler.make_poster([this, weak = std::weak_ptr<Listener>(listener)] {
        if (const auto held = weak.lock()) accept(*held);
      });
  listeners_.push_back(std::move(listener));
  accept(*listeners_.back());
}

void Server::accept(Listener& listener) {
  listener.is_waiting = false;
  try {
    accept_all(listener);
  } catch (const std::bad_alloc&) {
    wait_for_room(listener);
  }
}

void Server::accept_all(Listener& listener) {
  Descriptor& accepted = listener.accepted;
  const sockaddr_storage& from = listener.from;
  while (!is_full()) {
    if (!accepted.is_open()) {
      listener.from_size = sizeof(from);
      accepted = Descriptor(::accept4(listener.acceptor.native_handle(),
                                      reinterpret_cast<sockaddr*>(&listener.from),
                                      &listener.from_size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    }
    if (!accepted.is_open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // Without descriptors, a connection stays where it is, and a wait for it would end at once.
      return errno == EAGAIN ? wait_for_connections(listener) : wait_for_room(listener);
    }
    const Endpoint endpoint(&from, listener.from_size);
    const std::shared_ptr<ServedClient> client = client_of(endpoint, accepted.number());
    if (client->connections < client->most_connections) {
      begin(std::move(accepted), from.ss_family, print_peer(endpoint), listener.dialect,
            listener.tls, client);
    } else {
      // Its other connections go on.
      (void)accepted.close();
      report({.peer = print_peer(endpoint),
              .function = {},
              .message = fmt::format("its {} has {} connections already",
                                     from.ss_family == AF_UNIX ? "process" : "machine",
                                     client->connections)});
    }
  }
  // `remove` goes on.
  const auto unused = std::ranges::find_if(calls_, [](const std::shared_ptr<ServedCall>& call) {
    return call->link() != nullptr && !call->link()->is_leaving() && !call->link()->has_calls();
  });
  if (unused != calls_.end()) (*unused)->link()->leave();
}

void Server::begin(Descriptor&& socket, int family, const std::string& peer, const Dialect& dialect,
                   const std::shared_ptr<const tls::TlsContext>& tls,
                   const std::shared_ptr<ServedClient>& client) {
  const auto call = std::make_shared<ServedCall>(*this, dialect, peer, client);
  const auto place = calls_.insert(call).first;
  std::shared_ptr<SocketConnection> connection;
  try {
    connection = std::make_shared<SocketConnection>(reactor_, std::move(socket), family, tls,
                                                    call->on_ready());
  } catch (const std::bad_alloc&) {
    calls_.erase(place);
    throw;
  }
  ++client->connections;
  ++counts_.connections;
  call->begin(std::move(connection));
}

void Server::take_passed(Descriptor socket, std::function<void()> on_end) {
  asio::error_code ignored;
  passed_ = std::make_shared<PassedSockets>(reactor_.context(), std::move(on_end));
  passed_->socket.assign(socket.release(), ignored);
  passed_->post_take =
      shared_.scheduler.make_poster([this, weak = std::weak_ptr<PassedSockets>(passed_)] {
        if (const auto held = weak.lock()) take_passed(held);
      });
  take_passed(passed_);
}

void Server::take_passed(const std::shared_ptr<PassedSockets>& passed) {
  for (;;) {
    PassedSocket received = receive_socket(passed->socket.native_handle());
    switch (received.state) {
      case PassedSocket::State::Nothing:
        try {
          passed->socket.async_wait(asio::posix::stream_descriptor::wait_read,
                                    [post = passed->post_take](asio::error_code error) {
                                      if (!error) post();
                                    });
        } catch (const std::bad_alloc&) {
          passed->post_take();
        }
        return;
      case PassedSocket::State::End:
        return passed->on_end();
      case PassedSocket::State::Message:
        // A message without a socket is one whose socket found no free descriptor: its call ends.
        if (!received.socket.is_open()) break;
        try {
          begin(std::move(received.socket), AF_UNIX, "the process that started this one", {},
                nullptr, here_);
        } catch (const std::bad_alloc&) {
          // The same.
        }
    }
  }
}

void Server::wait_for_connections(Listener& listener) {
  listener.is_waiting = true;
  try {
    listener.acceptor.async_wait(Acceptor::wait_read,
                                 [post = listener.post_accept](asio::error_code error) {
                                   if (!error) post();
                                 });
  } catch (const std::bad_alloc&) {
    listener.post_accept();
  }
}

void Server::wait_for_room(Listener& listener) {
  listener.is_waiting = true;
  try {
    listener.retry.expires_after(kRoomPause);
    listener.retry.async_wait([post = listener.post_accept](asio::error_code error) {
      if (!error) post();
    });
  } catch (const std::bad_alloc&) {
    listener.post_accept();
  }
}

void Server::drain() {
  listeners_.clear();
  for (const std::shared_ptr<ServedCall>& call : calls_)
    if (call->link() != nullptr) call->link()->leave();
  for (const std::shared_ptr<NatsLink>& link : nats_) {
    // Calls that are on their way can still arrive.
    ++counts_.connections;
    link->drain([this] { --counts_.connections; });
  }
}

void Server::remove(const std::shared_ptr<ServedCall>& call) {
  if (linked_calls_.erase(call) != 0 || calls_.erase(call) == 0) return;
  --call->client()->connections;
  if (counts_.connections-- < limits_.connections) return;
  for (const std::shared_ptr<Listener>& listener : listeners_)
    if (!listener->is_waiting) wait_for_connections(*listener);
}

void Server::start_waiting() {
  while (counts_.in_progress < limits_.calls && !turns_.empty()) {
    const std::shared_ptr<ServedClient> client = std::move(turns_.front());
    client->turn.splice(client->turn.end(), turns_, turns_.begin());
    // Its calls can have been cancelled, and others can have started.
    if (client->waiting.empty() || client->calls >= client->most_calls) continue;
    ServedCall& next = *client->waiting.front();
    next.stop_waiting();
    ++client->calls;
    ++counts_.in_progress;
    give_turn(client);
    next.start();
  }
}

void Server::start_later(ServedCall& call) {
  std::list<ServedCall*>& waiting = call.caller()->waiting;
  call.set_place(waiting.insert(waiting.end(), &call));
  give_turn(call.caller());
  start_waiting();
}

void Server::give_turn(const std::shared_ptr<ServedClient>& client) {
  if (client->waiting.empty() || client->calls >= client->most_calls || client->turn.empty())
    return;
  client->turn.front() = client;
  turns_.splice(turns_.end(), client->turn);
}

void Server::note_end(const std::shared_ptr<ServedClient>& caller) {
  --counts_.in_progress;
  --caller->calls;
  give_turn(caller);
  // It may have ended within a step of its connection.
  if (!turns_.empty()) post_start_();
}

std::shared_ptr<ServedClient> Server::client_of(const Endpoint& endpoint, int socket) {
  const int family = endpoint.protocol().family();
  if (family == AF_UNIX) {
    ucred process = {};
    socklen_t size = sizeof(process);
    // A process of another namespace has no number here.
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &process, &size) != 0 || process.pid == 0)
      return here_;
    return find_client(fmt::format("process {}", process.pid), most_of(limits_.connections),
                       most_of(limits_.calls));
  }
  if (family != AF_INET && family != AF_INET6) return here_;
  asio::ip::address address = ip_endpoint(endpoint).address();
  // A listener at `[::]` shows clients of IPv4 as addresses of IPv6.
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  if (address == asio::ip::address_v4::loopback() || address == asio::ip::address_v6::loopback())
    return here_;
  return find_client(address.to_string(), half(limits_.connections), half(limits_.calls));
}

std::shared_ptr<ServedClient> Server::caller_of(const std::shared_ptr<ServedClient>& client,
                                                const std::string& worker) {
  if (client != here_ || worker.empty()) return client;
  return find_client("tenon " + worker, 0, most_of(limits_.calls));
}

std::shared_ptr<ServedClient> Server::find_client(const std::string& name,
                                                  std::size_t most_connections,
                                                  std::size_t most_calls) {
  std::weak_ptr<ServedClient>& known = clients_[name];
  if (std::shared_ptr<ServedClient> client = known.lock()) return client;
  auto client = std::make_shared<ServedClient>();
  client->most_connections = most_connections;
  client->most_calls = most_calls;
  known = client;
  if (clients_.size() > 2 * known_clients_ + 16) {
    std::erase_if(clients_, [](const auto& entry) { return entry.second.expired(); });
    known_clients_ = clients_.size();
  }
  return client;
}

bool Server::hold(std::size_t size, std::size_t& held) {
  memory_ += size - held;
  held = size;
  if (size == 0) return true;
  // Calls of shared connections are not counted as these are.
  const std::size_t most_of_small = limits_.connections * kSmallBytes;
  return memory_ <= limits_.memory + (size <= kSmallBytes ? most_of_small : 0);
}

void Server::report(const ServeFailure& failure) {
  if (on_failure_) on_failure_(failure);
}

}  // namespace tenon::remote
