// Random types and values, for tests.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "abi/test_guest.h"
#include "abi/test_reference.h"
#include "abi/test_text.h"
#include "abi/test_types.h"
#include "types/type.h"

namespace tenon::abi {

// Writes random values into a guest as a real guest may: bools are any number, flags have extra
// bits, and padding is garbage.
class RandomValues {
 public:
  using K = ReferenceType::Kind;
  using P = types::Primitive;

  RandomValues(const types::Types& types, TestGuest& guest, std::mt19937& random)
      : reference_(types), guest_(guest), random_(random) {}

  void write(types::TypeId id, std::uint32_t at) {
    const ReferenceType type = reference_type(reference_.types(), id);
    switch (type.kind) {
      case K::Primitive:
        write_primitive(type.primitive, at, reference_.size(id).size);
        break;
      case K::List: {
        const SizeAndAlign entry = reference_.record_size(type.parts);
        const std::uint32_t count = below(4);
        const std::uint32_t start = guest_.allocate(count * entry.size, entry.align);
        guest_.put(at, start);
        guest_.put(at + 4, count);
        write_elements(type, start, count);
        break;
      }
      case K::FixedList:
        write_elements(type, at, type.count);
        break;
      case K::Record:
        write_elements(type, at, 1);
        break;
      case K::Variant: {
        const auto number = below(static_cast<std::uint32_t>(type.parts.size()));
        std::memcpy(&guest_.bytes.at(at), &number, Reference::discriminant_size(type));
        if (type.parts[number]) write(*type.parts[number], at + reference_.payload_at(type));
        break;
      }
      case K::Flags:
        for (std::uint32_t i = 0; i < reference_.size(id).size; ++i)
          guest_.put(at + i, static_cast<std::uint8_t>(random_()));
        break;
      case K::Own:
      case K::Borrow:
        guest_.put(at, below(1000));
        break;
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  char32_t random_char() {
    constexpr char32_t kRanges[][2] = {
        {0, 0x7f}, {'a', 'z'}, {0x80, 0xff}, {0x100, 0xd7ff}, {0xe000, 0x10ffff}};
    const auto& range = kRanges[below(5)];
    return range[0] + below(range[1] - range[0] + 1);
  }
  void write_primitive(P kind, std::uint32_t at, std::uint32_t size) {
    if (kind == P::Char) return guest_.put(at, random_char());
    if (kind != P::String) {
      for (std::uint32_t i = 0; i < size; ++i)
        guest_.put(at + i, static_cast<std::uint8_t>(below(3) == 0 ? 0 : random_()));
      return;
    }
    std::u32string text;
    const bool is_ascii = below(2) == 0;
    for (std::uint32_t i = below(40); i > 0; --i)
      text.push_back(is_ascii ? 'a' + below(26) : random_char());
    const StringPair pair = put_string(guest_, text, below(2) == 0 ? Wide::Yes : Wide::IfNeeded);
    guest_.put(at, pair.address);
    guest_.put(at + 4, pair.length);
  }
  void write_elements(const ReferenceType& type, std::uint32_t at, std::uint32_t count) {
    const std::uint32_t size = reference_.record_size(type.parts).size;
    for (std::uint32_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < type.parts.size(); ++j)
        write(*type.parts[j], at + i * size + reference_.field_at(type.parts, j));
  }

  Reference reference_;
  TestGuest& guest_;
  std::mt19937& random_;
};

// A random type, with parts nested up to `depth` levels deep.
inline types::TypeId random_type(TestTypes& t, std::mt19937& random, int depth) {
  using P = types::Primitive;
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  const auto part = [&] { return random_type(t, random, depth - 1); };
  const auto maybe = [&] { return below(3) == 0 ? std::nullopt : std::optional(part()); };
  constexpr std::uint32_t kSizes[] = {1, 3, 8, 9, 16, 17, 32, 33, 256, 257};
  const std::uint32_t choice = below(depth == 0 ? 18 : 27);
  switch (choice) {
    case 13:
      return t.enumeration(kSizes[below(10)]);
    case 14:
      return t.flags(kSizes[below(8)]);
    case 15:
      return t.own();
    case 16:
      return t.borrow();
    case 17:
    case 18:
      return t(P::String);
    case 19:
      return t.list(part());
    case 20:
      return t.list(part(), 1 + below(12));
    case 21:
      return t.map(part(), part());
    case 22:
      return t.option(part());
    case 23:
      return t.result(maybe(), maybe());
    case 24:
    case 25: {
      std::vector<types::TypeId> parts;
      for (std::uint32_t i = 1 + below(5); i > 0; --i) parts.push_back(part());
      return t.tuple(parts);
    }
    case 26: {
      std::vector<types::Case> cases;
      for (std::uint32_t i = 1 + below(5); i > 0; --i)
        cases.push_back({fmt::format("c{}", i), maybe()});
      return t.variant(cases);
    }
    default: {
      constexpr P kKinds[] = {P::Bool, P::S8,  P::U8,  P::S16, P::U16,  P::S32,   P::U32,
                              P::S64,  P::U64, P::F32, P::F64, P::Char, P::String};
      return t(kKinds[choice]);
    }
  }
}

}  // namespace tenon::abi
