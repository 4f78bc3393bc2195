// The steps that correct a value after its bytes were copied, precomputed for each type. Only for
// the sources of this folder; copier.cc explains the two passes.
//
//   clean   runs on the copy: zeroes padding, pointers and handles, makes bools and flags
//           canonical, checks characters and discriminants.
//   deep    runs element by element on the original: copies the contents of strings and lists,
//           transfers handles, and stores the new pointers and handles in the copy.
//
// There is one block for each type, and one for each case of a variant, with offsets from the start
// of the variant. The steps of a small record are repeated in the block of the type that contains
// it; a larger one stays a block of its own, as a single step. So the total size of all blocks is
// linear in the type.
#pragma once

#include <cstdint>
#include <optional>
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
    Enum,     // a discriminant of `width` bytes, which must be below `count`
    Flags,    // `width` bytes, of which the bits in the mask `count` are kept
    Variant,  // a discriminant of `width` bytes selects one of `count` blocks, from `block` on
    Block,    // `count` adjacent values of `block`
  };
  Kind kind = Kind::Zero;
  std::uint8_t width = 0;
  std::uint32_t at = 0;  // offset in the value
  std::uint32_t count = 0;
  BlockId block = {};
};

struct DeepStep {
  enum class Kind : std::uint8_t { String, List, Own, Borrow, Variant, Block };
  Kind kind = Kind::String;
  std::uint8_t width = 0;     // Variant: as in CleanStep
  std::uint32_t at = 0;       // offset in the value
  std::uint32_t count = 0;    // Variant, Block: as in CleanStep
  std::uint32_t handles = 0;  // number of the first handle, relative to that of the value
  BlockId block = {};         // List: block of the element; Variant, Block: as in CleanStep
};

struct CopyBlock {
  LayoutId layout = {};
  std::optional<std::uint32_t> only_case = {};  // the case, for the block of a case of a variant
  std::uint32_t size = 0;
  std::uint32_t align = 1;
  bool is_number = false;  // any bits are a valid value (not for bool), so lists can be viewed
  std::vector<CleanStep> clean = {};
  // The bits to keep of several adjacent elements. It does the same as `clean`, if that only zeroes
  // bytes and masks flags and the element is small; otherwise it is empty.
  std::vector<std::uint64_t> mask = {};
  std::vector<DeepStep> deep = {};
};

// The blocks of one function type.
class CopyBlocks final {
 public:
  // Adds the blocks of a layout and of all its parts, each once.
  void add(const Arena<Layout>& layouts, LayoutId id);

  // The block of a layout.  REQUIRES: it was added
  [[nodiscard]] const CopyBlock& of(LayoutId id) const { return blocks_[by_layout_[id.index]]; }
  [[nodiscard]] const CopyBlock& operator[](BlockId id) const { return blocks_[id]; }
  // Whether `clean` never fails.
  [[nodiscard]] bool takes_all_bytes(const CopyBlock& block) const;
  // The block of a case of a variant. first: the block of its first case.
  [[nodiscard]] const CopyBlock& of_case(BlockId first, std::uint32_t number) const {
    return blocks_[BlockId{first.index + number}];
  }

 private:
  static std::vector<std::uint64_t> make_mask(const CopyBlock& block);
  CopyBlock make(const Arena<Layout>& layouts, LayoutId id) const;
  void add_variant(const Arena<Layout>& layouts, LayoutId id, CopyBlock& block);
  // Adds the steps for `count` adjacent values of `part` at offset `at`.
  void append(CopyBlock& block, const CopyBlock& part, BlockId id, std::uint32_t at,
              std::uint32_t count, std::uint32_t handles) const;

  Arena<CopyBlock> blocks_;
  std::vector<BlockId> by_layout_;  // invalid ids for layouts that were not added
};

}  // namespace tenon::abi
