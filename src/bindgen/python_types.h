// How names and types of a WIT are spelled in Python: as the package `tenon` has them at run time
// (bindings/python/tenon/_names.py and _types.py; docs/python.md has the tables).
//
//   PythonTypes python(model);
//   python.spell(list_of_strings, PythonUse::Result);    // "list[str]"
//   python.spell(list_of_strings, PythonUse::Argument);  // "_typed.Items[str]"
//   python.describe(list_of_strings);                    // "_typed.list_of(_typed.string)"
//
// A type has two spellings: what the package makes of a value, and everything that it accepts for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bindgen/host_model.h"

namespace tenon::bindgen {

// "get-all" -> "get_all", "from" -> "from_": functions, parameters, fields.
[[nodiscard]] std::string python_snake(std::string_view label);
// "line-item" -> "LineItem", "none" -> "None_": types, cases of variants.
[[nodiscard]] std::string python_pascal(std::string_view label);
// "hot-pink" -> "HOT_PINK": members of enums and flags.
[[nodiscard]] std::string python_upper(std::string_view label);
// A literal of a str.
[[nodiscard]] std::string python_quote(std::string_view text);

enum class PythonUse : std::uint8_t {
  Result,   // what the program gets: results of its calls, arguments of its functions
  Argument  // what it can give: arguments of its calls, results of its functions
};

// The class of a record, variant, enum or flags type.
struct PythonClass {
  types::TypeId type;
  std::string label;  // "line-item"
  std::string name;   // in the module: "LineItem"; "CartLineItem" if two types have the label
  const HostType* declared = nullptr;  // in the model
  std::size_t interface = 0;           // in the model
  bool is_argument = false;            // the program can give values of it
};

struct PythonResource {
  std::string label;  // "wallet"
  std::string name;   // in the module: "Wallet"; "WalletProvider" if the program provides it
  std::string docs;
  std::size_t interface = 0;  // in the model
  bool is_of_units = false;
};

class PythonTypes final {
 public:
  // Lifetime: the model outlives this.
  explicit PythonTypes(const HostModel& model);

  // Types with the same name and parts have one class, as they do at run time. The parts of a class come
  // before it.
  [[nodiscard]] const std::vector<PythonClass>& classes() const { return classes_; }
  // REQUIRES: the resource is one of an interface of the model.
  [[nodiscard]] const PythonResource& resource(types::ResourceId id) const {
    return resources_.at(id);
  }
  // The class of a resource in annotations.
  [[nodiscard]] std::string name_of(types::ResourceId id);
  // A name that nothing else in the module has.
  [[nodiscard]] std::string take_name(std::string name) { return names_.take(std::move(name)); }

  [[nodiscard]] std::string spell(types::TypeId id, PythonUse use);
  // A name of Python in the body of any class: "list", or "_builtins.list" if a function or field is called so.
  [[nodiscard]] std::string spell_builtin(std::string_view name) const;
  // An expression with the functions of tenon/typed.py.
  [[nodiscard]] std::string describe(types::TypeId id);
  // Whether the package can pass the values of a function. It has none for `error-context`.
  [[nodiscard]] bool supports(types::FunctionId id);

  // True once a type could not be spelled: all types together are too large, or a record, variant, enum,
  // flags or resource type has no name. The spelling is a placeholder then.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  void add_members(const HostInterface& interface);
  void add_resources(const HostInterface& interface);
  void add_classes(const HostInterface& interface);
  // The number of what the type is at run time.
  std::size_t add_type(types::TypeId id);
  void mark_arguments(const HostInterface& interface);
  void mark_argument(types::TypeId id);
  void name_classes();

  [[nodiscard]] PythonClass* find_class(types::TypeId id);
  bool supports(types::TypeId id);
  // The text of a type, unless all are too large together.
  std::string limit(std::string text);
  std::string spell_structure(types::TypeId id, PythonUse use);
  std::string spell_list(const types::List& list, PythonUse use);
  std::string spell_resource(types::ResourceId id, PythonUse use);
  [[nodiscard]] std::string spell_primitive(types::Primitive primitive, PythonUse use) const;
  std::string describe_structure(types::TypeId id);
  std::string describe_handle(std::string_view function, types::ResourceId id);

  template <class T>
  [[nodiscard]] const T* find_kind(types::TypeId id) const {
    return std::get_if<T>(&model_.types.types[id].kind);
  }

  const HostModel& model_;
  std::set<std::string, std::less<>> members_;  // functions and fields of all classes
  std::unordered_map<types::ResourceId, PythonResource> resources_;
  std::unordered_map<types::TypeId, std::pair<std::size_t, const HostType*>> named_;
  // Types by what they are at run time, with numbers; the classes of those numbers.
  std::map<std::string, std::size_t> keys_;
  std::unordered_map<types::TypeId, std::size_t> key_of_;
  std::unordered_map<std::size_t, std::size_t> class_of_;
  std::vector<PythonClass> classes_;
  std::unordered_set<types::TypeId> arguments_;
  std::unordered_map<types::TypeId, bool> supported_;
  Names names_;
  std::size_t spelled_ = 0;  // bytes
  bool has_failed_ = false;
};

}  // namespace tenon::bindgen
