// An independent implementation of the standard, for tests: sizes, numbers of flat values, and a
// reader that prints a value from any place. It shares no code with layout.h and the copying, and
// follows the definitions of CanonicalABI.md by recursion over the type.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "abi/guest.h"
#include "abi/test_text.h"
#include "abi/value_arena.h"
#include "support/check.h"
#include "types/type.h"

namespace tenon::abi {

// A type in terms of the standard.
struct ReferenceType {
  enum class Kind { Primitive, List, FixedList, Record, Variant, Flags, Own, Borrow };
  Kind kind = Kind::Primitive;
  types::Primitive primitive = types::Primitive::Bool;
  std::vector<std::optional<types::TypeId>> parts = {};  // fields, cases, or the element
  std::uint32_t count = 0;                               // FixedList, Flags
};

inline ReferenceType reference_type(const types::Types& types, types::TypeId id) {
  using K = ReferenceType::Kind;
  ReferenceType plain;
  std::visit(
      [&](const auto& kind) {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, types::Primitive>) {
          plain.primitive = kind;
        } else if constexpr (std::is_same_v<Kind, types::Record>) {
          plain.kind = K::Record;
          for (const auto& field : kind.fields) plain.parts.push_back(field.type);
        } else if constexpr (std::is_same_v<Kind, types::Tuple>) {
          plain.kind = K::Record;
          for (const auto part : kind.types) plain.parts.push_back(part);
        } else if constexpr (std::is_same_v<Kind, types::List>) {
          plain.kind = kind.length ? K::FixedList : K::List;
          plain.count = kind.length.value_or(0);
          plain.parts = {kind.element};
        } else if constexpr (std::is_same_v<Kind, types::Map>) {
          plain.kind = K::List;
          plain.parts = {kind.key, kind.value};
        } else if constexpr (std::is_same_v<Kind, types::Variant>) {
          plain.kind = K::Variant;
          for (const auto& variant_case : kind.cases) plain.parts.push_back(variant_case.type);
        } else if constexpr (std::is_same_v<Kind, types::Enum>) {
          plain.kind = K::Variant;
          plain.parts.resize(kind.labels.size());
        } else if constexpr (std::is_same_v<Kind, types::Option>) {
          plain.kind = K::Variant;
          plain.parts = {std::nullopt, kind.type};
        } else if constexpr (std::is_same_v<Kind, types::ResultType>) {
          plain.kind = K::Variant;
          plain.parts = {kind.ok, kind.error};
        } else if constexpr (std::is_same_v<Kind, types::Flags>) {
          plain.kind = K::Flags;
          plain.count = static_cast<std::uint32_t>(kind.labels.size());
        } else {
          plain.kind = std::is_same_v<Kind, types::Own> ? K::Own : K::Borrow;
        }
      },
      types.types[id].kind);
  return plain;
}

struct SizeAndAlign {
  std::uint32_t size = 0;
  std::uint32_t align = 1;

  void add_field(SizeAndAlign field) {
    size = aligned(size, field.align) + field.size;
    align = std::max(align, field.align);
  }
  static std::uint32_t aligned(std::uint32_t at, std::uint32_t align) {
    return (at + align - 1) / align * align;
  }
};

// Sizes, numbers of flat values, and offsets of parts.
class Reference {
 public:
  using K = ReferenceType::Kind;
  using P = types::Primitive;
  using TypeId = types::TypeId;

  explicit Reference(const types::Types& types) : types_(types) {}

