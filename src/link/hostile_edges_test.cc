// Direct edges whose caller or callee breaks the Canonical ABI, or is at a limit of it: the same outcome
// whether the engine's adapters copy a list by element or as a whole, in both forms of a link and on both
// engines. A trap in an adapter ends both units, since they are in one domain.
//
// Source: component-model CanonicalABI.md, "Loading", "Storing", "Lifting Values".
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/test_types.h"
#include "link/test_edges.h"
#include "tests/support/call_test.h"
#include "types/print_type.h"

namespace tenon::link::hostile_edges_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kOutOfBounds = "list content out-of-bounds";
constexpr std::string_view kTextOutOfBounds = "string content out-of-bounds";
constexpr std::string_view kUnaligned = "unaligned pointer";
constexpr std::string_view kAccess = "out of bounds memory access";
constexpr std::string_view kBadChar = "invalid `char` bit pattern";
constexpr std::string_view kBadCase = "invalid variant discriminant";
constexpr std::string_view kTrap = "wasm `unreachable` instruction executed";

// A free place in the memory of both units.
constexpr std::uint32_t kPlace = 4096;
constexpr std::uint8_t kFiller = 0x77;

// How the `realloc` of a unit answers.
struct Allocator {
  Realloc mode = Realloc::Allocates;
  std::uint32_t answer = 0;
};
Allocator answers(std::uint32_t address) { return {Realloc::Answers, address}; }
constexpr Allocator kTraps = {Realloc::Traps};

class HostileEdges : public testing::TestWithParam<Edge> {
 protected:
  using P = types::Primitive;
  using Flats = std::vector<std::uint64_t>;

  // Adds a function, and returns its number.
  std::uint32_t take(const std::vector<TypeId>& params) { return units_.add(params); }
  std::uint32_t give(TypeId result) { return units_.add({}, result); }
  // After the last function.
  void start() {
    joined_ = JoinedUnits::start(units_, edge_);
    ASSERT_TRUE(joined_);
  }
  // Begins anew, with other encodings.
  void start_over(Encoding caller_encoding, Encoding callee_encoding) {
    units_.functions.clear();
    edge_.caller = caller_encoding;
    edge_.callee = callee_encoding;
  }

  // Each returns the message of the failure; empty if there was none. Then `caller_` and `callee_` are
  // their memories.
  //
  // The caller passes `flat`, and has `bytes` at kPlace. The callee has the allocator.
  std::string pass(std::uint32_t function, const Flats& flat, const Bytes& bytes = {},
                   const Allocator& allocator = {}) {
    prepare(joined_->caller, joined_->callee, bytes);
    joined_->caller.put(kParams, bytes_of(flat));
    joined_->callee.put(kPlace, {}, allocator.mode, allocator.answer);
    return run(function);
  }
  // The callee returns `result`, flat or its address, and has `bytes` at kPlace. The caller wants the result
  // at `to`, and has the allocator.
  std::string obtain(std::uint32_t function, const Flats& result, std::uint32_t to,
                     const Bytes& bytes = {}, const Allocator& allocator = {}) {
    prepare(joined_->callee, joined_->caller, bytes);
    joined_->callee.put(kResult, bytes_of(result));
    joined_->caller.put(kParams, bytes_of({to}), allocator.mode, allocator.answer);
    return run(function);
  }
  // The same for a result that is a list, which the caller wants at kPlace.
  std::string obtain_list(std::uint32_t function, std::uint32_t address, std::uint32_t count,
                          const Allocator& allocator = {}) {
    if (units_.functions[function].callee_has_flat_result(edge_))
      return obtain(function, {address, count}, kPlace, {}, allocator);
    return obtain(function, {kPlace}, kPlace, words({address, count}), allocator);
  }
  void expect_unit(std::string_view name) const { EXPECT_EQ(unit_, name); }

