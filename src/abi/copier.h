// Copies one value, or one record of parameters. Only for the sources of this folder; copier.cc
// explains how it works.
#pragma once

#include <cstdint>
#include <string>

#include "abi/copy_block.h"
#include "abi/guest.h"
#include "abi/layout.h"
#include "abi/strings.h"
#include "abi/transfer.h"

namespace tenon::abi {

// The destination of a value: in the memory of the taking side, which may move, or in bytes of the
// host.
struct TargetPlace {
  std::uint8_t* bytes = nullptr;  // null for memory
  std::uint32_t at = 0;

  [[nodiscard]] TargetPlace operator+(std::uint32_t offset) const { return {bytes, at + offset}; }
};

// Converts a number to its canonical flat value. Bits above the width of its type are ignored.
[[nodiscard]] inline FlatValue flat_scalar(Shape shape, std::uint64_t bits) {
  switch (shape) {
    case Shape::Bool:
      return static_cast<std::uint32_t>(bits) != 0 ? 1 : 0;
    case Shape::S8:
      return static_cast<std::uint32_t>(static_cast<std::int8_t>(bits));
    case Shape::U8:
      return static_cast<std::uint8_t>(bits);
    case Shape::S16:
      return static_cast<std::uint32_t>(static_cast<std::int16_t>(bits));
    case Shape::U16:
      return static_cast<std::uint16_t>(bits);
    case Shape::S64:
    case Shape::U64:
    case Shape::F64:
      return bits;
    case Shape::S32:
    case Shape::U32:
    case Shape::F32:
    case Shape::Char:
    case Shape::String:
    case Shape::List:
    case Shape::FixedList:
    case Shape::Record:
    case Shape::Variant:
    case Shape::Flags:
    case Shape::Own:
    case Shape::Borrow:
      break;
  }
  return static_cast<std::uint32_t>(bits);
}

// True for a Unicode scalar value.
[[nodiscard]] inline bool is_char(std::uint32_t code) {
  return code < 0x110000 && (code & 0xfffff800) != 0xd800;
}

// Functions return false on failure, after setting the error of `transfer`.
class Copier final {
 public:
  Copier(Transfer& transfer, const Arena<Layout>& layouts, const CopyBlocks& blocks)
      : transfer_(transfer), layouts_(layouts), blocks_(blocks) {}

  // Copy a value between memory and flat values, in all four combinations.
  // REQUIRES: the bytes at `from` are within the memory of the giving side.
  [[nodiscard]] bool copy_memory(LayoutId id, std::uint32_t from, TargetPlace to);
  [[nodiscard]] bool copy_to_flat(LayoutId id, std::uint32_t from, const FlatOutput& to);
  [[nodiscard]] bool copy_from_flat(LayoutId id, const FlatInput& from, TargetPlace to);
  [[nodiscard]] bool copy_flat(LayoutId id, const FlatInput& from, const FlatOutput& to);
  // Copies adjacent values from memory to memory.
  // REQUIRES: the bytes at both addresses are within the memories.
  [[nodiscard]] bool copy_array(LayoutId id, std::uint32_t from, std::uint32_t to,
                                std::uint32_t count);

 private:
  struct FlatSource;
  struct MemorySource;
  struct FlatTarget;
  struct MemoryTarget;

  // Copies part by part; used if at least one side is flat. handles: number of the first handle.
  template <class Source, class Target>
  [[nodiscard]] bool copy_value(LayoutId id, Source from, Target to, std::uint32_t handles);
  template <class Source, class Target>
  [[nodiscard]] bool copy_variant(const Layout& layout, Source from, Target to,
                                  std::uint32_t handles);

  // Copies the bytes of a list and runs the pass `clean`.
  [[nodiscard]] bool copy_clean(const CopyBlock& element, const std::uint8_t* from,
                                std::uint8_t* to, std::uint32_t count);
  // The two passes over `count` adjacent values.
  [[nodiscard]] bool clean(const CopyBlock& block, std::uint8_t* at, std::uint32_t count);
  [[nodiscard]] bool clean_variants(const CleanStep& step, std::uint8_t* at, std::uint32_t count,
                                    std::uint32_t stride);
  [[nodiscard]] bool deepen(const CopyBlock& block, std::uint32_t from, TargetPlace to,
                            std::uint32_t handles);
  [[nodiscard]] bool deepen_step(const DeepStep& step, std::uint32_t from, TargetPlace to,
                                 std::uint32_t handles);

  // The same between the memories, with strings, lists and handles.
  [[nodiscard]] bool copy_elements(const CopyBlock& element, std::uint32_t from, std::uint32_t to,
                                   std::uint32_t count, std::uint32_t handles);
  // pair: address and length on the giving side; becomes that on the taking side.
  [[nodiscard]] bool copy_list(const CopyBlock& element, StringPair& pair, std::uint32_t handles);
  [[nodiscard]] bool copy_handle(Shape shape, std::uint32_t number, std::uint32_t handle,
                                 HandlePlace place);

  [[nodiscard]] std::uint8_t* bytes_at(TargetPlace place) const {
    return place.bytes != nullptr ? place.bytes + place.at : transfer_.target(place.at);
  }

  bool fail_at(std::uint64_t offset, AbiErrorKind kind, std::string_view message);
  bool fail_discriminant(std::uint32_t discriminant, std::size_t cases);
  // Prepends the part of the block at `failed_at_` to the path of the error.
  bool fail_in_block(const CopyBlock& block);
  // The same for a list of such elements.
  bool fail_in_list(const CopyBlock& element);

  Transfer& transfer_;
  const Arena<Layout>& layouts_;
  const CopyBlocks& blocks_;
  // The offset of an error from the start of the value in a pass.
  std::uint64_t failed_at_ = 0;
};

}  // namespace tenon::abi
