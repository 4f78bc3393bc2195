#include "abi/copy_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "abi/test_guest.h"
#include "abi/test_text.h"
#include "abi/test_types.h"

namespace tenon::abi::copy_program_test {
namespace {

using P = types::Primitive;
using ::testing::ElementsAre;
using Flats = std::vector<FlatValue>;

class Copy : public ::testing::Test {
 protected:
  // Copies flat parameters to flat parameters.
  Result<void, AbiError> copy(const CopyProgram& program, const Flats& from) {
    flat.assign(program.layout().layouts[program.layout().params].flat.count(), UINT64_MAX);
    b.flat = flat;
    return program.copy_params(From::flat(a, from), To::flat(b, flat));
  }
  // Copies one value from memory to memory; returns the address of the copy.
  std::uint32_t copy_memory(const CopyProgram& program, std::uint32_t from) {
    FlatValue address = 0;
    const Result<void, AbiError> copied =
        program.copy_params(From::memory(a, from), To::allocated(b, address));
    EXPECT_TRUE(copied) << (copied ? "" : copied.error().message);
    return static_cast<std::uint32_t>(address);
  }
  std::vector<std::uint8_t> bytes(std::uint32_t at, std::uint32_t size) {
    return {b.bytes.begin() + at, b.bytes.begin() + at + size};
  }

