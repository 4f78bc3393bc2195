#include "remote/reactor.h"

#include <fmt/core.h>
#include <unistd.h>

#include <asio/steady_timer.hpp>
#include <exception>
#include <new>

#include "support/diagnostics.h"

namespace tenon::remote {

namespace {

// A limit, because a handler can start an operation that is ready at once.
constexpr int kPolledHandlers = 64;

}  // namespace

Reactor::Reactor() : work_(asio::make_work_guard(context_)), process_(::getpid()) {}

Result<std::shared_ptr<Reactor>> Reactor::make() {
  try {
    const std::shared_ptr<Reactor> reactor(new Reactor);
    // The first timer or socket opens the descriptors that all of them share. Later ones open none.
    const asio::steady_timer first(reactor->context_);
    return reactor;
  } catch (const std::exception& failed) {
    return make_diagnostic(Code::RunEngine, "remote units cannot be used: {}", failed.what());
  }
}

void Reactor::run(std::optional<call::Clock::time_point> until) {
  try {
    if (until)
      (void)context_.run_one_until(*until);
    else
      (void)context_.run_one();
  } catch (const std::bad_alloc&) {
    // A handler could not be run, or the program's executor has no memory.
  }
  // An interruption of the next run is not lost: that ends at once.
  if (context_.stopped()) context_.restart();
}

void Reactor::poll() {
  // Interrupted after the last run.
  if (context_.stopped()) context_.restart();
  try {
    for (int handlers = 0; handlers < kPolledHandlers && context_.poll_one() != 0; ++handlers) {
    }
  } catch (const std::bad_alloc&) {
    // As in `run`.
  }
}

Result<void, std::string> Reactor::note_fork() {
  if (process_ == ::getpid()) return {};
  try {
    context_.notify_fork(asio::io_context::fork_child);
  } catch (const std::exception& failed) {
    return fmt::format("a copy of the program cannot wait for sockets: {}", failed.what());
  }
  process_ = ::getpid();
  return {};
}

void Reactor::interrupt() { context_.stop(); }

}  // namespace tenon::remote
