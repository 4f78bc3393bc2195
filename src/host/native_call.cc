#include "host/native_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

#include "host/completion.h"
#include "host/native_stream.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

constexpr std::size_t kFirstBlock = 4096;
constexpr std::size_t kMostAlign = 4096;

// The limit for the message of a trap; longer messages are cut. A message can contain the error of
// a parser.
constexpr std::size_t kTrapBytes = std::size_t{16} << 10U;

// Functions of the ABI are called by C, through which no exception may pass. without_memory: what one
// does if there is no memory; must not allocate.
template <class F, class Otherwise>
auto guard(F&& function, Otherwise&& without_memory) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return without_memory();
  }
}

void* allocate(tenon_call* call, std::size_t size, std::size_t align) {
  return guard(
      [&] {
        void* const memory = call->memory.allocate(size, align);
        if (memory == nullptr) call->fail(kOverMemoryLimit);
        return memory;
      },
      [&]() -> void* {
        call->fail(kOutOfMemory);
        return nullptr;
      });
}

std::string print(const char* format, std::va_list arguments) {
  std::array<char, kTrapBytes> text = {};
  if (format != nullptr) std::vsnprintf(text.data(), text.size(), format, arguments);
  return text.data();
}

std::int32_t trap(tenon_call* call, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  guard([&] { call->fail(print(format, arguments)); }, [&] { call->fail(kOutOfMemory); });
  va_end(arguments);
  return 1;
}

int should_stop(tenon_call* call) {
  return call->deadline && std::chrono::steady_clock::now() >= *call->deadline ? 1 : 0;
}

// level: 0 error, 1 warning; higher levels are not shown. One write, so lines of threads do not
// mix.
void log(int level, const char* target, const char* text) {
  if (level > 1) return;
  guard(
      [&] {
        const std::string line = fmt::format("{}: host {}: {}\n", level <= 0 ? "error" : "warning",
                                             sanitize_text(target == nullptr ? "" : target),
                                             sanitize_text(text == nullptr ? "" : text));
        std::fwrite(line.data(), 1, line.size(), stderr);
      },
      [] {});
}

const char* config_get(const tenon_config* config, const char* key) {
  if (key == nullptr) return nullptr;
  const auto value = config->values.find(key);
  return value == config->values.end() ? nullptr : value->second.c_str();
}

tenon_completion defer(tenon_call* call, Completion::OnCancel on_cancel) {
  if (call->deferral == nullptr || call->completion != nullptr) return 0;
  return guard(
      [&] {
        call->completion = Completion::make(*call->deferral, on_cancel);
        return call->completion->number();
      },
      [] { return tenon_completion{0}; });
}

std::int32_t complete(tenon_completion number, const tenon_value* result) {
  const auto completion = Completion::take(number);
  if (completion == nullptr) return 1;
  return guard([&] { return completion->complete(result) ? 0 : 1; },
               [&] {
                 (void)completion->fail(kOutOfMemory);
                 return 1;
               });
}

std::int32_t fail(tenon_completion number, const char* format, ...) {
  const auto completion = Completion::take(number);
  if (completion == nullptr) return 1;
  std::va_list arguments;
  va_start(arguments, format);
  const bool is_taken = guard([&] { return completion->fail(print(format, arguments)); },
                              [&] { return completion->fail(kOutOfMemory); });
  va_end(arguments);
  return is_taken ? 0 : 1;
}

tenon_stream stream_new() {
  return guard([] { return NativeStream::make(); }, [] { return tenon_stream{0}; });
}

// Returns what the functions of the ABI return.
std::int32_t start(tenon_stream number, NativeStream::Operation operation) {
  const auto stream = NativeStream::find(number);
  if (stream == nullptr) return 1;
  return guard([&] { return stream->start(std::move(operation)) ? 0 : 1; }, [] { return 1; });
}

std::int32_t stream_read(tenon_stream number, std::size_t most, tenon_stream_done done,
                         void* data) {
  return start(number, {.most = most, .done = done, .data = data});
}

std::int32_t stream_write(tenon_stream number, const tenon_value* items, tenon_stream_done done,
                          void* data) {
  if (items == nullptr || (items->kind != TENON_LIST && items->kind != TENON_PACKED)) return 1;
  return start(number, {.items = items, .done = done, .data = data});
}

void stream_close(tenon_stream number) {
  guard([&] { NativeStream::close(number); }, [] {});
}

constexpr tenon_host_api kApi = {sizeof(tenon_host_api),
                                 allocate,
                                 trap,
                                 should_stop,
                                 log,
                                 config_get,
                                 defer,
                                 complete,
                                 fail,
                                 stream_new,
                                 stream_read,
                                 stream_write,
                                 stream_close};

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
  const std::size_t block_size = std::max(
      blocks_.empty() ? kFirstBlock : std::min(2 * blocks_.back().size, std::size_t{1} << 20U),
      size + align);
  if (block_size > limit_ - taken_) return nullptr;
  // Not initialized: each allocation is.
  std::unique_ptr<std::byte[]> bytes(new std::byte[block_size]);
  blocks_.push_back({std::move(bytes), block_size});
  taken_ += block_size;
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
