// Loads native libraries. A file is loaded once in a process and stays loaded until the process ends,
// because threads and static objects of a library can outlive every use of it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "host/library_file.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

struct FoundSymbol {
  void* address = nullptr;  // null if the symbol does not exist
  bool is_data = false;     // known to be a variable, not a function
};

// Thread: any.
class Library final {
 public:
  // Loads a library after checking it (library_file.h), or returns the loaded one.
  // Errors: host-library (missing, outside of its bundle, cannot be loaded, or another library has its
  //         SONAME), host-untrusted, host-pin.
  [[nodiscard]] static Result<std::shared_ptr<Library>> load(const LibraryWishes& wishes);

  // A library that is linked into the program. module: static.
  [[nodiscard]] static std::shared_ptr<Library> of_program(const tenon_host_module& module);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Its table; null if it exports none. The entry function is called only once.
  [[nodiscard]] const tenon_host_module* module() const { return module_; }
  // Searches the library and the libraries that it needs. Finds nothing in the program itself.
  [[nodiscard]] FoundSymbol find_symbol(const std::string& name) const;
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

}  // namespace tenon::host
