// What a domain keeps, without guests.
#include "runtime/domain.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/calls.h"
#include "runtime/shared.h"

namespace tenon::runtime::domain_test {
namespace {

// A call that notes whether its turn came.
class Queued : public QueuedCall {
 public:
  explicit Queued(bool& has_run) : has_run_(has_run) {}

  void run(std::unique_ptr<QueuedCall> self) override {
    has_run_ = true;
    (void)self.release();  // a call that was taken has another owner
  }
  [[nodiscard]] const call::Bounds* bounds() const override { return nullptr; }
  void end(const CallFailure& /*failure*/) override {}

 private:
  bool& has_run_;
};

class LifeOfADomain : public testing::Test {
 protected:
  Shared shared_;
  const OwnerLock::Entry entry_{*shared_.lock};
  Domain domain_{shared_, "shop"};
};

TEST_F(LifeOfADomain, TakeNoTurnOfACallThatWasTakenFromTheQueue) {
  bool has_run = false;
  domain_.calls().queue(std::make_unique<Queued>(has_run));
  const std::vector<CallPtr> taken = domain_.calls().take_queued();
  EXPECT_EQ(taken.size(), 1U);
  shared_.scheduler.run_due();
  EXPECT_FALSE(has_run);
}

// Those that no trap of the life took: of several calls, the first one ends it.
TEST_F(LifeOfADomain, ForgetTheFailuresOfALife) {
  const std::uint64_t first = domain_.failures().keep(make_failure(CallFailure::Kind::Trap, "a"));
  const std::uint64_t second = domain_.failures().keep(make_failure(CallFailure::Kind::Trap, "b"));
  EXPECT_EQ(domain_.failures().take(second)->message, "b");
  EXPECT_FALSE(domain_.failures().take(second));
  domain_.end(make_failure(CallFailure::Kind::Trap, "c"));
  EXPECT_FALSE(domain_.failures().take(first));
  EXPECT_GT(domain_.failures().keep(make_failure(CallFailure::Kind::Trap, "d")), second);
}

// The destructors of these would run in domains that may be gone already.
TEST_F(LifeOfADomain, DropNothingThatCallsHeldAtTheEndOfTheComposition) {
  class Holding final : public Queued {
   public:
    Holding(bool& has_run, ResourceTable& table) : Queued(has_run), handles(table) {}
    StoredHandles handles;
  };
  bool has_run = false;
  const ResourceKind kind{.name = "thing", .number = 1};
  const std::optional<abi::ResourceToken> thing = shared_.resources.add(
      {.kind = &kind, .life = 0, .resource = {}, .holder = {Holder::Who::Call}});
  auto call = std::make_unique<Holding>(has_run, shared_.resources);
  call->handles.store({&thing, 1});
  {
    Domain user(shared_, "user");
    user.calls().queue(std::move(call));
  }
  EXPECT_EQ(shared_.resources.size(), 1U);
}

}  // namespace
}  // namespace tenon::runtime::domain_test
