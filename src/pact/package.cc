#include "pact/package.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "packr/interface_hash.h"
#include "packr/metadata.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/names.h"
#include "support/try.h"
#include "value/type_graph.h"

namespace tenon::pact {

namespace {

using packr::PackageFunctionType;
using packr::PackageMember;
using packr::PackageParameter;
using packr::PackageType;
using packr::PackageTypes;
using packr::TypeShape;
using packr::TypeTag;

using Functions = std::vector<PackageFunctionType>;

// A type written as any value: metadata cannot refer to a definition.
PackageType value_of(std::string name) { return {TypeTag::Value, std::move(name)}; }

// The bytes that a copy of the type takes.
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

// Writes types out: replaces each name by its definition, with type arguments filled in. Written
// out, a short text can grow exponentially, as in `record r1 { x: r0, y: r0 }`, so all types of a
// package share one budget of bytes, and copies count against it as well.
//
// Recursion cannot be written out. `self`, and the name of a definition inside of itself, become
// `value`. `_` is the empty tuple, but in metadata a result has a bool for it on the side ok and a
// string on the side err, as in packr. An enum becomes a variant. Flags keep their labels, although
// encoded metadata has no place for them.
//
// REQUIRES: `check_model` found no problem
class TypeExpander {
 public:
  enum class For : std::uint8_t { Metadata, Values };

  explicit TypeExpander(For purpose) : purpose_(purpose) {}

  // interface: the name that the result gets as its interface.
  Result<PackageFunctionType> expand_function(const FunctionDecl& function, const NameTable& names,
                                              std::string interface);
  // The type of a function's parameter or result.
  Result<PackageType> expand_type(const TypeExpr& type, const NameTable& names) {
    return expand(type, {names, nullptr, nullptr});
  }

 private:
  // The context of a type: the names it can use, and, inside of a definition, the definition with
  // its type arguments.
  struct Context {
    const NameTable& names;
    const Definition* definition;
    const std::vector<PackageType>* arguments;
  };

  Result<PackageType> expand(const TypeExpr& type, const Context& context);
  Result<PackageType> expand_kind(const TypeExpr& type, const Context& context);
  Result<PackageType> expand_named(const TypeExpr& type, const Context& context);
  Result<PackageType> expand_definition(const Definition& definition, const Context& context);
  Result<std::vector<PackageType>> expand_all(const std::vector<TypeExpr>& types,
                                              const Context& context);
  Result<PackageType> expand_result(const TypeExpr& type, const Context& context);
  Result<PackageType> copy(const PackageType& type, const Context& context, TextSpan span);
  Result<void> spend(std::uint64_t bytes, const Context& context, TextSpan span);

