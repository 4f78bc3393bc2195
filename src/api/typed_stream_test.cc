// Streams and futures that the program reads and writes with C++ types.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"
#include "tenon/record.h"
#include "tenon/stream.h"
#include "tests/support/sanitizers.h"
#include "tests/support/test_scale.h"

namespace acme::streams {

struct Mark {
  std::uint8_t a = 0;
  std::uint32_t b = 0;
  std::uint64_t c = 0;
  std::uint16_t d = 0;

  bool operator==(const Mark&) const = default;
};
TENON_RECORD(Mark, a, b, c, d)

struct Point {
  float x = 0;
  float y = 0;

  bool operator==(const Point&) const = default;
};
TENON_RECORD(Point, x, y)

enum class Colour { Red, Green = 7 };
TENON_ENUM(Colour, Red, Green)

}  // namespace acme::streams

namespace tenon::typed_stream_test {
namespace {

using namespace std::chrono_literals;
using acme::streams::Colour;
using acme::streams::Mark;
using acme::streams::Point;
using testing::ElementsAre;
using testing::HasSubstr;

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), to);
  return text;
}

// `relay` copies a stream item by item through its memory, `echo` returns the stream itself, `count`
// reads it to its end, `take` reads once at most `most` items and drops the stream, and `defer` copies
// the value of a future. %T defines the type `item`, and %S is `$item`, or nothing without payload.
constexpr const char* kGuest = R"((component
  %T
  (type $items (stream %S))
  (type $value (future %S))
  (core module $libc
    (memory (export "memory") 8)
    ;; Strings of one read, from 256 KiB on.
    (global $next (export "next") (mut i32) (i32.const 262144))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $new (canon stream.new $items))
  (core func $read (canon stream.read $items (memory $memory) (realloc $realloc)))
  (core func $write (canon stream.write $items (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core func $drop-writable (canon stream.drop-writable $items))
  (core func $new-value (canon future.new $value))
  (core func $read-value (canon future.read $value (memory $memory) (realloc $realloc)))
  (core func $write-value (canon future.write $value (memory $memory)))
  (core func $drop-value (canon future.drop-readable $value))
  (core func $drop-promise (canon future.drop-writable $value))
  (core func $return (canon task.return (result $items)))
  (core func $return-value (canon task.return (result $value)))
  (core func $return-count (canon task.return (result u32)))
  (core module $code
    (import "libc" "next" (global $next (mut i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "new-value" (func $new-value (result i64)))
    (import "" "read-value" (func $read-value (param i32 i32) (result i32)))
    (import "" "write-value" (func $write-value (param i32 i32) (result i32)))
    (import "" "drop-value" (func $drop-value (param i32)))
    (import "" "drop-promise" (func $drop-promise (param i32)))
    (import "" "return" (func $return (param i32)))
    (import "" "return-value" (func $return-value (param i32)))
    (import "" "return-count" (func $return-count (param i32)))
    (func (export "relay") (param $from i32)
      (local $ends i64) (local $to i32) (local $read i32) (local $count i32) (local $at i32)
      (local $done i32)
      (local.set $ends (call $new))
      (local.set $to (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (block $end (loop $again
        (global.set $next (i32.const 262144))
        (local.set $read (call $read (local.get $from) (i32.const 0) (i32.const %N)))
        (local.set $count (i32.shr_u (local.get $read) (i32.const 4)))
        (local.set $at (i32.const 0))
        (loop $more
          (if (local.get $count) (then
            (local.set $done (call $write (local.get $to) (local.get $at) (local.get $count)))
            ;; Nobody reads any more.
            (br_if $end (i32.eq (i32.and (local.get $done) (i32.const 15)) (i32.const 1)))
            (local.set $done (i32.shr_u (local.get $done) (i32.const 4)))
            (local.set $count (i32.sub (local.get $count) (local.get $done)))
            (local.set $at (i32.add (local.get $at) (i32.mul (local.get $done) (i32.const %B))))
            (br $more))))
        (br_if $again (i32.eqz (i32.and (local.get $read) (i32.const 15))))))
      (call $drop-readable (local.get $from))
      (call $drop-writable (local.get $to)))
    (func (export "echo") (param i32) (call $return (local.get 0)))
    (func (export "count") (param $from i32)
      (local $read i32) (local $count i32)
      (loop $again
        (global.set $next (i32.const 262144))
        (local.set $read (call $read (local.get $from) (i32.const 0) (i32.const %N)))
        (local.set $count (i32.add (local.get $count) (i32.shr_u (local.get $read) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $read) (i32.const 15)))))
      (call $drop-readable (local.get $from))
      (call $return-count (local.get $count)))
    (func (export "take") (param $from i32) (param $most i32)
      (local $count i32)
      (if (local.get $most) (then
        (local.set $count (i32.shr_u (call $read (local.get $from) (i32.const 0) (local.get $most))
          (i32.const 4)))))
      (call $drop-readable (local.get $from))
      (call $return-count (local.get $count)))
    (func (export "defer") (param $from i32)
      (local $ends i64) (local $to i32)
      (local.set $ends (call $new-value))
      (local.set $to (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (call $return-value (i32.wrap_i64 (local.get $ends)))
      (global.set $next (i32.const 262144))
      (drop (call $read-value (local.get $from) (i32.const 0)))
      (call $drop-value (local.get $from))
      (drop (call $write-value (local.get $to) (i32.const 0)))
      (call $drop-promise (local.get $to))))
  (core instance $core (instantiate $code (with "libc" (instance $libc)) (with "" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))
    (export "new-value" (func $new-value)) (export "read-value" (func $read-value))
    (export "write-value" (func $write-value)) (export "drop-value" (func $drop-value))
    (export "drop-promise" (func $drop-promise)) (export "return" (func $return))
    (export "return-value" (func $return-value)) (export "return-count" (func $return-count))))))
  (func (export "relay") async (param "from" $items) (result $items)
    (canon lift (core func $core "relay") async))
  (func (export "echo") async (param "from" $items) (result $items)
    (canon lift (core func $core "echo") async))
  (func (export "count") async (param "from" $items) (result u32)
    (canon lift (core func $core "count") async))
  (func (export "take") async (param "from" $items) (param "most" u32) (result u32)
    (canon lift (core func $core "take") async))
  (func (export "defer") async (param "from" $value) (result $value)
    (canon lift (core func $core "defer") async))
  %X))";

struct Items {
  const char* definition;    // of `item`; empty: no payload
  std::size_t size = 0;      // of an item in the guest's memory
  const char* batch = "16";  // items of a read of the guest
  const char* others = "";   // exports
};

std::vector<std::uint8_t> assemble(const std::string& text) {
  auto bytes = engine::wat_to_wasm("unit.wat", text);
  EXPECT_TRUE(bytes) << bytes.error().front().message;
  return *std::move(bytes);
}

std::vector<std::uint8_t> guest_of(const Items& items) {
  std::string text = replace_all(kGuest, "%T", items.definition);
  text = replace_all(std::move(text), "%S", *items.definition == '\0' ? "" : "$item");
  text = replace_all(std::move(text), "%X", items.others);
  text = replace_all(std::move(text), "%B", std::to_string(items.size));
  return assemble(replace_all(std::move(text), "%N", items.batch));
}

constexpr Items kNumbers = {"(type $item u32)", 4};
constexpr Items kLargeNumbers = {"(type $item u32)", 4, "65536"};
constexpr Items kStrings = {"(type $item string)", 8};

Composition build(const Items& items, CompositionBuilder builder = {}) {
  builder.add_component("guest", guest_of(items));
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

template <class F>
TypedFunction<F> find(const Composition& composition, const char* name) {
  auto function = composition.function<F>("", name);
  EXPECT_TRUE(function) << function.error().front().message;
  return *std::move(function);
}

// The result of a blocking operation.
template <class T>
T finish(Task<CallResult<T>> task) {
  std::optional<CallResult<T>> outcome = task.wait(10s);
  EXPECT_TRUE(outcome) << "the operation did not end";
  if (!outcome) std::abort();
  EXPECT_TRUE(*outcome) << outcome->error().message;
  if (!*outcome) std::abort();
  if constexpr (!std::is_void_v<T>) return std::move(**outcome);
}

template <class T>
Task<std::size_t> write_all(StreamWriter<T> writer, std::vector<T> items) {
  const CallResult<bool> written = co_await writer.write(items);
  EXPECT_TRUE(written && *written);
  writer.close();
  co_return items.size();
}

// Reads to the end, at most `most` items at a time.
template <class T>
Task<std::vector<T>> read_all(Stream<T> stream, std::size_t most) {
  std::vector<T> all;
  std::vector<T> batch(most);
  while (true) {
    const CallResult<std::size_t> count = co_await stream.read(batch);
    EXPECT_TRUE(count) << count.error().message;
    if (!count || *count == 0) co_return all;
    for (std::size_t i = 0; i < *count; ++i) all.push_back(std::move(batch[i]));
  }
}

// Reads the items that a copying guest returns.
template <class T>
std::vector<T> relay(const Items& items, std::vector<T> values, std::size_t most = 5) {
  const Composition composition = build(items);
  const auto function = find<Stream<T>(Stream<T>)>(composition, "relay");
  auto [writer, stream] = make_stream<T>();
  Task<CallResult<Stream<T>>> call = function.start(std::move(stream));
  Task<std::size_t> writing = write_all(std::move(writer), std::move(values));
  std::optional<std::vector<T>> all = read_all(finish(std::move(call)), most).wait(10s);
  EXPECT_TRUE(all);
  EXPECT_TRUE(writing.wait(10s));
  return *all;
}

TEST(TypedStreams, NumbersPassBothWays) {
  std::vector<std::uint32_t> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 7U);
  EXPECT_EQ(relay(kNumbers, numbers), numbers);
  EXPECT_EQ(relay(kNumbers, numbers, 1), numbers);
  EXPECT_EQ(relay(kNumbers, numbers, 5000), numbers);
}

// Writes and reads above the size from which items are copied without a buffer.
TEST(TypedStreams, LargeBatchesPassBothWays) {
  std::vector<std::uint32_t> numbers(300'000);
  std::iota(numbers.begin(), numbers.end(), 0U);
  EXPECT_EQ(relay(kLargeNumbers, numbers, 100'000), numbers);
}

TEST(TypedStreams, EveryKindOfItemPasses) {
  const std::vector<double> doubles = {0.5, -1e300};
  EXPECT_EQ(relay({"(type $item f64)", 8}, doubles), doubles);
  const std::vector<Point> points = {{1, 2}, {3, 4.5}};
  EXPECT_EQ(relay({"(type $def (record (field \"x\" f32) (field \"y\" f32)))"
                   "(export $item \"point\" (type $def))",
                   8},
                  points),
            points);
  // Its bytes are not the same in C++: there is padding.
  const std::vector<Mark> marks = {{1, 2, 3, 4}, {0xFF, 0xFFFFFFFF, ~0ULL, 0xFFFF}, {}};
  EXPECT_EQ(relay({"(type $def (record (field \"a\" u8) (field \"b\" u32) (field \"c\" u64)"
                   " (field \"d\" u16))) (export $item \"mark\" (type $def))",
                   24},
                  marks),
            marks);
  const std::vector<Colour> colours = {Colour::Green, Colour::Red, Colour::Green};
  EXPECT_EQ(relay({"(type $def (enum \"red\" \"green\")) (export $item \"colour\" (type $def))", 1},
                  colours),
            colours);
  const std::vector<std::optional<std::uint16_t>> options = {std::nullopt, 5, 6};
  EXPECT_EQ(relay({"(type $item (option u16))", 4}, options), options);
  std::vector<std::string> strings = {"grün", "", std::string(10'000, 'x')};
  EXPECT_EQ(relay(kStrings, strings), strings);
  strings.assign(500, "again");
  EXPECT_EQ(relay(kStrings, strings, 100), strings);
  const std::vector<std::vector<std::uint32_t>> lists = {{1, 2}, {}, {3}};
  EXPECT_EQ(relay({"(type $item (list u32))", 8}, lists), lists);
}

TEST(TypedStreams, WithoutPayloadItemsAreCounted) {
  const Composition composition = build({"", 0});
  const auto count = find<std::uint32_t(Stream<void>)>(composition, "count");
  auto [writer, stream] = make_stream<void>();
  Task<CallResult<std::uint32_t>> call = count.start(std::move(stream));
  EXPECT_TRUE(finish(writer.write(30)));
  EXPECT_TRUE(finish(writer.write(3)));
  writer.close();
  EXPECT_EQ(finish(std::move(call)), 33U);

  const auto relayed = find<Stream<void>(Stream<void>)>(composition, "relay");
  auto [more, items] = make_stream<void>();
  Task<CallResult<Stream<void>>> second = relayed.start(std::move(items));
  Task<CallResult<bool>> written = more.write(4);
  Stream<void> back = finish(std::move(second));
  EXPECT_EQ(finish(back.read(3)), 3U);
  EXPECT_EQ(finish(back.read(3)), 1U);
  EXPECT_TRUE(finish(std::move(written)));
  more.close();
  EXPECT_EQ(finish(back.read(3)), 0U);
}

TEST(TypedStreams, AStreamThatComesBackIsReadWithoutTheGuest) {
  const Composition composition = build(kStrings);
  const auto echo = find<Stream<std::string>(Stream<std::string>)>(composition, "echo");
  auto [writer, stream] = make_stream<std::string>();
  CallResult<Stream<std::string>> back = echo(std::move(stream));
  ASSERT_TRUE(back) << back.error().message;
  Task<std::size_t> writing = write_all(std::move(writer), std::vector<std::string>{"a", "b", "c"});
  const auto all = read_all(*std::move(back), 2).wait(10s);
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, ElementsAre("a", "b", "c"));
}

TEST(TypedStreams, AStreamIsPassedFromGuestToGuest) {
  const Composition composition = build(kNumbers);
  const auto relayed = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "relay");
  const auto count = find<std::uint32_t(Stream<std::uint32_t>)>(composition, "count");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Task<CallResult<Stream<std::uint32_t>>> first = relayed.start(std::move(stream));
  Task<CallResult<std::uint32_t>> second = count.start(finish(std::move(first)));
  Task<std::size_t> writing = write_all(std::move(writer), std::vector<std::uint32_t>(100));
  EXPECT_EQ(finish(std::move(second)), 100U);
}

TEST(TypedStreams, ViewsAreWritten) {
  const Composition composition = build(kStrings);
  const auto count = find<std::uint32_t(Stream<std::string_view>)>(composition, "count");
  auto [writer, stream] = make_stream<std::string_view>();
  Task<CallResult<std::uint32_t>> call = count.start(std::move(stream));
  const std::array<std::string_view, 2> lines = {"one", "two"};
  EXPECT_TRUE(finish(writer.write(lines)));
  EXPECT_TRUE(finish(writer.write("three")));
  writer.close();
  EXPECT_EQ(finish(std::move(call)), 3U);
}

TEST(TypedStreams, BooleansPass) {
  const Composition composition = build({"(type $item bool)", 1});
  const auto relayed = find<Stream<bool>(Stream<bool>)>(composition, "relay");
  auto [writer, stream] = make_stream<bool>();
  Task<CallResult<Stream<bool>>> call = relayed.start(std::move(stream));
  const std::array items = {true, false, true};
  EXPECT_TRUE(finish(writer.write(items)));
  Stream<bool> back = finish(std::move(call));
  std::array<bool, 3> read = {};
  EXPECT_EQ(finish(back.read(read)), 3U);
  EXPECT_EQ(read, items);
}

TEST(TypedStreams, AStreamOfStreamsPasses) {
  const Composition composition = build({"(type $item (stream u8))", 4});
  using Bytes = Stream<std::uint8_t>;
  const auto relayed = find<Stream<Bytes>(Stream<Bytes>)>(composition, "relay");
  auto [writer, streams] = make_stream<Bytes>();
  Task<CallResult<Stream<Bytes>>> call = relayed.start(std::move(streams));
  auto [inner_writer, bytes] = make_stream<std::uint8_t>();
  Task<CallResult<bool>> written = writer.write(std::move(bytes));
  Stream<Bytes> back = finish(std::move(call));
  std::array<Bytes, 2> read;
  EXPECT_EQ(finish(back.read(read)), 1U);
  EXPECT_TRUE(finish(std::move(written)));
  Task<std::size_t> writing =
      write_all(std::move(inner_writer), std::vector<std::uint8_t>{1, 2, 3});
  EXPECT_THAT(*read_all(std::move(read[0]), 2).wait(10s), ElementsAre(1, 2, 3));
}

TEST(TypedStreams, ResourcesOfGuestsPass) {
  const Composition composition =
      build({"(type $def (resource (rep i32))) (export $r \"r\" (type $def)) (type $item (own $r))",
             4, "16",
             R"((core func $make (canon resource.new $def))
          (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $make)))
          (core module $id (func (export "id") (param i32) (result i32) (local.get 0)))
          (core instance $id (instantiate $id))
          (func (export "rep") (param "of" (borrow $r)) (result u32)
            (canon lift (core func $id "id"))))"});
  const auto make = find<Resource(std::uint32_t)>(composition, "make");
  const auto rep = find<std::uint32_t(const Resource&)>(composition, "rep");
  const auto relayed = find<Stream<Resource>(Stream<Resource>)>(composition, "relay");
  auto [writer, stream] = make_stream<Resource>();
  Stream<Resource> back = finish(relayed.start(std::move(stream)));
  std::vector<Resource> given;
  for (const std::uint32_t number : {3U, 5U}) given.push_back(*make(number));
  Task<CallResult<bool>> written = writer.write(given);
  std::vector<Resource> read;
  read.push_back(*make(0));
  for (const std::uint32_t number : {3U, 5U}) {
    EXPECT_EQ(finish(back.read(read)), 1U);
    EXPECT_EQ(*rep(read[0]), number);
  }
  EXPECT_TRUE(finish(std::move(written)));
  // They were given away.
  const CallResult<std::uint32_t> gone = rep(given[0]);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().problems.front().code, "value-handle");
  const auto twice = writer.write(given).wait(10s);
  ASSERT_TRUE(twice && !*twice);
  EXPECT_EQ(twice->error().problems.front().code, "value-handle");
}

struct Bucket {
  int size = 0;
};

TEST(TypedStreams, ObjectsOfTheProgramPass) {
  HostResource<Bucket> bucket("acme:host/kv", "bucket");
  CompositionBuilder builder;
  builder.add_host_resource(bucket);
  const Composition composition =
      build({R"((import "acme:host/kv" (instance $kv (export "bucket" (type (sub resource)))))
                (alias export $kv "bucket" (type $bucket)) (type $item (own $bucket)))",
             4},
            std::move(builder));
  using Buckets = Stream<std::shared_ptr<Bucket>>;
  const auto relayed = find<Buckets(Buckets)>(composition, "relay");
  auto [writer, stream] = make_stream<std::shared_ptr<Bucket>>();
  Buckets back = finish(relayed.start(std::move(stream)));
  const auto given = std::make_shared<Bucket>(Bucket{7});
  Task<CallResult<bool>> written = writer.write(given);
  std::array<std::shared_ptr<Bucket>, 1> read;
  EXPECT_EQ(finish(back.read(read)), 1U);
  EXPECT_EQ(read[0], given);
  EXPECT_TRUE(finish(std::move(written)));
  EXPECT_FALSE(composition.function<Stream<Resource>(Stream<Resource>)>("", "relay"));
}

TEST(TypedStreams, AReaderThatIsDroppedEndsTheWriter) {
  const Composition composition = build(kNumbers);
  const auto take = find<std::uint32_t(Stream<std::uint32_t>, std::uint32_t)>(composition, "take");
  // Without a read, and after one.
  for (const std::uint32_t most : {0U, 3U}) {
    auto [writer, stream] = make_stream<std::uint32_t>();
    Task<CallResult<std::uint32_t>> call = take.start(std::move(stream), most);
    const std::vector<std::uint32_t> numbers(100'000);
    EXPECT_FALSE(finish(writer.write(numbers)));
    EXPECT_EQ(finish(std::move(call)), most);
    EXPECT_FALSE(finish(writer.write(1)));
  }
  // Before it was passed.
  auto made = make_stream<std::uint32_t>();
  made.second = {};
  EXPECT_FALSE(finish(made.first.write(1)));
}

TEST(TypedStreams, AStreamThatTheProgramDropsEndsItsGuest) {
  Composition composition = build(kNumbers);
  const auto relayed = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "relay");
  auto [writer, stream] = make_stream<std::uint32_t>();
  {
    Stream<std::uint32_t> back = finish(relayed.start(std::move(stream)));
    std::array<std::uint32_t, 2> read = {};
    Task<CallResult<std::size_t>> reading = back.read(read);
    EXPECT_TRUE(finish(writer.write(9)));
    EXPECT_EQ(finish(std::move(reading)), 1U);
    EXPECT_EQ(read[0], 9U);
  }
  // The guest has ended its loop, and dropped its own end.
  bool is_read = true;
  for (int i = 0; i < 3 && is_read; ++i) {
    is_read = finish(writer.write(1));
    composition.poll();
  }
  EXPECT_FALSE(is_read);
}

TEST(TypedStreams, ClosingEndsAWriteInProgress) {
  const Composition composition = build(kNumbers);
  const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> back = finish(echo.start(std::move(stream)));
  const std::vector<std::uint32_t> numbers(100'000);
  Task<CallResult<bool>> write = writer.write(numbers);
  EXPECT_FALSE(write.is_done());
  writer.close();
  EXPECT_FALSE(finish(std::move(write)));
  std::array<std::uint32_t, 2> read = {};
  EXPECT_EQ(finish(back.read(read)), 0U);
}

TEST(TypedStreams, ADestroyedReadTakesNothing) {
  const Composition composition = build(kNumbers);
  const auto relayed = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "relay");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> back = finish(relayed.start(std::move(stream)));
  {
    std::array<std::uint32_t, 2> unused = {};
    Task<CallResult<std::size_t>> dropped = back.read(unused);
    EXPECT_FALSE(dropped.wait(1ms));
  }
  EXPECT_TRUE(finish(writer.write(5)));
  std::array<std::uint32_t, 2> read = {};
  EXPECT_EQ(finish(back.read(read)), 1U);
  EXPECT_EQ(read[0], 5U);
}

TEST(TypedStreams, AStopEndsAnOperationAndTheNextOneGoesOn) {
  const Composition composition = build(kNumbers);
  const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> back = finish(echo.start(std::move(stream)));
  std::stop_source source;
  std::vector<std::uint32_t> read(100'000);
  Task<CallResult<std::size_t>> reading = back.read(read);
  reading.cancel_on(source.get_token());
  std::thread stopper([&] { source.request_stop(); });
  const std::optional<CallResult<std::size_t>> stopped = reading.wait(10s);
  stopper.join();
  ASSERT_TRUE(stopped);
  ASSERT_FALSE(*stopped);
  EXPECT_EQ(stopped->error().kind, CallFailure::Kind::Interrupted);

  const std::vector<std::uint32_t> numbers(100'000, 4);
  Task<CallResult<bool>> writing = writer.write(numbers);
  EXPECT_EQ(finish(back.read(std::span(read).first(10))), 10U);
  writing.cancel();
  const std::optional<CallResult<bool>> cancelled = writing.wait();
  ASSERT_TRUE(cancelled);
  ASSERT_FALSE(*cancelled);
  EXPECT_EQ(cancelled->error().kind, CallFailure::Kind::Interrupted);
  EXPECT_TRUE(finish(writer.write(6)));
  EXPECT_EQ(finish(back.read(read)), 1U);
  EXPECT_EQ(read[0], 6U);
}

TEST(TypedStreams, AnEndDoesOneOperationAtATime) {
  const Composition composition = build(kNumbers);
  const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> back = finish(echo.start(std::move(stream)));
  std::array<std::uint32_t, 2> read = {};
  Task<CallResult<std::size_t>> first = back.read(read);
  const std::optional<CallResult<std::size_t>> second = back.read(read).wait();
  ASSERT_TRUE(second);
  ASSERT_FALSE(*second);
  EXPECT_EQ(second->error().problems.front().code, "value-handle");
  EXPECT_TRUE(finish(writer.write(5)));
  EXPECT_EQ(finish(std::move(first)), 1U);
  EXPECT_EQ(finish(back.read({})), 0U);
}

TEST(TypedStreams, BadItemsAreRefusedAndTheStreamGoesOn) {
  const Composition composition = build(kStrings);
  const auto count = find<std::uint32_t(Stream<std::string>)>(composition, "count");
  auto [writer, stream] = make_stream<std::string>();
  Task<CallResult<std::uint32_t>> call = count.start(std::move(stream));
  const std::optional<CallResult<bool>> refused = writer.write("\xFF").wait(10s);
  ASSERT_TRUE(refused);
  ASSERT_FALSE(*refused);
  EXPECT_EQ(refused->error().kind, CallFailure::Kind::BadCall);
  EXPECT_EQ(refused->error().problems.front().code, "value-type");
  EXPECT_TRUE(finish(writer.write("good")));
  writer.close();
  EXPECT_EQ(finish(std::move(call)), 1U);

  const Composition enums =
      build({"(type $def (enum \"red\" \"green\")) (export $item \"colour\" (type $def))", 1});
  const auto colours = find<std::uint32_t(Stream<Colour>)>(enums, "count");
  auto [painter, paint] = make_stream<Colour>();
  Task<CallResult<std::uint32_t>> painted = colours.start(std::move(paint));
  const std::optional<CallResult<bool>> unknown = painter.write(static_cast<Colour>(3)).wait(10s);
  ASSERT_TRUE(unknown && !*unknown);
  EXPECT_EQ(unknown->error().problems.front().code, "value-label");
}

TEST(TypedStreams, AStreamIsPassedOrReadOnce) {
  const Composition composition = build(kNumbers);
  const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
  std::array<std::uint32_t, 2> read = {};
  // It was not passed to a guest, or is empty.
  auto [writer, unpassed] = make_stream<std::uint32_t>();
  const auto too_early = unpassed.read(read).wait();
  ASSERT_TRUE(too_early && !*too_early);
  EXPECT_EQ(too_early->error().problems.front().code, "value-handle");
  Stream<std::uint32_t> none;
  EXPECT_FALSE(*none.read(read).wait());
  EXPECT_FALSE(echo(Stream<std::uint32_t>()));
  // It was read.
  Stream<std::uint32_t> back = finish(echo.start(std::move(unpassed)));
  {
    Task<CallResult<std::size_t>> dropped = back.read(read);
  }
  const CallResult<Stream<std::uint32_t>> again = echo(std::move(back));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().problems.front().code, "value-handle");
}

TEST(TypedStreams, EndsCanOutliveTheirComposition) {
  std::optional<Stream<std::uint32_t>> stream;
  std::optional<Stream<std::uint32_t>> unread;
  std::optional<StreamWriter<std::uint32_t>> writer;
  std::optional<Task<CallResult<std::size_t>>> reading;
  std::optional<Task<CallResult<bool>>> writing;
  std::array<std::uint32_t, 2> read = {};
  const std::vector<std::uint32_t> numbers(100'000);
  {
    const Composition composition = build(kNumbers);
    const auto relayed = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "relay");
    const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
    auto made = make_stream<std::uint32_t>();
    stream.emplace(finish(relayed.start(std::move(made.second))));
    reading.emplace(stream->read(read));
    auto other = make_stream<std::uint32_t>();
    writer.emplace(std::move(other.first));
    unread.emplace(finish(echo.start(std::move(other.second))));
    writing.emplace(writer->write(numbers));
    EXPECT_FALSE(reading->is_done());
    EXPECT_FALSE(writing->is_done());
  }
  const auto ended = reading->wait();
  ASSERT_TRUE(ended && !*ended);
  EXPECT_EQ(ended->error().kind, CallFailure::Kind::Ended);
  EXPECT_FALSE(finish(*std::move(writing)));
  const auto later = stream->read(read).wait();
  ASSERT_TRUE(later && !*later);
  EXPECT_EQ(later->error().kind, CallFailure::Kind::Ended);
  EXPECT_FALSE(finish(writer->write(1)));
  const auto never = unread->read(read).wait();
  ASSERT_TRUE(never && !*never);
  EXPECT_THAT(never->error().message, HasSubstr("running composition"));
}

TEST(TypedStreams, AWriteThatWasReadEndsWithItsComposition) {
  auto [writer, stream] = make_stream<std::uint32_t>();
  const std::vector<std::uint32_t> numbers(100'000);
  std::vector<std::uint32_t> read(numbers.size());
  std::optional<Task<CallResult<bool>>> writing;
  {
    const Composition composition = build(kNumbers);
    const auto echo = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "echo");
    Stream<std::uint32_t> back = finish(echo.start(std::move(stream)));
    writing.emplace(writer.write(numbers));
    EXPECT_FALSE(writing->is_done());
    EXPECT_EQ(finish(back.read(read)), numbers.size());
    // The composition did not run since.
    EXPECT_FALSE(writing->is_done());
  }
  ASSERT_TRUE(writing->is_done());
  EXPECT_TRUE(finish(*std::move(writing)));
}

// The error of a function whose type does not match.
template <class F>
std::string mismatch(const Composition& composition, const char* name) {
  const auto function = composition.function<F>("", name);
  if (function) return "none";
  const Diagnostic& problem = function.error().front();
  EXPECT_EQ(problem.code, "type-signature");
  return problem.where.item + ": " + problem.message + "; " + problem.hints.at(0).text;
}

TEST(TypedStreams, OtherTypesAreFoundWhenTheFunctionIsLookedUp) {
  const Composition composition = build(kStrings);
  EXPECT_EQ(mismatch<std::uint32_t(Stream<std::uint8_t>)>(composition, "count"),
            "$.from.item: `std::uint8_t` in C++ does not fit `string`; use `std::string`");
  EXPECT_EQ(mismatch<std::uint32_t(Stream<void>)>(composition, "count"),
            "$.from: `tenon::Stream<void>` in C++ does not fit `stream<string>`; use "
            "`tenon::Stream<std::string>`");
  EXPECT_EQ(mismatch<std::uint32_t(Future<std::string>)>(composition, "count"),
            "$.from: `tenon::Future<std::string>` in C++ does not fit `stream<string>`; use "
            "`tenon::Stream<std::string>`");
  EXPECT_EQ(mismatch<std::uint32_t(std::vector<std::string>)>(composition, "count"),
            "$.from: `std::vector<std::string>` in C++ does not fit `stream<string>`; use "
            "`tenon::Stream<std::string>`");
  EXPECT_EQ(mismatch<Stream<std::string>(Future<std::string>)>(composition, "defer"),
            "$result: `tenon::Stream<std::string>` in C++ does not fit `future<string>`; use "
            "`tenon::Future<std::string>`");
}

TEST(TypedFutures, AValuePassesBothWays) {
  const Composition composition = build(kStrings);
  const auto defer = find<Future<std::string>(Future<std::string>)>(composition, "defer");
  auto [writer, future] = make_future<std::string>();
  Future<std::string> later = finish(defer.start(std::move(future)));
  Task<CallResult<std::string>> reading = later.read();
  EXPECT_FALSE(reading.is_done());
  Task<CallResult<bool>> writing = writer.write("the text");
  EXPECT_EQ(finish(std::move(reading)), "the text");
  EXPECT_TRUE(finish(std::move(writing)));
  const auto again = writer.write("more").wait();
  ASSERT_TRUE(again && !*again);
  EXPECT_EQ(again->error().problems.front().code, "value-handle");
}

TEST(TypedFutures, AFutureIsAwaited) {
  const Composition composition = build(kNumbers);
  const auto defer = find<Future<std::uint32_t>(Future<std::uint32_t>)>(composition, "defer");
  const auto ask = [&]() -> Task<std::uint32_t> {
    auto [writer, future] = make_future<std::uint32_t>();
    CallResult<Future<std::uint32_t>> later = co_await defer.start(std::move(future));
    // The task keeps the future open.
    std::move(writer).write(41).then([](const CallResult<bool>&) {});
    const CallResult<std::uint32_t> value = co_await *std::move(later);
    co_return *value + 1;
  };
  EXPECT_EQ(ask().wait(10s), 42U);
}

TEST(TypedFutures, AFutureWithoutPayloadHasAnEnd) {
  const Composition composition = build({"", 0});
  const auto defer = find<Future<void>(Future<void>)>(composition, "defer");
  auto [writer, future] = make_future<void>();
  Future<void> later = finish(defer.start(std::move(future)));
  Task<CallResult<bool>> writing = writer.write();
  finish(later.read());
  EXPECT_TRUE(finish(std::move(writing)));
}

TEST(TypedFutures, AFutureWithoutAValueFails) {
  const Composition composition = build(kNumbers);
  const auto defer = find<Future<std::uint32_t>(Future<std::uint32_t>)>(composition, "defer");
  std::optional<Future<std::uint32_t>> later;
  {
    auto [writer, future] = make_future<std::uint32_t>();
    later.emplace(finish(defer.start(std::move(future))));
  }
  const auto value = later->read().wait(10s);
  ASSERT_TRUE(value && !*value);
  EXPECT_EQ(value->error().kind, CallFailure::Kind::Ended);
}

// Calls functions of the program that take and return streams and futures.
constexpr const char* kClient = R"((component
  (type $items (stream u32))
  (type $value (future string))
  (import "acme:host/numbers" (instance $host
    (export "twice" (func async (param "of" (stream u32)) (result (stream u32))))
    (export "sum" (func async (param "of" (stream u32)) (result u32)))
    (export "name" (func async (result (future string))))
    (export "both" (func async (result (tuple (stream u32) (option (future string))))))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $twice (canon lower (func $host "twice")))
  (core func $sum (canon lower (func $host "sum")))
  (core func $name (canon lower (func $host "name")))
  (core func $both (canon lower (func $host "both") (memory $memory)))
  (core func $return-items (canon task.return (result $items)))
  (core func $return-sum (canon task.return (result u32)))
  (core func $return-name (canon task.return (result $value)))
  (core func $return-both (canon task.return (result (tuple $items (option $value)))))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "twice" (func $twice (param i32) (result i32)))
    (import "" "sum" (func $sum (param i32) (result i32)))
    (import "" "name" (func $name (result i32)))
    (import "" "both" (func $both (param i32)))
    (import "" "return-items" (func $return-items (param i32)))
    (import "" "return-sum" (func $return-sum (param i32)))
    (import "" "return-name" (func $return-name (param i32)))
    (import "" "return-both" (func $return-both (param i32 i32 i32)))
    (func (export "twice") (param i32) (call $return-items (call $twice (local.get 0))))
    (func (export "sum") (param i32) (call $return-sum (call $sum (local.get 0))))
    (func (export "name") (call $return-name (call $name)))
    (func (export "both")
      (call $both (i32.const 64))
      (call $return-both (i32.load (i32.const 64)) (i32.load8_u (i32.const 68))
        (i32.load (i32.const 72)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "twice" (func $twice)) (export "sum" (func $sum))
    (export "name" (func $name)) (export "both" (func $both))
    (export "return-items" (func $return-items)) (export "return-sum" (func $return-sum))
    (export "return-name" (func $return-name)) (export "return-both" (func $return-both))))))
  (func (export "twice") async (param "of" $items) (result $items)
    (canon lift (core func $core "twice") async))
  (func (export "sum") async (param "of" $items) (result u32)
    (canon lift (core func $core "sum") async))
  (func (export "name") async (result $value) (canon lift (core func $core "name") async))
  (func (export "both") async (result (tuple $items (option $value)))
    (canon lift (core func $core "both") async))))";

