// Calls that native code ends after its function has returned, by the ABI of tenon_host.h. The
// library is part of this file; what its functions do is up to each test.
#include "host/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace tenon::completion_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string read_text(const std::string& path) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/" + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The behavior of the library in the current test, and what it recorded. Tests run one at a time.
struct Native {
  // In each call that can be deferred. Returns what the function returns.
  std::function<std::int32_t(tenon_call*, const tenon_value* args, tenon_value* result)> body;
  const tenon_host_api* api = nullptr;
  std::vector<tenon_completion> deferred;
  std::vector<tenon_completion> canceled;
  // In each cancellation.
  std::function<void(tenon_completion)> on_cancel;
  std::vector<std::uintptr_t> dropped;
  bool is_destroyed = false;

  tenon_completion defer(tenon_call* call);
};
Native* native = nullptr;

tenon_completion Native::defer(tenon_call* call) {
  deferred.push_back(api->defer(call, [](void*, tenon_completion completion) {
    native->canceled.push_back(completion);
    if (native->on_cancel) native->on_cancel(completion);
  }));
  return deferred.back();
}

tenon_value text_value(std::string_view text) {
  tenon_value value = {};
  value.kind = TENON_STRING;
  value.of.str = {text.data(), text.size()};
  return value;
}
tenon_value number_value(std::uint32_t number) {
  tenon_value value = {};
  value.kind = TENON_U32;
  value.of.u = number;
  return value;
}
tenon_value thing_value(std::uintptr_t rep) {
  tenon_value value = {};
  value.kind = TENON_OWN;
  value.of.rep = reinterpret_cast<void*>(rep);
  return value;
}

std::int32_t run_body(void*, tenon_call* call, const tenon_value* args, std::size_t,
                      tenon_value* result) {
  return native->body(call, args, result);
}
std::int32_t thing_value_of(void*, tenon_call*, const tenon_value* args, std::size_t,
                            tenon_value* result) {
  *result =
      number_value(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(args[0].of.rep)));
  return 0;
}

constexpr tenon_func_def kFunctions[] = {{"x:y/lib", "sleep", run_body, 0, 0},
                                         {"x:y/lib", "join", run_body, 0, 0},
                                         {"x:y/lib", "make", run_body, 0, 0},
                                         {"x:y/lib", "twice", run_body, 0, 0},
                                         {"x:y/lib", "[method]thing.value", thing_value_of, 0, 0},
                                         {"x:y/lib", "[method]thing.wait", run_body, 0, 0}};
constexpr tenon_resource_def kResources[] = {
    {"x:y/lib", "thing",
     [](void*, void* rep) { native->dropped.push_back(reinterpret_cast<std::uintptr_t>(rep)); }}};
constexpr tenon_host_module kModule = {
    sizeof(tenon_host_module),
    TENON_HOST_ABI_MAJOR,
    TENON_HOST_ABI_MINOR,
    TENON_SERIAL_LIBRARY,
    "lib",
    "1.0.0",
    [](const tenon_host_api* api, const tenon_config*, tenon_call* call, void**) -> std::int32_t {
      native->api = api;
      return api->defer(call, nullptr) == 0 ? 0 : 1;  // there is nothing to defer
    },
    [](void*) { native->is_destroyed = true; },
    kFunctions,
    std::size(kFunctions),
    kResources,
    std::size(kResources)};

class Completions : public testing::Test {
 protected:
  Completions() {
    native = &lib;
    lib.body = [this](tenon_call* call, const tenon_value*, tenon_value*) {
      lib.defer(call);
      return 0;
    };
  }
  ~Completions() override {
    composition.reset();
    native = nullptr;
  }

  void build(const std::string& app = "bundles/later/app.wat",
             std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
    CompositionBuilder builder;
    builder.add_component("app", *engine::wat_to_wasm("app.wat", read_text(app)));
    builder.add_host_module(
        "lib", {.module = &kModule, .folder = TENON_SOURCE_DIR "/tests/bundles/later"});
    builder.set_root("app");
    if (timeout) builder.limits().call_timeout = *timeout;
    Result<Composition> built = builder.build();
    ASSERT_TRUE(built) << built.error().front().message;
    composition.emplace(*std::move(built));
  }
  TypedFunction<std::string(std::uint32_t)> join() {
    return *composition->function<std::string(std::uint32_t)>("", "join");
  }
  TypedFunction<std::uint32_t()> make() {
    return *composition->function<std::uint32_t()>("", "make");
  }
  [[nodiscard]] bool complete(tenon_completion number, const tenon_value& result) const {
    return lib.api->complete(number, &result) == 0;
  }

  Native lib;
  std::optional<Composition> composition;
};

