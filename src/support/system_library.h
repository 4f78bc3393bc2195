// A library of the system that is loaded when it is first needed, so that other commands start without
// it. It stays loaded.
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
  // Loads the first of these files that exists. Errors: a sentence of the system about the first one.
  [[nodiscard]] static Result<SystemLibrary, std::string> load(std::span<const std::string> names);

  // Finds a function. It is null if the library lacks it, which `check` reports.
  template <class Function>
  void find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(find_symbol(name));
    if (function == nullptr) missing_.append(missing_.empty() ? "it lacks " : ", ").append(name);
  }
  // The same for a function that newer versions have.
  template <class Function>
  void find_optional(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(find_symbol(name));
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
