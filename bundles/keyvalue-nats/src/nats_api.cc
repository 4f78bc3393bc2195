#include "nats_api.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace keyvalue_nats {

namespace {

// The file name contains the minor version. All from the first on are compatible.
constexpr int kFirstMinor = 4;  // the version in Debian 12
constexpr int kLastMinor = 15;

void* open_library(const std::string& path) {
  constexpr int kFlags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
  if (!path.empty()) return dlopen(path.c_str(), kFlags);
  for (int minor = kFirstMinor; minor <= kLastMinor; ++minor)
    if (void* const library = dlopen(("libnats.so.3." + std::to_string(minor)).c_str(), kFlags))
      return library;
  return nullptr;
}

}  // namespace

NatsApi load_nats(const std::string& path) {
  void* const library = open_library(path);
  if (library == nullptr)
    throw std::runtime_error("libnats cannot be loaded: " + std::string(dlerror()) +
                             "; install it: `apt-get install libnats3.4` on Debian and Ubuntu, or "
                             "set `libnats` of the bundle's configuration to its path");
  NatsApi api;
  std::string missing;
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (function == nullptr) missing.append(missing.empty() ? "`" : ", `").append(name).append("`");
  };
#define NATS_API_FIND(name) find(api.name, #name);
  NATS_API_FUNCTIONS(NATS_API_FIND)
#undef NATS_API_FIND
  if (!missing.empty())
    throw std::runtime_error("this libnats is not version 3.4 or newer: it lacks " + missing);
  return api;
}

}  // namespace keyvalue_nats
