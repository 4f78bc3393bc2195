#include "remote/extension.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "support/test_vectors.h"

namespace tenon::remote {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CallNote make_note() {
  CallNote note;
  std::ranges::fill(note.worker, std::uint8_t{0xab});
  note.type_digest = 0x0102030405060708;
  note.drops = {{1, 2, 3}, Bytes(44, 9)};
  return note;
}

TEST(CallNote, IsFoundBehindTheParameters) {
  Bytes params = {5, 6, 7};
  append_note(make_note(), params);
  const auto note = read_note(params);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->worker, make_note().worker);
  EXPECT_EQ(note->type_digest, make_note().type_digest);
  EXPECT_THAT(note->drops, ElementsAre(Bytes{1, 2, 3}, Bytes(44, 9)));
  params.push_back(0);
  EXPECT_FALSE(read_note(params)) << "it is at the end";
}

TEST(CallNote, NamesTheLabelOfAnImport) {
  CallNote note = make_note();
  note.label = "primary";
  Bytes params;
  append_note(note, params);
  EXPECT_EQ(read_note(params)->label, "primary");
  note.label = std::string(256, 'a');
  params.clear();
  append_note(note, params);
  EXPECT_EQ(read_note(params)->label, "") << "too long for a field";
}

TEST(CallNote, SaysWhetherTheClientCanPause) {
  CallNote note = make_note();
  Bytes params;
  append_note(note, params);
  EXPECT_FALSE(read_note(params)->can_pause);
  note.can_pause = true;
  params.clear();
  append_note(note, params);
  EXPECT_TRUE(read_note(params)->can_pause);
}

TEST(PaceRequest, IsReadFromTheFront) {
  const PaceRequest pause = {{0, 1, 300}, Pace::Pause};
  const PaceRequest go_on = {{7}, Pace::GoOn};
  Bytes bytes = write_pace(pause);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::span<const std::uint8_t> part = std::span(bytes).first(size);
    const auto read = read_pace(part);
    ASSERT_TRUE(read) << size;
    EXPECT_FALSE(*read) << size;
    EXPECT_EQ(part.size(), size) << "nothing is removed";
  }
  const Bytes next = write_pace(go_on);
  bytes.insert(bytes.end(), next.begin(), next.end());
  std::span<const std::uint8_t> rest = bytes;
  EXPECT_EQ(read_pace(rest)->value(), pause);
  EXPECT_EQ(read_pace(rest)->value(), go_on);
  EXPECT_THAT(rest, IsEmpty());
}

TEST(PaceRequest, IsRefusedIfItIsNotValid) {
  // No channel, one that is too deep, an index that is too large, an unknown request.
  for (const Bytes& bytes :
       {Bytes{0, 1}, Bytes{33}, Bytes{1, 0xff, 0xff, 0xff, 0xff, 0x7f, 1}, Bytes{1, 0, 2}}) {
    std::span<const std::uint8_t> rest = bytes;
    const auto read = read_pace(rest);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), "a request to pause a stream cannot be read");
  }
}

TEST(CallNote, HasTheTimeThatIsLeft) {
  CallNote note = make_note();
  note.time_left = std::chrono::milliseconds(1500);
  Bytes params;
  append_note(note, params);
  EXPECT_EQ(read_note(params)->time_left, std::chrono::milliseconds(1500));
  note.time_left = std::chrono::nanoseconds::max();
  params.clear();
  append_note(note, params);
  // A deadline that far away is still one.
  const auto now = std::chrono::steady_clock::now();
  EXPECT_GT(now + *read_note(params)->time_left, now);
}

TEST(CallNote, HasTheBytesOfItsSpecification) {
  CallNote note;
  note.type_digest = 0x0102030405060708;
  Bytes bytes;
  append_note(note, bytes);
  EXPECT_EQ(to_hex(bytes),
            "0110"
            "00000000000000000000000000000000"  // worker
            "0208"
            "0807060504030201"  // digest
            "1c00"
            "74656e6f6eff01fe");  // size, mark
}

TEST(CallNote, ParametersWithoutANoteHaveNone) {
  EXPECT_FALSE(read_note({}));
  EXPECT_FALSE(read_note(from_hex("74656e6f6eff01fe")));
  // It would begin before the parameters.
  EXPECT_FALSE(
      read_note(from_hex("ff00"
                         "74656e6f6eff01fe")));
  // A field that is longer than the note.
  EXPECT_FALSE(
      read_note(from_hex("0105aa"
                         "0300"
                         "74656e6f6eff01fe")));
}

TEST(CallNote, SaysWhatTheCallBelongsTo) {
  CallNote note;
  note.cause = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  Bytes bytes;
  append_note(note, bytes);
  EXPECT_NE(to_hex(bytes).find("0418"
                               "0af7651916cd43dd8448eb211c80319c"
                               "b7ad6b7169203331"),
            std::string::npos);
  EXPECT_EQ(read_note(bytes)->cause, note.cause);
  // Without a span, and too short.
  for (const char* const cause : {"04180af7651916cd43dd8448eb211c80319c0000000000000000"
                                  "1a0074656e6f6eff01fe",
                                  "0408b7ad6b71692033310a0074656e6f6eff01fe"}) {
    const auto read = read_note(from_hex(cause));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->cause);
  }
}

TEST(CallNote, UnknownFieldsAreSkipped) {
  const auto note =
      read_note(from_hex("7f02aabb"
                         "0208"
                         "0100000000000000"
                         "0e00"
                         "74656e6f6eff01fe"));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->type_digest, 1U);
  EXPECT_THAT(note->drops, IsEmpty());
}

TEST(CallNote, AFullNoteFitsIntoItsLimit) {
  CallNote note = make_note();
  note.drops.assign(kNoteDrops, Bytes(44));
  Bytes bytes;
  append_note(note, bytes);
  EXPECT_LE(bytes.size(), kNoteBytes);
  const auto read = read_note(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->drops.size(), kNoteDrops);
}

TEST(ServerFailure, IsReadAsItWasWritten) {
  const Bytes bytes = write_failure({ServerFailure::Kind::Type, "its type differs"});
  const auto failure = read_failure(bytes);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, ServerFailure::Kind::Type);
  EXPECT_EQ(failure->message, "its type differs");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_failure(std::span(bytes).first(size))) << size;
}

TEST(ServerFailure, AKindOfALaterVersionIsAFailureToo) {
  const auto failure =
      read_failure(from_hex("6302"
                            "6f68"));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, ServerFailure::Kind::Failed);
  EXPECT_EQ(failure->message, "oh");
  EXPECT_FALSE(
      read_failure(from_hex("0002"
                            "fffe")))
      << "it is not UTF-8";
}

}  // namespace
}  // namespace tenon::remote