  static Bytes bytes_of(const Flats& flat) {
    Bytes bytes(flat.size() * 8);
    if (!flat.empty()) std::memcpy(bytes.data(), flat.data(), bytes.size());
    return bytes;
  }
  static Bytes words(const std::vector<std::uint32_t>& words) {
    Bytes bytes(words.size() * 4);
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return bytes;
  }
  static std::uint32_t word(const Bytes& memory, std::uint32_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, &memory.at(at), 4);
    return value;
  }
  static Bytes part(const Bytes& memory, std::uint32_t at, std::uint32_t size) {
    return {memory.begin() + at, memory.begin() + at + size};
  }
  // The bytes at the address that the callee got as its first parameter.
  [[nodiscard]] Bytes passed(std::uint32_t size) const {
    return part(callee_, word(callee_, kParams), size);
  }

  // Types of elements for which bytes below 2 are values, with and without padding.
  struct Element {
    TypeId list;
    std::uint32_t size = 1;
    std::uint32_t align = 1;
    bool has_padding = false;
    std::uint32_t function = 0;
  };
  // Lists of many types, and maps. use: returns the number of a function for a type.
  std::vector<Element> lists(const auto& use) {
    std::vector<Element> all = {{t_.list(t_(P::U8)), 1, 1},
                                {t_.list(t_(P::S16)), 2, 2},
                                {t_.list(t_(P::F64)), 8, 8},
                                {t_.list(t_.tuple({t_(P::U16), t_(P::U8), t_(P::S8)})), 4, 2},
                                {t_.list(t_.list(t_(P::U32), 3)), 12, 4},
                                {t_.list(t_(P::Bool)), 1, 1},
                                {t_.list(t_(P::Char)), 4, 4},
                                {t_.list(t_.enumeration(2)), 1, 1},
                                {t_.list(t_.option(t_(P::U8))), 2, 1, true},
                                {t_.list(t_.tuple({t_(P::U8), t_(P::U32)})), 8, 4, true},
                                {t_.map(t_(P::U32), t_(P::F32)), 8, 4},
                                {t_.map(t_(P::U8), t_(P::U32)), 8, 4, true}};
    for (Element& element : all) element.function = use(element.list);
    start();
    return all;
  }
  std::vector<Element> taken_lists() {
    return lists([this](TypeId list) { return take({list}); });
  }
  std::vector<Element> given_lists() {
    return lists([this](TypeId list) { return give(list); });
  }
  [[nodiscard]] std::string describe(const Element& element) const {
    return types::print_type(t_.types, {}, element.list);
  }

  Bytes caller_;
  Bytes callee_;

 private:
  // A new memory has two pages, of which the second one is free; it is filled where values are taken.
  static void prepare(const JoinedUnits::Memory& gives, const JoinedUnits::Memory& takes,
                      const Bytes& bytes) {
    for (const JoinedUnits::Memory* memory : {&gives, &takes}) memory->put(0, Bytes(kFree));
    gives.put(0, Bytes(kMemorySize / 2));
    takes.put(kMemorySize / 2, Bytes(kMemorySize / 2, kFiller));
    gives.put(kPlace, bytes);
  }
  std::string run(std::uint32_t function) {
    const CallResult<void> done = joined_->run(function);
    if (!done) {
      EXPECT_EQ(done.error().kind, CallFailure::Kind::Trap);
      unit_ = done.error().unit;
      return done.error().message;
    }
    caller_ = joined_->caller.get(kMemorySize);
    callee_ = joined_->callee.get(kMemorySize);
    return {};
  }

  Edge edge_ = GetParam();
  TestedUnits units_;
  std::optional<JoinedUnits> joined_;
  std::string unit_;  // that failed

 protected:
  abi::TestTypes& t_ = units_.t;
};

TEST_P(HostileEdges, ListsOfCallersAreInTheirMemory) {
  for (const Element& list : taken_lists()) {
    SCOPED_TRACE(describe(list));
    const std::uint32_t f = list.function;
    const std::uint32_t last = kMemorySize - 3 * list.size;
    EXPECT_EQ(pass(f, {last / list.align * list.align, 3}), "");
    EXPECT_THAT(pass(f, {last + list.align, 3}), HasSubstr(kOutOfBounds));
    expect_unit("caller");
    EXPECT_THAT(pass(f, {UINT32_MAX - 7, 1}), HasSubstr(kOutOfBounds));
    // The end is behind 4 GiB.
    EXPECT_THAT(pass(f, {UINT32_MAX - 7, 9}), HasSubstr(kOutOfBounds));
    EXPECT_THAT(pass(f, {kPlace, UINT32_MAX}), HasSubstr(kOutOfBounds));
    // The bytes are more than 4 GiB, and few in 32 bits.
    if (list.size > 1) {
      const std::uint64_t count = (std::uint64_t{1} << 32) / list.size + 1;
      EXPECT_THAT(pass(f, {kPlace, count}), HasSubstr(kOutOfBounds));
    }
    if (list.align > 1) {
      EXPECT_THAT(pass(f, {kPlace + list.align / 2, 1}), HasSubstr(kUnaligned));
    }
  }
}

