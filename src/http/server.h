// Answers HTTP requests with handlers of a composition and with files.
//
//   connection ── route: a response, or the queue of a handler ── answer: a call of the handler
//   (a thread of the engine)                                      (the composition)
//
// Connections are served by threads of the engine (engine/http.h), which also answer what needs no guest: files,
// refusals, health. A request for a handler comes into the composition as a posted function, so guests run on
// the threads that wait in it, as for peers of wRPC.
//
// Thread: that of the composition, unless a function says otherwise.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/http.h"
#include "http/access_log.h"
#include "http/address.h"
#include "http/exchange.h"
#include "http/metrics.h"
#include "http/program_answer.h"
#include "http/router.h"
#include "http/static_files.h"
#include "runtime/http_call.h"
#include "runtime/instance_pool.h"
#include "runtime/scheduler.h"
#include "tenon/http.h"
#include "tenon/remote.h"
#include "tenon/result.h"
#include "tenon/task.h"

namespace tenon::runtime {
struct Shared;
}

namespace tenon::http {

// The handlers, routes and keys of a server.
struct Site {
  // Each with a queue.
  std::vector<runtime::HttpHandler> handlers;
  std::size_t requests = 0;  // of each handler at once; further ones wait
  runtime::InstancePool::Ready ready = {};
  // Without routes, the first handler answers everything. Those of the program are in the routes.
  std::optional<Router> router = {};
  // The certificate and the key of addresses with TLS.
  TlsOptions tls = {};
  // A connection was refused. Can be null.
  std::function<void(const ServeFailure&)> on_refused = {};
  // Prints what the composition adds to the metrics, in it.
  std::function<void(MetricText&)> print_metrics = {};
};

class Server final {
 public:
  // Lifetime: refers to the domains of the handlers, and to `shared`.
  // Errors: write-file (the access log), http-route (a folder).
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(Site site, const HttpOptions& options,
                                                            runtime::Shared& shared);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Ends the connections. Handlers in progress run on, and nobody gets their answers.
  ~Server();

  // Accepts connections at an address, and returns its URL with the actual port.
  // Errors: http-address, remote-listen, remote-tls.
  [[nodiscard]] Result<std::string> listen(std::string_view address);
  // The same for the metrics, which are at "/metrics".
  [[nodiscard]] Result<std::string> listen_for_metrics(std::string_view address);
  // Reads the certificate and the key again, if there is an address with TLS. After an error, nothing has changed.
  // Errors: remote-tls.
  [[nodiscard]] Result<void> reload_tls();
  // The same as `listen` at a socket that listens already. It belongs to the server from now on.
  [[nodiscard]] Result<std::string> listen_on(int socket, bool has_tls);
  // As tenon::Server::send.
  [[nodiscard]] Task<CallResult<HttpResponse>> send(HttpRequest request);
  // Accepts no more connections. Those that are there can finish their requests.
  void drain();
  // As tenon::Server::reopen_log. Thread: any.
  [[nodiscard]] Result<bool> reopen_log();

  struct Counts {
    std::uint64_t requests = 0;  // that reached a guest, or were to
    std::uint64_t failures = 0;
    std::uint64_t left = 0;  // whose clients had left before they had a response
    std::size_t in_progress = 0;
    std::size_t connections = 0;
  };
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] const std::vector<runtime::HttpHandler>& handlers() const { return *handlers_; }

 private:
  using Handlers = std::vector<runtime::HttpHandler>;
  struct Keys;
  class Answering;

  Server(Site site, const HttpOptions& options, std::vector<std::optional<StaticFolder>> folders,
         std::unique_ptr<AccessLog> log, runtime::Shared& shared);

  // On threads of the engine:

