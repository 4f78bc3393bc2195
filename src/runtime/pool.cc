#include "runtime/pool.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/owner_lock.h"
#include "runtime/scheduler.h"
#include "runtime/ticker.h"

namespace tenon::runtime {

namespace {

// That of the pool to which this thread belongs.
constinit thread_local const void* state_of_thread = nullptr;

}  // namespace

struct Pool::State {
  State(Scheduler& turns, std::shared_ptr<OwnerLock> owner)
      : scheduler(turns), lock(std::move(owner)) {}

  // The body of a thread.
  static void work(const std::shared_ptr<State>& state);
  // Waits for something to do. Returns false if there will be nothing any more.
  [[nodiscard]] bool wait();
  [[nodiscard]] bool has_stopped() {
    const std::lock_guard guard(mutex);
    return stops;
  }

  Scheduler& scheduler;  // until `stops`
  const std::shared_ptr<OwnerLock> lock;
  std::mutex mutex;
  std::condition_variable woken;
  std::condition_variable ended;
  std::size_t size = 0;
  std::size_t own_threads = 0;
  std::size_t idle = 0;
  std::size_t wakes = 0;  // that no thread has followed yet
  std::size_t running = 0;
  bool stops = false;
  std::atomic<bool> has_failed = false;
  std::vector<std::thread> threads;
};

Pool::Pool(Scheduler& scheduler, std::shared_ptr<OwnerLock> lock)
    : state_(std::make_shared<State>(scheduler, std::move(lock))) {}

Pool::~Pool() {
  stop([] {});
}

bool Pool::is_worker() const { return state_of_thread == state_.get(); }

bool Pool::has_failed() const { return state_->has_failed.load(std::memory_order_relaxed); }

void Pool::set_size(std::size_t size) {
  const std::lock_guard guard(state_->mutex);
  state_->size = size;
}

std::size_t Pool::size() const {
  const std::lock_guard guard(state_->mutex);
  return state_->size;
}

void Pool::add_own_thread() {
  const std::lock_guard guard(state_->mutex);
  ++state_->own_threads;
}

bool Pool::has_threads() const {
  const std::lock_guard guard(state_->mutex);
  return !state_->threads.empty();
}

void Pool::wake() {
  const std::lock_guard guard(state_->mutex);
  const std::size_t most = state_->size + state_->own_threads;
  if (state_->stops || state_->wakes == most) return;
  ++state_->wakes;
  if (state_->wakes <= state_->idle || state_->threads.size() == most)
    return state_->woken.notify_one();
  try {
    state_->threads.emplace_back([state = state_] { State::work(state); });
    ++state_->running;
  } catch (const std::exception&) {
    // Those that there are take all turns, one after the other.
    if (state_->threads.empty()) state_->has_failed.store(true);
  }
}

void Pool::stop(const std::function<void()>& tick) {
  const std::size_t left = is_worker() ? 1 : 0;
  std::vector<std::thread> threads;
  {
    std::unique_lock guard(state_->mutex);
    state_->stops = true;
    threads.swap(state_->threads);
    state_->woken.notify_all();
    while (!state_->ended.wait_for(guard, Ticker::kInterval,
                                   [&] { return state_->running <= left; })) {
      guard.unlock();
      tick();
      guard.lock();
    }
  }
  for (std::thread& thread : threads) {
    if (thread.get_id() == std::this_thread::get_id())
      thread.detach();
    else
      thread.join();
  }
}

bool Pool::State::wait() {
  std::unique_lock guard(mutex);
  ++idle;
  woken.wait(guard, [&] { return stops || wakes != 0; });
  --idle;
  if (stops) return false;
  --wakes;
  return true;
}

void Pool::State::work(const std::shared_ptr<State>& state) {
  state_of_thread = state.get();
  while (state->wait()) {
    state->lock->enter_always();
    try {
      while (!state->has_stopped() && state->scheduler.take_pooled_turn(Scheduler::Nested::No)) {
      }
    } catch (const std::bad_alloc&) {
      // The turn is due again.
    }
    // A task that was deferred until all threads are out may destroy the composition.
    state->lock->leave();
  }
  const std::lock_guard guard(state->mutex);
  --state->running;
  state->ended.notify_all();
}

}  // namespace tenon::runtime
