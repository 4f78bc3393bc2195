// Streams and futures of the C++ API whose allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/buffer.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/stream.h"
#include "tests/memory/small_units.h"
#include "tests/support/failing_memory.h"

namespace tenon::memory_test::streams_test {
namespace {

using namespace std::chrono_literals;
using failing_memory::call_failing;
using failing_memory::fail_each;

constexpr const char* kLib = "x:y/lib";

Composition build_lib(const char* test_case) {
  CompositionBuilder builder;
  builder.add_component(
      "lib", std::string(TENON_SOURCE_DIR "/tests/golden/async/") + test_case + "/lib.wat");
  return build_again(builder);
}

class StreamsInCpp : public testing::Test {
 protected:
  // Reads to the end, so that the guest can go on, unless it has ended.
  template <class T>
  static void drain(Stream<T>& stream) {
    std::array<T, 4> items;
    while (true) {
      const auto read = stream.read(items).wait(10s);
      EXPECT_TRUE(read) << "the read did not end";
      if (!read || !*read || **read == 0) return;
    }
  }
  static void drain(ValueStream& stream) {
    while (true) {
      const auto read = stream.read(9).wait(10s);
      EXPECT_TRUE(read) << "the read did not end";
      if (!read || !*read || (*read)->empty()) return;
    }
  }
};

TEST_F(StreamsInCpp, AreResults) {
  const Composition lib = build_lib("stream_of_strings");
  const auto open = lib.function<Stream<std::string>()>(kLib, "open");
  ASSERT_TRUE(open) << open.error().front().message;
  std::optional<Stream<std::string>> stream;
  fail_each(
      [&]() -> CallResult<void> {
        CallResult<Stream<std::string>> opened = (*open)();
        if (!opened) return std::move(opened).error();
        stream = *std::move(opened);
        return {};
      },
      {.clean = [&] {
        if (stream) drain(*stream);
        stream.reset();
      }});
}

TEST_F(StreamsInCpp, AreReadAsCppTypes) {
  const Composition lib = build_lib("stream_of_strings");
  const auto open = lib.function<Stream<std::string>()>(kLib, "open");
  ASSERT_TRUE(open);
  std::optional<Stream<std::string>> stream(*(*open)());
  std::array<std::string, 2> items;
  fail_each([&] { return stream->read(items).wait(10s); }, {.clean = [&] {
              drain(*stream);
              stream = *(*open)();
            }});
  drain(*stream);
}

TEST_F(StreamsInCpp, OfBytesAreReadAsCppTypes) {
  const Composition lib = build_lib("stream_from_lib");
  const auto open = lib.function<Stream<std::uint8_t>()>(kLib, "open");
  ASSERT_TRUE(open);
  std::optional<Stream<std::uint8_t>> stream(*(*open)());
  std::array<std::uint8_t, 4> bytes;
  fail_each([&] { return stream->read(bytes).wait(10s); }, {.clean = [&] {
              drain(*stream);
              stream = *(*open)();
            }});
  drain(*stream);
}

TEST_F(StreamsInCpp, OfBytesAreReadAsValues) {
  const Composition lib = build_lib("stream_from_lib");
  const auto reopen = [&] { return *ValueStream::open(**lib.call(kLib, "open", {})); };
  std::optional<ValueStream> stream(reopen());
  std::array<std::uint8_t, 4> bytes;
  fail_each([&] { return stream->read_bytes(bytes).wait(10s); }, {.clean = [&] {
              drain(*stream);
              stream = reopen();
            }});
  drain(*stream);
}

TEST_F(StreamsInCpp, AreReadAsValues) {
  for (const char* const test_case :
       {"stream_of_strings", "stream_of_records", "stream_of_lists"}) {
    SCOPED_TRACE(test_case);
    const Composition lib = build_lib(test_case);
    const auto open = [&] { return **lib.call(kLib, "open", {}); };
    std::optional<ValueStream> stream;
    std::optional<Value> value(open());
    fail_each(
        [&]() -> Result<void> {
          Result<ValueStream> opened = ValueStream::open(*value);
          if (!opened) return std::move(opened).error();
          stream = *std::move(opened);
          return {};
        },
        {.clean = [&] {
          if (!stream) stream = *ValueStream::open(*value);
          drain(*stream);
          stream.reset();
          value = open();
        }});
    stream = *ValueStream::open(*value);
    fail_each([&] { return stream->read(1).wait(10s); }, {.clean = [&] {
                drain(*stream);
                stream = *ValueStream::open(open());
              }});
  }
}

TEST_F(StreamsInCpp, AreFutures) {
  fail_each([] { (void)make_future<std::string>(); });
}

// `open` returns a future, and writes its value, which nobody has to read.
constexpr const char* kFuture = R"((component
  (type $future (future string))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "\00\02\00\00\12\00\00\00")
    (data (i32.const 512) "the text of future"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon future.new $future))
  (core func $write (canon future.write $future (memory $memory)))
  (core func $drop (canon future.drop-writable $future))
  (core func $return (canon task.return (result $future)))
  (core module $code
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "open")
      (local $ends i64)
      (local $writer i32)
      (local.set $ends (call $new))
      (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (drop (call $write (local.get $writer) (i32.const 64)))
      (call $drop (local.get $writer))))
  (core instance $core (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "write" (func $write))
    (export "drop" (func $drop)) (export "return" (func $return))))))
  (func $open async (result $future) (canon lift (core func $core "open") async))
  (instance $lib (export "open" (func $open)))
  (export "x:y/lib" (instance $lib))))";

