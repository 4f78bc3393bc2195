// A shared library of the system that is loaded at its first use, so that commands that do not need
// it start without it. It is never unloaded.
//
//   TENON_TRY(SystemLibrary library, SystemLibrary::load(names));
//   library.find(functions.init, "lib_init");
//   TENON_TRY_VOID(library.check());
#pragma once

#include <span>
#include <string>

#include "tenon/result.h"

namespace tenon {

class SystemLibrary final {
 public:
  // Loads the first of these files that exists. Errors: the system's message for the first one.
  [[nodiscard]] static Result<SystemLibrary, std::string> load(std::span<const std::string> names);

  // Finds a function. It is null if the library lacks it, which `check` reports.
  template <class Function>
  void find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(find_symbol(name));
    if (function == nullptr) missing_.append(missing_.empty() ? "it lacks " : ", ").append(name);
  }
  // Errors: the functions that were not found.
  [[nodiscard]] Result<void, std::string> check() const;

 private:
  explicit SystemLibrary(void* handle) : handle_(handle) {}
  [[nodiscard]] void* find_symbol(const char* name) const;

  void* handle_;
  std::string missing_;
};

}  // namespace tenon