// An address is checked even if nothing is there.
TEST_P(HostileEdges, EmptyListsHaveValidAddresses) {
  for (const Element& list : taken_lists()) {
    SCOPED_TRACE(describe(list));
    const std::uint32_t f = list.function;
    for (const std::uint32_t address : {0U, kPlace, kMemorySize}) {
      EXPECT_EQ(pass(f, {address, 0}), "");
      EXPECT_EQ(word(callee_, kParams + 8), 0U);
      EXPECT_EQ(pass(f, {kPlace, 0}, {}, answers(address)), "");
      EXPECT_EQ(word(callee_, kParams), address);
    }
    for (const std::uint32_t address : {kMemorySize + list.align, UINT32_MAX - 7}) {
      EXPECT_THAT(pass(f, {address, 0}), HasSubstr(kOutOfBounds));
      EXPECT_THAT(pass(f, {kPlace, 0}, {}, answers(address)), HasSubstr(kOutOfBounds));
    }
    if (list.align > 1) {
      EXPECT_THAT(pass(f, {list.align / 2, 0}), HasSubstr(kUnaligned));
      EXPECT_THAT(pass(f, {kPlace, 0}, {}, answers(list.align / 2)), HasSubstr(kUnaligned));
    }
  }
}

TEST_P(HostileEdges, CalleesAllocateListsInTheirMemory) {
  for (const Element& list : taken_lists()) {
    SCOPED_TRACE(describe(list));
    const std::uint32_t f = list.function;
    const Bytes bytes(3 * list.size);
    const std::uint32_t last = (kMemorySize - 3 * list.size) / list.align * list.align;
    EXPECT_EQ(pass(f, {kPlace, 3}, bytes, answers(last)), "");
    EXPECT_EQ(word(callee_, kParams), last);
    EXPECT_EQ(callee_.at(last), 0);
    EXPECT_EQ(callee_.at(last - 1), kFiller);
    EXPECT_THAT(pass(f, {kPlace, 3}, bytes, answers(last + list.align)), HasSubstr(kOutOfBounds));
    EXPECT_THAT(pass(f, {kPlace, 3}, bytes, answers(UINT32_MAX - 7)), HasSubstr(kOutOfBounds));
    EXPECT_THAT(pass(f, {kPlace, 3}, bytes, kTraps), HasSubstr(kTrap));
    // In embedded code, `realloc` is inlined into the caller.
    if (GetParam().form == LinkForm::Reference) expect_unit("callee");
    if (list.align > 1) {
      EXPECT_THAT(pass(f, {kPlace, 3}, bytes, answers(kPlace + list.align / 2)),
                  HasSubstr(kUnaligned));
    }
  }
}

TEST_P(HostileEdges, ResultsAreInTheMemoryOfBoth) {
  for (const Element& list : given_lists()) {
    SCOPED_TRACE(describe(list));
    const std::uint32_t f = list.function;
    const std::uint32_t last = (kMemorySize - list.size) / list.align * list.align;
    EXPECT_EQ(obtain_list(f, last, 1), "");
    EXPECT_EQ(word(caller_, kPlace + 4), 1U);
    EXPECT_EQ(obtain_list(f, kMemorySize, 0), "");
    EXPECT_EQ(obtain_list(f, 0, 1, answers(last)), "");
    EXPECT_EQ(word(caller_, kPlace), last);
    EXPECT_THAT(obtain_list(f, last + list.align, 1), HasSubstr(kOutOfBounds));
    EXPECT_THAT(obtain_list(f, UINT32_MAX - 7, 9), HasSubstr(kOutOfBounds));
    EXPECT_THAT(obtain_list(f, 0, 1, answers(last + list.align)), HasSubstr(kOutOfBounds));
    EXPECT_THAT(obtain_list(f, 0, 1, kTraps), HasSubstr(kTrap));
    expect_unit("caller");
    if (list.align > 1) {
      EXPECT_THAT(obtain_list(f, list.align / 2, 1), HasSubstr(kUnaligned));
      EXPECT_THAT(obtain_list(f, 0, 1, answers(list.align / 2)), HasSubstr(kUnaligned));
    }
  }
}

