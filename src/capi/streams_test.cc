// Streams and futures of a C program, and functions of it that end later, with guests of tests/golden/async.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"
#include "tests/support/sanitizers.h"
#include "tests/support/stream_taker.h"

namespace tenon::c_api_test::streams_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const tenon_host_api& api() { return *tenon_host(); }

// A composition of the app or the lib of a case, which may import functions of the program.
class CStreams : public testing::Test {
 protected:
  void add_unit(const char* file) {
    const std::string path = fmt::format("{}/tests/golden/async/{}", TENON_SOURCE_DIR, file);
    tenon_builder_add_component(builder_.get(), "unit", path.c_str(), nullptr);
  }
  void add(const char* name, tenon_fn fn) {
    tenon_builder_add_async_function(builder_.get(), "x:y/lib", name, fn, this, nullptr);
  }
  tenon_function* find(const char* interface, const char* name) {
    if (composition_ == nullptr) composition_ = build(builder_);
    functions_.push_back(c_api_test::find(composition_, interface, name));
    return functions_.back().get();
  }
  std::string call_app() {
    if (composition_ == nullptr) composition_ = build(builder_);
    return call(composition_, "f()");
  }
  tenon_value call_lib(const char* name, std::vector<tenon_value> args = {}) {
    tenon_value result = {};
    EXPECT_EQ(take(tenon_function_call(find("x:y/lib", name), args.data(), args.size(),
                                       arena_.get(), &result)),
              "");
    return result;
  }
  void run_until(const std::atomic<bool>& is_done) {
    while (!is_done) tenon_composition_run_for(composition_.get(), 1'000'000);
  }

  Builder builder_{tenon_builder_new()};
  BuiltComposition composition_;
  std::vector<FoundFunction> functions_;
  Arena arena_{tenon_arena_new()};
};

// Everything that is read from a stream, until it is closed.
struct Reading {
  tenon_stream stream;
  std::string bytes = {};
  std::vector<std::uint64_t> numbers = {};
  std::int32_t state = -1;
  std::atomic<bool> is_done = false;

  explicit Reading(tenon_stream of) : stream(of) { next(); }
  void next() { EXPECT_EQ(api().stream_read(stream, 100, take, this), 0); }
  static void take(void* data, const tenon_value* items, std::size_t count, std::int32_t state) {
    auto& reading = *static_cast<Reading*>(data);
    reading.state = state;
    if (items != nullptr && items->kind == TENON_PACKED)
      reading.bytes.append(static_cast<const char*>(items->of.packed.ptr),
                           items->elem == TENON_U8 ? count : 0);
    if (items != nullptr && items->kind == TENON_PACKED && items->elem == TENON_U32)
      reading.numbers.push_back(*static_cast<const std::uint32_t*>(items->of.packed.ptr));
    if (items != nullptr && items->kind == TENON_LIST)
      reading.numbers.push_back(items->of.items.ptr[0].of.u);
    if (state == TENON_STREAM_OPEN) return reading.next();
    api().stream_close(reading.stream);
    reading.is_done = true;
  }
};

// A write, after which the stream is closed.
struct Writing {
  tenon_value items;
  tenon_stream stream;
  std::size_t count = 0;
  std::int32_t state = -1;
  std::atomic<bool> is_done = false;

  Writing(tenon_stream to, tenon_value list) : items(list), stream(to) {
    EXPECT_EQ(api().stream_write(stream, &items, take, this), 0);
  }
  Writing(tenon_stream to, const char* text)
      : Writing(to, tenon_value_packed(TENON_U8, text, std::strlen(text))) {}
  static void take(void* data, const tenon_value* /*items*/, std::size_t count,
                   std::int32_t state) {
    auto& writing = *static_cast<Writing*>(data);
    writing.count = count;
    writing.state = state;
    api().stream_close(writing.stream);
    writing.is_done = true;
  }
};

TEST_F(CStreams, ReadsAStream) {
  add_unit("stream_from_lib/lib.wat");
  const tenon_value stream = call_lib("open");
  ASSERT_EQ(stream.kind, TENON_STREAM);
  // A stream does not belong to the arena.
  tenon_arena_reset(arena_.get());
  Reading reading(stream.of.u);
  run_until(reading.is_done);
  EXPECT_EQ(reading.bytes, "written by lib");
  EXPECT_EQ(reading.state, TENON_STREAM_CLOSED);
}

