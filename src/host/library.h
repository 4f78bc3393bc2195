// Loads native libraries, after checking them. A file is loaded once in a process and stays loaded
// until the process ends, because threads and static objects of a library can outlive every use of
// it.
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

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/manifest.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// The digest that a library must have.
struct Pin {
  std::string sha256;
  Location where;  // the place of the pin
};

// Which library to load, and the conditions that it must meet.
struct LibraryRequest {
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

struct LibrarySymbol {
  void* address = nullptr;  // null if the symbol does not exist
  bool is_data = false;     // known to be a variable, not a function
};

// Thread: any.
class Library final {
 public:
  // Loads a library after checking it, or returns the loaded one.
  // Errors: host-library (missing, outside of its bundle, cannot be loaded, or another library has
  // its
  //         SONAME), host-untrusted, host-pin.
  [[nodiscard]] static Result<std::shared_ptr<Library>> load(const LibraryRequest& request);

  // A library that is linked into the program. module: static.
  [[nodiscard]] static std::shared_ptr<Library> of_program(const tenon_host_module& module);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Its table; null if it exports none. The entry function is called only once.
  [[nodiscard]] const tenon_host_module* module() const { return module_; }
  // Searches the library and the libraries that it needs. Finds nothing in the program itself.
  [[nodiscard]] LibrarySymbol find_symbol(const std::string& name) const;
  // Locked during each call if the library allows only one call at a time.
  [[nodiscard]] std::timed_mutex& calls() { return calls_; }

 private:
  Library(std::string path, void* handle, const tenon_host_module* module)
      : path_(std::move(path)), handle_(handle), module_(module) {}

  std::string path_;
  void* handle_ = nullptr;  // of dlopen; null for a library of the program
  const tenon_host_module* module_ = nullptr;
  std::timed_mutex calls_;
};

// Finds a library in the folders of the system's loader, without loading it. The loader also
// searches its cache (/etc/ld.so.conf), which is not searched here. name: "libz.so.1".
[[nodiscard]] std::optional<std::string> find_system_library(std::string_view name);

// Checks a library without loading it. Errors: as Library::load.
[[nodiscard]] Result<void> check_library(const LibraryRequest& request);

// The digests of a library and of the libraries that it needs from its own folder.
struct LibraryDigests {
  std::string sha256;
  std::map<std::string, std::string> needed;  // by name
};

// Errors: host-library, host-untrusted.
[[nodiscard]] Result<LibraryDigests> digest_library(const LibraryRequest& request);

// The hint that pins all libraries of a link by its tenon.lock.
[[nodiscard]] Hint hint_at_lock();

}  // namespace tenon::host
