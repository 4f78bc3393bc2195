#include "host/library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>

#include <map>
#include <utility>

#include "support/try.h"

namespace tenon::host {

namespace {

constexpr const char* kEntry = "tenon_host_module_v1";

// Whether what was loaded is the file that was looked at.
bool is_loaded_from(void* handle, const struct stat& status) {
  struct link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr)
    return false;
  struct stat loaded = {};
  return stat(map->l_name, &loaded) == 0 && id_of(loaded) == id_of(status);
}

// Of the process.
struct Loaded {
  std::mutex lock;
  std::map<FileId, std::shared_ptr<Library>> libraries;
};

Loaded& loaded_libraries() {
  // Never destroyed: libraries stay to the end, also of static objects.
  static Loaded& loaded = *new Loaded;
  return loaded;
}

}  // namespace

Result<std::shared_ptr<Library>> Library::load(const LibraryWishes& wishes) {
  TENON_TRY(const OpenedLibrary opened, open_library_file(wishes));
  Loaded& loaded = loaded_libraries();
  const std::lock_guard lock(loaded.lock);
  const auto known = loaded.libraries.find(id_of(opened.status));
  if (known != loaded.libraries.end()) return known->second;
  void* const handle = dlopen(opened.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const why = dlerror();
    return refuse_library(wishes, why != nullptr ? why : "it is none",
                          "`ldd` and `file` show what it needs and which machine it is for");
  }
  if (!is_loaded_from(handle, opened.status))
    return refuse_library(wishes, "its file was replaced while it was loaded", "run it again");
  using Entry = const tenon_host_module* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntry));
  std::shared_ptr<Library> made(new Library(wishes.path, entry == nullptr ? nullptr : entry()));
  loaded.libraries.emplace(id_of(opened.status), made);
  return made;
}

}  // namespace tenon::host
