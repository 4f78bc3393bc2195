// Ends the process when a run goes on after its time.
//
// The library checks the time between files, units and phases, and interrupts guests that compute.
// It cannot stop a compilation, a guest that waits in the host, or native code. `--timeout` holds
// for these too: it counts from the start of the command, and nothing the command does outlives it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tenon::cli {

class CallTrace;
struct Session;

// Lives as long as the process: what runs at its end is watched, too.
class Watchdog final {
 public:
  explicit Watchdog(const Session& session) : session_(session) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() = delete;

  // The process ends with the exit code of a deadline when `timeout`, from the start of the
  // session, and a moment for the library are over. The shortest of several counts.
  void arm(std::chrono::milliseconds timeout);
  // Ended before the process is; null: none. Lifetime: until the next call.
  void set_trace(CallTrace* trace);

 private:
  void wait();

  const Session& session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  CallTrace* trace_ = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace tenon::cli
