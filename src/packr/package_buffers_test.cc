// Host buffers: bytes that are copied in once and pass between packages as a handle.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/host.h"
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
  for (const std::string_view set : {"0.5.4", "0.21.0"}) {
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

}  // namespace
}  // namespace tenon::package_buffers_test
