// Compositions of the C API whose allocations fail: swaps, servers, and what is found in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tenon/tenon_c.h"
#include "tests/memory/c_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/c_api.h"
#include "tests/support/failing_memory.h"
#include "tests/support/temporary_folder.h"

namespace tenon::c_api_test::composition_test {
namespace {

using failing_memory::expect_no_allocation;
using failing_memory::fail_each;
using failing_memory::stride;

BuiltComposition build_isolated() {
  const Builder builder = make_pair();
  tenon_builder_isolate(builder.get(), "lib");
  return build_again(builder);
}

void expect_twice(const FoundFunction& function) {
  const std::uint64_t param = 3;
  std::uint64_t twice = 0;
  EXPECT_EQ(take(tenon_function_call_flat(function.get(), &param, 1, &twice)), "");
  EXPECT_EQ(twice, 6U);
}

TEST(CompositionInC, SwapsUnits) {
  const BuiltComposition composition = build_isolated();
  const FoundFunction function = find(composition, "", "f");
  const Bytes bytes = assemble(kProvider);
  fail_each(
      [&] {
        return CALL(tenon_composition_swap_bytes)(composition.get(), "lib", bytes.data(),
                                                  bytes.size(), nullptr);
      },
      {.clean = [&] { expect_twice(function); }, .stride = stride(61)});
  const TemporaryFolder folder;
  const std::string path =
      folder.write("lib.wasm", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  fail_each(
      [&] { return CALL(tenon_composition_swap)(composition.get(), "lib", path.c_str(), nullptr); },
      {.clean = [&] { expect_twice(function); }, .stride = stride(67)});
}

TEST(CompositionInC, Serves) {
  const TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "s").string();
  const Builder builder(tenon_builder_new());
  add_unit(builder, "lib", kProvider);
  const BuiltComposition composition = build(builder);
  tenon_server* server = nullptr;
  const auto serve = [&] {
    return CALL(tenon_composition_serve)(composition.get(), address.c_str(), 0, &server);
  };
  const auto deletes = [&] {
    tenon_server_delete(std::exchange(server, nullptr));
    // Work that the server has posted is deleted when the composition runs.
    tenon_composition_run_for(composition.get(), 0);
  };
  fail_each(serve, {.clean = deletes});
  const auto restarts = [&] {
    deletes();
    ASSERT_EQ(take(tenon_composition_serve(composition.get(), address.c_str(), 0, &server)), "");
  };
  restarts();
  expect_no_allocation([&] { EXPECT_EQ(CALL(tenon_server_address)(server, 0), address); });
  fail_each(
      [&] {
        CALL(tenon_server_stop)(server);
        return CALL(tenon_server_run)(server, 1000);
      },
      {.clean = restarts});
  expect_no_allocation([&] { CALL(tenon_server_delete)(server); });
}

TEST(CompositionInC, FindsFunctionsAndUnits) {
  const BuiltComposition composition = build_isolated();
  tenon_function* function = nullptr;
  const auto deletes = [&] { tenon_function_delete(function); };
  fail_each([&] { return CALL(tenon_composition_function)(composition.get(), "", "f", &function); },
            {.clean = deletes});
  fail_each([&] { return CALL(tenon_composition_function)(composition.get(), "", "g", &function); },
            {.expected = "run-no-function: "});
  fail_each([&] { return CALL(tenon_composition_function_at)(composition.get(), 0, &function); },
            {.clean = deletes});
  tenon_unit* unit = nullptr;
  fail_each([&] { return CALL(tenon_composition_unit)(composition.get(), "lib", &unit); },
            {.clean = [&] { tenon_unit_delete(unit); }});
  fail_each([&] { return CALL(tenon_composition_unit_at)(composition.get(), 0, &unit); },
            {.clean = [&] { tenon_unit_delete(unit); }});
  ASSERT_EQ(take(tenon_composition_unit(composition.get(), "lib", &unit)), "");
  fail_each([&] { return CALL(tenon_unit_function)(unit, "", "twice", &function); },
            {.clean = deletes});
  fail_each([&] { return CALL(tenon_unit_function_at)(unit, 0, &function); }, {.clean = deletes});
  // A count without memory is 0.
  fail_each([&] { (void)CALL(tenon_composition_function_count)(composition.get()); });
  fail_each([&] { (void)CALL(tenon_composition_unit_count)(composition.get()); });
  fail_each([&] { (void)CALL(tenon_unit_function_count)(unit); });
  expect_no_allocation([&] {
    EXPECT_STREQ(CALL(tenon_unit_name)(unit), "lib");
    CALL(tenon_unit_delete)(unit);
  });
}

TEST(CompositionInC, RunsACommand) {
  const Builder builder(tenon_builder_new());
  tenon_builder_add_component(builder.get(), "hello",
                              TENON_SOURCE_DIR "/tests/guests/wasm/hello.wasm", nullptr);
  tenon_builder_set_threads(builder.get(), 1);
  const BuiltComposition hello = build_again(builder);
  int code = 0;
  fail_each([&] { return CALL(tenon_composition_run_command)(hello.get(), &code); });
  const BuiltComposition none = build_isolated();
  fail_each([&] { return CALL(tenon_composition_run_command)(none.get(), &code); },
            {.expected = "run-no-command: "});
}

TEST(CompositionInC, TakesTheFailureOfADestructor) {
  const BuiltComposition lib = build_again(make_guests({"lib"}));
  const FoundFunction make = find(lib, kLib, "make-bad");
  const auto drops = [&] {
    const Arena arena(tenon_arena_new());
    tenon_value counter;
    EXPECT_EQ(take(tenon_function_call(make.get(), nullptr, 0, arena.get(), &counter)), "");
  };
  expect_no_allocation(
      [&] { EXPECT_EQ(CALL(tenon_composition_take_drop_failure)(lib.get()), nullptr); });
  drops();
  fail_each([&] { return CALL(tenon_composition_take_drop_failure)(lib.get()); },
            {.clean = drops, .expected = "run-trap: "});
}

TEST(CompositionInC, Ends) {
  BuiltComposition composition = build_isolated();
  expect_no_allocation([&] { CALL(tenon_composition_interrupt)(composition.get()); });
  fail_each([&] { CALL(tenon_composition_delete)(composition.release()); },
            {.clean = [&] { composition = build_isolated(); }});
}

// Calls that wait until the guest is told to go on.
class GateInC : public testing::Test {
 protected:
  GateInC() {
    const Builder builder(tenon_builder_new());
    add_unit(builder, "gate", kGate);
    gate_ = build_again(builder);
    hold_ = find(gate_, "", "hold");
    release_ = find(gate_, "", "release");
  }