// The addresses of results in memory: where they are, and where the caller wants them.
TEST_P(HostileEdges, AddressesOfResultsAreChecked) {
  const std::uint32_t f = give(t_.tuple(std::vector<TypeId>(17, t_(P::U64))));
  start();
  constexpr std::uint32_t kLast = kMemorySize - 17 * 8;
  EXPECT_EQ(obtain(f, {kLast}, kLast, {}), "");
  for (const std::uint32_t address : {kLast + 8, kMemorySize, UINT32_MAX - 7}) {
    EXPECT_THAT(obtain(f, {address}, kPlace), HasSubstr(kAccess));
    EXPECT_THAT(obtain(f, {kPlace}, address), HasSubstr(kAccess));
  }
  EXPECT_THAT(obtain(f, {kPlace + 4}, kPlace), HasSubstr(kUnaligned));
  EXPECT_THAT(obtain(f, {kPlace}, kPlace + 4), HasSubstr(kUnaligned));
}

// Parameters that are not flat are like a list with one element.
TEST_P(HostileEdges, AddressesOfParametersAreChecked) {
  const std::uint32_t f = take(std::vector<TypeId>(17, t_(P::U64)));
  start();
  constexpr std::uint32_t kLast = kMemorySize - 17 * 8;
  EXPECT_EQ(pass(f, {kLast}, {}, answers(kLast)), "");
  EXPECT_EQ(word(callee_, kParams), kLast);
  for (const std::uint32_t address : {kLast + 8, UINT32_MAX - 7}) {
    EXPECT_THAT(pass(f, {address}), HasSubstr(kAccess));
    EXPECT_THAT(pass(f, {kPlace}, {}, answers(address)), HasSubstr(kAccess));
  }
  EXPECT_THAT(pass(f, {kPlace + 4}), HasSubstr(kUnaligned));
  EXPECT_THAT(pass(f, {kPlace}, {}, answers(kPlace + 4)), HasSubstr(kUnaligned));
}

TEST_P(HostileEdges, BoolsAndFlagsAreNormalized) {
  const std::uint32_t bools = take({t_.list(t_(P::Bool))});
  const std::uint32_t flags = take({t_.list(t_.flags(3))});
  const std::uint32_t wide_flags = take({t_.list(t_.flags(17))});
  const std::uint32_t fixed = take({t_.list(t_.list(t_(P::Bool), 2))});
  const std::uint32_t flat = take({t_(P::Bool), t_.flags(3), t_(P::U8), t_(P::S8)});
  start();
  EXPECT_EQ(pass(bools, {kPlace, 5}, {0, 1, 2, 0x80, 0xff}), "");
  EXPECT_THAT(passed(5), ElementsAre(0, 1, 1, 1, 1));
  EXPECT_EQ(pass(fixed, {kPlace, 2}, {0, 0x10, 0xff, 0}), "");
  EXPECT_THAT(passed(4), ElementsAre(0, 1, 1, 0));
  EXPECT_EQ(pass(flags, {kPlace, 3}, {0xff, 8, 5}), "");
  EXPECT_THAT(passed(3), ElementsAre(7, 0, 5));
  EXPECT_EQ(pass(wide_flags, {kPlace, 1}, {0xff, 0xff, 0xff, 0xff}), "");
  EXPECT_THAT(passed(4), ElementsAre(0xff, 0xff, 1, 0));
  EXPECT_EQ(pass(flat, {0x100, 0xff, 0x1ff, 0x180}), "");
  EXPECT_EQ(word(callee_, kParams), 1U);
  EXPECT_EQ(word(callee_, kParams + 8), 7U);
  EXPECT_EQ(word(callee_, kParams + 16), 0xffU);
  EXPECT_EQ(word(callee_, kParams + 24), 0xffffff80U);
}

