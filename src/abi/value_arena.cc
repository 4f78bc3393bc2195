// An arena allocates by appending: a block starts at the next aligned position after all others,
// and is freed only by `clear`. The last block can grow and shrink in place, which is what the
// copying does with strings whose size is not known in advance. When the bytes are full they move
// to a buffer of twice the size; addresses are offsets, so they stay valid.
#include "abi/value_arena.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "support/check.h"

namespace tenon::abi {

void ValueArena::clear() {
  if (capacity_ > limits::kKeptArenaBytes) {
    bytes_.reset();
    capacity_ = 0;
  }
  used_ = 0;
  size_ = 0;
  resources_.clear();
}

Result<std::uint32_t, AbiError> ValueArena::reallocate(std::uint32_t old, std::uint32_t old_size,
                                                       std::uint32_t align,
                                                       std::uint32_t new_size) {
  TENON_CHECK(align != 0 && (align & (align - 1)) == 0 && std::uint64_t{old} + old_size <= used_);
  // The last block grows and shrinks in place.
  const bool is_last =
      old_size > 0 && std::size_t{old} + old_size == used_ && (old & (align - 1)) == 0;
  const std::uint64_t start =
      is_last ? old : (std::uint64_t{used_} + align - 1) & ~(std::uint64_t{align} - 1);
  if (start + new_size > std::min<std::uint64_t>(limit_, UINT32_MAX))
    return AbiError{
        .kind = AbiErrorKind::Limit,
        .message = fmt::format("the values of one call take more than {} bytes", limit_)};
  const std::size_t used = used_;
  use(static_cast<std::size_t>(start + new_size));
  if (is_last) return old;
  if (start > used) std::memset(bytes_.get() + used, 0, static_cast<std::size_t>(start) - used);
  const std::uint32_t kept = std::min(old_size, new_size);
  if (kept > 0) std::memcpy(bytes_.get() + start, bytes_.get() + old, kept);
  return static_cast<std::uint32_t>(start);
}

void ValueArena::use(std::size_t bytes_used) {
  if (bytes_used > capacity_) {
    const std::size_t capacity =
        std::max({bytes_used, std::min<std::size_t>(2 * capacity_, limit_), std::size_t{256}});
    auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }
  used_ = bytes_used;
  size_ = std::max(size_, used_);
}

std::uint32_t ValueArena::add_resource(ResourceToken resource) {
  resources_.emplace_back(resource);
  return static_cast<std::uint32_t>(resources_.size() - 1);
}

Result<ResourceToken, AbiError> ValueArena::lift_handle(HandlePart part, std::uint32_t handle) {
  if (handle >= resources_.size() || !resources_[handle])
    return AbiError{.kind = AbiErrorKind::Guest,
                    .message = fmt::format(
                        "there is no resource with index {}, or it was moved out already", handle)};
  const ResourceToken resource = *resources_[handle];
  if (part.ownership == Ownership::Own) resources_[handle].reset();
  return resource;
}

Result<void, AbiError> ValueArena::lower_handle(HandlePart /*part*/, ResourceToken resource,
                                                HandlePlace place) {
  TENON_CHECK(place.where == HandlePlace::Where::Memory && std::uint64_t{place.at} + 4 <= size_);
  const std::uint32_t index = add_resource(resource);
  std::memcpy(bytes_.get() + place.at, &index, sizeof(index));
  return {};
}

}  // namespace tenon::abi
