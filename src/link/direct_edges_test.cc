// Property: a direct edge passes each value unchanged, for every pair of string encodings, in both forms
// of a link, on both engines, for plain and async functions. Values are random, written as hostile guests
// may write them, and compared by an independent reader (abi/test_reference.h).
//
// `TENON_SEED=7` makes the calls of one pair of units, `TENON_VALUES=1000000` so many calls from the first
// pair on, or from that one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "abi/test_guest.h"
#include "abi/test_reference.h"
#include "abi/test_types.h"
#include "abi/test_values.h"
#include "link/test_edges.h"
#include "tests/support/test_scale.h"
#include "types/print_type.h"

namespace tenon::link::direct_edges_test {
namespace {

using abi::FlatValue;

// Makes flat values of a value in memory. Bits that the other side must ignore are garbage.
class Flattening final {
 public:
  using K = abi::ReferenceType::Kind;
  using P = types::Primitive;

  Flattening(const types::Types& types, const abi::TestGuest& guest, std::mt19937& random)
      : reference_(types), guest_(guest), random_(random) {}

  std::vector<FlatValue> flat = {};

  void append(TypeId id, std::uint32_t at) {
    const abi::ReferenceType type = abi::reference_type(reference_.types(), id);
    const std::uint32_t size = reference_.size(id).size;
    switch (type.kind) {
      case K::Primitive:
        if (type.primitive == P::String) return append_pair(at);
        if (type.primitive == P::Bool)
          return push(load(at, 1) == 0 ? 0 : 1 + random_() % UINT32_MAX, 4);
        return push(load(at, size), size);
      case K::List:
        return append_pair(at);
      case K::FixedList:
      case K::Record:
        return append_parts(type, at, type.kind == K::Record ? 1 : type.count);
      case K::Variant: {
        const std::size_t end = flat.size() + reference_.flat_count(id);
        const std::uint64_t number = load(at, abi::Reference::discriminant_size(type));
        push(number, 4);
        if (const auto& payload = type.parts.at(number))
          append(*payload, at + reference_.payload_at(type));
        while (flat.size() < end) push(random_(), 4);
        return;
      }
      case K::Flags:
        return push(load(at, size), size);
      case K::Own:
      case K::Borrow:
        return push(load(at, 4), 4);
    }
  }

 private:
  [[nodiscard]] std::uint64_t load(std::uint32_t at, std::uint32_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, &guest_.bytes.at(at), size);
    return value;
  }
  void push(std::uint64_t value, std::uint32_t size) {
    if (size < 8) value |= ((std::uint64_t{random_()} << 32) | random_()) << (8 * size);
    flat.push_back(value);
  }
  void append_pair(std::uint32_t at) {
    push(load(at, 4), 4);
    push(load(at + 4, 4), 4);
  }
  void append_parts(const abi::ReferenceType& type, std::uint32_t at, std::uint32_t count) {
    const std::uint32_t size = reference_.record_size(type.parts).size;
    for (std::uint32_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < type.parts.size(); ++j)
        append(*type.parts[j], at + i * size + reference_.field_at(type.parts, j));
  }

  abi::Reference reference_;
  const abi::TestGuest& guest_;
  std::mt19937& random_;
};

// Random functions, and calls of them.
class Pair final {
 public:
  static constexpr std::uint32_t kFunctions = 4;

  Pair(const Edge& edge, std::uint32_t seed) : edge_(edge), random_(seed) {
    for (std::uint32_t i = 0; i < kFunctions; ++i) {
      const int depth = static_cast<int>(i % 4);
      std::vector<TypeId> params;
      for (auto count = random_() % 4; count > 0; --count) params.push_back(random_type(depth));
      units_.add(params, random_() % 4 == 0 ? std::nullopt : std::optional(random_type(depth)));
    }
  }

  // calls: of each function.
  void run(std::uint32_t calls) {
    const std::optional<JoinedUnits> joined = JoinedUnits::start(units_, edge_);
    if (!joined) return;
    for (std::uint32_t i = 0; i < kFunctions; ++i)
      for (std::uint32_t j = 0; j < calls && !testing::Test::HasFailure(); ++j) call(*joined, i);
  }

 private:
  // The engine permits at most 32 flags.
  [[nodiscard]] bool is_permitted(TypeId id) const {
    const types::Type& type = units_.t.types.types[id];
    if (const auto* const flags = std::get_if<types::Flags>(&type.kind))
      return flags->labels.size() <= 32;
    return std::ranges::all_of(types::parts_of(type), [this](const std::optional<TypeId>& part) {
      return !part || is_permitted(*part);
    });
  }
  // Every second one is a list, if it can have parts.
  TypeId random_type(int depth) {
    const bool is_list = depth > 0 && random_() % 2 == 0;
    for (;;) {
      const TypeId type = abi::random_type(units_.t, random_, is_list ? depth - 1 : depth);
      if (is_permitted(type)) return is_list ? units_.t.list(type) : type;
    }
  }

