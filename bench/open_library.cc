// Nanoseconds from `dlopen` of the shared library to a first call of it, in a fresh process.
//
// Usage: open_library FILE
#include <dlfcn.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto begin = std::chrono::steady_clock::now();
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library == nullptr ? nullptr : dlsym(library, "tenon_abi_version");
  if (symbol == nullptr) {
    std::fprintf(stderr, "open_library: %s\n", dlerror());
    return 1;
  }
  const std::uint32_t version = reinterpret_cast<std::uint32_t (*)()>(symbol)();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  std::printf("dlopen %.0f\n", took.count());
  return version == 0 ? 1 : 0;
}
