#include "http/server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <utility>

#include "http/address.h"
#include "http/message.h"
#include "http/path.h"
#include "runtime/shared.h"
#include "runtime/woken_task.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "tls/tls.h"

namespace tenon::http {

namespace {

constexpr std::size_t kLeastHeaderBytes = 8192;  // of the engine
constexpr std::size_t kAnswered = engine::HttpServer::kAnswered;
constexpr std::string_view kHealthPath = "/-/health";
constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::size_t kMetricsRequests = 8;  // at once
constexpr std::uint16_t kClientLeft = 499;   // as in the logs of nginx
constexpr int kUnsentBytes = 128 * 1024;     // of a connection, that the kernel keeps
// Neither connections nor files that are sent.
constexpr std::size_t kOtherDescriptors = 32;

// All but an eighth, which remains for others.
std::size_t most_of(std::size_t requests) {
  const std::size_t rest = requests / 8;
  return requests - rest;
}

// requests: of each queue at once. files: of the last one, which is for files.
std::vector<engine::HttpQueue> make_queues(std::size_t count, std::size_t requests,
                                           std::size_t files, const HttpOptions& options) {
  const std::size_t most = options.client_requests;
  std::vector queues(count,
                     engine::HttpQueue{.requests = requests,
                                       .client_requests = most != 0 ? most : most_of(requests),
                                       .client_waiting = options.client_waiting});
  queues.push_back({.requests = files,
                    .client_requests = most_of(files),
                    .client_waiting = options.client_waiting});
  return queues;
}

// Each can send a file, which has a descriptor, too. What waits for a connection is accepted later; a file for which
// no descriptor is left could not be sent.
std::size_t count_connections(const HttpOptions& options) {
  rlimit descriptors = {};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return options.connections;
  const std::size_t free = descriptors.rlim_cur - std::min(descriptors.rlim_cur, kOtherDescriptors);
  return std::min(options.connections, std::max<std::size_t>(free / 2, 1));
}

engine::HttpServerLimits limits_of(const HttpOptions& options,
                                   const std::vector<std::optional<StaticFolder>>& folders) {
  const auto has_value = [](const auto& folder) { return folder.has_value(); };
  return {.connections = std::ranges::any_of(folders, has_value) ? count_connections(options)
                                                                 : options.connections,
          .body_bytes = options.body_bytes,
          .header_bytes = std::max(options.header_bytes, kLeastHeaderBytes),
          .header_ms = static_cast<std::uint64_t>(options.header_time.count()),
          .idle_ms = static_cast<std::uint64_t>(options.idle.count()),
          .keeps_half_closed = options.ignore_client_abort};
}

engine::HttpResponse make_text(std::uint16_t status, std::string body) {
  return {.status = status,
          .fields = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
          .body = std::move(body)};
}

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

engine::HttpResponse refuse_method(std::string allowed) {
  engine::HttpResponse response = make_text(405, "405 Method Not Allowed\n");
  response.fields.emplace_back("allow", std::move(allowed));
  return response;
}

// The last address that a proxy has added; empty: none, or not one.
std::string_view find_forwarded(std::string_view field) {
  std::string_view last = field.substr(field.rfind(',') + 1);
  while (last.starts_with(' ')) last.remove_prefix(1);
  while (last.ends_with(' ')) last.remove_suffix(1);
  const auto is_of_address = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
           c == ':' || c == '[' || c == ']';
  };
  return std::ranges::all_of(last, is_of_address) ? last : std::string_view();
}

// "127.0.0.1:41234" without the port.
std::string_view without_port(std::string_view peer) {
  std::string_view address = peer.substr(0, peer.rfind(':'));
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  return address;
}

std::string_view query_of(std::string_view target) {
  return target.substr(std::min(target.find('?'), target.size()));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(Site site, const HttpOptions& options,
                                             runtime::Shared& shared) {
  Diagnostics problems;
  const auto keep = [&](Diagnostics found) {
    std::ranges::move(found, std::back_inserter(problems));
  };
  std::vector<std::optional<StaticFolder>> folders;
  if (site.router)
    for (const HttpRoute& route : site.router->routes()) {
      std::optional<StaticFolder>& folder = folders.emplace_back();
      if (route.folder.empty()) continue;
      Result<StaticFolder> opened = StaticFolder::open(route);
      if (opened)
        folder = *std::move(opened);
      else
        keep(std::move(opened).error());
    }
  std::unique_ptr<AccessLog> log;
  if (options.access_log != HttpLog::None) {
    Result<std::unique_ptr<AccessLog>> opened =
        AccessLog::open(options.access_log, options.access_log_file);
    if (opened)
      log = *std::move(opened);
    else
      keep(std::move(opened).error());
  }
  if (!problems.empty()) return problems;
  return std::unique_ptr<Server>(
      new Server(std::move(site), options, std::move(folders), std::move(log), shared));
}

// The engine hands over requests on threads of its own. `std::function` must be copyable, and a request is not.
Server::Server(Site site, const HttpOptions& options,
               std::vector<std::optional<StaticFolder>> folders, std::unique_ptr<AccessLog> log,
               runtime::Shared& shared)
    : shared_(shared),
      handlers_(std::make_shared<const Handlers>(std::move(site.handlers))),
      router_(std::move(site.router)),
      folders_(std::move(folders)),
      file_queue_(handlers_->size() + count_program_routes()),
      has_health_(options.health),
      trusts_forwarded_(options.trusts_forwarded),
      on_failure_(options.on_failure),
      on_refused_(std::move(site.on_refused)),
      print_more_metrics_(std::move(site.print_metrics)),
      tls_(std::move(site.tls)),
      ends_left_(!options.ignore_client_abort),
      log_(std::move(log)),
      work_(shared.scheduler),
      limits_(limits_of(options, folders_)),
      connections_(engine::HttpServer::make(
          limits_, make_queues(file_queue_, site.requests, limits_.connections, options),
          {.route = [this](const engine::HttpRequest& request) { return route(request); },
           .request = [this](engine::HttpRequest request) { begin(std::move(request)); },
           .done = [this](const engine::HttpReport& report) { note_done(report); },
           .closed =
               [this] {
                 // Whoever waits for the last connection looks again.
                 if (is_draining_) shared_.scheduler.wake_waits();
               },
           .refused =
               [this](std::string_view peer, std::string_view failure) {
                 post([refused = ServeFailure{.peer = std::string(peer),
                                              .function = {},
                                              .message = std::string(failure)}](Server& server) {
                   if (server.on_refused_) server.on_refused_(refused);
                 });
               }})) {
  shared_.on_late_failure = [link = std::weak_ptr(link_)](const CallFailure& failure) {
    if (const auto server = link.lock())
      (*server)->report(
          HttpFailure{.number = 0, .peer = {}, .method = {}, .target = {}, .failure = failure});
  };
  shared_.on_handler_failure = [link = std::weak_ptr(link_)](const CallFailure& failure) {
    const auto server = link.lock();
    if (server == nullptr || !(*server)->on_failure_) return false;
    (*server)->on_failure_(
        HttpFailure{.number = 0, .peer = {}, .method = {}, .target = {}, .failure = failure});
    return true;
  };
  if (site.ready.count != 0 || site.ready.idle.count() != 0)
    for (const runtime::HttpHandler& handler : *handlers_)
      handler.domain.pool()->keep_ready(site.ready);
  if (!router_) return;
  const std::vector<HttpRoute>& routes = router_->routes();
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (routes[i].handler == nullptr) {
      queues_.push_back(find_handler(routes[i]).value_or(folders_[i] ? file_queue_ : kAnswered));
      continue;
    }
    queues_.push_back(handlers_->size() + program_routes_.size());
    program_routes_.push_back({i, adapt_handler(routes[i].handler, shared_.owner)});
  }
}

std::size_t Server::count_program_routes() const {
  if (!router_) return 0;
  const auto is_of_program = [](const HttpRoute& route) { return route.handler != nullptr; };
  return static_cast<std::size_t>(std::ranges::count_if(router_->routes(), is_of_program));
}

std::optional<std::size_t> Server::find_handler(const HttpRoute& route) const {
  const auto handler = std::ranges::find(*handlers_, route.unit, &runtime::HttpHandler::unit);
  if (handler == handlers_->end()) return std::nullopt;
  return static_cast<std::size_t>(handler - handlers_->begin());
}

Server::~Server() {
  for (const auto& [number, sent] : sent_)
    if (const runtime::HttpFatePtr fate = sent.lock()) fate->end(&ended_);
  for (const auto& [number, answer] : std::exchange(program_answers_, {})) answer->leave();
  for (const runtime::HttpHandler& handler : *handlers_) handler.domain.pool()->end_keeping();
}

void Server::post(std::function<void(Server&)> function) {
  shared_.scheduler.post([link = std::weak_ptr(link_), function = std::move(function)] {
    if (const auto server = link.lock()) function(**server);
  });
}

// The certificate and the key, which can change. Connections find them on threads of the engine.
struct Server::Keys {
  std::mutex mutex;
  std::shared_ptr<const tls::TlsContext> context;
};

Result<void> Server::reload_tls() {
  if (keys_ == nullptr) return {};
  static constexpr std::array<std::string_view, 2> kProtocols = {"h2", "http/1.1"};
  TENON_TRY(auto context, tls::TlsContext::of_server(tls_, kProtocols));
  const std::lock_guard lock(keys_->mutex);
  keys_->context = std::move(context);
  return {};
}

Result<std::string> Server::add(engine::HttpServer& to, Listening listening, bool has_tls) {
  std::optional<engine::Tls> tls;
  if (has_tls) {
    if (keys_ == nullptr) keys_ = std::make_shared<Keys>();
    TENON_TRY_VOID(reload_tls());
    tls.emplace([keys = keys_]() -> Result<std::shared_ptr<const tls::TlsContext>> {
      const std::lock_guard lock(keys->mutex);
      return keys->context;
    });
  }
  if (!listening.file.path().empty()) files_.push_back(std::move(listening.file));
  // Data that a slow client has not read stays in this process. The kernel would buffer megabytes of it, and report room
  // for more only when a third of its buffer is free.
  if (listening.kind == engine::HttpServer::SocketKind::Tcp)
    (void)::setsockopt(listening.socket.number(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes,
                       sizeof(kUnsentBytes));
  TENON_TRY_VOID(to.listen(listening.socket.release(), listening.kind, tls ? &*tls : nullptr));
  return std::move(listening.url);
}

Result<std::string> Server::listen(std::string_view address) {
  TENON_TRY(const Address parsed, parse_address(address));
  TENON_TRY(Listening listening, listen_at(parsed));
  return add(connections_, std::move(listening), parsed.has_tls);
}

Result<std::string> Server::listen_on(int socket, bool has_tls) {
  TENON_TRY(Listening listening, http::listen_on(socket, has_tls));
  return add(connections_, std::move(listening), has_tls);
}

Result<std::string> Server::listen_for_metrics(std::string_view address) {
  TENON_TRY(const Address parsed, parse_address(address));
  TENON_TRY(Listening listening, listen_at(parsed));
  has_metrics_ = true;
  static constexpr std::array queues = {
      engine::HttpQueue{.requests = kMetricsRequests, .client_waiting = kMetricsRequests}};
  metrics_connections_.emplace(engine::HttpServer::make(
      limits_, queues,
      {.route = [](const engine::HttpRequest& request) -> std::size_t {
         const auto path = normalize_path(request.target());
         if (path == kMetricsPath && is_read(request.method())) return 0;
         if (path == kMetricsPath)
           (void)request.respond(refuse_method("GET, HEAD"));
         else
           request.refuse(404);
         return kAnswered;
       },
       .request =
           [this](engine::HttpRequest request) {
             post([arrived = std::make_shared<engine::HttpRequest>(std::move(request))](
                      const Server& server) {
               engine::HttpResponse response = make_text(200, server.print_metrics());
               response.fields.front().second = "text/plain; version=0.0.4; charset=utf-8";
               (void)arrived->respond(std::move(response));
             });
           }}));
  TENON_TRY(const std::string url,
            add(*metrics_connections_, std::move(listening), parsed.has_tls));
  return url + std::string(kMetricsPath);
}

void Server::drain() {
  is_draining_ = true;
  connections_.drain();
  if (metrics_connections_) metrics_connections_->drain();
}

Result<bool> Server::reopen_log() { return log_ == nullptr ? Result<bool>(false) : log_->reopen(); }

Server::Counts Server::counts() const {
  Counts counts = counts_;
  counts.connections = connections_.connections();
  return counts;
}

std::size_t Server::route(const engine::HttpRequest& request) {
  Exchange exchange;
  exchange.queue = route(request, exchange);
  const std::size_t queue = exchange.queue;
  if (queue != kAnswered || log_ != nullptr || has_metrics_)
    note_begin(request, std::move(exchange));
  return queue;
}

std::size_t Server::route(const engine::HttpRequest& request, Exchange& exchange) {
  const std::string target = request.target();
  const std::string method = request.method();
  const std::optional<std::string> path = normalize_path(target);
  if (path && has_health_ && *path == kHealthPath) {
    (void)request.respond(!is_read(method) ? refuse_method("GET, HEAD")
                          : is_draining_   ? make_text(503, "draining\n")
                                           : make_text(200, "ok\n"));
    return kAnswered;
  }
  if (!router_) {
    exchange.unit = handlers_->front().unit;
    return 0;
  }
  if (!path) {
    request.refuse(400);
    return kAnswered;
  }
  const Router::Match match = router_->find(method, normalize_host(request.authority()), *path);
  if (!match.route) {
    if (match.allowed.empty())
      request.refuse(404);
    else
      (void)request.respond(refuse_method(fmt::format("{}", fmt::join(match.allowed, ", "))));
    return kAnswered;
  }
  const HttpRoute& route = router_->routes()[*match.route];
  exchange.route = print_route(route);
  exchange.unit = route.unit;
  exchange.route_index = *match.route;
  return queues_[*match.route];
}

void Server::begin(engine::HttpRequest request) {
  std::size_t queue = 0;
  std::size_t route = 0;
  {
    const std::lock_guard lock(mutex_);
    const Exchange& exchange = exchanges_.at(request.number());
    queue = exchange.queue;
    route = exchange.route_index;
  }
  if (queue == file_queue_) return answer_with_file(route, request);
  post([queue, arrived = std::make_shared<engine::HttpRequest>(std::move(request))](
           Server& server) { server.answer(queue, std::move(*arrived)); });
}

void Server::answer_with_file(std::size_t route, const engine::HttpRequest& request) const {
  const HttpRoute& files = router_->routes()[route];
  const std::string target = request.target();
  const std::string path = normalize_path(target).value();
  (void)request.respond(folders_[route]->answer(
      {.is_head = request.method() == "HEAD",
       .path = path,
       .rest = rest_of(files.path, path),
       .query = query_of(target),
       .if_none_match = request.field("if-none-match"),
       .if_modified_since = request.field("if-modified-since"),
       .range = request.field("range"),
       .if_range = request.field("if-range"),
       .accept_encoding = files.precompressed ? request.field("accept-encoding").value_or("")
                                              : std::optional<std::string>()}));
}

void Server::note_begin(const engine::HttpRequest& request, Exchange exchange) {
  const std::uint64_t number = request.number();
  if (log_ != nullptr) {
    exchange.referer = request.field("referer").value_or("");
    exchange.agent = request.field("user-agent").value_or("");
    exchange.trace = request.field("traceparent").value_or("");
    if (trusts_forwarded_)
      exchange.client = find_forwarded(request.field("x-forwarded-for").value_or(""));
  }
  const std::lock_guard lock(mutex_);
  exchanges_.emplace(number, std::move(exchange));
}

void Server::note_done(const engine::HttpReport& report) {
  Exchange exchange;
  {
    const std::lock_guard lock(mutex_);
    if (auto known = exchanges_.extract(report.number)) exchange = std::move(known.mapped());
  }
  if (report.status == 0 && ends_left_) post_left(report.number);
  if (log_ == nullptr && !has_metrics_) return;
  exchange.number = report.number;
  exchange.end = std::chrono::system_clock::now();
  exchange.peer = report.peer;
  if (exchange.client.empty()) exchange.client = without_port(report.peer);
  exchange.method = report.method;
  exchange.host = report.authority;
  exchange.target = report.target;
  exchange.status = report.status == 0 ? kClientLeft : report.status;
  exchange.version = report.version;
  exchange.body_bytes = report.body_bytes;
  exchange.duration = std::chrono::nanoseconds(report.duration_ns);
  exchange.abort = report.abort;
  if (has_metrics_) metrics_.add(exchange);
  if (log_ != nullptr) log_->add(exchange);
}

// A request that reaches a unit or a handler, until its end.
class Server::Answering final {
 public:
  Answering(Server& server, const engine::HttpRequest& request)
      : server_(server.link_),
        handlers_(server.handlers_),
        described_{.number = request.number(),
                   .peer = request.peer(),
                   .method = request.method(),
                   .target = request.target(),
                   .failure = {}} {
    ++server.counts_.in_progress;
    if (const auto sent = server.sent_.find(described_.number); sent != server.sent_.end())
      fate_ = sent->second.lock();
    if (fate_ != nullptr) fate_->begin();
  }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;
  // Without an end, there was no memory to answer it.
  ~Answering() {
    const CallFailure failure = runtime::no_memory();
    end(runtime::HttpEnd::Failed, &failure);
  }

  void end(runtime::HttpEnd end, const CallFailure* failure) {
    if (std::exchange(has_ended_, true)) return;
    const bool has_failed = end == runtime::HttpEnd::Failed;
    if (fate_ != nullptr) fate_->end(has_failed ? failure : nullptr);
    const auto server = server_.lock();
    if (server == nullptr) return;
    (*server)->note_end(described_.number);
    if (has_failed) report(**server, *failure);
  }

 private:
  void report(Server& server, const CallFailure& failure) {
    try {
      described_.failure = failure;
    } catch (const std::bad_alloc&) {
      described_.failure = runtime::no_memory();
    }
    server.report(described_);
  }

  const std::weak_ptr<Server*> server_;
  const std::shared_ptr<const Handlers> handlers_;
  HttpFailure described_;
  runtime::HttpFatePtr fate_;  // null: a client has sent it
  bool has_ended_ = false;
};

void Server::answer(std::size_t queue, engine::HttpRequest request) {
  ++counts_.requests;
  // A client that cancels many requests at once must not cost an instance for each.
  if (ends_left_ && !request.is_awaited()) return;
  try {
    begin_answer(queue, std::move(request));
  } catch (const std::bad_alloc&) {
    // The request is gone, and was answered with that.
  }
}

void Server::begin_answer(std::size_t queue, engine::HttpRequest request) {
  const std::uint64_t number = request.number();
  ProgramAnswer::OnEnd on_end = [answering = std::make_shared<Answering>(*this, request)](
                                    runtime::HttpEnd end, const CallFailure* failure) {
    answering->end(end, failure);
  };
  auto call =
      queue < handlers_->size()
          ? runtime::answer_http((*handlers_)[queue], std::move(request), std::move(on_end))
          : answer_by_program(queue - handlers_->size(), std::move(request), std::move(on_end));
  if (ends_left_ && !call.expired()) calls_.emplace(number, std::move(call));
}

std::weak_ptr<runtime::HttpCallInProgress*> Server::answer_by_program(std::size_t queue,
                                                                      engine::HttpRequest request,
                                                                      ProgramAnswer::OnEnd on_end) {
  const std::uint64_t number = request.number();
  const ProgramRoute& by = program_routes_[queue];
  const std::shared_ptr<ProgramAnswer> answer =
      ProgramAnswer::begin(by.handler, std::move(request), pass_of(by.route), std::move(on_end));
  if (answer->has_ended()) return {};
  program_answers_.emplace(number, answer);
  return answer->link();
}

ProgramAnswer::Pass Server::pass_of(std::size_t route) {
  if (const auto found = find_handler(router_->routes()[route])) {
    std::shared_ptr<const runtime::HttpHandler> handler(handlers_, &(*handlers_)[*found]);
    return [handler = std::move(handler)](engine::HttpPassed passed) {
      return runtime::pass_to_handler(handler, std::move(passed));
    };
  }
  if (!folders_[route]) return nullptr;
  // Only while a request is answered, which ends with the server.
  return [this, route](engine::HttpPassed passed) {
    const HttpRoute& files = router_->routes()[route];
    const std::optional<std::string> path = normalize_path(passed.request.target());
    if (path && takes_path(files, *path))
      answer_with_file(route, passed.request);
    else
      passed.request.refuse(404);
    return runtime::receive_response(std::move(passed.sent), std::make_shared<runtime::HttpFate>());
  };
}

Task<CallResult<HttpResponse>> Server::send(HttpRequest request) {
  using Sent = runtime::WokenTask<HttpResponse>;
  Result<engine::HttpMessage> message = to_message(std::move(request), shared_.owner);
  if (!message) return Sent::fail(refuse_call(std::move(message).error()));
  Result<engine::HttpSent> sent = engine::send(connections_, *std::move(message));
  if (!sent) return Sent::fail(refuse_call(std::move(sent).error()));
  auto fate = std::make_shared<runtime::HttpFate>();
  std::erase_if(sent_, [](const auto& known) { return known.second.expired(); });
  sent_.emplace(sent->number(), fate);
  return receive(runtime::receive_response(*std::move(sent), std::move(fate)), shared_.owner);
}

void Server::note_end(std::uint64_t number) {
  --counts_.in_progress;
  calls_.erase(number);
  program_answers_.erase(number);
}

void Server::report(const HttpFailure& failure) {
  ++counts_.failures;
  try {
    if (on_failure_) on_failure_(failure);
  } catch (const std::bad_alloc&) {
    // The engine may have called, through which no exception can pass.
  }
}

void Server::post_left(std::uint64_t number) {
  try {
    post([number](Server& server) { server.note_left(number); });
  } catch (const std::bad_alloc&) {
    // Its call goes on.
  }
}

void Server::note_left(std::uint64_t number) {
  ++counts_.left;
  // Its call may have ended by itself, because the body of the request did.
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  if (const auto call = found->second.lock()) (*call)->leave();
}

std::string Server::print_metrics() const {
  MetricText text;
  text.begin("tenon_build_info", "gauge", "The version of tenon.");
  text.add({{"version", version()}}, 1);
  text.begin("tenon_start_time_seconds", "gauge", "When the server began, since 1970.");
  text.add({}, std::chrono::duration<double>(begin_.time_since_epoch()).count());
  metrics_.print(text);
  const Counts now = counts();
  text.begin("tenon_http_requests_in_progress", "gauge", "Requests that a unit answers now.");
  text.add({}, static_cast<double>(now.in_progress));
  text.begin("tenon_http_failures_total", "counter", "Requests that a unit failed to answer.");
  text.add({}, static_cast<double>(now.failures));
  text.begin("tenon_http_connections", "gauge", "Connections of clients.");
  text.add({}, static_cast<double>(now.connections));
  text.begin("tenon_http_log_lost_lines_total", "counter",
             "Lines of the access log that could not be written.");
  text.add({}, log_ == nullptr ? 0 : static_cast<double>(log_->lost()));
  if (print_more_metrics_) print_more_metrics_(text);
  return text.text();
}

}  // namespace tenon::http