TEST_F(Completions, CallsEndInTheOrderOfTheirCompletions) {
  build();
  const auto function = join();
  std::vector<Task<CallResult<std::string>>> tasks;
  for (std::uint32_t i = 0; i < 10; ++i) tasks.push_back(function.start(i));
  ASSERT_EQ(lib.deferred.size(), 10U);
  for (std::uint32_t i = 10; i-- > 0;) {
    EXPECT_FALSE(tasks[i].is_done());
    const std::string text = std::to_string(i);
    EXPECT_TRUE(complete(lib.deferred[i], text_value(text)));
    EXPECT_EQ(**tasks[i].wait(10s), text);
  }
  EXPECT_THAT(lib.canceled, IsEmpty());
}

TEST_F(Completions, AResultCanBeThereBeforeTheFunctionReturns) {
  build();
  lib.body = [this](tenon_call* call, const tenon_value* args, tenon_value*) {
    const std::string text =
        std::string(args[1].of.str.ptr, args[1].of.str.len) + std::to_string(args[0].of.u);
    EXPECT_TRUE(complete(lib.defer(call), text_value(text)));
    return 0;
  };
  EXPECT_EQ(*join()(7), "text7");
}

TEST_F(Completions, AFunctionNeedNotDefer) {
  build();
  lib.body = [](tenon_call*, const tenon_value* args, tenon_value* result) {
    *result = args[1];
    return 0;
  };
  EXPECT_EQ(*join()(7), "text");
}

TEST_F(Completions, ManyThreadsCompleteCalls) {
  build();
  std::mutex mutex;
  std::vector<std::pair<tenon_completion, std::uint64_t>> waiting;
  lib.body = [&](tenon_call* call, const tenon_value* args, tenon_value*) {
    const std::lock_guard lock(mutex);
    waiting.emplace_back(lib.api->defer(call, nullptr), args[0].of.u);
    return 0;
  };
  constexpr std::uint32_t kCalls = 60;
  for (int round = 0; round < 20; ++round) {
    const auto function = join();
    std::vector<Task<CallResult<std::string>>> tasks;
    for (std::uint32_t i = 0; i < kCalls; ++i) tasks.push_back(function.start(i));
    std::vector<std::thread> threads;
    std::uint32_t left = kCalls;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        while (true) {
          std::pair<tenon_completion, std::uint64_t> next;
          {
            const std::lock_guard lock(mutex);
            if (left == 0) return;
            // The guest may not have made all calls yet.
            if (waiting.empty()) continue;
            --left;
            next = waiting.back();
            waiting.pop_back();
          }
          const std::string text = "number " + std::to_string(next.second);
          EXPECT_TRUE(complete(next.first, text_value(text)));
        }
      });
    for (std::uint32_t i = 0; i < kCalls; ++i)
      EXPECT_EQ(**tasks[i].wait(10s), "number " + std::to_string(i));
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(Completions, ABlockingCallWaitsForAnotherThread) {
  build();
  std::thread worker;
  lib.body = [&](tenon_call* call, const tenon_value*, tenon_value*) {
    worker = std::thread([this, number = lib.defer(call)] {
      std::this_thread::sleep_for(5ms);
      EXPECT_TRUE(complete(number, text_value("late")));
    });
    return 0;
  };
  EXPECT_EQ(*join()(1), "late");
  worker.join();
}

// Its caller cannot go on, so the call waits in place.
TEST_F(Completions, AFunctionThatIsNotAsyncCanBeDeferredToo) {
  build();
  std::thread worker;
  lib.body = [&](tenon_call* call, const tenon_value* args, tenon_value*) {
    worker = std::thread([this, number = lib.defer(call), n = args[0].of.u] {
      EXPECT_TRUE(complete(number, number_value(static_cast<std::uint32_t>(2 * n))));
    });
    return 0;
  };
  EXPECT_EQ(*(*composition->function<std::uint32_t(std::uint32_t)>("", "twice"))(21), 42U);
  worker.join();
}

TEST_F(Completions, AFailureIsATrap) {
  build();
  Task<CallResult<std::string>> task = join().start(1);
  EXPECT_EQ(lib.api->fail(lib.deferred[0], "no %s, %d", "luck", 3), 0);
  const auto result = task.wait(10s);
  ASSERT_TRUE(result && !*result);
  EXPECT_THAT(result->error().message, HasSubstr("`x:y/lib#join` of host `lib`: no luck, 3"));
}

TEST_F(Completions, AWrongResultIsATrap) {
  build();
  Task<CallResult<std::string>> task = join().start(1);
  EXPECT_FALSE(complete(lib.deferred[0], number_value(1)));
  const auto result = task.wait(10s);
  ASSERT_TRUE(result && !*result);
  EXPECT_THAT(result->error().message, HasSubstr("invalid value at result: expected string"));
}

TEST_F(Completions, AMissingResultIsATrap) {
  build();
  Task<CallResult<std::string>> task = join().start(1);
  EXPECT_NE(lib.api->complete(lib.deferred[0], nullptr), 0);
  const auto result = task.wait(10s);
  ASSERT_TRUE(result && !*result);
  EXPECT_THAT(result->error().message, HasSubstr("expected string, found nothing"));
}

