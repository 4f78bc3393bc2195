// Values that the host keeps, for C++ programs, traces, and calls whose parameters outlive the
// caller's memory.
//
// An arena is a side of a call, like a guest: values are laid out as in the memory of a guest, and
// addresses are positions in the bytes of the arena. Strings are UTF-8, and a handle is the index
// of a resource token. So lifting means copying values into an arena and lowering means copying
// them out, with the same program that copies from guest to guest.
//
//   ValueArena arena;
//   TENON_TRY(const std::uint32_t params, program.lift_params(From::flat(guest, values), arena));
//   ...
//   TENON_TRY_VOID(program.copy_params(From::memory(arena, params), To::flat(other, slots)));
//
// Every byte of a copied value is defined, with zeroes as padding, so the same values give the same
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "abi/guest.h"

namespace tenon::abi {

class ValueArena final : public Guest {
 public:
  // limit: maximum size in bytes; at most 2^32 - 1.
  explicit ValueArena(std::uint64_t limit = limits::kArenaBytes) : limit_(limit) {}
  ValueArena(ValueArena&&) noexcept = default;
  ValueArena& operator=(ValueArena&&) noexcept = default;

  // Removes all values, and keeps up to limits::kKeptArenaBytes of memory for the next ones.
  void clear();

  // The bytes of memory that it has.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  // The used bytes. `memory` also includes bytes that a block had before it shrank. Lifetime: until
  // the next allocation.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {bytes_.get(), used_}; }
  [[nodiscard]] std::span<std::uint8_t> memory() override { return {bytes_.get(), size_}; }
  [[nodiscard]] Encoding encoding() const override { return Encoding::Utf8; }
  [[nodiscard]] bool takes_views() const override { return takes_views_; }
  [[nodiscard]] std::uint64_t copy_limit() const override { return limit_; }

  // Makes later copies leave UTF-8 strings and lists of numbers (`can_view_list`) where they are.
  // Such parts of a value have addresses in the memory of the giving side.
  void take_views() { takes_views_ = true; }

  // The bytes of a new block are undefined. Errors: Limit.
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t old,
                                                           std::uint32_t old_size,
                                                           std::uint32_t align,
                                                           std::uint32_t new_size) override;
  [[nodiscard]] Result<std::uint32_t, AbiError> allocate(std::uint32_t size, std::uint32_t align) {
    return reallocate(0, 0, align, size);
  }

  // The bytes of a block. Lifetime: until the next allocation.
  [[nodiscard]] std::uint8_t* bytes_at(std::uint32_t address) { return bytes_.get() + address; }
  template <class T>
  void put(std::uint32_t address, T value) {
    std::memcpy(bytes_at(address), &value, sizeof(value));
  }
  // The two words of a string or a list. address, length: of its bytes or elements.
  void put_pair(std::uint32_t at, std::uint32_t address, std::size_t length) {
    put(at, address);
    put(at + 4, static_cast<std::uint32_t>(length));
  }

  // Resources by handle; nothing where an own handle was lifted.
  [[nodiscard]] std::span<const std::optional<ResourceToken>> resources() const {
    return resources_;
  }
  // Returns the handle.
  std::uint32_t add_resource(ResourceToken resource);

  // An own handle can be lifted once. Errors: Guest.
  [[nodiscard]] Result<ResourceToken, AbiError> lift_handle(HandlePart part,
                                                            std::uint32_t handle) override;
  void make_room_for_handle() override {
    if (resources_.size() == resources_.capacity()) resources_.reserve(2 * resources_.size() + 4);
  }
  [[nodiscard]] Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                                    HandlePlace place) override;

 private:
  void use(std::size_t bytes_used);

  std::uint64_t limit_;
  bool takes_views_ = false;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;  // the maximum of `used_`
  std::size_t capacity_ = 0;
  std::vector<std::optional<ResourceToken>> resources_;
};

}  // namespace tenon::abi
