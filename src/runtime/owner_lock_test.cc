// Which thread is in a composition, and which ones wait. The thread sanitizer runs these tests.
#include "runtime/owner_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "runtime/active_call.h"
#include "runtime/domain.h"

namespace tenon::runtime::owner_lock_test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using Entry = OwnerLock::Entry;

// A thread that is joined at the end of the scope.
class Joined final {
 public:
  template <class Body>
  explicit Joined(Body body) : thread_(std::move(body)) {}
  ~Joined() { thread_.join(); }

 private:
  std::thread thread_;
};

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::yield();
}

TEST(OwnerLock, BelongsToTheFirstThreadUntilItIsShared) {
  OwnerLock lock;
  {
    const Entry first(lock);
    const Entry second(lock);
    EXPECT_TRUE(first.is_in());
    EXPECT_TRUE(second.is_in());
    EXPECT_TRUE(lock.is_in());
  }
  EXPECT_FALSE(lock.is_in());
  lock.share();
  const Entry first(lock);
  EXPECT_TRUE(Entry(lock).is_in());
}

TEST(OwnerLock, IsSharedByTheSecondThread) {
  OwnerLock lock;
  {
    const Entry first(lock);
  }
  EXPECT_FALSE(lock.is_shared());
  Joined([&] { EXPECT_TRUE(Entry(lock).is_in()); });
  EXPECT_TRUE(lock.is_shared());
  EXPECT_TRUE(Entry(lock).is_in());
}

// Both threads are in one place after the other of `enter`, `leave` and `Released` when the lock is shared.
TEST(OwnerLock, IsTakenAwayFromItsOnlyThreadAtAnyTime) {
  constexpr int kRounds = 1000;
  constexpr int kEntries = 20;
  for (int round = 0; round < kRounds; ++round) {
    OwnerLock lock;
    int count = 0;  // of entries, written by the thread that is in
    {
      const Entry claimed(lock);
    }
    const auto count_entries = [&] {
      for (int i = 0; i < kEntries; ++i) {
        const Entry outer(lock);
        const Entry inner(lock);
        if (i % 4 == 0) const OwnerLock::Released released(lock);
        if (outer.is_in() && inner.is_in() && lock.is_in()) ++count;
      }
      EXPECT_FALSE(lock.is_in());
    };
    std::atomic<bool> has_begun = false;
    auto other = std::make_unique<Joined>([&] {
      has_begun = true;
      for (std::atomic<int> i = 0; i < round % 500; ++i) {
      }
      count_entries();
    });
    wait_for(has_begun);
    count_entries();
    other.reset();
    ASSERT_EQ(count, 2 * kEntries);
  }
}

TEST(OwnerLock, AdmitsOneThreadAtATime) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  OwnerLock lock;
  lock.share();
  int count = 0;  // of rounds, written by the owner
  {
    std::vector<std::unique_ptr<Joined>> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.push_back(std::make_unique<Joined>([&] {
        for (int round = 0; round < kRounds; ++round) {
          const Entry outer(lock);
          const Entry inner(lock);
          if (outer.is_in() && inner.is_in()) ++count;
        }
      }));
  }
  EXPECT_EQ(count, kThreads * kRounds);
}

// A call in progress on this thread, with a deadline in 5 ms.
class InCall final {
 public:
  InCall()
      : domain_(shared_, "cart"),
        bounds_(call::Bounds{.deadline =
                                 call::Deadline{call::Clock::now() + std::chrono::milliseconds(5),
                                                "call-timeout", domain_.name()}}),
        call_(domain_, bounds_) {}

 private:
  Shared shared_;
  Domain domain_;
  std::optional<call::Bounds> bounds_;
  ActiveCall call_;
};

// Whether another thread can enter before the deadline of its call.
bool admits_another_thread(OwnerLock& lock) {
  bool is_in = false;
  Joined([&] {
    const InCall call;
    is_in = Entry(lock).is_in();
  });
  return is_in;
}

TEST(OwnerLock, AThreadThatIsInWhenItIsSharedHoldsIt) {
  OwnerLock lock;
  {
    const Entry entry(lock);
    lock.share();
    EXPECT_FALSE(admits_another_thread(lock));
    EXPECT_TRUE(Entry(lock).is_in());
  }
  EXPECT_TRUE(admits_another_thread(lock));
}

TEST(OwnerLock, ATaskThatRunsWhenItIsSharedHoldsIt) {
  OwnerLock lock;
  lock.run_or_defer(Posting([&] {
    lock.share();
    EXPECT_FALSE(admits_another_thread(lock));
  }));
  EXPECT_TRUE(admits_another_thread(lock));
}

TEST(OwnerLock, AWaitingThreadIsNotOvertaken) {
  OwnerLock lock;
  lock.share();
  std::atomic<bool> has_begun = false;
  std::atomic<bool> has_been_in = false;
  std::optional<Joined> other;
  for (int calls = 0; !has_been_in; ++calls) {
    const Entry entry(lock);
    if (!other) {
      other.emplace([&] {
        has_begun = true;
        const Entry waits(lock);
        has_been_in = true;
      });
      wait_for(has_begun);
    }
    // The other thread may not be waiting yet when this one leaves for the first time.
    std::this_thread::yield();
    ASSERT_LT(calls, 100000);
  }
}

