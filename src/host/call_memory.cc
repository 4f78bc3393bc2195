#include "host/call_memory.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tenon::host {

namespace {

constexpr std::size_t kFirstBlock = 4096;
constexpr std::size_t kMostAlign = 4096;

}  // namespace

void* CallMemory::allocate(std::size_t size, std::size_t align) {
  if (align == 0 || (align & (align - 1)) != 0 || align > kMostAlign || size > limit_)
    return nullptr;
  // An allocation of 0 bytes gets an address too, because a result can point to it.
  size = std::max<std::size_t>(size, 1);
  const auto place = [&](const Block& block, std::size_t used) {
    const auto start = reinterpret_cast<std::uintptr_t>(block.bytes.get());
    return ((start + used + align - 1) & ~(std::uintptr_t{align} - 1)) - start;
  };
  if (!blocks_.empty()) {
    const Block& last = blocks_.back();
    const std::size_t at = place(last, used_);
    if (at <= last.size && size <= last.size - at) {
      used_ = at + size;
      return std::memset(last.bytes.get() + at, 0, size);
    }
  }
  const std::size_t wanted = std::max(
      blocks_.empty() ? kFirstBlock : std::min(2 * blocks_.back().size, std::size_t{1} << 20U),
      size + align);
  if (wanted > limit_ - taken_) return nullptr;
  std::unique_ptr<std::byte[]> bytes(new (std::nothrow) std::byte[wanted]);
  if (bytes == nullptr) return nullptr;
  taken_ += wanted;
  blocks_.push_back({std::move(bytes), wanted});
  const std::size_t at = place(blocks_.back(), 0);
  used_ = at + size;
  return std::memset(blocks_.back().bytes.get() + at, 0, size);
}

void CallMemory::clear() {
  used_ = 0;
  if (blocks_.size() > 1) blocks_.resize(1);
  if (!blocks_.empty() && blocks_.front().size > kFirstBlock) blocks_.clear();
  taken_ = blocks_.empty() ? 0 : blocks_.front().size;
}

}  // namespace tenon::host
