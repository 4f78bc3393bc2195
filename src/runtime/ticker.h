// Time for calls that have bounds: interrupts engines at intervals while there is one.
//
// Thread: any. The ticker has a thread of its own, from the first such call on.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/engine.h"

namespace tenon::runtime {

using Clock = std::chrono::steady_clock;

class Ticker final {
 public:
  static constexpr std::chrono::milliseconds kInterval{1};

  Ticker() = default;
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker();

  // An engine that can be interrupted. Before any call.
  void add(std::shared_ptr<const engine::Engine> engine);

  // Ticks while one of these lives.
  class Watch final {
   public:
    explicit Watch(Ticker& ticker) : ticker_(ticker) { ticker_.begin(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { ticker_.end(); }

   private:
    Ticker& ticker_;
  };

  // When the next tick is due after one that was due at `due` and came at `now`: a late one moves
  // the others only if it missed the next.
  [[nodiscard]] static Clock::time_point next_tick(Clock::time_point due, Clock::time_point now) {
    return due + kInterval > now ? due + kInterval : now + kInterval;
  }

 private:
  void begin();
  void end();
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
  int watches_ = 0;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace tenon::runtime
