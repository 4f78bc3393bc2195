#include "packr/component_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "types/print_type.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

// Why WIT cannot say a type; nothing if it can. Depth is bounded where the type was made.
std::optional<std::string> find_refusal(const PackageType& type, std::string_view within) {
  if (type.tag == TypeTag::Parameter)
    return fmt::format("the type parameter {}", quote_text(type.name));
  if (type.tag == TypeTag::Value) {
    if (!type.name.empty()) return fmt::format("{}, which contains itself", quote_text(type.name));
    if (within.empty()) return "`value`, a value of any type";
    return fmt::format("a value of any type in {}, which can be {} itself", quote_text(within),
                       quote_text(within));
  }
  const std::string_view inner = type.name.empty() ? within : std::string_view(type.name);
  for (const PackageMember& member : type.members)
    for (const PackageType& carried : member.types)
      if (auto found = find_refusal(carried, inner)) return found;
  for (const PackageType& part : type.parts)
    if (auto found = find_refusal(part, inner)) return found;
  return std::nullopt;
}

void check_functions(const std::vector<PackageFunctionType>& functions, Diagnostics& problems) {
  for (const PackageFunctionType& function : functions) {
    std::optional<std::string> found;
    for (const PackageParameter& param : function.params)
      if (!found) found = find_refusal(param.type, "");
    for (const PackageType& result : function.results)
      if (!found) found = find_refusal(result, "");
    if (!found) continue;
    const std::string name =
        function.interface.empty() ? function.name : function.interface + "." + function.name;
    problems.push_back(make_diagnostic(Code::PackType,
                                       "components cannot use {}: WIT has no type for {}",
                                       quote_text(name), *found));
  }
}

class FunctionDescriber {
 public:
  FunctionDescriber(const types::Types& types, const std::unordered_map<TypeId, std::string>& names)
      : types_(types), names_(names) {}

  Result<PackageFunctionType> describe(types::FunctionId id) {
    const types::Function& from = types_.functions[id];
    PackageFunctionType made;
    for (const types::Field& param : from.params) {
      TENON_TRY(PackageType type, describe(param.type));
      made.params.push_back({param.label, std::move(type)});
    }
    if (from.result) {
      TENON_TRY(PackageType type, describe(*from.result));
      made.results.push_back(std::move(type));
    }
    return made;
  }

 private:
  static Diagnostic refuse(std::string_view what) {
    return make_diagnostic(Code::PackType, "packr has no type for {}", what);
  }

  Result<PackageType> describe(TypeId id) {
    if (depth_ > limits::kNestingDepth)
      return refuse(fmt::format("types nested more than {} levels deep", limits::kNestingDepth));
    if (left_ < sizeof(PackageType))
      return refuse(fmt::format("types larger than {} bytes", limits::kPackageTypesBytes));
    left_ -= sizeof(PackageType);
    ++depth_;
    Result<PackageType> made =
        std::visit([&](const auto& kind) { return make(kind); }, types_.types[id].kind);
    --depth_;
    if (made && names_.contains(id) && !made->members.empty()) made->name = names_.at(id);
    return made;
  }

