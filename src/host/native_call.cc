#include "host/native_call.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <new>
#include <utility>

#include "host/host_log.h"

namespace tenon::host {

namespace {

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

const tenon_host_api& host_api() { return kApi; }

}  // namespace tenon::host
