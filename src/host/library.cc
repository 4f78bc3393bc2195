// A native library can do anything that the process can do, and its initializers already run inside
// dlopen. Everything must therefore be checked before, in this order:
//
// 1. Other users cannot change the manifest and the WIT. These say where the library is, which
//    digest it must have and how it is called, so nothing that follows is worth more than they are.
// 2. Each library is opened, once, and other users cannot change it or a folder above it
//    (support/safe_path.h). All later steps use this descriptor, and dlopen loads it through
//    /proc/self/fd. A file that is exchanged after the check is not the one that is loaded.
// 3. The path without links is inside of the bundle. It is known only once the file is open.
// 4. If the library is pinned, its digest equals the pin. The digest reads the whole file, so the
//    cheap checks come first, and it is remembered while the file's times and size stay the same.
// 5. The ELF dynamic section is read, and the same is done for each needed library that its search
//    path finds. The loader would open these by path, unchecked. They are therefore loaded first:
//    the loader then takes a needed name for the loaded library with that SONAME. This is why a
//    SONAME must equal the name in DT_NEEDED, and why a search path relative to the working folder
//    is rejected, like one in which the loader would find another file than this code. Parsing comes after the pin, so that only expected bytes of a pinned file
//    are parsed.
//
// A needed library that no search path finds is left to the system's loader. A library of the
// system (LibraryPlace::System) is checked without the libraries that it needs; if only the
// loader's cache knows where it is, it has to be loaded before its file can be checked
// (place_library).
#include "host/library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/sha256.h"
#include "host/elf_dynamic.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/safe_path.h"
#include "support/try.h"

