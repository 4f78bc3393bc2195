// The lock has two states. At first, it belongs to the first thread that enters it, `only_`, which
// counts in `alone_` how often it is in: no atomic read-modify-write, and no fence. A second thread
// changes that for good (`share`). It says so in `only_`, lets every processor that runs a thread of
// this process execute a fence (membarrier(2)), and then reads `alone_`. The only thread stores
// `alone_` and then reads `only_`: if it finds itself there, its store came before that fence, and
// `share` sees it; if not, it waits until `share` has ended, and asks which depth `share` has seen.
//
// Once it is shared, `owner_` is the thread that is in, and `depth_` belongs to that thread. Entering a
// free lock is one compare-and-swap of `owner_`. A thread that finds it taken goes
// through the list of all waiting threads, which one mutex guards for all locks of the process. The
// last `leave` stores null and hands the lock to the first thread in the list, so threads enter in
// the order in which they came. No wakeup is lost: a waiting thread first increments `waiting_` and
// then looks at `owner_`, a leaving thread first clears `owner_` and then looks at `waiting_`, and
// both use sequentially consistent operations, so at least one of them sees the other. Either may
// then hand over; the compare-and-swap in `hand_over` lets one succeed.
//
// A thread whose guest runs outside of the lock (`Unlocked`) enters for each call that the guest makes,
// for less than a microsecond, while a hand-over to another thread takes 25 to 55. So it may overtake
// waiting threads, and when it leaves, it hands the lock over only if a thread has waited for
// kLongWait. It does not wake waiting threads otherwise, so they check the lock themselves at that
// interval while any thread is outside.
//
// A deadlock needs a circle: this lock's owner waits for a lock whose owner waits ..., back to this
// thread. Every waiting thread is in the list, with the one lock that it waits for, and cannot
// leave the locks that it holds. So `find_circle` follows owner, lock, owner, ... under the list's
// mutex, and the last thread of a circle is refused before it waits. Only that thread can close the
// circle, so checking once, on entry to the wait, is enough.
//
// Some work cannot wait, such as dropping a resource of another composition in a destructor. It is
// deferred to the thread that is in, which runs all deferred tasks before it leaves. The thread
// that defers tries to enter once more afterwards, and the thread that leaves checks once more,
// again so that one of them sees the other.
#include "runtime/owner_lock.h"

#include <fmt/core.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <new>
#include <thread>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/shared.h"

namespace tenon::runtime {

// Needs no memory: a thread whose guest calls out (`Unlocked`) must be able to wait.
struct OwnerLock::WaitList {
  // On the stack of the thread that waits.
  struct Waiter {
    Thread thread = nullptr;
    const OwnerLock* lock = nullptr;
    std::chrono::steady_clock::time_point since;
    Waiter* next = nullptr;
  };

  void add(Waiter& waiter) {
    Waiter** end = &first;
    while (*end != nullptr) end = &(*end)->next;
    *end = &waiter;
  }
  void remove(const Waiter& waiter) {
    Waiter** at = &first;
    while (*at != &waiter) at = &(*at)->next;
    *at = waiter.next;
  }
  // Null if there is none.
  template <class T>
  [[nodiscard]] const Waiter* find(T Waiter::* field, T value) const {
    const Waiter* waiter = first;
    while (waiter != nullptr && waiter->*field != value) waiter = waiter->next;
    return waiter;
  }

