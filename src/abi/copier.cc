// How values get from one side of a call to the other.
//
// The Canonical ABI describes lifting a value (reading it from one memory) and lowering it (writing
// it to another) as two walks over the type, with an abstract value between. Done that way, every
// field of every element of a list costs a step of an interpreter. But both sides use the same
// layout: a record has the same bytes on both, except for pointers, handles, padding, and a few
// encodings that are not unique. So a list is copied with a single `memcpy`, and what may not be
// copied verbatim is corrected afterwards. Most lists (numbers, records of numbers) need no
// correction.
//
// The corrections run in two passes over the copy, because of `realloc`: allocating memory on the
// taking side calls into that guest, which may look at anything that is already in its memory.
//
//   clean  runs at once, without calling anyone. It overwrites everything of the giving side that
//          is not part of the value: padding, payloads of other cases, pointers and handles become
//          zeroes. It makes encodings canonical (bools 0 or 1, unused bits of flags 0) and checks
//          characters and discriminants. If a short mask can do all of this, `copy_masked` does it
//          during the copy.
//   deep   then goes through the elements of the original, in the memory of the giving side, copies
//          the contents of their strings and lists, lifts and lowers handles, and stores the new
//          pointers and handles in the copy.
//
// `deep` reads every pointer, length and discriminant again from the giving side, never from the
// copy, which the taking guest may have changed during a `realloc`. The giving side does not run,
// and the two memories do not overlap, so its bytes stay as they were checked. Because the taking
// side's memory may move, the target is an offset (`TargetPlace`) and becomes a pointer only for a
// single store.
//
// The steps of the two passes are precomputed for each type as a `CopyBlock` (copy_block.h). Each
// `clean` step works on all elements of a list before the next step, so its loop is short and has
// no branches on the type. Errors are rare: only the byte offset is recorded, and the path
// ("items[3].price") is derived from the layout afterwards (`path_to`).
//
// Flat values have no memory to copy, so values that are flat on at least one side are copied part
// by part, in copy_flat.cc; their strings and lists come back here.
#include "abi/copier.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace tenon::abi {

namespace {

std::uint32_t load_u32(const std::uint8_t* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// width: 1, 2 or 4.
std::uint32_t load_narrow(const std::uint8_t* at, std::uint8_t width) {
  if (width == 1) return *at;
  if (width == 4) return load_u32(at);
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// The same part of `count` adjacent values, which are `stride` bytes apart.
struct Places {
  std::uint8_t* at;
  std::uint32_t count;
  std::size_t stride;
};

template <std::size_t kSize>
void zero_fixed(Places places) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    std::memset(places.at, 0, kSize);
}

// Padding is usually short, and a call of `memset` would cost more than the rest of the pass. With
// a constant size the compiler emits a store.
void zero_each(Places places, std::size_t size) {
  switch (size) {
    case 1:
      return zero_fixed<1>(places);
    case 2:
      return zero_fixed<2>(places);
    case 3:
      return zero_fixed<3>(places);
    case 4:
      return zero_fixed<4>(places);
    case 7:
      return zero_fixed<7>(places);
    case 8:
      return zero_fixed<8>(places);
    case 12:
      return zero_fixed<12>(places);
    case 16:
      return zero_fixed<16>(places);
    default:
      for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
        std::memset(places.at, 0, size);
  }
}

// Copies bytes and clears the bits outside of the mask, which repeats.
void copy_masked(std::uint8_t* __restrict to, const std::uint8_t* __restrict from, std::size_t size,
                 std::span<const std::uint64_t> mask) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto copy_word = [&](std::size_t i, std::size_t bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i * kWord, bytes);
    word &= mask[i];
    std::memcpy(to + i * kWord, &word, bytes);
  };
  const std::size_t words = mask.size();
  for (; size >= words * kWord; size -= words * kWord) {
    // Eight words at a time, so the compiler uses vector registers. A mask is a multiple of that.
    for (std::size_t i = 0; i < words; i += 8)
      for (std::size_t j = 0; j < 8; ++j) copy_word(i + j, kWord);
    from += words * kWord;
    to += words * kWord;
  }
  for (std::size_t i = 0; i < size / kWord; ++i) copy_word(i, kWord);
  if (size % kWord != 0) copy_word(size / kWord, size % kWord);
}

void normalize_bools(Places places) {
  if (places.stride == 1) {
    for (std::uint32_t i = 0; i < places.count; ++i) places.at[i] = places.at[i] != 0 ? 1 : 0;
    return;
  }
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    *places.at = *places.at != 0 ? 1 : 0;
}

void mask_flags(Places places, std::uint8_t width, std::uint32_t mask) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride) {
    const std::uint32_t bits = load_narrow(places.at, width) & mask;
    std::memcpy(places.at, &bits, width);
  }
}

// The index of the first number that is not a character; `count` if all are.
std::uint32_t find_bad_char(Places places) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    if (!is_char(load_u32(places.at))) return i;
  return places.count;
}

