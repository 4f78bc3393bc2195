// Values that the host keeps: for C++ programs, traces, calls that outlive their params, and calls
// that leave the process.
//
// An arena is a side of a call like a guest: its values are laid out as in a guest's memory, with
// positions in the arena's own bytes as addresses. Strings are UTF-8. A handle's four bytes are the
// index of a token. So lifting values is copying them into an arena, and lowering is copying them
// out, by the program that copies from guest to guest.
//
//   ValueArena arena;
//   TENON_TRY(const std::uint32_t params, program.lift_params(From::flat(guest, values), arena));
//   ...
//   TENON_TRY_VOID(program.copy_params(From::memory(arena, params), To::flat(other, slots)));
//
// Every byte of what is copied in is defined, padding as zeroes: equal values from equal calls make
// equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "abi/guest.h"

namespace tenon::abi {

class ValueArena final : public Guest {
 public:
  // limit: bytes that it may hold; at most 2^32 - 1.
  explicit ValueArena(std::uint64_t limit = limits::kArenaBytes) : limit_(limit) {}
  ValueArena(ValueArena&&) noexcept = default;
  ValueArena& operator=(ValueArena&&) noexcept = default;

  // Forgets all values, and keeps the memory for the next ones, up to limits::kKeptArenaBytes.
  void clear();

  // What is used, and in `memory` what a block had before it shrank. Lifetime: until the next
  // allocation.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {bytes_.get(), used_}; }
  [[nodiscard]] std::span<std::uint8_t> memory() override { return {bytes_.get(), size_}; }
  [[nodiscard]] Encoding encoding() const override { return Encoding::Utf8; }
  [[nodiscard]] bool takes_views() const override { return takes_views_; }
  [[nodiscard]] std::uint64_t copy_limit() const override { return limit_; }

  // From here on what can be viewed is not copied in: UTF-8 strings and lists of numbers
  // (`can_view_list`), wherever they stand in a value, have addresses in the giving side's memory.
  void take_views() { takes_views_ = true; }

  // The bytes of a new block are undefined. Errors: Limit.
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t old,
                                                           std::uint32_t old_size,
                                                           std::uint32_t align,
                                                           std::uint32_t new_size) override;
  [[nodiscard]] Result<std::uint32_t, AbiError> allocate(std::uint32_t size, std::uint32_t align) {
    return reallocate(0, 0, align, size);
  }

  // Resources by the index that stands for their handle; none: an own handle that was lifted.
  [[nodiscard]] std::span<const std::optional<ResourceToken>> resources() const {
    return resources_;
  }
  // The index.
  std::uint32_t add_resource(ResourceToken resource);

  // An own handle can be lifted once. Errors: Guest.
  [[nodiscard]] Result<ResourceToken, AbiError> lift_handle(HandlePart part,
                                                            std::uint32_t handle) override;
  [[nodiscard]] Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                                    HandlePlace place) override;

 private:
  void use(std::size_t bytes_used);

  std::uint64_t limit_;
  bool takes_views_ = false;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;  // the most that was used
  std::size_t capacity_ = 0;
  std::vector<std::optional<ResourceToken>> resources_;
};

}  // namespace tenon::abi
