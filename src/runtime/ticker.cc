#include "runtime/ticker.h"

#include <algorithm>
#include <utility>

#include "support/start_thread.h"

namespace tenon::runtime {

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::add(std::shared_ptr<const engine::Engine> engine) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(engines_, engine) == engines_.end()) engines_.push_back(std::move(engine));
}

Result<void, std::string> Ticker::begin() {
  {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) {
      auto started = start_thread([this] { run(); });
      if (!started) return no_thread_message("deadlines", started.error());
      thread_ = *std::move(started);
    }
    ++watches_;
  }
  changed_.notify_all();
  return {};
}

void Ticker::end() {
  const std::lock_guard lock(mutex_);
  --watches_;
}

void Ticker::tick() {
  const std::lock_guard lock(mutex_);
  interrupt_engines();
}

void Ticker::interrupt_engines() {
  for (const auto& engine : engines_) engine->interrupt();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  Clock::time_point due = Clock::now() + kInterval;
  while (!stops_) {
    if (watches_ == 0) {
      changed_.wait(lock, [this] { return stops_ || watches_ > 0; });
      due = Clock::now() + kInterval;
      continue;
    }
    changed_.wait_until(lock, due, [this] { return stops_; });
    interrupt_engines();
    due = next_tick(due, Clock::now());
  }
}

}  // namespace tenon::runtime
