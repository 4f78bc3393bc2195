#include <cstring>

#include "call/value_program.h"
#include "support/check.h"
#include "value/scalar_kind.h"

namespace tenon::call {

namespace {

// What the allocator adds to a block.
constexpr std::uint64_t kBlock = 16;
// Longer strings have a block.
constexpr std::size_t kShortString = 15;
// A handle: what its copies share, and where its owner finds it.
constexpr std::uint64_t kHandle = 128;

// Walks over values as the reader does, and adds up what it would allocate. Stops where that is too
// much, so that it takes no longer than to read what fits. Recursion is bounded by the depth of
// types.
class Measure {
 public:
  Measure(const Arena<ValueNode>& nodes, abi::ValueArena& arena, std::uint64_t left)
      : nodes_(nodes), memory_(arena.memory()), left_(left) {}

  // False: it is too much.
  bool add(ValueNodeId id, std::uint32_t at) {
    const ValueNode& node = nodes_[id];
    switch (node.kind) {
      case TypeKind::String:
        return add_string(get(at + 4, 4));
      case TypeKind::List:
        return node.length ? add_list(node, at, *node.length)
                           : add_list(node, get(at, 4), get(at + 4, 4));
      case TypeKind::Map:
        return add_elements(node, get(at, 4), get(at + 4, 4));
      case TypeKind::Record:
      case TypeKind::Tuple:
        return spend(kBlock + node.parts.size() * sizeof(Value)) && add_parts(node, at);
      case TypeKind::Variant: {
        const std::uint32_t number = get(at, node.discriminant_size);
        return add_string(node.labels->labels()[number].size()) &&
               add_payload(node.parts[number], at);
      }
      case TypeKind::Enum:
        return add_string(node.labels->labels()[get(at, node.discriminant_size)].size());
      case TypeKind::Option:
      case TypeKind::Result:
        return add_payload(node.parts[get(at, node.discriminant_size)], at);
      case TypeKind::Flags:
        return add_flags(node, at);
      case TypeKind::Own:
      case TypeKind::Borrow:
        return spend(kHandle) && add_string(node.resource.size());
      case TypeKind::Bool:
      case TypeKind::S8:
      case TypeKind::U8:
      case TypeKind::S16:
      case TypeKind::U16:
      case TypeKind::S32:
      case TypeKind::U32:
      case TypeKind::S64:
      case TypeKind::U64:
      case TypeKind::F32:
      case TypeKind::F64:
      case TypeKind::Char:
      case TypeKind::ErrorContext:
      case TypeKind::Stream:
      case TypeKind::Future:
      case TypeKind::Dynamic:
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

  bool add_parts(const ValueNode& node, std::uint32_t at) {
    for (const ValuePart& part : node.parts)
      if (!add(part.node, at + part.offset)) return false;
    return true;
  }

  bool add_list(const ValueNode& node, std::uint32_t at, std::uint32_t count) {
    const std::uint64_t bytes = std::uint64_t{count} * node.element_size;
    if (value::visit_scalar(nodes_[node.parts[0].node].kind, [](auto) {}))
      return spend(kBlock + bytes);
    return add_elements(node, at, count);
  }

  // Of a list whose elements are values each, or of a map.
  bool add_elements(const ValueNode& node, std::uint32_t at, std::uint32_t count) {
    if (!spend(kBlock + std::uint64_t{count} * node.parts.size() * sizeof(Value))) return false;
    for (std::uint32_t i = 0; i < count; ++i)
      if (!add_parts(node, at + i * node.element_size)) return false;
    return true;
  }

  bool add_payload(const ValuePart& part, std::uint32_t at) {
    return !part.node.is_valid() ||
           (spend(kBlock + sizeof(Value)) && add(part.node, at + part.offset));
  }

  bool add_flags(const ValueNode& node, std::uint32_t at) {
    const std::vector<std::string>& labels = node.labels->labels();
    for (std::uint32_t bit = 0; bit < labels.size(); ++bit) {
      if ((get(at + bit / 8, 1) >> (bit % 8) & 1U) == 0) continue;
      // A vector that grows takes up to three times what it holds.
      if (!spend(3 * sizeof(std::string)) || !add_string(labels[bit].size())) return false;
    }
    return true;
  }

  const Arena<ValueNode>& nodes_;
  std::span<const std::uint8_t> memory_;
  std::uint64_t left_;
};

}  // namespace

bool ValueProgram::params_fit(std::uint32_t address, abi::ValueArena& arena,
                              std::uint64_t bytes) const {
  return Measure(nodes_, arena, bytes).add(params_, address);
}

bool ValueProgram::result_fits(std::uint32_t address, abi::ValueArena& arena,
                               std::uint64_t bytes) const {
  TENON_CHECK(result_.is_valid());
  return Measure(nodes_, arena, bytes).add(result_, address);
}

}  // namespace tenon::call
