// Mistakes and attacks of guests, and that errors say where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "abi/copy_program.h"
#include "abi/test_guest.h"
#include "abi/test_text.h"
#include "abi/test_types.h"

namespace tenon::abi::hostile_guest_test {
namespace {

using P = types::Primitive;
using Flats = std::vector<FlatValue>;

class Hostile : public ::testing::Test {
 protected:
  // The kind and path of the error, such as "long p0"; "" for a success.
  std::string copy(const std::vector<types::TypeId>& params, const Flats& from) {
    const CopyProgram program = t.program(params);
    Flats flat(16);
    b.flat = flat;
    return text(program.copy_params(From::flat(a, from), To::flat(b, flat)));
  }
  std::string copy_memory(const std::vector<types::TypeId>& params, std::uint32_t at) {
    FlatValue address = 0;
    return text(t.program(params).copy_params(From::memory(a, at), To::allocated(b, address)));
  }
  static std::string text(const Result<void, AbiError>& copied) {
    if (copied) return "";
    EXPECT_FALSE(copied.error().message.empty());
    const char* const kinds[] = {"bounds", "misaligned", "long",  "case",  "char",
                                 "text",   "allocation", "guest", "limit", "call"};
    return std::string(kinds[static_cast<std::size_t>(copied.error().kind)]) + " " +
           copied.error().path;
  }

