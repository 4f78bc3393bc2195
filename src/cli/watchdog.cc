#include "cli/watchdog.h"

#include <unistd.h>

#include <utility>

#include "cli/call_trace.h"
#include "cli/session.h"
#include "tenon/call_failure.h"

namespace tenon::cli {

namespace {

// What the library has to stop the guest and to say where it was.
constexpr std::chrono::milliseconds kGrace{500};

}  // namespace

Watchdog::Watchdog(const Session& session, std::optional<std::chrono::milliseconds> timeout,
                   CallTrace& trace)
    : session_(session), trace_(trace) {
  if (!timeout) return;
  const auto deadline = std::chrono::steady_clock::now() + *timeout + kGrace;
  thread_ = std::thread([this, deadline] { wait(deadline); });
}

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_until(lock, deadline, [this] { return is_over_; })) return;
  // A trace that cannot be written does not change how the run ended.
  (void)trace_.end();
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.limits = {"timeout"};
  Diagnostic problem = failure_diagnostic(failure);
  problem.message = "the run was stopped: its time was over, and its guest did not notice";
  ::_exit(report(session_, {std::move(problem)}));
}

}  // namespace tenon::cli