namespace tenon::host {

namespace {

// --- Checks

// Identifies a file, whatever its name.
using FileId = std::pair<dev_t, ino_t>;

FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

// A checked library, held open.
struct OpenedLibrary {
  std::string path;  // without links
  std::string soname;
  Descriptor file;
  struct stat status;
};

// "the library of `host` cannot be loaded: WHY".
Diagnostic refuse_library(const LibraryRequest& request, std::string_view why,
                          std::string_view hint) {
  Diagnostic problem = make_diagnostic(
      Code::HostLibrary, "the library of `{}` cannot be loaded: {}", request.host, why);
  problem.where.file = request.path;
  problem.hints.emplace_back(hint);
  return problem;
}

// The message of the last dlopen or dlsym that failed.
std::string last_load_error() {
  const char* const why = dlerror();
  return why != nullptr ? why : "the loader gives no reason";
}

// The trusted paths, with links resolved like the paths that they are compared with.
std::vector<std::string> trusted_paths(const LibraryRequest& request) {
  std::vector<std::string> paths;
  for (const std::string& path : request.trusted)
    if (std::string real = real_path(path); !real.empty()) paths.push_back(std::move(real));
  return paths;
}

Diagnostic refuse_untrusted(const LibraryRequest& request, const std::string& file,
                            const UnsafePath& fault) {
  Diagnostic problem = make_diagnostic(
      Code::HostUntrusted, "other users can change a file of `{}`, so its code is not loaded",
      request.host);
  problem.where.file = file;
  problem.notes.push_back({fault.shown, {}, {}});
  problem.hints.emplace_back(
      "native code is not sandboxed: make yourself the owner of the file and the folders above it, "
      "and remove write access of others with `chmod go-w`");
  problem.hints.emplace_back("or accept the risk",
                             HintWays{.program = fmt::format("`trust_path(\"{}\")`", fault.entry),
                                      .command = fmt::format("--trust-path {}", fault.entry),
                                      .manifest = {}});
  return problem;
}

// Opens a file that other users cannot change. Errors: host-library, host-untrusted.
Result<SafeFile> open_trusted(const LibraryRequest& request, const std::string& path) {
  Result<SafeFile, UnsafePath> opened = open_safe(path, trusted_paths(request));
  if (opened && S_ISREG(opened->status.st_mode)) return *std::move(opened);
  if (opened)
    return refuse_library(request, fmt::format("`{}` is not a regular file", path),
                          "set `lib` in host.toml to the library");
  const UnsafePath& fault = opened.error();
  if (fault.error == 0) return refuse_untrusted(request, path, fault);
  Diagnostic problem = refuse_library(
      request, describe_error(fault),
      fault.error == ENOENT ? "build the bundle, or set `lib` in host.toml to its library"
                            : "check the permissions of the file");
  problem.where.file = path;
  return problem;
}

// Errors: host-library, if the file is outside of the bundle.
Result<void> check_place(const LibraryRequest& request, const std::string& path) {
  if (!request.root) return {};
  const std::string root = real_path(request.root->empty() ? "." : *request.root);
  if (!root.empty() && is_in_folder(path, root)) return {};
  return refuse_library(request, fmt::format("it leads to `{}`, outside the bundle", path),
                        "copy the file into the bundle instead of linking to it");
}

// The file that a library was loaded from, without links; empty if it is not known. handle: of
// dlopen.
std::string loaded_path(void* handle) {
  struct link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0 || map == nullptr) return {};
  return real_path(map->l_name);
}

// The digests that this process has computed. The key has every attribute of a file that changes
// with its content.
struct KnownDigests {
  using Key = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;
  std::mutex lock;
  std::map<Key, std::string> by_file;
};

KnownDigests& known_digests() {
  static KnownDigests& digests = *new KnownDigests;
  return digests;
}

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<std::string> digest_of(const LibraryRequest& request, const OpenedLibrary& opened) {
  const struct stat& status = opened.status;
  const KnownDigests::Key key(status.st_dev, status.st_ino, status.st_size,
                              nanoseconds(status.st_mtim), nanoseconds(status.st_ctim));
  KnownDigests& known = known_digests();
  const std::lock_guard lock(known.lock);
  if (const auto digest = known.by_file.find(key); digest != known.by_file.end())
    return digest->second;
  ::lseek(opened.file.number(), 0, SEEK_SET);
  const auto bytes = read_all(opened.file.number(), limits::kFileBytes);
  if (!bytes)
    return refuse_library(request, fmt::format("it cannot be read: {}", std::strerror(errno)),
                          "check that the path is right");
  return known.by_file.emplace(key, engine::sha256_hex(*bytes)).first->second;
}

// name: the name of a needed library; empty for the bundle's own library.
Result<void> check_pins(const LibraryRequest& request, const OpenedLibrary& opened,
                        const std::string& name, const std::vector<Pin>& pins) {
  for (const Pin& pin : pins) {
    TENON_TRY(const std::string digest, digest_of(request, opened));
    if (pin.sha256 == digest) continue;
    const std::string file = name.empty() ? request.path : opened.path;
    Diagnostic problem =
        name.empty()
            ? make_diagnostic(Code::HostPin, "the library of `{}` does not match its pin",
                              request.host)
            : make_diagnostic(Code::HostPin,
                              "`{}`, which the library of `{}` needs, does not match its pin", name,
                              request.host);
    problem.where = pin.where;
    if (problem.where.file.empty()) problem.where.file = file;
    problem.notes.push_back({fmt::format("expected sha256 {}", pin.sha256), {}, {}});
    problem.notes.push_back({fmt::format("found    sha256 {} of {}", digest, file), {}, {}});
    problem.hints.push_back(
        name.empty()
            ? fmt::format("if this file is the right one, pin it: `sha256 = \"{}\"`", digest)
            : fmt::format("if this file is the right one, pin it: `needed = {{ \"{}\" = \"{}\" }}`",
                          name, digest));
    return problem;
  }
  return {};
}

// The folders that the system's loader searches, LD_LIBRARY_PATH first.
std::vector<std::string> loader_folders() {
  std::vector<std::string> folders;
  void* const self = dlopen(nullptr, RTLD_NOW);
  Dl_serinfo size = {};
  if (self == nullptr || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0) return folders;
  std::vector<std::max_align_t> room(size.dls_size / sizeof(std::max_align_t) + 1);
  auto* const info = reinterpret_cast<Dl_serinfo*>(room.data());
  info->dls_size = size.dls_size;
  info->dls_cnt = size.dls_cnt;
  if (dlinfo(self, RTLD_DI_SERINFO, info) != 0) return folders;
  for (unsigned i = 0; i < info->dls_cnt; ++i) folders.emplace_back(info->dls_serpath[i].dls_name);
  return folders;
}

// Where the loader of the GNU C library looks first in each folder: since 2.33 in glibc-hwcaps, until 2.36 in the
// others, and in those within them.
constexpr const char* kVariantFolders[] = {"glibc-hwcaps", "tls",      "x86_64",  "haswell",
                                           "xeon_phi",     "avx512_1", "aarch64", "atomics"};

// Collects a library and the libraries that it needs from its own folder, each opened and checked
// as described at the top.
class LibraryTree final {
 public:
  explicit LibraryTree(const LibraryRequest& request) : request_(request) {}

