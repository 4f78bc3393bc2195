#include "abi/transfer.h"

#include <fmt/core.h>

#include <functional>

namespace tenon::abi {

bool Transfer::check_sides() {
  if (source_.empty() || target_.empty()) return true;
  const std::less<const std::uint8_t*> before;
  const std::uint8_t* target = target_.data();
  if (!before(source_.data(), target + target_.size()) ||
      !before(target, source_.data() + source_.size()))
    return true;
  return fail(AbiErrorKind::BadCall, "both sides of a call use the same memory");
}

bool Transfer::check_target(std::uint32_t address, std::uint64_t size, std::uint32_t align) {
  if ((address & (align - 1)) != 0) return fail_misaligned(address, align);
  if (address + size <= target_.size()) return true;
  return fail(AbiErrorKind::OutOfBounds,
              fmt::format("the place for a value is out of bounds: {} bytes at address {} of a "
                          "memory of {} bytes",
                          size, address, target_.size()));
}

bool Transfer::reallocate(std::uint32_t old, std::uint32_t old_size, std::uint32_t align,
                          std::uint32_t size, std::uint32_t& address) {
  Result<std::uint32_t, AbiError> block = to_.reallocate(old, old_size, align, size);
  if (!block) [[unlikely]]
    return fail(std::move(block).error());
  const std::span<std::uint8_t> memory = to_.memory();
  if (memory.size() < target_.size()) [[unlikely]]
    return fail(AbiErrorKind::BadAllocation, "the memory shrank during `realloc`");
  target_ = memory;
  address = *block;
  if ((address & (align - 1)) != 0) [[unlikely]]
    return fail(AbiErrorKind::BadAllocation,
                fmt::format("`realloc` returned address {}, which is not a multiple of {}", address,
                            align));
  if (std::uint64_t{address} + size > target_.size()) [[unlikely]]
    return fail(
        AbiErrorKind::BadAllocation,
        fmt::format("`realloc` returned address {} for {} bytes, but the memory has only {}",
                    address, size, target_.size()));
  return true;
}

bool Transfer::fail(AbiErrorKind kind, std::string_view message) {
  return fail(AbiError{.kind = kind, .message = std::string(message)});
}

bool Transfer::fail(AbiError error) {
  error_ = std::move(error);
  return false;
}

bool Transfer::fail_in(std::string_view part) {
  error_.path.insert(0, part);
  return false;
}

AbiError Transfer::take_error() && {
  if (error_.path.starts_with('.')) error_.path.erase(0, 1);
  return std::move(error_);
}

bool Transfer::fail_misaligned(std::uint32_t address, std::uint32_t align) {
  return fail(AbiErrorKind::Misaligned,
              fmt::format("address {} is not a multiple of {}", address, align));
}

bool Transfer::fail_bounds(std::uint32_t address, std::uint64_t size) {
  return fail(AbiErrorKind::OutOfBounds,
              fmt::format("{} bytes at address {} are out of bounds of a memory of {} bytes", size,
                          address, source_.size()));
}

bool Transfer::fail_budget() {
  return fail(
      AbiErrorKind::Limit,
      fmt::format("the strings and lists of one call take more than {} bytes", to_.copy_limit()));
}

}  // namespace tenon::abi