  // Answers, or returns a queue.
  std::size_t route(const engine::HttpRequest& request);
  std::size_t route(const engine::HttpRequest& request, Exchange& exchange);
  // Keeps what the report of a request will not have.
  void note_begin(const engine::HttpRequest& request, Exchange exchange);
  void note_done(const engine::HttpReport& report);
  // The client of a request has left before it had a response.
  void post_left(std::uint64_t number);
  // It is the turn of a request in its queue.
  void begin(engine::HttpRequest request);
  // route: of a folder. The path must be valid, and taken by the route.
  void answer_with_file(std::size_t route, const engine::HttpRequest& request) const;

  // The handler of a route's unit.
  [[nodiscard]] std::optional<std::size_t> find_handler(const HttpRoute& route) const;
  [[nodiscard]] std::size_t count_program_routes() const;
  // A request for a handler has arrived.
  void answer(std::size_t queue, engine::HttpRequest request);
  void begin_answer(std::size_t queue, engine::HttpRequest request);
  // The same for a handler of the program. queue: without those of units.
  [[nodiscard]] std::weak_ptr<runtime::HttpCallInProgress*> answer_by_program(
      std::size_t queue, engine::HttpRequest request, ProgramAnswer::OnEnd on_end);
  // Passes requests on to the unit behind the handler of a route.
  [[nodiscard]] ProgramAnswer::Pass pass_of(std::size_t route);
  void note_end(std::uint64_t number);
  // A unit did not answer a request.
  void report(const HttpFailure& failure);
  void note_left(std::uint64_t number);
  // Runs a function in the composition, if this server still exists. Thread: any.
  void post(std::function<void(Server&)> function);
  [[nodiscard]] Result<std::string> add(engine::HttpServer& to, Listening listening, bool has_tls);
  [[nodiscard]] std::string print_metrics() const;

  runtime::Shared& shared_;
  // Calls in progress can outlive the server.
  std::shared_ptr<const Handlers> handlers_;
  std::optional<Router> router_;
  // By route.
  std::vector<std::optional<StaticFolder>> folders_;
  // The queue of files, after those of units and of handlers of the program.
  const std::size_t file_queue_;
  // By route: the queue of its unit or of its handler in the program, or that of files.
  std::vector<std::size_t> queues_;
  // By queue, after those of units.
  struct ProgramRoute {
    std::size_t route;
    runtime::ProgramHandler handler;
  };
  std::vector<ProgramRoute> program_routes_;
  std::unordered_map<std::uint64_t, std::shared_ptr<ProgramAnswer>> program_answers_;
  // By the number of a request that the program has sent.
  std::unordered_map<std::uint64_t, std::weak_ptr<runtime::HttpFate>> sent_;
  const bool has_health_;
  const bool trusts_forwarded_;
  std::function<void(const HttpFailure&)> on_failure_;
  const std::function<void(const ServeFailure&)> on_refused_;
  const std::function<void(MetricText&)> print_more_metrics_;
  const TlsOptions tls_;
  const bool ends_left_;  // calls whose clients have left
  Counts counts_;
  const std::chrono::system_clock::time_point begin_ = std::chrono::system_clock::now();
  // By the number of the request.
  std::unordered_map<std::uint64_t, std::weak_ptr<runtime::HttpCallInProgress*>> calls_;
  std::vector<SocketFile> files_;
  std::shared_ptr<Keys> keys_;  // null: no address has TLS
  std::atomic<bool> is_draining_ = false;
  const std::unique_ptr<AccessLog> log_;  // null: none
  Metrics metrics_;
  std::atomic<bool> has_metrics_ = false;
  std::mutex mutex_;
  // By number, of requests in progress.
  std::unordered_map<std::uint64_t, Exchange> exchanges_;
  runtime::Scheduler::OutsideWork work_;
  std::shared_ptr<Server*> link_ = std::make_shared<Server*>(this);
  // The failure of the program's requests that were not answered.
  const CallFailure ended_ = runtime::make_failure(
      CallFailure::Kind::Ended, "the server was destroyed before it had answered");
  const engine::HttpServerLimits limits_;
  // Their threads use the members above.
  engine::HttpServer connections_;
  std::optional<engine::HttpServer> metrics_connections_;
};

}  // namespace tenon::http
