#include "host/library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/core.h>
#include <link.h>
#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/safe_path.h"
#include "support/try.h"

namespace tenon::host {

namespace {

constexpr const char* kEntry = "tenon_host_module_v1";

// The libraries of the process.
struct Loaded {
  std::mutex lock;
  std::map<FileId, std::shared_ptr<Library>> libraries;
  // Every loaded file stays open: the loader identifies a library by its path /proc/self/fd/N, so if
  // N were reused, it would return the old library.
  std::map<FileId, OpenedLibrary> files;
  std::map<const tenon_host_module*, std::shared_ptr<Library>> of_program;
};

Loaded& loaded_libraries() {
  // Never destroyed: libraries can be used until after static objects are destroyed.
  static Loaded& loaded = *new Loaded;
  return loaded;
}

// Rejects a library if another one is already loaded under its SONAME. The loader would use that one
// instead. Errors: host-library.
Result<void> check_soname(const LibraryWishes& wishes, const OpenedLibrary& library) {
  if (library.soname.empty()) return {};
  void* const other = dlopen(library.soname.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_LOCAL);
  if (other == nullptr) return {};
  struct link_map* map = nullptr;
  const bool is_known = dlinfo(other, RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0;
  struct stat status = {};
  const bool is_same =
      is_known && stat(map->l_name, &status) == 0 && id_of(status) == id_of(library.status);
  dlclose(other);
  if (is_same) return {};
  const std::string path = is_known ? real_path(map->l_name) : std::string();
  if (has_same_content(library, path)) return {};
  return refuse_library(
      wishes,
      fmt::format("another library is loaded as `{}`: `{}`, with different content", library.soname,
                  path),
      "give one of them another SONAME, or run them in separate processes");
}

// Loads the open file. Errors: host-library.
Result<void*> load_file(const LibraryWishes& wishes, const OpenedLibrary& library) {
  const std::string self = fmt::format("/proc/self/fd/{}", library.file.number());
  void* const handle = dlopen(self.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return handle;
  std::string why = last_load_error();
  if (const std::size_t at = why.find(self); at != why.npos)
    why.replace(at, self.size(), library.path);
  return refuse_library(wishes, why,
                        "`ldd` shows the libraries that it needs, `file` shows its machine");
}

}  // namespace

FoundSymbol Library::find_symbol(const std::string& name) const {
  if (handle_ == nullptr || name.find('\0') != std::string::npos) return {};
  void* const address = dlsym(handle_, name.c_str());
  if (address == nullptr) return {};
  Dl_info info = {};
  void* entry = nullptr;
  // dladdr1 can find another symbol for the address, or none; then the kind is unknown.
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
  TENON_TRY(std::vector<OpenedLibrary> opened, open_libraries(placed));
  const FileId id = id_of(opened.back().status);
  const std::lock_guard lock(loaded.lock);
  const auto known = loaded.libraries.find(id);
  if (known != loaded.libraries.end()) return known->second;
  void* handle = nullptr;
  for (OpenedLibrary& library : opened) {
    const auto open = loaded.files.find(id_of(library.status));
    if (open == loaded.files.end()) TENON_TRY_VOID(check_soname(wishes, library));
    TENON_TRY(handle, load_file(wishes, open == loaded.files.end() ? library : open->second));
    loaded.files.emplace(id_of(library.status), std::move(library));
  }
  using Entry = const tenon_host_module* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntry));
  std::shared_ptr<Library> made(
      new Library(wishes.path, handle, entry == nullptr ? nullptr : entry()));
  loaded.libraries.emplace(id, made);
  return made;
}

}  // namespace tenon::host