  // Adds the libraries that the library at `path` needs, and then that library. name: its name in
  // DT_NEEDED; empty for the bundle's own library.
  Result<void> add(const std::string& path, const std::string& name) {
    TENON_TRY(SafeFile opened, open_trusted(request_, path));
    TENON_TRY_VOID(check_place(request_, opened.path));
    const FileId id = id_of(opened.status);
    if (!seen_.insert(id).second) return {};
    OpenedLibrary library{opened.path, {}, std::move(opened.file), opened.status};
    if (name.empty()) {
      TENON_TRY_VOID(check_pins(request_, library, name, request_.pins));
    } else {
      TENON_TRY_VOID(check_needed_pins(library, name));
    }
    if (request_.place == LibraryPlace::Bundle) TENON_TRY_VOID(add_needed(library, name));
    libraries.push_back(std::move(library));
    return {};
  }

  std::vector<OpenedLibrary> libraries;  // a needed library comes before its users

 private:
  Result<void> check_needed_pins(const OpenedLibrary& library, const std::string& name) {
    const auto pins = request_.needed_pins.find(name);
    if (pins != request_.needed_pins.end())
      return check_pins(request_, library, name, pins->second);
    if (!request_.require_needed_pins) return {};
    TENON_TRY(const std::string digest, digest_of(request_, library));
    Diagnostic problem = make_diagnostic(
        Code::HostPin, "`{}` of `{}` is not pinned, and pins are required", name, request_.host);
    problem.where.file = library.path;
    problem.hints.push_back(fmt::format(
        "if this file is the right one, write `needed = {{ \"{}\" = \"{}\" }}` beside the "
        "`sha256` of its bundle",
        name, digest));
    problem.hints.push_back(hint_at_lock());
    return problem;
  }

  Result<void> add_needed(OpenedLibrary& library, const std::string& name) {
    const auto size = static_cast<std::size_t>(library.status.st_size);
    void* const data =
        size == 0 ? MAP_FAILED
                  : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, library.file.number(), 0);
    // Not a readable ELF file: dlopen reports the reason.
    if (data == MAP_FAILED) return {};
    const auto unmap = [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); };
    const std::unique_ptr<const void, decltype(unmap)> mapping(data, unmap);
    const std::optional<ElfDynamic> dynamic =
        read_elf_dynamic({static_cast<const std::uint8_t*>(data), size});
    if (!dynamic) return {};
    library.soname = dynamic->soname;
    if (!name.empty() && library.soname != name)
      return refuse(
          library.path,
          library.soname.empty()
              ? fmt::format("`{}`, which it needs, has no SONAME", name)
              : fmt::format("`{}`, which it needs, has the SONAME `{}`", name, library.soname),
          fmt::format("link that library with `-Wl,-soname,{}`", name));
    for (const std::string& needed : dynamic->needed) {
      TENON_TRY(const std::optional<std::string> path, find_own(library.path, *dynamic, needed));
      if (path) TENON_TRY_VOID(add(*path, needed));
    }
    return {};
  }

  // The file that the loader would find for a needed library through the search path of its user.
  // Nothing if it is a library of the system.
  Result<std::optional<std::string>> find_own(const std::string& library, const ElfDynamic& dynamic,
                                              const std::string& needed) {
    if (needed.find('$') != needed.npos)
      return refuse(library, fmt::format("it needs `{}`, which depends on the machine", needed),
                    "link it with that library's name, and with `-Wl,-rpath,$ORIGIN`");
    if (needed.starts_with('/')) return std::optional(needed);
    if (needed.find('/') != needed.npos)
      return refuse(library,
                    fmt::format("it needs `{}`, which depends on the working folder", needed),
                    "link it with that library's name, and with `-Wl,-rpath,$ORIGIN`");
    for (const std::string& folder : dynamic.folders) {
      const std::string origin = library.substr(0, library.rfind('/'));
      const std::optional<std::string> path = expand_origin(folder, origin);
      if (!path)
        return refuse(library,
                      fmt::format("its search path has `{}`, which depends on the machine", folder),
                      "link it with `-Wl,-rpath,$ORIGIN`");
      if (!path->starts_with('/'))
        return refuse(
            library,
            fmt::format("its search path has `{}`, which depends on the working folder", folder),
            "link it with `-Wl,-rpath,$ORIGIN`");
      TENON_TRY_VOID(check_variants(library, *path));
      std::string file = fmt::format("{}/{}", *path, needed);
      if (::access(file.c_str(), F_OK) == 0) return std::optional(std::move(file));
    }
    return std::optional<std::string>();
  }

  // Nothing if other names are left, such as `$LIB`, whose values only the loader knows.
  static std::optional<std::string> expand_origin(std::string_view folder,
                                                  const std::string& origin) {
    std::string expanded;
    for (std::size_t at = folder.find('$'); at != folder.npos; at = folder.find('$')) {
      expanded += folder.substr(0, at);
      folder.remove_prefix(at);
      const bool has_braces = folder.starts_with("${ORIGIN}");
      if (!has_braces && folder != "$ORIGIN" && !folder.starts_with("$ORIGIN/"))
        return std::nullopt;
      folder.remove_prefix(std::string_view(has_braces ? "${ORIGIN}" : "$ORIGIN").size());
      expanded += origin;
    }
    return expanded.append(folder);
  }

  // The loader prefers libraries for this kind of processor, in folders within those of the search path. Folders of
  // the system are the system's. Errors: host-library.
  Result<void> check_variants(const std::string& library, const std::string& folder) {
    for (const char* const name : kVariantFolders) {
      const std::string path = fmt::format("{}/{}", folder, name);
      if (::access(path.c_str(), F_OK) != 0 || is_of_system(folder)) continue;
      return refuse(
          library,
          fmt::format("`{}` is in its search path: the loader would take libraries from there "
                      "that nobody has checked",
                      path),
          "remove that folder, and put the libraries that are needed beside it");
    }
    return {};
  }

  static bool is_of_system(const std::string& folder) {
    const std::string real = real_path(folder);
    return std::ranges::any_of(loader_folders(),
                               [&](const std::string& one) { return real_path(one) == real; });
  }

  Diagnostic refuse(const std::string& file, std::string_view why, std::string_view hint) {
    Diagnostic problem = refuse_library(request_, why, hint);
    problem.where.file = file;
    return problem;
  }

  const LibraryRequest& request_;
  std::set<FileId> seen_;
};

