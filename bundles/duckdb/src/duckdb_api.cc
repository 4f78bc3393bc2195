#include "duckdb_api.h"

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <stdexcept>

namespace duckdb_adapter {

namespace {

constexpr const char* kDefault = "libduckdb.so";

std::shared_ptr<const Api> make_api(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr)
    throw std::runtime_error(
        "libduckdb cannot be loaded: " + std::string(dlerror()) +
        "; `libduckdb` of the bundle's configuration is the path of the library");
  auto made = std::make_unique<Api>();
  std::string missing;
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (function == nullptr) missing.append(missing.empty() ? "`" : ", `").append(name).append("`");
  };
#define DUCKDB_FIND(result, name, parameters) find(made->name, "duckdb_" #name);
  DUCKDB_FUNCTIONS(DUCKDB_FIND)
#undef DUCKDB_FIND
  if (!missing.empty()) {
    std::string message = "`";
    message.append(path).append("` is no libduckdb of 1.3 or newer: it lacks ").append(missing);
    throw std::runtime_error(message);
  }
  made->cache = made->create_instance_cache();
  return {made.release(), [](Api* api) {
            api->destroy_instance_cache(&api->cache);
            delete api;
          }};
}

}  // namespace

std::shared_ptr<const Api> load_api(const std::string& path) {
  // Of the process, as the databases that the libraries have open are.
  static std::mutex loading;
  static std::map<std::string, std::weak_ptr<const Api>> loaded;

  const std::scoped_lock lock(loading);
  std::weak_ptr<const Api>& known = loaded[path.empty() ? kDefault : path];
  if (auto found = known.lock()) return found;
  const std::shared_ptr<const Api> made = make_api(path.empty() ? kDefault : path);
  known = made;
  return made;
}

}  // namespace duckdb_adapter
