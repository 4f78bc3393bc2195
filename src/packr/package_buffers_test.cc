// Host buffers: bytes that are copied in once and pass between packages as a handle.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/buffer.h"
#include "tenon/builder.h"
#include "tenon/host.h"
#include "tenon/middleware.h"
#include "tenon/packr.h"
#include "tests/support/package_test.h"
#include "tests/support/test_units.h"

namespace tenon::package_buffers_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The sum of the bytes in the producer's buffer.
std::int64_t sum_of(std::int64_t size) {
  std::int64_t sum = 0;
  for (std::int64_t k = 0; k < size; ++k) sum += (7 * k + 3) & 255;
  return sum;
}

Value buffer(std::uint64_t handle) { return Value::record({{"handle", Value::u64(handle)}}); }

class PackageBuffers : public testing::Test {
 protected:
  void add(std::string_view unit, std::string_view guest) {
    builder_.add_package(unit, package_guest("c", guest));
    builder_.limits(unit).call_timeout = 60s;
    builder_.restart(unit, {.max = 1000});
  }
  void wire(std::string_view from, std::string_view to, std::string_view function) {
    builder_.wire({.consumer = std::string(from),
                   .import = "next.pass",
                   .provider = std::string(to),
                   .export_name = std::string(function)});
  }
  // `producer`, `links` packages named p0, p1, .., and `reader`.
  Composition build_chain(int links, std::string_view link, std::string_view function = "pass") {
    add("producer", "buffer_producer");
    for (int i = 0; i < links; ++i) add(fmt::format("p{}", i), link);
    add("reader", "buffer_reader");
    for (int i = 0; i <= links; ++i)
      wire(i == 0 ? "producer" : fmt::format("p{}", i - 1),
           i == links ? "reader" : fmt::format("p{}", i), i == links ? function : "pass");
    return built(builder_);
  }

  CompositionBuilder builder_;
};

TEST_F(PackageBuffers, CrossPackagesByReference) {
  for (const int links : {0, 1, 5}) {
    builder_ = CompositionBuilder();
    const Composition composition = build_chain(links, "buffer_forwarder");
    for (const std::int64_t size : {1, 1000, 200'000})
      EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(size)),
                fmt::format("{}", sum_of(size)));
  }
}

TEST_F(PackageBuffers, AreForwardedByPackagesWithoutBuffers) {
  const Composition composition = build_chain(3, "forward");
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(100'000)),
            fmt::format("{}", sum_of(100'000)));
  for (const std::string_view set : {"0.5.4", "0.21.0", "0.24.1"}) {
    builder_ = CompositionBuilder();
    add("producer", "buffer_producer");
    builder_.add_package("rust", package_guest(set, "chain"));
    add("reader", "buffer_reader");
    wire("producer", "rust", "call");
    builder_.wire(
        {.consumer = "rust", .import = "next.call", .provider = "reader", .export_name = "pass"});
    EXPECT_EQ(call_unit(built(builder_), "producer", "send", Value::s64(5000)),
              fmt::format("{}", sum_of(5000)));
  }
}

// A borrowed buffer is released after the call, even if the package does not use buffers.
TEST_F(PackageBuffers, TakeNoMemoryOfTheHostAfterTheirCalls) {
  const Composition composition = build_chain(3, "forward", "length");
  const auto send = [&](int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(call_unit(composition, "producer", "send", Value::s64(1'000'000)), "1000000") << i;
  };
  const auto resident = [] {
    std::ifstream status("/proc/self/status");
    std::string line;
    std::uint64_t kib = 0;
    while (std::getline(status, line))
      if (line.starts_with("VmRSS:")) kib = std::stoull(line.substr(6));
    return kib;
  };
  send(10);
  const std::uint64_t before = resident();
  send(1'000);
  // A sanitizer keeps 256 MiB of freed memory; a leak here would be a gigabyte.
  EXPECT_LT(resident(), before + 500'000) << "KiB";
}

TEST_F(PackageBuffers, AreReadInPartsAndNotBeyondTheirEnd) {
  const Composition composition = build_chain(0, "", "copy");
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(5)), "[3, 10, 17, 24, 31]");
}

TEST_F(PackageBuffers, HandlesAreNeverReused) {
  const Composition composition = build_chain(0, "", "hold");
  for (const char* const number : {"1", "2", "3"})
    EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(8)), number);
  EXPECT_EQ(call_unit(composition, "reader", "drop", Value::s64(2)), "2");
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(8)), "4");
  EXPECT_THAT(call_unit(composition, "reader", "drop", Value::s64(2)),
              AllOf(HasSubstr("trap: reader#drop: "), HasSubstr("no buffer 2")));
  // Also after a restart.
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(8)), "5");
  EXPECT_THAT(call_unit(composition, "reader", "drop", Value::s64(4)), HasSubstr("no buffer 4"));
}