TEST_F(StreamsInCpp, AreFuturesOfGuests) {
  CompositionBuilder builder;
  builder.add_component("lib", assemble(kFuture));
  const Composition lib = build_again(builder);
  const auto open = lib.function<Future<std::string>()>(kLib, "open");
  ASSERT_TRUE(open) << open.error().front().message;
  std::optional<Future<std::string>> future;
  const auto reopen = [&] {
    CallResult<Future<std::string>> opened = (*open)();
    ASSERT_TRUE(opened) << opened.error().message;
    future = *std::move(opened);
  };
  reopen();
  fail_each([&] { return future->read().wait(2s); }, {.clean = reopen});
}

// `take` reads a future.
constexpr const char* kTaker = R"((component
  (type $future (future string))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $read (canon future.read $future (memory $memory) (realloc $realloc)))
  (core func $drop (canon future.drop-readable $future))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32 i32)))
    (func (export "take") (param $future i32)
      (drop (call $read (local.get $future) (i32.const 64)))
      (call $drop (local.get $future))
      (call $return (i32.load (i32.const 64)) (i32.load (i32.const 68)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "read" (func $read))
    (export "drop" (func $drop)) (export "return" (func $return))))))
  (func $take async (param "future" $future) (result string)
    (canon lift (core func $core "take") async (memory $memory)))
  (instance $lib (export "take" (func $take)))
  (export "x:y/lib" (instance $lib))))";

TEST_F(StreamsInCpp, AreFuturesForGuests) {
  CompositionBuilder builder;
  builder.add_component("lib", assemble(kTaker));
  const Composition lib = build_again(builder);
  const auto take = lib.function<std::string(Future<std::string>)>(kLib, "take");
  ASSERT_TRUE(take) << take.error().front().message;
  const std::string text = "a text that is longer than a short string";
  std::optional<FutureWriter<std::string>> writer;
  std::optional<Task<CallResult<std::string>>> call;
  const auto start = [&] {
    auto [to, from] = make_future<std::string>();
    writer = std::move(to);
    call.emplace(take->start(std::move(from)));
  };
  const auto restart = [&] {
    writer.reset();
    if (call) {
      EXPECT_TRUE(call->wait(10s)) << "the call did not end";
    }
    start();
  };
  start();
  fail_each([&] { return writer->write(text).wait(10s); }, {.clean = restart});
  // One that has no memory can be made again.
  std::optional<Task<CallResult<bool>>> write;
  fail_each([&] { write.emplace(writer->write(text)); }, {.clean = [&] {
              if (!write) {
                write.emplace(writer->write(text));
                const auto taken = call->wait(10s);
                ASSERT_TRUE(taken && *taken) << "the future was lost";
                EXPECT_EQ(**taken, text);
                call.reset();
              }
              write.reset();
              restart();
            }});
}

TEST_F(StreamsInCpp, HaveNoPayload) {
  Composition futures = build_lib("future_without_payload");
  const auto after = futures.function<Future<void>(Future<void>)>(kLib, "after");
  ASSERT_TRUE(after) << after.error().front().message;
  std::optional<FutureWriter<void>> signal;
  std::optional<Future<void>> signalled;
  const auto start = [&] {
    // The guest traps if the last ones were not written and read.
    signal.reset();
    signalled.reset();
    futures.poll();
    auto [to, from] = make_future<void>();
    signal = std::move(to);
    CallResult<Future<void>> called = (*after)(std::move(from));
    ASSERT_TRUE(called) << called.error().message;
    signalled = *std::move(called);
  };
  start();
  fail_each([&] { return signal->write().wait(10s); }, {.clean = start});
  fail_each(
      [&] {
        (void)signal->write().wait(10s);
        return signalled->read().wait(10s);
      },
      {.clean = start});
}

