// The declarations of a WIT's types in a stub of Python: the class of each, and what can be given for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bindgen/cpp_declarations.h"  // CodeText
#include "bindgen/host_model.h"
#include "bindgen/python_types.h"

namespace tenon::bindgen {

// Prints a docstring: the documentation of the WIT, and a declaration. Each can be empty.
void print_docstring(CodeText& to, std::string_view indent, std::string_view docs,
                     std::string_view wit);

// Prints head, items and tail in one line, or with a line for each item.
void print_python_list(CodeText& to, std::string_view head, const std::vector<std::string>& items,
                       std::string_view tail);
// Prints the class of dicts with these keys. items: "\"name\": str". options: ", total=False"
void print_typed_dict(CodeText& to, const std::string& name, const std::vector<std::string>& items,
                      std::string_view options);

class PythonDeclarations final {
 public:
  // Lifetime: refers to all of them.
  PythonDeclarations(const HostModel& model, PythonTypes& python, CodeText& to)
      : model_(model), python_(python), to_(to) {}

  // For a type that the program gives to units, also `_NAMEArg`: everything that the package takes for a value.
  void print(const PythonClass& of);

 private:
  void print_record(const PythonClass& of, const types::Record& record);
  void print_record_arguments(const PythonClass& of, const types::Record& record);
  void print_variant(const PythonClass& of, const types::Variant& variant);
  void print_enum(const PythonClass& of, const std::vector<std::string>& labels);
  void print_flags(const PythonClass& of, const std::vector<std::string>& labels);
  std::string result_of(types::TypeId id) { return python_.spell(id, PythonUse::Result); }
  std::string argument_of(types::TypeId id) { return python_.spell(id, PythonUse::Argument); }

  const HostModel& model_;
  PythonTypes& python_;
  CodeText& to_;
};

}  // namespace tenon::bindgen
