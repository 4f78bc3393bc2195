// Copies values that are flat on at least one side.
//
// A value is copied part by part, by one walk over its type (`copy_value`). The walk is a template
// over its source and target, so there is one definition for the three combinations of flat values
// and memory (memory to memory is in copier.cc). Sources and targets know how to load and store
// scalars and where the parts of a value are: at a byte offset, or at an index of a flat value.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "abi/copier.h"

namespace tenon::abi {

// Reads flat values. The joined types of variants play no role: flat values are bits, and each case
// uses as many of them as its own type has.
struct Copier::FlatSource {
  const FlatInput* values;
  std::uint32_t at;

  [[nodiscard]] std::uint64_t load(std::uint32_t /*size*/) const { return (*values)[at]; }
  // The i-th 32 bits of flags, or of an address and length. size: of the whole value.
  [[nodiscard]] std::uint32_t word(std::uint32_t i, std::uint32_t /*size*/) const {
    return static_cast<std::uint32_t>((*values)[at + i]);
  }
  [[nodiscard]] FlatSource part(const LayoutPart& part) const {
    return {values, at + part.flat_offset};
  }
  [[nodiscard]] FlatSource element(std::uint32_t i, const Layout& element_layout) const {
    return {values, at + i * static_cast<std::uint32_t>(element_layout.flat.count())};
  }
};

struct Copier::MemorySource {
  const std::uint8_t* bytes;

  [[nodiscard]] std::uint64_t load(std::uint32_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, size);
    return value;
  }
  [[nodiscard]] std::uint32_t word(std::uint32_t i, std::uint32_t size) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes + 4 * i, std::min<std::uint32_t>(size, 4));
    return value;
  }
  [[nodiscard]] MemorySource part(const LayoutPart& part) const { return {bytes + part.offset}; }
  [[nodiscard]] MemorySource element(std::uint32_t i, const Layout& element_layout) const {
    return {bytes + std::size_t{i} * element_layout.size};
  }
};

struct Copier::FlatTarget {
  const FlatOutput* values;
  std::uint32_t at;

  void store(FlatValue value, std::uint32_t /*size*/) const { values->set(at, value); }
  void store_word(std::uint32_t i, std::uint32_t word, std::uint32_t /*size*/) const {
    values->set(at + i, word);
  }
  // Clears a variant first, because a case may not fill all its flat values.
  void clear(const Layout& variant) const {
    for (std::size_t i = 0; i < variant.flat.count(); ++i) values->set(at + i, 0);
  }
  [[nodiscard]] FlatTarget part(const LayoutPart& part) const {
    return {values, at + part.flat_offset};
  }
  [[nodiscard]] FlatTarget element(std::uint32_t i, const Layout& element_layout) const {
    return {values, at + i * static_cast<std::uint32_t>(element_layout.flat.count())};
  }
  [[nodiscard]] HandlePlace handle_place() const { return {HandlePlace::Where::Flat, at}; }
};

// Writes to memory. The bytes of the value were zeroed before.
struct Copier::MemoryTarget {
  const Copier& copier;
  TargetPlace place;

  void store(FlatValue value, std::uint32_t size) const {
    std::memcpy(copier.bytes_at(place), &value, size);
  }
  void store_word(std::uint32_t i, std::uint32_t word, std::uint32_t size) const {
    std::memcpy(copier.bytes_at(place + 4 * i), &word, std::min<std::uint32_t>(size, 4));
  }
  void clear(const Layout& /*variant*/) const {}
  [[nodiscard]] MemoryTarget part(const LayoutPart& part) const {
    return {copier, place + part.offset};
  }
  [[nodiscard]] MemoryTarget element(std::uint32_t i, const Layout& element_layout) const {
    return {copier, place + i * element_layout.size};
  }
  [[nodiscard]] HandlePlace handle_place() const {
    return {place.bytes != nullptr ? HandlePlace::Where::Bytes : HandlePlace::Where::Memory,
            place.at};
  }
};

