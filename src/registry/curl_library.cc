#include "registry/curl_library.h"

#include <dlfcn.h>

#include <mutex>

#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::registry {

namespace {

// Its global state is of the process, and older ones make it without a lock.
std::mutex& initializing() {
  static std::mutex mutex;
  return mutex;
}

Diagnostic no_curl(std::string_view reason) {
  Diagnostic problem =
      make_diagnostic(Code::ExtFetch, "nothing can be fetched: libcurl cannot be loaded: {}",
                      sanitize_text(reason));
  problem.hints.emplace_back("install it: `apt-get install libcurl4` on Debian and Ubuntu");
  return problem;
}

}  // namespace

Result<CurlLibrary> load_curl(std::span<const std::string> names) {
  void* library = nullptr;
  std::string reason;
  for (const std::string& name : names) {
    library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library != nullptr) break;
    if (reason.empty()) reason = ::dlerror();
  }
  if (library == nullptr) return no_curl(reason);
  CurlLibrary made;
  std::string missing;
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(::dlsym(library, name));
    if (function == nullptr) missing.append(missing.empty() ? "it lacks " : ", ").append(name);
  };
#define TENON_CURL_FIND(name) find(made.name, "curl_" #name);
  TENON_CURL_FUNCTIONS(TENON_CURL_FIND)
#undef TENON_CURL_FIND
  if (!missing.empty()) return no_curl(missing);
  const std::scoped_lock lock(initializing());
  if (made.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return no_curl("it does not start");
  return made;
}

}  // namespace tenon::registry
