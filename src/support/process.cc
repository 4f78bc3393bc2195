#include "support/process.h"

#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace tenon {

// std::thread::hardware_concurrency opens a file, and counts processors that taskset excludes.
std::size_t count_processors() {
  cpu_set_t processors;
  // Fails on a machine with more than 1,024.
  if (::sched_getaffinity(0, sizeof processors, &processors) == 0)
    return static_cast<std::size_t>(CPU_COUNT(&processors));
  return std::max(1U, std::thread::hardware_concurrency());
}

namespace {

// The stack of the main thread: it ends above the name of the program, and can grow to the limit.
// pthread_getattr_np parses /proc/self/maps to find it, which takes 0.1 ms.
std::optional<StackBounds> guess_main_stack() {
  // Linux keeps at least this much free below the stack, whatever the limit was at the start.
  constexpr rlim_t kFreeBelow = rlim_t{128} << 20;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > kFreeBelow) return std::nullopt;
  const std::uintptr_t high = ::getauxval(AT_EXECFN);
  if (high <= limit.rlim_cur) return std::nullopt;
  return StackBounds{.low = high - limit.rlim_cur, .high = high};
}

}  // namespace

std::optional<StackBounds> find_stack_bounds() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  // No other stack is within its bounds.
  if (const auto main = guess_main_stack(); main && main->low <= here && here < main->high)
    return main;
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return std::nullopt;
  void* low = nullptr;
  std::size_t size = 0;
  const bool is_found = ::pthread_attr_getstack(&attributes, &low, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!is_found) return std::nullopt;
  const auto address = reinterpret_cast<std::uintptr_t>(low);
  return StackBounds{.low = address, .high = address + size};
}

}  // namespace tenon