TEST_P(HostileEdges, EachElementIsChecked) {
  const std::uint32_t chars = take({t_.list(t_(P::Char))});
  const std::uint32_t pairs = take({t_.list(t_.tuple({t_(P::Char), t_(P::U32)}))});
  const std::uint32_t enums = take({t_.list(t_.enumeration(3))});
  const std::uint32_t options = take({t_.list(t_.option(t_(P::U8)))});
  const std::uint32_t map = take({t_.map(t_(P::U32), t_(P::Char))});
  const std::uint32_t flat = take({t_(P::Char), t_.enumeration(3), t_.result({}, t_(P::Char))});
  start();
  for (const std::uint32_t valid : {0U, 0xd7ffU, 0xe000U, 0x10ffffU}) {
    EXPECT_EQ(pass(chars, {kPlace, 2}, words({'a', valid})), "");
    EXPECT_EQ(passed(8), words({'a', valid}));
    EXPECT_EQ(pass(flat, {valid, 2, 1, valid}), "");
  }
  for (const std::uint32_t invalid : {0xd800U, 0xdfffU, 0x110000U, UINT32_MAX}) {
    EXPECT_THAT(pass(chars, {kPlace, 3}, words({'a', 'b', invalid})), HasSubstr(kBadChar));
    EXPECT_THAT(pass(chars, {kPlace, 3}, words({invalid, 'b', 'c'})), HasSubstr(kBadChar));
    EXPECT_THAT(pass(pairs, {kPlace, 2}, words({'a', invalid, invalid, 0})), HasSubstr(kBadChar));
    EXPECT_EQ(pass(pairs, {kPlace, 2}, words({'a', invalid, 'b', invalid})), "");
    EXPECT_THAT(pass(map, {kPlace, 1}, words({0, invalid})), HasSubstr(kBadChar));
    EXPECT_THAT(pass(flat, {invalid, 0, 0, 0}), HasSubstr(kBadChar));
    EXPECT_THAT(pass(flat, {0, 0, 1, invalid}), HasSubstr(kBadChar));
    EXPECT_EQ(pass(flat, {0, 0, 0, invalid}), "");
    EXPECT_THAT(pass(flat, {0, invalid, 0, 0}), HasSubstr(kBadCase));
  }
  EXPECT_EQ(pass(enums, {kPlace, 3}, {0, 1, 2}), "");
  EXPECT_THAT(pass(enums, {kPlace, 3}, {0, 1, 3}), HasSubstr(kBadCase));
  EXPECT_THAT(pass(options, {kPlace, 2}, {1, 0xff, 2, 0}), HasSubstr(kBadCase));
  EXPECT_THAT(pass(flat, {0, 3, 0, 0}), HasSubstr(kBadCase));
  EXPECT_THAT(pass(flat, {0, 0, 2, 0}), HasSubstr(kBadCase));
  expect_unit("caller");
}

