#include "abi/value_arena.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "abi/copy_program.h"
#include "abi/test_guest.h"
#include "abi/test_text.h"
#include "abi/test_types.h"

namespace tenon::abi::value_arena_test {
namespace {

using P = types::Primitive;
using ::testing::ElementsAre;

TEST(ValueArena, BlocksAreAlignedAndGapsAreZero) {
  ValueArena arena;
  EXPECT_EQ(*arena.allocate(3, 1), 0U);
  EXPECT_EQ(*arena.allocate(8, 8), 8U);
  EXPECT_EQ(*arena.allocate(0, 4), 16U);
  EXPECT_EQ(arena.bytes().size(), 16U);
  EXPECT_EQ(arena.bytes()[3], 0);
  EXPECT_EQ(arena.bytes()[7], 0);
}

TEST(ValueArena, TheLastBlockGrowsAndShrinksInPlace) {
  ValueArena arena;
  const std::uint32_t first = *arena.allocate(4, 1);
  std::ranges::fill(arena.memory(), std::uint8_t{7});
  EXPECT_EQ(*arena.reallocate(first, 4, 1, 12), first);
  EXPECT_EQ(*arena.reallocate(first, 12, 1, 2), first);
  EXPECT_EQ(arena.bytes().size(), 2U);
  EXPECT_EQ(arena.memory().size(), 12U);
  static_cast<void>(arena.allocate(1, 1));
  const std::uint32_t moved = *arena.reallocate(first, 2, 1, 3);
  EXPECT_EQ(moved, 3U);
  EXPECT_EQ(arena.bytes()[moved], 7);
}

TEST(ValueArena, StaysBelowItsLimit) {
  ValueArena arena(100);
  EXPECT_TRUE(arena.allocate(100, 1));
  EXPECT_EQ(arena.allocate(1, 1).error().kind, AbiErrorKind::Limit);
  EXPECT_EQ(arena.allocate(UINT32_MAX, 1).error().kind, AbiErrorKind::Limit);
  arena.clear();
  EXPECT_TRUE(arena.allocate(10, 1));
}

TEST(ValueArena, EqualValuesMakeEqualBytes) {
  TestTypes t;
  const CopyProgram program =
      t.program({t.tuple({t(P::U8), t(P::String), t.option(t(P::U64)), t.list(t(P::U16))})});
  std::vector<std::vector<std::uint8_t>> copies;
  for (const Encoding encoding : {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16}) {
    TestGuest guest(encoding, 1024, static_cast<std::uint8_t>(copies.size() + 0x70));
    const std::uint32_t at = guest.allocate(40, 8);
    const StringPair text = put_string(guest, U"caf\u00e9 \u20ac");
    guest.put<std::uint8_t>(at, 1);
    guest.put(at + 4, text.address);
    guest.put(at + 8, text.length);
    guest.put<std::uint8_t>(at + 16, 0);
    guest.put(at + 32, put_bytes(guest, "\1\2\3\4", 2));
    guest.put<std::uint32_t>(at + 36, 2);
    ValueArena arena;
    ASSERT_TRUE(program.lift_params(From::memory(guest, at), arena));
    copies.emplace_back(arena.bytes().begin(), arena.bytes().end());
  }
  EXPECT_EQ(copies[0], copies[1]);
  EXPECT_EQ(copies[0], copies[2]);
}

TEST(ValueArena, LiftsAnOwnHandleOnce) {
  TestTypes t;
  const CopyProgram program = t.program({t.own(), t.borrow()});
  TestGuest a;
  TestGuest b;
  const std::vector<FlatValue> from = {5, 6};
  std::vector<FlatValue> to(2);
  b.flat = to;
  ValueArena arena;
  const std::uint32_t at = *program.lift_params(From::flat(a, from), arena);
  EXPECT_THAT(arena.resources(), ElementsAre(ResourceToken{5}, ResourceToken{6}));
  ASSERT_TRUE(program.copy_params(From::memory(arena, at), To::flat(b, to)));
  EXPECT_EQ(to, from);
  const auto again = program.copy_params(From::memory(arena, at), To::flat(b, to));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, AbiErrorKind::Guest);
  EXPECT_EQ(again.error().path, "p0");
}

}  // namespace
}  // namespace tenon::abi::value_arena_test
