#include "host/native_call.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "host/host_log.h"

namespace tenon::host {

namespace {

constexpr std::size_t kFirstBlock = 4096;
constexpr std::size_t kMostAlign = 4096;

// The limit for the message of a trap; longer messages are cut. A message can contain the error of a
// parser.
constexpr std::size_t kTrapBytes = std::size_t{16} << 10U;

void set_trap(tenon_call& call, std::string text) {
  if (!call.trap) call.trap = std::move(text);
}

void* allocate(tenon_call* call, std::size_t size, std::size_t align) {
  void* const made = call->memory.allocate(size, align);
  if (made == nullptr) set_trap(*call, "its result exceeds the memory limit of a call");
  return made;
}

std::int32_t trap(tenon_call* call, const char* format, ...) {
  std::array<char, kTrapBytes> text = {};
  std::va_list arguments;
  va_start(arguments, format);
  if (format != nullptr) std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  set_trap(*call, text.data());
  return 1;
}

int should_stop(tenon_call* call) {
  return call->deadline && std::chrono::steady_clock::now() >= *call->deadline ? 1 : 0;
}

void log(int level, const char* target, const char* text) {
  write_host_log(level, target == nullptr ? "" : target, text == nullptr ? "" : text);
}

const char* config_get(const tenon_config* config, const char* key) {
  if (key == nullptr) return nullptr;
  const auto found = config->values.find(key);
  return found == config->values.end() ? nullptr : found->second.c_str();
}

constexpr tenon_host_api kApi = {
    sizeof(tenon_host_api), allocate, trap, should_stop, log, config_get};

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

const tenon_host_api& host_api() { return kApi; }

}  // namespace tenon::host