bool Copier::copy_to_flat(LayoutId id, std::uint32_t from, const FlatOutput& to) {
  return copy_value(id, MemorySource{transfer_.source(from)}, FlatTarget{&to, 0}, 0);
}

bool Copier::copy_from_flat(LayoutId id, const FlatInput& from, TargetPlace to) {
  const std::uint32_t size = layouts_[id].size;
  if (size > 0) std::memset(bytes_at(to), 0, size);
  return copy_value(id, FlatSource{&from, 0}, MemoryTarget{*this, to}, 0);
}

bool Copier::copy_flat(LayoutId id, const FlatInput& from, const FlatOutput& to) {
  return copy_value(id, FlatSource{&from, 0}, FlatTarget{&to, 0}, 0);
}

template <class Source, class Target>
bool Copier::copy_value(LayoutId id, Source from, Target to, std::uint32_t handles) {
  const Layout& layout = layouts_[id];
  switch (layout.shape) {
    case Shape::Bool:
    case Shape::S8:
    case Shape::U8:
    case Shape::S16:
    case Shape::U16:
    case Shape::S32:
    case Shape::U32:
    case Shape::S64:
    case Shape::U64:
    case Shape::F32:
    case Shape::F64:
      to.store(flat_scalar(layout.shape, from.load(layout.size)), layout.size);
      return true;
    case Shape::Char: {
      const auto code = static_cast<std::uint32_t>(from.load(layout.size));
      if (!is_char(code))
        return transfer_.fail(AbiErrorKind::BadChar,
                              fmt::format("{:#x} is not a valid character", code));
      to.store(code, layout.size);
      return true;
    }
    case Shape::String:
    case Shape::List: {
      StringPair pair{from.word(0, layout.size), from.word(1, layout.size)};
      if (layout.shape == Shape::String
              ? !copy_string(transfer_, pair)
              : !copy_list(blocks_.of(*layout.parts[0].layout), pair, handles))
        return false;
      to.store_word(0, pair.address, layout.size);
      to.store_word(1, pair.length, layout.size);
      return true;
    }
    case Shape::FixedList: {
      const LayoutId element = *layout.parts[0].layout;
      const Layout& element_layout = layouts_[element];
      // Elements without flat values have no content, and there may be 2^32 of them.
      const std::uint32_t count = element_layout.flat.count() == 0 ? 0 : layout.count;
      for (std::uint32_t i = 0; i < count; ++i)
        if (!copy_value(element, from.element(i, element_layout), to.element(i, element_layout),
                        handles))
          return transfer_.fail_in(fmt::format("[{}]", i));
      return true;
    }
    case Shape::Record:
      for (const LayoutPart& part : layout.parts)
        if (!copy_value(*part.layout, from.part(part), to.part(part), handles + part.handles))
          return transfer_.fail_in("." + label_of(layout, part));
      return true;
    case Shape::Variant:
      return copy_variant(layout, from, to, handles);
    case Shape::Flags:
      for (std::uint32_t i = 0; i < layout.flat.count(); ++i) {
        const std::uint32_t left = layout.count - std::min(layout.count, 32 * i);
        const std::uint32_t mask = left >= 32 ? UINT32_MAX : (std::uint32_t{1} << left) - 1;
        to.store_word(i, from.word(i, layout.size) & mask, layout.size);
      }
      return true;
    case Shape::Own:
    case Shape::Borrow:
      return copy_handle(layout.shape, handles, from.word(0, layout.size), to.handle_place());
  }
  return false;
}

template <class Source, class Target>
bool Copier::copy_variant(const Layout& layout, Source from, Target to, std::uint32_t handles) {
  const auto number = static_cast<std::uint32_t>(from.load(layout.discriminant_size));
  if (number >= layout.parts.size()) return fail_discriminant(number, layout.parts.size());
  const LayoutPart& part = layout.parts[number];
  to.clear(layout);
  to.store(number, layout.discriminant_size);
  if (!part.layout) return true;
  return copy_value(*part.layout, from.part(part), to.part(part), handles + part.handles) ||
         transfer_.fail_in("." + label_of(layout, part));
}

}  // namespace tenon::abi