TEST_F(PackageBuffers, AWrongHandleTrapsWithItsNumber) {
  const Composition composition = build_chain(0, "", "drop-twice");
  EXPECT_THAT(call_unit(composition, "producer", "send", Value::s64(8)),
              AllOf(HasSubstr("trap: reader#drop-twice: "), HasSubstr("no buffer 1")));
  for (const std::int64_t handle : {0, 77, 2147483647})
    EXPECT_THAT(call_unit(composition, "reader", "drop", Value::s64(handle)),
                HasSubstr(fmt::format("no buffer {}", handle)));
}

TEST_F(PackageBuffers, AreCopiedToWhereThereIsRoom) {
  const Composition composition = build_chain(0, "", "read-outside");
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(16)), "16");
  EXPECT_THAT(call_unit(composition, "producer", "send", Value::s64(17)),
              HasSubstr("trap: reader#read-outside: "));
}

// A number that a package does not hold is refused, whoever it is passed to.
TEST_F(PackageBuffers, AForgedHandleIsRefused) {
  add("front", "forward");
  add("producer", "buffer_producer");
  wire("front", "producer", "give");
  builder_.wire({.consumer = "producer", .import = "next", .target = Wire::Target::Open});
  const Composition composition = built(builder_);
  EXPECT_THAT(call_unit(composition, "front", "pass", Value::s64(4711)),
              AllOf(HasSubstr("trap: producer#give: "), HasSubstr("4711")));
  EXPECT_THAT(call_unit(composition, "front", "pass", Value::s64(-1)),
              HasSubstr("18446744073709551615"));
}

// The program has no handles: a value that looks like one is passed as a record.
TEST_F(PackageBuffers, TheProgramCannotForgeOne) {
  add("reader", "buffer_reader");
  const Composition composition = built(builder_);
  EXPECT_THAT(call_unit(composition, "reader", "length", buffer(1)), HasSubstr("not a buffer"));
}

TEST_F(PackageBuffers, ForgedHandlesAreNotPassedOn) {
  add("front", "hostile_calls");
  add("producer", "buffer_producer");
  add("reader", "buffer_reader");
  wire("producer", "reader", "hold");
  wire("front", "reader", "hold");
  const Composition composition = built(builder_);
  EXPECT_THAT(call_unit(composition, "front", "fine", buffer(9)),
              HasSubstr("guest error: reader#hold"));
  EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(8)), "1");
}

