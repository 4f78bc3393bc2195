#include "runtime/inbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "runtime/owner_lock.h"
#include "runtime/scheduler.h"

namespace tenon::runtime::inbox_test {
namespace {

TEST(Inbox, PostsUntilItIsClosed) {
  const auto lock = std::make_shared<OwnerLock>();
  Scheduler scheduler(lock);
  const OwnerLock::Entry entry(*lock);
  Inbox inbox(scheduler);
  int count = 0;
  inbox.post([&] { ++count; });
  EXPECT_EQ(count, 0);
  scheduler.run_due();
  EXPECT_EQ(count, 1);
  inbox.close();
  inbox.post([&] { ++count; });
  scheduler.run_due();
  EXPECT_EQ(count, 1);
}

class Waiting final : public Inbox::Waiter {
 public:
  explicit Waiting(Inbox& inbox) : inbox_(inbox) { inbox_.add(*this); }
  ~Waiting() override { inbox_.remove(*this); }

  void end_with_composition() override {
    ++ends;
    if (other != nullptr) other->reset();
  }

  int ends = 0;
  std::optional<Waiting>* other = nullptr;

 private:
  Inbox& inbox_;
};

TEST(Inbox, EndsWhatWaits) {
  const auto lock = std::make_shared<OwnerLock>();
  Scheduler scheduler(lock);
  Inbox inbox(scheduler);
  std::optional<Waiting> first;
  std::optional<Waiting> gone;
  std::optional<Waiting> last;
  first.emplace(inbox);
  gone.emplace(inbox);
  last.emplace(inbox);
  // The end of one can end another.
  last->other = &gone;
  inbox.close();
  EXPECT_EQ(first->ends, 1);
  EXPECT_EQ(last->ends, 1);
  EXPECT_FALSE(gone);
  inbox.close();
  EXPECT_EQ(first->ends, 1);
}

}  // namespace
}  // namespace tenon::runtime::inbox_test
