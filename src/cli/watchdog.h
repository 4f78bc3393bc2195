// Ends the process when a run goes on after its time: the library stops a guest that computes, but
// not one that waits in the host.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tenon::cli {

class CallTrace;
struct Session;

// From its construction on until it is destroyed.
class Watchdog final {
 public:
  // timeout: absent: any time. trace: is ended first.
  Watchdog(const Session& session, std::optional<std::chrono::milliseconds> timeout,
           CallTrace& trace);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void wait(std::chrono::steady_clock::time_point deadline);

  const Session& session_;
  CallTrace& trace_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace tenon::cli