  tenon_error* start() {
    const auto done = [](void* user, tenon_error* error, const tenon_value*) {
      *static_cast<tenon_error**>(user) = error;
    };
    const tenon_value arg = tenon_value_u32(1);
    task_ = nullptr;
    ended_ = nullptr;
    return tenon_function_start(hold_.get(), &arg, 1, done, &ended_, &task_);
  }
  // Lets the call end, and returns its problem.
  std::string end() {
    EXPECT_EQ(take(tenon_function_call(release_.get(), nullptr, 0, nullptr, nullptr)), "");
    EXPECT_EQ(tenon_task_wait(task_, 10'000'000'000), task_ != nullptr ? 1 : 0);
    tenon_task_delete(task_);
    return take(ended_);
  }
  void restart() {
    (void)end();
    ASSERT_EQ(take(start()), "");
  }

  BuiltComposition gate_;
  FoundFunction hold_;
  FoundFunction release_;
  tenon_error* ended_ = nullptr;
  tenon_task* task_ = nullptr;
};

TEST_F(GateInC, StartsACall) {
  const tenon_value arg = tenon_value_u32(1);
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    *static_cast<tenon_error**>(user) = error;
  };
  fail_each(
      [&] {
        task_ = nullptr;
        ended_ = nullptr;
        return CALL(tenon_function_start)(hold_.get(), &arg, 1, done, &ended_, &task_);
      },
      {.clean = [&] { EXPECT_EQ(end(), ""); }});
}

// A wait that has no memory says that the call has not ended, and the next one goes on.
TEST_F(GateInC, WaitsAndRuns) {
  ASSERT_EQ(take(start()), "");
  fail_each([&] { (void)CALL(tenon_task_wait)(task_, 0); }, {.clean = [&] { restart(); }});
  fail_each([&] { (void)CALL(tenon_composition_run_for)(gate_.get(), 0); },
            {.clean = [&] { restart(); }});
  EXPECT_EQ(end(), "");
}

TEST_F(GateInC, CancelsACall) {
  ASSERT_EQ(take(start()), "");
  fail_each([&] { CALL(tenon_task_cancel)(task_); }, {.clean = [&] { restart(); }});
  (void)end();
}

TEST_F(GateInC, EndsADeadlock) {
  ASSERT_EQ(take(start()), "");
  fail_each([&] { CALL(tenon_composition_end_deadlock)(gate_.get()); },
            {.clean = [&] { restart(); }});
  (void)end();
}

TEST_F(GateInC, GivesUpATask) {
  ASSERT_EQ(take(start()), "");
  tenon_task* const task = std::exchange(task_, nullptr);
  expect_no_allocation([&] { CALL(tenon_task_delete)(task); });
  EXPECT_EQ(take(tenon_function_call(release_.get(), nullptr, 0, nullptr, nullptr)), "");
}

// Nothing has run since it ended.
TEST_F(GateInC, SaysThatACallHasEndedWhenTheCompositionEnds) {
  int ended = 0;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    EXPECT_EQ(take(error), "");
    ++*static_cast<int*>(user);
  };
  const tenon_value arg = tenon_value_u32(1);
  ASSERT_EQ(take(tenon_function_start(hold_.get(), &arg, 1, done, &ended, nullptr)), "");
  EXPECT_EQ(take(tenon_function_call(release_.get(), nullptr, 0, nullptr, nullptr)), "");
  gate_.reset();
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace tenon::c_api_test::composition_test
