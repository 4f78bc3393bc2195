// Streams of C programs, and functions in C that end later, whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "tenon/tenon_c.h"
#include "tests/memory/c_units.h"
#include "tests/support/async_gate.h"
#include "tests/support/c_api.h"
#include "tests/support/failing_memory.h"
#include "tests/support/stream_taker.h"

namespace tenon::c_api_test::streams_test {
namespace {

using failing_memory::expect_no_allocation;
using failing_memory::fail_each;

const tenon_host_api& api() { return *tenon_host(); }

std::string golden(const char* file) {
  return std::string(TENON_SOURCE_DIR "/tests/golden/async/") + file;
}

// The end of an operation.
struct Ended {
  int times = 0;
  std::int32_t state = TENON_STREAM_OPEN;
  std::size_t count = 0;
  static void take(void* data, const tenon_value* /*items*/, std::size_t count,
                   std::int32_t state) {
    auto& ended = *static_cast<Ended*>(data);
    ++ended.times;
    ended.state = state;
    ended.count = count;
  }
};

// Closes a stream that is not passed: the second time, its number is forgotten.
void forget(tenon_stream stream) {
  api().stream_close(stream);
  api().stream_close(stream);
}

class StreamsInC : public testing::Test {
 protected:
  void build_unit(const char* file) {
    const Builder builder(tenon_builder_new());
    tenon_builder_add_component(builder.get(), "unit", golden(file).c_str(), nullptr);
    composition_ = build_again(builder);
  }
  tenon_value open() {
    const FoundFunction open = find(composition_, "x:y/lib", "open");
    tenon_value stream = {};
    tenon_arena_reset(arena_.get());
    EXPECT_EQ(take(tenon_function_call(open.get(), nullptr, 0, arena_.get(), &stream)), "");
    return stream;
  }
  void run_until_done(const Ended& ended) {
    for (int i = 0; i < 1000 && ended.times == 0; ++i)
      (void)tenon_composition_run_for(composition_.get(), 1'000'000);
    EXPECT_EQ(ended.times, 1);
  }

