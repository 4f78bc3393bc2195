// Memory does not grow while functions are called a million times.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tenon/builder.h"
#include "tenon/tenon_c.h"
#include "tests/memory/c_units.h"
#include "tests/support/c_api.h"
#include "tests/support/failing_memory.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

namespace tenon::c_api_test::growth_test {
namespace {

using failing_memory::count_objects;

struct Memory {
  std::int64_t objects;   // of C++
  std::int64_t heap;      // in bytes, the engine's as well
  std::int64_t resident;  // in bytes
};

Memory measure() {
  const struct mallinfo2 heap = mallinfo2();
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return {count_objects(), static_cast<std::int64_t>(heap.uordblks + heap.hblkhd),
          pages * sysconf(_SC_PAGESIZE)};
}

// Calls a function so often, of which the first tenth may grow caches. In a long run, ten times as often.
template <class F>
void expect_no_growth(std::uint32_t count, F&& call) {
  count = repetitions(tests_everything() ? 10 * count : count);
  Memory before = {};
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i == count / 10) before = measure();
    ASSERT_TRUE(call(i));
  }
  const Memory after = measure();
  EXPECT_LE(after.objects, before.objects + 10);
  if (kHasAddressSanitizer) return;  // it keeps what was freed
  EXPECT_LE(after.heap, before.heap + (64 << 10));
  EXPECT_LE(after.resident, before.resident + (1 << 20));
}

class Growth : public testing::Test {
 protected:
  Growth() {
    const Builder builder = make_guests({"lib"});
    lib_ = build_again(builder);
  }
  // Whether a call succeeds.
  bool call(const FoundFunction& function, std::vector<tenon_value> args) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(function.get(), args.data(), args.size(), arena_.get(), &result_) ==
           nullptr;
  }

  BuiltComposition lib_;
  Arena arena_{tenon_arena_new()};
  tenon_value result_ = {};
};

TEST_F(Growth, NumbersAndTextsDoNotGrow) {
  const FoundFunction add = find(lib_, kLib, "add");
  expect_no_growth(1'000'000, [&](std::uint32_t i) {
    const std::uint64_t params[] = {i, 1};
    std::uint64_t sum = 0;
    return tenon_function_call_flat(add.get(), params, 2, &sum) == nullptr && sum == i + 1;
  });
  const FoundFunction echo = find(lib_, kLib, "echo");
  const std::string text(64, 'x');
  const tenon_value arg = tenon_value_string(text.data(), text.size());
  expect_no_growth(300'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &arg, 1, arena_.get(), &result_) == nullptr;
  });
}

TEST_F(Growth, RecordsAndTextOfCallsDoNotGrow) {
  const FoundFunction echo = find(lib_, kLib, "echo-named");
  std::array<tenon_value, 3> named = {tenon_value_u32(1), tenon_value_string("name", 4),
                                      tenon_value_f64(0.5)};
  std::array<tenon_value, 8> records;
  records.fill(tenon_value_items(TENON_RECORD, named.data(), named.size()));
  const tenon_value list = tenon_value_items(TENON_LIST, records.data(), records.size());
  expect_no_growth(50'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &list, 1, arena_.get(), &result_) == nullptr;
  });
  const FoundFunction add = find(lib_, kLib, "add");
  expect_no_growth(10'000, [&](std::uint32_t) {
    char* json = nullptr;
    char* wave = nullptr;
    const bool is_called = tenon_function_call_json(add.get(), "[7, 8]", 6, &json) == nullptr &&
                           tenon_composition_call(lib_.get(), "add(1, 2)", &wave) == nullptr;
    tenon_free(json);
    tenon_free(wave);
    return is_called;
  });
}

