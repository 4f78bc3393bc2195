// Objects of a program in C that calls pass as own, and what callbacks may delete.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"

namespace tenon::c_api_test::objects_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Objects of a program, and a guest that takes and returns them.
class ObjectsInC : public testing::Test {
 protected:
  ObjectsInC() {
    const Bytes guest = assemble(R"((component
      (import "visit" (func $visit (param "a" u32) (result u32)))
      (import "acme:bank/accounts" (instance $accounts
        (export "account" (type $account (sub resource)))
        (export "[constructor]account" (func (param "cents" u32) (result (own $account))))))
      (alias export $accounts "account" (type $account))
      (core func $visit (canon lower (func $visit)))
      (core func $make (canon lower (func $accounts "[constructor]account")))
      (core func $drop (canon resource.drop $account))
      (core module $code
        (import "" "visit" (func $visit (param i32) (result i32)))
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "run") (param i32) (result i32) (call $visit (local.get 0)))
        (func (export "two") (param i32 i32) (call $drop (local.get 0)) (call $drop (local.get 1)))
        (func (export "make") (param i32) (result i32) (call $make (local.get 0))))
      (core instance $core (instantiate $code (with "" (instance (export "visit" (func $visit))
        (export "make" (func $make)) (export "drop" (func $drop))))))
      (export $held "account" (type $account))
      (func (export "run") (param "a" u32) (result u32) (canon lift (core func $core "run")))
      (func (export "two") (param "a" (own $held)) (param "b" (own $held))
        (canon lift (core func $core "two")))
      (func (export "make") (param "a" u32) (result (own $held))
        (canon lift (core func $core "make")))))");
    tenon_builder* const made = builder_.get();
    tenon_builder_add_component_bytes(made, "guest", guest.data(), guest.size(), nullptr);
    tenon_builder_add_function(
        made, "", "visit",
        [](void* self, tenon_call*, const tenon_value* args, std::size_t, tenon_value* result) {
          *result = args[0];
          if (const auto& visit = static_cast<ObjectsInC*>(self)->visit_) visit(args[0].of.u);
          return 0;
        },
        this, nullptr);
    tenon_builder_add_resource(
        made, "acme:bank/accounts", "account",
        [](void* self, void* rep) { static_cast<ObjectsInC*>(self)->dropped_.push_back(rep); },
        this, nullptr);
    tenon_builder_add_function(
        made, "acme:bank/accounts", "[constructor]account",
        [](void* self, tenon_call*, const tenon_value*, std::size_t, tenon_value* result) {
          *result = tenon_value_own(&static_cast<ObjectsInC*>(self)->accounts_[0]);
          return 0;
        },
        this, nullptr);
    composition_ = build(builder_);
  }

  Builder builder_{tenon_builder_new()};
  std::function<void(std::uint64_t)> visit_;
  std::array<int, 2> accounts_ = {};
  std::vector<void*> dropped_;
  BuiltComposition composition_;
};

TEST_F(ObjectsInC, BelongToTheProgramIfTheirCallIsRefused) {
  const FoundFunction two = find(composition_, "", "two");
  const tenon_value bad[] = {tenon_value_own(accounts_.data()), tenon_value_own(nullptr)};
  EXPECT_THAT(take(tenon_function_call(two.get(), bad, 2, nullptr, nullptr)),
              HasSubstr("`of.rep` is NULL"));
  std::string problem;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    *static_cast<std::string*>(user) = take(error);
  };
  ASSERT_EQ(take(tenon_function_start(two.get(), bad, 2, done, &problem, nullptr)), "");
  EXPECT_THAT(problem, HasSubstr("`of.rep` is NULL"));
  EXPECT_THAT(dropped_, testing::IsEmpty());
  // They can be passed again.
  const tenon_value good[] = {bad[0], tenon_value_own(&accounts_[1])};
  EXPECT_EQ(take(tenon_function_call(two.get(), good, 2, nullptr, nullptr)), "");
  EXPECT_THAT(dropped_, ElementsAre(accounts_.data(), &accounts_[1]));
}