// Returns the request with the path of the library's file. A library of the system is searched for
// in the folders of the loader. If only the loader's cache knows it, it has to be loaded to find
// its file, so its code runs before the file is checked. Errors: host-library.
Result<LibraryRequest> place_library(const LibraryRequest& request) {
  if (request.place == LibraryPlace::Bundle) return request;
  LibraryRequest placed = request;
  placed.root.reset();
  if (std::optional<std::string> file = find_system_library(request.path)) {
    placed.path = *std::move(file);
    return placed;
  }
  // The handle is never closed: libraries stay loaded.
  void* const handle = dlopen(request.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::string path = handle == nullptr ? std::string() : loaded_path(handle);
  if (path.empty())
    return refuse_library(request, handle == nullptr ? last_load_error() : "its file was not found",
                          "install it; `ldconfig -p` lists the libraries of the system");
  placed.path = std::move(path);
  return placed;
}

// Checks the places, owners and pins of a library and of those that it needs from its own folder. A
// needed library comes before its users; the library itself is last. Errors: host-library (missing,
// outside the bundle, or its needs cannot be checked), host-untrusted, host-pin.
Result<std::vector<OpenedLibrary>> open_libraries(const LibraryRequest& request) {
  for (const std::string& file : request.described_by) {
    const Result<SafeFile, UnsafePath> opened = open_safe(file, trusted_paths(request));
    if (!opened && opened.error().error == 0)
      return refuse_untrusted(request, file, opened.error());
  }
  LibraryTree tree(request);
  TENON_TRY_VOID(tree.add(request.path, ""));
  return std::move(tree.libraries);
}

// Whether a file has the bytes of a library; false if it cannot be read.
bool has_same_content(const OpenedLibrary& library, const std::string& path) {
  const std::vector<std::string> anywhere = {"/"};
  Result<SafeFile, UnsafePath> opened = open_safe(path, anywhere);
  if (!opened) return false;
  const LibraryRequest nothing;
  const OpenedLibrary other{opened->path, {}, std::move(opened->file), opened->status};
  const Result<std::string> digest = digest_of(nothing, library);
  const Result<std::string> other_digest = digest_of(nothing, other);
  return digest && other_digest && *digest == *other_digest;
}

// --- Loading

constexpr const char* kEntry = "tenon_host_module_v1";

// The libraries of the process.
struct Loaded {
  std::mutex lock;
  std::map<FileId, std::shared_ptr<Library>> libraries;
  // Every loaded file stays open: the loader identifies a library by its path /proc/self/fd/N, so
  // if N were reused, it would return the old library.
  std::map<FileId, OpenedLibrary> files;
  std::map<const tenon_host_module*, std::shared_ptr<Library>> of_program;
};

Loaded& loaded_libraries() {
  // Never destroyed: libraries can be used until after static objects are destroyed.
  static Loaded& loaded = *new Loaded;
  return loaded;
}

// Rejects a library if another one is already loaded under its SONAME. The loader would use that
// one instead. Errors: host-library.
Result<void> check_soname(const LibraryRequest& request, const OpenedLibrary& library) {
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
      request,
      fmt::format("another library is loaded as `{}`: `{}`, with different content", library.soname,
                  path),
      "give one of them another SONAME, or run them in separate processes");
}

