// Checks native libraries before they are loaded.
//
// A library can do anything that the process can do. It is loaded only if
// - other users cannot change its file, its manifest, its WIT or a folder above these
//   (support/safe_path.h),
// - it is inside of its bundle, and
// - its digest matches its pin, if it has one.
// The same holds for the libraries that it needs from its own folder. Each file is opened once, and
// checked and loaded through that descriptor, so it cannot be exchanged in between. The source
// explains the order of the checks.
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
  Location where;  // the place of the pin
};

// Which library to load, and the conditions that it must meet.
struct LibraryWishes {
  std::string host;  // the name of the instance, for messages
  std::string path;
  // System: `path` is a name that the system's loader searches for.
  LibraryPlace place = LibraryPlace::Bundle;
  std::optional<std::string> root =
      {};  // the folder of the bundle that must contain it; absent: any folder
  std::vector<Pin> pins = {};
  // Pins of the libraries that it needs from its own folder, by their names in DT_NEEDED.
  std::map<std::string, std::vector<Pin>> needed_pins = {};
  // Whether each of those libraries must have a pin.
  bool require_needed_pins = false;
  // The files that describe the library: its manifest and its WIT.
  std::vector<std::string> described_by = {};
  // Files and folders that are accepted, with their contents, even if other users can change them.
  std::vector<std::string> trusted = {};
  // A library that is linked into the program: nothing is loaded or checked. Else null.
  const tenon_host_module* module = nullptr;
};

// Identifies a file, whatever its name.
using FileId = std::pair<dev_t, ino_t>;

[[nodiscard]] FileId id_of(const struct stat& status);

// Finds a library in the folders of the system's loader, without loading it. The loader also searches
// its cache (/etc/ld.so.conf), which is not searched here. name: "libz.so.1".
[[nodiscard]] std::optional<std::string> find_system_library(std::string_view name);

// Returns `wishes` with the path of the library's file. A library of the system is searched for in the
// folders of the loader. If only the loader's cache knows it, it has to be loaded to find its file, so
// its code runs before the file is checked. Errors: host-library.
[[nodiscard]] Result<LibraryWishes> place_library(const LibraryWishes& wishes);

// The message of the last dlopen or dlsym that failed.
[[nodiscard]] std::string last_load_error();

// A checked library, held open.
struct OpenedLibrary {
  std::string path;  // without links
  std::string soname;
  Descriptor file;
  struct stat status;
};

// Checks a library and those that it needs from its own folder: places, owners, pins. A needed library comes
// before its users, the library itself last. Errors: host-library (missing, outside of its
// bundle, or needs what cannot be checked), host-untrusted, host-pin.
[[nodiscard]] Result<std::vector<OpenedLibrary>> open_libraries(const LibraryWishes& wishes);

// Whether a file has the bytes of a library; false if it cannot be read.
[[nodiscard]] bool has_same_content(const OpenedLibrary& library, const std::string& path);

// The digests of a library and of the libraries that it needs from its own folder.
struct LibraryDigests {
  std::string sha256;
  std::map<std::string, std::string> needed;  // by name
};

// Errors: host-library, host-untrusted.
[[nodiscard]] Result<LibraryDigests> digest_library(const LibraryWishes& wishes);

// "the library of `host` cannot be loaded: WHY".
[[nodiscard]] Diagnostic refuse_library(const LibraryWishes& wishes, std::string_view why,
                                        std::string_view hint);

}  // namespace tenon::host
