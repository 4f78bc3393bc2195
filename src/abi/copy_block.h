// What remains to be done for values whose bytes were copied as they lie in memory. For the sources
// of this folder alone.
//
// Both sides have one layout, so a list or a record is copied in one go, and then mended. That
// takes two rounds:
//
//   clean   works on the copy alone: zeroes the padding, the addresses and the handles, so that
//           nothing of the giving side but its values is seen; makes bools 0 or 1, masks flags,
//           checks chars and discriminants.
//   deep    copies what addresses and handles stand for, element by element, and writes the new
//           ones. Here the taking side runs (`realloc`), and finds nothing but clean bytes.
//
// There is a block for each type and, relative to the start of the variant, for each case of a
// variant. Small records are mended by the block of what holds them; larger ones are a step of
// their own, so that all blocks together are no larger than the type.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "abi/layout.h"
#include "support/arena.h"

namespace tenon::abi {

struct CopyBlock;
using BlockId = Id<CopyBlock>;

struct CleanStep {
  enum class Kind : std::uint8_t {
    Zero,     // count bytes
    Bool,     // one byte
    Char,     // four bytes
    Enum,     // a discriminant of `width` bytes below `count`
    Flags,    // `width` bytes, of which the bits in `count` may be set
    Variant,  // the blocks of `count` cases from `block` on, by a discriminant of `width` bytes
    Block,    // `count` times `block`, one after the other
  };
  Kind kind = Kind::Zero;
  std::uint8_t width = 0;
  std::uint32_t at = 0;  // bytes from the start of the value
  std::uint32_t count = 0;
  BlockId block = {};
};

struct DeepStep {
  enum class Kind : std::uint8_t { String, List, Own, Borrow, Variant, Block };
  Kind kind = Kind::String;
  std::uint8_t width = 0;     // Variant: as above
  std::uint32_t at = 0;       // bytes from the start of the value
  std::uint32_t count = 0;    // Variant, Block: as above
  std::uint32_t handles = 0;  // number of the first handle, from that of the value
  BlockId block = {};         // List: of the element; Variant, Block: as above
};

struct CopyBlock {
  LayoutId layout = {};
  std::optional<std::uint32_t> only_case = {};  // the block is of this case of a variant
  std::uint32_t size = 0;
  std::uint32_t align = 1;
  bool is_number = false;  // that any bits are a value of, a bool not: lists of it can be viewed
  std::vector<CleanStep> clean = {};
  // Which bits of some elements, one after the other, are kept: does what `clean` does, if that is
  // zeroes and flags only and the element is small. Empty: it is not.
  std::vector<std::uint64_t> mask = {};
  std::vector<DeepStep> deep = {};
};

// The blocks of one function type.
class CopyBlocks final {
 public:
  // Makes the blocks of a layout and of all its parts, each once.
  void add(const Arena<Layout>& layouts, LayoutId id);

  // Of a layout that was added.
  [[nodiscard]] const CopyBlock& of(LayoutId id) const { return blocks_[by_layout_[id.index]]; }
  [[nodiscard]] const CopyBlock& operator[](BlockId id) const { return blocks_[id]; }
  // Of a case, where `first` is that of the first one.
  [[nodiscard]] const CopyBlock& of_case(BlockId first, std::uint32_t number) const {
    return blocks_[BlockId{first.index + number}];
  }

 private:
  static std::vector<std::uint64_t> make_mask(const CopyBlock& block);
  CopyBlock make(const Arena<Layout>& layouts, LayoutId id) const;
  void add_variant(const Arena<Layout>& layouts, LayoutId id, CopyBlock& made);
  // Mends `count` values of `part` that lie one after the other at `at`.
  void append(CopyBlock& made, const CopyBlock& part, BlockId id, std::uint32_t at,
              std::uint32_t count, std::uint32_t handles) const;

  Arena<CopyBlock> blocks_;
  std::vector<BlockId> by_layout_;  // not valid: not added
};

}  // namespace tenon::abi
