#include "cli/watchdog.h"

#include <unistd.h>

#include <utility>

#include "cli/call_trace.h"
#include "cli/session.h"
#include "tenon/call_failure.h"

namespace tenon::cli {

namespace {

// What the library has to stop the guest and to say where it was.
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

void Watchdog::arm(std::chrono::milliseconds timeout) {
  const auto deadline = session_.start + timeout + kGrace;
  const std::scoped_lock lock(mutex_);
  const bool is_first = !deadline_;
  if (is_first || deadline < *deadline_) deadline_ = deadline;
  if (is_first)
    std::thread([this] { wait(); }).detach();
  else
    changed_.notify_all();
}

void Watchdog::set_trace(CallTrace* trace) {
  const std::scoped_lock lock(mutex_);
  trace_ = trace;
}

void Watchdog::wait() {
  std::unique_lock lock(mutex_);
  while (std::chrono::steady_clock::now() < *deadline_) changed_.wait_until(lock, *deadline_);
  // A trace that cannot be written does not change how the run ended.
  if (trace_ != nullptr) (void)trace_->end();
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.limits = {"timeout"};
  Diagnostic problem = failure_diagnostic(failure);
  problem.message = "the run was stopped: its deadline passed";
  ::_exit(report(session_, {std::move(problem)}));
}

}  // namespace tenon::cli