  TestTypes t;
  TestGuest a{Encoding::Utf8, 1024, 0xa5};
  TestGuest b{Encoding::Utf8, 1024, 0x5a};
  Flats flat;
};

TEST_F(Copy, MakesFlatScalarsCanonical) {
  const CopyProgram program =
      t.program({t(P::Bool), t(P::U8), t(P::S8), t(P::U16), t(P::S16), t(P::U32), t(P::S32),
                 t(P::U64), t(P::F32), t.flags(3), t.enumeration(3)});
  constexpr std::uint64_t kHigh = 0xabcdef0100000000;
  ASSERT_TRUE(copy(program, {kHigh | 0x100, kHigh | 0x1ff, kHigh | 0x80, kHigh | 0x5ffff,
                             kHigh | 0x8000, kHigh | 7, kHigh | 0xffffffff, kHigh | 1,
                             kHigh | 0x7fa00001, kHigh | 0xff, kHigh | 2}));
  EXPECT_THAT(flat, ElementsAre(1, 0xff, 0xffffff80, 0xffff, 0xffff8000, 7, 0xffffffff, kHigh | 1,
                                0x7fa00001, 7, 2));
}

TEST_F(Copy, ScalarsNeedNoMemory) {
  TestGuest none(Encoding::Utf8, 0);
  const CopyProgram program = t.program({t(P::U32), t(P::F64)}, t(P::U32));
  const Flats from = {1, 2};
  Flats to(2);
  ASSERT_TRUE(program.copy_params(From::flat(none, from), To::flat(none, to)));
  EXPECT_EQ(to, from);
  FlatValue result = 0;
  ASSERT_TRUE(program.copy_result(From::flat(none, std::span(from).first(1)),
                                  To::flat(none, std::span(&result, 1))));
  EXPECT_EQ(result, 1U);
}

// The flat values of the engine have 16 bytes, of which the first eight matter.
TEST_F(Copy, UsesLongerItemsInPlace) {
  struct Item {
    std::uint64_t bits = 0;
    std::uint64_t unused = 0;
  };
  const CopyProgram program = t.program({t(P::U8), t.option(t(P::String))});
  const std::vector<Item> from = {{5, 1}, {1, 2}, {put_bytes(a, "abc", 1), 3}, {3, 4}};
  std::vector<Item> to(4, {9, 9});
  ASSERT_TRUE(program.copy_params(From::flat(a, from), To::flat(b, to)));
  EXPECT_EQ(to[0].bits, 5U);
  EXPECT_EQ(to[0].unused, 9U);
  EXPECT_THAT(bytes(static_cast<std::uint32_t>(to[2].bits), 3), ElementsAre('a', 'b', 'c'));
  ASSERT_TRUE(program.copy_params(From::flat(a, from), To::allocated(b, to)));
  EXPECT_EQ(bytes(static_cast<std::uint32_t>(to[0].bits), 1)[0], 5);
}

// The cases share flat values: i32 and f32 with i64 and f64.
TEST_F(Copy, ReadsEachCaseFromJoinedValues) {
  const CopyProgram program = t.program({t.variant({{"s", t(P::S8)},
                                                    {"f", t(P::F32)},
                                                    {"d", t(P::F64)},
                                                    {"two", t.tuple({t(P::U8), t(P::U16)})},
                                                    {"none", {}}})});
  const std::uint64_t wide = 0xfedcba9876543280;
  ASSERT_TRUE(copy(program, {0, wide, wide}));
  EXPECT_THAT(flat, ElementsAre(0, 0xffffff80, 0));
  ASSERT_TRUE(copy(program, {1, wide, wide}));
  EXPECT_THAT(flat, ElementsAre(1, 0x76543280, 0));
  ASSERT_TRUE(copy(program, {2, wide, wide}));
  EXPECT_THAT(flat, ElementsAre(2, wide, 0));
  ASSERT_TRUE(copy(program, {3, wide, wide}));
  EXPECT_THAT(flat, ElementsAre(3, 0x80, 0x3280));
  ASSERT_TRUE(copy(program, {4, wide, wide}));
  EXPECT_THAT(flat, ElementsAre(4, 0, 0));
}

TEST_F(Copy, ListOfBytesInOnePiece) {
  const CopyProgram program = t.program({t.list(t(P::U8))});
  ASSERT_TRUE(copy(program, {put_bytes(a, "hello", 1), 5}));
  EXPECT_EQ(b.reallocs, (std::vector<TestGuest::Realloc>{{0, 0, 1, 5}}));
  EXPECT_EQ(bytes(static_cast<std::uint32_t>(flat[0]), 5),
            (std::vector<std::uint8_t>{'h', 'e', 'l', 'l', 'o'}));
  EXPECT_EQ(flat[1], 5U);
  ASSERT_TRUE(copy(program, {0, 0}));
  EXPECT_EQ(b.reallocs.back(), (TestGuest::Realloc{0, 0, 1, 0}));
}

TEST_F(Copy, LeavesNoPaddingOfTheOtherSide) {
  const types::TypeId item =
      t.tuple({t(P::U8), t(P::U32), t.option(t(P::U64)), t(P::String), t(P::U16)});
  const CopyProgram program = t.program({item});
  const std::uint32_t at = a.allocate(40, 8);
  a.put<std::uint8_t>(at, 1);
  a.put<std::uint32_t>(at + 4, 2);
  a.put<std::uint8_t>(at + 8, 0);  // none
  a.put(at + 24, put_bytes(a, "x", 1));
  a.put<std::uint32_t>(at + 28, 1);
  a.put<std::uint16_t>(at + 32, 3);
  const std::uint32_t to = copy_memory(program, at);
  EXPECT_THAT(bytes(to, 24),
              ElementsAre(1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(bytes(to + 32, 8), ElementsAre(3, 0, 0, 0, 0, 0, 0, 0));
}

// The taking side runs in `realloc`. Even then it must not see an address or padding.
TEST_F(Copy, ShowsNothingWhileStringsAreCopied) {
  const types::TypeId item = t.tuple({t(P::U8), t(P::String), t.result(t(P::U64), t(P::String))});
  const CopyProgram program = t.program({t.list(item)});
  const std::uint32_t text = put_bytes(a, "text", 1);
  const std::uint32_t list = a.allocate(2 * 32, 8);
  for (const std::uint32_t at : {list, list + 32}) {
    a.put<std::uint8_t>(at, 9);
    a.put(at + 4, text);
    a.put<std::uint32_t>(at + 8, 4);
    a.put<std::uint8_t>(at + 16, 1);
    a.put(at + 24, text);
    a.put<std::uint32_t>(at + 28, 4);
  }
  std::uint32_t start = 0;
  b.instead = [&](const TestGuest::Realloc& call) -> Result<std::uint32_t, AbiError> {
    if (call.size == 64) return start = b.allocate(call.size, call.align);
    if (b.reallocs.size() == 2) {
      std::vector<std::uint8_t> expected(64);
      expected[0] = expected[32] = 9;
      expected[16] = expected[48] = 1;
      EXPECT_EQ(bytes(start, 64), expected);
    }
    return b.allocate(call.size, call.align);
  };
  ASSERT_TRUE(copy(program, {list, 2}));
  EXPECT_EQ(b.reallocs.size(), 5U);
}

TEST_F(Copy, MakesListsOfBoolsAndFlagsCanonical) {
  const CopyProgram bools = t.program({t.list(t(P::Bool))});
  ASSERT_TRUE(copy(bools, {put_bytes(a, std::string("\0\1\2\x80", 4), 1), 4}));
  EXPECT_THAT(bytes(static_cast<std::uint32_t>(flat[0]), 4), ElementsAre(0, 1, 1, 1));
  const CopyProgram flags = t.program({t.list(t.flags(9))});
  ASSERT_TRUE(copy(flags, {put_bytes(a, "\xff\xff\x01\xfe", 2), 2}));
  EXPECT_THAT(bytes(static_cast<std::uint32_t>(flat[0]), 4), ElementsAre(0xff, 1, 1, 0));
}

// Covers both the elements that are masked in blocks and the rest.
TEST_F(Copy, ClearsThePaddingOfListsOfAnyLength) {
  struct Kind {
    types::TypeId type;
    std::vector<std::uint8_t> mask;
  };
  const Kind kinds[] = {
      {t.tuple({t(P::U32), t(P::U64), t(P::F64)}),
       {255, 255, 255, 255, 0,   0,   0,   0,   255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}},
      {t.tuple({t(P::U16), t(P::U8)}), {255, 255, 255, 0}},
      {t.tuple({t.flags(3), t.flags(8), t.flags(5)}), {7, 255, 31}},
      {t.tuple({t(P::U32), t(P::U8), t.flags(9)}), {255, 255, 255, 255, 255, 0, 255, 1}},
      {t.tuple({t(P::U16), t(P::U8), t.list(t.flags(1), 9)}),
       {255, 255, 255, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
      {t.tuple({t(P::U32), t(P::U8), t.list(t.flags(1), 35)}), {}},
  };
  for (const Kind& kind : kinds) {
    const CopyProgram program = t.program({t.list(kind.type)});
    const std::size_t size = kind.mask.empty() ? 40 : kind.mask.size();
    for (std::uint32_t count = 0; count < 100; ++count) {
      std::string input;
      std::vector<std::uint8_t> expected;
      for (std::size_t i = 0; i < count * size; ++i) {
        const std::size_t at = i % size;
        const std::uint8_t mask = kind.mask.empty() ? at < 5 ? 255 : 1 : kind.mask[at];
        const auto byte = static_cast<std::uint8_t>(i * 37 + 11);
        input.push_back(static_cast<char>(byte));
        expected.push_back(byte & mask);
      }
      a = TestGuest();
      b = TestGuest();
      ASSERT_TRUE(copy(program, {put_bytes(a, input, 8), count}));
      ASSERT_EQ(
          bytes(static_cast<std::uint32_t>(flat[0]), count * static_cast<std::uint32_t>(size)),
          expected);
    }
  }
}

TEST_F(Copy, HandlesKeepTheirNumbers) {
  const types::TypeId pair = t.tuple({t.own(), t.borrow()});
  const CopyProgram program = t.program({t.borrow(), t.list(pair), t.option(t.own())});
  const std::uint32_t list = a.allocate(16, 4);
  for (std::uint32_t i = 0; i < 4; ++i) a.put(list + 4 * i, 10 + i);
  ASSERT_TRUE(copy(program, {7, list, 2, 1, 20}));
  const auto own = Ownership::Own;
  const auto borrow = Ownership::Borrow;
  EXPECT_THAT(a.lifted,
              ElementsAre(HandlePart{0, borrow}, HandlePart{1, own}, HandlePart{2, borrow},
                          HandlePart{1, own}, HandlePart{2, borrow}, HandlePart{3, own}));
  const auto at = static_cast<std::uint32_t>(flat[1]);
  using W = HandlePlace::Where;
  using L = TestGuest::Lowered;
  EXPECT_THAT(
      b.lowered,
      ElementsAre(L{{0, borrow}, 7, {W::Flat, 0}}, L{{1, own}, 10, {W::Memory, at}},
                  L{{2, borrow}, 11, {W::Memory, at + 4}}, L{{1, own}, 12, {W::Memory, at + 8}},
                  L{{2, borrow}, 13, {W::Memory, at + 12}}, L{{3, own}, 20, {W::Flat, 4}}));
}

TEST_F(Copy, FlatHandlesAreLiftedOnceAllNumbersAreRight) {
  const CopyProgram program = t.program({t.own(), t.tuple({t.borrow(), t(P::Char)})});
  ASSERT_TRUE(copy(program, {7, 8, 'x'}));
  using W = HandlePlace::Where;
  using L = TestGuest::Lowered;
  EXPECT_THAT(b.lowered, ElementsAre(L{{0, Ownership::Own}, 7, {W::Flat, 0}},
                                     L{{1, Ownership::Borrow}, 8, {W::Flat, 1}}));
  EXPECT_EQ(flat[2], 'x');
  a.lifted.clear();
  const Result<void, AbiError> failed = copy(program, {7, 8, 0xd800});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, AbiErrorKind::BadChar);
  EXPECT_EQ(failed.error().path, "p1.1");
  EXPECT_EQ(a.lifted.size(), 2U);
}

TEST_F(Copy, CopiesNumbersWithoutTheSides) {
  const CopyProgram program =
      t.program({t(P::Bool), t(P::S8), t(P::U16), t.flags(3), t(P::F64)}, t(P::Char));
  const Flats params = {2, 0x1ff, 0x12345, 0xff, ~FlatValue{0}};
  Flats got(5);
  ASSERT_TRUE(program.copy_flat_params(params, got));
  EXPECT_THAT(got, ElementsAre(1, 0xffffffff, 0x2345, 7, ~FlatValue{0}));
  Flats result(1);
  EXPECT_TRUE(program.copy_flat_result(Flats{'x'}, result));
  EXPECT_FALSE(program.copy_flat_result(Flats{0x110000}, result));
  EXPECT_FALSE(t.program({t.own()}).copy_flat_params(Flats{7}, result));
  EXPECT_FALSE(t.program({t(P::String)}).copy_flat_params(Flats{8, 1}, got));
  EXPECT_FALSE(program.copy_flat_params(Flats(4), got));
}

TEST_F(Copy, ResultIntoBytesOfTheHost) {
  const CopyProgram program = t.program({}, t.tuple({t(P::U8), t(P::String), t.own()}));
  const std::uint32_t at = a.allocate(16, 4);
  a.put<std::uint8_t>(at, 5);
  a.put(at + 4, put_bytes(a, "abc", 1));
  a.put<std::uint32_t>(at + 8, 3);
  a.put<std::uint32_t>(at + 12, 77);
  std::vector<std::uint8_t> host(16, 0xee);
  b.host_bytes = host;
  ASSERT_TRUE(program.copy_result(From::memory(a, at), To::bytes(b, host)));
  EXPECT_EQ(b.lowered.at(0).place, (HandlePlace{HandlePlace::Where::Bytes, 12}));
  EXPECT_EQ(host[0], 5);
  EXPECT_EQ(host[1], 0);
  EXPECT_EQ(host[8], 3);
  EXPECT_EQ(host[12], 77);
  EXPECT_THAT(bytes(host[4] | static_cast<std::uint32_t>(host[5]) << 8, 3),
              ElementsAre('a', 'b', 'c'));
}

TEST_F(Copy, WritesAResultAtAnAddress) {
  const CopyProgram program = t.program({}, t.tuple({t(P::U8), t(P::U32)}));
  const std::uint32_t at = a.allocate(8, 4);
  a.put<std::uint8_t>(at, 1);
  a.put<std::uint32_t>(at + 4, 2);
  ASSERT_TRUE(program.copy_result(From::memory(a, at), To::memory(b, 64)));
  EXPECT_THAT(bytes(64, 8), ElementsAre(1, 0, 0, 0, 2, 0, 0, 0));
  EXPECT_EQ(program.copy_result(From::memory(a, at), To::memory(b, 62)).error().kind,
            AbiErrorKind::Misaligned);
  EXPECT_EQ(program.copy_result(From::memory(a, at), To::memory(b, 1020)).error().kind,
            AbiErrorKind::OutOfBounds);
}

TEST_F(Copy, RefusesPlacesThatDoNotFit) {
  const CopyProgram program = t.program({t(P::U32), t(P::String)});
  Flats two(2);
  Flats three(3);
  std::vector<std::uint8_t> host(8);
  const auto kind = [&](const From& from, const To& to) {
    const Result<void, AbiError> copied = program.copy_params(from, to);
    return copied ? AbiErrorKind::Guest : copied.error().kind;
  };
  EXPECT_EQ(kind(From::flat(a, two), To::flat(b, three)), AbiErrorKind::BadCall);
  EXPECT_EQ(kind(From::flat(a, three), To::flat(b, two)), AbiErrorKind::BadCall);
  EXPECT_EQ(kind(From::flat(a, three), To::bytes(b, host)), AbiErrorKind::BadCall);
  EXPECT_EQ(kind(From::flat(a, three), To::flat(a, three)), AbiErrorKind::BadCall);
}

// A type that contains 2^30 scalars if every part is counted. Blocks must not multiply.
TEST_F(Copy, SharesThePartsOfAType) {
  types::TypeId type = t(P::Char);
  for (int i = 0; i < 12; ++i) type = t.tuple({type, t(P::U8), type});
  const CopyProgram program = t.program({t.list(type)});
  const Layout& layout = program.layout().layouts[program.layout().params];
  EXPECT_EQ(layout.size, kPointerPair);
  EXPECT_LT(program.layout().layouts.size(), 20U);
  ASSERT_TRUE(copy(program, {16, 0}));
}

}  // namespace
}  // namespace tenon::abi::copy_program_test
