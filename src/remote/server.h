// Serves functions to peers: accepts connections, reads calls from them, makes the calls, and answers.
//
// Nothing happens on a thread of the server: whoever waits in the composition serves
// (runtime/scheduler.h).
//
// Thread: that of the composition.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "call/call.h"
#include "remote/address.h"
#include "remote/leases.h"
#include "remote/nats_link.h"
#include "remote/reactor.h"
#include "remote/served_names.h"
#include "remote/socket_link.h"
#include "runtime/domain.h"
#include "support/descriptor.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "tls/tls.h"

namespace tenon::remote {

class ServedCall;

// A function that peers can call.
struct ServedFunction {
  std::string instance;         // "acme:tax/lib@1.0.0", or a label; empty: at the root of a world
  std::string implements = {};  // the interface that a label implements; empty: none
  std::string function;         // as in WIT: "[method]counter.get"
  std::string name;             // for messages: "acme:tax/lib@1.0.0#rate"
  std::shared_ptr<const call::FunctionShape> shape;
  std::unique_ptr<call::Callee> callee;
  std::uint64_t type_digest = 0;  // types::hash_function
  std::string type;               // for messages: "func(country: string) -> u32"
};

struct ServerLimits {
  bool is_insecure = false;      // whether other machines may connect, without encryption
  TlsOptions tls = {};           // for addresses with TLS
  std::string credentials = {};  // file, for servers of NATS; empty: none
  // The limits for all listeners together. One client can have a part of them (ServedClient).
  std::size_t connections = 1024;
  std::size_t calls = 256;  // in progress; further ones wait
  // The bytes of the parameters of all calls, of results that their clients have not taken, of items of their streams,
  // and of data that they cannot read yet. Further calls and results are refused, unless they are small, and so are
  // calls of which an item has not arrived completely. Streams of which many items wait are not received.
  std::size_t memory = std::size_t{1} << 30;
  std::chrono::milliseconds header_time = std::chrono::seconds(10);
  // From the header to the last parameter.
  std::chrono::milliseconds params_time = std::chrono::minutes(5);
  // For each part of an answer that a peer takes.
  std::chrono::milliseconds linger_time = std::chrono::seconds(10);
  // Between checks whether the caller of a call is still there.
  std::chrono::milliseconds check_pause = std::chrono::seconds(1);
  // From the start of a call to its answer, if its caller cannot be checked.
  std::chrono::milliseconds blind_time = std::chrono::minutes(10);
  // The text of a failed call for its peer; null: the message of its diagnostic.
  std::function<std::string(const CallFailure&)> describe = nullptr;
  // Whether a call ends when its caller does not wait any longer. Guests would end with it.
  bool ends_late_calls = false;
  // How long a peer may be silent before the resources to which it has handles are dropped.
  std::chrono::milliseconds lease = std::chrono::seconds(60);
};

// The connections and calls of one client, as far as clients can be told apart: another machine, which can
// have half of the connections and calls; a process of this machine at a socket file; or a tenon of this
// machine that has sent a note. Everyone else on this machine, and at a NATS server, is one client. None of
// them can have the last eighth of the calls, so that others are answered even if its calls never end.
struct ServedClient {
  std::size_t connections = 0;
  std::size_t most_connections = 0;  // at once
  std::size_t calls = 0;             // in progress
  std::size_t most_calls = 0;        // at once
  std::list<ServedCall*> waiting;    // for other calls to end
  // The place of this client in `Server::turns_`, unless it is there: the server knows that one of its calls can start.
  std::list<std::shared_ptr<ServedClient>> turn{1};
};

class Server final {
 public:
  // worker: makes the handles. on_failure: called for each failure, outside of all guests; can be empty.
  // Lifetime: refers to the reactor and to `shared`.
  Server(std::vector<ServedFunction> functions, const ServerLimits& limits, const Worker& worker,
         Reactor& reactor, runtime::Shared& shared,
         std::function<void(const ServeFailure&)> on_failure);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Ends the calls in progress: their peers get an error.
  ~Server();

  // Accepts connections at a TCP address or a socket file, or calls from a NATS server. Returns the
  // address with its actual port. Replaces a socket file that a dead process has left.
  // Errors: remote-listen.
  [[nodiscard]] Result<Address> listen(const Address& address);
  // The same with a socket that listens already, of this process from now on.
  [[nodiscard]] Result<Address> listen_on(int socket);

  // Takes connections that another process of this machine passes over a socket, each with one message
  // (SCM_RIGHTS). on_end: called once, when that process closes the socket. socket: of SOCK_SEQPACKET.
  void take_passed(Descriptor socket, std::function<void()> on_end);

