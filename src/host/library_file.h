// Checks native libraries before they are loaded.
//
// A library can do anything that the process can. So it is loaded only if no other user can change
// its file, the manifest and the WIT that say how it is called, or any folder above these
// (support/safe_path.h); if it lies in its bundle; and if it has the digest of its pin, if it is
// pinned. The same holds for libraries that it needs from its own folder. Each file is opened once,
// then checked and loaded through that descriptor, so nobody can exchange it in between.
#pragma once

#include <sys/stat.h>

#include <map>
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

// The digest that a library must have.
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
  // Pins of libraries that it needs from its own folder, by their names in DT_NEEDED.
  std::map<std::string, std::vector<Pin>> needed_pins = {};
  // Every library that it needs must have a pin.
  bool require_needed_pins = false;
  // Files that say how the library is called: its manifest and its WIT.
  std::vector<std::string> described_by = {};
  // Files and folders that are taken with all that is in them, whoever can change them.
  std::vector<std::string> trusted = {};
  // Part of the program: nothing is loaded, and nothing is looked at. Null: it is not.
  const tenon_host_module* module = nullptr;
};

// Identifies a file, whatever its name.
using FileId = std::pair<dev_t, ino_t>;

[[nodiscard]] FileId id_of(const struct stat& status);

// The file of a library of the system, in the folders of its loader: nothing is loaded. The loader
// finds more: those of its cache (/etc/ld.so.conf). name: "libz.so.1".
[[nodiscard]] std::optional<std::string> find_system_library(std::string_view name);

// The same with the path of its file. One of the system is looked for in the folders of its loader;
// one that only the loader's cache knows is found by loading it: its code runs before its file is
// looked at. Errors: host-library.
[[nodiscard]] Result<LibraryWishes> place_library(const LibraryWishes& wishes);

// The message of the last dlopen or dlsym that failed.
[[nodiscard]] std::string last_load_error();

// A library that may be loaded, held open.
struct OpenedLibrary {
  std::string path;  // without links
  std::string soname;
  Descriptor file;
  struct stat status;
};

// Checks a library and those that it needs from its own folder: places, owners, pins. Those that
// others need come first, the library itself last. Errors: host-library (missing, outside of its
// bundle, or needs what cannot be checked), host-untrusted, host-pin.
[[nodiscard]] Result<std::vector<OpenedLibrary>> open_libraries(const LibraryWishes& wishes);

// Whether a file has the bytes of a library; false if it cannot be read.
[[nodiscard]] bool has_same_content(const OpenedLibrary& library, const std::string& path);

// Digests of a library and of those that it needs from its own folder.
struct LibraryDigests {
  std::string sha256;
  std::map<std::string, std::string> needed;  // by name
};

// Errors: host-library, host-untrusted.
[[nodiscard]] Result<LibraryDigests> digest_library(const LibraryWishes& wishes);

[[nodiscard]] Diagnostic refuse_library(const LibraryWishes& wishes, std::string_view why,
                                        std::string_view hint);

}  // namespace tenon::host
