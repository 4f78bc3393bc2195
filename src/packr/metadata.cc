#include "packr/metadata.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "packr/guest_names.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

// For the tags up to String, in their order.
constexpr std::array kPrimitives = {
    Primitive::Bool, Primitive::U8,   Primitive::U16,   Primitive::U32, Primitive::U64,
    Primitive::S8,   Primitive::S16,  Primitive::S32,   Primitive::S64, Primitive::F32,
    Primitive::F64,  Primitive::Char, Primitive::String};

bool is_unit(const PackageType& type) {
  return type.tag == TypeTag::Unit || (type.tag == TypeTag::Tuple && type.parts.empty());
}

class MetadataMaker {
 public:
  explicit MetadataMaker(types::Types& types) : types_(types) {}

  Metadata make(const PackageTypes& from) {
    Metadata metadata;
    metadata.imports = make_functions(from.imports);
    metadata.exports = make_functions(from.exports);
    metadata.import_hashes = from.import_hashes;
    metadata.export_hashes = from.export_hashes;
    metadata.names = std::move(names_);
    return metadata;
  }

 private:
  std::vector<MetadataFunction> make_functions(const std::vector<PackageFunctionType>& from) {
    std::vector<MetadataFunction> functions;
    for (const PackageFunctionType& function : from)
      functions.push_back({function.interface, function.name, make_function(function)});
    return functions;
  }

  types::FunctionId make_function(const PackageFunctionType& from) {
    types::Function function;
    for (std::size_t i = 0; i < from.params.size(); ++i) {
      const std::string& name = from.params[i].name;
      function.params.push_back({name.empty() ? fmt::format("p{}", i) : label_of_field(name),
                                 make_type(from.params[i].type)});
    }
    if (from.results.size() == 1 && !is_unit(from.results[0]))
      function.result = make_type(from.results[0]);
    else if (from.results.size() > 1)
      function.result = make_tuple(from.results);
    return types_.functions.add(std::move(function));
  }

  TypeId make_type(const PackageType& type) {
    switch (shape_of(type.tag)) {
      case TypeShape::Primitive:
        return types_.primitive(kPrimitives[static_cast<std::size_t>(type.tag)]);
      case TypeShape::Flags:
        return make_flags(type);
      case TypeShape::List:
      case TypeShape::Set: {
        const TypeId element = make_type(type.parts[0]);
        return types_.types.add({types::List{element, {}, type.tag == TypeTag::Set}});
      }
      case TypeShape::Map: {
        const TypeId key = make_type(type.parts[0]);
        const TypeId value = make_type(type.parts[1]);
        return types_.types.add({types::Map{key, value}});
      }
      case TypeShape::Option: {
        const TypeId inner = make_type(type.parts[0]);
        return types_.types.add({types::Option{inner}});
      }
      case TypeShape::Result: {
        types::ResultType result;
        result.ok = make_side(type.parts[0]);
        result.error = make_side(type.parts[1]);
        return types_.types.add({result});
      }
      case TypeShape::Record:
      case TypeShape::Variant:
        return make_named(type);
      case TypeShape::Tuple:
        return make_tuple(type.parts);
      case TypeShape::Value:
        return types_.types.add({types::Dynamic{type.name.empty() ? within() : type.name, {}}});
      case TypeShape::Unit:
        return types_.types.add({types::Tuple{}});
      case TypeShape::Parameter:
        return types_.types.add({types::Dynamic{{}, type.name}});
    }
    return {};
  }

  // Metadata does not contain the labels of flags. All flags without labels are the same type.
  TypeId make_flags(const PackageType& type) {
    if (type.members.empty() && unlabeled_flags_) return *unlabeled_flags_;
    types::Flags flags;
    for (const PackageMember& label : type.members)
      flags.labels.push_back(label_of_field(label.name));
    for (int bit = 0; type.members.empty() && bit < 64; ++bit)
      flags.labels.push_back(fmt::format("b{}", bit));
    const TypeId id = types_.types.add({std::move(flags)});
    if (type.members.empty()) unlabeled_flags_ = id;
    return id;
  }

  std::optional<TypeId> make_side(const PackageType& type) {
    return is_unit(type) ? std::optional<TypeId>() : make_type(type);
  }

  TypeId make_tuple(const std::vector<PackageType>& parts) {
    types::Tuple tuple;
    for (const PackageType& part : parts) tuple.types.push_back(make_type(part));
    return types_.types.add({std::move(tuple)});
  }

  // The name of the enclosing type.
  [[nodiscard]] std::string within() const { return enclosing_.empty() ? "" : enclosing_.back(); }

  TypeId make_named(const PackageType& type) {
    enclosing_.push_back(type.name);
    types::Type named =
        type.tag == TypeTag::Record ? types::Type{make_record(type)} : make_variant(type);
    enclosing_.pop_back();
    const TypeId id = types_.types.add(std::move(named));
    if (!type.name.empty()) names_.emplace(id, type.name);
    return id;
  }

  types::Record make_record(const PackageType& type) {
    types::Record record;
    for (const PackageMember& field : type.members)
      record.fields.push_back({label_of_field(field.name), make_type(field.types[0])});
    return record;
  }

  types::Type make_variant(const PackageType& type) {
    const bool is_enum =
        !type.members.empty() &&
        std::ranges::all_of(type.members, [](const auto& member) { return member.types.empty(); });
    if (is_enum) {
      types::Enum plain;
      for (const PackageMember& member : type.members)
        plain.labels.push_back(label_of_field(member.name));
      return {std::move(plain)};
    }
    types::Variant variant;
    for (const PackageMember& member : type.members) {
      types::Case variant_case{label_of_field(member.name), {}};
      if (!member.types.empty()) variant_case.type = make_type(member.types[0]);
      variant.cases.push_back(std::move(variant_case));
    }
    return {std::move(variant)};
  }

