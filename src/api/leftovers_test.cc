// Tasks, streams and futures leave nothing behind: after many of them, a composition takes no more
// memory than after the first thousand. `./dev test --all` makes a million of each kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/stream.h"
#include "tests/support/sanitizers.h"
#include "tests/support/test_scale.h"

namespace tenon::leftovers_test {
namespace {

const std::string kCases = std::string(TENON_SOURCE_DIR) + "/tests/golden/async/";

// `take` counts the items of a stream, `give` returns a stream of four items, and `later` calls a
// function of the program. None of them allocates memory in the guest.
constexpr const char* kGuest = R"((component
  (import "acme:host/later" (instance $host (export "f" (func async (param "a" u32) (result u32)))))
  (type $items (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $f (canon lower (func $host "f")))
  (core func $new (canon stream.new $items))
  (core func $read (canon stream.read $items (memory $memory)))
  (core func $write (canon stream.write $items (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core func $drop-writable (canon stream.drop-writable $items))
  (core func $return (canon task.return (result u32)))
  (core func $return-items (canon task.return (result $items)))
  (core module $code
    (import "" "f" (func $f (param i32) (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    (import "" "return-items" (func $return-items (param i32)))
    (func (export "later") (param i32) (call $return (call $f (local.get 0))))
    (func (export "take") (param $items i32) (local $count i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $items) (i32.const 64) (i32.const 16)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        ;; COMPLETED: there may be more.
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $items))
      (call $return (local.get $count)))
    (func (export "give") (local $ends i64) (local $writable i32)
      (local.set $ends (call $new))
      (local.set $writable (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return-items (i32.wrap_i64 (local.get $ends)))
      (drop (call $write (local.get $writable) (i32.const 64) (i32.const 4)))
      (call $drop-writable (local.get $writable))))
  (core instance $core (instantiate $code (with "" (instance
    (export "f" (func $f)) (export "new" (func $new)) (export "read" (func $read))
    (export "write" (func $write)) (export "drop-readable" (func $drop-readable))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))
    (export "return-items" (func $return-items))))))
  (func (export "later") async (param "a" u32) (result u32)
    (canon lift (core func $core "later") async))
  (func (export "take") async (param "items" $items) (result u32)
    (canon lift (core func $core "take") async))
  (func (export "give") async (result $items) (canon lift (core func $core "give") async))))";

// Suspends a coroutine until the test resumes it.
struct Later {
  std::vector<std::coroutine_handle<>>& waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { waiting.push_back(waiter); }
  void await_resume() const {}
};

// In bytes. Some tables reach their final size only after the first thousand.
constexpr std::size_t kNothing = 4096;

// Calls `f` many times. Returns by how many bytes the memory grew after the first thousand.
std::size_t grow_by(const std::function<void()>& f) {
  // A sanitizer has its own allocator, and finds what is not freed at the end.
  const int count = tests_everything() ? 1'000'000 : kHasAddressSanitizer ? 2'000 : 20'000;
  std::size_t first = 0;
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    if (i == 1000) first = mallinfo2().uordblks;
    f();
  }
  const std::size_t last = mallinfo2().uordblks;
  return last > first ? last - first : 0;
}

class Leftovers : public testing::Test {
 protected:
  Leftovers() {
    CompositionBuilder builder;
    builder.add_component("guest", *engine::wat_to_wasm("guest.wat", kGuest));
    builder.add_host_function("acme:host/later", "f",
                              [this](std::uint32_t a) -> Task<std::uint32_t> {
                                co_await Later{waiting_};
                                co_return a + 1;
                              });
    guest_.emplace(*builder.build());
  }

  [[nodiscard]] Function find(const char* name) const { return *guest_->find_function("", name); }
  void resume() {
    const std::coroutine_handle<> waiter = waiting_.back();
    waiting_.pop_back();
    waiter.resume();
  }

  std::vector<std::coroutine_handle<>> waiting_;
  std::optional<Composition> guest_;
};

TEST_F(Leftovers, OfCallsAndTasks) {
  const auto later = *guest_->function<std::uint32_t(std::uint32_t)>("", "later");
  EXPECT_LE(grow_by([&] {
              Task<CallResult<std::uint32_t>> task = later.start(4);
              resume();
              EXPECT_EQ(**task.wait(), 5U);
            }),
            kNothing);
  EXPECT_LE(grow_by([&] {
              {
                const auto cancelled = later.start(4);
              }
              resume();
              guest_->poll();
            }),
            kNothing);
}

TEST_F(Leftovers, OfStreamsThatTheProgramReads) {
  const Function give = find("give");
  EXPECT_LE(grow_by([&] {
              auto stream = ValueStream::open(**give.call({}));
              EXPECT_EQ((**stream->read(3).wait()).size(), 3U);
            }),
            kNothing);
  EXPECT_LE(grow_by([&] { EXPECT_TRUE(give.call({})); }), kNothing);
  EXPECT_LE(grow_by([&] {
              auto stream = ValueStream::open(**give.call({}));
              for (const std::size_t most : {1U, 10U, 10U}) (void)stream->read(most);
            }),
            kNothing);
}

TEST_F(Leftovers, OfStreamsThatTheProgramWrites) {
  const Function take = find("take");
  const Type type = take.type().params()[0].type;
  const std::vector<std::uint8_t> bytes(10);
  EXPECT_LE(grow_by([&] {
              auto [writer, items] = ValueStreamWriter::make(type);
              auto task = take.start(std::vector{items});
              EXPECT_TRUE(**writer.write_bytes(bytes).wait());
              writer.close();
              EXPECT_EQ(print_wave(***task.wait()), "10");
            }),
            kNothing);
  EXPECT_LE(grow_by([&] {
              auto [writer, items] = ValueStreamWriter::make(type);
              const auto task = take.start(std::vector{items});
              {
                const auto dropped = writer.write_bytes(bytes);
              }
            }),
            kNothing);
}

TEST(LeftoversOfDomains, OfFutures) {
  CompositionBuilder builder;
  builder.add_component("app", kCases + "future_of_number/app.wat");
  builder.add_component("lib", kCases + "future_of_number/lib.wat");
  builder.set_root("app");
  builder.isolate_all();
  const Result<Composition> pair = builder.build();
  ASSERT_TRUE(pair);
  const auto f = *pair->function<std::uint32_t()>("", "f");
  EXPECT_LE(grow_by([&] { EXPECT_EQ(*f(), 123456789U); }), kNothing);
  // The same for a program that never waits.
  CompositionBuilder alone;
  alone.add_component("lib", kCases + "future_of_number/lib.wat");
  const Result<Composition> lib = alone.build();
  ASSERT_TRUE(lib);
  EXPECT_LE(grow_by([&] {
              auto future = ValueStream::open(**lib->call("x:y/lib", "open", {}));
              EXPECT_EQ((**future->read(1).wait()).size(), 1U);
            }),
            kNothing);
}

}  // namespace
}  // namespace tenon::leftovers_test
