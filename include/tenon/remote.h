// Units on other machines: a composition serves its exports to peers, and uses those of others.
//
//   // where `acme:stock/api` is:
//   tenon::Result<tenon::Server> server = stock->serve({.listen = {"tcp://[::1]:7761"}});
//   server->run();  // until another thread calls `server->stop()`
//
//   // where it is used:
//   builder.add_remote("stock", "tcp://[::1]:7761", {.interfaces = {"acme:stock/api"}});
//
// The protocol is wRPC (docs/formats/wrpc.md). Everything happens on threads that wait in the
// composition: in a call, in `Task::wait`, in `Composition::run_for` or in `Server::run`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/http.h"
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon {

// The options of a remote unit (`CompositionBuilder::add_remote`).
struct RemoteOptions {
  // Names or patterns of the interfaces that it provides: "acme:stock/api", "acme:stock/api@1.0.0",
  // "acme:*". Can be empty if `wit` is set.
  std::vector<std::string> interfaces = {};
  // File or folder of its WIT. Empty: its types are those of the imports that it provides.
  std::string wit = {};
  WitFeatures features = {};  // of that WIT
  // Time limit of a call; absent: no limit.
  std::optional<std::chrono::milliseconds> timeout = std::chrono::seconds(10);
  // As `Wire::on_failure`, for all imports that it provides; a wire overrides it.
  std::string on_failure = {};
  // Whether a call that failed can be made again although the peer may have run it. Otherwise a call is
  // repeated only if no byte of it was sent.
  bool idempotent = false;
  TlsOptions tls = {};
  std::string credentials = {};  // credentials file for a NATS server; empty: none
  // Whether it is an error if no unit uses it.
  bool must_be_used = false;
  Location where = {};  // where the user wrote it, for messages
};

// The state of a remote unit and the number of its calls so far (`Composition::remotes`).
struct RemoteState {
  std::string name;
  std::string address;
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::size_t in_flight = 0;      // including calls whose streams have not ended
  std::string last_failure = {};  // empty: there was none
};

// A call of a peer that failed, or that was refused.
struct ServeFailure {
  std::string peer;      // its address, such as "[::1]:41234"
  std::string function;  // as the peer named it: "acme:tax/lib@1.0.0#rate"; empty: unknown
  std::string message;
};

// The options of a server (`Composition::serve`).
struct ServeOptions {
  // Addresses: "tcp://[::1]:7761", "unix:/run/shop.sock", "nats://localhost/shop". Port 0 takes a free
  // port.
  std::vector<std::string> listen = {};
  // Sockets that listen already, such as those of systemd's socket activation. They are closed with the
  // server.
  std::vector<int> sockets = {};
  // Names or patterns of the exports that are served; empty: all.
  std::vector<std::string> only = {};
  // Whether anyone on the network may connect, without encryption. Otherwise an address that other
  // machines can reach is an error.
  bool insecure = false;
  TlsOptions tls = {};             // for addresses with TLS
  std::string credentials = {};    // as RemoteOptions::credentials
  std::size_t calls = 256;         // at once; further ones wait
  std::size_t connections = 1024;  // at once; further ones are not accepted
  // Called for each failure, on the thread that serves. It must not use the composition.
  std::function<void(const ServeFailure&)> on_failure = {};
  HttpOptions http = {};  // HTTP requests are answered beside wRPC, or without it
};

// A function that peers can call, or cannot.
struct ServedItem {
  std::string interface;  // empty: a bare function
  std::string function;
  std::string obstacle;  // why it is not served; empty: it is
  // The interface that an export with a label implements, by which peers can call it too; empty: none.
  std::string implements = {};
};

// Serves exports of a composition, or answers HTTP requests, as long as it exists. Destroying it ends the calls
// in progress.
// Lifetime: must not outlive its composition.
// Thread: that of the composition, unless a function says otherwise.
class Server final {
 public:
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  // Returns the addresses, with their ports.
  [[nodiscard]] std::span<const std::string> addresses() const;
  // Returns the functions of the exports, in the order of the exports; first the handler of HTTP requests.
  [[nodiscard]] std::span<const ServedItem> functions() const;

  // Serves until `stop` is called. Then it accepts no more connections, and returns when all calls have
  // ended, or after `drain`. Returns whether all had ended.
  bool run(std::chrono::milliseconds drain = std::chrono::seconds(30));
  // Ends `run`. Thread: any.
  void stop();
  // Schedules a function to run in the composition, during `run` or another wait. It is delayed
  // while a guest computes, and never runs if there is no later wait. Thread: any.
  void post(std::function<void()> function);
  // Sends a request to the handlers of HTTP, as a client would: routes, limits and logs are the same, without a
  // connection. If the task is destroyed before it is done, the client has left.
  // Errors: CallFailure: that of the handler which failed to answer, in place of status 500 or 504: Trap, Deadline,
  // BadCall with http-response, and others; BadCall with http-message (the request is not valid) or http-handler (the
  // server does not answer HTTP requests); Ended, if the server is destroyed; Interrupted, if the task is cancelled.
  [[nodiscard]] Task<CallResult<HttpResponse>> send(HttpRequest request);
  // Reads the certificate and the key of HTTP again, for connections from now on. After an error, they are as
  // before. Errors: remote-tls.
  [[nodiscard]] Result<void> reload_tls();

  struct Counts {
    std::uint64_t calls = 0;  // that were made; an HTTP request is one
    std::uint64_t failures = 0;
    std::size_t in_progress = 0;  // that their callers wait for
    std::size_t connections = 0;
    // Calls of the composition that nobody waits for any more, because their callers have left or
    // cancelled them, and whose tasks run on.
    std::size_t left_behind = 0;
    // HTTP requests whose clients had left before they had a response. `failures` does not count them.
    std::uint64_t clients_left = 0;
  };
  [[nodiscard]] Counts counts() const;
  // Opens the file of the access log again, after it was renamed. Returns false if there is none. Thread: any.
  // Errors: write-file; then lines are added to the file as before.
  Result<bool> reopen_log();

 private:
  friend class Composition;
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon
