#include "packr/metadata.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "packr/package_types.h"
#include "packr/wire_names.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

// Of the tags up to String, in their order.
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
    Metadata made;
    made.imports = make_functions(from.imports);
    made.exports = make_functions(from.exports);
    made.import_hashes = from.import_hashes;
    made.export_hashes = from.export_hashes;
    made.names = std::move(names_);
    return made;
  }

 private:
  std::vector<MetadataFunction> make_functions(const std::vector<PackageFunctionType>& from) {
    std::vector<MetadataFunction> functions;
    for (const PackageFunctionType& one : from)
      functions.push_back({one.interface, one.name, make_function(one)});
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
      case TypeShape::List: {
        const TypeId element = make_type(type.parts[0]);
        return types_.types.add({types::List{element, {}}});
      }
      case TypeShape::Option: {
        const TypeId inner = make_type(type.parts[0]);
        return types_.types.add({types::Option{inner}});
      }
      case TypeShape::Result: {
        types::ResultType made;
        made.ok = make_side(type.parts[0]);
        made.error = make_side(type.parts[1]);
        return types_.types.add({made});
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

  // Metadata does not say their labels: all of those are equal.
  TypeId make_flags(const PackageType& type) {
    if (type.members.empty() && any_flags_) return *any_flags_;
    types::Flags flags;
    for (const PackageMember& label : type.members)
      flags.labels.push_back(label_of_field(label.name));
    for (int bit = 0; type.members.empty() && bit < 64; ++bit)
      flags.labels.push_back(fmt::format("b{}", bit));
    const TypeId made = types_.types.add({std::move(flags)});
    if (type.members.empty()) any_flags_ = made;
    return made;
  }

  std::optional<TypeId> make_side(const PackageType& type) {
    return is_unit(type) ? std::optional<TypeId>() : make_type(type);
  }

  TypeId make_tuple(const std::vector<PackageType>& parts) {
    types::Tuple tuple;
    for (const PackageType& part : parts) tuple.types.push_back(make_type(part));
    return types_.types.add({std::move(tuple)});
  }

  // The type that others are within.
  [[nodiscard]] std::string within() const { return enclosing_.empty() ? "" : enclosing_.back(); }

  TypeId make_named(const PackageType& type) {
    enclosing_.push_back(type.name);
    types::Type made =
        type.tag == TypeTag::Record ? types::Type{make_record(type)} : make_variant(type);
    enclosing_.pop_back();
    const TypeId id = types_.types.add(std::move(made));
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
        std::ranges::all_of(type.members, [](const auto& one) { return one.types.empty(); });
    if (is_enum) {
      types::Enum plain;
      for (const PackageMember& one : type.members)
        plain.labels.push_back(label_of_field(one.name));
      return {std::move(plain)};
    }
    types::Variant variant;
    for (const PackageMember& one : type.members) {
      types::Case made{label_of_field(one.name), {}};
      if (!one.types.empty()) made.type = make_type(one.types[0]);
      variant.cases.push_back(std::move(made));
    }
    return {std::move(variant)};
  }

  types::Types& types_;
  std::unordered_map<TypeId, std::string> names_;
  std::vector<std::string> enclosing_;
  std::optional<TypeId> any_flags_;
};

}  // namespace

Metadata make_metadata(const PackageTypes& from, types::Types& types) {
  return MetadataMaker(types).make(from);
}

Result<Metadata> read_metadata(std::span<const std::uint8_t> bytes, types::Types& types) {
  TENON_TRY(const PackageTypes from, read_package_types(bytes));
  return make_metadata(from, types);
}

}  // namespace tenon::packr
