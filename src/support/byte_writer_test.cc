#include "support/byte_writer.h"

#include <gtest/gtest.h>

#include "support/byte_reader.h"

namespace tenon::byte_writer_test {
namespace {

TEST(ByteWriter, WritesWhatTheReaderReads) {
  for (const std::uint32_t value : {0U, 1U, 127U, 128U, 16383U, 16384U, 0x7fffffffU, UINT32_MAX}) {
    ByteWriter out;
    out.u32(value, "n");
    EXPECT_EQ(*ByteReader(out.data(), "the file").read_u32("n"), value);
  }
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-1}, std::int64_t{-64},
        std::int64_t{-65}, std::int64_t{UINT32_MAX}, -(std::int64_t{1} << 32)}) {
    ByteWriter out;
    out.s33(value, "n");
    EXPECT_EQ(*ByteReader(out.data(), "the file").read_s33("n"), value);
  }
}

TEST(ByteWriter, DumpsEveryPieceWithItsLabel) {
  ByteWriter body(KeepLabels::Yes);
  body.name("run", "name");
  body.raw(std::vector<std::uint8_t>(20, 0xee), "contents");
  ByteWriter out(KeepLabels::Yes);
  out.byte(0x01, "sort func");
  out.u32(300, "index");
  out.block(body, "size");
  EXPECT_EQ(dump(out.data(), out.labels()),
            "0x0000: 01                       ; sort func\n"
            "0x0001: ac 02                    ; index\n"
            "0x0003: 18                       ; size\n"
            "0x0004: 03 72 75 6e              ; name \"run\"\n"
            "0x0008: ee ee ee ee ee ee ee ee ee ee ee ee ee ee ee ee ... 20 bytes ; contents\n");
}

TEST(ByteWriter, KeepsNoLabelsByDefault) {
  ByteWriter out;
  out.name("run", "name");
  EXPECT_TRUE(out.labels().empty());
  EXPECT_EQ(dump(out.data(), out.labels()), "");
}

TEST(ByteWriter, LabelsAppendedBytesThatHaveNoLabels) {
  ByteWriter silent;
  silent.u32(7, "index");
  ByteWriter out(KeepLabels::Yes);
  out.append(silent, "appended");
  EXPECT_EQ(dump(out.data(), out.labels()), "0x0000: 07                       ; appended\n");
}

}  // namespace
}  // namespace tenon::byte_writer_test