// One element that is not like the others, at each place of a list of more than two words.
TEST_P(HostileEdges, ASingleElementIsChecked) {
  const std::uint32_t bools = take({t_.list(t_(P::Bool))});
  const std::uint32_t flags = take({t_.list(t_.flags(9))});
  const std::uint32_t chars = take({t_.list(t_(P::Char))});
  const std::uint32_t enums = take({t_.list(t_.enumeration(3))});
  const std::uint32_t padded = take({t_.list(t_.tuple({t_(P::U8), t_(P::U16)}))});
  start();
  for (std::uint32_t at = 0; at < 21; ++at) {
    SCOPED_TRACE(at);
    Bytes bytes(21);
    Bytes expected(21);
    bytes[at] = 0x80;
    expected[at] = 1;
    EXPECT_EQ(pass(bools, {kPlace, 21}, bytes), "");
    EXPECT_EQ(passed(21), expected);
    bytes[at] = 2;
    EXPECT_EQ(pass(enums, {kPlace, 21}, bytes), "");
    EXPECT_EQ(passed(21), bytes);
    bytes[at] = 3;
    EXPECT_THAT(pass(enums, {kPlace, 21}, bytes), HasSubstr(kBadCase));
  }
  for (std::uint32_t at = 0; at < 7; ++at) {
    SCOPED_TRACE(at);
    std::vector<std::uint32_t> letters(7, 'a');
    letters[at] = 0x10ffff;
    EXPECT_EQ(pass(chars, {kPlace, 7}, words(letters)), "");
    EXPECT_EQ(passed(28), words(letters));
    letters[at] = 0xdc00;
    EXPECT_THAT(pass(chars, {kPlace, 7}, words(letters)), HasSubstr(kBadChar));
    // One bit of flags that do not exist, and a byte of padding.
    Bytes bytes(28);
    bytes[4 * at + 1] = 3;
    Bytes expected(28);
    expected[4 * at + 1] = 1;
    EXPECT_EQ(pass(flags, {kPlace, 14}, bytes), "");
    EXPECT_EQ(passed(28), expected);
    EXPECT_EQ(pass(padded, {kPlace, 7}, bytes), "");
    EXPECT_EQ(std::ranges::count(passed(28), 3), 0);
  }
}

// Padding of the caller is not seen by the callee.
TEST_P(HostileEdges, PaddingIsNotPassed) {
  const std::uint32_t padded = take({t_.list(t_.tuple({t_(P::U8), t_(P::U16)}))});
  const std::uint32_t ends = take({t_.list(t_.tuple({t_(P::U16), t_(P::U8)}))});
  const std::uint32_t fixed = take({t_.list(t_.list(t_.tuple({t_(P::U16), t_(P::U8)}), 1))});
  const std::uint32_t map = take({t_.map(t_(P::U8), t_(P::U16))});
  start();
  const Bytes bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(pass(padded, {kPlace, 2}, bytes), "");
  EXPECT_THAT(passed(8), ElementsAre(1, kFiller, 3, 4, 5, kFiller, 7, 8));
  EXPECT_EQ(pass(map, {kPlace, 2}, bytes), "");
  EXPECT_THAT(passed(8), ElementsAre(1, kFiller, 3, 4, 5, kFiller, 7, 8));
  for (const std::uint32_t function : {ends, fixed}) {
    EXPECT_EQ(pass(function, {kPlace, 2}, bytes), "");
    EXPECT_THAT(passed(8), ElementsAre(1, 2, 3, kFiller, 5, 6, 7, kFiller));
  }
}