  Result<PackageType> make(Primitive primitive) {
    constexpr std::array kPrimitives = {
        std::pair{Primitive::Bool, TypeTag::Bool},    std::pair{Primitive::U8, TypeTag::U8},
        std::pair{Primitive::U16, TypeTag::U16},      std::pair{Primitive::U32, TypeTag::U32},
        std::pair{Primitive::U64, TypeTag::U64},      std::pair{Primitive::S8, TypeTag::S8},
        std::pair{Primitive::S16, TypeTag::S16},      std::pair{Primitive::S32, TypeTag::S32},
        std::pair{Primitive::S64, TypeTag::S64},      std::pair{Primitive::F32, TypeTag::F32},
        std::pair{Primitive::F64, TypeTag::F64},      std::pair{Primitive::Char, TypeTag::Char},
        std::pair{Primitive::String, TypeTag::String}};
    for (const auto& [own, tag] : kPrimitives)
      if (own == primitive) return PackageType{tag};
    return refuse("an error context");
  }
  Result<PackageType> make(const types::Record& record) {
    PackageType made{TypeTag::Record};
    for (const types::Field& field : record.fields)
      TENON_TRY_VOID(add_member(made, field.label, field.type));
    return made;
  }
  Result<PackageType> make(const types::Variant& variant) {
    PackageType made{TypeTag::Variant};
    for (const types::Case& one : variant.cases)
      TENON_TRY_VOID(add_member(made, one.label, one.type));
    return made;
  }
  Result<PackageType> make(const types::Enum& plain) {
    return labelled(TypeTag::Variant, plain.labels);
  }
  Result<PackageType> make(const types::Flags& flags) {
    return labelled(TypeTag::Flags, flags.labels);
  }
  Result<PackageType> make(const types::List& list) {
    if (list.length) return refuse("a fixed-length list");
    return with_parts(TypeTag::List, {list.element});
  }
  Result<PackageType> make(const types::Map& map) {
    PackageType made{TypeTag::List};
    TENON_TRY(PackageType pair, with_parts(TypeTag::Tuple, {map.key, map.value}));
    made.parts.push_back(std::move(pair));
    return made;
  }
  Result<PackageType> make(const types::Tuple& tuple) {
    return with_parts(TypeTag::Tuple, tuple.types);
  }
  Result<PackageType> make(const types::Option& option) {
    return with_parts(TypeTag::Option, {option.type});
  }
  Result<PackageType> make(const types::ResultType& result) {
    PackageType made{TypeTag::Result};
    for (const std::optional<TypeId>& side : {result.ok, result.error}) {
      TENON_TRY(PackageType part,
                side ? describe(*side) : Result<PackageType>(PackageType{TypeTag::Tuple}));
      made.parts.push_back(std::move(part));
    }
    return made;
  }
  Result<PackageType> make(const types::Dynamic& dynamic) {
    if (!dynamic.parameter.empty()) return PackageType{TypeTag::Parameter, dynamic.parameter};
    return PackageType{TypeTag::Value, dynamic.within};
  }
  Result<PackageType> make(const types::Own& /*own*/) { return refuse("a resource"); }
  Result<PackageType> make(const types::Borrow& /*borrow*/) { return refuse("a resource"); }
  Result<PackageType> make(const types::Stream& /*stream*/) { return refuse("a stream"); }
  Result<PackageType> make(const types::Future& /*future*/) { return refuse("a future"); }

  Result<void> add_member(PackageType& type, const std::string& label, std::optional<TypeId> id) {
    PackageMember& member = type.members.emplace_back();
    member.name = label;
    if (!id) return {};
    TENON_TRY(PackageType carried, describe(*id));
    type.members.back().types.push_back(std::move(carried));
    return {};
  }

  static PackageType labelled(TypeTag tag, const std::vector<std::string>& labels) {
    PackageType made{tag};
    for (const std::string& label : labels) made.members.push_back({label, {}});
    return made;
  }

  Result<PackageType> with_parts(TypeTag tag, const std::vector<TypeId>& ids) {
    PackageType made{tag};
    for (const TypeId id : ids) {
      TENON_TRY(PackageType part, describe(id));
      made.parts.push_back(std::move(part));
    }
    return made;
  }

  const types::Types& types_;
  const std::unordered_map<TypeId, std::string>& names_;
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

}  // namespace

Diagnostics check_component_types(const PackageTypes& from) {
  Diagnostics problems;
  check_functions(from.imports, problems);
  check_functions(from.exports, problems);
  return problems;
}

Result<PackageFunctionType> describe_function(const types::Types& types,
                                              const std::unordered_map<TypeId, std::string>& names,
                                              std::string interface, std::string name,
                                              types::FunctionId id) {
  TENON_TRY(PackageFunctionType made, FunctionDescriber(types, names).describe(id));
  made.interface = std::move(interface);
  made.name = std::move(name);
  return made;
}

}  // namespace tenon::packr