TEST_F(PackageBuffers, CountForTheMemoryOfTheirDomain) {
  builder_.limits("producer").memory = 2 << 20;
  const Composition composition = build_chain(0, "length");
  // Those that are dropped do not.
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(call_unit(composition, "producer", "send", Value::s64(500'000)),
              fmt::format("{}", sum_of(500'000)));
  const auto keep = [&] { return call_unit(composition, "producer", "keep", Value::s64(500'000)); };
  for (int i = 0; i < 4; ++i) EXPECT_THAT(keep(), testing::Not(HasSubstr("buffers")));
  EXPECT_THAT(keep(), HasSubstr("cannot hold any more buffers"));
}

// --- The program ---

std::shared_ptr<Buffer> make_buffer(std::int64_t size) {
  auto buffer = std::make_shared<Buffer>();
  for (std::int64_t k = 0; k < size; ++k) {
    const std::uint8_t byte = static_cast<std::uint8_t>(7 * k + 3);
    EXPECT_TRUE(buffer->write({&byte, 1}));
  }
  return buffer;
}

TEST_F(PackageBuffers, TheProgramPassesOneToAPackage) {
  add("reader", "buffer_reader");
  const Composition composition = built(builder_);
  const auto buffer = make_buffer(1000);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(call_unit(composition, "reader", "pass", make_value(buffer)),
              fmt::format("{}", sum_of(1000)));
  EXPECT_EQ(call_unit(composition, "reader", "length", make_value(buffer)), "1000");
  // It does not change any more.
  EXPECT_TRUE(buffer->is_finished());
  EXPECT_FALSE(buffer->write({}));
  EXPECT_EQ(buffer.use_count(), 1);
}

// Its domain starts with the call.
TEST_F(PackageBuffers, TheProgramPassesOneToALazyPackage) {
  add("front", "forward");
  add("reader", "buffer_reader");
  builder_.wire({.consumer = "front",
                 .import = "next.pass",
                 .provider = "reader",
                 .export_name = "pass",
                 .lazy = true});
  const Composition composition = built(builder_);
  EXPECT_EQ(call_unit(composition, "reader", "length", make_value(make_buffer(9))), "9");
}

TEST_F(PackageBuffers, AFunctionOfTheProgramGetsAndReturnsOne) {
  add("producer", "buffer_producer");
  add("front", "forward");
  wire("front", "producer", "send");
  std::vector<std::shared_ptr<const Buffer>> got;
  builder_.add_host_function("next", "pass", [&](std::span<const Value> values) {
    if (const auto buffer = buffer_of(values[0])) got.push_back(buffer);
    return values[0];
  });
  const Composition composition = built(builder_);
  const Result<Unit> producer = composition.unit("producer");
  const auto sent = producer->call("send", Value::s64(5));
  ASSERT_TRUE(sent) << describe_outcome(sent);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_THAT(got[0]->bytes(), testing::ElementsAre(3, 10, 17, 24, 31));
  // The package returned it to the program: the same bytes.
  const std::shared_ptr<const Buffer> back = buffer_of(**sent);
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->bytes().data(), got[0]->bytes().data());
}

TEST_F(PackageBuffers, EncodedBytesCannotForgeOne) {
  add("reader", "buffer_reader");
  const Composition composition = built(builder_);
  GraphBuilder forged;
  forged.begin_record("tenon:buffer");
  forged.field("handle");
  forged.add_u64(1);
  forged.end();
  std::vector<std::uint8_t> result;
  const auto called = composition.unit("reader")
                          ->find_function("", "length")
                          ->call_encoded(*forged.finish(), result);
  ASSERT_FALSE(called);
  EXPECT_THAT(called.error().message, HasSubstr("the buffer 1, which it does not have"));
}

TEST_F(PackageBuffers, AreWrittenInPartsUntilTheyArePassedOn) {
  add("writer", "buffer_writer");
  add("reader", "buffer_reader");
  wire("writer", "reader", "copy");
  const Composition composition = built(builder_);
  EXPECT_EQ(call_unit(composition, "writer", "parts", Value::s64(3)), "[0, 1, 2]");
  EXPECT_THAT(call_unit(composition, "writer", "late", Value::s64(3)),
              HasSubstr("has been read or passed on, and cannot be written any more"));
  EXPECT_THAT(call_unit(composition, "writer", "unknown", Value::s64(3)),
              HasSubstr("no buffer 77"));
}

// --- Components ---

// Makes a buffer of two parts, and passes it to its import.
constexpr std::string_view kWriter = R"((component
  (import "tenon:buffer/buffers@0.1.0" (instance $buffers
    (export "buffer" (type $buffer (sub resource)))
    (export "[constructor]buffer" (func (result (own $buffer))))
    (export "[method]buffer.write" (func (param "self" (borrow $buffer)) (param "part" (list u8))))))
  (alias export $buffers "buffer" (type $buffer))
  (import "acme:sink/sink" (instance $sink
    (alias outer 1 $buffer (type $b))
    (export "buffer" (type $eq (eq $b)))
    (export "take" (func (param "b" (own $eq)) (result u64)))))
  (core module $memory (memory (export "memory") 1) (data (i32.const 64) "abcdef"))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (core func $new (canon lower (func $buffers "[constructor]buffer")))
  (core func $write (canon lower (func $buffers "[method]buffer.write") (memory $mem)))
  (core func $take (canon lower (func $sink "take")))
  (core module $code
    (import "h" "new" (func $new (result i32)))
    (import "h" "write" (func $write (param i32 i32 i32)))
    (import "h" "take" (func $take (param i32) (result i64)))
    (func (export "run") (result i64) (local $b i32)
      (local.set $b (call $new))
      (call $write (local.get $b) (i32.const 64) (i32.const 4))
      (call $write (local.get $b) (i32.const 68) (i32.const 2))
      (call $take (local.get $b))))
  (core instance $i (instantiate $code (with "h" (instance
    (export "new" (func $new)) (export "write" (func $write)) (export "take" (func $take))))))
  (func (export "run") (result u64) (canon lift (core func $i "run")))))";

// Returns the sum of a size and the first byte.
constexpr std::string_view kSink = R"((component
  (import "tenon:buffer/buffers@0.1.0" (instance $buffers
    (export "buffer" (type $buffer (sub resource)))
    (export "[method]buffer.len" (func (param "self" (borrow $buffer)) (result u64)))
    (export "[method]buffer.read" (func (param "self" (borrow $buffer)) (param "offset" u64)
      (param "len" u64) (result (list u8))))))
  (alias export $buffers "buffer" (type $buffer))
  (core module $memory (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $top (i32.add (global.get $top) (local.get 3)))
      (i32.sub (global.get $top) (local.get 3))))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (alias core export $m "realloc" (core func $realloc))
  (core func $len (canon lower (func $buffers "[method]buffer.len")))
  (core func $read (canon lower (func $buffers "[method]buffer.read") (memory $mem) (realloc $realloc)))
  (core func $drop (canon resource.drop $buffer))
  (core module $code
    (import "h" "len" (func $len (param i32) (result i64)))
    (import "h" "read" (func $read (param i32 i64 i64 i32)))
    (import "h" "drop" (func $drop (param i32)))
    (import "h" "memory" (memory 1))
    (func (export "take") (param i32) (result i64)
      (call $read (local.get 0) (i64.const 0) (i64.const 1) (i32.const 16))
      (i64.add (call $len (local.get 0)) (i64.load8_u (i32.load (i32.const 16))))
      (call $drop (local.get 0))))
  (core instance $i (instantiate $code (with "h" (instance
    (export "len" (func $len)) (export "read" (func $read)) (export "drop" (func $drop))
    (export "memory" (memory $mem))))))
  (func $take (param "b" (own $buffer)) (result u64) (canon lift (core func $i "take")))
  (component $shim
    (import "buffer" (type $b (sub resource)))
    (import "take" (func $take (param "b" (own $b)) (result u64)))
    (export $eq "buffer" (type $b))
    (export "take" (func $take) (func (param "b" (own $eq)) (result u64))))
  (instance $sink (instantiate $shim (with "buffer" (type $buffer)) (with "take" (func $take))))
  (export "acme:sink/sink" (instance $sink))))";

class ComponentBuffers : public UnitsTest {};

// 6 bytes, the first is `a`.
TEST_F(ComponentBuffers, PassBetweenComponents) {
  for (const bool is_isolated : {false, true}) {
    CompositionBuilder builder;
    builder.add_component("writer", write("writer", kWriter), {.reachable = Reachable::Yes});
    builder.add_component("sink", write("sink", kSink));
    if (is_isolated) builder.isolate("sink");
    EXPECT_EQ(problems_of_plan(builder), "");
    const Composition composition = built(builder);
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(call_unit(composition, "writer", "run"), fmt::format("{}", 6 + 'a'));
  }
}

TEST_F(ComponentBuffers, PassToAFunctionOfTheProgram) {
  CompositionBuilder builder;
  builder.add_component("writer", write("writer", kWriter), {.reachable = Reachable::Yes});
  std::shared_ptr<Buffer> taken;
  builder.add_host_function("acme:sink/sink", "take", [&](std::shared_ptr<Buffer> buffer) {
    taken = std::move(buffer);
    return std::uint64_t{taken->size()};
  });
  const Composition composition = built(builder);
  EXPECT_EQ(call_unit(composition, "writer", "run"), "6");
  ASSERT_NE(taken, nullptr);
  EXPECT_THAT(taken->bytes(), testing::ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

// Also if others hold them.
TEST_F(ComponentBuffers, CountForTheMemoryOfTheDomainThatWritesThem) {
  std::string text(kWriter);
  constexpr std::string_view kPart = "(i32.const 64) (i32.const 4)";
  text.replace(text.find(kPart), kPart.size(), "(i32.const 0) (i32.const 40000)");
  CompositionBuilder builder;
  builder.add_component("writer", write("writer", text), {.reachable = Reachable::Yes});
  builder.isolate("writer");
  builder.limits("writer").memory = 100'000;  // its own memory has 65'536 bytes
  builder.restart("writer", {.max = 1000});
  std::vector<std::shared_ptr<Buffer>> taken;
  builder.add_host_function("acme:sink/sink", "take", [&](std::shared_ptr<Buffer> buffer) {
    taken.push_back(std::move(buffer));
    return std::uint64_t{taken.back()->size()};
  });
  const Composition composition = built(builder);
  const auto run = [&] { return call_unit(composition, "writer", "run"); };
  // The end of a life does not end its buffers.
  for (int life = 0; life < 3; ++life) {
    while (taken.size() < 2) ASSERT_EQ(run(), "40002");
    EXPECT_THAT(run(), HasSubstr("count for the `memory` of the domain"));
    EXPECT_THAT(run(), HasSubstr("count for the `memory` of the domain"));
    taken.pop_back();
  }
  taken.clear();
  EXPECT_EQ(run(), "40002");
}

// --- Between components and packages ---

// The type of a result where packages have s64.
std::string with_s64(std::string_view text) {
  std::string changed(text);
  constexpr std::string_view kUnsigned = "(result u64)";
  for (std::size_t at = 0; (at = changed.find(kUnsigned, at)) != std::string::npos;)
    changed.replace(at, kUnsigned.size(), "(result s64)");
  return changed;
}

// Exports `run` with an s64 `n`, which passes what `make` of `acme:source/source` returns for it to
// `take` of `acme:sink/sink`, and returns its result. times: how often.
enum class Takes : std::uint8_t { ForNumber, ForBuffer };
std::string relay(Takes takes = Takes::ForNumber, int times = 1) {
  const bool is_number = takes == Takes::ForNumber;
  std::string calls;
  for (int i = 0; i < times; ++i)
    calls += fmt::format("{}(call $take (local.get $b))", i == 0 ? "" : "(drop)");
  return fmt::format(R"((component
  (import "tenon:buffer/buffers@0.1.0" (instance $buffers
    (export "buffer" (type $buffer (sub resource)))))
  (alias export $buffers "buffer" (type $buffer))
  (import "acme:source/source" (instance $source
    (alias outer 1 $buffer (type $b))
    (export "buffer" (type $eq (eq $b)))
    (export "make" (func (param "n" s64) (result (own $eq))))))
  (import "acme:sink/sink" (instance $sink
    (alias outer 1 $buffer (type $b))
    (export "buffer" (type $eq (eq $b)))
    (export "take" (func (param "b" (own $eq)) (result {0})))))
  (core func $make (canon lower (func $source "make")))
  (core func $take (canon lower (func $sink "take")))
  (core module $code
    (import "h" "make" (func $make (param i64) (result i32)))
    (import "h" "take" (func $take (param i32) (result {1})))
    (func (export "run") (param i64) (result {1}) (local $b i32)
      (local.set $b (call $make (local.get 0)))
      {2}))
  (core instance $i (instantiate $code (with "h" (instance
    (export "make" (func $make)) (export "take" (func $take))))))
  (func (export "run") (param "n" s64) (result {3}) (canon lift (core func $i "run")))))",
                     is_number ? "s64" : "(own $eq)", is_number ? "i64" : "i32", calls,
                     is_number ? "s64" : "(own $buffer)");
}

// Exports `pass`, which returns the buffer that it gets, and `count`, the number of its calls.
constexpr std::string_view kEcho = R"((component
  (import "tenon:buffer/buffers@0.1.0" (instance $buffers
    (export "buffer" (type $buffer (sub resource)))))
  (alias export $buffers "buffer" (type $buffer))
  (core module $code
    (global $count (mut i32) (i32.const 0))
    (func (export "pass") (param i32) (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (local.get 0))
    (func (export "count") (result i32) (global.get $count)))
  (core instance $i (instantiate $code))
  (func (export "pass") (param "b" (own $buffer)) (result (own $buffer))
    (canon lift (core func $i "pass")))
  (func (export "count") (result u32) (canon lift (core func $i "count")))))";

class BuffersAcross : public UnitsTest {
 protected:
  void add_component(std::string_view name, std::string_view text) {
    builder_.add_component(name, write(name, text), {.reachable = Reachable::Yes});
  }
  void add_package(std::string_view name, std::string_view guest) {
    builder_.add_package(name, package_guest("c", guest));
    builder_.limits(name).call_timeout = 60s;
    builder_.restart(name, {.max = 1000});
  }
  void wire(std::string_view import, std::string_view provider, std::string_view function) {
    builder_.wire({.import = std::string(import),
                   .provider = std::string(provider),
                   .export_name = std::string(function),
                   .buffers = true});
  }
  // The program makes buffers of `n` bytes for `relay`, and keeps them.
  void make_in_program() {
    builder_.add_host_function("acme:source/source", "make", [this](std::int64_t n) {
      made_.push_back(make_buffer(n));
      return made_.back();
    });
  }
  static std::string run(const Composition& composition, std::int64_t n) {
    return call_unit(composition, "relay", "run", Value::s64(n));
  }
  // The number of buffers of the program that anything else still has.
  [[nodiscard]] std::ptrdiff_t count_held() const {
    return std::ranges::count_if(made_, [](const auto& buffer) { return buffer.use_count() > 1; });
  }

  CompositionBuilder builder_;
  std::vector<std::shared_ptr<Buffer>> made_;
};

TEST_F(BuffersAcross, AComponentPassesOneToAPackage) {
  for (const bool is_isolated : {false, true}) {
    builder_ = CompositionBuilder();
    add_component("writer", with_s64(kWriter));
    if (is_isolated) builder_.isolate("writer");
    add_package("reader", "buffer_reader");
    wire("acme:sink/sink.take", "reader", "pass");
    EXPECT_EQ(problems_of_plan(builder_), "");
    const Composition composition = built(builder_);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(call_unit(composition, "writer", "run"),
                fmt::format("{}", 'a' + 'b' + 'c' + 'd' + 'e' + 'f'));
  }
}

TEST_F(BuffersAcross, APackagePassesOneToAComponentAndGetsItBack) {
  for (const bool is_isolated : {false, true}) {
    builder_ = CompositionBuilder();
    add_package("producer", "buffer_producer");
    add_component("echo", kEcho);
    if (is_isolated) builder_.isolate("echo");
    wire("next.pass", "echo", "pass");
    EXPECT_EQ(problems_of_plan(builder_), "");
    const Composition composition = built(builder_);
    const Result<Unit> producer = composition.unit("producer");
    const auto sent = producer->call("send", Value::s64(5));
    ASSERT_TRUE(sent) << tenon::describe_outcome(sent);
    const std::shared_ptr<const Buffer> back = buffer_of(**sent);
    ASSERT_NE(back, nullptr);
    EXPECT_THAT(back->bytes(), testing::ElementsAre(3, 10, 17, 24, 31));
    EXPECT_EQ(call_unit(composition, "echo", "count"), "1");
  }
}

TEST_F(BuffersAcross, TheComponentCanBeSwapped) {
  add_package("front", "forward");
  add_component("echo", kEcho);
  builder_.isolate("echo");
  wire("next.pass", "echo", "pass");
  Composition composition = built(builder_);
  const auto made = make_buffer(9);
  for (const std::string_view count : {"1", "1"}) {
    const auto passed = composition.unit("front")->call("pass", make_value(made));
    ASSERT_TRUE(passed) << tenon::describe_outcome(passed);
    EXPECT_EQ(buffer_of(**passed), made);
    EXPECT_EQ(call_unit(composition, "echo", "count"), count);
    const Result<void> swapped = composition.swap("echo", write("echo", kEcho));
    ASSERT_TRUE(swapped) << whole_text(swapped.error());
  }
}

// The bytes stay where they are.
TEST_F(BuffersAcross, TheyPassThroughAComponent) {
  for (const bool is_isolated : {false, true}) {
    builder_ = CompositionBuilder();
    add_package("producer", "buffer_producer");
    add_package("reader", "buffer_reader");
    add_component("relay", relay());
    if (is_isolated) builder_.isolate("relay");
    wire("acme:source/source.make", "producer", "keep");
    wire("acme:sink/sink.take", "reader", "pass");
    builder_.wire({.consumer = "producer", .import = "next", .target = Wire::Target::Open});
    EXPECT_EQ(problems_of_plan(builder_), "");
    const Composition composition = built(builder_);
    for (const std::int64_t size : {1, 1000, 200'000})
      EXPECT_EQ(run(composition, size), fmt::format("{}", sum_of(size)));
  }
}

TEST_F(BuffersAcross, TheBytesAreNotCopied) {
  make_in_program();
  add_component("relay", relay(Takes::ForBuffer));
  add_package("forward", "forward");
  wire("acme:sink/sink.take", "forward", "pass");
  std::vector<std::shared_ptr<const Buffer>> got;
  builder_.add_host_function("next", "pass", [&](std::span<const Value> values) {
    got.push_back(buffer_of(values[0]));
    return values[0];
  });
  const Composition composition = built(builder_);
  for (int i = 0; i < 3; ++i) ASSERT_NE(run(composition, 10), "");
  ASSERT_EQ(got.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_NE(got[i], nullptr);
    EXPECT_EQ(got[i], made_[i]);
    EXPECT_TRUE(made_[i]->is_finished());
  }
}

TEST_F(BuffersAcross, NobodyKeepsThemAfterTheirCalls) {
  make_in_program();
  add_component("relay", relay());
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "length");
  const Composition composition = built(builder_);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(run(composition, 3), "3");
  EXPECT_EQ(count_held(), 0);
}

TEST_F(BuffersAcross, AFailedCallKeepsNone) {
  make_in_program();
  add_component("relay", relay());
  builder_.restart("main", {.max = 1000});
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "drop-twice");
  const Composition composition = built(builder_);
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(run(composition, 3), AllOf(HasSubstr("trap: reader#"), HasSubstr("no buffer ")));
  EXPECT_EQ(count_held(), 0);
}

// The package has what it keeps until it is swapped, and so does the new one.
TEST_F(BuffersAcross, ASwapReleasesThoseOfThePackage) {
  make_in_program();
  add_component("relay", relay());
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "hold");
  Composition composition = built(builder_);
  for (int life = 0; life < 2; ++life) {
    for (int i = 1; i <= 3; ++i) EXPECT_NE(run(composition, 8), "") << i;
    EXPECT_EQ(count_held(), 3);
    const Result<void> swapped = composition.swap("reader", package_guest("c", "buffer_reader"));
    ASSERT_TRUE(swapped) << whole_text(swapped.error());
    EXPECT_EQ(count_held(), 0);
  }
  EXPECT_EQ(call_unit(composition, "reader", "drop", Value::s64(1)).substr(0, 5), "trap:");
}