// The lists of a caller can have bytes in common, and those of a callee too: then the last one counts.
TEST_P(HostileEdges, ListsOverlap) {
  const std::uint32_t two = take({t_.list(t_(P::U16)), t_.list(t_(P::U8))});
  const std::uint32_t nested = take({t_.list(t_.list(t_(P::U32)))});
  start();
  EXPECT_EQ(pass(two, {kPlace, 2, kPlace + 1, 3}, {1, 2, 3, 4}), "");
  EXPECT_THAT(passed(4), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(part(callee_, word(callee_, kParams + 16), 3), ElementsAre(2, 3, 4));
  EXPECT_EQ(pass(two, {kPlace, 2, kPlace + 1, 3}, {1, 2, 3, 4}, answers(kPlace)), "");
  EXPECT_THAT(passed(4), ElementsAre(2, 3, 4, 4));
  // Each element is the whole list.
  const Bytes outer = words({kPlace, 4, kPlace, 4});
  EXPECT_EQ(pass(nested, {kPlace, 2}, outer), "");
  for (const std::uint32_t element : {0U, 8U})
    EXPECT_EQ(part(callee_, word(callee_, word(callee_, kParams) + element), 16), outer);
  EXPECT_EQ(part(caller_, kPlace, 16), outer);
  EXPECT_EQ(pass(nested, {kPlace, 2}, outer, answers(kPlace)), "");
  EXPECT_EQ(part(caller_, kPlace, 16), outer);
  EXPECT_EQ(passed(16), words({kPlace, 4, kPlace, 4}));
}

TEST_P(HostileEdges, NestedListsAreInMemory) {
  const std::uint32_t f = take({t_.list(t_.list(t_(P::U16)))});
  start();
  const auto inner = [&](std::uint32_t address, std::uint32_t count) {
    return pass(f, {kPlace, 2}, words({kPlace, 2, address, count}));
  };
  EXPECT_EQ(inner(kMemorySize - 4, 2), "");
  EXPECT_EQ(inner(kMemorySize, 0), "");
  EXPECT_THAT(inner(kMemorySize - 2, 2), HasSubstr(kOutOfBounds));
  EXPECT_THAT(inner(kPlace, 0x80000001), HasSubstr(kOutOfBounds));
  EXPECT_THAT(inner(kPlace + 1, 1), HasSubstr(kUnaligned));
}

// Longer than any vector or unrolled loop, with a rest.
TEST_P(HostileEdges, LongListsArePassedWhole) {
  const std::vector<Element> all = taken_lists();
  for (const Element& list : all) {
    SCOPED_TRACE(describe(list));
    const std::uint32_t count = 12'000 / list.size;
    Bytes bytes(std::size_t{count} * list.size);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = i % list.size == 0 && i * 7 % 13 < 5;
    EXPECT_EQ(pass(list.function, {kPlace, count}, bytes), "");
    Bytes all_passed = passed(static_cast<std::uint32_t>(bytes.size()));
    if (list.has_padding) std::ranges::replace(all_passed, kFiller, std::uint8_t{0});
    EXPECT_EQ(all_passed, bytes);
  }
}

// Text is checked in the encoding of the caller, and where the callee wants it.
TEST_P(HostileEdges, TextIsInMemory) {
  for (const Encoding from : {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16})
    for (const Encoding to : {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16}) {
      start_over(from, to);
      const std::uint32_t f = take({t_(P::String)});
      start();
      const std::uint32_t unit_size = from == Encoding::Utf16 ? 2 : 1;
      const Bytes text = {'a', 'b', 'c', 'd'};
      EXPECT_EQ(pass(f, {kMemorySize, 0}), "");
      EXPECT_EQ(pass(f, {kMemorySize - 4, 4 / unit_size}), "");
      EXPECT_THAT(pass(f, {kMemorySize - 2, 4 / unit_size}), HasSubstr(kTextOutOfBounds));
      EXPECT_THAT(pass(f, {UINT32_MAX - 3, 8}), HasSubstr(kTextOutOfBounds));
      EXPECT_THAT(pass(f, {kPlace, 0x7fffffff}), HasSubstr(kTextOutOfBounds));
      EXPECT_THAT(pass(f, {kPlace, UINT32_MAX}), HasSubstr(kTextOutOfBounds));
      for (const std::uint32_t address : {kMemorySize - 2, UINT32_MAX - 3})
        EXPECT_THAT(pass(f, {kPlace, 4 / unit_size}, text, answers(address)),
                    HasSubstr(kTextOutOfBounds));
      EXPECT_THAT(pass(f, {kPlace, 4 / unit_size}, text, kTraps), HasSubstr(kTrap));
      // UTF-8, and half a surrogate pair.
      if (from == Encoding::Utf8) {
        EXPECT_THAT(pass(f, {kPlace, 2}, {'a', 0xff}), HasSubstr("invalid utf8 encoding"));
      } else {
        const std::uint64_t tag = from == Encoding::Utf16 ? 0 : abi::kUtf16Tag;
        EXPECT_THAT(pass(f, {kPlace, 2 | tag}, {'a', 0, 0, 0xd8}),
                    HasSubstr("invalid utf16 encoding"));
      }
      if (to != Encoding::Utf8) {
        EXPECT_THAT(pass(f, {kPlace, 4 / unit_size}, text, answers(kPlace + 1)),
                    HasSubstr(kUnaligned));
      }
      if (from != Encoding::Utf8) {
        EXPECT_THAT(pass(f, {kPlace + 1, 1}, text), HasSubstr(kUnaligned));
      }
    }
}

// A unit in which the caller and the callee have one memory: it can be written, but calls itself, which no
// component can.
TEST(HostileUnits, CannotCallThemselves) {
  CompositionBuilder builder;
  builder.add_component("unit", assemble(R"((component
  (core module $code (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4))
    (func (export "f") (param i32 i32)))
  (core instance $code (instantiate $code))
  (func $f (param "p" (list u8)) (canon lift (core func $code "f") (memory $code "memory")
    (realloc (func $code "realloc"))))
  (core func $f' (canon lower (func $f) (memory $code "memory")))
  (core module $calls (import "" "f" (func $f (param i32 i32)))
    (func (export "run") (call $f (i32.const 0) (i32.const 8))))
  (core instance $calls (instantiate $calls (with "" (instance (export "f" (func $f'))))))
  (func (export "run") (canon lift (core func $calls "run")))))"));
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_EQ(call_text(*composition, "run()"),
            "`unit` trapped in `run`: cannot enter component instance");
}

// `realloc` of a callee that makes a call.
TEST(HostileUnits, CannotCallOthersFromRealloc) {
  CompositionBuilder builder;
  builder.add_component("callee", assemble(R"((component
  (component $other
    (core module $code (func (export "g")))
    (core instance $code (instantiate $code))
    (func (export "g") (canon lift (core func $code "g"))))
  (instance $other (instantiate $other))
  (component $inner
    (import "g" (func $g))
    (core func $g' (canon lower (func $g)))
    (core module $code (import "" "g" (func $g)) (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $g) (i32.const 4))
      (func (export "f") (param i32 i32)))
    (core instance $code (instantiate $code (with "" (instance (export "g" (func $g'))))))
    (func (export "f") (param "p" (list u8)) (canon lift (core func $code "f")
      (memory $code "memory") (realloc (func $code "realloc")))))
  (instance $inner (instantiate $inner (with "g" (func $other "g"))))
  (export "f" (func $inner "f"))))"));
  builder.add_component("caller", assemble(R"((component
  (import "f" (func $f (param "p" (list u8))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $f' (canon lower (func $f) (memory $memory "memory")))
  (core module $calls (import "" "f" (func $f (param i32 i32)))
    (func (export "run") (call $f (i32.const 0) (i32.const 8))))
  (core instance $calls (instantiate $calls (with "" (instance (export "f" (func $f'))))))
  (func (export "run") (canon lift (core func $calls "run")))))"));
  builder.set_root("caller");
  const Result<Composition> composition = builder.build();
  ASSERT_TRUE(composition) << composition.error().front().message;
  EXPECT_THAT(call_text(*composition, "run()"), HasSubstr("cannot leave component instance"));
}

// So no list has elements without a size.
TEST(HostileUnits, CannotHaveTypesWithoutASize) {
  const std::pair<const char*, const char*> types[] = {
      {"(tuple)", "a tuple needs at least one type"},
      {"(record)", "a record needs at least one field"},
      {"(flags)", "flags need at least one flag"},
      {"(enum)", "an enum needs at least one case"},
      {"(variant)", "a variant needs at least one case"},
      {"(list u8 0)", "a list of fixed length needs an element"}};
  for (const auto& [type, message] : types) {
    CompositionBuilder builder;
    builder.add_component("unit",
                          assemble(fmt::format("(component (type $e {}) (type (list $e)))", type)));
    const Result<Composition> composition = builder.build();
    ASSERT_FALSE(composition) << type;
    EXPECT_EQ(composition.error().front().message, message);
  }
}

std::string name_of_edge(const testing::TestParamInfo<Edge>& tested) {
  constexpr std::string_view kStyles[] = {"Sync", "Concurrent", "AsyncCallee", "Async"};
  return fmt::format("{}{}", tested.param.form == LinkForm::Embedded ? "Embedded" : "ByReference",
                     kStyles[static_cast<std::size_t>(tested.param.style)]);
}
INSTANTIATE_TEST_SUITE_P(Edges, HostileEdges,
                         testing::Values(Edge{}, Edge{.form = LinkForm::Reference},
                                         Edge{.style = Style::Concurrent},
                                         Edge{.form = LinkForm::Reference, .style = Style::Async}),
                         name_of_edge);

}  // namespace
}  // namespace tenon::link::hostile_edges_test