// Each thread enters its own lock, then that of the next thread. The last thread to wait is
// refused.
void close_circle(int size) {
  std::vector<OwnerLock> locks(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < locks.size(); ++i) {
    locks[i].set_name(std::string(1, char('a' + i)));
    locks[i].share();
  }
  std::atomic<int> in = 0;
  std::atomic<int> refused = 0;
  std::vector<std::string> messages(locks.size());
  {
    std::vector<std::unique_ptr<Joined>> threads;
    for (std::size_t i = 0; i < locks.size(); ++i)
      threads.push_back(std::make_unique<Joined>([&, i] {
        const Entry own(locks[i]);
        ++in;
        while (in < size) std::this_thread::yield();
        const Entry next(locks[(i + 1) % locks.size()]);
        if (next.is_in()) return;
        ++refused;
        EXPECT_EQ(next.failure().kind, CallFailure::Kind::Reentrance);
        EXPECT_TRUE(next.failure().is_wait);
        messages[i] = next.failure().message;
      }));
  }
  EXPECT_EQ(refused, 1);
  std::string message;
  for (const std::string& text : messages) message += text;
  const std::string before = "threads would wait for each other: ";
  if (size == 2)
    EXPECT_THAT(message, AnyOf(before + "a -> b -> a", before + "b -> a -> b"));
  else
    EXPECT_THAT(message, AnyOf(before + "a -> b -> c -> a", before + "b -> c -> a -> b",
                               before + "c -> a -> b -> c"));
}

TEST(OwnerLock, AThreadThatLeavesForNowLetsAWaitingOneIn) {
  OwnerLock lock;
  lock.share();
  const Entry entry(lock);
  std::atomic<bool> has_entered = false;
  const OwnerLock::Released released(lock);
  const Joined other([&] { has_entered = Entry(lock).is_in(); });
  while (!has_entered) {
    lock.enter_always();
    lock.leave_for_now();
  }
}

TEST(OwnerLock, RefusesTheThreadThatWouldCloseACircle) {
  for (int round = 0; round < 50; ++round) {
    close_circle(2);
    close_circle(3);
  }
}

TEST(OwnerLock, WaitingEndsAtTheDeadlineOfTheCall) {
  OwnerLock lock;
  lock.set_name("shop");
  lock.share();
  const Entry entry(lock);
  Joined([&] {
    const InCall call;
    const Entry late(lock);
    ASSERT_FALSE(late.is_in());
    EXPECT_EQ(late.failure().kind, CallFailure::Kind::Deadline);
    EXPECT_TRUE(late.failure().is_wait);
    EXPECT_EQ(late.failure().message, "another thread was in `shop` until the deadline");
    EXPECT_EQ(late.failure().domain, "cart");
    EXPECT_THAT(late.failure().limits, ElementsAre("call-timeout"));
  });
  // The refused thread no longer waits, so it is not part of a circle.
  EXPECT_TRUE(Entry(lock).is_in());
}

TEST(OwnerLock, RunsTasksAtOnceOrWhenTheOwnerLeaves) {
  OwnerLock lock;
  lock.share();
  std::vector<int> done;  // written by the owner
  lock.run_or_defer(Posting([&] { done.push_back(1); }));
  EXPECT_THAT(done, ElementsAre(1));
  {
    const Entry entry(lock);
    Joined([&] { lock.run_or_defer(Posting([&] { done.push_back(3); })); });
    lock.run_or_defer(Posting([&] { done.push_back(2); }));
    EXPECT_THAT(done, ElementsAre(1, 2));
  }
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

TEST(OwnerLock, RunsATaskWhenNoThreadIsIn) {
  OwnerLock lock;
  std::vector<int> done;  // written by the owner
  {
    const Entry entry(lock);
    lock.run_when_left(Posting([&] { done.push_back(2); }));
    {
      // This thread comes back.
      const OwnerLock::Released released(lock);
      const Entry other(lock);
      lock.run_or_defer(Posting([&] { done.push_back(1); }));
    }
    EXPECT_THAT(done, ElementsAre(1));
  }
  EXPECT_THAT(done, ElementsAre(1, 2));
}

TEST(OwnerLock, ADeferredTaskDoesNotInheritTheDeadline) {
  OwnerLock lock;
  lock.share();
  const InCall call;
  bool has_deadline = true;
  {
    const Entry entry(lock);
    Joined([&] {
      lock.run_or_defer(
          Posting([&] { has_deadline = ActiveCall::innermost_deadline() != nullptr; }));
    });
  }
  EXPECT_FALSE(has_deadline);
  EXPECT_NE(ActiveCall::innermost_deadline(), nullptr);
}

TEST(OwnerLock, RunsEveryDeferredTask) {
  constexpr int kThreads = 3;
  constexpr int kRounds = 3000;
  OwnerLock lock;
  lock.share();
  int count = 0;  // written by the owner
  {
    std::vector<std::unique_ptr<Joined>> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.push_back(std::make_unique<Joined>([&, i] {
        for (int round = 0; round < kRounds; ++round) {
          if (i == 0)
            (void)Entry(lock);
          else
            lock.run_or_defer(Posting([&] { ++count; }));
        }
      }));
  }
  EXPECT_EQ(count, (kThreads - 1) * kRounds);
}

}  // namespace
}  // namespace tenon::runtime::owner_lock_test
