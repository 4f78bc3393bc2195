#include "remote/frames.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "support/test_vectors.h"

namespace tenon::remote::frames_test {
namespace {

using From = FrameReader::From;

// All data by its channel, read in pieces of `step` bytes; the error as text.
struct Read {
  std::map<IndexPath, std::string> data;
  std::string instance;
  std::string function;
  std::string error;
  bool is_between_frames = false;
};

Read read(From from, const Bytes& bytes, std::size_t step) {
  FrameReader reader(from);
  Read all;
  std::size_t taken = 0;
  for (std::size_t end = 0; end < bytes.size();) {
    end += std::min(step, bytes.size() - end);
    std::span<const std::uint8_t> rest = std::span(bytes).subspan(taken, end - taken);
    while (true) {
      const auto piece = reader.next(rest);
      if (!piece) {
        all.error = piece.error();
        return all;
      }
      if (!*piece) break;
      all.data[(*piece)->channel] += to_hex((*piece)->data);
    }
    taken = end - rest.size();
  }
  all.instance = reader.instance();
  all.function = reader.function();
  all.is_between_frames = reader.is_between_frames();
  return all;
}

class FrameVectors : public testing::TestWithParam<const char*> {};

TEST_P(FrameVectors, AreReadInPiecesOfAnySizeAndWrittenAgain) {
  for (const nlohmann::json& vector : read_vectors(GetParam())) {
    SCOPED_TRACE(text_of(vector, "id"));
    for (const bool is_client : {true, false}) {
      const Bytes bytes = from_hex(text_of(vector, is_client ? "c2s" : "s2c"));
      std::map<IndexPath, std::string> expected;
      Bytes written;
      if (is_client) append_header(written, text_of(vector, "instance"), text_of(vector, "func"));
      for (const nlohmann::json& frame : vector.at(is_client ? "c2s_frames" : "s2c_frames")) {
        const auto channel = frame.at("path").get<IndexPath>();
        expected[channel] += text_of(frame, "data");
        append_frame(written, channel, from_hex(text_of(frame, "data")));
      }
      for (const std::size_t step : {SIZE_MAX, std::size_t{1}, std::size_t{3}}) {
        const Read all = read(is_client ? From::Client : From::Server, bytes, step);
        EXPECT_EQ(all.error, "");
        EXPECT_EQ(all.data, expected);
        EXPECT_TRUE(all.is_between_frames);
        if (!is_client) continue;
        EXPECT_EQ(all.instance, text_of(vector, "instance"));
        EXPECT_EQ(all.function, text_of(vector, "func"));
      }
      EXPECT_EQ(to_hex(written), to_hex(bytes));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, FrameVectors,
                         testing::Values("wrpc-tcp-rust030.jsonl", "wrpc-tcp-rust029.jsonl",
                                         "wrpc-tcp-goclient-rust030server.jsonl",
                                         "wrpc-tcp-rust030client-goserver.jsonl"));

std::string error_of(From from, const char* hex) { return read(from, from_hex(hex), 1).error; }

TEST(Frames, EachMistakeOfAPeerIsNamed) {
  EXPECT_EQ(error_of(From::Client, "01"), "unsupported framing version 1 (expected 0)");
  EXPECT_EQ(error_of(From::Client, "00ffffffff1f"),
            "the name of the interface does not fit in 32 bits");
  EXPECT_EQ(error_of(From::Client, "00ffffffff07"),
            "the name of the interface has 2147483647 bytes, more than the limit of 100000");
  EXPECT_EQ(error_of(From::Client, "00016101ff"), "the name of the function is not UTF-8");
  EXPECT_EQ(error_of(From::Server, "21"), "a channel has 33 indices, more than the limit of 32");
  EXPECT_EQ(error_of(From::Server, "01ffffffff1f"),
            "an index of a channel does not fit in 32 bits");
  EXPECT_EQ(error_of(From::Server, "00ffffffff1f"), "the size of a frame does not fit in 32 bits");
}

TEST(Frames, BytesCanEndBetweenFramesOnly) {
  const Bytes frame = from_hex("020103027a7a");
  for (std::size_t size = 1; size < frame.size(); ++size) {
    SCOPED_TRACE(size);
    const Read all = read(From::Server, {frame.begin(), frame.begin() + static_cast<int>(size)}, 1);
    EXPECT_EQ(all.error, "");
    EXPECT_FALSE(all.is_between_frames);
  }
  EXPECT_TRUE(read(From::Server, frame, 1).is_between_frames);
}

}  // namespace
}  // namespace tenon::remote::frames_test
