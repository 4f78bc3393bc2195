#include "abi/strings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "abi/test_guest.h"
#include "abi/test_text.h"

namespace tenon::abi::strings_test {
namespace {

using ::testing::ElementsAre;
using R = TestGuest::Realloc;

constexpr Encoding kEncodings[] = {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16};

// Copies a string. Nothing on failure, with the reason in `error`.
struct Copy {
  explicit Copy(TestGuest& from, TestGuest& to, StringPair encodings) : pair(encodings) {
    Transfer transfer(from, to);
    if (copy_string(transfer, pair))
      text = get_string(to.bytes, to.encoding(), pair);
    else
      error = std::move(transfer).take_error().kind;
  }
  StringPair pair;
  std::optional<std::string> text;
  std::optional<AbiErrorKind> error;
};

constexpr std::u32string_view kTexts[] = {
    U"",
    U"a",
    U"some text of more than thirty-two bytes, all of them ASCII",
    U"\u00e9",
    U"\u0100",
    U"caf\u00e9 and more, so that words are used \u00fc",
    U"a\u20acb",
    U"caf\u00e9 \u20ac",
    U"\U0001f600",
    U"x\U0001f600\u00ff\u0416 and so on \U0010ffff"};

TEST(CopyString, KeepsTheTextInAllPairs) {
  for (const Encoding from : kEncodings)
    for (const Encoding to : kEncodings)
      for (const std::u32string_view text : kTexts)
        for (const Wide wide : {Wide::IfNeeded, Wide::Yes})
          for (const auto moves : {TestGuest::Moves::No, TestGuest::Moves::Yes}) {
            TestGuest source(from);
            TestGuest target(to);
            target.moves = moves;
            const Copy copy(source, target, put_string(source, text, wide));
            EXPECT_EQ(copy.text, encode_utf8(text))
                << static_cast<int>(from) << " to " << static_cast<int>(to);
            // The shorter encoding, if there is a choice.
            if (to == Encoding::Latin1Utf16) {
              EXPECT_EQ((copy.pair.length & kUtf16Tag) == 0, fits_latin1(text));
            }
          }
}

// The sequence of calls in CanonicalABI.md for each pair of encodings.
std::vector<R> reallocs(Encoding from, Encoding to, std::u32string_view text,
                        Wide wide = Wide::IfNeeded) {
  TestGuest source(from);
  TestGuest target(to);
  const Copy copy(source, target, put_string(source, text, wide));
  EXPECT_TRUE(copy.text);
  std::vector<R> calls = target.reallocs;
  for (R& call : calls) call.old = 0;
  return calls;
}

TEST(CopyString, AllocatesAsTheStandardSays) {
  using E = Encoding;
  EXPECT_THAT(reallocs(E::Utf8, E::Utf8, U"\u20ac"), ElementsAre(R{0, 0, 1, 3}));
  EXPECT_THAT(reallocs(E::Utf8, E::Utf8, U""), ElementsAre(R{0, 0, 1, 0}));
  EXPECT_THAT(reallocs(E::Utf16, E::Utf16, U"ab"), ElementsAre(R{0, 0, 2, 4}));
  EXPECT_THAT(reallocs(E::Latin1Utf16, E::Utf16, U"\u00e9b"), ElementsAre(R{0, 0, 2, 4}));
  EXPECT_THAT(reallocs(E::Latin1Utf16, E::Latin1Utf16, U"\u00e9b"), ElementsAre(R{0, 0, 2, 2}));
  // To UTF-8: as many bytes as units, then the worst case, then the size needed.
  EXPECT_THAT(reallocs(E::Utf16, E::Utf8, U"abc"), ElementsAre(R{0, 0, 1, 3}));
  EXPECT_THAT(reallocs(E::Utf16, E::Utf8, U"ab\u00e9"),
              ElementsAre(R{0, 0, 1, 3}, R{0, 3, 1, 9}, R{0, 9, 1, 4}));
  EXPECT_THAT(reallocs(E::Utf16, E::Utf8, U"\u20ac"), ElementsAre(R{0, 0, 1, 1}, R{0, 1, 1, 3}));
  EXPECT_THAT(reallocs(E::Latin1Utf16, E::Utf8, U"a\u00e9"),
              ElementsAre(R{0, 0, 1, 2}, R{0, 2, 1, 4}, R{0, 4, 1, 3}));
  // To UTF-16: the worst case at once.
  EXPECT_THAT(reallocs(E::Utf8, E::Utf16, U"abc"), ElementsAre(R{0, 0, 2, 6}));
  EXPECT_THAT(reallocs(E::Utf8, E::Utf16, U"a\u20ac"), ElementsAre(R{0, 0, 2, 8}, R{0, 8, 2, 4}));
  // To Latin-1 first.
  EXPECT_THAT(reallocs(E::Utf8, E::Latin1Utf16, U"abc"), ElementsAre(R{0, 0, 2, 3}));
  EXPECT_THAT(reallocs(E::Utf8, E::Latin1Utf16, U"\u00e9"),
              ElementsAre(R{0, 0, 2, 2}, R{0, 2, 2, 1}));
  EXPECT_THAT(reallocs(E::Utf8, E::Latin1Utf16, U"\u20ac"),
              ElementsAre(R{0, 0, 2, 3}, R{0, 3, 2, 6}, R{0, 6, 2, 2}));
  EXPECT_THAT(reallocs(E::Utf16, E::Latin1Utf16, U"a\u20ac"),
              ElementsAre(R{0, 0, 2, 2}, R{0, 2, 2, 4}));
  // Tagged as UTF-16: probably stays UTF-16.
  EXPECT_THAT(reallocs(E::Latin1Utf16, E::Latin1Utf16, U"\u20ac"), ElementsAre(R{0, 0, 2, 2}));
  EXPECT_THAT(reallocs(E::Latin1Utf16, E::Latin1Utf16, U"ab", Wide::Yes),
              ElementsAre(R{0, 0, 2, 4}, R{0, 4, 2, 2}));
}

TEST(CopyString, RefusesIllFormedText) {
  TestGuest utf8(Encoding::Utf8);
  TestGuest utf16(Encoding::Utf16);
  TestGuest compact(Encoding::Latin1Utf16);
  for (const Encoding to : kEncodings) {
    TestGuest target(to);
    EXPECT_EQ(Copy(utf8, target, {put_bytes(utf8, "\xed\xa0\x80", 1), 3}).error,
              AbiErrorKind::BadText);
    EXPECT_EQ(Copy(utf16, target, {put_bytes(utf16, std::string("\0\xd8", 2), 2), 1}).error,
              AbiErrorKind::BadText);
    EXPECT_EQ(
        Copy(compact, target, {put_bytes(compact, std::string("\0\xd8", 2), 2), 1 | kUtf16Tag})
            .error,
        AbiErrorKind::BadText);
    EXPECT_TRUE(target.reallocs.empty());
  }
}

TEST(CopyString, ChecksAddressAndLength) {
  TestGuest utf8(Encoding::Utf8);
  TestGuest utf16(Encoding::Utf16);
  TestGuest compact(Encoding::Latin1Utf16);
  TestGuest target;
  EXPECT_EQ(Copy(utf8, target, {1024, 0}).error, std::nullopt);
  EXPECT_EQ(Copy(utf8, target, {1025, 0}).error, AbiErrorKind::OutOfBounds);
  EXPECT_EQ(Copy(utf8, target, {1000, 25}).error, AbiErrorKind::OutOfBounds);
  EXPECT_EQ(Copy(utf8, target, {UINT32_MAX, 2}).error, AbiErrorKind::OutOfBounds);
  EXPECT_EQ(Copy(utf8, target, {0, UINT32_MAX}).error, AbiErrorKind::TooLong);
  EXPECT_EQ(Copy(utf16, target, {1, 0}).error, AbiErrorKind::Misaligned);
  EXPECT_EQ(Copy(utf16, target, {0, 513}).error, AbiErrorKind::OutOfBounds);
  EXPECT_EQ(Copy(utf16, target, {0, 0x40000000}).error, AbiErrorKind::TooLong);
  EXPECT_EQ(Copy(compact, target, {1, 0}).error, AbiErrorKind::Misaligned);
  EXPECT_EQ(Copy(compact, target, {0, UINT32_MAX}).error, AbiErrorKind::TooLong);
  EXPECT_EQ(Copy(compact, target, {0, kUtf16Tag | 513}).error, AbiErrorKind::OutOfBounds);
}

// For each call of realloc and each pair of encodings: an address without enough memory behind it.
TEST(CopyString, ChecksEveryAddressOfRealloc) {
  for (const Encoding from : kEncodings)
    for (const Encoding to : kEncodings)
      for (std::size_t bad_call = 1; bad_call <= 3; ++bad_call)
        for (const std::uint32_t address : {1U, 65536U, UINT32_MAX - 1}) {
          TestGuest source(from);
          TestGuest target(to, 65536);
          target.instead = [&](const R& call) -> Result<std::uint32_t, AbiError> {
            if (target.reallocs.size() == bad_call) return address;
            return target.allocate(call.size, call.align);
          };
          const Copy copy(source, target, put_string(source, U"caf\u00e9 \u20ac", Wide::Yes));
          if (target.reallocs.size() < bad_call || (address == 1 && to == Encoding::Utf8)) continue;
          EXPECT_EQ(copy.error, AbiErrorKind::BadAllocation);
          EXPECT_EQ(target.reallocs.size(), bad_call);
        }
}

TEST(CopyString, PassesOnWhyReallocFailed) {
  TestGuest source;
  TestGuest target;
  target.instead = [](const R&) { return AbiError{AbiErrorKind::Guest, "unreachable"}; };
  EXPECT_EQ(Copy(source, target, put_string(source, U"a")).error, AbiErrorKind::Guest);
}

TEST(CopyString, RefusesAMemoryThatShrinks) {
  TestGuest source;
  TestGuest target;
  target.instead = [&](const R&) -> Result<std::uint32_t, AbiError> {
    target.bytes.resize(512);
    return 0U;
  };
  EXPECT_EQ(Copy(source, target, put_string(source, U"a")).error, AbiErrorKind::BadAllocation);
}

}  // namespace
}  // namespace tenon::abi::strings_test