  BuiltComposition composition_;
  const Arena arena_{tenon_arena_new()};
};

// 0 is the number of no stream.
TEST_F(StreamsInC, AreMade) {
  tenon_stream stream = 0;
  fail_each([&] { stream = api().stream_new(); }, {.clean = [&] {
              forget(stream);
              stream = 0;
            }});
}

// A read that is not begun says so, and does not call `done`; one that has begun calls it once.
TEST_F(StreamsInC, AreRead) {
  build_unit("stream_from_lib/lib.wat");
  tenon_value stream = open();
  Ended ended;
  std::int32_t begun = 0;
  fail_each([&] { begun = api().stream_read(stream.of.u, 100, Ended::take, &ended); },
            {.clean = [&] {
              if (begun == 0) run_until_done(ended);
              EXPECT_EQ(ended.times, begun == 0 ? 1 : 0);
              api().stream_close(stream.of.u);
              ended = {};
              stream = open();
            }});
  api().stream_close(stream.of.u);
}

TEST_F(StreamsInC, AreWritten) {
  const tenon_value items = tenon_value_packed(TENON_U8, "written", 7);
  tenon_stream stream = api().stream_new();
  Ended ended;
  std::int32_t begun = 0;
  fail_each([&] { begun = api().stream_write(stream, &items, Ended::take, &ended); },
            {.clean = [&] {
              forget(stream);
              EXPECT_EQ(ended.times, begun == 0 ? 1 : 0);
              ended = {};
              stream = api().stream_new();
            }});
  fail_each([&] { api().stream_close(stream); }, {.clean = [&] {
              forget(stream);
              stream = api().stream_new();
            }});
  forget(stream);
}

TEST_F(StreamsInC, AreResults) {
  build_unit("stream_from_lib/lib.wat");
  const FoundFunction open = find(composition_, "x:y/lib", "open");
  tenon_value stream = {};
  fail_each(
      [&] { return CALL(tenon_function_call)(open.get(), nullptr, 0, arena_.get(), &stream); },
      {.clean = [&] {
        if (stream.kind == TENON_STREAM) {
          Ended ended;
          (void)api().stream_read(stream.of.u, 100, Ended::take, &ended);
          run_until_done(ended);
          api().stream_close(stream.of.u);
        }
        (void)tenon_composition_run_for(composition_.get(), 0);
        stream = {};
        tenon_arena_reset(arena_.get());
      }});
}

TEST_F(StreamsInC, AreArguments) {
  const Builder builder(tenon_builder_new());
  add_unit(builder, "unit", kTaker);
  composition_ = build_again(builder);
  const FoundFunction take = find(composition_, "", "take");
  const tenon_value items = tenon_value_packed(TENON_U8, "written", 7);
  tenon_value stream = tenon_value_stream(api().stream_new());
  Ended ended;
  tenon_error* failure = nullptr;
  tenon_task* task = nullptr;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    *static_cast<tenon_error**>(user) = error;
  };
  fail_each(
      [&] { return CALL(tenon_function_start)(take.get(), &stream, 1, done, &failure, &task); },
      {.clean = [&] {
        (void)api().stream_write(stream.of.u, &items, Ended::take, &ended);
        (void)tenon_composition_run_for(composition_.get(), 1'000'000);
        forget(stream.of.u);
        EXPECT_EQ(tenon_task_wait(task, 10'000'000'000), task != nullptr ? 1 : 0);
        tenon_task_delete(task);
        tenon_error_delete(failure);
        EXPECT_EQ(ended.times, 1);
        ended = {};
        failure = nullptr;
        stream = tenon_value_stream(api().stream_new());
      }});
  forget(stream.of.u);
}

// The body of `hold`, which a guest calls and waits for.
class FunctionsInC : public testing::Test {
 protected:
  void fail_calls(tenon_fn hold, const char* expected) {
    const Builder builder(tenon_builder_new());
    add_unit(builder, "visitor", kVisitor);
    tenon_builder_add_async_function(builder.get(), "", "hold", hold, nullptr, nullptr);
    const BuiltComposition composition = build_again(builder);
    char* text = nullptr;
    fail_each([&] { return CALL(tenon_composition_call)(composition.get(), "visit(7)", &text); },
              {.clean = [&] { tenon_free(text); }, .expected = expected});
  }
};

TEST_F(FunctionsInC, EndLater) {
  fail_calls(
      [](void*, tenon_call* call, const tenon_value* args, std::size_t, tenon_value*) {
        const tenon_completion completion = api().defer(call, nullptr);
        if (completion == 0) return api().trap(call, "out of memory");
        EXPECT_EQ(api().should_stop(call), 0);
        EXPECT_NE(CALL(tenon_call_function)(call), nullptr);
        (void)api().complete(completion, args);  // or the call has trapped
        return 0;
      },
      "");
}

TEST_F(FunctionsInC, FailLater) {
  fail_calls(
      [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
        const tenon_completion completion = api().defer(call, nullptr);
        if (completion == 0) return api().trap(call, "out of memory");
        (void)api().fail(completion, "it failed with a message that is %s", "long");
        return 0;
      },
      "run-trap: ");
}

// The call waits until the program ends it, and the guest goes on later.
TEST(LateFunctionsInC, EndWithoutMemory) {
  static tenon_completion completion = 0;
  const Builder builder(tenon_builder_new());
  add_unit(builder, "visitor", kVisitor);
  const tenon_fn hold = [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
    completion = api().defer(call, nullptr);
    return 0;
  };
  tenon_builder_add_async_function(builder.get(), "", "hold", hold, nullptr, nullptr);
  int ended = 0;
  const BuiltComposition composition = build_again(builder);
  const FoundFunction visit = find(composition, "", "visit");
  const tenon_value number = tenon_value_u32(7);
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    tenon_error_delete(error);
    ++*static_cast<int*>(user);
  };
  tenon_task* task = nullptr;
  const auto start = [&] {
    ASSERT_EQ(take(tenon_function_start(visit.get(), &number, 1, done, &ended, &task)), "");
  };
  const auto restart = [&] {
    (void)api().complete(completion, &number);  // if it has not ended
    EXPECT_EQ(tenon_task_wait(task, 10'000'000'000), 1);
    tenon_task_delete(task);
    EXPECT_EQ(std::exchange(ended, 0), 1);
    start();
  };
  start();
  fail_each([&] { (void)api().complete(completion, &number); }, {.clean = restart});
  fail_each([&] { (void)api().fail(completion, "a message that is %s", "long"); },
            {.clean = restart});
  fail_each(
      [&] {
        (void)api().complete(completion, &number);
        (void)CALL(tenon_composition_run_for)(composition.get(), 0);
      },
      {.clean = restart});
  restart();
  (void)api().complete(completion, &number);
  tenon_task_delete(task);
}

// The function answers, and traps before anybody has taken the answer.
TEST(LateFunctionsInC, DropWhatNobodyTakes) {
  static int objects = 0;
  const Builder builder(tenon_builder_new());
  add_unit(builder, "app", R"((component
    (import "t:own/lib" (instance $lib
      (export "thing" (type $thing (sub resource)))
      (export "trap" (func (result (own $thing))))))
    (export "t:own/lib" (instance $lib))))");
  const tenon_fn trap = [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
    const tenon_completion completion = api().defer(call, nullptr);
    if (completion == 0) return api().trap(call, "out of memory");
    ++objects;
    const tenon_value object = tenon_value_own(&objects);
    if (api().complete(completion, &object) != 0) --objects;
    return api().trap(call, "it has trapped");
  };
  tenon_builder_add_async_function(builder.get(), "t:own/lib", "trap", trap, nullptr, nullptr);
  tenon_builder_add_resource(
      builder.get(), "t:own/lib", "thing", [](void*, void*) { --objects; }, nullptr, nullptr);
  const BuiltComposition composition = build_again(builder);
  const FoundFunction function = find(composition, "t:own/lib", "trap");
  fail_each([&] { return CALL(tenon_function_call)(function.get(), nullptr, 0, nullptr, nullptr); },
            {.clean = [] { EXPECT_EQ(objects, 0); }, .expected = "run-trap: "});
}

TEST_F(FunctionsInC, AllocateAndTrap) {
  fail_calls(
      [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
        if (api().alloc(call, 100'000, 8) == nullptr) return api().trap(call, "out of memory");
        return api().trap(call, "a message that is %s, and longer than a short string", "long");
      },
      "run-trap: ");
}

}  // namespace
}  // namespace tenon::c_api_test::streams_test