  std::mutex mutex;
  std::condition_variable changed;
  Waiter* first = nullptr;  // in order of arrival
};

namespace {

// Twenty hand-overs.
constexpr std::chrono::milliseconds kLongWait{1};
// Takes 10 to 20 us.
constexpr int kTries = 32;

// Does not throw, because destructors wait too. fill: stops early if there is no memory.
template <class Fill>
CallFailure refuse_wait(CallFailure::Kind kind, Fill fill) noexcept {
  CallFailure failure = no_memory();
  failure.kind = kind;
  failure.is_wait = true;
  try {
    fill(failure);
  } catch (const std::bad_alloc&) {
  }
  return failure;
}

bool run_membarrier(int command) { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }

// Lets each processor that runs a thread of this process execute a fence. A process registers once.
bool fence_all_threads() {
  return run_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) ||
         (run_membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
          run_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
}

// A sandbox may forbid it.
bool can_fence_all_threads() {
  static const bool can = fence_all_threads();
  return can;
}

CallFailure late_failure(const std::string& name, const call::Deadline& deadline) noexcept {
  return refuse_wait(CallFailure::Kind::Deadline, [&](CallFailure& failure) {
    failure.domain = deadline.domain;
    failure.limits.emplace_back(deadline.key);
    failure.message = fmt::format("another thread was in `{}` until the deadline", name);
  });
}

}  // namespace

OwnerLock::WaitList& OwnerLock::wait_list() {
  // Never destroyed: the end of the process would wait for the threads that wait here.
  static WaitList& waits = *new WaitList;
  return waits;
}

OwnerLock::OwnerLock() : only_(can_fence_all_threads() ? &unclaimed_mark_ : nullptr) {}

void OwnerLock::share() {
  const std::lock_guard lock(sharing_);
  if (is_shared()) return;
  const Thread only = only_.exchange(&sharing_mark_);
  // If a sandbox has forbidden the fence since: no processor keeps a store to itself for so long.
  if (only != this_thread() && only != &unclaimed_mark_ && !fence_all_threads())
    std::this_thread::sleep_for(kLongWait);
  depth_ = alone_.load(std::memory_order_acquire);
  owner_.store(depth_ > 0 ? only : nullptr);
  only_.store(nullptr);
}

bool OwnerLock::was_shared_at(std::uint32_t depth) const {
  const std::lock_guard lock(sharing_);
  return owner_.load() == this_thread() && depth_ == depth;
}

bool OwnerLock::owns_shared() const {
  const std::lock_guard lock(sharing_);
  return owner_.load() == this_thread();
}

bool OwnerLock::claim() {
  Thread unclaimed = &unclaimed_mark_;
  return only_.compare_exchange_strong(unclaimed, this_thread()) && enter_alone();
}

CallResult<void> OwnerLock::enter_shared() {
  if (claim()) return {};
  share();
  if (try_enter()) return {};
  return wait(Refusal::Possible);
}

void OwnerLock::enter_always() {
  if (enter_alone() || claim()) return;
  share();
  for (int i = 0; i < kTries; ++i) {
    if (try_enter(Overtake::Yes)) return;
    std::this_thread::yield();
  }
  (void)wait(Refusal::Never);
}

std::uint32_t OwnerLock::release() {
  ++released_;
  if (is_only(this_thread())) {
    run_deferred();
    const std::uint32_t depth = alone_.load(std::memory_order_relaxed);
    if (keep_alone(this_thread(), 0) || !was_shared_at(depth)) return depth;
  }
  const std::uint32_t depth = std::exchange(depth_, 1);
  leave_shared(HandOver::Always);
  return depth;
}

void OwnerLock::take_back(std::uint32_t depth) {
  const Thread self = this_thread();
  if (!is_only(self) || !(keep_alone(self, depth) || was_shared_at(depth))) {
    enter_always();
    depth_ = depth;
  }
  --released_;
  const std::lock_guard lock(mutex_);
  if (!deferred_.is_empty() || !until_left_.is_empty()) has_deferred_.store(true);
}

bool OwnerLock::try_enter(Overtake overtake) {
  const Thread self = this_thread();
  Thread owner = owner_.load();
  if (owner != self) {
    if (owner != nullptr || (overtake == Overtake::No && waiting_.load() != 0)) return false;
    if (!owner_.compare_exchange_strong(owner, self)) return false;
  }
  ++depth_;
  return true;
}

CallResult<void> OwnerLock::wait(Refusal refusal) {
  const Thread self = this_thread();
  WaitList& waits = wait_list();
  std::unique_lock lock(waits.mutex);
  // Until the thread is in, or is refused.
  struct Waiting {
    Waiting(OwnerLock& of, WaitList& in)
        : lock(of), list(in), waiter{this_thread(), &of, std::chrono::steady_clock::now()} {
      ++lock.waiting_;
      list.add(waiter);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
      --lock.waiting_;
      if (lock.owner_.load() != waiter.thread) list.remove(waiter);
    }

    OwnerLock& lock;
    WaitList& list;
    WaitList::Waiter waiter;
  };
  const Waiting waiting(*this, waits);
  hand_over(waits);
  const auto is_in = [&] { return owner_.load() == self; };
  const call::Deadline* const deadline =
      refusal == Refusal::Never ? nullptr : ActiveCall::innermost_deadline();
  std::optional<CallFailure> refused;
  if (!is_in() && refusal == Refusal::Possible) refused = find_circle(waits);
  while (!is_in() && !refused) {
    if (released_.load() != 0)
      waits.changed.wait_for(lock, kLongWait);
    else if (deadline != nullptr)
      waits.changed.wait_until(lock, deadline->at);
    else
      waits.changed.wait(lock);
    hand_over(waits);
    if (!is_in() && deadline != nullptr && call::Clock::now() >= deadline->at)
      refused = late_failure(name_, *deadline);
  }
  if (refused) return *std::move(refused);
  depth_ = 1;
  return {};
}

void OwnerLock::hand_over(WaitList& waits, HandOver when) {
  const WaitList::Waiter* const first = waits.find<const OwnerLock*>(&WaitList::Waiter::lock, this);
  if (first == nullptr) return;
  const bool waits_for_long = std::chrono::steady_clock::now() - first->since >= kLongWait;
  if (when == HandOver::IfLate && !waits_for_long) return;
  Thread no_owner = nullptr;
  if (!owner_.compare_exchange_strong(no_owner, first->thread)) return;
  waits.remove(*first);
  waits.changed.notify_all();
}

template <class Visit>
const OwnerLock* OwnerLock::follow(const WaitList& waits, Visit visit) const {
  for (const OwnerLock* lock = this;;) {
    visit(*lock);
    const Thread owner = lock->owner_.load();
    if (owner == this_thread()) return lock;
    const WaitList::Waiter* const next = waits.find(&WaitList::Waiter::thread, owner);
    if (next == nullptr) return nullptr;
    lock = next->lock;
  }
}

std::optional<CallFailure> OwnerLock::find_circle(const WaitList& waits) const noexcept {
  const OwnerLock* const last = follow(waits, [](const OwnerLock&) {});
  if (last == nullptr) return std::nullopt;
  return refuse_wait(CallFailure::Kind::Reentrance, [&](CallFailure& failure) {
    std::string circle = last->name_;
    follow(waits, [&](const OwnerLock& lock) { circle += " -> " + lock.name_; });
    failure.message = "threads would wait for each other: " + circle;
  });
}

void OwnerLock::leave_for_now() {
  if (is_only(this_thread())) return leave();
  leave_shared(HandOver::IfLate);
}

void OwnerLock::leave_deferring() {
  const std::shared_ptr<OwnerLock> self = weak_from_this().lock();
  run_deferred();
  leave();
}

void OwnerLock::leave_shared(HandOver when) {
  // Who enters next, or a deferred task, can destroy the composition, and with it the last other
  // reference to the lock.
  const std::shared_ptr<OwnerLock> self = weak_from_this().lock();
  do {
    run_deferred();
    depth_ = 0;
    owner_.store(nullptr);
    if (waiting_.load() == 0) continue;
    WaitList& waits = wait_list();
    const std::lock_guard lock(waits.mutex);
    hand_over(waits, when);
    // A task deferred since `run_deferred` belongs to the next owner, or to this thread if there is
    // none.
  } while (has_deferred_.load() && try_enter());
}

void OwnerLock::run_or_defer(Posting task) {
  bool is_in = enter_alone() || claim();
  if (!is_in) {
    share();
    is_in = try_enter();
  }
  if (!is_in) {
    defer(deferred_, std::move(task));
    // The owner may have left before it could see the task.
    if (try_enter()) leave();
    return;
  }
  std::exchange(task, {}).run();
  leave();
}

void OwnerLock::run_when_left(Posting task) {
  if (!is_in() && (enter_alone() || claim())) {
    std::exchange(task, {}).run();
    return leave();
  }
  if (!is_in()) share();
  defer(until_left_, std::move(task));
  // Another thread may have left before it could see the task.
  if (!is_in() && try_enter()) leave();
}

void OwnerLock::defer(Postings& to, Posting task) {
  const std::lock_guard lock(mutex_);
  to.append(std::move(task));
  has_deferred_.store(true);
}

void OwnerLock::run_deferred() {
  while (has_deferred_.load()) {
    Postings tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.append(std::exchange(deferred_, {}));
      if (released_ == 0) tasks.append(std::exchange(until_left_, {}));
      has_deferred_.store(false);
    }
    // Other threads deferred the tasks, so the deadline of this thread's call does not apply to
    // them.
    const ActiveCall::Detached detached;
    while (!tasks.is_empty()) tasks.take_first().run();
  }
}

}  // namespace tenon::runtime