// Nobody could close it.
TEST_F(CStreams, DoesNotGetAStreamThatItDoesNotWant) {
  add_unit("stream_from_lib/lib.wat");
  tenon_function* const open = find("x:y/lib", "open");
  const tenon_stream before = api().stream_new();
  EXPECT_EQ(take(tenon_function_call(open, nullptr, 0, nullptr, nullptr)), "");
  ASSERT_EQ(take(tenon_function_start(open, nullptr, 0, nullptr, nullptr, nullptr)), "");
  const tenon_stream after = api().stream_new();
  EXPECT_EQ(after, before + 1);
  api().stream_close(before);
  api().stream_close(after);
}

TEST_F(CStreams, WritesAStreamThatItPasses) {
  const Bytes taker = assemble(kTaker);
  tenon_builder_add_component_bytes(builder_.get(), "unit", taker.data(), taker.size(), nullptr);
  const tenon_stream stream = api().stream_new();
  const tenon_value argument = tenon_value_stream(stream);
  std::uint64_t count = 0;
  tenon_task* task = nullptr;
  const auto done = [](void* user, tenon_error* error, const tenon_value* result) {
    EXPECT_EQ(take(error), "");
    if (result != nullptr) *static_cast<std::uint64_t*>(user) = result->of.u;
  };
  ASSERT_EQ(take(tenon_function_start(find("", "take"), &argument, 1, done, &count, &task)), "");
  Writing writing(stream, "from a program");
  EXPECT_EQ(tenon_task_wait(task, UINT64_MAX), 1);
  tenon_task_delete(task);
  EXPECT_EQ(count, 14U);
  EXPECT_TRUE(writing.is_done);
  EXPECT_EQ(writing.count, 14U);
}

TEST_F(CStreams, PassesAnEndOnThatItDidNotRead) {
  add_unit("stream_goes_back_to_its_writer/lib.wat");
  const tenon_value stream = call_lib("open");
  const tenon_value text = call_lib("text", {stream});
  EXPECT_EQ(std::string(text.of.str.ptr, text.of.str.len), "there/back");
  // It is the guest's now.
  EXPECT_NE(api().stream_read(stream.of.u, 1, Writing::take, nullptr), 0);
}

TEST_F(CStreams, ReturnsAStreamToAGuest) {
  add_unit("stream_from_lib/app.wat");
  static std::optional<Writing> writing;
  add("open", [](void*, tenon_call*, const tenon_value*, std::size_t, tenon_value* result) {
    *result = tenon_value_stream(api().stream_new());
    writing.emplace(result->of.u, "from C");
    return 0;
  });
  EXPECT_EQ(call_app(), "\"from C\"");
  EXPECT_EQ(writing->count, 6U);
  writing.reset();
}

TEST_F(CStreams, FuturesGoBothWays) {
  add_unit("future_of_number/lib.wat");
  const tenon_value future = call_lib("open");
  ASSERT_EQ(future.kind, TENON_FUTURE);
  Reading reading(future.of.u);
  run_until(reading.is_done);
  EXPECT_THAT(reading.numbers, ElementsAre(123456789U));
}

TEST_F(CStreams, ReturnsAFutureToAGuest) {
  add_unit("future_of_number/app.wat");
  static std::optional<Writing> writing;
  static const std::uint32_t number = 42;
  add("open", [](void*, tenon_call*, const tenon_value*, std::size_t, tenon_value* result) {
    *result = tenon_value_future(api().stream_new());
    writing.emplace(result->of.u, tenon_value_packed(TENON_U32, &number, 1));
    return 0;
  });
  EXPECT_EQ(call_app(), "42");
  writing.reset();
}

TEST_F(CStreams, StreamsCanBeItems) {
  add_unit("future_of_stream/lib.wat");
  Reading future(call_lib("open").of.u);
  run_until(future.is_done);
  ASSERT_EQ(future.numbers.size(), 1U);
  Reading stream(future.numbers[0]);
  run_until(stream.is_done);
  EXPECT_EQ(stream.bytes, "later");
}