  types::Types& types_;
  std::unordered_map<TypeId, std::string> names_;
  std::vector<std::string> enclosing_;
  std::optional<TypeId> unlabeled_flags_;
};

// The part of a type that WIT cannot express, for a message. The recursion is bounded, because
// types are created with a limited depth.
std::optional<std::string> find_inexpressible(const PackageType& type, std::string_view within) {
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
      if (auto part = find_inexpressible(carried, inner)) return part;
  for (const PackageType& part : type.parts)
    if (auto nested = find_inexpressible(part, inner)) return nested;
  return std::nullopt;
}

void check_functions(const std::vector<PackageFunctionType>& functions, Diagnostics& problems) {
  for (const PackageFunctionType& function : functions) {
    std::optional<std::string> inexpressible;
    for (const PackageParameter& param : function.params)
      if (!inexpressible) inexpressible = find_inexpressible(param.type, "");
    for (const PackageType& result : function.results)
      if (!inexpressible) inexpressible = find_inexpressible(result, "");
    if (!inexpressible) continue;
    const std::string name =
        function.interface.empty() ? function.name : function.interface + "." + function.name;
    problems.push_back(make_diagnostic(Code::PackType,
                                       "components cannot use {}: WIT has no type for {}",
                                       quote_text(name), *inexpressible));
  }
}

class FunctionDescriber {
 public:
  FunctionDescriber(const types::Types& types, const std::unordered_map<TypeId, std::string>& names)
      : types_(types), names_(names) {}

  Result<PackageFunctionType> describe(types::FunctionId id) {
    const types::Function& from = types_.functions[id];
    PackageFunctionType function;
    for (const types::Field& param : from.params) {
      TENON_TRY(PackageType type, describe(param.type));
      function.params.push_back({param.label, std::move(type)});
    }
    if (from.result) {
      TENON_TRY(PackageType type, describe(*from.result));
      function.results.push_back(std::move(type));
    }
    return function;
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
    Result<PackageType> type =
        std::visit([&](const auto& kind) { return make(kind); }, types_.types[id].kind);
    --depth_;
    if (type && names_.contains(id) && !type->members.empty()) type->name = names_.at(id);
    return type;
  }

  Result<PackageType> make(Primitive primitive) {
    const auto* const entry = std::ranges::find(kPrimitives, primitive);
    if (entry == kPrimitives.end()) return refuse("an error context");
    return PackageType{static_cast<TypeTag>(entry - kPrimitives.begin())};
  }
  Result<PackageType> make(const types::Record& record) {
    PackageType type{TypeTag::Record};
    for (const types::Field& field : record.fields)
      TENON_TRY_VOID(add_member(type, field.label, field.type));
    return type;
  }
  Result<PackageType> make(const types::Variant& variant) {
    PackageType type{TypeTag::Variant};
    for (const types::Case& variant_case : variant.cases)
      TENON_TRY_VOID(add_member(type, variant_case.label, variant_case.type));
    return type;
  }
  Result<PackageType> make(const types::Enum& plain) {
    return labelled(TypeTag::Variant, plain.labels);
  }
  Result<PackageType> make(const types::Flags& flags) {
    return labelled(TypeTag::Flags, flags.labels);
  }
  Result<PackageType> make(const types::List& list) {
    if (list.length) return refuse("a fixed-length list");
    return with_parts(list.is_set ? TypeTag::Set : TypeTag::List, {list.element});
  }
  Result<PackageType> make(const types::Map& map) {
    return with_parts(TypeTag::Map, {map.key, map.value});
  }
  Result<PackageType> make(const types::Tuple& tuple) {
    return with_parts(TypeTag::Tuple, tuple.types);
  }
  Result<PackageType> make(const types::Option& option) {
    return with_parts(TypeTag::Option, {option.type});
  }
  Result<PackageType> make(const types::ResultType& result) {
    PackageType type{TypeTag::Result};
    for (const std::optional<TypeId>& side : {result.ok, result.error}) {
      TENON_TRY(PackageType part,
                side ? describe(*side) : Result<PackageType>(PackageType{TypeTag::Tuple}));
      type.parts.push_back(std::move(part));
    }
    return type;
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
    PackageType type{tag};
    for (const std::string& label : labels) type.members.push_back({label, {}});
    return type;
  }

  Result<PackageType> with_parts(TypeTag tag, const std::vector<TypeId>& ids) {
    PackageType type{tag};
    for (const TypeId id : ids) {
      TENON_TRY(PackageType part, describe(id));
      type.parts.push_back(std::move(part));
    }
    return type;
  }

  const types::Types& types_;
  const std::unordered_map<TypeId, std::string>& names_;
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

}  // namespace

Metadata make_metadata(const PackageTypes& from, types::Types& types) {
  Metadata metadata = MetadataMaker(types).make(from);
  metadata.abi = from.abi;
  return metadata;
}

Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes, types::Types& types) {
  TENON_TRY(const PackageTypes from, read_package_types(bytes));
  Metadata metadata = make_metadata(from, types);
  metadata.version = version_of(bytes);
  return metadata;
}

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
  TENON_TRY(PackageFunctionType function, FunctionDescriber(types, names).describe(id));
  function.interface = std::move(interface);
  function.name = std::move(name);
  return function;
}

}  // namespace tenon::packr