TEST_F(StreamsInCpp, AreWritten) {
  const Composition lib = build_lib("stream_to_lib");
  const auto shout = lib.function<std::string(Stream<std::uint8_t>)>(kLib, "shout");
  ASSERT_TRUE(shout) << shout.error().front().message;
  const std::vector<std::uint8_t> bytes(40, 'x');
  fail_each([] { (void)make_stream<std::uint8_t>(); });
  using Started = Task<CallResult<std::string>>;
  std::optional<StreamWriter<std::uint8_t>> writer;
  std::optional<Started> call;
  const auto start = [&] {
    auto [to, from] = make_stream<std::uint8_t>();
    writer = std::move(to);
    call.emplace(shout->start(std::move(from)));
  };
  const auto ends = [&] {
    if (writer) writer->close();
    if (call) {
      const auto text = call->wait(10s);
      EXPECT_TRUE(text) << "the call did not end";
    }
    writer.reset();
    call.reset();
  };
  fail_each(start, {.clean = ends});
  start();
  fail_each([&] { return writer->write(bytes).wait(10s); }, {.clean = [&] {
              ends();
              start();
            }});
  fail_each([&] { return writer->write('x').wait(10s); }, {.clean = [&] {
              ends();
              start();
            }});
  fail_each([&] { writer->close(); }, {.clean = [&] {
              ends();
              start();
            }});
  ends();
}

TEST_F(StreamsInCpp, AreWrittenAsValues) {
  const Composition lib = build_lib("stream_to_lib");
  const Result<Function> shout = lib.find_function(kLib, "shout");
  ASSERT_TRUE(shout);
  const Type type = shout->type().params()[0].type;
  fail_each([&] { (void)ValueStreamWriter::make(type); });
  const std::vector<std::uint8_t> bytes(40, 'x');
  std::optional<ValueStreamWriter> writer;
  std::optional<Task<CallResult<std::optional<Value>>>> call;
  const auto start = [&] {
    auto [to, from] = ValueStreamWriter::make(type);
    writer = std::move(to);
    call.emplace(shout->start(std::vector{std::move(from)}));
  };
  const auto restart = [&] {
    writer->close();
    const auto text = call->wait(10s);
    EXPECT_TRUE(text) << "the call did not end";
    start();
  };
  start();
  fail_each([&] { return writer->write_bytes(bytes).wait(10s); }, {.clean = restart});
  fail_each([&] { return writer->write(Value::u8(7)).wait(10s); }, {.clean = restart});
  writer->close();
}

// Both ends are guests, which are polled in turns of their domains.
TEST(StreamsOfGuests, PassFromDomainToDomain) {
  for (const char* const test_case : {"stream_from_lib", "stream_of_strings",
                                      "stream_of_a_megabyte", "zero_length_read_of_strings"}) {
    SCOPED_TRACE(test_case);
    const std::string folder = std::string(TENON_SOURCE_DIR "/tests/golden/async/") + test_case;
    CompositionBuilder builder;
    builder.add_component("app", folder + "/app.wat").add_component("lib", folder + "/lib.wat");
    builder.isolate_all();
    const Composition composition = build_again(builder);
    const Result<Function> f = composition.find_function("", "f");
    ASSERT_TRUE(f) << f.error().front().message;
    fail_each([&] { return f->call({}); });
  }
}

TEST(BuffersInCpp, AreWritten) {
  const std::vector<std::uint8_t> bytes(100, 7);
  auto buffer = std::make_shared<Buffer>();
  fail_each([&] { (void)buffer->write(bytes); }, {.clean = [&] {
              // All of the bytes, or none.
              EXPECT_EQ(buffer->size() % bytes.size(), 0U);
              buffer = std::make_shared<Buffer>();
            }});
  fail_each([&] { return make_value(buffer); });
  const Value value = make_value(buffer);
  fail_each([&] { (void)buffer_of(value); });
}

}  // namespace
}  // namespace tenon::memory_test::streams_test