TEST_F(CStreams, RefusesWhatCannotBePassed) {
  add_unit("stream_goes_back_to_its_writer/lib.wat");
  tenon_function* const text = find("x:y/lib", "text");
  tenon_value stream = tenon_value_stream(77'777'777);
  tenon_value result = {};
  EXPECT_THAT(take(tenon_function_call(text, &stream, 1, arena_.get(), &result)),
              HasSubstr("value-type: 77777777 is not a stream or future that can be passed"));
  stream = tenon_value_u32(1);
  EXPECT_THAT(take(tenon_function_call(text, &stream, 1, arena_.get(), &result)),
              HasSubstr("value-type: expected stream, found u32"));
  // A writable end cannot be read, and a second time passed.
  stream = tenon_value_stream(api().stream_new());
  EXPECT_NE(api().stream_read(stream.of.u, 1, Writing::take, nullptr), 0);
  ASSERT_EQ(take(tenon_function_start(text, &stream, 1, nullptr, nullptr, nullptr)), "");
  EXPECT_THAT(take(tenon_function_call(text, &stream, 1, arena_.get(), &result)),
              HasSubstr("is not a stream or future that can be passed"));
  api().stream_close(stream.of.u);
  api().stream_close(stream.of.u);
}

TEST_F(CStreams, PassesAStreamThatItHasClosed) {
  const Bytes taker = assemble(kTaker);
  tenon_builder_add_component_bytes(builder_.get(), "unit", taker.data(), taker.size(), nullptr);
  tenon_function* const function = find("", "take");
  tenon_value stream = tenon_value_stream(api().stream_new());
  api().stream_close(stream.of.u);
  tenon_value count = tenon_value_u32(1);
  EXPECT_EQ(take(tenon_function_call(function, &stream, 1, nullptr, &count)), "");
  EXPECT_EQ(count.of.u, 0U);
  // Not twice, and not after it was given up.
  EXPECT_THAT(take(tenon_function_call(function, &stream, 1, nullptr, &count)),
              HasSubstr("is not a stream or future that can be passed"));
  stream = tenon_value_stream(api().stream_new());
  api().stream_close(stream.of.u);
  api().stream_close(stream.of.u);
  EXPECT_THAT(take(tenon_function_call(function, &stream, 1, nullptr, &count)),
              HasSubstr("is not a stream or future that can be passed"));
}

// A program that forgets them does not fill the memory.
TEST_F(CStreams, ClosedStreamsAreForgottenSomeTime) {
  const Bytes taker = assemble(kTaker);
  tenon_builder_add_component_bytes(builder_.get(), "unit", taker.data(), taker.size(), nullptr);
  const tenon_value stream = tenon_value_stream(api().stream_new());
  api().stream_close(stream.of.u);
  for (int i = 0; i < 5000; ++i) api().stream_close(api().stream_new());
  EXPECT_THAT(take(tenon_function_call(find("", "take"), &stream, 1, nullptr, nullptr)),
              HasSubstr("is not a stream or future that can be passed"));
}

TEST_F(CStreams, DoesNotPassAStreamTwiceInOneCall) {
  const Bytes guest = assemble(R"((component
    (core module $code (func (export "both") (param i32 i32)))
    (core instance $code (instantiate $code))
    (func (export "both") (param "a" (stream u8)) (param "b" (stream u8))
      (canon lift (core func $code "both")))))");
  tenon_builder_add_component_bytes(builder_.get(), "unit", guest.data(), guest.size(), nullptr);
  const tenon_stream stream = api().stream_new();
  const tenon_value both[] = {tenon_value_stream(stream), tenon_value_stream(stream)};
  testing::internal::CaptureStderr();
  EXPECT_THAT(take(tenon_function_call(find("", "both"), both, 2, nullptr, nullptr)),
              testing::AllOf(testing::StartsWith("value-handle: the stream "),
                             HasSubstr("it was passed before, has other items")));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  api().stream_close(stream);
}

// It stays where it is, and is passed there.
TEST_F(CStreams, DoesNotPassAStreamToAnotherComposition) {
  add_unit("stream_goes_back_to_its_writer/lib.wat");
  const tenon_value stream = call_lib("open");
  {
    const BuiltComposition other = build(builder_);
    const FoundFunction text = c_api_test::find(other, "x:y/lib", "text");
    tenon_value result = {};
    EXPECT_THAT(take(tenon_function_call(text.get(), &stream, 1, arena_.get(), &result)),
                testing::AllOf(testing::StartsWith("value-handle: the stream "),
                               HasSubstr("or belongs to another composition")));
  }
  const tenon_value text = call_lib("text", {stream});
  EXPECT_EQ(std::string(text.of.str.ptr, text.of.str.len), "there/back");
}

