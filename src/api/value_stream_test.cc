// Streams and futures that the program reads and writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/stream.h"

namespace tenon::value_stream_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Started = Task<CallResult<std::optional<Value>>>;

std::vector<std::uint8_t> assemble(const std::string& text) {
  return *engine::wat_to_wasm("unit.wat", text);
}

// A provider of the golden cases.
std::vector<std::uint8_t> lib_of(const std::string& test_case) {
  std::ifstream file(std::string(TENON_SOURCE_DIR) + "/tests/golden/async/" + test_case +
                     "/lib.wat");
  return assemble({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

Composition build(const std::vector<std::uint8_t>& component) {
  CompositionBuilder builder;
  builder.add_component("lib", component);
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

Value call(const Composition& composition, const char* function) {
  return **composition.call("x:y/lib", function, {});
}

std::vector<std::string> print(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(print_wave(value));
  return texts;
}

// All items of a stream, in reads of two.
std::vector<std::string> read_all(ValueStream& stream) {
  std::vector<std::string> all;
  while (true) {
    auto items = stream.read(2).wait();
    if (!items || !*items || (*items)->empty()) return all;
    std::ranges::move(print(**items), std::back_inserter(all));
  }
}

TEST(ValueStreams, StringsAreRead) {
  const Composition composition = build(lib_of("stream_of_strings"));
  Result<ValueStream> stream = ValueStream::open(call(composition, "open"));
  ASSERT_TRUE(stream) << stream.error().front().message;
  EXPECT_FALSE(stream->is_future());
  EXPECT_FALSE(stream->has_bytes());
  EXPECT_THAT(read_all(*stream), ElementsAre("\"grün\"", "\"\"", "\"thread\""));
}

TEST(ValueStreams, RecordsVariantsAndListsAreRead) {
  for (const char* const test_case :
       {"stream_of_records", "stream_of_variants", "stream_of_lists", "stream_of_tuples"}) {
    const Composition composition = build(lib_of(test_case));
    Result<ValueStream> stream = ValueStream::open(call(composition, "open"));
    ASSERT_TRUE(stream) << test_case;
    EXPECT_GT(read_all(*stream).size(), 1U) << test_case;
  }
}

TEST(ValueStreams, AFutureHasOneValue) {
  const Composition composition = build(lib_of("future_of_string"));
  Result<ValueStream> future = ValueStream::open(call(composition, "open"));
  ASSERT_TRUE(future);
  EXPECT_TRUE(future->is_future());
  const auto value = future->read(1).wait();
  ASSERT_TRUE(value && *value);
  EXPECT_THAT(print(**value), ElementsAre("\"the text of future\""));
}

TEST(ValueStreams, AStreamCanBeOpenedOnce) {
  const Composition composition = build(lib_of("stream_of_strings"));
  const Value value = call(composition, "open");
  EXPECT_TRUE(ValueStream::open(value));
  const Result<ValueStream> again = ValueStream::open(value);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().front().code, "value-handle");
  EXPECT_THAT(again.error().front().message, HasSubstr("was read, dropped or passed before"));
  EXPECT_FALSE(ValueStream::open(Value::u8(1)));
}

TEST(ValueStreams, BytesAreWrittenInPieces) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, bytes] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started task = shout->start(std::vector{bytes});
  EXPECT_FALSE(task.is_done());
  for (const std::string piece : {"ab", "cd"}) {
    const std::vector<std::uint8_t> data(piece.begin(), piece.end());
    const auto written = writer.write_bytes(data).wait();
    ASSERT_TRUE(written && *written);
    EXPECT_TRUE(**written);
  }
  writer.close();
  const auto result = task.wait();
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(print_wave(***result), "\"abcd!\"");
}

TEST(ValueStreams, AWriterWhoseStreamIsDroppedLearnsOfIt) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Type type = composition.find_function("x:y/lib", "shout")->type().params()[0].type;
  auto made = ValueStreamWriter::make(type);
  made.second = Value::none();
  const std::vector<std::uint8_t> data = {1};
  const auto written = made.first.write_bytes(data).wait();
  ASSERT_TRUE(written && *written);
  EXPECT_FALSE(**written);
}

TEST(ValueStreams, AReadableEndIsPassedOnce) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, bytes] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started first = shout->start(std::vector{bytes});
  const CallResult<std::optional<Value>> second = shout->call(std::vector{bytes});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, CallFailure::Kind::BadCall);
  EXPECT_THAT(second.error().message, HasSubstr("was passed before"));
  writer.close();
  EXPECT_EQ(print_wave(***first.wait()), "\"!\"");
}

