// One side of a call: its memory, and how to allocate memory and create handles there. The runtime
// adapts the guests of the engine to this interface; `ValueArena` implements it for values that the
// host keeps.
//
// Thread: that of the call. Functions must not throw.
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

// The kinds of errors while copying values.
enum class AbiErrorKind : std::uint8_t {
  // The giving side violates the Canonical ABI.
  OutOfBounds,      // an address and length outside of its memory
  Misaligned,       // an address that is not aligned for its type
  TooLong,          // a string or list above the limit for lengths
  BadDiscriminant,  // a number that is not a case of the variant
  BadChar,          // a number that is not a Unicode scalar value
  BadText,          // a string that is invalid in the encoding of that side
  // The taking side violates it.
  BadAllocation,  // `realloc` returned an address that is misaligned or outside of its memory
  // Neither does.
  Guest,    // a function of a side failed, such as a trap in `realloc`, or a bad handle
  Limit,    // limits::kCopiedBytes, or the limit of an arena
  BadCall,  // places that do not fit the type of the function, or two sides with the same memory
};

struct AbiError {
  AbiErrorKind kind = AbiErrorKind::BadCall;
  // Does not include the path.
  std::string message = {};
  // The part of the parameters or of the result: "items[3].price", "shape.circle"; empty for all of
  // it.
  std::string path = {};

  bool operator==(const AbiError&) const = default;
};

// The message with its path: "in `items[3].price`: ...".
[[nodiscard]] inline std::string describe(const AbiError& error) {
  return error.path.empty() ? error.message : "in `" + error.path + "`: " + error.message;
}

// One flat value (a core value) as bits. i32 and f32 use the low half; the high half is then
// ignored on reading and written as zero.
using FlatValue = std::uint64_t;

// A sequence of flat values to read. Each value is the first eight bytes of an item. Items may be
// longer, as in the engine, so its arrays can be used without copying.
class FlatInput final {
 public:
  FlatInput() = default;
  // Lifetime: refers to `items`.
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
  // Bytes from one value to the next.
  [[nodiscard]] std::size_t stride() const { return stride_; }

  template <class Item>
  static constexpr bool kIsFlatItem =
      std::is_trivially_copyable_v<Item> && sizeof(Item) % sizeof(FlatValue) == 0;

 private:
  const std::uint8_t* first_ = nullptr;
  std::size_t count_ = 0;
  std::size_t stride_ = sizeof(FlatValue);
};

// A sequence of flat values to write. Bytes of an item after the first eight are not changed.
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

// The encoding of the strings in the memory of a side. With Latin1Utf16, a bit in the length of
// each string says which of the two it is.
enum class Encoding : std::uint8_t { Utf8, Utf16, Latin1Utf16 };

// Identifies a resource between lifting its handle from one side and lowering it into the other.
// Only the two sides interpret it.
using ResourceToken = std::uint64_t;

enum class Ownership : std::uint8_t { Own, Borrow };

// A place in the function type that has a handle. `FunctionLayout` numbers these places.
struct HandlePart {
  std::uint32_t number = 0;
  Ownership ownership = Ownership::Own;

  bool operator==(const HandlePart&) const = default;
};

// The destination of a lowered handle.
struct HandlePlace {
  enum class Where : std::uint8_t {
    Flat,    // at: index of a flat value
    Memory,  // at: address of four bytes in the memory of the side
    Bytes,   // at: position of four bytes in `To::bytes`
  };
  Where where = Where::Flat;
  std::uint32_t at = 0;

  bool operator==(const HandlePlace&) const = default;
};

// One side of a call.
class Guest {
 public:
  virtual ~Guest() = default;

  // The whole memory; empty if there is none. It never shrinks, but may move in `reallocate`.
  [[nodiscard]] virtual std::span<std::uint8_t> memory() = 0;
  [[nodiscard]] virtual Encoding encoding() const = 0;

  // The `realloc` of the Canonical ABI: allocates if `old` and `old_size` are 0, else resizes a
  // block. The caller checks the returned address. Errors: Guest, Limit.
  [[nodiscard]] virtual Result<std::uint32_t, AbiError> reallocate(std::uint32_t old,
                                                                   std::uint32_t old_size,
                                                                   std::uint32_t align,
                                                                   std::uint32_t new_size) = 0;

  // Moves the resource of an own handle out of this side, or borrows that of a borrow handle for
  // the call.
  [[nodiscard]] virtual Result<ResourceToken, AbiError> lift_handle(HandlePart part,
                                                                    std::uint32_t handle) = 0;
  // Makes room for a handle that is lifted next: one that has no place would be lost. Throws: std::bad_alloc.
  virtual void make_room_for_handle() {}
  // Creates a handle and stores it at `place`, at the latest before the function of this side runs.
  [[nodiscard]] virtual Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                                            HandlePlace place) = 0;

  // True if UTF-8 strings and lists of numbers are not copied into this side. They are checked, and
  // this side gets their addresses in the memory of the other.  REQUIRES: its own strings are UTF-8
  [[nodiscard]] virtual bool takes_views() const { return false; }

  // The number of bytes in strings and lists that one call may copy into this side. Every element
  // of a list counts as at least one byte, which also limits later walks over the elements.
  [[nodiscard]] virtual std::uint64_t copy_limit() const { return limits::kCopiedBytes; }
};

}  // namespace tenon::abi