// The stream has ended then, so running the composition does not end it again.
TEST_F(CStreams, TheEndOfAnOperationCanRunTheComposition) {
  const Bytes taker = assemble(kTaker);
  tenon_builder_add_component_bytes(builder_.get(), "unit", taker.data(), taker.size(), nullptr);
  const tenon_value stream = tenon_value_stream(api().stream_new());
  struct Run {
    tenon_composition* composition;
    int times = 0;
  } run;
  tenon_function* const function = find("", "take");
  run.composition = composition_.get();
  ASSERT_EQ(take(tenon_function_start(function, &stream, 1, nullptr, nullptr, nullptr)), "");
  const tenon_value items = tenon_value_packed(TENON_U8, "abc", 3);
  const auto done = [](void* data, const tenon_value*, std::size_t, std::int32_t state) {
    auto& running = *static_cast<Run*>(data);
    ++running.times;
    EXPECT_EQ(state, TENON_STREAM_CLOSED);
    (void)tenon_composition_run_for(running.composition, 1'000'000);
  };
  ASSERT_EQ(api().stream_write(stream.of.u, &items, done, &run), 0);
  api().stream_close(stream.of.u);
  for (int i = 0; i < 1000 && run.times == 0; ++i)
    (void)tenon_composition_run_for(composition_.get(), 1'000'000);
  EXPECT_EQ(run.times, 1);
}

