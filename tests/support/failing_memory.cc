#include "tests/support/failing_memory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace tenon::failing_memory {

namespace {

std::atomic<std::int64_t> g_objects = 0;

struct Watch {
  std::atomic<bool> is_on = false;  // set last
  std::size_t number = 0;
  Later later = Later::Succeeds;
  Threads threads = Threads::This;
  std::atomic<std::size_t> count = 0;
  std::atomic<bool> has_failed = false;
};
Watch g_watch;
thread_local bool g_is_watched = false;  // this thread

bool is_failing() {
  if (!g_watch.is_on || (g_watch.threads == Threads::This && !g_is_watched)) return false;
  const std::size_t count = ++g_watch.count;
  const bool fails =
      count == g_watch.number || (g_watch.has_failed && g_watch.later == Later::Fails);
  if (fails) g_watch.has_failed = true;
  return fails;
}

void* allocate(std::size_t size, std::size_t align) noexcept {
  if (is_failing()) return nullptr;
  void* const memory = align <= alignof(std::max_align_t)
                           ? std::malloc(size)
                           : std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory != nullptr) ++g_objects;
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t align) {
  void* const memory = allocate(size, align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) --g_objects;
  std::free(memory);
}

}  // namespace

std::int64_t count_objects() { return g_objects; }

FailingAllocation::FailingAllocation(std::size_t number, Later later, Threads threads) {
  g_watch.number = number;
  g_watch.later = later;
  g_watch.threads = threads;
  g_watch.count = 0;
  g_watch.has_failed = false;
  g_is_watched = true;
  g_watch.is_on = true;
}
void FailingAllocation::end() {
  g_watch.is_on = false;
  g_is_watched = false;
}
bool FailingAllocation::has_failed() const { return g_watch.has_failed; }
std::size_t FailingAllocation::count() const { return g_watch.count; }

void expect_watched(const char* function) {
  if (!g_watch.is_on) ADD_FAILURE() << function << " is called while no allocation is watched";
}

bool ends_process(const std::function<void()>& call) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    for (std::size_t n = 1;; ++n)
      if (!call_failing(n, call).has_failed) ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status);
}

}  // namespace tenon::failing_memory

using tenon::failing_memory::allocate;
using tenon::failing_memory::allocate_or_throw;
using tenon::failing_memory::release;

void* operator new(std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new[](std::size_t size) { return allocate_or_throw(size, 1); }
void* operator new(std::size_t size, std::align_val_t align) {
  return allocate_or_throw(size, static_cast<std::size_t>(align));
}
void* operator new[](std::size_t size, std::align_val_t align) {
  return allocate_or_throw(size, static_cast<std::size_t>(align));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 1); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
