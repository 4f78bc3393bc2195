// Types of the WIT as C++ spells them: docs/host-bundles-authoring.md has the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bindgen/host_model.h"

namespace tenon::bindgen {

// Who has a value of the type.
enum class Holding {
  Owned,  // fields, results
  Viewed  // inside of a parameter
};

// In no interface's scope: in files that include the header.
inline constexpr std::size_t kOutside = SIZE_MAX;

class CppTypes final {
 public:
  // Lifetime: of the model.
  explicit CppTypes(const HostModel& model) : model_(model) {}

  // interface: in whose scope it is spelled; or kOutside.
  [[nodiscard]] std::string spell(types::TypeId id, std::size_t interface, Holding holding);
  // A parameter's type, with its reference.
  [[nodiscard]] std::string spell_param(types::TypeId id, std::size_t interface);
  // Nothing: `void`.
  [[nodiscard]] std::string spell_result(const types::Function& function, std::size_t interface);
  [[nodiscard]] std::string spell_resource(types::ResourceId id, std::size_t interface);
  // What `using name = ..` says: its structure, in which other names stand.
  [[nodiscard]] std::string spell_structure(types::TypeId id, std::size_t interface,
                                            Holding holding);
  // The value that a field of it begins with.
  [[nodiscard]] std::string spell_initializer(types::TypeId id) const;

  // True: types were spelled that are too large to be written, or have no name where C++ needs one.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  [[nodiscard]] std::string spell_place(const TypePlace& place, std::size_t interface) const;
  [[nodiscard]] bool is_scalar(types::TypeId id) const;
  template <class T>
  [[nodiscard]] const T* find_kind(types::TypeId id) const {
    return std::get_if<T>(&model_.types.types[id].kind);
  }

  const HostModel& model_;
  std::size_t spelled_ = 0;  // bytes
  bool has_failed_ = false;
};

}  // namespace tenon::bindgen
