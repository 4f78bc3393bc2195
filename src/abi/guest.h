// One side of a call: where its values lie, and how memory and handles are made there. A store's
// guest is one, through an adapter; `ValueArena` is another.
//
// Thread: the one that makes the call. Functions must not throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::abi {

// Why values could not be copied.
enum class AbiErrorKind : std::uint8_t {
  // The side that gives the values breaks the Canonical ABI.
  OutOfBounds,      // an address and length that are not within its memory
  Misaligned,       // an address that is not a multiple of what its type needs
  TooLong,          // a string or list longer than is allowed
  BadDiscriminant,  // a number that is no case of a variant
  BadChar,          // a number that is no Unicode scalar value
  BadText,          // bytes that are no text in the encoding of that side
  // The side that takes them does.
  BadAllocation,  // realloc returned an address that is misaligned or not within its memory
  // Neither.
  Guest,    // a function of a side failed: a trap in realloc, a handle; that side knows why
  Limit,    // limits::kCopiedBytes, or the bound of an arena
  BadCall,  // places that do not fit the function's type, or two sides with one memory
};

struct AbiError {
  AbiErrorKind kind = AbiErrorKind::BadCall;
  // Without the path; names in backticks, no full stop.
  std::string message = {};
  // Where in the params or in the result: "items[3].price", "shape.circle", empty for all of it.
  std::string path = {};

  bool operator==(const AbiError&) const = default;
};

// One flat value: i32 and f32 in the low half, f64 by its bits. The high half of a short one is
// ignored where it is read, and zero where it is written.
using FlatValue = std::uint64_t;

// Flat values where they are read, one after the other. Each is the first eight bytes of an item,
// so that the engine's, which are longer, are used where they lie.
class FlatInput final {
 public:
  FlatInput() = default;
  // Lifetime: does not own them.
  template <std::ranges::contiguous_range Items>
  FlatInput(const Items& items)
      : first_(reinterpret_cast<const std::uint8_t*>(std::data(items))), count_(std::size(items)) {
    static_assert(kIsFlatItem<std::ranges::range_value_t<Items>>);
    stride_ = sizeof(std::ranges::range_value_t<Items>);
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] FlatValue operator[](std::size_t i) const {
    FlatValue value = 0;
    std::memcpy(&value, first_ + i * stride_, sizeof(value));
    return value;
  }

  [[nodiscard]] const std::uint8_t* first() const { return first_; }
  // Bytes from one to the next.
  [[nodiscard]] std::size_t stride() const { return stride_; }

  template <class Item>
  static constexpr bool kIsFlatItem =
      std::is_trivially_copyable_v<Item> && sizeof(Item) % sizeof(FlatValue) == 0;

 private:
  const std::uint8_t* first_ = nullptr;
  std::size_t count_ = 0;
  std::size_t stride_ = sizeof(FlatValue);
};

// The same where they are written. What an item has after its first eight bytes is left as it is.
class FlatOutput final {
 public:
  FlatOutput() = default;
  template <std::ranges::contiguous_range Items>
  FlatOutput(Items&& items)
      : first_(reinterpret_cast<std::uint8_t*>(std::data(items))), count_(std::size(items)) {
    static_assert(FlatInput::kIsFlatItem<std::ranges::range_value_t<Items>>);
    stride_ = sizeof(std::ranges::range_value_t<Items>);
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  void set(std::size_t i, FlatValue value) const {
    std::memcpy(first_ + i * stride_, &value, sizeof(value));
  }

  [[nodiscard]] std::uint8_t* first() const { return first_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  std::uint8_t* first_ = nullptr;
  std::size_t count_ = 0;
  std::size_t stride_ = sizeof(FlatValue);
};

// Of the strings in a side's memory; Latin1Utf16: by a bit of each string's length.
enum class Encoding : std::uint8_t { Utf8, Utf16, Latin1Utf16 };

// What both sides of a call know a resource by, between lifting its handle from the one and
// lowering it into the other. What it means is theirs to agree on.
using ResourceToken = std::uint64_t;

enum class Ownership : std::uint8_t { Own, Borrow };

// Which place of a handle in the type: `FunctionLayout` numbers them.
struct HandlePart {
  std::uint32_t number = 0;
  Ownership ownership = Ownership::Own;

  bool operator==(const HandlePart&) const = default;
};

// Where a lowered handle belongs.
struct HandlePlace {
  enum class Where : std::uint8_t {
    Flat,    // at: which of the flat values
    Memory,  // at: address of four bytes in the side's memory
    Bytes,   // at: position of four bytes in the bytes of `To::bytes`
  };
  Where where = Where::Flat;
  std::uint32_t at = 0;

  bool operator==(const HandlePlace&) const = default;
};

class Guest {
 public:
  virtual ~Guest() = default;

  // The whole memory; empty if there is none. It may move when `reallocate` is called, and never
  // shrinks.
  [[nodiscard]] virtual std::span<std::uint8_t> memory() = 0;
  [[nodiscard]] virtual Encoding encoding() const = 0;

  // As the Canonical ABI's `realloc`; `old` and `old_size` 0: allocates. What it returns is checked
  // by the caller. A failure is of kind `Guest` or `Limit`.
  [[nodiscard]] virtual Result<std::uint32_t, AbiError> reallocate(std::uint32_t old,
                                                                   std::uint32_t old_size,
                                                                   std::uint32_t align,
                                                                   std::uint32_t new_size) = 0;

  // Takes the resource out of this side (own), or lends it for the call (borrow).
  [[nodiscard]] virtual Result<ResourceToken, AbiError> lift_handle(HandlePart part,
                                                                    std::uint32_t handle) = 0;
  // Makes a handle and puts it in its place: at once, or before this side's function runs.
  [[nodiscard]] virtual Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                                            HandlePlace place) = 0;

  // Whether UTF-8 strings and lists of numbers stay where they are: they are checked, and this side
  // has their addresses in the other's memory. REQUIRES: its own strings are UTF-8
  [[nodiscard]] virtual bool takes_views() const { return false; }

  // Bytes of strings and lists that one copy may bring into this side. An element of a list counts
  // for one byte at least, so that to walk over what was copied is bounded too.
  [[nodiscard]] virtual std::uint64_t copy_limit() const { return limits::kCopiedBytes; }
};

}  // namespace tenon::abi