Task<void> write_name(FutureWriter<std::string> writer, std::string name) {
  (void)co_await writer.write(std::move(name));
}

Task<void> write_twice(Stream<std::uint32_t> from, StreamWriter<std::uint32_t> to) {
  std::array<std::uint32_t, 4> items = {};
  while (true) {
    const CallResult<std::size_t> count = co_await from.read(items);
    if (!count || *count == 0) co_return;
    for (std::uint32_t& item : items) item *= 2;
    const CallResult<bool> written = co_await to.write(std::span(items).first(*count));
    if (!written || !*written) co_return;
  }
}

Task<std::uint32_t> sum_up(Stream<std::uint32_t> of) {
  std::array<std::uint32_t, 4> items = {};
  std::uint32_t sum = 0;
  while (true) {
    const CallResult<std::size_t> count = co_await of.read(items);
    if (!count || *count == 0) co_return sum;
    for (const std::uint32_t item : std::span(items).first(*count)) sum += item;
  }
}

using Both = std::tuple<Stream<std::uint32_t>, std::optional<Future<std::string>>>;

Composition build_client() {
  CompositionBuilder builder;
  builder.add_component("client", assemble(kClient));
  constexpr const char* kInterface = "acme:host/numbers";
  builder.add_host_function(kInterface, "twice", [](Stream<std::uint32_t> of) {
    auto [writer, twice] = make_stream<std::uint32_t>();
    write_twice(std::move(of), std::move(writer)).then([] {});
    return std::move(twice);
  });
  builder.add_host_function(kInterface, "sum", &sum_up);
  builder.add_host_function(kInterface, "name", []() -> Task<Future<std::string>> {
    auto [writer, name] = make_future<std::string>();
    write_name(std::move(writer), "later").then([] {});
    co_return std::move(name);
  });
  builder.add_host_function(kInterface, "both", [] {
    auto [number_writer, numbers] = make_stream<std::uint32_t>();
    auto [name_writer, name] = make_future<std::string>();
    write_all(std::move(number_writer), std::vector<std::uint32_t>{1, 2}).then([](std::size_t) {});
    name_writer.write("both").then([](const CallResult<bool>&) {});
    return Both(std::move(numbers), std::move(name));
  });
  Result<Composition> built = builder.build();
  EXPECT_TRUE(built) << built.error().front().message;
  return *std::move(built);
}

