// The state of one copy: the memories of both sides, the bytes that may still be copied, and the
// error. Only for the sources of this folder.
//
// Functions that can fail call `fail` and return false. A success therefore costs nothing, and
// callers add their part of the path on the way out (`fail_in`).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "abi/guest.h"

namespace tenon::abi {

class Transfer final {
 public:
  Transfer(Guest& from, Guest& to)
      : from_(from),
        to_(to),
        source_(from.memory()),
        target_(to.memory()),
        budget_(to.copy_limit()),
        from_encoding_(from.encoding()),
        to_encoding_(to.encoding()),
        takes_views_(to.takes_views()) {}

  // Fails if both sides use the same memory. Otherwise the memory of the giving side cannot change
  // during the copy, because that side does not run. Error: BadCall.
  [[nodiscard]] bool check_sides();

  [[nodiscard]] Guest& from() { return from_; }
  [[nodiscard]] Guest& to() { return to_; }
  [[nodiscard]] Encoding from_encoding() const { return from_encoding_; }
  [[nodiscard]] Encoding to_encoding() const { return to_encoding_; }
  [[nodiscard]] bool takes_views() const { return takes_views_; }

  // Checks an address range of the giving side. align: a power of two.
  // Errors: Misaligned, OutOfBounds.
  [[nodiscard]] bool check_source(std::uint32_t address, std::uint64_t size, std::uint32_t align) {
    if ((address & (align - 1)) != 0) [[unlikely]]
      return fail_misaligned(address, align);
    if (address + size > source_.size()) [[unlikely]]
      return fail_bounds(address, size);
    return true;
  }
  // REQUIRES: the address was checked
  [[nodiscard]] const std::uint8_t* source(std::uint32_t address) const {
    return source_.data() + address;
  }

  // Checks an address range of the taking side. Errors: Misaligned, OutOfBounds.
  [[nodiscard]] bool check_target(std::uint32_t address, std::uint64_t size, std::uint32_t align);
  // REQUIRES: the address was checked or allocated.  Lifetime: until the next allocation
  [[nodiscard]] std::uint8_t* target(std::uint32_t address) const {
    return target_.data() + address;
  }

  // Call `reallocate` of the taking side, and check that the block is aligned and within its
  // memory.
  // Errors: BadAllocation, and those of the side.
  [[nodiscard]] bool allocate(std::uint32_t size, std::uint32_t align, std::uint32_t& address) {
    return reallocate(0, 0, align, size, address);
  }
  [[nodiscard]] bool reallocate(std::uint32_t old, std::uint32_t old_size, std::uint32_t align,
                                std::uint32_t size, std::uint32_t& address);

  // Counts bytes of strings and lists against the limit. Error: Limit.
  [[nodiscard]] bool spend(std::uint64_t bytes) {
    if (bytes > budget_) [[unlikely]]
      return fail_budget();
    budget_ -= bytes;
    return true;
  }

  // Set the error, or add to its path. Always return false.
  bool fail(AbiErrorKind kind, std::string_view message);
  bool fail(AbiError error);
  bool fail_in(std::string_view part);  // ".name", "[3]"

  [[nodiscard]] AbiError take_error() &&;

 private:
  bool fail_misaligned(std::uint32_t address, std::uint32_t align);
  bool fail_bounds(std::uint32_t address, std::uint64_t size);
  bool fail_budget();

  Guest& from_;
  Guest& to_;
  std::span<const std::uint8_t> source_;
  std::span<std::uint8_t> target_;
  std::uint64_t budget_;
  Encoding from_encoding_;
  Encoding to_encoding_;
  bool takes_views_;
  AbiError error_;
};

}  // namespace tenon::abi