// The error is returned and not printed: a library does not print.
TEST_F(CStreams, WrongItemsFailTheWrite) {
  const Bytes taker = assemble(kTaker);
  tenon_builder_add_component_bytes(builder_.get(), "unit", taker.data(), taker.size(), nullptr);
  const tenon_value stream = tenon_value_stream(api().stream_new());
  const std::uint16_t numbers[] = {1, 2};
  Writing writing(stream.of.u, tenon_value_packed(TENON_U16, numbers, 2));
  tenon_value count = {};
  testing::internal::CaptureStderr();
  EXPECT_EQ(take(tenon_function_call(find("", "take"), &stream, 1, nullptr, &count)), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(count.of.u, 0U);
  EXPECT_EQ(writing.state, TENON_STREAM_FAILED);
}

TEST_F(CStreams, RefusesStreamsOfResources) {
  add_unit("stream_of_resources/lib.wat");
  tenon_value result = {};
  EXPECT_THAT(take(tenon_function_call(find("x:y/lib", "open"), nullptr, 0, arena_.get(), &result)),
              HasSubstr("type-unsupported-value: the C API does not pass `stream<item>`"));
}

TEST_F(CStreams, AReadEndsWithTheComposition) {
  add_unit("cancel_async/lib.wat");  // it writes when it is told to
  Reading reading(call_lib("open").of.u);
  EXPECT_FALSE(reading.is_done);
  functions_.clear();
  composition_.reset();
  EXPECT_TRUE(reading.is_done);
  EXPECT_EQ(reading.state, TENON_STREAM_CLOSED);
  EXPECT_NE(api().stream_read(reading.stream, 1, Writing::take, nullptr), 0);
}

// The calls of `slow`, in the order of their start.
struct Slow {
  std::deque<std::pair<tenon_completion, std::uint64_t>> waiting;
  int cancelled = 0;
};
Slow* slow = nullptr;

class LateFunctionsInC : public CStreams {
 protected:
  LateFunctionsInC() { slow = &state_; }
  ~LateFunctionsInC() override { slow = nullptr; }

  static std::int32_t start_slow(void*, tenon_call* call, const tenon_value* args,
                                 std::size_t nargs, tenon_value*) {
    const tenon_completion completion = api().defer(call, [](void*, tenon_completion cancelled) {
      ++slow->cancelled;
      api().fail(cancelled, "not wanted");
    });
    EXPECT_NE(completion, 0U);
    EXPECT_EQ(api().defer(call, nullptr), 0U);
    slow->waiting.emplace_back(completion, nargs == 0 ? 0 : args[0].of.u);
    return 0;
  }

  Slow state_;
};

TEST_F(LateFunctionsInC, EndOnAnyThreadInAnyOrder) {
  add_unit("calls_overlap/app.wat");
  add("slow", start_slow);
  tenon_task* task = nullptr;
  std::string shown;
  const auto done = [](void* user, tenon_error* error, const tenon_value* result) {
    EXPECT_EQ(take(error), "");
    if (result == nullptr) return;
    for (std::size_t i = 0; i < result->of.packed.len; ++i)
      *static_cast<std::string*>(user) +=
          fmt::format("{} ", static_cast<const std::uint32_t*>(result->of.packed.ptr)[i]);
  };
  ASSERT_EQ(take(tenon_function_start(find("", "f"), nullptr, 0, done, &shown, &task)), "");
  ASSERT_EQ(state_.waiting.size(), 3U);
  std::thread other([this] {
    for (; !state_.waiting.empty(); state_.waiting.pop_back()) {
      const auto [completion, turns] = state_.waiting.back();
      const tenon_value result = tenon_value_u32(static_cast<std::uint32_t>(turns));
      EXPECT_EQ(api().complete(completion, &result), 0);
      EXPECT_NE(api().complete(completion, &result), 0);
    }
  });
  EXPECT_EQ(tenon_task_wait(task, UINT64_MAX), 1);
  other.join();
  tenon_task_delete(task);
  EXPECT_EQ(shown, "10 20 30 ");
}

TEST_F(LateFunctionsInC, AreToldThatNobodyWaits) {
  add_unit("calls_overlap/app.wat");
  add("slow", start_slow);
  ASSERT_EQ(take(tenon_function_start(find("", "f"), nullptr, 0, nullptr, nullptr, nullptr)), "");
  functions_.clear();
  composition_.reset();
  EXPECT_EQ(state_.cancelled, 3);
  // The calls are gone, and so is who could get a message.
  testing::internal::CaptureStderr();
  for (const auto& [completion, turns] : state_.waiting) {
    const tenon_value result = tenon_value_u32(1);
    EXPECT_NE(api().complete(completion, &result), 0);
    EXPECT_NE(api().fail(completion, "late"), 0);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(LateFunctionsInC, CanFailBeforeTheyReturn) {
  add_unit("calls_overlap/app.wat");
  add("slow", [](void*, tenon_call* call, const tenon_value* args, std::size_t, tenon_value*) {
    EXPECT_EQ(api().fail(api().defer(call, nullptr), "%d turns", static_cast<int>(args[0].of.u)),
              0);
    return 0;
  });
  EXPECT_THAT(call_app(), HasSubstr("30 turns"));
}

TEST_F(LateFunctionsInC, AWrongResultIsATrap) {
  add_unit("calls_overlap/app.wat");
  add("slow", [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
    const tenon_value text = tenon_value_string("x", 1);
    EXPECT_NE(api().complete(api().defer(call, nullptr), &text), 0);
    return 0;
  });
  EXPECT_THAT(call_app(),
              HasSubstr("it returned an invalid value at result: expected u32, found string"));
}

// The program can delete its handle as soon as `complete` has returned.
TEST_F(LateFunctionsInC, ReadTheirResultAtOnce) {
  const auto add_text = [&](const char* name, const char* text) {
    const Bytes bytes = assemble(text);
    tenon_builder_add_component_bytes(builder_.get(), name, bytes.data(), bytes.size(), nullptr);
  };
  add_text("maker", R"((component
    (component $inner
      (type $made (resource (rep i32)))
      (export $wallet "wallet" (type $made))
      (core func $new (canon resource.new $made))
      (core module $code
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "id") (param i32) (result i32) (local.get 0)))
      (core instance $core (instantiate $code (with "" (instance (export "new" (func $new))))))
      (func (export "[constructor]wallet") (param "id" u32) (result (own $wallet))
        (canon lift (core func $core "make")))
      (func (export "[method]wallet.id") (param "self" (borrow $wallet)) (result u32)
        (canon lift (core func $core "id"))))
    (instance $wallets (instantiate $inner))
    (export "x:y/wallets" (instance $wallets))))");
  add_text("taker", R"((component
    (import "x:y/wallets" (instance $wallets
      (export "wallet" (type $wallet (sub resource)))
      (export "[constructor]wallet" (func (param "id" u32) (result (own $wallet))))
      (export "[method]wallet.id" (func (param "self" (borrow $wallet)) (result u32)))))
    (alias export $wallets "wallet" (type $wallet))
    (import "x:y/picks" (instance $picks
      (alias outer 1 $wallet (type $outer)) (export "wallet" (type $picked (eq $outer)))
      (export "pick" (func async (result (own $picked))))))
    (core func $pick (canon lower (func $picks "pick")))
    (core func $id (canon lower (func $wallets "[method]wallet.id")))
    (core func $new (canon lower (func $wallets "[constructor]wallet")))
    (core func $return (canon task.return (result u32)))
    (core module $code
      (import "" "pick" (func $pick (result i32)))
      (import "" "id" (func $id (param i32) (result i32)))
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (call $return (call $id (call $pick))))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $core (instantiate $code (with "" (instance (export "pick" (func $pick))
      (export "id" (func $id)) (export "new" (func $new)) (export "return" (func $return))))))
    (export $made "wallet" (type $wallet))
    (func (export "run") async (result u32) (canon lift (core func $core "run") async))
    (func (export "make") (param "id" u32) (result (own $made))
      (canon lift (core func $core "make")))))");
  tenon_builder_set_root(builder_.get(), "taker");
  tenon_builder_isolate_all(builder_.get());
  tenon_builder_add_async_function(builder_.get(), "x:y/picks", "pick", start_slow, nullptr,
                                   nullptr);
  tenon_function* const run = find(nullptr, "run");
  tenon_function* const make = find(nullptr, "make");
  const auto make_wallet = [&](std::uint32_t id) {
    const tenon_value arg = tenon_value_u32(id);
    tenon_value wallet = {};
    EXPECT_EQ(take(tenon_function_call(make, &arg, 1, arena_.get(), &wallet)), "");
    tenon_resource* const kept = tenon_resource_keep(static_cast<tenon_resource*>(wallet.of.rep));
    tenon_arena_reset(arena_.get());
    return kept;
  };
  tenon_resource* const wallet = make_wallet(7);
  std::uint64_t id = 0;
  const auto done = [](void* user, tenon_error* error, const tenon_value* result) {
    EXPECT_EQ(take(error), "");
    if (result != nullptr) *static_cast<std::uint64_t*>(user) = result->of.u;
  };
  tenon_task* task = nullptr;
  ASSERT_EQ(take(tenon_function_start(run, nullptr, 0, done, &id, &task)), "");
  ASSERT_EQ(state_.waiting.size(), 1U);
  const tenon_value picked = tenon_value_own(wallet);
  EXPECT_EQ(api().complete(state_.waiting[0].first, &picked), 0);
  tenon_resource_delete(wallet);
  tenon_resource* const other = make_wallet(8);  // perhaps where the first one was
  EXPECT_EQ(tenon_task_wait(task, UINT64_MAX), 1);
  tenon_task_delete(task);
  tenon_resource_delete(other);
  EXPECT_EQ(id, 7U);
}

// A child process that is forked while other threads use streams and deferred calls has no thread that would
// unlock their tables.
TEST_F(CStreams, AChildProcessHasThemToo) {
  if (kHasThreadSanitizer) GTEST_SKIP() << "not under the thread sanitizer";
  std::atomic<bool> is_done = false;
  std::thread other([&] {
    while (!is_done) {
      api().stream_close(api().stream_new());
      (void)api().complete(0, nullptr);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      api().stream_close(api().stream_new());
      _exit(api().complete(0, nullptr) != 0 ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "child " << i;
    if (testing::Test::HasFailure()) break;
  }
  is_done = true;
  other.join();
}

// A function that was added as one that ends with its call.
TEST_F(LateFunctionsInC, OthersCannotDefer) {
  add_unit("calls_overlap/app.wat");
  tenon_builder_add_function(
      builder_.get(), "x:y/lib", "slow",
      [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
        EXPECT_EQ(api().defer(call, nullptr), 0U);
        return api().trap(call, "cannot wait");
      },
      nullptr, nullptr);
  EXPECT_THAT(call_app(), HasSubstr("cannot wait"));
}

}  // namespace
}  // namespace tenon::c_api_test::streams_test