// A stream of one function is the argument of another one.
TEST(ValueStreams, AStreamOfAGuestIsPassedOn) {
  CompositionBuilder builder;
  builder.add_component("lib", lib_of("stream_from_lib"), {.reachable = Reachable::Yes});
  builder.add_component("shout", lib_of("stream_to_lib"), {.reachable = Reachable::Yes});
  builder.isolate_all();
  builder.set_root("lib");
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const CallResult<std::optional<Value>> stream =
      composition->unit("lib")->call("x:y/lib", "open", {});
  ASSERT_TRUE(stream) << stream.error().message;
  const CallResult<std::optional<Value>> text =
      composition->unit("shout")->call("x:y/lib", "shout", std::vector{**stream});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(print_wave(**text), HasSubstr("!"));
}

TEST(ValueStreams, BadItemsAreRefusedAndTheStreamGoesOn) {
  const Composition composition = build(lib_of("stream_to_lib"));
  const Result<Function> shout = composition.find_function("x:y/lib", "shout");
  auto [writer, stream] = ValueStreamWriter::make(shout->type().params()[0].type);
  Started task = shout->start(std::vector{stream});
  const auto refused = writer.write(Value::string("a")).wait();
  ASSERT_TRUE(refused);
  ASSERT_FALSE(*refused);
  EXPECT_EQ(refused->error().kind, CallFailure::Kind::BadCall);
  EXPECT_FALSE(refused->error().problems.empty());
  const auto written = writer.write(Value::u8('a')).wait();
  ASSERT_TRUE(written && *written);
  writer.close();
  EXPECT_EQ(print_wave(***task.wait()), "\"a!\"");
}

TEST(ValueStreams, AStreamCanOutliveItsComposition) {
  std::optional<ValueStream> stream;
  std::optional<ValueStreamWriter> writer;
  {
    const Composition composition = build(lib_of("stream_of_strings"));
    stream.emplace(*ValueStream::open(call(composition, "open")));
    const Composition other = build(lib_of("stream_to_lib"));
    const Result<Function> shout = other.find_function("x:y/lib", "shout");
    auto made = ValueStreamWriter::make(shout->type().params()[0].type);
    writer.emplace(std::move(made.first));
    Started task = shout->start(std::vector{made.second});
  }
  const auto items = stream->read(1).wait();
  ASSERT_TRUE(items);
  ASSERT_FALSE(*items);
  EXPECT_EQ(items->error().kind, CallFailure::Kind::Ended);
  const std::vector<std::uint8_t> data = {1};
  const auto written = writer->write_bytes(data).wait();
  ASSERT_TRUE(written && *written);
  EXPECT_FALSE(**written);
}

TEST(ValueStreams, ARecordOfAStreamIsReadInACoroutine) {
  const Composition composition = build(lib_of("stream_of_strings"));
  const auto count = [](ValueStream stream) -> Task<std::size_t> {
    std::size_t sum = 0;
    while (true) {
      const CallResult<std::vector<Value>> items = co_await stream.read(1);
      if (!items || items->empty()) co_return sum;
      sum += items->size();
    }
  };
  Task<std::size_t> task = count(*ValueStream::open(call(composition, "open")));
  EXPECT_EQ(*task.wait(), 3U);
}

