#include "process/process_connector.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "host/library.h"
#include "process/setup.h"
#include "remote/socket_connection.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::process {

namespace {

// From the end of a connection to the end of a process that crashes.
constexpr std::chrono::seconds kCrashTime{1};

}  // namespace

Result<std::string> check_process(const std::string& unit, const host::Bundle& bundle) {
  std::string program = bundle.process->program;
  if (program.empty()) {
    std::optional<std::string> found = find_command();
    if (!found) {
      Diagnostic problem = make_diagnostic(
          Code::HostProcess,
          "the process of `{}` cannot start: the command `tenon` is not installed", unit);
      problem.hints.emplace_back("install it");
      problem.hints.emplace_back(
          "or let this program run its bundles itself",
          HintWays{.program = "`run_bundle_process` and `set_process_program(\"/proc/self/exe\")`",
                   .command = {},
                   .manifest = {}});
      return problem;
    }
    program = *std::move(found);
  }
  if (bundle.library.place == host::LibraryPlace::Bundle)
    TENON_TRY_VOID(host::check_library(bundle.library));
  return program;
}

ProcessConnector::ProcessConnector(const std::string& unit, const host::Bundle& bundle,
                                   std::string program, remote::Reactor& reactor,
                                   runtime::Scheduler& scheduler)
    : unit_(unit),
      program_(std::move(program)),
      setup_(write_setup(make_setup(unit, bundle))),
      policy_{bundle.process->settings.restarts, bundle.process->settings.within},
      reactor_(reactor),
      scheduler_(scheduler),
      process_(::getpid()) {}

ProcessConnector::~ProcessConnector() { end(); }

Result<void, std::string> ProcessConnector::start() {
  if (has_ended_) return std::string("the composition has ended");
  if (child_ != nullptr && !child_->is_running()) note_end(child_->how());
  if (child_ != nullptr) return {};
  const bool is_restart = !ended_.empty();
  if (is_restart && !restarts_.allows(policy_))
    return fmt::format("its process {}; {}", ended_,
                       policy_.max == 0
                           ? std::string("`restart` in its settings would start another one")
                           : fmt::format("it has been restarted {}",
                                         policy_.max == 1 ? std::string("once")
                                                          : fmt::format("{} times", policy_.max)));
  auto started = Child::start(program_, unit_, setup_);
  if (is_restart) restarts_.add(policy_);
  if (!started) {
    ended_ = "cannot start: " + started.error();
    return "its process " + ended_;
  }
  child_ = *std::move(started);
  ++life_;
  return {};
}

Result<std::shared_ptr<remote::Connection>, std::string> ProcessConnector::connect(
    remote::Connection::OnReady on_ready, Sharing sharing) {
  TENON_TRY_VOID(note_fork());
  // A link that is ready has not noticed an end.
  if (sharing == Sharing::Allowed && link_ != nullptr && link_->is_ready())
    return remote::SocketLink::connect(link_, std::move(on_ready));
  TENON_TRY_VOID(start());
  if (sharing == Sharing::Allowed) open_link();
  Descriptor socket = child_->connect();
  if (socket.is_open())
    return std::shared_ptr<remote::Connection>(std::make_shared<remote::SocketConnection>(
        reactor_, std::move(socket), AF_UNIX, nullptr, std::move(on_ready)));
  const int error = errno;
  if (error == EPIPE || error == ECONNRESET) {
    note_broken("closed its sockets");
    return "its process " + ended_;
  }
  return error == EAGAIN ? std::string("too many calls wait for its process")
                         : fmt::format("its process cannot be called: {}", describe_error(error));
}

Result<void, std::string> ProcessConnector::note_fork() {
  if (process_ == ::getpid()) return {};
  // First: what is closed would be taken from the original's reactor.
  TENON_TRY_VOID(reactor_.note_fork());
  process_ = ::getpid();
  link_.reset();
  child_.reset();
  ended_.clear();
  restarts_.forget();
  return {};
}

void ProcessConnector::open_link() {
  if (link_ != nullptr && !link_->is_leaving()) return;
  link_.reset();
  Descriptor socket = child_->connect();
  if (!socket.is_open()) return;
  auto link = std::make_shared<remote::SocketLink>();
  const remote::Connection::OnReady on_ready = remote::SocketLink::make_on_ready(link, scheduler_);
  link->open(std::make_shared<remote::SocketConnection>(reactor_, std::move(socket), AF_UNIX,
                                                        nullptr, on_ready),
             1, on_ready);
  link_ = std::move(link);
}

// The answer may be lost, because native code has written to the socket. Later calls use another one. A process
// that is stopped answers none of them, and cannot end itself at the deadline.
void ProcessConnector::note_abandoned() {
  if (child_ != nullptr && child_->is_stopped()) {
    child_->kill();
    return note_end("was stopped by a signal, and was ended");
  }
  if (link_ != nullptr) link_->leave();
}

void ProcessConnector::note_broken(const std::string& why) {
  if (child_ == nullptr) return;
  if (child_->wait(kCrashTime)) return note_end(child_->how());
  child_->kill();
  note_end(fmt::format("{}, and was ended", why));
}

void ProcessConnector::note_end(std::string how) {
  ended_ = std::move(how);
  link_.reset();
  child_.reset();
}

std::optional<CallFailure> ProcessConnector::describe(const remote::CallFault& fault) {
  using Kind = remote::CallFault::Kind;
  CallFailure failure;
  failure.function = fault.function;
  const auto say = [&](std::string_view why) {
    failure.message = fmt::format("`{}` of host `{}`: {}", fault.function, fault.unit, why);
    return failure;
  };
  switch (fault.kind) {
    case Kind::Function:
      failure.message = fault.why;
      return failure;
    case Kind::Here:
      return say(fault.why);
    case Kind::Answer:
    case Kind::Connection:
      break;
  }
  // Another call may have noted the end before.
  const bool is_of_this = fault.life == life_ && child_ != nullptr;
  if (is_of_this && fault.kind == Kind::Answer)
    note_broken(fmt::format("broke the protocol ({})", fault.why));
  else if (is_of_this && child_->wait(kCrashTime))
    note_end(child_->how());
  else if (is_of_this)
    return say("its process closed the connection of the call");
  return say("its process " + (fault.life == life_ ? ended_ : "has ended"));
}

void ProcessConnector::end() {
  has_ended_ = true;
  (void)note_fork();
  link_.reset();
  child_.reset();
}

}  // namespace tenon::process
