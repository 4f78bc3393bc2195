#include "abi/copy_block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

namespace tenon::abi {

namespace {

// A part with at most this many steps is repeated in the type that contains it.
constexpr std::size_t kInlinedSteps = 8;
// The largest mask. Most records of numbers need less, and every type may have a mask.
constexpr std::size_t kMaskBytes = 512;

void zero(CopyBlock& block, std::uint32_t from, std::uint32_t to) {
  if (from >= to) return;
  if (!block.clean.empty()) {
    CleanStep& last = block.clean.back();
    if (last.kind == CleanStep::Kind::Zero && last.at + last.count == from) {
      last.count += to - from;
      return;
    }
  }
  block.clean.push_back({.kind = CleanStep::Kind::Zero, .at = from, .count = to - from});
}

void add_flags(CopyBlock& block, const Layout& layout) {
  const std::uint32_t width = std::min<std::uint32_t>(layout.size, 4);
  for (std::uint32_t at = 0; at < layout.size; at += width) {
    const std::uint32_t first = at * 8;
    const std::uint32_t bits = layout.count > first ? std::min(layout.count - first, 32U) : 0;
    if (bits == width * 8) continue;
    block.clean.push_back({.kind = CleanStep::Kind::Flags,
                           .width = static_cast<std::uint8_t>(width),
                           .at = at,
                           .count = (std::uint32_t{1} << bits) - 1});
  }
}

}  // namespace

void CopyBlocks::add(const Arena<Layout>& layouts, LayoutId id) {
  if (by_layout_.size() < layouts.size()) by_layout_.resize(layouts.size());
  if (by_layout_[id.index].is_valid()) return;
  for (const LayoutPart& part : layouts[id].parts)
    if (part.layout) add(layouts, *part.layout);
  CopyBlock block = make(layouts, id);
  if (layouts[id].shape == Shape::Variant) add_variant(layouts, id, block);
  block.mask = make_mask(block);
  by_layout_[id.index] = blocks_.add(std::move(block));
}

CopyBlock CopyBlocks::make(const Arena<Layout>& layouts, LayoutId id) const {
  const Layout& layout = layouts[id];
  CopyBlock block{.layout = id,
                  .size = layout.size,
                  .align = layout.align,
                  .is_number = can_view_list(layout.shape)};
  const auto add_handle = [&](DeepStep::Kind kind) {
    zero(block, 0, layout.size);
    block.deep.push_back({.kind = kind});
  };
  switch (layout.shape) {
    case Shape::Bool:
      block.clean.push_back({.kind = CleanStep::Kind::Bool});
      break;
    case Shape::Char:
      block.clean.push_back({.kind = CleanStep::Kind::Char});
      break;
    case Shape::String:
      zero(block, 0, layout.size);
      block.deep.push_back({.kind = DeepStep::Kind::String});
      break;
    case Shape::List:
      zero(block, 0, layout.size);
      block.deep.push_back(
          {.kind = DeepStep::Kind::List, .block = by_layout_[layout.parts[0].layout->index]});
      break;
    case Shape::FixedList: {
      const BlockId element = by_layout_[layout.parts[0].layout->index];
      append(block, blocks_[element], element, 0, layout.count, 0);
      break;
    }
    case Shape::Record: {
      std::uint32_t end = 0;
      for (const LayoutPart& part : layout.parts) {
        const BlockId field = by_layout_[part.layout->index];
        zero(block, end, part.offset);
        append(block, blocks_[field], field, part.offset, 1, part.handles);
        end = part.offset + blocks_[field].size;
      }
      zero(block, end, layout.size);
      break;
    }
    case Shape::Flags:
      add_flags(block, layout);
      break;
    case Shape::Own:
      add_handle(DeepStep::Kind::Own);
      break;
    case Shape::Borrow:
      add_handle(DeepStep::Kind::Borrow);
      break;
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
    case Shape::Variant:
      break;
  }
  return block;
}

std::vector<std::uint64_t> CopyBlocks::make_mask(const CopyBlock& block) {
  const bool fits = std::ranges::all_of(block.clean, [](const CleanStep& step) {
    return step.kind == CleanStep::Kind::Zero || step.kind == CleanStep::Kind::Flags;
  });
  if (!fits || block.clean.empty()) return {};
  // A multiple of the element size and of the widest vector registers.
  const std::size_t bytes = std::lcm(std::size_t{block.size}, std::size_t{64});
  if (bytes > kMaskBytes) return {};
  std::vector<std::uint64_t> mask(bytes / sizeof(std::uint64_t), UINT64_MAX);
  auto* start = reinterpret_cast<std::uint8_t*>(mask.data());
  for (std::size_t element = 0; element < bytes; element += block.size)
    for (const CleanStep& step : block.clean) {
      if (step.kind == CleanStep::Kind::Zero)
        std::memset(start + element + step.at, 0, step.count);
      else
        std::memcpy(start + element + step.at, &step.count, step.width);
    }
  return mask;
}

void CopyBlocks::add_variant(const Arena<Layout>& layouts, LayoutId id, CopyBlock& block) {
  const Layout& layout = layouts[id];
  const auto cases = static_cast<std::uint32_t>(layout.parts.size());
  const std::uint8_t width = layout.discriminant_size;
  const bool has_payload = std::ranges::any_of(
      layout.parts, [](const LayoutPart& part) { return part.layout.has_value(); });
  if (!has_payload) {
    block.clean.push_back({.kind = CleanStep::Kind::Enum, .width = width, .count = cases});
    zero(block, width, layout.size);
    return;
  }
  const BlockId first{static_cast<std::uint32_t>(blocks_.size())};
  bool is_deep = false;
  for (std::uint32_t i = 0; i < cases; ++i) {
    const LayoutPart& part = layout.parts[i];
    CopyBlock only_case{.layout = id, .only_case = i, .size = layout.size, .align = layout.align};
    std::uint32_t end = width;
    if (part.layout) {
      const BlockId payload = by_layout_[part.layout->index];
      zero(only_case, width, part.offset);
      append(only_case, blocks_[payload], payload, part.offset, 1, part.handles);
      end = part.offset + blocks_[payload].size;
    }
    zero(only_case, end, layout.size);
    is_deep = is_deep || !only_case.deep.empty();
    blocks_.add(std::move(only_case));
  }
  block.clean.push_back(
      {.kind = CleanStep::Kind::Variant, .width = width, .count = cases, .block = first});
  if (is_deep)
    block.deep.push_back(
        {.kind = DeepStep::Kind::Variant, .width = width, .count = cases, .block = first});
}

void CopyBlocks::append(CopyBlock& block, const CopyBlock& part, BlockId id, std::uint32_t at,
                        std::uint32_t count, std::uint32_t handles) const {
  // The number of repetitions of the steps here; 0 if there are no steps or too many.
  const auto repeats = [&](std::size_t steps) {
    return steps > 0 && steps * count <= kInlinedSteps ? count : 0;
  };
  for (std::uint32_t i = 0; i < repeats(part.clean.size()); ++i) {
    for (CleanStep step : part.clean) {
      step.at += at + i * part.size;
      if (step.kind == CleanStep::Kind::Zero)
        zero(block, step.at, step.at + step.count);
      else
        block.clean.push_back(step);
    }
  }
  if (part.clean.size() * count > kInlinedSteps)
    block.clean.push_back({.kind = CleanStep::Kind::Block, .at = at, .count = count, .block = id});

  for (std::uint32_t i = 0; i < repeats(part.deep.size()); ++i) {
    for (DeepStep step : part.deep) {
      step.at += at + i * part.size;
      step.handles += handles;
      block.deep.push_back(step);
    }
  }
  if (part.deep.size() * count > kInlinedSteps)
    block.deep.push_back(
        {.kind = DeepStep::Kind::Block, .at = at, .count = count, .handles = handles, .block = id});
}

bool CopyBlocks::takes_all_bytes(const CopyBlock& block) const {
  return std::ranges::all_of(block.clean, [&](const CleanStep& step) {
    switch (step.kind) {
      case CleanStep::Kind::Zero:
      case CleanStep::Kind::Bool:
      case CleanStep::Kind::Flags:
        return true;
      case CleanStep::Kind::Block:
        return takes_all_bytes(blocks_[step.block]);
      case CleanStep::Kind::Char:
      case CleanStep::Kind::Enum:
      case CleanStep::Kind::Variant:
        return false;
    }
    return false;
  });
}

}  // namespace tenon::abi