TEST_F(BuffersAcross, TheHandleOfTheComponentIsConsumed) {
  make_in_program();
  add_component("relay", relay(Takes::ForNumber, 2));
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "length");
  const Composition composition = built(builder_);
  EXPECT_THAT(run(composition, 3), AllOf(HasSubstr("trap: relay#run: "), HasSubstr("handle")));
  EXPECT_EQ(count_held(), 0);
}

TEST_F(BuffersAcross, AResultThatIsNoBufferEndsThePackage) {
  make_in_program();
  add_component("relay", relay(Takes::ForBuffer));
  add_package("other", "hostile_results");
  wire("acme:sink/sink.take", "other", "doubles");
  const Composition composition = built(builder_);
  EXPECT_THAT(run(composition, 3),
              AllOf(HasSubstr("trap: other#"),
                    HasSubstr("its result does not match its type: $: expected a buffer, found")));
  EXPECT_EQ(count_held(), 0);
}

TEST_F(BuffersAcross, AResultWithAForgedHandleEndsThePackage) {
  add_package("producer", "buffer_producer");
  add_package("reader", "buffer_reader");
  add_component("relay", relay());
  wire("acme:source/source.make", "producer", "give");
  wire("acme:sink/sink.take", "reader", "pass");
  builder_.wire({.consumer = "producer", .import = "next", .target = Wire::Target::Open});
  const Composition composition = built(builder_);
  EXPECT_THAT(run(composition, 4711),
              AllOf(HasSubstr("trap: producer#"),
                    HasSubstr("it passed the buffer 4711, which it does not have")));
}

