// What is looked at before a native library is loaded.
//
// A library is native code: it does what it wants with the process. So its file has to be what its
// owner meant: nobody else may have been able to change it, it lies in its bundle, and, where it is
// pinned, has the bytes that the pin says.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/manifest.h"
#include "support/descriptor.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// The digest that a library is to have.
struct Pin {
  std::string sha256;
  Location where;  // who says so
};

struct LibraryWishes {
  std::string host;  // the instance's name, for people
  std::string path;  // as it is opened
  // Of the system, `path` is a name that its loader looks for.
  LibraryPlace place = LibraryPlace::Bundle;
  std::optional<std::string> root = {};  // the bundle, which it has to be in; absent: anywhere
  std::vector<Pin> pins = {};
  // Files and folders, with all that is in them, whose owners and modes are not looked at.
  std::vector<std::string> trusted = {};
  // Part of the program: nothing is loaded, and nothing is looked at. Null: it is not.
  const tenon_host_module* module = nullptr;
};

// Which file it is, whatever its name.
using FileId = std::pair<dev_t, ino_t>;

[[nodiscard]] FileId id_of(const struct stat& status);

// The file of a library of the system, in the folders of its loader: nothing is loaded. The loader
// finds more: those of its cache (/etc/ld.so.conf). name: "libz.so.1".
[[nodiscard]] std::optional<std::string> find_system_library(std::string_view name);

// The same with the path of its file. One of the system is looked for in the folders of its loader;
// one that only the loader's cache knows is found by loading it: its code runs before its file is
// looked at. Errors: host-library.
[[nodiscard]] Result<LibraryWishes> place_library(const LibraryWishes& wishes);

// The file that a library was loaded from, without links. handle: of dlopen.
[[nodiscard]] std::optional<std::string> loaded_path(void* handle);
// What dlopen complains of.
[[nodiscard]] std::string last_load_error();

// A library that may be loaded, held open.
struct OpenedLibrary {
  std::string path;  // without links
  Descriptor file;
  struct stat status;
};

// Looks at its place, its owners and its pins. Errors: host-library (missing, outside of its
// bundle), host-untrusted, host-pin.
[[nodiscard]] Result<OpenedLibrary> open_library_file(const LibraryWishes& wishes);

// Its SHA-256. Errors: host-library, host-untrusted.
[[nodiscard]] Result<std::string> digest_library(const LibraryWishes& wishes);

[[nodiscard]] Diagnostic refuse_library(const LibraryWishes& wishes, std::string_view why,
                                        std::string_view hint);

// Why a file may have been changed by others: the first that is at fault of the file and the
// folders that it is in, up to `root`, as `ls -ld` shows it; those in `trusted` may. Nothing: it
// may not.
[[nodiscard]] std::optional<std::string> find_untrusted(const std::string& path,
                                                        const std::string& root,
                                                        const std::vector<std::string>& trusted);

}  // namespace tenon::host
