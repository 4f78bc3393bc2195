// Interrupts engines periodically while calls with bounds are in progress.
//
// A guest cannot be stopped from outside at an arbitrary point. The engine's code checks an epoch
// counter instead, and the ticker increments it every millisecond; at each tick the engine asks the
// domain whether the bounds of its call are reached (`Domain::begin_life`). While no call has
// bounds, the ticker's thread sleeps.
//
// Thread: any. The ticker starts a thread of its own at the first call with bounds.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "tenon/result.h"

namespace tenon::runtime {

using Clock = std::chrono::steady_clock;

class Ticker final {
 public:
  static constexpr std::chrono::milliseconds kInterval{1};

  Ticker() = default;
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker();

  // engine: one that can be interrupted. Call it before any call of a guest.
  void add(std::shared_ptr<const engine::Engine> engine);

  // The ticker runs while a Watch exists.
  class Watch final {
   public:
    explicit Watch(Ticker& ticker) : ticker_(ticker), begun_(ticker_.begin()) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
      if (begun_) ticker_.end();
    }

    // Why the ticker does not run: its thread cannot be started. The next Watch tries again.
    [[nodiscard]] const Result<void, std::string>& begun() const { return begun_; }

   private:
    Ticker& ticker_;
    const Result<void, std::string> begun_;
  };

  // Ticks once, on this thread: for one that waits for guests to end, and must not depend on another thread.
  void tick();

  // The time of the tick after one that was due at `due` and happened at `now`. A late tick does
  // not delay the following ones, unless it is later than a whole interval.
  [[nodiscard]] static Clock::time_point next_tick(Clock::time_point due, Clock::time_point now) {
    return due + kInterval > now ? due + kInterval : now + kInterval;
  }

 private:
  Result<void, std::string> begin();
  void end();
  void run();
  void interrupt_engines();  // REQUIRES: the lock is held

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
  int watches_ = 0;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace tenon::runtime