TEST_F(BuffersAcross, APackageThatPassesAnotherValueEnds) {
  add_package("front", "forward");
  add_component("echo", kEcho);
  wire("next.pass", "echo", "pass");
  const Composition composition = built(builder_);
  for (const Value& value : {Value::s64(5), buffer(1), Value::string("tenon:buffer")})
    EXPECT_THAT(
        call_unit(composition, "front", "pass", value),
        AllOf(HasSubstr("trap: front#pass: "),
              HasSubstr("what it passed does not match its type: $.b: expected a buffer, found")));
  EXPECT_EQ(call_unit(composition, "echo", "count"), "0");
  const auto made = make_buffer(9);
  const auto passed = composition.unit("front")->call("pass", make_value(made));
  ASSERT_TRUE(passed) << tenon::describe_outcome(passed);
  EXPECT_EQ(buffer_of(**passed), made);
}

TEST_F(BuffersAcross, NobodyKeepsThoseOfAPackageEither) {
  for (const bool traps : {false, true}) {
    builder_ = CompositionBuilder();
    add_package("front", "forward");
    std::string text(kEcho);
    if (traps) text.replace(text.find("(local.get 0))"), 14, "(unreachable))");
    add_component("echo", text);
    builder_.isolate("echo").restart("echo", {.max = 1000});
    wire("next.pass", "echo", "pass");
    const Composition composition = built(builder_);
    const auto made = make_buffer(9);
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(composition.unit("front")->call("pass", make_value(made)).has_value(), !traps);
    EXPECT_EQ(made.use_count(), 1);
  }
}

