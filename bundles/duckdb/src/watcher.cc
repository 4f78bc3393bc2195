#include "watcher.h"

#include <chrono>

namespace duckdb_adapter {

namespace {

constexpr std::chrono::milliseconds kPollInterval{5};

}  // namespace

Watcher::~Watcher() {
  {
    const std::scoped_lock lock(state_);
    ends_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Watcher::Watch::Watch(Watcher& watcher, ConnectionPointer connection)
    : watcher_(watcher), call_(tenon::current_call()), connection_(connection) {
  bool is_first = false;
  {
    const std::scoped_lock lock(watcher_.state_);
    place_ = watcher_.watched_.insert(watcher_.watched_.end(), this);
    is_first = watcher_.watched_.size() == 1;
    if (!watcher_.thread_.joinable())
      watcher_.thread_ = std::thread([all = &watcher_] { all->run(); });
  }
  if (is_first) watcher_.changed_.notify_one();
}

Watcher::Watch::~Watch() {
  // The thread holds the lock while it uses a Watch, so this waits for it.
  const std::scoped_lock lock(watcher_.state_);
  watcher_.watched_.erase(place_);
}

void Watcher::run() {
  std::unique_lock lock(state_);
  while (!ends_) {
    if (watched_.empty()) {
      changed_.wait(lock, [this] { return ends_ || !watched_.empty(); });
      continue;
    }
    changed_.wait_for(lock, kPollInterval, [this] { return ends_; });
    // Every time, not once: DuckDB forgets an interrupt that comes before the query has begun.
    for (Watch* const watch : watched_)
      if (watch->call_.should_stop()) api_->interrupt(watch->connection_);
  }
}

}  // namespace duckdb_adapter