// A future with a future in its value: the guest reads the first one, and writes the value to another.
constexpr const char* kFutureLib = R"((component
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2048)))
  (core instance $m (instantiate $libc))
  (type $nothing (future))
  (type $outcome (result $nothing (error s64)))
  (type $inner (future (list $outcome)))
  (type $item (record (field "text" string) (field "held" $inner)))
  (type $outer (future $item))
  (core func $return (canon task.return (result $outer)))
  (core func $new (canon future.new $outer))
  (core func $read (canon future.read $outer (memory $m "memory") (realloc (func $m "realloc"))))
  (core func $write (canon future.write $outer (memory $m "memory")))
  (core func $drop-writable (canon future.drop-writable $outer))
  (core module $code
    (import "" "return" (func $return (param i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (func (export "copy") (param $from i32)
      (local $ends i64) (local $to i32)
      (local.set $ends (call $new))
      (local.set $to (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (drop (call $read (local.get $from) (i32.const 1024)))
      (drop (call $write (local.get $to) (i32.const 1024)))
      (call $drop-writable (local.get $to))))
  (core instance $core (instantiate $code (with "" (instance
    (export "return" (func $return)) (export "new" (func $new)) (export "read" (func $read))
    (export "write" (func $write)) (export "drop-writable" (func $drop-writable))))))
  (func $copy async (param "from" $outer) (result $outer) (canon lift (core func $core "copy") async))
  (component $names
    (type $d-nothing (future)) (import "in-nothing" (type $u-nothing (eq $d-nothing)))
    (type $d-outcome (result $u-nothing (error s64))) (import "in-outcome" (type $u-outcome (eq $d-outcome)))
    (type $d-inner (future (list $u-outcome))) (import "in-inner" (type $u-inner (eq $d-inner)))
    (type $d-item (record (field "text" string) (field "held" $u-inner)))
    (import "in-item" (type $u-item (eq $d-item)))
    (import "in-copy" (func $copy async (param "from" (future $u-item)) (result (future $u-item))))
    (type $e-nothing (future)) (export $nothing "nothing" (type $e-nothing))
    (type $e-outcome (result $nothing (error s64))) (export $outcome "outcome" (type $e-outcome))
    (type $e-inner (future (list $outcome))) (export $inner "inner" (type $e-inner))
    (type $e-item (record (field "text" string) (field "held" $inner))) (export $item "item" (type $e-item))
    (export "copy" (func $copy) (func async (param "from" (future $item)) (result (future $item)))))
  (instance $lib (instantiate $names (with "in-nothing" (type $nothing)) (with "in-outcome" (type $outcome))
    (with "in-inner" (type $inner)) (with "in-item" (type $item)) (with "in-copy" (func $copy))))
  (export "x:y/lib" (instance $lib))))";

// Passes it on, with names of its own for the types.
constexpr const char* kFutureApp = R"((component
  (import "x:y/lib" (instance $lib
    (type $d-nothing (future)) (export "nothing" (type $nothing (eq $d-nothing)))
    (type $d-outcome (result $nothing (error s64))) (export "outcome" (type $outcome (eq $d-outcome)))
    (type $d-inner (future (list $outcome))) (export "inner" (type $inner (eq $d-inner)))
    (type $d-item (record (field "text" string) (field "held" $inner))) (export "item" (type $item (eq $d-item)))
    (export "copy" (func async (param "from" (future $item)) (result (future $item))))))
  (core func $copy (canon lower (func $lib "copy")))
  (core module $code
    (import "" "copy" (func $copy (param i32) (result i32)))
    (func (export "copy") (param i32) (result i32) (call $copy (local.get 0))))
  (core instance $core (instantiate $code (with "" (instance (export "copy" (func $copy))))))
  (type $nothing (future)) (export $x-nothing "nothing" (type $nothing))
  (type $outcome (result $x-nothing (error s64))) (export $x-outcome "outcome" (type $outcome))
  (type $inner (future (list $x-outcome))) (export $x-inner "inner" (type $inner))
  (type $item (record (field "text" string) (field "held" $x-inner))) (export $x-item "item" (type $item))
  (func (export "copy") async (param "from" (future $x-item)) (result (future $x-item))
    (canon lift (core func $core "copy")))))";

// Each function has kinds of its own for the streams that it passes. The value goes past the guest of the
// app, so what the other one gets is of the kind that the app's function has.
TEST(ValueStreams, AFutureInTheValueOfAFutureIsPassedOn) {
  CompositionBuilder builder;
  builder.add_component("app", assemble(kFutureApp));
  builder.add_component("lib", assemble(kFutureLib));
  builder.isolate_all();
  builder.set_root("app");
  Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  const Result<Function> copy = composition->find_function("", "copy");
  ASSERT_TRUE(copy) << copy.error().front().message;
  const Type outer = copy->type().params()[0].type;
  auto [inner_writer, inner] = ValueStreamWriter::make(outer.element()->fields()[1].type);
  auto [writer, future] = ValueStreamWriter::make(outer);
  auto writing = writer.write(Value::record({{"text", Value::string("a")}, {"held", inner}}));
  auto writing_inner = inner_writer.write(Value::list({}));
  const auto answer = copy->start(std::vector{future}).wait();
  ASSERT_TRUE(answer && *answer);
  Result<ValueStream> copied = ValueStream::open(***answer);
  ASSERT_TRUE(copied) << copied.error().front().message;
  const auto value = copied->read(1).wait();
  ASSERT_TRUE(value && *value) << (value ? value->error().message : "it does not end");
  Result<ValueStream> held =
      ValueStream::open(*(*value)->front().get_if<ValueRecord>()->find("held"));
  ASSERT_TRUE(held) << held.error().front().message;
  const auto held_value = held->read(1).wait();
  ASSERT_TRUE(held_value && *held_value) << (held_value ? held_value->error().message : "no end");
  EXPECT_THAT(print(**held_value), ElementsAre("[]"));
}

}  // namespace
}  // namespace tenon::value_stream_test
