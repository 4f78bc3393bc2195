// The resident memory of the process, for programs that compare it at two moments.
#pragma once

#include <malloc.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>

namespace tenon::bench {

// In bytes, without what the allocator keeps for later.
inline std::size_t resident_bytes() {
  malloc_trim(0);
  std::size_t size = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace tenon::bench
