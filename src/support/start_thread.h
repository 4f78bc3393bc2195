// Starts threads. The system can refuse one: at a limit of processes (`ulimit -u`, `pids.max` of a container), or
// without memory. std::thread throws then; here, it is a failure like others.
//
//   auto started = start_thread([this] { run(); });
//   if (!started) return thread_problem("deadlines", started.error());
//   thread_ = *std::move(started);
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "support/diagnostics.h"
#include "tenon/result.h"

namespace tenon {

// Errors: why there is no thread: "Resource temporarily unavailable".
template <class Thread = std::thread, class F>
[[nodiscard]] Result<Thread, std::string> start_thread(F&& body) {
  try {
    return Thread(std::forward<F>(body));
  } catch (const std::system_error& refused) {
    return std::string(refused.what());
  }
}

// The message about a thread that cannot be started. purpose: "deadlines".
[[nodiscard]] inline std::string no_thread_message(std::string_view purpose,
                                                   std::string_view reason) {
  return fmt::format("a thread for {} cannot be started: {}", purpose, reason);
}

// The same as a problem (run-engine).
[[nodiscard]] inline Diagnostic thread_problem(std::string_view purpose, std::string_view reason) {
  Diagnostic problem = make_diagnostic(Code::RunEngine, "{}", no_thread_message(purpose, reason));
  problem.hints.emplace_back(
      "raise the limit on processes and threads: `ulimit -u`, or `pids.max` of the container");
  return problem;
}

}  // namespace tenon
