#include "packr/pact_package.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "packr/interface_hash.h"
#include "packr/pact_expansion.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/text_place.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using Functions = std::vector<PackageFunctionType>;

class PackageDescriber {
 public:
  explicit PackageDescriber(const PactModel& model) : model_(model) {}

  Result<void> add_block(const PactBlock& block, Functions& functions) {
    for (const PactFunction* function : functions_of(*block.scope))
      TENON_TRY_VOID(add(*function, block.names, block.full_name, functions));
    return {};
  }

  // All of the items, with every problem that they have.
  Result<void> add_items(const PactBlock& block, const std::vector<PactItem>& items,
                         Functions& functions) {
    Diagnostics problems;
    for (const PactItem& item : items)
      if (Result<void> added = add_item(block, item, functions); !added)
        for (Diagnostic& problem : added.error()) problems.push_back(std::move(problem));
    if (!problems.empty()) return problems;
    return {};
  }

  Result<void> add(const PactFunction& function, const PactNames& names, std::string interface,
                   Functions& functions) {
    TENON_TRY(PackageFunctionType made,
              expansion_.expand_function(function, names, std::move(interface)));
    functions.push_back(std::move(made));
    return {};
  }

 private:
  Result<void> add_item(const PactBlock& block, const PactItem& item, Functions& functions) {
    switch (item.kind) {
      case PactItem::Kind::Alias:
        return {};
      case PactItem::Kind::Function:
        return add(item.function, block.names, item.path.text, functions);
      case PactItem::Kind::Group:
        for (const PactFunction& function : item.functions)
          TENON_TRY_VOID(add(function, block.groups.at(&item), item.path.text, functions));
        return {};
      case PactItem::Kind::Interface:
      case PactItem::Kind::Member:
        break;
    }
    const PactBlock* const found = model_.find_interface(block, item.path.text);
    if (found == nullptr) return refuse_unknown(block, item.path);
    if (item.kind == PactItem::Kind::Interface) return add_block(*found, functions);
    std::vector<std::string> names;
    for (const PactFunction* function : functions_of(*found->scope)) {
      if (function->name.text == item.name.text)
        return add(*function, found->names, found->full_name, functions);
      names.push_back(function->name.text);
    }
    return make_pact_problem(*block.file, item.name.place,
                             fmt::format("{} has no function {}", quote_text(item.path.text),
                                         quote_text(item.name.text)),
                             did_you_mean(near_misses(item.name.text, names)));
  }

  static Diagnostic refuse_unknown(const PactBlock& block, const PactName& path) {
    return make_pact_problem(
        *block.file, path.place,
        fmt::format("nothing here says what functions {} has", quote_text(path.text)),
        fmt::format("list them: `{} {{ name: func(..); }}`", path.text));
  }

  const PactModel& model_;
  PactExpansion expansion_;
};

bool has_items(const PactScope& scope) {
  return !scope.functions.empty() || !scope.imports.empty() || !scope.exports.empty();
}

// The block that says what a package has; null: none does.
Result<const PactBlock*> choose_block(const PactModel& model, std::string_view world) {
  const std::vector<const PactBlock*> blocks = model.blocks();
  std::vector<const PactBlock*> worlds;
  std::vector<std::string> names;
  for (const PactBlock* block : blocks) {
    if (block->scope->kind != PactScope::Kind::World) continue;
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
    return make_pact_problem(
        model.file(), worlds[1]->scope->name.place,
        fmt::format("the text has {} worlds, and a package is of one", worlds.size()),
        fmt::format("`--world {}` names one", names[0]));
  if (worlds.size() == 1) return worlds[0];
  return has_items(model.file().root) ? blocks[0] : nullptr;
}

}  // namespace

Result<std::vector<PackageFunctionType>> describe_interfaces(const PactModel& model) {
  PackageDescriber describer(model);
  Functions functions;
  for (const PactBlock* block : model.blocks())
    if (block->scope->kind != PactScope::Kind::World)
      TENON_TRY_VOID(describer.add_block(*block, functions));
  return functions;
}

Result<PackageTypes> describe_package(const PactModel& model, std::string_view world) {
  TENON_TRY(const PactBlock* const chosen, choose_block(model, world));
  PackageTypes made;
  for (const PactTypeParameter& one : model.file().root.parameters)
    made.parameters.push_back({one.name.text, one.constraint});
  if (chosen == nullptr) {
    TENON_TRY(made.exports, describe_interfaces(model));
  } else {
    PackageDescriber describer(model);
    const PactScope& scope = *chosen->scope;
    for (const PactFunction& function : scope.functions)
      TENON_TRY_VOID(describer.add(function, chosen->names, "", made.exports));
    TENON_TRY_VOID(describer.add_items(*chosen, scope.imports, made.imports));
    TENON_TRY_VOID(describer.add_items(*chosen, scope.exports, made.exports));
    if (scope.kind == PactScope::Kind::World)
      for (const PactTypeParameter& one : scope.parameters)
        made.parameters.push_back({one.name.text, one.constraint});
  }
  made.import_hashes = hash_interfaces(made.imports);
  made.export_hashes = hash_interfaces(made.exports);
  return made;
}

}  // namespace tenon::packr