TEST_F(Completions, ASecondCompletionIsRefused) {
  build();
  Task<CallResult<std::string>> task = join().start(1);
  EXPECT_TRUE(complete(lib.deferred[0], text_value("first")));
  testing::internal::CaptureStderr();
  EXPECT_FALSE(complete(lib.deferred[0], text_value("second")));
  EXPECT_NE(lib.api->fail(lib.deferred[0], "third"), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(**task.wait(10s), "first");
}

TEST_F(Completions, NumbersThatWereNeverGivenAreRefused) {
  build();
  EXPECT_FALSE(complete(0, text_value("")));
  EXPECT_FALSE(complete(UINT64_MAX, text_value("")));
  EXPECT_NE(lib.api->fail(0, "nothing"), 0);
}

TEST_F(Completions, ACallIsDeferredOnce) {
  build();
  lib.body = [this](tenon_call* call, const tenon_value*, tenon_value*) {
    EXPECT_TRUE(complete(lib.defer(call), text_value("once")));
    EXPECT_EQ(lib.api->defer(call, nullptr), 0U);
    return 0;
  };
  EXPECT_EQ(*join()(1), "once");
}

TEST_F(Completions, ATrapAfterDeferEndsTheCall) {
  build();
  lib.body = [this](tenon_call* call, const tenon_value*, tenon_value*) {
    lib.defer(call);
    return lib.api->trap(call, "changed its mind");
  };
  EXPECT_THAT(join()(1).error().message, HasSubstr("changed its mind"));
  EXPECT_EQ(lib.canceled, lib.deferred);
  EXPECT_FALSE(complete(lib.deferred[0], text_value("late")));
}

// With the composition goes the guest that waits. Its library can be in the middle of anything.
TEST_F(Completions, CallsInFlightAreCanceledWithTheirComposition) {
  build();
  {
    const auto function = join();
    const auto first = function.start(1);
    const auto second = function.start(2);
    composition.reset();
  }
  EXPECT_THAT(lib.canceled, testing::UnorderedElementsAreArray(lib.deferred));
  EXPECT_TRUE(lib.is_destroyed);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(complete(lib.deferred[0], text_value("late")));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Completions, ACanceledCallIsEndedByItsLibrary) {
  build();
  lib.on_cancel = [this](tenon_completion number) {
    EXPECT_FALSE(complete(number, text_value("late")));
  };
  testing::internal::CaptureStderr();
  {
    const auto task = join().start(1);
    composition.reset();
  }
  EXPECT_EQ(lib.canceled, lib.deferred);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // it did nothing wrong
}

TEST_F(Completions, ThreadsCompleteWhileTheCompositionEnds) {
  for (int round = 0; round < 50; ++round) {
    build();
    const auto function = join();
    std::vector<Task<CallResult<std::string>>> tasks;
    for (std::uint32_t i = 0; i < 20; ++i) tasks.push_back(function.start(i));
    testing::internal::CaptureStderr();
    std::thread worker([&] {
      for (const tenon_completion number : lib.deferred) (void)complete(number, text_value("x"));
    });
    composition.reset();
    worker.join();
    testing::internal::GetCapturedStderr();
    lib.deferred.clear();
  }
}

TEST_F(Completions, AGuestCancels) {
  build("golden/async/cancel_started/app.wat");
  const auto statuses = (*composition->function<std::vector<std::int32_t>()>("", "f"))();
  ASSERT_TRUE(statuses) << statuses.error().message;
  EXPECT_THAT(*statuses, ElementsAre(4, 1234));  // CANCELLED_BEFORE_RETURNED
  EXPECT_EQ(lib.canceled, lib.deferred);
  EXPECT_FALSE(complete(lib.deferred[0], number_value(1)));
}

TEST_F(Completions, ADeadlineCancels) {
  build("bundles/later/app.wat", 20ms);
  const CallResult<std::string> result = join()(1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, CallFailure::Kind::Deadline);
  composition.reset();
  EXPECT_EQ(lib.canceled, lib.deferred);
}

TEST_F(Completions, AResultHasResources) {
  build();
  Task<CallResult<std::uint32_t>> task = make().start();
  std::thread worker([this] { EXPECT_TRUE(complete(lib.deferred[0], thing_value(5))); });
  EXPECT_EQ(**task.wait(10s), 5U);
  worker.join();
  EXPECT_THAT(lib.dropped, ElementsAre(5));
}

// Nobody receives the second: the composition ends before it has seen the result. The third was not
// taken, and is still the library's.
TEST_F(Completions, ResourcesOfUnwantedResultsAreDroppedOnce) {
  build();
  const auto function = make();
  const auto second = function.start();
  const auto third = function.start();
  EXPECT_TRUE(complete(lib.deferred[0], thing_value(2)));
  composition.reset();
  EXPECT_THAT(lib.dropped, ElementsAre(2));
  testing::internal::CaptureStderr();
  EXPECT_FALSE(complete(lib.deferred[1], thing_value(3)));
  testing::internal::GetCapturedStderr();
  EXPECT_THAT(lib.dropped, ElementsAre(2));
}

}  // namespace
}  // namespace tenon::completion_test