// The index of the first number that is not a case; `count` if all are.
std::uint32_t find_bad_enum(Places places, std::uint8_t width, std::uint32_t cases) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    if (load_narrow(places.at, width) >= cases) return i;
  return places.count;
}

// The path to the part of a value at an offset, as far as records and fixed-length lists go.
std::string path_to(const Arena<Layout>& layouts, LayoutId id, std::uint64_t offset) {
  std::string path;
  while (true) {
    const Layout& layout = layouts[id];
    if (layout.shape == Shape::FixedList) {
      id = *layout.parts[0].layout;
      if (layouts[id].size == 0) return path;
      path += fmt::format("[{}]", offset / layouts[id].size);
      offset %= layouts[id].size;
      continue;
    }
    if (layout.shape != Shape::Record) return path;
    const LayoutPart* match = nullptr;
    for (const LayoutPart& part : layout.parts)
      if (part.offset <= offset && offset - part.offset < layouts[*part.layout].size) match = &part;
    if (match == nullptr) return path;
    path += "." + label_of(layout, *match);
    offset -= match->offset;
    id = *match->layout;
  }
}

}  // namespace

bool Copier::fail_at(std::uint64_t offset, AbiErrorKind kind, std::string_view message) {
  failed_at_ = offset;
  return transfer_.fail(kind, message);
}

bool Copier::fail_discriminant(std::uint32_t discriminant, std::size_t cases) {
  return transfer_.fail(AbiErrorKind::BadDiscriminant,
                        fmt::format("invalid discriminant {}: the type has {} {}", discriminant,
                                    cases, cases == 1 ? "case" : "cases"));
}

bool Copier::fail_in_block(const CopyBlock& block) {
  if (!block.only_case) return transfer_.fail_in(path_to(layouts_, block.layout, failed_at_));
  const Layout& variant = layouts_[block.layout];
  const LayoutPart& part = variant.parts[*block.only_case];
  if (part.layout) transfer_.fail_in(path_to(layouts_, *part.layout, failed_at_ - part.offset));
  return transfer_.fail_in("." + label_of(variant, part));
}

bool Copier::fail_in_list(const CopyBlock& element) {
  const std::uint64_t index = failed_at_ / element.size;
  failed_at_ %= element.size;
  fail_in_block(element);
  return transfer_.fail_in(fmt::format("[{}]", index));
}

bool Copier::copy_memory(LayoutId id, std::uint32_t from, TargetPlace to) {
  const CopyBlock& block = blocks_.of(id);
  if (block.size == 0) return true;
  std::memcpy(bytes_at(to), transfer_.source(from), block.size);
  if (!clean(block, bytes_at(to), 1) || !deepen(block, from, to, 0)) return fail_in_block(block);
  return true;
}

bool Copier::clean(const CopyBlock& block, std::uint8_t* at, std::uint32_t count) {
  for (const CleanStep& step : block.clean) {
    const Places places{at + step.at, count, block.size};
    switch (step.kind) {
      case CleanStep::Kind::Zero:
        zero_each(places, step.count);
        break;
      case CleanStep::Kind::Bool:
        normalize_bools(places);
        break;
      case CleanStep::Kind::Flags:
        mask_flags(places, step.width, step.count);
        break;
      case CleanStep::Kind::Char: {
        const std::uint32_t bad = find_bad_char(places);
        if (bad == count) break;
        const std::uint32_t code = load_u32(places.at + places.stride * bad);
        return fail_at(places.stride * bad + step.at, AbiErrorKind::BadChar,
                       fmt::format("{:#x} is not a valid character", code));
      }
      case CleanStep::Kind::Enum: {
        const std::uint32_t bad = find_bad_enum(places, step.width, step.count);
        if (bad == count) break;
        failed_at_ = places.stride * bad + step.at;
        return fail_discriminant(load_narrow(places.at + places.stride * bad, step.width),
                                 step.count);
      }
      case CleanStep::Kind::Variant:
        if (!clean_variants(step, at, count, block.size)) return false;
        break;
      case CleanStep::Kind::Block:
        for (std::uint32_t i = 0; i < count; ++i) {
          if (clean(blocks_[step.block], places.at + places.stride * i, step.count)) continue;
          failed_at_ += places.stride * i + step.at;
          return false;
        }
        break;
    }
  }
  return true;
}

bool Copier::clean_variants(const CleanStep& step, std::uint8_t* at, std::uint32_t count,
                            std::uint32_t stride) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = std::uint64_t{stride} * i + step.at;
    const std::uint32_t number = load_narrow(at + offset, step.width);
    if (number >= step.count) {
      failed_at_ = offset;
      return fail_discriminant(number, step.count);
    }
    const CopyBlock& block = blocks_.of_case(step.block, number);
    if (!clean(block, at + offset, 1)) {
      fail_in_block(block);
      failed_at_ = offset;
      return false;
    }
  }
  return true;
}

