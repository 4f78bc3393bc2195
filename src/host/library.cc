#include "host/library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/core.h>
#include <link.h>
#include <sys/stat.h>

#include <map>
#include <optional>
#include <utility>

#include "support/try.h"

namespace tenon::host {

namespace {

constexpr const char* kEntry = "tenon_host_module_v1";

// Whether what was loaded is the file that was looked at.
bool is_loaded_from(void* handle, const struct stat& status) {
  const std::optional<std::string> path = loaded_path(handle);
  struct stat loaded = {};
  return path && stat(path->c_str(), &loaded) == 0 && id_of(loaded) == id_of(status);
}

// Of the process.
struct Loaded {
  std::mutex lock;
  std::map<FileId, std::shared_ptr<Library>> libraries;
  std::map<const tenon_host_module*, std::shared_ptr<Library>> of_program;
};

Loaded& loaded_libraries() {
  // Never destroyed: libraries stay to the end, also of static objects.
  static Loaded& loaded = *new Loaded;
  return loaded;
}

}  // namespace

FoundSymbol Library::find_symbol(const std::string& name) const {
  if (handle_ == nullptr || name.find('\0') != std::string::npos) return {};
  void* const address = dlsym(handle_, name.c_str());
  if (address == nullptr) return {};
  Dl_info info = {};
  void* entry = nullptr;
  // What the address of a function is found by may be another symbol, or none.
  const bool is_known = dladdr1(address, &info, &entry, RTLD_DL_SYMENT) != 0 && entry != nullptr &&
                        info.dli_saddr == address;
  const auto* const symbol = static_cast<const ElfW(Sym)*>(entry);
  return {address, is_known && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT};
}

std::shared_ptr<Library> Library::of_program(const tenon_host_module& module) {
  Loaded& loaded = loaded_libraries();
  const std::lock_guard lock(loaded.lock);
  std::shared_ptr<Library>& known = loaded.of_program[&module];
  if (known == nullptr) known.reset(new Library("<the program>", nullptr, &module));
  return known;
}

Result<std::shared_ptr<Library>> Library::load(const LibraryWishes& wishes) {
  if (wishes.module != nullptr) return of_program(*wishes.module);
  Loaded& loaded = loaded_libraries();
  TENON_TRY(const LibraryWishes placed, place_library(wishes));
  TENON_TRY(const OpenedLibrary opened, open_library_file(placed));
  const std::lock_guard lock(loaded.lock);
  const auto known = loaded.libraries.find(id_of(opened.status));
  if (known != loaded.libraries.end()) return known->second;
  void* const handle = dlopen(opened.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    return refuse_library(wishes, last_load_error(),
                          "`ldd` and `file` show what it needs and which machine it is for");
  if (!is_loaded_from(handle, opened.status))
    return refuse_library(wishes, "its file was replaced while it was loaded", "run it again");
  using Entry = const tenon_host_module* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntry));
  std::shared_ptr<Library> made(
      new Library(wishes.path, handle, entry == nullptr ? nullptr : entry()));
  loaded.libraries.emplace(id_of(opened.status), made);
  return made;
}

}  // namespace tenon::host
