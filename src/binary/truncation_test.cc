// A component that is cut is refused wherever it is cut, but for the ends of sections: what stands
// before those is a component.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "binary/hand_encoded.h"
#include "binary/read_component.h"
#include "support/byte_reader.h"

namespace tenon::binary::truncation_test {
namespace {

// Offsets at which a section of the outermost component ends, and the end of the preamble.
std::set<std::size_t> section_ends(const Bytes& bytes) {
  ByteReader in(bytes, "the component");
  std::set<std::size_t> ends;
  EXPECT_TRUE(in.read_bytes(8, "preamble"));
  ends.insert(in.offset());
  while (!in.at_end()) {
    EXPECT_TRUE(in.read_byte("number"));
    const Result<std::uint32_t> size = in.read_u32("size");
    EXPECT_TRUE(size && in.read_bytes(*size, "contents"));
    ends.insert(in.offset());
  }
  return ends;
}

void expect_refused_when_cut(const Bytes& bytes) {
  const std::set<std::size_t> ends = section_ends(bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const Result<Component> read = read_component(std::span(bytes).first(size));
    ASSERT_EQ(read.has_value(), ends.contains(size)) << "cut after " << size;
    if (!read) {
      ASSERT_EQ(read.error().front().code, "read-truncated") << "cut after " << size;
    }
  }
}

TEST(Truncation, OfASmallComponent) {
  const Bytes inner = component({section(7, {1, 0x73}), section(1, module({}))});
  expect_refused_when_cut(component(
      {section(4, inner), section(10, {1, 0x02, 1, 'a', 1, 0x00, 1, 'b', 0x05, 0}),
       section(7, {2, 0x42, 1, 0x01, 0x72, 1, 1, 'a', 0x79, 0x40, 0, 1, 0}),
       section(8, {1, 0, 0, 1, 1, 0x03, 0, 2}), section(0, join({name("x"), {1, 2, 3}}))}));
}

TEST(Truncation, OfARealComponent) {
  const std::string path = TENON_SOURCE_DIR "/examples/press/wasm/highlighter.wasm";
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_TRUE(read_component(bytes));
  expect_refused_when_cut(bytes);
}

}  // namespace
}  // namespace tenon::binary::truncation_test