// The call is not refused: nobody has them afterwards.
TEST_F(ObjectsInC, AreDroppedIfTheirCallFails) {
  const FoundFunction two = find(composition_, "", "two");
  const FoundFunction run = find(composition_, "", "run");
  const tenon_value good[] = {tenon_value_own(accounts_.data()), tenon_value_own(&accounts_[1])};
  visit_ = [&](std::uint64_t) {
    EXPECT_THAT(take(tenon_function_call(two.get(), good, 2, nullptr, nullptr)),
                StartsWith("run-reentrance: "));
  };
  const tenon_value one = tenon_value_u32(1);
  EXPECT_EQ(take(tenon_function_call(run.get(), &one, 1, nullptr, nullptr)), "");
  EXPECT_THAT(dropped_, testing::UnorderedElementsAre(accounts_.data(), &accounts_[1]));
}

// Each of two threads is in a composition and calls the other one. The one that comes last is refused.
TEST_F(ObjectsInC, AreDroppedIfTheirThreadCannotEnterTheComposition) {
  const BuiltComposition other = build(builder_);
  const FoundFunction run = find(composition_, "", "run");
  const FoundFunction two = find(composition_, "", "two");
  const FoundFunction run_other = find(other, "", "run");
  const tenon_value good[] = {tenon_value_own(accounts_.data()), tenon_value_own(&accounts_[1])};
  const auto call_run = [](const FoundFunction& function, std::uint32_t number) {
    const tenon_value arg = tenon_value_u32(number);
    return take(tenon_function_call(function.get(), &arg, 1, nullptr, nullptr));
  };
  enum : std::uint32_t { kFirst, kSecond, kLast };
  const auto is_refused_or_not = testing::AnyOf("", StartsWith("run-reentrance: "));
  std::thread thread;
  std::atomic<bool> is_in = false;
  visit_ = [&](std::uint64_t number) {
    if (number == kFirst) {
      thread = std::thread([&] { EXPECT_EQ(call_run(run_other, kSecond), ""); });
      while (!is_in) std::this_thread::yield();
      EXPECT_THAT(call_run(run_other, kLast), is_refused_or_not);
    } else if (number == kSecond) {
      is_in = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));  // so that this one is the last
      EXPECT_THAT(take(tenon_function_call(two.get(), good, 2, nullptr, nullptr)),
                  is_refused_or_not);
    }
  };
  EXPECT_EQ(call_run(run, kFirst), "");
  thread.join();
  EXPECT_THAT(dropped_, testing::UnorderedElementsAre(accounts_.data(), &accounts_[1]));
}

TEST_F(ObjectsInC, AreDroppedIfTheResultIsNotWanted) {
  const FoundFunction make = find(composition_, "", "make");
  const tenon_value cents = tenon_value_u32(1);
  EXPECT_EQ(take(tenon_function_call(make.get(), &cents, 1, nullptr, nullptr)), "");
  EXPECT_THAT(dropped_, ElementsAre(accounts_.data()));
  ASSERT_EQ(take(tenon_function_start(make.get(), &cents, 1, nullptr, nullptr, nullptr)), "");
  EXPECT_THAT(dropped_, ElementsAre(accounts_.data(), accounts_.data()));
}

TEST_F(ObjectsInC, FunctionsAreDeletedDuringTheirCalls) {
  const tenon_value one = tenon_value_u32(1);
  const std::uint64_t flat_one = 1;
  tenon_value result = {};
  std::uint64_t flat = 0;
  char* json = nullptr;
  tenon_function* run = nullptr;
  visit_ = [&](std::uint64_t) { tenon_function_delete(std::exchange(run, nullptr)); };
  const auto delete_in = [&](const std::function<tenon_error*()>& call) {
    run = find(composition_, "", "run").release();
    EXPECT_EQ(take(call()), "");
    EXPECT_EQ(run, nullptr);
  };
  delete_in([&] { return tenon_function_call(run, &one, 1, nullptr, &result); });
  EXPECT_EQ(result.of.u, 1U);
  delete_in([&] { return tenon_function_call_flat(run, &flat_one, 1, &flat); });
  EXPECT_EQ(flat, 1U);
  delete_in([&] { return tenon_function_call_json(run, "[1]", 3, &json); });
  EXPECT_STREQ(Text(json).get(), "1");
  delete_in([&] { return tenon_function_start(run, &one, 1, nullptr, nullptr, nullptr); });
}

}  // namespace
}  // namespace tenon::c_api_test::objects_test
