#include "value/cpp_type.h"

#include <fmt/core.h>

#include <variant>

#include "value/numbers.h"

namespace tenon::value {

namespace {

using detail::CppKind;
using detail::CppPart;
using detail::CppType;
using types::Primitive;

std::string print_part(const CppPart& part) {
  return part.type == nullptr ? "void" : print_cpp_type(*part.type);
}

std::string print_template(std::string_view name, const CppType& type) {
  std::string parts;
  for (const CppPart& part : type.parts)
    parts += fmt::format("{}{}", parts.empty() ? "" : ", ", print_part(part));
  return fmt::format("{}<{}>", name, parts);
}

// As `print_template`, with the word that the alternatives of a std::variant have for nothing.
std::string print_variant(const CppType& type) {
  std::string parts;
  for (const CppPart& part : type.parts)
    parts += fmt::format("{}{}", parts.empty() ? "" : ", ",
                         part.type == nullptr ? "std::monostate" : print_part(part));
  return fmt::format("std::variant<{}>", parts);
}

// The C++ type for a WIT type, with `T` in place of a struct that the program has to define.
class Suggestion {
 public:
  explicit Suggestion(const types::Types& types) : types_(types) {}

  std::string name(types::TypeId id) {
    return std::visit([&](const auto& kind) { return name_of(kind); }, types_.types[id].kind);
  }

 private:
  std::string name_or_void(const std::optional<types::TypeId>& id) {
    return id ? name(*id) : "void";
  }
  static std::string name_of(Primitive kind) { return std::string(primitive_in_cpp(kind)); }
  std::string name_of(const types::List& kind) {
    return kind.length ? fmt::format("std::array<{}, {}>", name(kind.element), *kind.length)
                       : fmt::format("std::vector<{}>", name(kind.element));
  }
  std::string name_of(const types::Map& kind) {
    return fmt::format("std::map<{}, {}>", name(kind.key), name(kind.value));
  }
  std::string name_of(const types::Tuple& kind) {
    std::string parts;
    for (const types::TypeId part : kind.types)
      parts += fmt::format("{}{}", parts.empty() ? "" : ", ", name(part));
    return fmt::format("std::tuple<{}>", parts);
  }
  std::string name_of(const types::Option& kind) {
    return fmt::format("std::optional<{}>", name(kind.type));
  }
  std::string name_of(const types::ResultType& kind) {
    return fmt::format("tenon::Expected<{}, {}>", name_or_void(kind.ok), name_or_void(kind.error));
  }
  std::string name_of(const types::Stream& kind) {
    return fmt::format("tenon::Stream<{}>", name_or_void(kind.type));
  }
  std::string name_of(const types::Future& kind) {
    return fmt::format("tenon::Future<{}>", name_or_void(kind.type));
  }
  static std::string name_of(const types::Own& /*kind*/) { return "tenon::Resource"; }
  static std::string name_of(const types::Borrow& /*kind*/) { return "tenon::Borrow"; }
  template <class Kind>
  static std::string name_of(const Kind& /*kind*/) {
    return "T";
  }

  const types::Types& types_;
};

char fold(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::string_view primitive_in_cpp(Primitive kind) {
  switch (kind) {
    case Primitive::Bool:
      return "bool";
    case Primitive::S8:
      return "std::int8_t";
    case Primitive::U8:
      return "std::uint8_t";
    case Primitive::S16:
      return "std::int16_t";
    case Primitive::U16:
      return "std::uint16_t";
    case Primitive::S32:
      return "std::int32_t";
    case Primitive::U32:
      return "std::uint32_t";
    case Primitive::S64:
      return "std::int64_t";
    case Primitive::U64:
      return "std::uint64_t";
    case Primitive::F32:
      return "float";
    case Primitive::F64:
      return "double";
    case Primitive::Char:
      return "char32_t";
    case Primitive::String:
      return "std::string";
    case Primitive::ErrorContext:
      break;
  }
  return "";
}

std::string print_cpp_type(const CppType& type) {
  switch (type.kind) {
    case CppKind::Bool:
      return "bool";
    case CppKind::S8:
      return "std::int8_t";
    case CppKind::U8:
      return "std::uint8_t";
    case CppKind::S16:
      return "std::int16_t";
    case CppKind::U16:
      return "std::uint16_t";
    case CppKind::S32:
      return "std::int32_t";
    case CppKind::U32:
      return "std::uint32_t";
    case CppKind::S64:
      return "std::int64_t";
    case CppKind::U64:
      return "std::uint64_t";
    case CppKind::F32:
      return "float";
    case CppKind::F64:
      return "double";
    case CppKind::Char:
      return "char32_t";
    case CppKind::String:
      return "std::string";
    case CppKind::StringView:
      return "std::string_view";
    case CppKind::Vector:
      return print_template("std::vector", type);
    case CppKind::Span:
      return fmt::format("std::span<const {}>", print_part(type.parts[0]));
    case CppKind::Array:
      return fmt::format("std::array<{}, {}>", print_part(type.parts[0]), type.length);
    case CppKind::Map:
      return print_template("std::map", type);
    case CppKind::PairVector:
      return fmt::format("std::vector<{}>", print_template("std::pair", type));
    case CppKind::Tuple:
      return print_template("std::tuple", type);
    case CppKind::Pair:
      return print_template("std::pair", type);
    case CppKind::Variant:
      return print_variant(type);
    case CppKind::Optional:
      return print_template("std::optional", type);
    case CppKind::Expected:
      return print_template("tenon::Expected", type);
    case CppKind::Record:
    case CppKind::NamedVariant:
    case CppKind::Enum:
    case CppKind::Flags:
      return std::string(type.name);
    case CppKind::Own:
      return type.name.empty() ? "tenon::Resource" : std::string(type.name);
    case CppKind::Borrow:
      return "tenon::Borrow";
    case CppKind::HostOwn:
      return "a pointer to a class of the program";
    case CppKind::HostBorrow:
      return "a reference to a class of the program";
    case CppKind::Stream:
      return print_template("tenon::Stream", type);
    case CppKind::Future:
      return print_template("tenon::Future", type);
  }
  return "?";
}

std::string suggest_cpp_type(const TypeGraph& graph, types::TypeId id) {
  const auto& kind = graph.types.types[id].kind;
  if (std::holds_alternative<types::Record>(kind)) return "a struct with TENON_RECORD";
  if (std::holds_alternative<types::Variant>(kind)) return "a std::variant, or TENON_VARIANT";
  if (std::holds_alternative<types::Enum>(kind)) return "an enum with TENON_ENUM";
  if (std::holds_alternative<types::Flags>(kind)) return "a struct of bool with TENON_FLAGS";
  if (std::holds_alternative<types::Dynamic>(kind) ||
      (std::holds_alternative<Primitive>(kind) &&
       std::get<Primitive>(kind) == Primitive::ErrorContext))
    return "";
  return fmt::format("`{}`", Suggestion(graph.types).name(id));
}

bool is_same_word(std::string_view name, std::string_view label) {
  const auto skip = [](std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == '_' || text[at] == '-')) ++at;
    return at;
  };
  std::size_t i = skip(name, 0);
  std::size_t j = skip(label, 0);
  while (i < name.size() && j < label.size() && fold(name[i]) == fold(label[j])) {
    i = skip(name, i + 1);
    j = skip(label, j + 1);
  }
  return i == name.size() && j == label.size();
}

}  // namespace tenon::value
