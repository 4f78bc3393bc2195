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

// One after the other, `stride` bytes apart.
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

// Padding is mostly short: a call of `memset` would cost more than all else.
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

// `memcpy` that keeps the bits of the mask, over and over.
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
    // Eight at a time, which become the registers that there are: a mask is a multiple of that.
    for (std::size_t i = 0; i < words; i += 8)
      for (std::size_t j = 0; j < 8; ++j) copy_word(i + j, kWord);
    from += words * kWord;
    to += words * kWord;
  }
  for (std::size_t i = 0; i < size / kWord; ++i) copy_word(i, kWord);
  if (size % kWord != 0) copy_word(size / kWord, size % kWord);
}

void mend_bools(Places places) {
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

// The first that is no character; `count` if there is none.
std::uint32_t find_bad_char(Places places) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    if (!is_char(load_u32(places.at))) return i;
  return places.count;
}

std::uint32_t find_bad_enum(Places places, std::uint8_t width, std::uint32_t cases) {
  for (std::uint32_t i = 0; i < places.count; ++i, places.at += places.stride)
    if (load_narrow(places.at, width) >= cases) return i;
  return places.count;
}

// The innermost part at an offset: down to a leaf, a list or a variant.
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
    const LayoutPart* found = nullptr;
    for (const LayoutPart& part : layout.parts)
      if (part.offset <= offset && offset - part.offset < layouts[*part.layout].size) found = &part;
    if (found == nullptr) return path;
    path += "." + found->label;
    offset -= found->offset;
    id = *found->layout;
  }
}

}  // namespace

bool Copier::fail_at(std::uint64_t offset, AbiErrorKind kind, std::string_view message) {
  failed_at_ = offset;
  return transfer_.fail(kind, message);
}

bool Copier::fail_discriminant(std::uint32_t found, std::size_t cases) {
  return transfer_.fail(AbiErrorKind::BadDiscriminant,
                        fmt::format("case {} of a type with {} cases", found, cases));
}

bool Copier::fail_in_block(const CopyBlock& block) {
  if (!block.only_case) return transfer_.fail_in(path_to(layouts_, block.layout, failed_at_));
  const LayoutPart& part = layouts_[block.layout].parts[*block.only_case];
  if (part.layout) transfer_.fail_in(path_to(layouts_, *part.layout, failed_at_ - part.offset));
  return transfer_.fail_in("." + part.label);
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
        mend_bools(places);
        break;
      case CleanStep::Kind::Flags:
        mask_flags(places, step.width, step.count);
        break;
      case CleanStep::Kind::Char: {
        const std::uint32_t bad = find_bad_char(places);
        if (bad == count) break;
        const std::uint32_t found = load_u32(places.at + places.stride * bad);
        return fail_at(places.stride * bad + step.at, AbiErrorKind::BadChar,
                       fmt::format("{:#x} is no character", found));
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
    return transfer_.fail(
        AbiErrorKind::TooLong,
        fmt::format("a list of {} elements of {} bytes each takes more than 4 GiB", count,
                    element.size));
  const std::uint32_t from = pair.address;
  if (!transfer_.check_source(from, size, element.align)) return false;
  if (element.is_number && transfer_.takes_views()) return true;
  if (!transfer_.spend(element.size == 0 ? count : size) ||
      !transfer_.allocate(static_cast<std::uint32_t>(size), element.align, pair.address))
    return false;
  if (size == 0) return true;
  if (!copy_clean(element, transfer_.source(from), transfer_.target(pair.address), count))
    return fail_in_list(element);
  if (element.deep.empty()) return true;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t offset = i * element.size;
    if (!deepen(element, from + offset, {nullptr, pair.address + offset}, handles)) {
      failed_at_ += offset;
      return fail_in_list(element);
    }
  }
  return true;
}

bool Copier::copy_handle(Shape shape, std::uint32_t number, std::uint32_t handle,
                         HandlePlace place) {
  const HandlePart part{number, shape == Shape::Own ? Ownership::Own : Ownership::Borrow};
  Result<ResourceToken, AbiError> resource = transfer_.from().lift_handle(part, handle);
  if (!resource) return transfer_.fail(std::move(resource).error());
  Result<void, AbiError> lowered = transfer_.to().lower_handle(part, *resource, place);
  return lowered || transfer_.fail(std::move(lowered).error());
}

}  // namespace tenon::abi
