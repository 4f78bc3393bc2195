#include <cstring>

#include "call/canonical_values.h"
#include "support/check.h"
#include "value/scalar_kind.h"

namespace tenon::call {

namespace {

using abi::Layout;
using abi::LayoutId;
using abi::LayoutPart;
using abi::Shape;

// What the allocator adds to a block.
constexpr std::uint64_t kBlock = 16;
// Longer strings have a block.
constexpr std::size_t kShortString = 15;
// A handle: what its copies share, where its owner finds it, and the name of its resource.
constexpr std::uint64_t kHandle = 192;

// Walks over values as the reader does, and adds up what it would allocate. Stops where that is too
// much, so that it takes no longer than to read what fits. Recursion is bounded by the depth of
// types.
class Measure {
 public:
  Measure(const Arena<Layout>& layouts, abi::ValueArena& arena, std::uint64_t left)
      : layouts_(layouts), memory_(arena.memory()), left_(left) {}

  // False: it is too much.
  bool add(LayoutId id, std::uint32_t at) {
    const Layout& layout = layouts_[id];
    switch (layout.shape) {
      case Shape::String:
        return add_string(get(at + 4, 4));
      case Shape::List:
        return add_list(layout, get(at, 4), get(at + 4, 4));
      case Shape::FixedList:
        return add_list(layout, at, layout.count);
      case Shape::Record:
        return spend(kBlock + layout.parts.size() * sizeof(Value)) && add_parts(layout.parts, at);
      case Shape::Variant: {
        const std::uint32_t number = get(at, layout.discriminant_size);
        return (!layout.labels || add_string(layout.labels->labels()[number].size())) &&
               add_payload(layout.parts[number], at);
      }
      case Shape::Flags:
        return add_flags(layout, at);
      case Shape::Own:
      case Shape::Borrow:
        return spend(kHandle);
      case Shape::Bool:
      case Shape::U8:
      case Shape::S8:
      case Shape::U16:
      case Shape::S16:
      case Shape::U32:
      case Shape::S32:
      case Shape::U64:
      case Shape::S64:
      case Shape::F32:
      case Shape::F64:
      case Shape::Char:
        break;
    }
    return true;
  }

 private:
  bool spend(std::uint64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  bool add_string(std::size_t size) { return size <= kShortString || spend(kBlock + size + 1); }

  // size: 1, 2 or 4
  std::uint32_t get(std::uint32_t at, std::uint32_t size) const {
    std::uint32_t value = 0;
    TENON_CHECK(std::uint64_t{at} + size <= memory_.size());
    std::memcpy(&value, memory_.data() + at, size);
    return value;
  }

  bool add_parts(const std::vector<LayoutPart>& parts, std::uint32_t at) {
    for (const LayoutPart& part : parts)
      if (!add(*part.layout, at + part.offset)) return false;
    return true;
  }

  bool add_list(const Layout& layout, std::uint32_t at, std::uint32_t count) {
    const Layout& element = layouts_[*layout.parts[0].layout];
    if (value::is_scalar(element.kind)) return spend(kBlock + std::uint64_t{count} * element.size);
    // An entry of a map is two values; every other element is one.
    const std::vector<LayoutPart>& parts = element.type.is_valid() ? layout.parts : element.parts;
    if (!spend(kBlock + std::uint64_t{count} * parts.size() * sizeof(Value))) return false;
    for (std::uint32_t i = 0; i < count; ++i)
      if (!add_parts(parts, at + i * element.size)) return false;
    return true;
  }

  bool add_payload(const LayoutPart& part, std::uint32_t at) {
    return !part.layout || (spend(kBlock + sizeof(Value)) && add(*part.layout, at + part.offset));
  }

  bool add_flags(const Layout& layout, std::uint32_t at) {
    const std::vector<std::string>& labels = layout.labels->labels();
    for (std::uint32_t bit = 0; bit < labels.size(); ++bit) {
      if ((get(at + bit / 8, 1) >> (bit % 8) & 1U) == 0) continue;
      // A vector that grows takes up to three times what it holds.
      if (!spend(3 * sizeof(std::string)) || !add_string(labels[bit].size())) return false;
    }
    return true;
  }

  const Arena<Layout>& layouts_;
  std::span<const std::uint8_t> memory_;
  std::uint64_t left_;
};

}  // namespace

bool value_fits(const Arena<Layout>& layouts, LayoutId id, std::uint32_t address,
                abi::ValueArena& arena, std::uint64_t bytes) {
  return Measure(layouts, arena, bytes).add(id, address);
}

bool CanonicalValues::params_fit(std::uint32_t address, abi::ValueArena& arena,
                                 std::uint64_t bytes) const {
  return Measure(layout().layouts, arena, bytes).add(layout().params, address);
}

bool CanonicalValues::result_fits(std::uint32_t address, abi::ValueArena& arena,
                                  std::uint64_t bytes) const {
  TENON_CHECK(layout().result.has_value());
  return Measure(layout().layouts, arena, bytes).add(*layout().result, address);
}

}  // namespace tenon::call