// A unit of another composition has no table of buffers here.
TEST_F(BuffersAcross, AUnitOfAnotherCompositionTakesNone) {
  add_package("reader", "buffer_reader");
  const Composition other = built(builder_);
  builder_ = CompositionBuilder();
  add_component("writer", with_s64(kWriter));
  builder_.add_unit("reader", *other.unit("reader"));
  wire("acme:sink/sink.take", "reader", "pass");
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-wire-type"), HasSubstr("`reader`")));
}

TEST_F(BuffersAcross, ThePlanShowsIt) {
  add_component("writer", with_s64(kWriter));
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "pass");
  const Result<Plan> plan = builder_.plan();
  ASSERT_TRUE(plan) << whole_text(plan.error());
  const auto edge = std::ranges::find(plan->edges, "reader", &PlanEdge::provider);
  ASSERT_NE(edge, plan->edges.end());
  EXPECT_TRUE(edge->buffers);
  EXPECT_THAT(edge->notes, testing::Contains("passes buffers"));
}

TEST_F(BuffersAcross, AWireWithoutThemIsProposedOne) {
  add_component("writer", with_s64(kWriter));
  add_package("reader", "buffer_reader");
  builder_.wire({.import = "acme:sink/sink.take", .provider = "reader", .export_name = "pass"});
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-wire-type"), HasSubstr("`writer` imports `acme:sink/sink`"),
                    HasSubstr("add `buffers = true` to the wire")));
}