  SizeAndAlign size(TypeId id) const {
    const ReferenceType type = reference_type(types_, id);
    switch (type.kind) {
      case K::Primitive:
        return primitive_size(type.primitive);
      case K::List:
        return {8, 4};
      case K::FixedList: {
        const SizeAndAlign part = size(*type.parts[0]);
        return {part.size * type.count, part.align};
      }
      case K::Record:
        return record_size(type.parts);
      case K::Variant: {
        const std::uint32_t discriminant = discriminant_size(type);
        SizeAndAlign most;
        for (const auto& part : type.parts)
          if (part)
            most = {std::max(most.size, size(*part).size), std::max(most.align, size(*part).align)};
        const std::uint32_t align = std::max(discriminant, most.align);
        return {SizeAndAlign::aligned(SizeAndAlign::aligned(discriminant, most.align) + most.size,
                                      align),
                align};
      }
      case K::Flags:
        if (type.count <= 8) return {1, 1};
        if (type.count <= 16) return {2, 2};
        return {(type.count + 31) / 32 * 4, 4};
      case K::Own:
      case K::Borrow:
        return {4, 4};
    }
    return {};
  }
  SizeAndAlign record_size(const std::vector<std::optional<TypeId>>& parts) const {
    SizeAndAlign total;
    for (const auto& part : parts) total.add_field(size(*part));
    total.size = SizeAndAlign::aligned(total.size, total.align);
    return total;
  }
  std::uint32_t field_at(const std::vector<std::optional<TypeId>>& parts, std::size_t i) const {
    SizeAndAlign total;
    for (std::size_t j = 0; j <= i; ++j) total.add_field(size(*parts[j]));
    return total.size - size(*parts[i]).size;
  }
  static std::uint32_t discriminant_size(const ReferenceType& type) {
    return type.parts.size() <= 256 ? 1 : type.parts.size() <= 65536 ? 2 : 4;
  }
  std::uint32_t payload_at(const ReferenceType& type) const {
    std::uint32_t align = 1;
    for (const auto& part : type.parts)
      if (part) align = std::max(align, size(*part).align);
    return SizeAndAlign::aligned(discriminant_size(type), align);
  }
  std::uint32_t flat_count(TypeId id) const {
    const ReferenceType type = reference_type(types_, id);
    std::uint32_t sum = 0;
    std::uint32_t most = 0;
    for (const auto& part : type.parts) {
      const std::uint32_t count = part ? flat_count(*part) : 0;
      sum += count;
      most = std::max(most, count);
    }
    switch (type.kind) {
      case K::Primitive:
        return type.primitive == P::String ? 2 : 1;
      case K::List:
        return 2;
      case K::FixedList:
        return sum * type.count;
      case K::Record:
        return sum;
      case K::Variant:
        return 1 + most;
      case K::Flags:
        return std::max(1U, (type.count + 31) / 32);
      case K::Own:
      case K::Borrow:
        return 1;
    }
    return 0;
  }

  const types::Types& types() const { return types_; }

 private:
  static SizeAndAlign primitive_size(P kind) {
    switch (kind) {
      case P::Bool:
      case P::S8:
      case P::U8:
        return {1, 1};
      case P::S16:
      case P::U16:
        return {2, 2};
      case P::S64:
      case P::U64:
      case P::F64:
        return {8, 8};
      case P::String:
        return {8, 4};
      case P::S32:
      case P::U32:
      case P::F32:
      case P::Char:
      case P::ErrorContext:
        return {4, 4};
    }
    return {};
  }

  const types::Types& types_;
};

// Prints values as text. Handles are printed as numbers; those of an arena as their tokens.
class ValueReader {
 public:
  using K = ReferenceType::Kind;
  using P = types::Primitive;
  using TypeId = types::TypeId;

  ValueReader(const types::Types& types, Guest& guest) : reference_(types), guest_(guest) {}

  std::string read(TypeId id, std::uint32_t at) {
    const ReferenceType type = reference_type(reference_.types(), id);
    switch (type.kind) {
      case K::Primitive:
        if (type.primitive == P::String) return text({load(at, 4), load(at + 4, 4)});
        return primitive(type.primitive, load64(at, reference_.size(id).size));
      case K::List:
        return list(type, load(at, 4), load(at + 4, 4));
      case K::FixedList:
        return elements(type, at, type.count);
      case K::Record: {
        std::string text = "{";
        for (std::size_t i = 0; i < type.parts.size(); ++i)
          text += read(*type.parts[i], at + reference_.field_at(type.parts, i)) + ",";
        return text + "}";
      }
      case K::Variant: {
        const std::uint32_t number = load(at, Reference::discriminant_size(type));
        const auto& part = type.parts.at(number);
        return fmt::format("#{}({})", number,
                           part ? read(*part, at + reference_.payload_at(type)) : "");
      }
      case K::Flags: {
        std::string text = "flags";
        const std::uint32_t bytes = (type.count + 7) / 8;
        for (std::uint32_t i = 0; i < bytes; ++i) {
          const std::uint32_t left = type.count - 8 * i;
          text += fmt::format(" {:x}", load(at + i, 1) & (left >= 8 ? 0xff : (1U << left) - 1));
        }
        return text;
      }
      case K::Own:
      case K::Borrow:
        return handle(load(at, 4));
    }
    return {};
  }

