// Loans, held drops and waiting drops of the resource table. The unit tests of handles use the rest of it.
#include "runtime/resource_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tenon::runtime::resource_table_test {
namespace {

class Lent : public testing::Test {
 protected:
  // A resource that the program holds, and whose object shows whether it was dropped.
  ResourceTable::Token add() {
    auto object = std::make_shared<const int>(1);
    object_ = object;
    return table_.add({.kind = &kind_,
                       .life = 0,
                       .resource = {},
                       .holder = {Holder::Who::Program},
                       .object = std::shared_ptr<const void>(std::move(object))});
  }
  [[nodiscard]] bool is_dropped() const { return object_.expired(); }

  [[nodiscard]] ResourceTable::Token add_to(Loans& loans) {
    auto object = std::make_shared<const int>(1);
    object_ = object;
    return loans.add({.kind = &kind_, .object = std::shared_ptr<const void>(std::move(object))});
  }

  const ResourceKind kind_{.name = "thing", .number = 1};
  ResourceTable table_;
  std::weak_ptr<const int> object_;  // of the resource that was added last
};

TEST_F(Lent, ADroppedResourceLivesUntilTheEndOfItsLastLoan) {
  const ResourceTable::Token token = add();
  table_.lend(token);
  table_.lend(token);
  EXPECT_TRUE(table_.drop(token));
  table_.end_loan(token);
  EXPECT_FALSE(is_dropped());
  EXPECT_NE(table_.find(token), nullptr);
  table_.end_loan(token);
  EXPECT_TRUE(is_dropped());
  EXPECT_EQ(table_.find(token), nullptr);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(Lent, AResourceIsDroppedWhenDropsAreNotHeldAnyMore) {
  const ResourceTable::Token token = add();
  table_.hold_drops();
  table_.hold_drops();
  EXPECT_TRUE(table_.drop(token));
  table_.resume_drops();
  EXPECT_FALSE(is_dropped());
  table_.resume_drops();
  EXPECT_TRUE(is_dropped());
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(Lent, HeldDropsDoNotEndLoans) {
  const ResourceTable::Token token = add();
  table_.lend(token);
  table_.hold_drops();
  EXPECT_TRUE(table_.drop(token));
  table_.resume_drops();
  EXPECT_FALSE(is_dropped());
  table_.hold_drops();
  table_.end_loan(token);
  EXPECT_FALSE(is_dropped());
  table_.resume_drops();
  EXPECT_TRUE(is_dropped());
}

TEST_F(Lent, AResourceThatIsNotDroppedStays) {
  const ResourceTable::Token token = add();
  table_.lend(token);
  table_.end_loan(token);
  EXPECT_FALSE(is_dropped());
  EXPECT_TRUE(table_.drop(token));
  EXPECT_TRUE(is_dropped());
}

TEST_F(Lent, ATokenGetsNoOtherMeaningDuringALoan) {
  const ResourceTable::Token token = add();
  table_.lend(token);
  table_.remove(token);
  EXPECT_TRUE(is_dropped());
  EXPECT_EQ(table_.find(token), nullptr);
  const ResourceTable::Token other = add();
  EXPECT_NE(other, token);
  table_.end_loan(token);
  EXPECT_EQ(add(), token);
}

TEST_F(Lent, AResourceOfAnotherCompositionLivesUntilTheEndOfItsLastLoan) {
  Loans crossing(table_);
  const ResourceTable::Token token = add_to(crossing);
  {
    StoredHandles stored(table_);
    Loans late(table_);
    const std::vector<std::optional<abi::ResourceToken>> params = {token};
    stored.store(params);
    late.begin(params);
    crossing.end();
    EXPECT_FALSE(is_dropped());
    EXPECT_NE(table_.find(token), nullptr);
  }
  EXPECT_TRUE(is_dropped());
  EXPECT_EQ(add(), token);
}

TEST_F(Lent, DropsWaitInOrder) {
  DropQueue queue;
  DropQueue other;
  const std::vector<ResourceTable::Token> tokens = {add(), add(), add(), add()};
  table_.push(queue, tokens[2]);
  table_.push(other, tokens[1]);
  table_.push(queue, tokens[0]);
  EXPECT_EQ(table_.pop(queue), tokens[2]);
  table_.push(queue, tokens[3]);
  table_.push(queue, tokens[2]);
  EXPECT_EQ(table_.pop(queue), tokens[0]);
  EXPECT_EQ(table_.pop(queue), tokens[3]);
  EXPECT_FALSE(queue.is_empty());
  table_.clear(queue);
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(table_.find(tokens[2]), nullptr);
  EXPECT_NE(table_.find(tokens[1]), nullptr);
  EXPECT_EQ(table_.pop(other), tokens[1]);
  EXPECT_TRUE(other.is_empty());
}

// Calls whose results wait for their callers, while calls that passed handles before end.
TEST_F(Lent, ATransitKeepsAnotherCallsResourceWithAReusedToken) {
  const ResourceTable::Token token = add();
  table_.find(token)->holder = {Holder::Who::Call};
  Transit transit(table_);
  transit.add(token);
  table_.remove(token);
  const ResourceTable::Token other = add();
  ASSERT_EQ(other, token);
  table_.find(other)->holder = {Holder::Who::Call};
  transit.finish();
  EXPECT_FALSE(is_dropped());
  Transit its_own(table_);
  its_own.add(other);
  its_own.finish();
  EXPECT_TRUE(is_dropped());
}

}  // namespace
}  // namespace tenon::runtime::resource_table_test