TEST(TypedHostStreams, FunctionsOfTheProgramTakeAndReturnStreams) {
  const Composition composition = build_client();
  const auto twice = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "twice");
  std::vector<std::uint32_t> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0U);
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> doubled = finish(twice.start(std::move(stream)));
  Task<std::size_t> writing = write_all(std::move(writer), numbers);
  const auto all = read_all(std::move(doubled), 100).wait(10s);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ((*all)[i], 2 * numbers[i]);

  const auto sum = find<std::uint32_t(Stream<std::uint32_t>)>(composition, "sum");
  auto [more, summed] = make_stream<std::uint32_t>();
  Task<CallResult<std::uint32_t>> call = sum.start(std::move(summed));
  EXPECT_FALSE(call.is_done());
  Task<std::size_t> adding = write_all(std::move(more), numbers);
  EXPECT_EQ(finish(std::move(call)), 999U * 500U);
}

TEST(TypedHostStreams, FunctionsOfTheProgramReturnFutures) {
  const Composition composition = build_client();
  const auto name = find<Future<std::string>()>(composition, "name");
  EXPECT_EQ(finish(finish(name.start()).read()), "later");
  const auto both = find<Both()>(composition, "both");
  auto [numbers, text] = finish(both.start());
  EXPECT_THAT(*read_all(std::move(numbers), 9).wait(10s), ElementsAre(1, 2));
  ASSERT_TRUE(text);
  EXPECT_EQ(finish(text->read()), "both");
}