  void call(const JoinedUnits& joined, std::uint32_t number) {
    const TestedFunction& function = units_.functions[number];
    abi::TestGuest caller = make_guest(edge_.caller, 0xa5);
    abi::TestGuest callee = make_guest(edge_.callee, 0x5a);
    const Written params =
        write(caller, function.all_params, function.caller_has_flat_params(edge_));
    std::vector<FlatValue> flat = params.flat;
    Written result;
    if (function.type.result) {
      result = write(callee, *function.type.result, function.callee_has_flat_result(edge_));
      flat.push_back(allocate(caller, *function.type.result));
    }
    put_all(caller, kParams, flat);
    put_all(callee, kResult, result.flat);

    const Realloc mode = random_() % 16 == 0 ? Realloc::Grows : Realloc::Allocates;
    joined.caller.put(0, image(caller), mode);
    joined.callee.put(0, image(callee), mode);
    const CallResult<void> done = joined.run(number);
    ASSERT_TRUE(done) << done.error().message << "\n" << params.value << "\n" << result.value;
    expect_value(joined.callee.get(), edge_.callee, function.all_params,
                 function.callee_has_flat_params(), kParams, params.value);
    if (!function.type.result) return;
    const bool is_flat = function.caller_has_flat_result(edge_);
    expect_value(joined.caller.get(), edge_.caller, *function.type.result, is_flat,
                 is_flat ? kResult : kParams + 8 * static_cast<std::uint32_t>(params.flat.size()),
                 result.value);
  }

  // A value in the memory of a guest.
  struct Written {
    std::string value;
    std::vector<FlatValue> flat;  // or the address
  };
  Written write(abi::TestGuest& guest, TypeId type, bool is_flat) {
    const types::Types& types = units_.t.types;
    const std::uint32_t at = allocate(guest, type);
    abi::RandomValues(types, guest, random_).write(type, at);
    Written written = {abi::ValueReader(types, guest).read(type, at), {at}};
    if (!is_flat) return written;
    Flattening flattening(types, guest, random_);
    flattening.append(type, at);
    written.flat = std::move(flattening.flat);
    return written;
  }
  std::uint32_t allocate(abi::TestGuest& guest, TypeId type) const {
    const abi::SizeAndAlign size = abi::Reference(units_.t.types).size(type);
    return guest.allocate(size.size, size.align);
  }
  static void put_all(abi::TestGuest& guest, std::uint32_t at, std::span<const FlatValue> flat) {
    for (const FlatValue value : flat) {
      guest.put(at, value);
      at += 8;
    }
  }

  // place: the flat values, or their address.
  void expect_value(const Bytes& memory, Encoding encoding, TypeId type, bool is_flat,
                    std::uint32_t place, const std::string& value) const {
    SCOPED_TRACE(types::print_type(units_.t.types, {}, type));
    abi::TestGuest guest(encoding, 0);
    guest.bytes = memory;
    abi::ValueReader reader(units_.t.types, guest);
    if (!is_flat) {
      EXPECT_EQ(reader.read(type, guest.get<std::uint32_t>(place)), value);
      return;
    }
    std::vector<FlatValue> flat;
    for (std::uint32_t i = 0; i < abi::Reference(units_.t.types).flat_count(type); ++i)
      flat.push_back(guest.get<FlatValue>(place + 8 * i));
    std::span<const FlatValue> rest = flat;
    EXPECT_EQ(reader.read_flat(type, rest), value);
  }

  static abi::TestGuest make_guest(Encoding encoding, std::uint8_t filler) {
    abi::TestGuest guest(encoding, 1024, filler);
    guest.next = kFree;
    return guest;
  }
  // The rest of the memory is free, and allocations begin at any address.
  static std::span<const std::uint8_t> image(const abi::TestGuest& guest) {
    return std::span(guest.bytes).first(guest.next);
  }

  Edge edge_;
  std::mt19937 random_;
  TestedUnits units_;
};

constexpr Encoding kEncodings[] = {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16};

// The edges are those of the numbers below 72, and neighbors have little in common.
Edge edge_of(std::uint32_t seed) {
  return {.caller = kEncodings[seed % 3],
          .callee = kEncodings[seed / 3 % 3],
          .form = seed % 2 == 0 ? LinkForm::Embedded : LinkForm::Reference,
          .style = static_cast<Style>(seed / 2 % 4)};
}
constexpr std::uint32_t kEdges = 72;

std::optional<std::uint32_t> number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

TEST(DirectEdges, RandomTypesAndValues) {
  const std::optional<std::uint32_t> chosen = number_of("TENON_SEED");
  const std::optional<std::uint32_t> values = number_of("TENON_VALUES");
  // A pair takes much longer to compile than a call.
  const std::uint32_t calls = values ? 50 : 10;
  std::uint32_t pairs = chosen ? 1 : repetitions(kEdges);
  if (values) pairs = *values / (Pair::kFunctions * calls) + 1;
  const std::uint32_t first = chosen.value_or(0);
  for (std::uint32_t seed = first; seed < first + pairs && !HasFailure(); ++seed) {
    const Edge edge = edge_of(seed);
    SCOPED_TRACE(fmt::format("TENON_SEED={}: {}", seed, edge.describe()));
    Pair(edge, seed).run(calls);
  }
}

}  // namespace
}  // namespace tenon::link::direct_edges_test