TEST_F(Growth, ErrorsDoNotGrow) {
  const FoundFunction add = find(lib_, kLib, "add");
  const FoundFunction boom = find(lib_, kLib, "boom");
  expect_no_growth(20'000, [&](std::uint32_t) {
    return take(tenon_function_call(add.get(), nullptr, 0, nullptr, nullptr))
        .starts_with("value-type");
  });
  // The domain starts again for each.
  expect_no_growth(2'000, [&](std::uint32_t) {
    const Problem problem(tenon_function_call(boom.get(), nullptr, 0, nullptr, nullptr));
    return tenon_error_text(problem.get()) != nullptr &&
           tenon_error_json(problem.get()) != nullptr &&
           tenon_error_failure(problem.get()) != nullptr;
  });
}

TEST_F(Growth, ResourcesAndTasksDoNotGrow) {
  const FoundFunction make = find(lib_, kLib, "[constructor]counter");
  const FoundFunction next = find(lib_, kLib, "[method]counter.next");
  const tenon_value start = tenon_value_u32(1);
  expect_no_growth(50'000, [&](std::uint32_t i) {
    if (i % 100 == 0) tenon_arena_reset(arena_.get());
    if (tenon_function_call(make.get(), &start, 1, arena_.get(), &result_) != nullptr) return false;
    tenon_resource* const kept = tenon_resource_keep(static_cast<tenon_resource*>(result_.of.rep));
    const tenon_value borrow = tenon_value_borrow(kept);
    const bool is_called =
        tenon_function_call(next.get(), &borrow, 1, nullptr, &result_) == nullptr;
    tenon_resource_delete(kept);
    return is_called && result_.of.u == 2;
  });
  const FoundFunction add = find(lib_, kLib, "add");
  const tenon_value args[] = {tenon_value_u32(3), tenon_value_u32(4)};
  expect_no_growth(30'000, [&](std::uint32_t) {
    tenon_task* task = nullptr;
    std::uint64_t sum = 0;
    const auto done = [](void* user, tenon_error*, const tenon_value* result) {
      *static_cast<std::uint64_t*>(user) = result != nullptr ? result->of.u : 0;
    };
    if (tenon_function_start(add.get(), args, 2, done, &sum, &task) != nullptr) return false;
    tenon_task_wait(task, UINT64_MAX);
    tenon_task_delete(task);
    return sum == 7;
  });
}

TEST_F(Growth, CallsOfFunctionsInCDoNotGrow) {
  const Builder builder = make_guests({"front", "keeper"});
  add_library(builder);
  tenon_builder_set_root(builder.get(), "front");
  const BuiltComposition front = build(builder);
  const FoundFunction add = find(front, "", "add");
  expect_no_growth(100'000, [&](std::uint32_t i) {
    const std::uint64_t params[] = {i, 1};
    std::uint64_t sum = 0;
    return tenon_function_call_flat(add.get(), params, 2, &sum) == nullptr && sum == i + 1;
  });
  const FoundFunction echo = find(front, "", "echo");
  const tenon_value arg = tenon_value_string("hello", 5);
  expect_no_growth(50'000, [&](std::uint32_t) {
    tenon_arena_reset(arena_.get());
    return tenon_function_call(echo.get(), &arg, 1, arena_.get(), &result_) == nullptr;
  });
}

TEST_F(Growth, LinksDoNotGrow) {
  const TemporaryFolder cache;
  const Builder builder = make_pair();
  tenon_builder_set_cache(builder.get(), cache.path().c_str());
  // Nothing is left to compile in the background, which takes memory at some time.
  CompositionBuilder first;
  first.add_component("app", assemble(kConsumer));
  first.add_component("lib", assemble(kProvider));
  ASSERT_TRUE(first.build({.cache_dir = cache.path(), .link_form = LinkForm::Embedded}));
  expect_no_growth(1'000, [&](std::uint32_t) {
    const BuiltComposition composition = build(builder);
    return call(find(composition, "", "f"), {tenon_value_u32(2)});
  });
}

}  // namespace
}  // namespace tenon::c_api_test::growth_test
