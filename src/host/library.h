// Native libraries that are loaded.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "host/library_file.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

struct FoundSymbol {
  void* address = nullptr;  // null: there is none
  bool is_data = false;     // it is known to be no function
};

// Thread: any.
class Library final {
 public:
  // Loads it, or finds it: a file is loaded once in a process, and stays to its end.
  // Errors: host-library (missing, outside of its bundle, or not to be loaded; changed while it
  //         was), host-untrusted, host-pin.
  [[nodiscard]] static Result<std::shared_ptr<Library>> load(const LibraryWishes& wishes);

  // One that is part of the program. module: static.
  [[nodiscard]] static std::shared_ptr<Library> of_program(const tenon_host_module& module);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Its table; null: it exports none. It is asked for once.
  [[nodiscard]] const tenon_host_module* module() const { return module_; }
  // Of the library, or of one that it needs. Of one that is part of the program there are none.
  [[nodiscard]] FoundSymbol find_symbol(const std::string& name) const;
  // Held while a function of a library runs that says that it runs one at a time.
  [[nodiscard]] std::timed_mutex& calls() { return calls_; }

 private:
  Library(std::string path, void* handle, const tenon_host_module* module)
      : path_(std::move(path)), handle_(handle), module_(module) {}

  std::string path_;
  void* handle_ = nullptr;  // of dlopen; null: it is part of the program
  const tenon_host_module* module_ = nullptr;
  std::timed_mutex calls_;
};

}  // namespace tenon::host