  // Accepts no more connections. Those that are there can finish their calls.
  void drain();

  [[nodiscard]] const tenon::Server::Counts& counts() const { return counts_; }

 private:
  class Listener;
  class PassedSockets;
  friend class ServedCall;

  // The bytes that a call can hold even if the memory is used up. All such calls together can hold this much for each
  // connection that is allowed.
  static constexpr std::size_t kSmallBytes = std::size_t{1} << 16;

  // Errors: remote-listen, for an address that other machines reach, unless that is allowed.
  [[nodiscard]] Result<void> check_access(const Address& address) const;
  [[nodiscard]] Result<Address> listen_at_nats(const Address& address);
  // Begins the call of a NATS message.
  void accept(const std::shared_ptr<NatsLink>& link, const Address& address, NatsMessage message,
              const std::string& instance, const std::string& function);
  // Expects a call on a link. peer: the address of the client.
  void accept(const std::shared_ptr<SocketLink>& link, std::uint32_t number,
              const std::string& peer, const std::shared_ptr<ServedClient>& client);
  void add_listener(std::shared_ptr<Listener> listener);
  // Begins the call, or the link, of a connection. family, peer: of its address. Throws: std::bad_alloc; usually
  // the socket is left then.
  void begin(Descriptor&& socket, int family, const std::string& peer, const Dialect& dialect,
             const std::shared_ptr<const tls::TlsContext>& tls,
             const std::shared_ptr<ServedClient>& client);
  void take_passed(const std::shared_ptr<PassedSockets>& passed);
  // Accepts pending connections up to the limit, and continues when there are more.
  void accept(Listener& listener);
  void accept_all(Listener& listener);
  void wait_for_connections(Listener& listener);
  // Waits before the next attempt: there are no descriptors, or there is no memory.
  void wait_for_room(Listener& listener);
  void remove(const std::shared_ptr<ServedCall>& call);
  // Whether it accepts no connection until one has ended.
  [[nodiscard]] bool is_full() const { return counts_.connections >= limits_.connections; }
  // The client of a socket, which is connected to an endpoint.
  [[nodiscard]] std::shared_ptr<ServedClient> client_of(const Endpoint& endpoint, int socket);
  // Who makes a call. worker: from its note; empty if it has none.
  [[nodiscard]] std::shared_ptr<ServedClient> caller_of(const std::shared_ptr<ServedClient>& client,
                                                        const std::string& worker);
  // The client of that name, which is made if necessary.
  [[nodiscard]] std::shared_ptr<ServedClient> find_client(const std::string& name,
                                                          std::size_t most_connections,
                                                          std::size_t most_calls);
  // Starts the call as soon as enough others have ended.
  void start_later(ServedCall& call);
  // Starts calls that wait for others to end: one of each client, in turn.
  void start_waiting();
  void give_turn(const std::shared_ptr<ServedClient>& client);
  // A call in progress has ended.
  void note_end(const std::shared_ptr<ServedClient>& caller);
  // Notes the new size of what a call holds: its parameters or result, or items of its streams. held: the old size, which is
  // replaced. Returns whether there is room.
  [[nodiscard]] bool hold(std::size_t size, std::size_t& held);
  void report(const ServeFailure& failure);

  ServerLimits limits_;
  Reactor& reactor_;
  runtime::Shared& shared_;
  const WorkerId self_;
  Leases leases_;
  std::function<void(const ServeFailure&)> on_failure_;
  std::vector<ServedFunction> functions_;
  ServedNames names_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::shared_ptr<PassedSockets> passed_;  // null: there is no such socket
  std::vector<std::shared_ptr<NatsLink>> nats_;
  std::unordered_set<std::shared_ptr<ServedCall>> calls_;  // and links
  std::unordered_set<std::shared_ptr<ServedCall>> linked_calls_;
  const std::shared_ptr<ServedClient> here_;  // who cannot be told apart
  // The others. Those that are gone are removed when there are twice as many.
  std::unordered_map<std::string, std::weak_ptr<ServedClient>> clients_;
  std::size_t known_clients_ = 0;                   // when those that are gone were removed last
  std::list<std::shared_ptr<ServedClient>> turns_;  // of clients with waiting calls
  std::shared_ptr<Server*> link_ = std::make_shared<Server*>(this);
  const std::function<void()> post_start_;  // posts `start_waiting`
  std::size_t memory_ = 0;                  // of parameters, results and items
  tenon::Server::Counts counts_;
  runtime::Scheduler::OutsideWork work_;
};

}  // namespace tenon::remote
