#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/render_diagnostics.h"
#include "cli/start.h"
#include "cli/style.h"
#include "support/terminal_text.h"
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
  std::optional<std::size_t> ready_fd;
};

void add_flags(CommandLine& line, ServeFlags& flags) {
  add_start_flags(line, flags.start);
  line.add_option("--listen", flags.options.listen, "Accept connections at ADDRESS")
      .type_name("ADDRESS")
      .one_value_each();
  line.add_option("--only", flags.options.only, "Serve this export, and no others")
      .type_name("NAME")
      .one_value_each();
  line.add_option("--parallel", flags.parallel, "Make at most N calls at once (default: 256)")
      .type_name("N")
      .between(1, kMostCalls);
  line.add_option("--ready-fd", flags.ready_fd, "Write a line to this descriptor when ready")
      .type_name("FD")
      .between(1, 1023);
  line.add_flag("--insecure", flags.options.insecure,
                "Allow addresses that other machines reach, without encryption");
  line.set_footer(
      "ADDRESS is tcp://HOST:PORT or unix:PATH. SIGTERM and SIGINT end it: calls in progress\n"
      "finish, for at most 30 seconds. With systemd's socket activation, `--listen` is not "
      "needed.\n\n"
      "Examples:\n"
      "  tenon serve tax.wasm --listen tcp://[::1]:7761\n"
      "  tenon serve tax.wasm --listen unix:/run/tax.sock --only acme:tax/lib");
}

// The sockets that systemd passes to this process.
std::vector<int> take_sockets() {
  const std::optional<std::string> pid = find_variable("LISTEN_PID");
  const std::optional<std::string> count = find_variable("LISTEN_FDS");
  std::vector<int> sockets;
  if (!pid || !count || *pid != std::to_string(::getpid())) return sockets;
  const int number = std::atoi(count->c_str());
  for (int i = 0; i < number && i < kMostSockets; ++i) {
    (void)::fcntl(kFirstSocket + i, F_SETFD, FD_CLOEXEC);
    sockets.push_back(kFirstSocket + i);
  }
  return sockets;
}

// Ends a server at SIGTERM or SIGINT; at the second of them, the process.
class SignalWatch final {
 public:
  // To be called before threads are started, which inherit the mask.
  SignalWatch() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  // Lifetime: the server must live as long as the process waits for calls.
  void start(Server& server) {
    std::thread([signals = signals_, &server] {
      int signal = 0;
      sigwait(&signals, &signal);
      server.stop();
      sigwait(&signals, &signal);
      ::_exit(128 + signal);
    }).detach();
  }

 private:
  sigset_t signals_ = {};
};

// Lists the exports and the addresses on standard error: standard output belongs to the guests.
void print_served(const Session& session, const Server& server) {
  if (session.verbosity() == Verbosity::Quiet) return;
  std::string last;
  for (const ServedItem& item : server.functions()) {
    const std::string name = sanitize_text(item.interface.empty() ? item.function : item.interface);
    if (!item.obstacle.empty())
      fmt::print(stderr, "not served: {}: {}\n",
                 sanitize_text(print_call_name(item.interface, item.function)), item.obstacle);
    else if (std::exchange(last, name) != name)
      fmt::print(stderr, "serves {}\n", name);
  }
  for (const std::string& address : server.addresses())
    fmt::print(stderr, "listens at {}\n", sanitize_text(address));
}

void report_refused(const ServeFailure& failure) {
  fmt::print(stderr, "{}: {}{}\n", sanitize_text(failure.peer),
             failure.function.empty() ? "" : sanitize_text(failure.function) + ": ",
             sanitize_text(failure.message));
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

int serve(const Session& session, ServeFlags& flags, SignalWatch& signals) {
  Result<Started> started = open_and_start(session, flags.start);
  if (!started) return report(session, started.error());
  if (session.verbosity() != Verbosity::Quiet) flags.options.on_failure = report_refused;
  Result<Server> server = started->composition.serve(flags.options);
  if (!server) return report(session, server.error());
  print_served(session, *server);
  if (flags.ready_fd)
    if (const auto problem = tell_ready(static_cast<int>(*flags.ready_fd)))
      return report(session, {*problem});
  signals.start(*server);
  const bool has_drained = server->run();
  if (session.verbosity() != Verbosity::Quiet)
    fmt::print(stderr, "served {}, {}{}\n", pluralize(server->counts().calls, "call"),
               pluralize(server->counts().failures, "failure"),
               has_drained ? "" : "; some calls did not end");
  {
    const Server ended = *std::move(server);
  }
  return end_run(session, flags.start, *started, to_int(ExitCode::Fine));
}

}  // namespace

int serve_command(Session& session, Words words) {
  CommandLine line("Link components and serve their exports to other processes", "tenon serve");
  ServeFlags flags;
  flags.start.is_one_run = false;
  // A call that fails does not end the service.
  flags.start.restarts_domains = true;
  add_flags(line, flags);
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session)) return *code;
  flags.options.sockets = take_sockets();
  if (flags.parallel) flags.options.calls = *flags.parallel;
  if (flags.options.listen.empty() && flags.options.sockets.empty())
    return report(session, {make_usage_problem(
                               "`tenon serve` needs an address to listen at",
                               {"`--listen tcp://[::1]:7761`, or `--listen unix:shop.sock`"})});
  SignalWatch signals;
  return serve(session, flags, signals);
}

}  // namespace tenon::cli
