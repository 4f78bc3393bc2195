#include "pact/from_package.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace tenon::pact {

namespace {

// Types of one name that a further one is compared with: the last of them.
constexpr std::size_t kCompared = 64;

// Types of one block become definitions of it.
class Definer {
 public:
  // parameters: of the file, whose names are taken.
  Definer(const std::vector<packr::TypeParameter>& parameters, std::vector<Definition>& definitions)
      : definitions_(definitions) {
    for (const packr::TypeParameter& parameter : parameters) taken_.insert(parameter.name);
  }

  FunctionDecl make_function(const packr::PackageFunctionType& from) {
    FunctionDecl made;
    made.name.text = from.name;
    for (const packr::PackageParameter& param : from.params) {
      Parameter& own = made.params.emplace_back();
      own.name.text = param.name;
      own.type = make_type(param.type);
    }
    made.results = make_types(from.results);
    return made;
  }

 private:
  struct Known {
    std::string name;
    const packr::PackageType* type;
  };

  std::vector<TypeExpr> make_types(const std::vector<packr::PackageType>& types) {
    std::vector<TypeExpr> made;
    for (const packr::PackageType& type : types) made.push_back(make_type(type));
    return made;
  }

  TypeExpr make_type(const packr::PackageType& type) {
    TypeExpr made;
    switch (packr::shape_of(type.tag)) {
      case packr::TypeShape::Record:
      case packr::TypeShape::Variant:
        return named(define(type));
      case packr::TypeShape::Parameter:
        return named(type.name);
      case packr::TypeShape::Flags:
        if (!type.members.empty()) return named(define(type));
        break;
      case packr::TypeShape::List:
        made.kind = TypeKind::List;
        break;
      case packr::TypeShape::Option:
        made.kind = TypeKind::Option;
        break;
      case packr::TypeShape::Result:
        made.kind = TypeKind::Result;
        break;
      case packr::TypeShape::Tuple:
        made.kind = TypeKind::Tuple;
        break;
      case packr::TypeShape::Unit:
        made.kind = TypeKind::Tuple;
        return made;
      case packr::TypeShape::Primitive:
      case packr::TypeShape::Value:
        break;
    }
    if (made.kind == TypeKind::Unit) {
      made.kind = TypeKind::Plain;
      made.plain = type.tag;
      return made;
    }
    made.arguments = make_types(type.parts);
    return made;
  }

  static TypeExpr named(std::string name) { return {TypeKind::Named, {}, std::move(name)}; }

  // The name of the type's definition, which is added if it is not there.
  std::string define(const packr::PackageType& type) {
    const std::string base = type.name.empty() ? std::string("unnamed") : type.name;
    std::vector<Known>& named = named_[base];
    for (std::size_t i = named.size(); i > 0 && named.size() - i < kCompared; --i)
      if (*named[i - 1].type == type) return named[i - 1].name;
    std::string name = base;
    for (std::size_t number = named.size() + 1; !taken_.insert(name).second; ++number)
      name = fmt::format("{}-{}", base, std::max<std::size_t>(number, 2));
    named.push_back({name, &type});
    Definition made = make_definition(type);
    made.name.text = name;
    definitions_.push_back(std::move(made));
    return name;
  }

  Definition make_definition(const packr::PackageType& type) {
    using Kind = Definition::Kind;
    Definition made;
    const bool is_plain = !type.members.empty() &&
                          std::ranges::all_of(type.members, [](const packr::PackageMember& member) {
                            return member.types.empty();
                          });
    made.kind = type.tag == packr::TypeTag::Record  ? Kind::Record
                : type.tag == packr::TypeTag::Flags ? Kind::Flags
                : is_plain                          ? Kind::Enum
                                                    : Kind::Variant;
    for (const packr::PackageMember& member : type.members) {
      Member& own = made.members.emplace_back();
      own.name.text = member.name;
      own.types = make_types(member.types);
    }
    return made;
  }

  std::vector<Definition>& definitions_;
  std::set<std::string> taken_;
  std::map<std::string, std::vector<Known>> named_;  // by the name that metadata has
};

class ScopeBuilder {
 public:
  explicit ScopeBuilder(const packr::PackageTypes& types)
      : types_(types), definer_(types.parameters, file_.definitions) {}

  Scope make() {
    for (const packr::TypeParameter& one : types_.parameters) {
      TypeParameter& own = file_.parameters.emplace_back();
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
  void add_items(const std::vector<packr::PackageFunctionType>& functions,
                 std::vector<Item>& items) {
    for (std::size_t i = 0; i < functions.size();) {
      const std::string& interface = functions[i].interface;
      Item& item = items.emplace_back();
      if (interface.empty()) {
        item.kind = Item::Kind::Function;
        item.function = definer_.make_function(functions[i++]);
        continue;
      }
      item.kind = Item::Kind::Group;
      item.path.text = interface;
      Definer own(types_.parameters, item.definitions);
      for (; i < functions.size() && functions[i].interface == interface; ++i)
        item.functions.push_back(own.make_function(functions[i]));
    }
  }

  const packr::PackageTypes& types_;
  Scope file_;
  Definer definer_;
};

}  // namespace

Scope make_pact(const packr::PackageTypes& types) { return ScopeBuilder(types).make(); }

}  // namespace tenon::pact
