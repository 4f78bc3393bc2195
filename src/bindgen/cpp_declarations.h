// The declarations of a WIT's named types in C++: structs, enums and aliases. They are the same in code for
// bundles and in code for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bindgen/code_text.h"
#include "bindgen/cpp_types.h"
#include "bindgen/host_model.h"

namespace tenon::bindgen {

class CppDeclarations final {
 public:
  // Lifetime: refers to all of them.
  CppDeclarations(const HostModel& model, CppTypes& cpp, CodeText& to)
      : model_(model), cpp_(cpp), to_(to) {}

  // Prints a type in the namespace of its interface. A resource prints nothing, unless it is an alias.
  void print(const HostInterface& scope, const HostType& type);
  // Whether a type is printed as `using`.
  [[nodiscard]] bool is_alias(const HostType& type) const;
  // Declares a struct or enum that is printed later.
  void print_forward(const HostType& type);
  // The names of the members of a record, variant, enum or flags, in the order of the WIT; empty for other
  // types.
  [[nodiscard]] std::vector<std::string> member_names(const HostType& type) const;

 private:
  std::string owned(const HostInterface& scope, types::TypeId id);
  void print_record(const HostInterface& scope, const HostType& type, const types::Record& record);
  void print_variant(const HostInterface& scope, const HostType& type,
                     const types::Variant& variant);
  void print_enum(const HostType& type);
  void print_flags(const HostType& type);

  const HostModel& model_;
  CppTypes& cpp_;
  CodeText& to_;
};

// Prints a function's declaration, with parameters on lines of their own if it does not fit in one.
// head: "  virtual std::uint32_t count". tail: " const;"
void print_member_function(CodeText& to, const std::string& head,
                           const std::vector<std::string>& params, std::string_view tail);

}  // namespace tenon::bindgen
