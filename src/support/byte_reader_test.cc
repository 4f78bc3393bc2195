#include "support/byte_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::byte_reader_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "fine" : std::string(result.error().front().code);
}

TEST(ByteReader, ReadsIntegersOfEveryLength) {
  const Bytes bytes = {0x00, 0x7f, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f};
  ByteReader in(bytes, "the file");
  EXPECT_EQ(*in.read_u32("n"), 0U);
  EXPECT_EQ(*in.read_u32("n"), 127U);
  EXPECT_EQ(*in.read_u32("n"), 128U);
  EXPECT_EQ(*in.read_u32("n"), UINT32_MAX);
  EXPECT_TRUE(in.at_end());
}

TEST(ByteReader, ReadsSignedIntegers) {
  const auto s33 = [](const Bytes& bytes) { return *ByteReader(bytes, "the file").read_s33("n"); };
  EXPECT_EQ(s33({0x7f}), -1);
  EXPECT_EQ(s33({0x40}), -64);
  EXPECT_EQ(s33({0xc0, 0x00}), 64);
  EXPECT_EQ(s33({0xff, 0xff, 0xff, 0xff, 0x0f}), std::int64_t{UINT32_MAX});
  EXPECT_EQ(s33({0x80, 0x80, 0x80, 0x80, 0x70}), -(std::int64_t{1} << 32));
  const Bytes least = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f};
  EXPECT_EQ(*ByteReader(least, "the file").read_s64("n"), INT64_MIN);
  const Bytes most = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  EXPECT_EQ(*ByteReader(most, "the file").read_u64("n"), UINT64_MAX);
}

TEST(ByteReader, RefusesIntegersThatAreTooLong) {
  const Bytes overlong = {0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  EXPECT_EQ(code_of(ByteReader(overlong, "the file").read_u32("n")), "read-malformed");
  EXPECT_EQ(code_of(ByteReader(overlong, "the file").read_s33("n")), "read-malformed");
  const Bytes eleven(11, 0x80);
  EXPECT_EQ(code_of(ByteReader(eleven, "the file").read_u64("n")), "read-malformed");
  EXPECT_EQ(code_of(ByteReader(eleven, "the file").read_s64("n")), "read-malformed");
}

TEST(ByteReader, RefusesUnusedBits) {
  const auto u32 = [](std::uint8_t last) {
    return code_of(ByteReader(Bytes{0xff, 0xff, 0xff, 0xff, last}, "the file").read_u32("n"));
  };
  EXPECT_EQ(u32(0x0f), "fine");
  for (const std::uint8_t last : Bytes{0x1f, 0x4f, 0x7f}) EXPECT_EQ(u32(last), "read-malformed");
  const auto s33 = [](std::uint8_t last) {
    return code_of(ByteReader(Bytes{0x80, 0x80, 0x80, 0x80, last}, "the file").read_s33("n"));
  };
  EXPECT_EQ(s33(0x0f), "fine");
  EXPECT_EQ(s33(0x70), "fine");
  for (const std::uint8_t last : Bytes{0x10, 0x1f, 0x20, 0x6f})
    EXPECT_EQ(s33(last), "read-malformed");
}

TEST(ByteReader, AllowsPaddingWithinTheLength) {
  EXPECT_EQ(*ByteReader(Bytes{0x83, 0x80, 0x80, 0x80, 0x00}, "the file").read_u32("n"), 3U);
}

TEST(ByteReader, ReportsWhereTheFileEnds) {
  const Bytes bytes = {0x05, 'a', 'b'};
  ByteReader in(bytes, "the component");
  const Production production(in, "import");
  const Result<std::string_view> name = in.read_name("name");
  ASSERT_FALSE(name);
  const Diagnostic& problem = name.error().front();
  EXPECT_EQ(problem.code, "read-truncated");
  EXPECT_EQ(problem.where.offset, 1U);
  EXPECT_EQ(problem.message,
            "name in `import` of the component: 5 bytes are needed, but the file ends after 2");
}

TEST(ByteReader, ReportsARegionThatEndsEarlyAsMalformed) {
  const Bytes bytes = {0x05, 'a', 'b', 0, 0, 0, 0};
  ByteReader in(bytes, "the component");
  ByteReader region = *in.read_region(3, "the import section");
  const Result<std::string_view> name = region.read_name("name");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().front().code, "read-malformed");
  EXPECT_EQ(name.error().front().message,
            "name of the import section: 5 bytes are needed, but the import section ends after 2");
  EXPECT_EQ(in.offset(), 3U);
  EXPECT_EQ(in.bytes_left(), 4U);
}

TEST(ByteReader, RegionsKeepTheOffsetsOfTheFile) {
  const Bytes bytes = {9, 9, 9, 0x01, 0x02};
  ByteReader in(bytes, "the file");
  ASSERT_TRUE(in.read_bytes(3, "start"));
  ByteReader region = *in.read_region(2, "a region");
  EXPECT_EQ(region.offset(), 3U);
  ASSERT_TRUE(region.read_byte("byte"));
  EXPECT_EQ(code_of(region.expect_end()), "read-malformed");
  EXPECT_EQ(region.expect_end().error().front().where.offset, 4U);
}

TEST(ByteReader, RefusesACountBeyondTheBytesLeft) {
  const Bytes bytes = {0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2};
  ByteReader in(bytes, "the file");
  const auto items =
      read_vector(in, "count", [](ByteReader& inner) { return inner.read_byte("b"); });
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().front().code, "read-malformed");
  EXPECT_EQ(items.error().front().where.offset, 0U);
}

TEST(ByteReader, RefusesNamesBeyondTheLimit) {
  const Bytes bytes = {0x03, 'a', 'b', 'c'};
  EXPECT_EQ(code_of(ByteReader(bytes, "the file").read_name("name", 3)), "fine");
  EXPECT_EQ(code_of(ByteReader(bytes, "the file").read_name("name", 2)), "read-limit");
}

TEST(ByteReader, RefusesNamesThatAreNotText) {
  const Bytes bytes = {0x02, 0xc3, 0x28};
  EXPECT_EQ(code_of(ByteReader(bytes, "the file").read_name("name")), "read-malformed");
}

}  // namespace
}  // namespace tenon::byte_reader_test
