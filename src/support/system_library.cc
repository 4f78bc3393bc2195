#include "support/system_library.h"

#include <dlfcn.h>

namespace tenon {

Result<SystemLibrary, std::string> SystemLibrary::load(std::span<const std::string> names) {
  std::string reason;
  for (const std::string& name : names) {
    if (void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
      return SystemLibrary(handle);
    if (reason.empty()) reason = ::dlerror();
  }
  return reason;
}

void* SystemLibrary::find_symbol(const char* name) const { return ::dlsym(handle_, name); }

Result<void, std::string> SystemLibrary::check() const {
  if (missing_.empty()) return {};
  return missing_;
}

}  // namespace tenon
