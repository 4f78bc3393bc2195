#include "wac/target.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "binary/read_component.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/difference.h"
#include "types/evaluate.h"
#include "types/fit_world.h"
#include "types/substitute.h"

namespace tenon::wac {

namespace {

// A world of a binary WIT package. Nothing if the package does not have it, or is empty.
Result<std::optional<types::NamedWorld>> read_world(const std::vector<std::uint8_t>& wit,
                                                    const std::string& name, types::Types& types) {
  if (wit.empty()) return std::optional<types::NamedWorld>();
  TENON_TRY(const binary::Component component, binary::read_component(wit));
  TENON_TRY(const types::WitPackageTypes package, types::evaluate_wit_package(component, types));
  const types::NamedWorld* const world = package.find_world(name);
  if (world == nullptr) return std::optional<types::NamedWorld>();
  return std::optional(*world);
}

// The imports and exports that the written composition has. A resource that is the same for two units
// is one resource of the composition.
types::ComponentType composed_type(const resolve::LinkPlan& plan, types::Types& types) {
  types::ComponentType composed;
  for (const resolve::CompositionImport& import : plan.imports) {
    if (import.binding == resolve::CompositionImport::Binding::Trap) continue;
    types::RootItem& item = composed.imports.emplace_back();
    item.name = import.name;
    item.item = import.item;
  }
  types::ResourceReplacement::Resources classes;
  for (std::uint32_t i = 0; i < plan.resource_class->size(); ++i)
    if (const types::ResourceId id = (*plan.resource_class)[i]; id.index != i)
      classes.emplace(types::ResourceId{i}, id);
  types::ResourceReplacement replacement(types, std::move(classes));
  for (const resolve::CompositionExport& exported : plan.exports) {
    types::RootItem item = plan.units[exported.from.unit].type.exports[exported.from.index];
    item.name = exported.name;
    item.item = replacement.apply(item.item);
    composed.exports.push_back(std::move(item));
  }
  return composed;
}

struct Text {
  std::string message;
  std::string_view hint;
};

Text describe(const types::WorldProblem& problem, const std::string& world) {
  constexpr std::string_view kSameWit = "build both against the same version of the WIT";
  using Kind = types::WorldProblem::Kind;
  switch (problem.kind) {
    case Kind::ExtraImport:
      return {fmt::format("the composition imports `{}`, which the world `{}` does not offer",
                          problem.name, world),
              "pass it as an argument instead of leaving it to `...`"};
    case Kind::MissingExport:
      return {fmt::format("the composition does not export `{}`, which the world `{}` requires",
                          problem.name, world),
              "export it"};
    case Kind::ImportDiffers:
      return {fmt::format("the composition imports `{}` with a type that does not match that of "
                          "the world `{}`",
                          problem.name, world),
              kSameWit};
    case Kind::ResourceSplit:
      return {
          fmt::format("uses of a resource of `{}` refer to the same resource in only one of the "
                      "composition and the world `{}`",
                      problem.name, world),
          kSameWit};
    case Kind::ExportDiffers:
      break;
  }
  return {fmt::format("the composition exports `{}` with a type that does not match that of the "
                      "world `{}`",
                      problem.name, world),
          kSameWit};
}

}  // namespace

Result<std::shared_ptr<const Target>> find_target(const Document& document, const Wit& declared,
                                                  const Source& source, Packages& packages,
                                                  Diagnostics& notes) {
  const PackagePath& path = *document.targets;
  auto target = std::make_shared<Target>();
  Diagnostic placed = source.place({}, path.package.span);
  target->where = std::move(placed.where);
  target->excerpt = std::move(placed.excerpt);
  const bool is_declared = path.package.name == document.package.name;
  target->wit = declared;
  if (!is_declared) {
    TENON_TRY(const Wit* const found, packages.find_wit(path.package));
    target->wit = *found;
  }
  const wit::WitPackage& package = target->wit.package;
  types::Types types;
  TENON_TRY(const std::optional<types::NamedWorld> world,
            read_world(target->wit.binary, path.item, types));
  if (world) {
    target->world = world->name;
    if (!is_declared) notes = wit::make_notes(package, &*world);
    return std::shared_ptr<const Target>(std::move(target));
  }
  Diagnostic problem = make_diagnostic(Code::WacTarget, "there is no world `{}`", path.text());
  if (const engine::LeftOutItem* const gated = wit::find_gated(package, path.item))
    wit::explain_gate(problem, *gated, package.set_by);
  else
    problem.hints.emplace_back("name a world that the package has, or remove `targets`");
  return source.place(std::move(problem), path.package.span);
}

Result<void> check_target(const Target& target, const resolve::LinkPlan& plan) {
  types::Types types = *plan.types;
  TENON_TRY(const std::optional<types::NamedWorld> world,
            read_world(target.wit.binary, target.world, types));
  const wit::WitPackage& package = target.wit.package;
  const auto find_gated = [&](const std::string& item) {
    return wit::find_gated_item(package, target.world, item);
  };
  Diagnostics problems;
  for (const types::WorldProblem& found :
       types::fit_world(types, world->type, composed_type(plan, types))) {
    const Text text = describe(found, target.world);
    Diagnostic problem = make_diagnostic(Code::WacTarget, "{}", text.message);
    problem.where = target.where;
    problem.excerpt = target.excerpt;
    const bool is_import = found.kind == types::WorldProblem::Kind::ImportDiffers;
    const engine::LeftOutItem* gated = find_gated(found.name);
    for (const types::Difference& difference : found.differences) {
      if (gated == nullptr)
        gated = find_gated(
            fmt::format("{}#{}", is_import ? found.matched : found.name, difference.path()));
      problem.notes.push_back(
          {.text = fmt::format("{} at `{}`", types::describe_difference(difference.kind),
                               difference.path()),
           .excerpt = types::show_difference(types, difference,
                                             is_import ? "composition expects" : "world expects",
                                             is_import ? "world offers" : "composition provides"),
           .related = {}});
    }
    if (gated != nullptr)
      wit::explain_gate(problem, *gated, package.set_by);
    else
      problem.hints.emplace_back(text.hint);
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::wac
