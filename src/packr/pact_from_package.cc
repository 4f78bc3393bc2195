#include "packr/pact_from_package.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace tenon::packr {

namespace {

// Types of one name that a further one is compared with: the last of them.
constexpr std::size_t kCompared = 64;

// Types of one block become definitions of it.
class Definer {
 public:
  // parameters: of the file, whose names are taken.
  Definer(const std::vector<TypeParameter>& parameters, std::vector<PactDefinition>& definitions)
      : definitions_(definitions) {
    for (const TypeParameter& parameter : parameters) taken_.insert(parameter.name);
  }

  PactFunction make_function(const PackageFunctionType& from) {
    PactFunction made;
    made.name.text = from.name;
    for (const PackageParameter& param : from.params) {
      PactParameter& own = made.params.emplace_back();
      own.name.text = param.name;
      own.type = make_type(param.type);
    }
    made.results = make_types(from.results);
    return made;
  }

 private:
  struct Known {
    std::string name;
    const PackageType* type;
  };

  std::vector<PactType> make_types(const std::vector<PackageType>& types) {
    std::vector<PactType> made;
    for (const PackageType& type : types) made.push_back(make_type(type));
    return made;
  }

  PactType make_type(const PackageType& type) {
    PactType made;
    switch (shape_of(type.tag)) {
      case TypeShape::Record:
      case TypeShape::Variant:
        return named(define(type));
      case TypeShape::Parameter:
        return named(type.name);
      case TypeShape::Flags:
        if (!type.members.empty()) return named(define(type));
        break;
      case TypeShape::List:
        made.kind = PactKind::List;
        break;
      case TypeShape::Option:
        made.kind = PactKind::Option;
        break;
      case TypeShape::Result:
        made.kind = PactKind::Result;
        break;
      case TypeShape::Tuple:
        made.kind = PactKind::Tuple;
        break;
      case TypeShape::Unit:
        made.kind = PactKind::Tuple;
        return made;
      case TypeShape::Primitive:
      case TypeShape::Value:
        break;
    }
    if (made.kind == PactKind::Unit) {
      made.kind = PactKind::Plain;
      made.plain = type.tag;
      return made;
    }
    made.arguments = make_types(type.parts);
    return made;
  }

  static PactType named(std::string name) { return {PactKind::Named, {}, std::move(name)}; }

  // The name of the type's definition, which is added if it is not there.
  std::string define(const PackageType& type) {
    const std::string base = type.name.empty() ? std::string("unnamed") : type.name;
    std::vector<Known>& named = named_[base];
    for (std::size_t i = named.size(); i > 0 && named.size() - i < kCompared; --i)
      if (*named[i - 1].type == type) return named[i - 1].name;
    std::string name = base;
    for (std::size_t number = named.size() + 1; !taken_.insert(name).second; ++number)
      name = fmt::format("{}-{}", base, std::max<std::size_t>(number, 2));
    named.push_back({name, &type});
    PactDefinition made = make_definition(type);
    made.name.text = name;
    definitions_.push_back(std::move(made));
    return name;
  }

  PactDefinition make_definition(const PackageType& type) {
    using Kind = PactDefinition::Kind;
    PactDefinition made;
    const bool is_plain =
        !type.members.empty() && std::ranges::all_of(type.members, [](const PackageMember& member) {
          return member.types.empty();
        });
    made.kind = type.tag == TypeTag::Record  ? Kind::Record
                : type.tag == TypeTag::Flags ? Kind::Flags
                : is_plain                   ? Kind::Enum
                                             : Kind::Variant;
    for (const PackageMember& member : type.members) {
      PactMember& own = made.members.emplace_back();
      own.name.text = member.name;
      own.types = make_types(member.types);
    }
    return made;
  }

  std::vector<PactDefinition>& definitions_;
  std::set<std::string> taken_;
  std::map<std::string, std::vector<Known>> named_;  // by the name that metadata has
};

class PactMaker {
 public:
  explicit PactMaker(const PackageTypes& types)
      : types_(types), definer_(types.parameters, file_.definitions) {}

  PactScope make() {
    for (const TypeParameter& one : types_.parameters) {
      PactTypeParameter& own = file_.parameters.emplace_back();
      own.name.text = one.name;
      own.constraint = one.constraint;
    }
    add_items(types_.imports, file_.imports);
    add_items(types_.exports, file_.exports);
    return std::move(file_);
  }

 private:
  // Functions of one interface in a row are a group. Those by themselves share the file's
  // definitions.
  void add_items(const std::vector<PackageFunctionType>& functions, std::vector<PactItem>& items) {
    for (std::size_t i = 0; i < functions.size();) {
      const std::string& interface = functions[i].interface;
      PactItem& item = items.emplace_back();
      if (interface.empty()) {
        item.kind = PactItem::Kind::Function;
        item.function = definer_.make_function(functions[i++]);
        continue;
      }
      item.kind = PactItem::Kind::Group;
      item.path.text = interface;
      Definer own(types_.parameters, item.definitions);
      for (; i < functions.size() && functions[i].interface == interface; ++i)
        item.functions.push_back(own.make_function(functions[i]));
    }
  }

  const PackageTypes& types_;
  PactScope file_;
  Definer definer_;
};

}  // namespace

PactScope make_pact(const PackageTypes& types) { return PactMaker(types).make(); }

}  // namespace tenon::packr
