// Checks whether a component fits a world, or can replace another component.
#include <algorithm>
#include <iterator>

#include "binary/read_component.h"
#include "engine/code.h"
#include "engine/wat.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/difference.h"
#include "types/evaluate.h"
#include "types/fit_world.h"
#include "wit/read_wit.h"

namespace tenon {

namespace {

using Kind = types::WorldProblem::Kind;

// The names of the two sides in messages.
struct Sides {
  std::string component;  // a path
  std::string world;      // "world `shop`", or a path
  std::string offers;     // the provider of the component's imports: "shop offers"
  std::string demands;    // the user of its exports: "shop demands"
  // The WIT text of the world, if there is one, for positions of its items.
  const wit::WitPackage* package = nullptr;
  std::string world_path;  // "acme:tax/shop@1.2.0"
};

// Adds the position of the item in the world, or of the world if it does not have the item.
void add_position(Diagnostic& problem, const types::WorldProblem& world_problem,
                  const Sides& sides) {
  if (sides.package == nullptr) return;
  const bool is_import =
      world_problem.kind == Kind::ExtraImport || world_problem.kind == Kind::ImportDiffers;
  const std::string& name = is_import ? world_problem.matched : world_problem.name;
  const Location* where = sides.package->find_position(
      fmt::format("{}#{}:{}", sides.world_path, is_import ? "import" : "export", name));
  if (where == nullptr) where = sides.package->find_position(sides.world_path);
  if (where == nullptr) return;
  Note note;
  note.text = fmt::format("{} is written in {}:{}:{}", sides.world, where->file, where->line,
                          where->column);
  note.related = *where;
  problem.notes.push_back(std::move(note));
}

// Reads, validates and evaluates a component file.
Result<types::ComponentType> load(const std::string& path, types::Types& types) {
  const RealFiles files;
  TENON_TRY(const Bytes bytes, engine::read_component_file(files, path, NamedBy::User));
  TENON_TRY(const binary::Component component, binary::read_component(bytes));
  TENON_TRY_VOID(engine::validate_component(bytes));
  return types::evaluate_component(component, types);
}

Result<types::ComponentType> load_placed(const std::string& path, types::Types& types) {
  Result<types::ComponentType> loaded = load(path, types);
  if (loaded) return loaded;
  return place_problems(std::move(loaded).error(), path);
}

// If the world lacks an item because it is gated by a feature: adds that, and how to include it. item:
// a path as in engine::WitItem, or the name of an import.
bool explain_gate(Diagnostic& problem, const Sides& sides, const std::string& item) {
  if (sides.package == nullptr) return false;
  const engine::LeftOutItem* const gated =
      wit::find_gated_item(*sides.package, sides.world_path, item);
  if (gated == nullptr) return false;
  wit::explain_gate(problem, *gated, sides.package->set_by);
  return true;
}

std::vector<std::string> names_of(const std::vector<types::RootItem>& items) {
  std::vector<std::string> names;
  for (const types::RootItem& item : items) names.push_back(item.name);
  return names;
}

Diagnostic missing_item(const types::WorldProblem& world_problem, const Sides& sides,
                        const std::vector<types::RootItem>& others) {
  const bool is_import = world_problem.kind == Kind::ExtraImport;
  Diagnostic problem =
      is_import
          ? make_diagnostic(Code::TypeWorldMissing, "`{}` imports `{}`, which {} does not offer",
                            sides.component, world_problem.name, sides.world)
          : make_diagnostic(Code::TypeWorldMissing, "`{}` does not export `{}`, which {} requires",
                            sides.component, world_problem.name, sides.world);
  const std::vector<std::string> names = names_of(others);
  const auto near = near_misses(world_problem.name, std::span<const std::string>(names));
  if (is_import && explain_gate(problem, sides, world_problem.name)) return problem;
  if (!near.empty())
    problem.hints.push_back(did_you_mean(near));
  else
    problem.hints.push_back(
        is_import ? "build the component without that import, or add the import to the world"
                  : "export it, or remove it from the world");
  return problem;
}

Diagnostic differing_item(const types::WorldProblem& world_problem, const Sides& sides,
                          const types::Types& types) {
  const bool is_import = world_problem.kind == Kind::ImportDiffers;
  Diagnostic problem =
      make_diagnostic(Code::TypeMismatch, "`{}` {} `{}` with a type that does not match {}",
                      sides.component, is_import ? "imports" : "exports",
                      is_import ? world_problem.name : world_problem.matched, sides.world);
  const std::string own = is_import ? "component expects" : "component provides";
  bool is_gated = false;
  for (const types::Difference& difference : world_problem.differences) {
    Note note;
    note.text =
        fmt::format("{} at `{}`", types::describe_difference(difference.kind), difference.path());
    note.excerpt = is_import ? types::show_difference(types, difference, own, sides.offers)
                             : types::show_difference(types, difference, sides.demands, own);
    problem.notes.push_back(std::move(note));
    is_gated |=
        explain_gate(problem, sides,
                     fmt::format("{}#{}", is_import ? world_problem.matched : world_problem.name,
                                 difference.path()));
  }
  if (!is_gated) problem.hints.emplace_back("build both against the same version of the WIT");
  return problem;
}

Result<void> report(const std::vector<types::WorldProblem>& world_problems, const Sides& sides,
                    const types::Types& types, const types::ComponentType& world,
                    const types::ComponentType& component) {
  Diagnostics problems;
  for (const types::WorldProblem& world_problem : world_problems) {
    Diagnostic problem;
    switch (world_problem.kind) {
      case Kind::ExtraImport:
        problem = missing_item(world_problem, sides, world.imports);
        break;
      case Kind::MissingExport:
        problem = missing_item(world_problem, sides, component.exports);
        break;
      case Kind::ImportDiffers:
      case Kind::ExportDiffers:
        problem = differing_item(world_problem, sides, types);
        break;
      case Kind::ResourceSplit:
        problem = make_diagnostic(
            Code::TypeMismatch,
            "uses of a resource of `{}` refer to the same resource in only one of {} and `{}`",
            world_problem.name, sides.world, sides.component);
        problem.hints.emplace_back("build both against the same version of the WIT");
        break;
    }
    add_position(problem, world_problem, sides);
    problem.where.file = sides.component;
    problem.where.item = world_problem.name;
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace

Result<void> check_file(std::string_view path) {
  types::Types types;
  TENON_TRY([[maybe_unused]] const types::ComponentType type,
            load_placed(std::string(path), types));
  return {};
}

Result<void> check_world(std::string_view path, std::string_view wit_path, std::string_view world,
                         const WitFeatures& features) {
  types::Types types;
  const Result<types::ComponentType> loaded = load_placed(std::string(path), types);
  const Result<wit::WitPackage> read =
      wit::read_wit(RealFiles(), std::string(wit_path), NamedBy::User,
                    {.world = std::string(world), .features = features}, types);
  Diagnostics problems;
  if (!loaded) problems = loaded.error();
  if (!read)
    std::ranges::move(place_problems(read.error(), std::string(wit_path)),
                      std::back_inserter(problems));
  if (!problems.empty()) return problems;
  const types::ComponentType& component = *loaded;
  const wit::WitPackage& package = *read;
  TENON_TRY(const types::NamedWorld* const named_world, wit::find_world(package, {.name = world}));
  const Sides sides = {std::string(path), fmt::format("world `{}`", named_world->name),
                       "world offers",    "world requires",
                       &package,          named_world->name};
  return report(types::fit_world(types, named_world->type, component), sides, types,
                named_world->type, component);
}

Result<void> check_subtype(std::string_view path, std::string_view other) {
  types::Types types;
  const Result<types::ComponentType> loaded = load_placed(std::string(path), types);
  const Result<types::ComponentType> loaded_place = load_placed(std::string(other), types);
  if (!loaded || !loaded_place) {
    Diagnostics problems;
    if (!loaded) problems = loaded.error();
    if (!loaded_place) std::ranges::copy(loaded_place.error(), std::back_inserter(problems));
    return problems;
  }
  const types::ComponentType& component = *loaded;
  const types::ComponentType& place = *loaded_place;
  const Sides sides = {std::string(path),
                       fmt::format("`{}`", other),
                       "the other offers",
                       "the other requires",
                       nullptr,
                       {}};
  return report(types::fit_world(types, place, component), sides, types, place, component);
}

}  // namespace tenon