  // Reads flat values from the front of `flat`, as many as the type has.
  std::string read_flat(TypeId id, std::span<const FlatValue>& flat) {
    const ReferenceType type = reference_type(reference_.types(), id);
    const auto next = [&] {
      const FlatValue value = flat.front();
      flat = flat.subspan(1);
      return value;
    };
    const auto next32 = [&] { return static_cast<std::uint32_t>(next()); };
    switch (type.kind) {
      case K::Primitive:
        if (type.primitive != P::String) {
          const std::uint32_t size = reference_.size(id).size;
          return primitive(type.primitive, size == 8 ? next() : next() & ((1ULL << 8 * size) - 1));
        }
        [[fallthrough]];
      case K::List: {
        const std::uint32_t address = next32();
        const std::uint32_t length = next32();
        return type.kind == K::List ? list(type, address, length) : text({address, length});
      }
      case K::FixedList: {
        std::string text = "[";
        for (std::uint32_t i = 0; i < type.count; ++i)
          text += read_flat(*type.parts[0], flat) + ",";
        return text + "]";
      }
      case K::Record: {
        std::string text = "{";
        for (const auto& part : type.parts) text += read_flat(*part, flat) + ",";
        return text + "}";
      }
      case K::Variant: {
        std::span<const FlatValue> mine = flat.first(reference_.flat_count(id));
        flat = flat.subspan(mine.size());
        const auto number = static_cast<std::uint32_t>(mine.front());
        mine = mine.subspan(1);
        const auto& part = type.parts.at(number);
        return fmt::format("#{}({})", number, part ? read_flat(*part, mine) : "");
      }
      case K::Flags: {
        std::string text = "flags";
        for (std::uint32_t i = 0; i < type.count; i += 32) {
          const std::uint32_t word = next32();
          for (std::uint32_t j = i; j < std::min(type.count, i + 32); j += 8) {
            const std::uint32_t left = type.count - j;
            text += fmt::format(" {:x}", word >> (j - i) & (left >= 8 ? 0xff : (1U << left) - 1));
          }
        }
        return text;
      }
      case K::Own:
      case K::Borrow:
        return handle(next32());
    }
    return {};
  }

 private:
  std::uint64_t load64(std::uint32_t at, std::uint32_t size) {
    std::uint64_t value = 0;
    const std::span<std::uint8_t> memory = guest_.memory();
    TENON_CHECK(std::uint64_t{at} + size <= memory.size());
    std::memcpy(&value, memory.data() + at, size);
    return value;
  }
  std::uint32_t load(std::uint32_t at, std::uint32_t size) {
    return static_cast<std::uint32_t>(load64(at, size));
  }
  std::string text(StringPair pair) {
    return fmt::format("'{}'", get_string(guest_.memory(), guest_.encoding(), pair));
  }
  static std::string primitive(P kind, std::uint64_t bits) {
    return kind == P::Bool ? fmt::format("{}", bits != 0) : fmt::format("{:x}", bits);
  }
  std::string handle(std::uint32_t number) {
    const auto* arena = dynamic_cast<const ValueArena*>(&guest_);
    if (arena == nullptr) return fmt::format("h{}", number);
    TENON_CHECK(arena->resources()[number].has_value());
    return fmt::format("h{}", *arena->resources()[number]);
  }
  std::string list(const ReferenceType& type, std::uint32_t at, std::uint32_t count) {
    return elements(type, at, count);
  }
  std::string elements(const ReferenceType& type, std::uint32_t at, std::uint32_t count) {
    std::string text = "[";
    const std::uint32_t size = reference_.record_size(type.parts).size;
    for (std::uint32_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < type.parts.size(); ++j)
        text += read(*type.parts[j], at + i * size + reference_.field_at(type.parts, j)) + ",";
    return text + "]";
  }

  Reference reference_;
  Guest& guest_;
};

}  // namespace tenon::abi
