// How types of a WIT are spelled in C++. docs/host-bundles-authoring.md has the table.
//
//   CppTypes cpp(model);
//   cpp.spell(list_of_strings, interface, Holding::Owned);  // "std::vector<std::string>"
//   cpp.spell_param(list_of_strings, interface);            // "std::span<const std::string_view>"
//
// A value has one of two spellings. A field or result owns its bytes (`std::string`). A parameter
// only views the caller's bytes where the ABI allows it (`std::string_view`), which saves a copy.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "bindgen/host_model.h"

namespace tenon::bindgen {

enum class Holding {
  Owned,  // fields, results
  Viewed  // parameters, and types within their types
};

// The scope of files that include the generated header: names are written in full.
inline constexpr std::size_t kOutside = SIZE_MAX;
// Any other namespace: names begin with `::`.
inline constexpr std::size_t kElsewhere = SIZE_MAX - 1;

// A parameter of a function of a program or of its units.
struct CppParam {
  std::string type;       // as a method declares it
  std::string signature;  // in the signature of a tenon::TypedFunction or a host function
  enum class Pass { Copied, Moved } pass = Pass::Copied;
};

class CppTypes final {
 public:
  // Lifetime: the model outlives this.
  explicit CppTypes(const HostModel& model) : model_(model) {}

  // interface: the index of the one whose namespace the text is for, or kOutside.
  [[nodiscard]] std::string spell(types::TypeId id, std::size_t interface, Holding holding);
  // A parameter's type, with `const` and `&` where it is passed by reference.
  [[nodiscard]] std::string spell_param(types::TypeId id, std::size_t interface);
  // A parameter of a method that calls a unit.
  [[nodiscard]] CppParam spell_argument(types::TypeId id, std::size_t interface);
  // A parameter of a function of the program that units call.
  [[nodiscard]] CppParam spell_received(types::TypeId id, std::size_t interface);
  // `void` if the function has no result.
  [[nodiscard]] std::string spell_result(const types::Function& function, std::size_t interface);
  // The last parameter of an async function.
  [[nodiscard]] std::string spell_completion(const types::Function& function,
                                             std::size_t interface);
  [[nodiscard]] std::string spell_resource(types::ResourceId id, std::size_t interface);
  // The right side of `using name = ..`: the type's structure, with the names of inner types.
  [[nodiscard]] std::string spell_structure(types::TypeId id, std::size_t interface,
                                            Holding holding);
  // The initializer of a field of the type.
  [[nodiscard]] std::string spell_initializer(types::TypeId id) const;

  // Whether values have `==` (and can be copied): in code for programs, those without resources of units,
  // streams and futures.
  [[nodiscard]] bool is_comparable(types::TypeId id);
  // Whether units provide a resource; the class in the program is then a handle of it.
  [[nodiscard]] bool is_of_units(types::ResourceId id) const;

  // True once a type could not be spelled: all types together are too large, or a record, variant,
  // enum, flags or resource has no name. The spelling is a placeholder then.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  // The items of a stream or future.
  [[nodiscard]] std::string spell_item(const std::optional<types::TypeId>& id,
                                       std::size_t interface);
  [[nodiscard]] std::string spell_place(const TypePlace& place, std::size_t interface) const;
  [[nodiscard]] bool is_scalar(types::TypeId id) const;
  [[nodiscard]] bool is_bool(types::TypeId id) const;
  [[nodiscard]] bool is_for_program() const { return model_.code_for == CodeFor::Program; }
  template <class T>
  [[nodiscard]] const T* find_kind(types::TypeId id) const {
    return std::get_if<T>(&model_.types.types[id].kind);
  }

  const HostModel& model_;
  std::unordered_map<types::TypeId, bool> comparable_;
  std::size_t spelled_ = 0;  // bytes
  bool has_failed_ = false;
};

}  // namespace tenon::bindgen
