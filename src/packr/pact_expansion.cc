#include "packr/pact_expansion.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "support/try.h"

namespace tenon::packr {

namespace {

PackageType value_of(std::string name) { return {TypeTag::Value, std::move(name)}; }

// Bytes that a copy takes.
std::uint64_t measure(const PackageType& type) {
  std::uint64_t bytes = sizeof(PackageType) + type.name.size();
  for (const PackageMember& member : type.members) {
    bytes += sizeof(PackageMember) + member.name.size();
    for (const PackageType& carried : member.types) bytes += measure(carried);
  }
  for (const PackageType& part : type.parts) bytes += measure(part);
  return bytes;
}

std::uint32_t depth_of(const PackageType& type) {
  std::uint32_t deepest = 0;
  for (const PackageMember& member : type.members)
    for (const PackageType& carried : member.types) deepest = std::max(deepest, depth_of(carried));
  for (const PackageType& part : type.parts) deepest = std::max(deepest, depth_of(part));
  return deepest + 1;
}

}  // namespace

Result<PackageFunctionType> PactExpansion::expand_function(const PactFunction& function,
                                                           const PactNames& names,
                                                           std::string interface) {
  const Frame frame{names, nullptr, nullptr};
  PackageFunctionType made{std::move(interface), function.name.text, {}, {}};
  for (const PactParameter& param : function.params) {
    TENON_TRY(PackageType type, expand(param.type, frame));
    made.params.push_back({param.name.text, std::move(type)});
  }
  TENON_TRY(made.results, expand_all(function.results, frame));
  return made;
}

Result<void> PactExpansion::spend(std::uint64_t bytes, const Frame& frame, PactPlace place) {
  if (bytes > left_)
    return make_pact_problem(
        frame.names.file(), place,
        fmt::format("types take more than {} bytes when they are written out at every use",
                    limits::kPackageTypesBytes));
  left_ -= bytes;
  return {};
}

Result<PackageType> PactExpansion::expand(const PactType& type, const Frame& frame) {
  if (depth_ > limits::kNestingDepth)
    return make_pact_problem(
        frame.names.file(), type.place,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  TENON_TRY_VOID(spend(sizeof(PackageType), frame, type.place));
  ++depth_;
  Result<PackageType> made = expand_kind(type, frame);
  --depth_;
  return made;
}

Result<PackageType> PactExpansion::expand_kind(const PactType& type, const Frame& frame) {
  PackageType made;
  switch (type.kind) {
    case PactKind::Plain:
      made.tag = type.plain;
      return made;
    case PactKind::Self:
      return value_of(frame.definition == nullptr ? "" : frame.definition->name.text);
    case PactKind::Named:
      return expand_named(type, frame);
    case PactKind::Result:
      return expand_result(type, frame);
    case PactKind::Unit:
    case PactKind::Tuple:
      made.tag = TypeTag::Tuple;
      break;
    case PactKind::List:
    case PactKind::Set:
      made.tag = TypeTag::List;
      break;
    case PactKind::Option:
      made.tag = TypeTag::Option;
      break;
    case PactKind::Map: {
      PackageType pair{TypeTag::Tuple};
      TENON_TRY(pair.parts, expand_all(type.arguments, frame));
      made.tag = TypeTag::List;
      made.parts.push_back(std::move(pair));
      return made;
    }
  }
  TENON_TRY(made.parts, expand_all(type.arguments, frame));
  return made;
}

Result<std::vector<PackageType>> PactExpansion::expand_all(const std::vector<PactType>& types,
                                                           const Frame& frame) {
  std::vector<PackageType> made;
  for (const PactType& type : types) {
    TENON_TRY(PackageType one, expand(type, frame));
    made.push_back(std::move(one));
  }
  return made;
}

Result<PackageType> PactExpansion::expand_result(const PactType& type, const Frame& frame) {
  PackageType made{TypeTag::Result};
  TENON_TRY(made.parts, expand_all(type.arguments, frame));
  if (type.arguments[0].kind == PactKind::Unit) made.parts[0] = {TypeTag::Bool};
  if (type.arguments[1].kind == PactKind::Unit) made.parts[1] = {TypeTag::String};
  return made;
}

// An argument that stands where the definition has its parameter.
Result<PackageType> PactExpansion::copy(const PackageType& type, const Frame& frame,
                                        PactPlace place) {
  TENON_TRY_VOID(spend(measure(type), frame, place));
  if (depth_ + depth_of(type) > limits::kNestingDepth + 1)
    return make_pact_problem(
        frame.names.file(), place,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  return type;
}

Result<PackageType> PactExpansion::expand_named(const PactType& type, const Frame& frame) {
  if (frame.definition != nullptr) {
    const auto& parameters = frame.definition->parameters;
    const auto found = std::ranges::find(parameters, type.name, &PactName::text);
    if (found != parameters.end())
      return copy((*frame.arguments)[static_cast<std::size_t>(found - parameters.begin())], frame,
                  type.place);
  }
  const PactMeaning meaning = frame.names.find(type.name);
  if (meaning.parameter != nullptr) return PackageType{TypeTag::Parameter, type.name};
  if (meaning.definition == nullptr || std::ranges::find(open_, meaning.definition) != open_.end())
    return value_of(type.name);
  TENON_TRY(const std::vector<PackageType> arguments, expand_all(type.arguments, frame));
  open_.push_back(meaning.definition);
  Result<PackageType> made =
      expand_definition(*meaning.definition, {*meaning.names, meaning.definition, &arguments});
  open_.pop_back();
  return made;
}

Result<PackageType> PactExpansion::expand_definition(const PactDefinition& definition,
                                                     const Frame& frame) {
  using Kind = PactDefinition::Kind;
  if (definition.kind == Kind::Alias) return expand(definition.target, frame);
  PackageType made;
  made.name = definition.name.text;
  made.tag = definition.kind == Kind::Record  ? TypeTag::Record
             : definition.kind == Kind::Flags ? TypeTag::Flags
                                              : TypeTag::Variant;
  TENON_TRY_VOID(spend(made.name.size(), frame, definition.name.place));
  for (const PactMember& member : definition.members) {
    TENON_TRY_VOID(
        spend(sizeof(PackageMember) + member.name.text.size(), frame, member.name.place));
    PackageMember one{member.name.text, {}};
    TENON_TRY(one.types, expand_all(member.types, frame));
    made.members.push_back(std::move(one));
  }
  return made;
}

}  // namespace tenon::packr
