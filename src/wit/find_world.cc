// Finds a world of a WIT package, and makes the notes on a package. Hints name the place where the user
// chooses a world or features (SetBy).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "wit/read_wit.h"

namespace tenon::wit {

namespace {

// A note lists this many items, and the number of the others.
constexpr std::size_t kShownItems = 8;

// "acme:tax/shop@1.2.0" -> "shop"
std::string_view own_world_name(std::string_view full) {
  const std::string_view name = full.substr(full.find('/') + 1);
  return name.substr(0, name.find('@'));
}

// The names of all worlds as a user writes them: those of other packages in full.
std::vector<std::string> world_names(const WitPackage& package) {
  std::vector<std::string> names;
  for (const types::NamedWorld& world : package.types.worlds)
    names.emplace_back(own_world_name(world.name));
  names.insert(names.end(), package.other_worlds.begin(), package.other_worlds.end());
  return names;
}

// The worlds that `name` probably means: those with a similar name or, if there are none, those of any
// package with the same name after the `/`.
std::vector<std::string> near_worlds(std::string_view name, const std::vector<std::string>& names) {
  std::vector<std::string> near;
  for (const std::string_view match : near_misses(name, std::span<const std::string>(names)))
    near.emplace_back(match);
  const std::string_view own = own_world_name(name);
  for (const std::string& candidate : names)
    if (near.empty() && own_world_name(candidate) == own) near.push_back(candidate);
  return near;
}

// The interface or world of an item: "acme:tax/lib@1.2.0" for "acme:tax/lib@1.2.0#rate".
std::string_view base_of(std::string_view path) { return path.substr(0, path.find('#')); }

// "acme:tax/lib@1.2.0" -> "@1.2.0"
std::string_view version_of(std::string_view name) {
  return name.substr(std::min(name.find('@'), name.size()));
}

// base: "acme:tax/lib@1.2.0", package: "acme:tax@1.2.0"
bool is_of_package(std::string_view base, std::string_view package) {
  return base.substr(0, base.find('/')) == package.substr(0, package.find('@')) &&
         version_of(base) == version_of(package);
}

// Whether `path` is that of a world or interface with this name: its own, or the full one with or
// without version.
bool is_named(std::string_view path, std::string_view name) {
  return base_of(path) == path &&
         (path == name || path.substr(0, path.find('@')) == name || own_world_name(path) == name);
}

Diagnostic make_keyword_note(const engine::KeywordName& name) {
  std::string written = name.spelled;
  std::erase(written, '%');
  Diagnostic note = make_diagnostic(
      Code::NoteKeywordName, "`{}` contains a keyword of WIT, and other tools reject it", written);
  note.where = name.where;
  note.hints.push_back(
      fmt::format("write `{}`: it is the same name, and all tools accept it", name.spelled));
  return note;
}

// A note with the feature that gates an item, and the position of the item.
Note describe_gate(const engine::LeftOutItem& item) {
  return {fmt::format("`{}` is gated by `{}` ({}:{}:{})", item.path, item.feature, item.where.file,
                      item.where.line, item.where.column),
          {},
          item.where};
}

Diagnostics make_notes_of(const std::string& file, SetBy set_by,
                          const std::vector<engine::KeywordName>& keyword_names,
                          const std::vector<const engine::LeftOutItem*>& left_out) {
  Diagnostics notes;
  for (const engine::KeywordName& name : keyword_names) notes.push_back(make_keyword_note(name));
  if (!left_out.empty()) notes.push_back(make_gated_note(file, set_by, left_out));
  return notes;
}

Diagnostic make_missing(const WitPackage& package, std::string_view name,
                        const std::vector<std::string>& names) {
  const std::string file = sanitize_text(package.file);
  if (names.empty()) return make_diagnostic(Code::WitWorldMissing, "`{}` has no world", file);
  if (!name.empty())
    return make_diagnostic(Code::WitWorldMissing, "`{}` has no world `{}`", file,
                           sanitize_text(name));
  if (package.types.worlds.empty())
    return make_diagnostic(Code::WitWorldMissing, "the package of `{}` has no world", file);
  return make_diagnostic(Code::WitWorldMissing, "`{}` has {} worlds: name one of them", file,
                         package.types.worlds.size());
}

}  // namespace

Diagnostic make_gated_note(const std::string& file, SetBy set_by,
                           const std::vector<const engine::LeftOutItem*>& items) {
  std::set<std::string> features;
  Diagnostic note;
  if (items.size() == 1)
    note = make_diagnostic(Code::NoteGatedItems, "an item of `{}` is left out: it is unstable",
                           sanitize_text(file));
  else
    note = make_diagnostic(Code::NoteGatedItems, "{} items of `{}` are left out: they are unstable",
                           items.size(), sanitize_text(file));
  note.where.file = file;
  for (const engine::LeftOutItem* const item : items) {
    features.insert(item->feature);
    if (note.notes.size() < kShownItems) note.notes.push_back(describe_gate(*item));
  }
  if (items.size() > kShownItems)
    note.notes.push_back({fmt::format("and {} more", items.size() - kShownItems), {}, {}});
  note.hints.push_back(
      fmt::format("include {}: {}", items.size() == 1 ? "it" : "them",
                  print_feature_choice(set_by, {features.begin(), features.end()})));
  return note;
}

void explain_gate(Diagnostic& problem, const engine::LeftOutItem& item, SetBy set_by) {
  problem.notes.push_back(describe_gate(item));
  problem.hints.push_back(
      fmt::format("enable its feature: {}", print_feature_choice(set_by, {item.feature})));
}

const engine::LeftOutItem* find_gated(const WitPackage& package, std::string_view name) {
  const auto gated = std::ranges::find_if(
      package.left_out, [&](const engine::LeftOutItem& item) { return is_named(item.path, name); });
  return gated == package.left_out.end() ? nullptr : &*gated;
}

const engine::LeftOutItem* find_gated_item(const WitPackage& package, std::string_view world,
                                           const std::string& item) {
  if (const engine::LeftOutItem* const gated = package.find_left_out(item)) return gated;
  return package.find_left_out(fmt::format("{}#import:{}", world, item));
}

Result<const types::NamedWorld*> find_world(const WitPackage& package,
                                            const WorldRequest& request) {
  const std::string_view name = request.name;
  const std::vector<types::NamedWorld>& worlds = package.types.worlds;
  if (name.empty() && worlds.size() == 1) return &worlds.front();
  if (!name.empty()) {
    if (const types::NamedWorld* world = package.types.find_world(name)) return world;
  }
  const std::vector<std::string> names = world_names(package);
  Diagnostic problem = make_missing(package, name, names);
  problem.where.file = package.file;
  problem.where.item = std::string(name);
  if (!names.empty())
    problem.notes.push_back({fmt::format("worlds: {}", fmt::join(names, ", ")), {}, {}});
  const engine::LeftOutItem* const gated = name.empty() ? nullptr : find_gated(package, name);
  const std::vector<std::string> near = near_worlds(name, names);
  if (gated != nullptr) {
    explain_gate(problem, *gated, package.set_by);
  } else if (!near.empty()) {
    problem.hints.push_back(did_you_mean(std::vector<std::string_view>(near.begin(), near.end())));
  } else if (names.empty()) {
    problem.hints.emplace_back("name a WIT file or folder that declares a world");
  } else {
    const std::string_view proposed =
        request.proposed.empty() ? names.front() : own_world_name(request.proposed);
    problem.hints.push_back(
        fmt::format("choose a world: {}", print_world_choice(package.set_by, proposed)));
  }
  return problem;
}

std::vector<const engine::LeftOutItem*> find_left_out(const WitPackage& package,
                                                      const types::NamedWorld* world) {
  std::set<std::string_view> used;
  const auto use = [&](const std::vector<types::RootItem>& items) {
    for (const types::RootItem& item : items) used.insert(item.name);
  };
  if (world != nullptr) {
    used.insert(world->name);
    use(world->type.imports);
    use(world->type.exports);
  } else {
    for (const types::NamedInterface& interface : package.types.interfaces) use(interface.imports);
  }
  std::vector<const engine::LeftOutItem*> left_out;
  for (const engine::LeftOutItem& item : package.left_out) {
    const std::string_view base = base_of(item.path);
    const bool is_own = world == nullptr && is_of_package(base, package.types.name);
    if (is_own || used.contains(base)) left_out.push_back(&item);
  }
  return left_out;
}

Diagnostics make_notes(const WitPackage& package, const types::NamedWorld* world) {
  return make_notes_of(package.file, package.set_by, package.keyword_names,
                       find_left_out(package, world));
}

Diagnostics make_notes(const std::string& file, const engine::EncodedWit& encoded) {
  std::vector<const engine::LeftOutItem*> left_out;
  for (const engine::LeftOutItem& item : encoded.left_out) left_out.push_back(&item);
  return make_notes_of(file, SetBy::Flags, encoded.keyword_names, left_out);
}

}  // namespace tenon::wit
