#include "pact/package.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "packr/interface_hash.h"
#include "pact/expansion.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/text_place.h"
#include "support/try.h"

namespace tenon::pact {

namespace {

using Functions = std::vector<packr::PackageFunctionType>;

class PackageDescriber {
 public:
  explicit PackageDescriber(const Model& model) : model_(model) {}

  Result<void> add_block(const Block& block, Functions& functions) {
    for (const FunctionDecl* function : functions_of(*block.scope))
      TENON_TRY_VOID(add(*function, block.names, block.full_name, functions));
    return {};
  }

  // All of the items, with every problem that they have.
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
    TENON_TRY(packr::PackageFunctionType made,
              expansion_.expand_function(function, names, std::move(interface)));
    functions.push_back(std::move(made));
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
    const Block* const found = model_.find_interface(block, item.path.text);
    if (found == nullptr) return refuse_unknown(block, item.path);
    if (item.kind == Item::Kind::Interface) return add_block(*found, functions);
    std::vector<std::string> names;
    for (const FunctionDecl* function : functions_of(*found->scope)) {
      if (function->name.text == item.name.text)
        return add(*function, found->names, found->full_name, functions);
      names.push_back(function->name.text);
    }
    return make_type_problem(*block.file, item.name.place,
                             fmt::format("{} has no function {}", quote_text(item.path.text),
                                         quote_text(item.name.text)),
                             did_you_mean(near_misses(item.name.text, names)));
  }

  static Diagnostic refuse_unknown(const Block& block, const Name& path) {
    return make_type_problem(
        *block.file, path.place,
        fmt::format("nothing here says what functions {} has", quote_text(path.text)),
        fmt::format("list them: `{} {{ name: func(..); }}`", path.text));
  }

  const Model& model_;
  TypeExpander expansion_;
};

bool has_items(const Scope& scope) {
  return !scope.functions.empty() || !scope.imports.empty() || !scope.exports.empty();
}

// The block that says what a package has; null: none does.
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
    Diagnostic problem =
        make_diagnostic(Code::PackType, "there is no world {} in the text", quote_text(world));
    problem.where.file = model.file().source.name;
    problem.hints.push_back(suggest_name(world, names, "worlds"));
    return problem;
  }
  if (worlds.size() > 1)
    return make_type_problem(
        model.file(), worlds[1]->scope->name.place,
        fmt::format("the text has {} worlds, and a package is of one", worlds.size()),
        fmt::format("`--world {}` names one", names[0]));
  if (worlds.size() == 1) return worlds[0];
  return has_items(model.file().root) ? blocks[0] : nullptr;
}

}  // namespace

Result<std::vector<packr::PackageFunctionType>> describe_interfaces(const Model& model) {
  PackageDescriber describer(model);
  Functions functions;
  for (const Block* block : model.blocks())
    if (block->scope->kind != Scope::Kind::World)
      TENON_TRY_VOID(describer.add_block(*block, functions));
  return functions;
}

Result<packr::PackageTypes> describe_package(const Model& model, std::string_view world) {
  TENON_TRY(const Block* const chosen, choose_block(model, world));
  packr::PackageTypes made;
  for (const TypeParameter& one : model.file().root.parameters)
    made.parameters.push_back({one.name.text, one.constraint});
  if (chosen == nullptr) {
    TENON_TRY(made.exports, describe_interfaces(model));
  } else {
    PackageDescriber describer(model);
    const Scope& scope = *chosen->scope;
    for (const FunctionDecl& function : scope.functions)
      TENON_TRY_VOID(describer.add(function, chosen->names, "", made.exports));
    TENON_TRY_VOID(describer.add_items(*chosen, scope.imports, made.imports));
    TENON_TRY_VOID(describer.add_items(*chosen, scope.exports, made.exports));
    if (scope.kind == Scope::Kind::World)
      for (const TypeParameter& one : scope.parameters)
        made.parameters.push_back({one.name.text, one.constraint});
  }
  made.import_hashes = packr::hash_interfaces(made.imports);
  made.export_hashes = packr::hash_interfaces(made.exports);
  return made;
}

}  // namespace tenon::pact