  For purpose_;
  std::vector<const Definition*> open_;  // enclosing definitions
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

Result<PackageFunctionType> TypeExpander::expand_function(const FunctionDecl& function,
                                                          const NameTable& names,
                                                          std::string interface) {
  const Context context{names, nullptr, nullptr};
  PackageFunctionType expanded{std::move(interface), function.name.text, {}, {}};
  for (const Parameter& param : function.params) {
    TENON_TRY(PackageType type, expand(param.type, context));
    expanded.params.push_back({param.name.text, std::move(type)});
  }
  TENON_TRY(expanded.results, expand_all(function.results, context));
  return expanded;
}

Result<void> TypeExpander::spend(std::uint64_t bytes, const Context& context, TextSpan span) {
  if (bytes > left_)
    return make_type_problem(
        context.names.file(), span,
        fmt::format("types take more than {} bytes when they are written out at every use",
                    limits::kPackageTypesBytes));
  left_ -= bytes;
  return {};
}

Result<PackageType> TypeExpander::expand(const TypeExpr& type, const Context& context) {
  if (depth_ > limits::kNestingDepth)
    return make_type_problem(
        context.names.file(), type.span,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  TENON_TRY_VOID(spend(sizeof(PackageType), context, type.span));
  ++depth_;
  Result<PackageType> expanded = expand_kind(type, context);
  --depth_;
  return expanded;
}

Result<PackageType> TypeExpander::expand_kind(const TypeExpr& type, const Context& context) {
  PackageType expanded;
  switch (type.kind) {
    case TypeKind::Plain:
      expanded.tag = type.tag;
      return expanded;
    case TypeKind::Self:
      return value_of(context.definition == nullptr ? "" : context.definition->name.text);
    case TypeKind::Named:
      return expand_named(type, context);
    case TypeKind::Result:
      return expand_result(type, context);
    case TypeKind::Unit:
    case TypeKind::Tuple:
      expanded.tag = TypeTag::Tuple;
      break;
    case TypeKind::List:
      expanded.tag = TypeTag::List;
      break;
    case TypeKind::Set:
      expanded.tag = TypeTag::Set;
      break;
    case TypeKind::Option:
      expanded.tag = TypeTag::Option;
      break;
    case TypeKind::Map:
      expanded.tag = TypeTag::Map;
      break;
  }
  TENON_TRY(expanded.parts, expand_all(type.arguments, context));
  return expanded;
}

Result<std::vector<PackageType>> TypeExpander::expand_all(const std::vector<TypeExpr>& types,
                                                          const Context& context) {
  std::vector<PackageType> expanded;
  for (const TypeExpr& type : types) {
    TENON_TRY(PackageType element, expand(type, context));
    expanded.push_back(std::move(element));
  }
  return expanded;
}

Result<PackageType> TypeExpander::expand_result(const TypeExpr& type, const Context& context) {
  PackageType expanded{TypeTag::Result};
  TENON_TRY(expanded.parts, expand_all(type.arguments, context));
  if (purpose_ == For::Values) return expanded;
  if (type.arguments[0].kind == TypeKind::Unit) expanded.parts[0] = {TypeTag::Bool};
  if (type.arguments[1].kind == TypeKind::Unit) expanded.parts[1] = {TypeTag::String};
  return expanded;
}

// A type argument, in place of the type parameter.
Result<PackageType> TypeExpander::copy(const PackageType& type, const Context& context,
                                       TextSpan span) {
  TENON_TRY_VOID(spend(measure(type), context, span));
  if (depth_ + depth_of(type) > limits::kNestingDepth + 1)
    return make_type_problem(
        context.names.file(), span,
        fmt::format("types nest deeper than {} when they are written out", limits::kNestingDepth));
  return type;
}

Result<PackageType> TypeExpander::expand_named(const TypeExpr& type, const Context& context) {
  if (context.definition != nullptr) {
    const auto& parameters = context.definition->parameters;
    const auto match = std::ranges::find(parameters, type.name, &Name::text);
    if (match != parameters.end())
      return copy((*context.arguments)[static_cast<std::size_t>(match - parameters.begin())],
                  context, type.span);
  }
  const Meaning meaning = context.names.find(type.name);
  if (meaning.parameter != nullptr) return PackageType{TypeTag::Parameter, type.name};
  if (meaning.definition == nullptr || std::ranges::find(open_, meaning.definition) != open_.end())
    return value_of(type.name);
  TENON_TRY(const std::vector<PackageType> arguments, expand_all(type.arguments, context));
  open_.push_back(meaning.definition);
  Result<PackageType> expanded =
      expand_definition(*meaning.definition, {*meaning.names, meaning.definition, &arguments});
  open_.pop_back();
  return expanded;
}

Result<PackageType> TypeExpander::expand_definition(const Definition& definition,
                                                    const Context& context) {
  using Kind = Definition::Kind;
  if (definition.kind == Kind::Alias) return expand(definition.target, context);
  PackageType expanded;
  expanded.name = definition.name.text;
  expanded.tag = definition.kind == Kind::Record  ? TypeTag::Record
                 : definition.kind == Kind::Flags ? TypeTag::Flags
                                                  : TypeTag::Variant;
  TENON_TRY_VOID(spend(expanded.name.size(), context, definition.name.span));
  for (const Member& member : definition.members) {
    TENON_TRY_VOID(
        spend(sizeof(PackageMember) + member.name.text.size(), context, member.name.span));
    PackageMember copied{member.name.text, {}};
    TENON_TRY(copied.types, expand_all(member.types, context));
    expanded.members.push_back(std::move(copied));
  }
  return expanded;
}

class PackageDescriber {
 public:
  explicit PackageDescriber(const Model& model) : model_(model) {}

  Result<void> add_block(const Block& block, Functions& functions) {
    for (const FunctionDecl* function : functions_of(*block.scope))
      TENON_TRY_VOID(add(*function, block.names, block.full_name, functions));
    return {};
  }

  // Adds the functions of all items. Collects the problems of every item.
  Result<void> add_items(const Block& block, const std::vector<Item>& items, Functions& functions) {
    Diagnostics problems;
    for (const Item& item : items)
      if (Result<void> added = add_item(block, item, functions); !added)
        for (Diagnostic& problem : added.error()) problems.push_back(std::move(problem));
    if (!problems.empty()) return problems;
    return {};
  }

  Result<void> add(const FunctionDecl& function, const NameTable& names, std::string interface,
                   Functions& functions) {
    TENON_TRY(PackageFunctionType type,
              expander_.expand_function(function, names, std::move(interface)));
    functions.push_back(std::move(type));
    return {};
  }

 private:
  Result<void> add_item(const Block& block, const Item& item, Functions& functions) {
    switch (item.kind) {
      case Item::Kind::Alias:
        return {};
      case Item::Kind::Function:
        return add(item.function, block.names, item.path.text, functions);
      case Item::Kind::Group:
        for (const FunctionDecl& function : item.functions)
          TENON_TRY_VOID(add(function, block.groups.at(&item), item.path.text, functions));
        return {};
      case Item::Kind::Interface:
      case Item::Kind::Member:
        break;
    }
    const Block* const interface = model_.find_interface(block, item.path.text);
    if (interface == nullptr) return report_unknown(block, item.path);
    if (item.kind == Item::Kind::Interface) return add_block(*interface, functions);
    std::vector<std::string> names;
    for (const FunctionDecl* function : functions_of(*interface->scope)) {
      if (function->name.text == item.name.text)
        return add(*function, interface->names, interface->full_name, functions);
      names.push_back(function->name.text);
    }
    Diagnostic problem =
        make_type_problem(*block.file, item.name.span,
                          fmt::format("{} has no function {}", quote_text(item.path.text),
                                      quote_text(item.name.text)),
                          did_you_mean(near_misses(item.name.text, names)));
    explain_gate(problem, *interface->file, item.name.text);
    return problem;
  }

  static Diagnostic report_unknown(const Block& block, const Name& path) {
    Diagnostic problem =
        make_type_problem(*block.file, path.span,
                          fmt::format("the functions of {} are not defined", quote_text(path.text)),
                          fmt::format("list them: `{} {{ name: func(..); }}`", path.text));
    explain_gate(problem, *block.file, path.text);
    return problem;
  }

  const Model& model_;
  TypeExpander expander_{TypeExpander::For::Metadata};
};

bool has_items(const Scope& scope) {
  return !scope.functions.empty() || !scope.imports.empty() || !scope.exports.empty();
}

// The block whose imports and exports are those of the package, or null if there is none.
Result<const Block*> choose_block(const Model& model, std::string_view world) {
  const std::vector<const Block*> blocks = model.blocks();
  std::vector<const Block*> worlds;
  std::vector<std::string> names;
  for (const Block* block : blocks) {
    if (block->scope->kind != Scope::Kind::World) continue;
    worlds.push_back(block);
    names.push_back(block->scope->name.text);
    if (!world.empty() && (block->scope->name.text == world || block->full_name == world))
      return block;
  }
  if (!world.empty()) {
    Diagnostic problem = make_diagnostic(Code::PackType, "unknown world {}", quote_text(world));
    problem.where.file = model.file().source.name;
    problem.hints.push_back(suggest_name(world, names, "worlds"));
    explain_gate(problem, model.file(), world);
    return problem;
  }
  if (worlds.size() > 1)
    return make_type_problem(
        model.file(), worlds[1]->scope->name.span,
        fmt::format("the text has {} worlds; a package implements one", worlds.size()),
        fmt::format("select one: `--world {}`", names[0]));
  if (worlds.size() == 1) return worlds[0];
  return has_items(model.file().root) ? blocks[0] : nullptr;
}

// A type is compared with this many earlier types of its name, the latest first. Hostile metadata
// could otherwise make the search quadratic.
constexpr std::size_t kCompared = 64;

// Turns the types of one block into definitions, and functions into declarations that use them.
class Definer {
 public:
  // parameters: the type parameters of the file; definitions cannot have their names.
  Definer(const std::vector<packr::TypeParameter>& parameters, std::vector<Definition>& definitions)
      : definitions_(definitions) {
    for (const packr::TypeParameter& parameter : parameters) taken_.insert(parameter.name);
  }

  FunctionDecl make_function(const PackageFunctionType& from) {
    FunctionDecl function;
    function.name.text = from.name;
    for (const PackageParameter& param : from.params) {
      Parameter& parameter = function.params.emplace_back();
      parameter.name.text = param.name;
      parameter.type = make_type(param.type);
    }
    function.results = make_types(from.results);
    return function;
  }

 private:
  struct DefinedType {
    std::string name;
    const PackageType* type;
  };

  std::vector<TypeExpr> make_types(const std::vector<PackageType>& types) {
    std::vector<TypeExpr> exprs;
    for (const PackageType& type : types) exprs.push_back(make_type(type));
    return exprs;
  }

  TypeExpr make_type(const PackageType& type) {
    TypeExpr expr;
    switch (packr::shape_of(type.tag)) {
      case TypeShape::Record:
      case TypeShape::Variant:
        return named(define(type));
      case TypeShape::Parameter:
        return named(type.name);
      case TypeShape::Flags:
        if (!type.members.empty()) return named(define(type));
        break;
      case TypeShape::List:
        expr.kind = TypeKind::List;
        break;
      case TypeShape::Set:
        expr.kind = TypeKind::Set;
        break;
      case TypeShape::Map:
        expr.kind = TypeKind::Map;
        break;
      case TypeShape::Option:
        expr.kind = TypeKind::Option;
        break;
      case TypeShape::Result:
        expr.kind = TypeKind::Result;
        break;
      case TypeShape::Tuple:
        expr.kind = TypeKind::Tuple;
        break;
      case TypeShape::Unit:
        expr.kind = TypeKind::Tuple;
        return expr;
      case TypeShape::Primitive:
      case TypeShape::Value:
        break;
    }
    if (expr.kind == TypeKind::Unit) {
      expr.kind = TypeKind::Plain;
      expr.tag = type.tag;
      return expr;
    }
    expr.arguments = make_types(type.parts);
    return expr;
  }

  static TypeExpr named(std::string name) { return {TypeKind::Named, {}, std::move(name)}; }

  // The name of the type's definition, which is added if there is none.
  std::string define(const PackageType& type) {
    const std::string base = type.name.empty() ? std::string("unnamed") : type.name;
    std::vector<DefinedType>& named = named_[base];
    for (std::size_t i = named.size(); i > 0 && named.size() - i < kCompared; --i)
      if (*named[i - 1].type == type) return named[i - 1].name;
    std::string name = base;
    for (std::size_t number = named.size() + 1; !taken_.insert(name).second; ++number)
      name = fmt::format("{}-{}", base, std::max<std::size_t>(number, 2));
    named.push_back({name, &type});
    Definition definition = make_definition(type);
    definition.name.text = name;
    definitions_.push_back(std::move(definition));
    return name;
  }

  Definition make_definition(const PackageType& type) {
    using Kind = Definition::Kind;
    Definition definition;
    const bool is_plain =
        !type.members.empty() && std::ranges::all_of(type.members, [](const PackageMember& member) {
          return member.types.empty();
        });
    definition.kind = type.tag == TypeTag::Record  ? Kind::Record
                      : type.tag == TypeTag::Flags ? Kind::Flags
                      : is_plain                   ? Kind::Enum
                                                   : Kind::Variant;
    for (const PackageMember& member : type.members) {
      Member& copied = definition.members.emplace_back();
      copied.name.text = member.name;
      copied.types = make_types(member.types);
    }
    return definition;
  }

  std::vector<Definition>& definitions_;
  std::set<std::string> taken_;
  std::map<std::string, std::vector<DefinedType>> named_;  // by name in the metadata
};

class ScopeBuilder {
 public:
  explicit ScopeBuilder(const PackageTypes& types)
      : types_(types), definer_(types.parameters, file_.definitions) {}

  Scope make() {
    for (const packr::TypeParameter& from : types_.parameters) {
      TypeParameter& parameter = file_.parameters.emplace_back();
      parameter.name.text = from.name;
      parameter.constraint = from.constraint;
    }
    add_items(types_.imports, file_.imports);
    add_items(types_.exports, file_.exports);
    return std::move(file_);
  }

 private:
  // Consecutive functions of one interface form a group. Bare functions share the definitions of
  // the file.
  void add_items(const std::vector<PackageFunctionType>& functions, std::vector<Item>& items) {
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
      Definer definer(types_.parameters, item.definitions);
      for (; i < functions.size() && functions[i].interface == interface; ++i)
        item.functions.push_back(definer.make_function(functions[i]));
    }
  }

  const PackageTypes& types_;
  Scope file_;
  Definer definer_;
};

}  // namespace

Result<std::vector<PackageFunctionType>> describe_interfaces(const Model& model) {
  PackageDescriber describer(model);
  Functions functions;
  for (const Block* block : model.blocks())
    if (block->scope->kind != Scope::Kind::World)
      TENON_TRY_VOID(describer.add_block(*block, functions));
  return functions;
}

Result<PackageTypes> describe_package(const Model& model, std::string_view world) {
  TENON_TRY(const Block* const block, choose_block(model, world));
  PackageTypes types;
  for (const TypeParameter& parameter : model.file().root.parameters)
    types.parameters.push_back({parameter.name.text, parameter.constraint});
  if (block == nullptr) {
    TENON_TRY(types.exports, describe_interfaces(model));
  } else {
    PackageDescriber describer(model);
    const Scope& scope = *block->scope;
    for (const FunctionDecl& function : scope.functions)
      TENON_TRY_VOID(describer.add(function, block->names, "", types.exports));
    TENON_TRY_VOID(describer.add_items(*block, scope.imports, types.imports));
    TENON_TRY_VOID(describer.add_items(*block, scope.exports, types.exports));
    if (scope.kind == Scope::Kind::World)
      for (const TypeParameter& parameter : scope.parameters)
        types.parameters.push_back({parameter.name.text, parameter.constraint});
  }
  types.import_hashes = packr::hash_interfaces(types.imports);
  types.export_hashes = packr::hash_interfaces(types.exports);
  return types;
}

Result<packr::ValueType> read_value_type(Source source) {
  TENON_TRY(const std::unique_ptr<const Model> model, Model::open_value_type(std::move(source)));
  const Block& block = *model->blocks().front();
  TENON_TRY(PackageType type,
            TypeExpander(TypeExpander::For::Values)
                .expand_type(block.scope->functions.front().params.front().type, block.names));
  // Metadata has types only in functions.
  PackageTypes package;
  package.exports.push_back({"", "value", {{"value", std::move(type)}}, {}});
  types::Types types;
  packr::Metadata metadata = packr::make_metadata(package, types);
  const types::TypeId id = types.functions[metadata.exports.front().type].params.front().type;
  value::TypeGraph graph{std::move(types), {.types = metadata.names, .resources = {}}};
  return packr::ValueType{
      value::make_type(std::make_shared<const value::TypeGraph>(std::move(graph)), id),
      std::move(metadata.names)};
}

Scope make_pact(const PackageTypes& types) { return ScopeBuilder(types).make(); }

}  // namespace tenon::pact
