#include "bindgen/cpp_declarations.h"

#include <fmt/ranges.h>

#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <variant>

namespace tenon::bindgen {

namespace {

using types::TypeId;

template <class Part, class Label>
std::vector<std::string> name_members(std::set<std::string> taken, const std::vector<Part>& parts,
                                      Label label) {
  Names names(std::move(taken));
  std::vector<std::string> members;
  for (const Part& part : parts)
    members.push_back(names.take(snake_name(std::invoke(label, part))));
  return members;
}

}  // namespace

std::string CppDeclarations::owned(const HostInterface& scope, TypeId id) {
  return cpp_.spell(id, model_.index_of(scope), Holding::Owned);
}

void CppDeclarations::print(const HostInterface& scope, const HostType& type) {
  to_.comment("", type.docs, "");
  if (const auto* const resource = std::get_if<types::ResourceId>(&type.type)) {
    if (!type.is_own)
      to_.line("using {} = {};", type.name, cpp_.spell_resource(*resource, model_.index_of(scope)));
    return;
  }
  const TypeId id = std::get<TypeId>(type.type);
  const auto& kind = model_.types.types[id].kind;
  if (!type.is_own)
    to_.line("using {} = {};", type.name, owned(scope, id));
  else if (const auto* const record = std::get_if<types::Record>(&kind))
    print_record(scope, type, *record);
  else if (const auto* const variant = std::get_if<types::Variant>(&kind))
    print_variant(scope, type, *variant);
  else if (std::holds_alternative<types::Enum>(kind))
    print_enum(type);
  else if (std::holds_alternative<types::Flags>(kind))
    print_flags(type);
  else
    to_.line("using {} = {};", type.name,
             cpp_.spell_structure(id, model_.index_of(scope), Holding::Owned));
}

bool CppDeclarations::is_alias(const HostType& type) const {
  const auto* const id = std::get_if<TypeId>(&type.type);
  return !type.is_own || (id != nullptr && member_names(type).empty());
}

void CppDeclarations::print_forward(const HostType& type) {
  const auto* const id = std::get_if<TypeId>(&type.type);
  if (id == nullptr || is_alias(type)) return;
  if (std::holds_alternative<types::Enum>(model_.types.types[*id].kind))
    to_.line("enum class {} : std::uint32_t;", type.name);
  else
    to_.line("struct {};", type.name);
}

// The members differ from the struct's name, which C++ forbids, and from the other members of the struct
// that holds the cases of a variant.
std::vector<std::string> CppDeclarations::member_names(const HostType& type) const {
  const auto* const id = std::get_if<TypeId>(&type.type);
  if (id == nullptr) return {};
  const auto& kind = model_.types.types[*id].kind;
  const std::set<std::string> taken = {type.name, "which"};
  if (const auto* const record = std::get_if<types::Record>(&kind))
    return name_members(taken, record->fields, &types::Field::label);
  if (const auto* const flags = std::get_if<types::Flags>(&kind))
    return name_members(taken, flags->labels, std::identity());
  if (const auto* const labels = std::get_if<types::Enum>(&kind)) {
    std::vector<std::string> names;
    for (const std::string& label : labels->labels) names.push_back(snake_name(label));
    return names;
  }
  if (const auto* const variant = std::get_if<types::Variant>(&kind))
    return name_members({type.name, "which", "value", "cases", "which_case"}, variant->cases,
                        &types::Case::label);
  return {};
}

void CppDeclarations::print_record(const HostInterface& scope, const HostType& type,
                                   const types::Record& record) {
  const std::vector<std::string> names = member_names(type);
  to_.line("struct {} {{", type.name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const TypeId field = record.fields[i].type;
    to_.comment("  ", type.docs_of(i), "");
    to_.line("  {} {} = {};", owned(scope, field), names[i], cpp_.spell_initializer(field));
  }
  if (cpp_.is_comparable(std::get<TypeId>(type.type)))
    to_.line("  bool operator==(const {}&) const = default;", type.name);
  to_.line("}};");
}

void CppDeclarations::print_variant(const HostInterface& scope, const HostType& type,
                                    const types::Variant& variant) {
  const std::vector<std::string> names = member_names(type);
  const bool is_comparable = cpp_.is_comparable(std::get<TypeId>(type.type));
  to_.line("struct {} {{", type.name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::optional<TypeId>& payload = variant.cases[i].type;
    to_.comment("  ", type.docs_of(i), "");
    to_.line("  struct {} {{", names[i]);
    // No initializer: C++ reads those of a nested struct at the end of the outer one, and the
    // std::variant below needs them earlier.
    if (payload) to_.line("    {} value;", owned(scope, *payload));
    if (is_comparable) to_.line("    bool operator==(const {}&) const = default;", names[i]);
    to_.line("  }};");
  }
  to_.line("  enum class cases {{ {} }};", fmt::join(names, ", "));
  to_.line("  {}() = default;", type.name);
  for (const std::string& each : names)
    to_.line("  {}({} init_) : which(std::move(init_)) {{}}", type.name, each);
  to_.line(
      "  [[nodiscard]] cases which_case() const {{ return static_cast<cases>(which.index()); }}");
  if (is_comparable) to_.line("  bool operator==(const {}&) const = default;", type.name);
  to_.line("  std::variant<{}> which;", fmt::join(names, ", "));
  to_.line("}};");
}

void CppDeclarations::print_enum(const HostType& type) {
  to_.line("enum class {} : std::uint32_t {{", type.name);
  const std::vector<std::string> names = member_names(type);
  for (std::size_t i = 0; i < names.size(); ++i) {
    to_.comment("  ", type.docs_of(i), "");
    to_.line("  {},", names[i]);
  }
  to_.line("}};");
}

void CppDeclarations::print_flags(const HostType& type) {
  to_.line("struct {} {{", type.name);
  const std::vector<std::string> names = member_names(type);
  for (std::size_t i = 0; i < names.size(); ++i) {
    to_.comment("  ", type.docs_of(i), "");
    to_.line("  bool {} = false;", names[i]);
  }
  to_.line("  bool operator==(const {}&) const = default;", type.name);
  to_.line("}};");
}

void print_member_function(CodeText& to, const std::string& head,
                           const std::vector<std::string>& params, std::string_view tail) {
  std::size_t width = head.size() + 2 + tail.size();
  for (const std::string& param : params) width += param.size() + 2;
  const bool fits = width <= kLineWidth || params.empty();
  to.line("{}({}{}){}", head, fits ? "" : "\n      ", fmt::join(params, fits ? ", " : ",\n      "),
          tail);
}

}  // namespace tenon::bindgen