TEST_F(BuffersAcross, AnImportWithoutAWireIsProposedOne) {
  std::string text = with_s64(kWriter);
  text.replace(text.find("\"take\" (func (param \"b\""), 6, "\"pass\"");
  text.replace(text.find("$sink \"take\""), 12, "$sink \"pass\"");
  add_component("writer", text);
  add_package("reader", "buffer_reader");
  EXPECT_THAT(
      problems_of_plan(builder_),
      AllOf(HasSubstr("resolve-no-provider"),
            HasSubstr("`reader` exports a function `pass` that fits if buffers pass as `value`: "
                      "`wire` of `acme:sink/sink.pass` with `Wire::buffers`")));
  wire("acme:sink/sink.pass", "reader", "pass");
  EXPECT_EQ(problems_of_plan(builder_), "");
}

TEST_F(BuffersAcross, ABorrowedOneCannotPass) {
  std::string text = with_s64(kWriter);
  text.replace(text.find("(own $eq)"), 9, "(borrow $eq)");
  add_component("writer", text);
  add_package("reader", "buffer_reader");
  wire("acme:sink/sink.take", "reader", "pass");
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-wire-type"),
                    HasSubstr("does not fit at `take -> b`: a package keeps the buffers that it "
                              "gets, so only an `own` handle can be `value`")));
}

