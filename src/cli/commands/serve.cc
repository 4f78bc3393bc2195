#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/control_socket.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/start.h"
#include "cli/swaps.h"
#include "cli/watch.h"
#include "render/json.h"
#include "render/style.h"
#include "support/limits.h"
#include "support/start_thread.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/builder.h"
#include "tenon/http.h"
#include "tenon/remote.h"
#include "tenon/value.h"

namespace tenon::cli {

namespace {

// The first socket that systemd passes (sd_listen_fds(3)).
constexpr int kFirstSocket = 3;
constexpr int kMostSockets = 64;

constexpr std::size_t kMostCalls = 100'000;

struct ServeFlags {
  StartFlags start;
  ServeOptions options;
  std::optional<std::size_t> parallel;
  std::vector<std::string> http;
  std::optional<std::string> http_body;
  std::optional<std::string> http_idle;
  std::optional<std::string> http_log;
  std::optional<std::string> http_metrics;
  std::optional<std::size_t> http_connections;
  std::optional<std::size_t> http_client;
  std::optional<std::size_t> http_reuse;
  std::optional<std::size_t> http_share;
  std::optional<std::size_t> http_warm;
  bool http_ignore_client_abort = false;
  std::optional<std::size_t> ready_fd;
  std::optional<std::string> name;
  bool status = false;
  OutputFormat format = OutputFormat::Human;  // of the status
};

void add_flags(CommandLine& line, ServeFlags& flags) {
  add_start_flags(line, flags.start);
  add_watch_flag(line, flags.start);
  line.add_option("--listen", flags.options.listen, "Accept connections at ADDRESS")
      .type_name("ADDRESS")
      .one_value_each();
  line.add_option("--http", flags.http,
                  "Answer HTTP requests at HOST:PORT, in place of the addresses in tenon.toml")
      .type_name("HOST:PORT")
      .one_value_each();
  line.add_option("--http-reuse", flags.http_reuse,
                  "Let each instance answer N HTTP requests (default: 1)")
      .type_name("N")
      .between(1, limits::kRequestsOfInstance);
  line.add_option("--http-share", flags.http_share,
                  "Let each instance answer N HTTP requests at once (default: 1)")
      .type_name("N")
      .between(1, limits::kInstances);
  line.add_option("--http-warm", flags.http_warm,
                  "Make N instances ahead of HTTP requests (default: 8)")
      .type_name("N")
      .between(0, limits::kInstances);
  line.add_option("--http-client", flags.http_client,
                  "Answer N HTTP requests of one client at once (default: all but an eighth)")
      .type_name("N")
      .between(1, std::size_t{limits::kInstances} * limits::kInstances);
  line.add_option("--http-connections", flags.http_connections,
                  "Accept N connections of HTTP at once (default: 1024)")
      .type_name("N")
      .between(1, limits::kHttpConnections);
  line.add_flag("--http-ignore-client-abort", flags.http_ignore_client_abort,
                "Answer HTTP requests to the end although their clients have left");
  line.add_option("--http-body", flags.http_body,
                  "Refuse HTTP requests with a larger body (default: 64MiB)")
      .type_name("SIZE");
  line.add_option("--http-idle", flags.http_idle,
                  "Close HTTP connections whose client is silent for this time (default: 60s)")
      .type_name("TIME");
  line.add_option("--http-log", flags.http_log, "Write a line for each HTTP request")
      .type_name("common|json")
      .one_of({"common", "json"});
  line.add_option("--http-metrics", flags.http_metrics,
                  "Answer GET /metrics at HOST:PORT, for Prometheus")
      .type_name("HOST:PORT");
  line.add_option("--only", flags.options.only, "Serve this export, and no others")
      .type_name("NAME")
      .one_value_each();
  line.add_option("--parallel", flags.parallel,
                  "Make at most N calls at once (default: 256; of HTTP 64)")
      .type_name("N")
      .between(1, kMostCalls);
  line.add_option("--ready-fd", flags.ready_fd, "Write a line to this descriptor when ready")
      .type_name("FD")
      .between(1, 1023);
  line.add_flag("--insecure", flags.options.insecure,
                "Allow addresses that other machines reach, without encryption");
  line.set_footer(
      "ADDRESS is tcp://HOST:PORT, unix:PATH or nats://HOST:PORT/PREFIX, with TLS tls+tcp:// or\n"
      "tls+nats://. SIGTERM and SIGINT stop the service; calls in progress have 30 seconds to\n"
      "finish. With systemd's socket activation, `--listen` and `--http` are not needed.\n"
      "HTTP requests are answered by the root's wasi:http/incoming-handler or handler, each by an\n"
      "instance of its own, or as `[http]` of tenon.toml says; `--timeout` limits each of them.\n"
      "HOST:PORT can also be https://HOST:PORT, with --tls-cert and --tls-key, or unix:PATH.\n"
      "SIGHUP reads both again, and opens the file of the access log again.\n\n"
      "Examples:\n"
      "  tenon serve site.wasm --http 127.0.0.1:8080\n"
      "  tenon serve tax.wasm --listen tcp://[::1]:7761\n"
      "  tenon serve tax.wasm --listen unix:/run/tax.sock --only acme:tax/lib");
}

// `--status` starts nothing, so it excludes every flag that says what to start, or how.
void add_status_flags(CommandLine& line, ServeFlags& flags) {
  line.add_option("--name", flags.name, "Name of this service (default: that of the composition)")
      .type_name("NAME");
  const CommandLine::Option status =
      line.add_flag("--status", flags.status,
                    "Show the running service NAME, given in place of FILE, or list all");
  for (const OptionInfo& option : line.options())
    if (!option.is_argument && option.names.back() != "--status")
      status.excludes(line.get_option(option.names.back()));
  add_format_flags(line, flags.format);
  line.get_option("--format").description("Output format of `--status`");
}

// Takes the sockets that systemd passes to this process. Those with the names `http` and `https` are for HTTP.
void take_sockets(ServeOptions& options) {
  const std::optional<std::string> pid = find_variable("LISTEN_PID");
  const std::optional<std::string> count = find_variable("LISTEN_FDS");
  if (!pid || !count || *pid != std::to_string(::getpid())) return;
  std::istringstream names(find_variable("LISTEN_FDNAMES").value_or(""));
  const int number = std::atoi(count->c_str());
  for (int i = 0; i < number && i < kMostSockets; ++i) {
    (void)::fcntl(kFirstSocket + i, F_SETFD, FD_CLOEXEC);
    std::string name;
    std::getline(names, name, ':');
    std::vector<int>& sockets = name == "http"    ? options.http.sockets
                                : name == "https" ? options.http.tls_sockets
                                                  : options.sockets;
    sockets.push_back(kFirstSocket + i);
  }
}

// How long calls in progress have to finish.
constexpr std::chrono::seconds kDrain{30};
// After this, the process exits as after a second signal: a guest in an endless loop can be on the thread of
// the server.
constexpr std::chrono::seconds kEnd = kDrain + std::chrono::seconds(5);

// SIGTERM and SIGINT end the process while it starts, and then the server; the second one ends the process.
// SIGHUP reads the TLS certificates again and reopens the access log; if the server has neither, it acts like
// SIGTERM.
class SignalWatch final {
 public:
  // Must be called before other threads are started, because they inherit the signal mask.
  // Errors: run-engine.
  [[nodiscard]] Result<void> start() {
    sigset_t signals = {};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // After `nohup`. A blocked signal arrives all the same.
    struct sigaction hang_up = {};
    (void)::sigaction(SIGHUP, nullptr, &hang_up);
    const bool ignores_hang_up = hang_up.sa_handler == SIG_IGN;
    auto started = start_thread([signals, ignores_hang_up, state = state_]() mutable {
      int signal = 0;
      while (sigwait(&signals, &signal) == 0) {
        const std::lock_guard lock(state->mutex);
        if (signal == SIGHUP && state->server != nullptr && state->on_hang_up) {
          state->on_hang_up();
          continue;
        }
        if (signal == SIGHUP && ignores_hang_up) continue;
        if (state->server == nullptr) ::_exit(128 + signal);
        state->server->stop();
        break;
      }
      sigdelset(&signals, SIGHUP);
      const timespec patience = {.tv_sec = kEnd.count(), .tv_nsec = 0};
      int second = 0;
      do {
        second = ::sigtimedwait(&signals, nullptr, &patience);
      } while (second < 0 && errno == EINTR);  // the process was stopped and continued
      if (second < 0)
        print_error("a call is still running after {} s: exiting without its result\n",
                    kEnd.count());
      ::_exit(128 + (second > 0 ? second : signal));
    });
    if (!started) return thread_problem("signals", started.error());
    started->detach();
    return {};
  }
  // Null: none. Lifetime: the server must live until the next call.
  // on_hang_up: called at SIGHUP, on another thread; if null, SIGHUP acts like SIGTERM.
  void set_server(Server* server, std::function<void()> on_hang_up = {}) {
    const std::lock_guard lock(state_->mutex);
    state_->server = server;
    state_->on_hang_up = std::move(on_hang_up);
  }