// Loads the open file. Errors: host-library.
Result<void*> load_file(const LibraryRequest& request, const OpenedLibrary& library) {
  const std::string self = fmt::format("/proc/self/fd/{}", library.file.number());
  void* const handle = dlopen(self.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return handle;
  std::string why = last_load_error();
  if (const std::size_t at = why.find(self); at != why.npos)
    why.replace(at, self.size(), library.path);
  if (access(self.c_str(), F_OK) != 0)
    return refuse_library(
        request, why, "mount /proc: by it, the file that was checked is the one that is loaded");
  return refuse_library(request, why,
                        "`ldd` shows the libraries that it needs, `file` shows its machine");
}

}  // namespace

std::optional<std::string> find_system_library(std::string_view name) {
  for (const std::string& folder : loader_folders()) {
    std::string path = fmt::format("{}/{}", folder, name);
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return std::nullopt;
}

Result<void> check_library(const LibraryRequest& request) {
  TENON_TRY(const LibraryRequest placed, place_library(request));
  TENON_TRY(const std::vector<OpenedLibrary> opened, open_libraries(placed));
  return {};
}

Result<LibraryDigests> digest_library(const LibraryRequest& request) {
  TENON_TRY(LibraryRequest placed, place_library(request));
  placed.pins.clear();
  placed.needed_pins.clear();
  placed.require_needed_pins = false;
  TENON_TRY(const std::vector<OpenedLibrary> opened, open_libraries(placed));
  LibraryDigests digests;
  for (const OpenedLibrary& library : opened) {
    TENON_TRY(std::string digest, digest_of(request, library));
    if (&library == &opened.back())
      digests.sha256 = std::move(digest);
    else
      digests.needed.emplace(library.soname, std::move(digest));
  }
  return digests;
}

LibrarySymbol Library::find_symbol(const std::string& name) const {
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

Result<std::shared_ptr<Library>> Library::load(const LibraryRequest& request) {
  if (request.module != nullptr) return of_program(*request.module);
  Loaded& loaded = loaded_libraries();
  TENON_TRY(const LibraryRequest placed, place_library(request));
  TENON_TRY(std::vector<OpenedLibrary> opened, open_libraries(placed));
  const FileId id = id_of(opened.back().status);
  const std::lock_guard lock(loaded.lock);
  const auto known = loaded.libraries.find(id);
  if (known != loaded.libraries.end()) return known->second;
  void* handle = nullptr;
  for (OpenedLibrary& library : opened) {
    const auto open = loaded.files.find(id_of(library.status));
    if (open == loaded.files.end()) TENON_TRY_VOID(check_soname(request, library));
    TENON_TRY(handle, load_file(request, open == loaded.files.end() ? library : open->second));
    try {
      loaded.files.emplace(id_of(library.status), std::move(library));
    } catch (const std::bad_alloc&) {
      // The loader knows the library by the number of this descriptor, which no other file may have.
      (void)library.file.release();
      throw;
    }
  }
  using Entry = const tenon_host_module* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntry));
  std::shared_ptr<Library> library(
      new Library(request.path, handle, entry == nullptr ? nullptr : entry()));
  loaded.libraries.emplace(id, library);
  return library;
}

Hint hint_at_lock() {
  return {"or pin every library that is in use",
          {.program = "`make_lock` and `require_lock`",
           .command = "tenon plan --lock",
           .manifest = {}}};
}

}  // namespace tenon::host