bool Copier::deepen(const CopyBlock& block, std::uint32_t from, TargetPlace to,
                    std::uint32_t handles) {
  for (const DeepStep& step : block.deep)
    if (!deepen_step(step, from + step.at, to + step.at, handles + step.handles)) {
      failed_at_ += step.at;
      return false;
    }
  return true;
}

bool Copier::deepen_step(const DeepStep& step, std::uint32_t from, TargetPlace to,
                         std::uint32_t handles) {
  const std::uint8_t* source = transfer_.source(from);
  failed_at_ = 0;
  switch (step.kind) {
    case DeepStep::Kind::String:
    case DeepStep::Kind::List: {
      StringPair pair{load_u32(source), load_u32(source + 4)};
      const bool copied = step.kind == DeepStep::Kind::String
                              ? copy_string(transfer_, pair)
                              : copy_list(blocks_[step.block], pair, handles);
      failed_at_ = 0;
      if (!copied) return false;
      // The memory may have moved.
      std::uint8_t* target = bytes_at(to);
      std::memcpy(target, &pair.address, 4);
      std::memcpy(target + 4, &pair.length, 4);
      return true;
    }
    case DeepStep::Kind::Own:
    case DeepStep::Kind::Borrow: {
      const HandlePlace place{
          to.bytes != nullptr ? HandlePlace::Where::Bytes : HandlePlace::Where::Memory, to.at};
      return copy_handle(step.kind == DeepStep::Kind::Own ? Shape::Own : Shape::Borrow, handles,
                         load_u32(source), place);
    }
    case DeepStep::Kind::Variant: {
      const std::uint32_t number = load_narrow(source, step.width);
      if (number >= step.count) return fail_discriminant(number, step.count);
      const CopyBlock& block = blocks_.of_case(step.block, number);
      if (deepen(block, from, to, handles)) return true;
      fail_in_block(block);
      failed_at_ = 0;
      return false;
    }
    case DeepStep::Kind::Block: {
      const CopyBlock& block = blocks_[step.block];
      for (std::uint32_t i = 0; i < step.count; ++i)
        if (!deepen(block, from + i * block.size, to + i * block.size, handles)) {
          failed_at_ += std::uint64_t{i} * block.size;
          return false;
        }
      return true;
    }
  }
  return false;
}

bool Copier::copy_clean(const CopyBlock& element, const std::uint8_t* from, std::uint8_t* to,
                        std::uint32_t count) {
  const std::size_t size = std::size_t{count} * element.size;
  if (!element.mask.empty()) {
    copy_masked(to, from, size, element.mask);
    return true;
  }
  std::memcpy(to, from, size);
  return clean(element, to, count);
}

bool Copier::copy_list(const CopyBlock& element, StringPair& pair, std::uint32_t handles) {
  const std::uint32_t count = pair.length;
  const std::uint64_t size = std::uint64_t{count} * element.size;
  if (size > UINT32_MAX)
    return transfer_.fail(AbiErrorKind::TooLong,
                          fmt::format("a list of {} elements of {} bytes each is larger than 4 GiB",
                                      count, element.size));
  const std::uint32_t from = pair.address;
  if (!transfer_.check_source(from, size, element.align)) return false;
  if (element.is_number && transfer_.takes_views()) return true;
  // Elements without a size count too: walks over the result take one step for each.
  if (!transfer_.spend(element.size == 0 ? count : size) ||
      !transfer_.allocate(static_cast<std::uint32_t>(size), element.align, pair.address))
    return false;
  return copy_elements(element, from, pair.address, count, handles);
}

bool Copier::copy_elements(const CopyBlock& element, std::uint32_t from, std::uint32_t to,
                           std::uint32_t count, std::uint32_t handles) {
  if (count == 0 || element.size == 0) return true;
  if (!copy_clean(element, transfer_.source(from), transfer_.target(to), count))
    return fail_in_list(element);
  if (element.deep.empty()) return true;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t offset = i * element.size;
    if (!deepen(element, from + offset, {nullptr, to + offset}, handles)) {
      failed_at_ += offset;
      return fail_in_list(element);
    }
  }
  return true;
}

bool Copier::copy_array(LayoutId id, std::uint32_t from, std::uint32_t to, std::uint32_t count) {
  return copy_elements(blocks_.of(id), from, to, count, 0);
}

bool Copier::copy_handle(Shape shape, std::uint32_t number, std::uint32_t handle,
                         HandlePlace place) {
  const HandlePart part{number, shape == Shape::Own ? Ownership::Own : Ownership::Borrow};
  transfer_.to().make_room_for_handle();
  Result<ResourceToken, AbiError> resource = transfer_.from().lift_handle(part, handle);
  if (!resource) return transfer_.fail(std::move(resource).error());
  Result<void, AbiError> lowered = transfer_.to().lower_handle(part, *resource, place);
  return lowered || transfer_.fail(std::move(lowered).error());
}

}  // namespace tenon::abi