  TestTypes t;
  TestGuest a{Encoding::Utf8, 1024};
  TestGuest b{Encoding::Utf8, 1024, 0};
};

TEST_F(Hostile, AddressesOfLists) {
  const types::TypeId bytes = t.list(t(P::U8));
  const types::TypeId words = t.list(t(P::U64));
  EXPECT_EQ(copy({bytes}, {1024, 0}), "");
  EXPECT_EQ(copy({bytes}, {1025, 0}), "bounds p0");
  EXPECT_EQ(copy({bytes}, {0, 1025}), "bounds p0");
  EXPECT_EQ(copy({bytes}, {UINT32_MAX, UINT32_MAX}), "bounds p0");
  EXPECT_EQ(copy({words}, {4, 1}), "misaligned p0");
  EXPECT_EQ(copy({words}, {8, 1 << 29}), "long p0");
  EXPECT_EQ(copy({words}, {8, 0xe0000001}), "long p0");  // 8 bytes, were it 32 bits
  EXPECT_EQ(copy({words}, {8, (1 << 29) - 1}), "bounds p0");
  EXPECT_TRUE(b.reallocs.size() == 1);
}

TEST_F(Hostile, InvalidDiscriminants) {
  EXPECT_EQ(copy({t.enumeration(3)}, {3}), "case p0");
  EXPECT_EQ(copy({t.enumeration(3)}, {0x100000002}), "");  // the high half is ignored
  EXPECT_EQ(copy({t(P::U8), t.option(t(P::U8))}, {0, 2, 0}), "case p1");
  EXPECT_EQ(copy({t.list(t.enumeration(3))}, {put_bytes(a, "\1\2\3", 1), 3}), "case p0[2]");
  EXPECT_EQ(copy({t.list(t.option(t.enumeration(3)))}, {put_bytes(a, "\1\2\1\3", 1), 2}),
            "case p0[1].some");
  EXPECT_EQ(copy({t.list(t.option(t(P::Bool)))}, {put_bytes(a, std::string("\0\2\2\2", 4), 1), 2}),
            "case p0[1]");
  EXPECT_EQ(copy({t.list(t.variant({}))}, {16, 1}), "case p0[0]");
}

TEST_F(Hostile, InvalidCharacters) {
  EXPECT_EQ(copy({t(P::Char)}, {0x10ffff}), "");
  EXPECT_EQ(copy({t(P::Char)}, {0x110000}), "char p0");
  EXPECT_EQ(copy({t(P::Char)}, {0xd800}), "char p0");
  EXPECT_EQ(copy({t(P::Char)}, {0xdfff}), "char p0");
  EXPECT_EQ(copy({t(P::Char)}, {0xe000}), "");
  EXPECT_EQ(copy({t.result(t(P::Char), t(P::U64))}, {0, 0x1100000000d800}), "char p0.ok");
  EXPECT_EQ(copy({t.result(t(P::Char), t(P::U64))}, {1, 0x1100000000d800}), "");
  const types::TypeId item = t.record({{"id", t(P::U16)}, {"letters", t.list(t(P::Char), 3)}});
  const std::uint32_t at = a.allocate(32, 4);
  for (std::uint32_t i = 0; i < 8; ++i) a.put<std::uint32_t>(at + 4 * i, 'a');
  EXPECT_EQ(copy({t.list(item)}, {at, 2}), "");
  a.put<std::uint32_t>(at + 16 + 12, 0xd800);
  EXPECT_EQ(copy({t.list(item)}, {at, 2}), "char p0[1].letters[2]");
  EXPECT_EQ(copy_memory({t.list(item, 2)}, at), "char p0[1].letters[2]");
}

TEST_F(Hostile, ReportsThePathInLargeTypes) {
  types::TypeId type = t(P::Char);
  for (int i = 0; i < 6; ++i) type = t.record({{"a", type}, {"b", type}});
  const std::uint32_t at = a.allocate(256, 4);
  for (std::uint32_t i = 0; i < 64; ++i) a.put<std::uint32_t>(at + 4 * i, i == 38 ? 0xd800 : 'a');
  EXPECT_EQ(copy({t.list(type)}, {at, 1}), "char p0[0].b.a.a.b.b.a");
}

TEST_F(Hostile, StringsDeepInside) {
  const types::TypeId item =
      t.record({{"id", t(P::U8)}, {"name", t.result(t.tuple({t(P::U8), t(P::String)}), {})}});
  const std::uint32_t at = a.allocate(40, 4);
  for (const std::uint32_t start : {at, at + 20}) {
    a.put<std::uint8_t>(start + 4, 0);
    a.put<std::uint32_t>(start + 12, 16);
    a.put<std::uint32_t>(start + 16, 0);
  }
  EXPECT_EQ(copy({t.list(item)}, {at, 2}), "");
  a.put<std::uint32_t>(at + 20 + 16, 3);
  a.bytes[16] = 0xff;
  EXPECT_EQ(copy({t.list(item)}, {at, 2}), "text p0[1].name.ok.1");
  EXPECT_EQ(copy({t.list(t.list(item))}, {put_bytes(a, std::string(8, '\0'), 4), 1}), "");
  const std::uint32_t outer = a.allocate(8, 4);
  a.put(outer, at);
  a.put<std::uint32_t>(outer + 4, 2);
  EXPECT_EQ(copy({t.list(t.list(item))}, {outer, 1}), "text p0[0][1].name.ok.1");
  EXPECT_EQ(copy_memory({t.list(item)}, outer), "text p0[1].name.ok.1");
}

TEST_F(Hostile, SpilledParams) {
  const std::vector<types::TypeId> params(17, t(P::U64));
  EXPECT_EQ(copy_memory(params, 16), "");
  EXPECT_EQ(copy_memory(params, 20), "misaligned ");
  EXPECT_EQ(copy_memory(params, 1024 - 17 * 8 + 8), "bounds ");
  EXPECT_EQ(copy_memory(params, 0xfffffff8), "bounds ");
}

TEST_F(Hostile, Handles) {
  EXPECT_EQ(copy({t(P::U8), t.option(t.own())}, {1, 1, TestGuest::kNoHandle}), "guest p1.some");
  const std::uint32_t at = a.allocate(8, 4);
  a.put<std::uint32_t>(at, 1);
  a.put(at + 4, TestGuest::kNoHandle);
  EXPECT_EQ(copy({t.list(t.borrow())}, {at, 2}), "guest p0[1]");
}

// Elements without a size: the work must not grow with their number.
TEST_F(Hostile, ListsOfNothing) {
  EXPECT_EQ(copy({t.list(t.tuple({}))}, {16, UINT32_MAX}), "");
  EXPECT_EQ(copy({t.list(t.list(t.tuple({}), UINT32_MAX))}, {16, UINT32_MAX}), "");
  EXPECT_EQ(copy({t.list(t.tuple({}), UINT32_MAX)}, {}), "");
  ValueArena arena;
  const Flats flat = {16, UINT32_MAX};
  const auto lifted = t.program({t.list(t.tuple({}))}).lift_params(From::flat(a, flat), arena);
  ASSERT_FALSE(lifted);
  EXPECT_EQ(lifted.error().kind, AbiErrorKind::Limit);
}

// Every list is the whole memory. The number of copied bytes is limited, whatever realloc does.
TEST_F(Hostile, ListsThatOverlap) {
  types::TypeId type = t(P::U8);
  for (int i = 0; i < 8; ++i) type = t.list(type);
  for (std::uint32_t at = 0; at < 1024; at += 8) {
    a.put<std::uint32_t>(at, 0);
    a.put<std::uint32_t>(at + 4, 128);
  }
  ValueArena arena(1 << 20);
  const Flats flat = {0, 128};
  const auto lifted = t.program({type}).lift_params(From::flat(a, flat), arena);
  ASSERT_FALSE(lifted);
  EXPECT_EQ(lifted.error().kind, AbiErrorKind::Limit);
  EXPECT_LE(arena.bytes().size(), 1U << 20);
}

TEST_F(Hostile, ReallocReturnsGarbage) {
  const types::TypeId type = t.list(t.tuple({t(P::U32), t.list(t(P::U64))}));
  const std::uint32_t inner = a.allocate(8, 8);
  const std::uint32_t at = a.allocate(12, 4);
  a.put(at + 4, inner);
  a.put<std::uint32_t>(at + 8, 1);
  for (std::size_t bad_call = 1; bad_call <= 2; ++bad_call)
    for (const std::uint32_t address : {2U, 1024U, 1020U, UINT32_MAX - 3}) {
      b.reallocs.clear();
      b.instead = [&](const TestGuest::Realloc&) -> Result<std::uint32_t, AbiError> {
        return b.reallocs.size() == bad_call ? address : 64U;
      };
      EXPECT_EQ(copy({type}, {at, 1}), bad_call == 1 ? "allocation p0" : "allocation p0[0].1");
    }
}

// Always returns the block that contains the list itself. The guest harms only itself.
TEST_F(Hostile, ReallocReturnsABlockInUse) {
  const types::TypeId type = t.list(t.list(t.option(t(P::U16))));
  const std::uint32_t inner = put_bytes(a, "\1\0\7\0", 2);
  const std::uint32_t at = a.allocate(16, 4);
  for (const std::uint32_t start : {at, at + 8}) {
    a.put(start, inner);
    a.put<std::uint32_t>(start + 4, 1);
  }
  b.instead = [](const TestGuest::Realloc&) -> Result<std::uint32_t, AbiError> { return 64U; };
  EXPECT_EQ(copy({type}, {at, 2}), "");
}

// During `realloc`, the guest can overwrite data that was checked before.
TEST_F(Hostile, ReallocChangesCopiedData) {
  const types::TypeId type = t.list(t.result(t(P::String), t.list(t(P::U32))));
  const std::uint32_t at = a.allocate(24, 4);
  for (const std::uint32_t start : {at, at + 12}) {
    a.put<std::uint8_t>(start, 0);
    a.put<std::uint32_t>(start + 4, 16);
    a.put<std::uint32_t>(start + 8, 0);
  }
  b.instead = [&](const TestGuest::Realloc& call) -> Result<std::uint32_t, AbiError> {
    std::ranges::fill(b.bytes, 0xff);
    return b.allocate(call.size, call.align);
  };
  EXPECT_EQ(copy({type}, {at, 2}), "");
}

TEST_F(Hostile, TypesAtTheLimitOfDepth) {
  types::TypeId type = t(P::U8);
  for (std::uint32_t i = 0; i < limits::kNestingDepth - 1; ++i) type = t.list(type);
  // The only element of each list is the list itself.
  a.put<std::uint32_t>(16, 16);
  a.put<std::uint32_t>(20, 1);
  EXPECT_EQ(copy({type}, {16, 1}), "");
  EXPECT_EQ(b.reallocs.size(), limits::kNestingDepth - 1);
}

}  // namespace
}  // namespace tenon::abi::hostile_guest_test