// A guest that waits for each item by a read of length 0.
TEST(TypedHostStreams, AReadOfLengthZeroWaitsForItems) {
  CompositionBuilder builder;
  builder.add_component("app",
                        TENON_SOURCE_DIR "/tests/golden/async/zero_length_read_of_strings/app.wat");
  std::optional<StreamWriter<std::string>> writer;
  builder.add_host_function("x:y/lib", "open", [&]() -> Task<Stream<std::string>> {
    auto [to, from] = make_stream<std::string>();
    writer.emplace(std::move(to));
    co_return std::move(from);
  });
  const Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  const auto f = *built->function<std::uint32_t()>("", "f");
  Task<CallResult<std::uint32_t>> count = f.start();
  const std::vector<std::string> items(70, "each of them is read alone");
  {
    // A write that is given up leaves none behind.
    const Task<CallResult<bool>> dropped = writer->write(items);
  }
  EXPECT_FALSE(count.wait(10ms));
  EXPECT_TRUE(finish(writer->write(items)));
  writer->close();
  EXPECT_EQ(finish(std::move(count)), 70U);
}

TEST(TypedHostStreams, OtherTypesAreFoundWhenTheCompositionIsPlanned) {
  CompositionBuilder builder;
  builder.add_component("client", assemble(kClient));
  builder.add_host_function("acme:host/numbers", "sum",
                            [](Stream<std::uint64_t>) -> std::uint32_t { return 0; });
  const Result<Composition> built = builder.build();
  ASSERT_FALSE(built);
  const auto& problems = built.error();
  const auto problem = std::ranges::find(problems, "type-signature", &Diagnostic::code);
  ASSERT_NE(problem, problems.end());
  EXPECT_EQ(problem->where.item, "$.of.item");
  EXPECT_THAT(problem->message, HasSubstr("`std::uint64_t` in C++ does not fit `u32`"));
}