TEST_F(BuffersAcross, AWireThatPassesNoneIsRefused) {
  builder_.add_package("doubler", package_guest("0.5.4", "doubler_typed"));
  add_component("adder", kAdderComponent);
  wire("math.double", "doubler", "double");
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-wire-type"), HasSubstr("`buffers = true` of the wire"),
                    HasSubstr("has no effect: `adder` and `doubler` pass no buffer"),
                    HasSubstr("remove `buffers`")));
  builder_ = CompositionBuilder();
  add_component("writer", kWriter);
  add_component("sink", kSink);
  builder_.wire({.import = "acme:sink/sink", .provider = "sink", .buffers = true});
  EXPECT_THAT(problems_of_plan(builder_), HasSubstr("has no effect: `writer` and `sink`"));
  builder_ = CompositionBuilder();
  add_component("writer", kWriter);
  builder_.wire({.import = "acme:sink/sink", .target = Wire::Target::Open, .buffers = true});
  EXPECT_THAT(problems_of_plan(builder_),
              AllOf(HasSubstr("resolve-wire-unused"), HasSubstr("`buffers` is about a provider")));
}

// A resource of another unit is not a buffer of tenon, whatever its name is.
TEST_F(BuffersAcross, OnlyTheResourceOfTenonIsABuffer) {
  std::string text = with_s64(kWriter);
  for (std::size_t at = 0; (at = text.find("tenon:buffer/buffers@0.1.0", at)) != std::string::npos;)
    text.replace(at, 26, "other:buffer/buffers@0.1.0");
  add_component("writer", text);
  add_package("reader", "buffer_reader");
  builder_.wire({.import = "other:buffer/buffers", .target = Wire::Target::Open});
  wire("acme:sink/sink.take", "reader", "pass");
  EXPECT_THAT(problems_of_plan(builder_), HasSubstr("resolve-wire-type"));
}

TEST_F(BuffersAcross, MiddlewareThatNeedsValuesIsRefused) {
  for (const bool to_component : {false, true}) {
    builder_ = CompositionBuilder();
    builder_.add_middleware("cache", {.kind = Middleware::Kind::Cache});
    if (to_component) {
      add_package("producer", "buffer_producer");
      add_component("echo", kEcho);
    } else {
      add_component("writer", with_s64(kWriter));
      add_package("reader", "buffer_reader");
    }
    builder_.wire({.import = to_component ? "next.pass" : "acme:sink/sink.take",
                   .provider = to_component ? "echo" : "reader",
                   .export_name = "pass",
                   .via = {"cache"},
                   .buffers = true});
    EXPECT_THAT(problems_of_plan(builder_),
                AllOf(HasSubstr("resolve-chain"), HasSubstr("passes handles")));
  }
}

TEST_F(ComponentBuffers, AUnitCanProvideThem) {
  add("buffers",
      function_unit("", "tenon:buffer/buffers@0.1.0", "(i32.add (local.get 0) (i32.const 1))"));
  add("cart",
      function_unit("tenon:buffer/buffers@0.1.0", "test:u/cart", "(call $f (local.get 0))"));
  const Composition composition = build("cart");
  const Value five[] = {Value::u32(5)};
  EXPECT_EQ(describe_outcome(composition.call("test:u/cart", "f", five)), "6");
}

TEST_F(ComponentBuffers, AComposedComponentImportsThem) {
  CompositionBuilder builder;
  builder.add_component("writer", write("writer", kWriter));
  builder.add_component("sink", write("sink", kSink));
  builder.set_root("writer");
  const auto composed = builder.compose();
  ASSERT_TRUE(composed) << whole_text(composed.error());
}

}  // namespace
}  // namespace tenon::package_buffers_test
