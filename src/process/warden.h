// Ends this process if native code does not return: some time after the deadline of its call, and after the
// end of the process that started this one. Also if native code closes descriptors of tenon, at any time: nothing
// could be called any more. It has a thread of its own, because native code has the other one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "process/own_descriptors.h"
#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::process {

class Warden final {
 public:
  // control: the socket of the process that started this one.
  explicit Warden(int control);
  Warden(const Warden&) = delete;
  Warden& operator=(const Warden&) = delete;
  ~Warden();

  // Starts the thread, before native code runs. Errors: run-engine.
  [[nodiscard]] Result<void> start();
  // Native code runs from now on, until `leave`. function: its name, for the last words. Lifetime of it:
  // until then. Thread: the one that calls native code.
  void enter(const std::string& function,
             const std::optional<std::chrono::steady_clock::time_point>& deadline);
  void leave() { deadline_.store(kNone, std::memory_order_release); }
  // The descriptors that are open belong to tenon until `note_end`: the process ends if one of them is closed, or
  // replaced. The thread looks once a second. REQUIRES: it was called once, after `start`, before native code runs
  void watch_descriptors();
  // Ends the process at once if one of them is closed. REQUIRES: `watch_descriptors` was called. Thread: the one that
  // calls native code
  void check_descriptors();
  // The process ends by itself now, as soon as its bundle has ended, and closes its descriptors.
  void note_end();

 private:
  static constexpr std::int64_t kNone = INT64_MAX;

  void run();
  void wake() const;
  [[nodiscard]] bool has_descriptors();

  const int control_;
  // A pipe. The thread waits for `woken_`, which it keeps even if native code closes the number, and notices when
  // `wake_` is closed.
  Descriptor woken_{-1};
  Descriptor wake_{-1};
  std::atomic<std::int64_t> deadline_ = kNone;          // nanoseconds of the steady clock
  std::atomic<const std::string*> function_ = nullptr;  // that runs
  std::atomic<std::int64_t> wakes_at_ = kNone;          // of the thread
  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<bool> is_watching_ = false;      // the descriptors
  std::mutex mutex_;                           // held while the thread looks at them
  std::optional<OwnDescriptors> descriptors_;  // set once, and never changed after that
  std::thread thread_;
};

// Sends the last words of this process: what its parent says after "its process".
void send_last_words(int control, std::string_view words);

}  // namespace tenon::process
