#include "pact/expansion.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "support/try.h"

namespace tenon::pact {

namespace {

packr::PackageType value_of(std::string name) { return {packr::TypeTag::Value, std::move(name)}; }

// Bytes that a copy takes.
std::uint64_t measure(const packr::PackageType& type) {
  std::uint64_t bytes = sizeof(packr::PackageType) + type.name.size();
  for (const packr::PackageMember& member : type.members) {
    bytes += sizeof(packr::PackageMember) + member.name.size();
    for (const packr::PackageType& carried : member.types) bytes += measure(carried);
  }
  for (const packr::PackageType& part : type.parts) bytes += measure(part);
  return bytes;
}

std::uint32_t depth_of(const packr::PackageType& type) {
  std::uint32_t deepest = 0;
  for (const packr::PackageMember& member : type.members)
    for (const packr::PackageType& carried : member.types)
      deepest = std::max(deepest, depth_of(carried));
  for (const packr::PackageType& part : type.parts) deepest = std::max(deepest, depth_of(part));
  return deepest + 1;
}

}  // namespace

Result<packr::PackageFunctionType> TypeExpander::expand_function(const FunctionDecl& function,
                                                                 const NameTable& names,
                                                                 std::string interface) {
  const Frame frame{names, nullptr, nullptr};
  packr::PackageFunctionType made{std::move(interface), function.name.text, {}, {}};
  for (const Parameter& param : function.params) {
    TENON_TRY(packr::PackageType type, expand(param.type, frame));
    made.params.push_back({param.name.text, std::move(type)});
  }
  TENON_TRY(made.results, expand_all(function.results, frame));
  return made;
}

Result<void> TypeExpander::spend(std::uint64_t bytes, const Frame& frame, TextSpan place) {
  if (bytes > left_)
    return make_type_problem(
        frame.names.file(), place,
        fmt::format("types take more than {} bytes when they are written out at every use",
                    limits::kPackageTypesBytes));
  left_ -= bytes;
  return {};
}

Result<packr::PackageType> TypeExpander::expand(const TypeExpr& type, const Frame& frame) {
  if (depth_ > limits::kNestingDepth)
    return make_type_problem(
        frame.names.file(), type.place,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  TENON_TRY_VOID(spend(sizeof(packr::PackageType), frame, type.place));
  ++depth_;
  Result<packr::PackageType> made = expand_kind(type, frame);
  --depth_;
  return made;
}

Result<packr::PackageType> TypeExpander::expand_kind(const TypeExpr& type, const Frame& frame) {
  packr::PackageType made;
  switch (type.kind) {
    case TypeKind::Plain:
      made.tag = type.plain;
      return made;
    case TypeKind::Self:
      return value_of(frame.definition == nullptr ? "" : frame.definition->name.text);
    case TypeKind::Named:
      return expand_named(type, frame);
    case TypeKind::Result:
      return expand_result(type, frame);
    case TypeKind::Unit:
    case TypeKind::Tuple:
      made.tag = packr::TypeTag::Tuple;
      break;
    case TypeKind::List:
    case TypeKind::Set:
      made.tag = packr::TypeTag::List;
      break;
    case TypeKind::Option:
      made.tag = packr::TypeTag::Option;
      break;
    case TypeKind::Map: {
      packr::PackageType pair{packr::TypeTag::Tuple};
      TENON_TRY(pair.parts, expand_all(type.arguments, frame));
      made.tag = packr::TypeTag::List;
      made.parts.push_back(std::move(pair));
      return made;
    }
  }
  TENON_TRY(made.parts, expand_all(type.arguments, frame));
  return made;
}

Result<std::vector<packr::PackageType>> TypeExpander::expand_all(const std::vector<TypeExpr>& types,
                                                                 const Frame& frame) {
  std::vector<packr::PackageType> made;
  for (const TypeExpr& type : types) {
    TENON_TRY(packr::PackageType one, expand(type, frame));
    made.push_back(std::move(one));
  }
  return made;
}

Result<packr::PackageType> TypeExpander::expand_result(const TypeExpr& type, const Frame& frame) {
  packr::PackageType made{packr::TypeTag::Result};
  TENON_TRY(made.parts, expand_all(type.arguments, frame));
  if (type.arguments[0].kind == TypeKind::Unit) made.parts[0] = {packr::TypeTag::Bool};
  if (type.arguments[1].kind == TypeKind::Unit) made.parts[1] = {packr::TypeTag::String};
  return made;
}

// An argument that stands where the definition has its parameter.
Result<packr::PackageType> TypeExpander::copy(const packr::PackageType& type, const Frame& frame,
                                              TextSpan place) {
  TENON_TRY_VOID(spend(measure(type), frame, place));
  if (depth_ + depth_of(type) > limits::kNestingDepth + 1)
    return make_type_problem(
        frame.names.file(), place,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  return type;
}

Result<packr::PackageType> TypeExpander::expand_named(const TypeExpr& type, const Frame& frame) {
  if (frame.definition != nullptr) {
    const auto& parameters = frame.definition->parameters;
    const auto found = std::ranges::find(parameters, type.name, &Name::text);
    if (found != parameters.end())
      return copy((*frame.arguments)[static_cast<std::size_t>(found - parameters.begin())], frame,
                  type.place);
  }
  const Meaning meaning = frame.names.find(type.name);
  if (meaning.parameter != nullptr) return packr::PackageType{packr::TypeTag::Parameter, type.name};
  if (meaning.definition == nullptr || std::ranges::find(open_, meaning.definition) != open_.end())
    return value_of(type.name);
  TENON_TRY(const std::vector<packr::PackageType> arguments, expand_all(type.arguments, frame));
  open_.push_back(meaning.definition);
  Result<packr::PackageType> made =
      expand_definition(*meaning.definition, {*meaning.names, meaning.definition, &arguments});
  open_.pop_back();
  return made;
}

Result<packr::PackageType> TypeExpander::expand_definition(const Definition& definition,
                                                           const Frame& frame) {
  using Kind = Definition::Kind;
  if (definition.kind == Kind::Alias) return expand(definition.target, frame);
  packr::PackageType made;
  made.name = definition.name.text;
  made.tag = definition.kind == Kind::Record  ? packr::TypeTag::Record
             : definition.kind == Kind::Flags ? packr::TypeTag::Flags
                                              : packr::TypeTag::Variant;
  TENON_TRY_VOID(spend(made.name.size(), frame, definition.name.place));
  for (const Member& member : definition.members) {
    TENON_TRY_VOID(
        spend(sizeof(packr::PackageMember) + member.name.text.size(), frame, member.name.place));
    packr::PackageMember one{member.name.text, {}};
    TENON_TRY(one.types, expand_all(member.types, frame));
    made.members.push_back(std::move(one));
  }
  return made;
}

}  // namespace tenon::pact