 private:
  struct State {
    std::mutex mutex;
    Server* server = nullptr;
    std::function<void()> on_hang_up;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Makes signals stop a server, for a scope.
class StoppedBySignals final {
 public:
  StoppedBySignals(SignalWatch& signals, Server& server, std::function<void()> on_hang_up)
      : signals_(signals) {
    signals.set_server(&server, std::move(on_hang_up));
  }
  StoppedBySignals(const StoppedBySignals&) = delete;
  StoppedBySignals& operator=(const StoppedBySignals&) = delete;
  ~StoppedBySignals() { signals_.set_server(nullptr); }

 private:
  SignalWatch& signals_;
};

// Lists the exports and the addresses on standard error: standard output belongs to the guests.
void print_served(const Session& session, const Server& server) {
  if (session.verbosity() == Verbosity::Quiet) return;
  std::string last;
  for (const ServedItem& item : server.functions()) {
    const std::string name = sanitize_text(item.interface.empty() ? item.function : item.interface);
    if (!item.obstacle.empty())
      print_error("not served: {}: {}\n",
                  sanitize_text(print_call_name(item.interface, item.function)), item.obstacle);
    else if (std::exchange(last, name) != name)
      print_error(
          "serves {}{}\n", name,
          item.implements.empty() ? "" : fmt::format(" ({})", sanitize_text(item.implements)));
  }
  for (const std::string& address : server.addresses())
    print_error("listens at {}\n", sanitize_text(address));
}

void report_refused(const ServeFailure& failure) {
  print_error("{}: {}{}\n", sanitize_text(failure.peer),
              failure.function.empty() ? "" : sanitize_text(failure.function) + ": ",
              sanitize_text(failure.message));
}

// A handler can fail in every request, so each failure is short: its diagnostic, after the request.
void report_request(const Session& session, const HttpFailure& failure) {
  if (failure.number == 0)
    print_error("a request whose response had begun\n");
  else
    print_error("request {} of {}{} {} {}\n", failure.number, sanitize_text(failure.peer),
                failure.peer.ends_with(':') ? "" : ":", sanitize_text(failure.method),
                sanitize_text(failure.target));
  (void)report_failure(session, failure.failure);
}

// Tells whoever started the command that it accepts connections.
std::optional<Diagnostic> tell_ready(int descriptor) {
  if (::write(descriptor, "\n", 1) != 1)
    return make_usage_problem(
        fmt::format("`--ready-fd {}`: no line can be written to this descriptor", descriptor),
        {"pass an open descriptor, for example `--ready-fd 1`, standard output"});
  if (descriptor > STDERR_FILENO) (void)::close(descriptor);
  return std::nullopt;
}

// The members of the status that the composition and the server know.
JsonValue read_status(const Composition& composition, const Server& server) {
  JsonValue interfaces = JsonValue::array();
  for (const ServedItem& item : server.functions()) {
    const std::string& name = item.interface.empty() ? item.function : item.interface;
    if (item.obstacle.empty() && (interfaces.empty() || interfaces.back() != name))
      interfaces.push_back(name);
  }
  JsonValue remotes = JsonValue::array();
  for (const RemoteState& remote : composition.remotes())
    remotes.push_back({{"name", remote.name},
                       {"address", remote.address},
                       {"calls", remote.calls},
                       {"failures", remote.failures},
                       {"in_progress", remote.in_flight},
                       {"last_failure", text_or_null(remote.last_failure)}});
  const Server::Counts counts = server.counts();
  return {{"addresses", std::vector(server.addresses().begin(), server.addresses().end())},
          {"interfaces", std::move(interfaces)},
          {"calls", counts.calls},
          {"failures", counts.failures},
          {"in_progress", counts.in_progress},
          {"left_behind", counts.left_behind},
          {"clients_left", counts.clients_left},
          {"connections", counts.connections},
          {"remotes", std::move(remotes)}};
}

// Null if the socket cannot be made. This is an error only if the user asked for it, with `--name`.
Result<std::unique_ptr<ControlSocket>> open_control_socket(const Session& session,
                                                           const ServeFlags& flags,
                                                           Composition& composition,
                                                           Server& server) {
  const std::string folder = find_control_folder();
  const std::string name = flags.name ? *flags.name : propose_service_name(composition.plan().name);
  Result<std::unique_ptr<ControlSocket>> socket =
      folder.empty()
          ? refuse_missing_folder()
          : ControlSocket::open(folder, name, flags.name ? OnTaken::Fail : OnTaken::Number,
                                {.post = [&](auto function) { server.post(std::move(function)); },
                                 .read_status = [&] { return read_status(composition, server); },
                                 .swap =
                                     [&](const JsonValue& request) {
                                       JsonValue answer = swap_as_asked(composition, request);
                                       if (session.verbosity() != Verbosity::Quiet)
                                         print_error("{}", render_swapped(request, answer));
                                       return answer;
                                     }});
  if (session.verbosity() != Verbosity::Quiet && socket)
    print_error("service name: {}\n", (*socket)->name());
  if (socket || flags.name) return socket;
  if (session.verbosity() != Verbosity::Quiet)
    print_error(
        "no control socket, so `tenon swap` and `tenon serve --status` cannot reach this: {}\n",
        sanitize_text(socket.error().front().message));
  return std::unique_ptr<ControlSocket>();
}

bool has_tls(const HttpOptions& http) {
  return !http.tls_sockets.empty() || std::ranges::any_of(http.listen, [](const auto& address) {
    return address.starts_with("https:");
  });
}

// Connections and files that are sent need one each, and the usual limit is for programs that use `select`.
void allow_all_descriptors() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Session& session, ServeFlags& flags, SignalWatch& signals) {
  allow_all_descriptors();
  Result<Started> started = open_and_start(session, flags.start);
  if (!started) return report(session, started.error());
  // After `configure`, which sets the other options.
  if (session.verbosity() != Verbosity::Quiet) {
    flags.options.on_failure = report_refused;
    flags.options.http.on_failure = [&session](const HttpFailure& failure) {
      report_request(session, failure);
    };
  }
  Result<Server> server = started->composition.serve(flags.options);
  if (!server) return report(session, server.error());
  // It answers calls from now on, so whoever called it may end it.
  std::function<void()> reload;
  if (has_tls(flags.options.http) || !flags.options.http.access_log_file.empty())
    reload = [&session, &server] {
      if (const auto reopened = server->reopen_log(); !reopened)
        (void)report(session, reopened.error());
      server->post([&session, &server] {
        if (const auto reloaded = server->reload_tls(); !reloaded)
          (void)report(session, reloaded.error());
      });
    };
  std::optional<StoppedBySignals> stopped(std::in_place, signals, *server, reload);
  print_served(session, *server);
  Result<std::unique_ptr<ControlSocket>> control =
      open_control_socket(session, flags, started->composition, *server);
  if (!control) return report(session, control.error());
  std::optional<UnitWatch> watch;
  if (flags.start.watch) {
    watch.emplace(session, started->composition);
    if (const auto watching = watch->start(); !watching) return report(session, watching.error());
  }
  if (flags.ready_fd)
    if (const auto problem = tell_ready(static_cast<int>(*flags.ready_fd)))
      return report(session, {*problem});
  const bool has_drained = server->run(kDrain);
  stopped.reset();
  if (session.verbosity() != Verbosity::Quiet)
    print_error("served {}, {}{}\n", pluralize(server->counts().calls, "call"),
                pluralize(server->counts().failures, "failure"),
                has_drained ? "" : "; some calls did not end");
  watch.reset();
  control->reset();
  {
    const Server ended = *std::move(server);
  }
  return end_run(session, flags.start, *started, to_int(ExitCode::Fine));
}

std::string print_calls(const JsonValue& counts) {
  return fmt::format("{}, {} failed, {} in progress", get_text(counts, "calls"),
                     get_text(counts, "failures"), get_text(counts, "in_progress"));
}

std::string render_status(const JsonValue& status, const Style& style) {
  const auto get = [](const JsonValue& object, const char* key) {
    return sanitize_text(get_text(object, key));
  };
  std::vector<Row> facts = {
      {"process", get(status, "pid")},
      {"running", fmt::format("{}s, since {}", get(status, "uptime"), get(status, "started"))}};
  for (const std::string& address : get_texts(status, "addresses"))
    facts.push_back({"listens at", sanitize_text(address)});
  for (const std::string& name : get_texts(status, "interfaces"))
    facts.push_back({"serves", sanitize_text(name)});
  facts.push_back({"calls", print_calls(status)});
  if (const std::string left = get(status, "left_behind"); !left.empty() && left != "0")
    facts.push_back({"left behind", fmt::format("{} that nobody waits for any more", left)});
  if (const std::string left = get(status, "clients_left"); !left.empty() && left != "0")
    facts.push_back({"clients left", fmt::format("{} before they had an answer", left)});
  facts.push_back({"connections", get(status, "connections")});
  if (status.value("busy", JsonValue()) == true)
    facts.push_back(
        {"busy", fmt::format("a call keeps it busy; counts as of {}", get(status, "as_of"))});
  std::vector<Row> remotes;
  if (const auto list = status.find("remotes"); list != status.end())
    for (const JsonValue& remote : *list)
      remotes.push_back({get(remote, "name"), get(remote, "address"),
                         fmt::format("calls {}", print_calls(remote)),
                         get(remote, "last_failure")});
  std::string text =
      fmt::format("{}\n{}", style.paint(Ink::Name, get(status, "name")), render_rows(facts, "  "));
  add_section(text, "remote units:", remotes);
  return text;
}

JsonValue make_status_request() { return {{"request", "status"}}; }

int list_all(const Session& session, const std::string& folder, OutputFormat format) {
  const Result<std::vector<std::string>> names = list_services(folder);
  if (!names) return report(session, names.error());
  JsonValue services = JsonValue::array();
  std::vector<Row> rows;
  for (const std::string& name : *names) {
    const Result<JsonValue> status = ask_service(folder, name, make_status_request());
    const std::string problem = status ? "" : status.error().front().message;
    const JsonValue known = status ? *status : JsonValue::object();
    services.push_back({{"name", name},
                        {"pid", known.value("pid", JsonValue())},
                        {"addresses", known.value("addresses", JsonValue::array())},
                        {"problem", text_or_null(problem)}});
    rows.push_back(
        {name, status ? sanitize_text(get_text(known, "pid")) : "-",
         sanitize_text(status ? fmt::format("{}", fmt::join(get_texts(known, "addresses"), " "))
                              : problem)});
  }
  if (format == OutputFormat::Json)
    print_result(dump_json({{"schema", 1}, {"services", std::move(services)}}));
  else
    print_result(rows.empty() ? "no services are running\n" : render_rows(rows, ""));
  return to_int(ExitCode::Fine);
}

int show_status(const Session& session, const ServeFlags& flags) {
  const std::string folder = find_control_folder();
  if (folder.empty()) return report(session, {refuse_missing_folder()});
  if (flags.start.target.empty()) return list_all(session, folder, flags.format);
  const Result<JsonValue> status = ask_service(folder, flags.start.target, make_status_request());
  if (!status) return report(session, status.error());
  print_result(flags.format == OutputFormat::Json ? dump_json(*status)
                                                  : render_status(*status, session.out));
  return to_int(ExitCode::Fine);
}

bool answers_http(const HttpOptions& http) {
  return !http.listen.empty() || !http.sockets.empty() || !http.tls_sockets.empty();
}

// The options of a manifest, with those of the flags, which override them. Errors: config-usage.
Result<HttpOptions> read_http_options(const ServeFlags& flags, const HttpOptions& manifest) {
  HttpOptions http = manifest;
  http.sockets = flags.options.http.sockets;
  http.tls_sockets = flags.options.http.tls_sockets;
  Diagnostics problems;
  if (!flags.http.empty()) http.listen = flags.http;
  http.body_bytes = read_flag("--http-body", flags.http_body, Limits::parse_size, problems)
                        .value_or(http.body_bytes);
  http.idle = read_flag("--http-idle", flags.http_idle, Limits::parse_duration, problems)
                  .value_or(http.idle);
  if (flags.http_log) http.access_log = *flags.http_log == "json" ? HttpLog::Json : HttpLog::Common;
  if (flags.http_metrics) http.metrics = *flags.http_metrics;
  if (flags.parallel) http.requests = *flags.parallel;
  http.requests = std::min(http.requests, std::size_t{limits::kInstances});
  http.connections = flags.http_connections.value_or(http.connections);
  http.client_requests = flags.http_client.value_or(http.client_requests);
  http.ignore_client_abort |= flags.http_ignore_client_abort;
  const bool has_flags = flags.http_body || flags.http_idle || flags.http_connections ||
                         flags.http_client || flags.http_reuse || flags.http_share ||
                         flags.http_warm || flags.http_ignore_client_abort || flags.http_log ||
                         flags.http_metrics;
  if (!answers_http(http) && has_flags)
    problems.push_back(
        make_usage_problem("the flags `--http-...` are for services that answer HTTP requests",
                           {"add `--http HOST:PORT`, or remove them"}));
  if (!problems.empty()) return problems;
  return http;
}

void set_instances(const ServeFlags& flags, HttpInstances& use) {
  const auto apply = [](const std::optional<std::size_t>& flag, std::uint32_t& to) {
    if (flag) to = static_cast<std::uint32_t>(*flag);
  };
  apply(flags.http_reuse, use.reuse);
  apply(flags.http_share, use.share);
  apply(flags.http_warm, use.warm);
}

// Sets what a manifest can say, and checks that there is an address. Errors: config-usage.
Result<void> configure(ServeFlags& flags, CompositionBuilder& builder) {
  ServeOptions& options = flags.options;
  TENON_TRY(HttpOptions http, read_http_options(flags, builder.http()));
  options.http = std::move(http);
  const bool has_http = answers_http(options.http);
  if (options.listen.empty() && options.sockets.empty() && !has_http)
    return make_usage_problem("`tenon serve` needs an address to listen at",
                              {"`--listen tcp://[::1]:7761`, or `--listen unix:shop.sock`",
                               "or `--http 127.0.0.1:8080`, to answer HTTP requests"});
  if (!has_http) return {};
  if (!options.only.empty() && options.listen.empty() && options.sockets.empty())
    return make_usage_problem(
        "`--only` chooses the exports that peers can call at `--listen`, and there is no such "
        "address",
        {"remove it: HTTP requests reach the root's handler and no other export",
         "or say in `[[http.route]]` of tenon.toml which units answer which requests"});
  builder.prepare_http(options.http.requests);
  set_instances(flags, builder.http_instances());
  return {};
}

}  // namespace

int serve_command(Session& session, Words words) {
  CommandLine line("Link components and serve their exports to other processes", "tenon serve");
  ServeFlags flags;
  flags.start.is_one_run = false;
  // A call that fails does not end the service.
  flags.start.restarts_domains = true;
  // `tenon swap` and `--watch` swap units on other threads.
  flags.start.is_shared = true;
  add_flags(line, flags);
  add_status_flags(line, flags);
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session)) return *code;
  if (flags.status) return show_status(session, flags);
  if (flags.format == OutputFormat::Json)
    return report(session, {make_usage_problem("`--format json` is for `--status`",
                                               {"remove it, or add `--status`"})});
  if (flags.name && !is_service_name(*flags.name))
    return report(session, {refuse_service_name(*flags.name)});
  flags.options.tls = flags.start.request.flags.tls;
  flags.options.credentials = flags.start.request.flags.credentials;
  take_sockets(flags.options);
  if (flags.parallel) flags.options.calls = *flags.parallel;
  flags.start.configure = [&flags](CompositionBuilder& builder) {
    return configure(flags, builder);
  };
  SignalWatch signals;
  if (const auto started = signals.start(); !started) return report(session, started.error());
  return serve(session, flags, signals);
}

}  // namespace tenon::cli