// As in leftovers_test.cc, with C++ types.
TEST(TypedStreams, LongStreamsTakeNoMoreMemory) {
  const Composition composition = build(kLargeNumbers);
  const auto relayed = find<Stream<std::uint32_t>(Stream<std::uint32_t>)>(composition, "relay");
  auto [writer, stream] = make_stream<std::uint32_t>();
  Stream<std::uint32_t> back = finish(relayed.start(std::move(stream)));
  const std::size_t count = tests_everything()     ? 100'000'000
                            : kHasAddressSanitizer ? 10'000
                                                   : 10'000'000;
  const std::vector<std::uint32_t> numbers(1000, 3);
  std::vector<std::uint32_t> read(1000);
  std::size_t first = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; i += numbers.size()) {
    if (i == count / 10) first = mallinfo2().uordblks;
    Task<CallResult<bool>> writing = writer.write(numbers);
    for (std::size_t left = numbers.size(); left != 0;) {
      const std::size_t size = finish(back.read(std::span(read).first(left)));
      ASSERT_GT(size, 0U);
      left -= size;
      total += size;
    }
    ASSERT_TRUE(finish(std::move(writing)));
  }
  const std::size_t last = mallinfo2().uordblks;
  EXPECT_LE(last, first + 4096);
  EXPECT_EQ(total, count);
}

}  // namespace
}  // namespace tenon::typed_stream_test
