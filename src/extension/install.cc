#include "extension/install.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "extension/link.h"
#include "extension/needs.h"
#include "support/diagnostics.h"
#include "support/semver.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

// The track of an extension, in which only one version is installed. A prerelease belongs to the
// track of its release: 1.3.0-rc.1 replaces 1.2.0.
std::string release_track(const Extension& extension) {
  Version version = version_of(extension);
  version.prerelease.clear();
  return track_of(version);
}

bool is_same_track(const Extension& a, const Extension& b) {
  return a.name == b.name && release_track(a) == release_track(b);
}

Diagnostic duplicate_problem(const Extension& a, const Extension& b) {
  Diagnostic problem =
      make_diagnostic(Code::ExtConflict, "`{}` is added twice in the same track", a.name);
  for (const Extension* const extension : {&a, &b})
    problem.notes.push_back(
        {fmt::format("{} {} from {}", extension->name, extension->version, extension->source),
         {},
         {}});
  problem.hints.emplace_back("give one of them another name: `--name NAME`");
  return problem;
}

Diagnostic installed_problem(const Extension& installed, const Extension& extension) {
  const bool is_older = compare_versions(version_of(extension), version_of(installed)) < 0;
  Diagnostic problem = make_diagnostic(
      Code::ExtConflict, "`{}` {} is already installed{}", installed.name, installed.version,
      is_older ? fmt::format(", and {} is older", extension.version) : " with another component");
  problem.notes.push_back(
      {fmt::format("installed: sha256 {} from {}", installed.digest, installed.source), {}, {}});
  problem.notes.push_back(
      {fmt::format("added:     sha256 {} from {}", extension.digest, extension.source), {}, {}});
  problem.hints.emplace_back(
      "replace it with `--force`, or choose another name with `--name NAME`");
  return problem;
}

// Names and aliases are both commands, so each must be unique.
Diagnostics find_command_clashes(const Index& index) {
  std::map<std::string, const Extension*> owners;
  for (const Extension& extension : index.extensions) owners.emplace(extension.name, &extension);
  Diagnostics problems;
  for (const Extension& extension : index.extensions) {
    if (!extension.command) continue;
    for (const std::string& alias : extension.command->aliases) {
      const auto [owner, is_new] = owners.emplace(alias, &extension);
      if (is_new || owner->second->name == extension.name) continue;
      Diagnostic problem =
          make_diagnostic(Code::ExtConflict, "`{}` and `{}` both define the command `{}`",
                          owner->second->name, extension.name, alias);
      problem.hints.emplace_back("remove the alias from one of the manifests");
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

// Appends problems whose message is new: several consumers of one broken extension report the same.
void add_problems(const Diagnostics& more, Diagnostics& problems) {
  for (const Diagnostic& problem : more)
    if (std::ranges::find(problems, problem.message, &Diagnostic::message) == problems.end())
      problems.push_back(problem);
}

// The extensions that were added, in the index.
std::vector<const Extension*> added_of(const Addition& addition) {
  std::vector<const Extension*> extensions;
  for (const AddedExtension& added : addition.added)
    extensions.push_back(addition.index.find(added.extension.name, added.extension.version));
  return extensions;
}

Diagnostics meet_all(Addition& addition, const LibraryPolicy& policy,
                     const NeedExceptions& exceptions) {
  Diagnostics problems =
      meet_needs(addition.index, policy, Preference::Locked, &addition.missing, exceptions);
  add_problems(find_cycles(addition.index, exceptions.unchanged), problems);
  add_problems(find_unprovided(addition.index, added_of(addition), policy), problems);
  return problems;
}

// The extensions whose edges the addition changes, without those that cannot be linked anyway.
std::vector<const Extension*> find_affected(const Addition& addition) {
  std::vector<const Extension*> affected = affected_by(addition.index, added_of(addition));
  if (addition.broken.empty()) return affected;
  std::erase_if(affected, [&](const Extension* extension) {
    return std::ranges::any_of(
        needed_by(addition.index, {extension}),
        [&](const Extension* needed) { return addition.broken.contains(key_of(*needed)); });
  });
  return affected;
}

// Builds compositions from the index of an addition, whose new components are not stored yet.
class AdditionCheck final {
 public:
  AdditionCheck(Addition& addition, const StoreFiles& files, const ExtensionOptions& options)
      : addition_(addition), files_(files), options_(options) {
    for (const Blob& blob : addition.blobs) bytes_.emplace(blob.digest, blob.bytes);
  }

  Result<CompositionBuilder> builder_of(const Extension& root) const {
    return make_builder(
        addition_.index, root, options_,
        [this](CompositionBuilder& builder, const std::string& unit, const Extension& extension,
               UnitOptions::Reading reading) -> Result<void> {
          const auto fresh = bytes_.find(extension.digest);
          if (fresh == bytes_.end()) return files_.add_component(builder, unit, extension, reading);
          builder.add_component(unit, *fresh->second);
          return {};
        });
  }

  // Checks the types of all edges in the closure.
  void check_types(const Extension& root, Diagnostics& problems) const {
    Result<CompositionBuilder> builder = builder_of(root);
    if (!builder) return add_problems(builder.error(), problems);
    if (const Result<Plan> plan = builder->plan(); !plan) add_problems(plan.error(), problems);
  }

  void compile(const Extension& root, const AddOptions& options, Diagnostics& problems) const {
    Result<CompositionBuilder> builder = builder_of(root);
    if (!builder) return add_problems(builder.error(), problems);
    // Each extension is a domain of its own, whose code does not depend on the others. Embedded, it
    // is one file, which starts faster than its modules by reference.
    const Result<void> compiled = builder->prepare({.cache_dir = options_.cache_dir,
                                                    .link_form = LinkForm::Embedded,
                                                    .on_compile = options.on_compile});
    if (!compiled) add_problems(compiled.error(), problems);
  }

 private:
  Addition& addition_;
  const StoreFiles& files_;
  const ExtensionOptions& options_;
  std::map<std::string, std::shared_ptr<const Bytes>> bytes_;
};

}  // namespace

bool is_newer(const Index& installed, const Extension& extension) {
  return std::ranges::any_of(installed.extensions, [&](const Extension& other) {
    if (!is_same_track(other, extension)) return false;
    const auto order = compare_versions(version_of(extension), version_of(other));
    return order > 0 || (order == 0 && extension.digest != other.digest);
  });
}

Result<Addition> make_addition(Index installed, std::vector<NewExtension> extensions,
                               const AddOptions& options, const std::string& now) {
  Addition addition;
  addition.installed = installed;
  addition.index = std::move(installed);
  Diagnostics problems;
  for (std::size_t k = 0; k < extensions.size(); ++k) {
    Extension& extension = extensions[k].package.extension;
    for (std::size_t before = 0; before < k; ++before)
      if (is_same_track(extensions[before].package.extension, extension))
        problems.push_back(duplicate_problem(extensions[before].package.extension, extension));
    extension.added = now;
    extension.grants = extensions[k].grants;
    AddedExtension added{.extension = extension};
    const auto replaced = std::ranges::find_if(
        addition.index.extensions,
        [&](const Extension& other) { return is_same_track(other, extension); });
    if (replaced != addition.index.extensions.end()) {
      const auto order = compare_versions(version_of(extension), version_of(*replaced));
      if (!options.replace && (order < 0 || (order == 0 && replaced->digest != extension.digest)))
        problems.push_back(installed_problem(*replaced, extension));
      // The grants of the user carry over.
      for (const std::string& grant : replaced->grants)
        if (std::ranges::find(extension.grants, grant) == extension.grants.end())
          extension.grants.push_back(grant);
      added.replaced = replaced->version;
      added.was_there =
          order == 0 && replaced->digest == extension.digest && replaced->link == extension.link;
      addition.index.extensions.erase(replaced);
    }
    addition.blobs.push_back({extension.digest, extensions[k].package.bytes});
    added.extension = extension;
    addition.added.push_back(std::move(added));
  }
  if (!problems.empty()) return problems;
  for (const AddedExtension& added : addition.added)
    addition.index.extensions.push_back(added.extension);
  addition.index.sort();
  problems = find_command_clashes(addition.index);
  if (!problems.empty()) return problems;
  return addition;
}

Result<void> meet_addition(Addition& addition, const LibraryPolicy& policy) {
  NeedExceptions exceptions;
  for (const AddedExtension& added : addition.added)
    exceptions.fresh.insert(key_of(added.extension));
  const Index unmet = addition.index;
  Diagnostics problems = meet_all(addition, policy, exceptions);
  if (!problems.empty()) {
    exceptions.unchanged = find_broken(addition.installed, policy);
    for (const auto& key : exceptions.fresh) exceptions.unchanged.erase(key);
    // Those that the added ones need must be met, and can need further ones.
    std::size_t needed = 0;
    do {
      addition.index = unmet;
      problems = meet_all(addition, policy, exceptions);
      needed = 0;
      for (const Extension* const extension : needed_by(addition.index, added_of(addition)))
        needed += exceptions.unchanged.erase(key_of(*extension));
    } while (needed != 0);
  }
  if (!problems.empty()) return problems;
  addition.broken = std::move(exceptions.unchanged);
  for (AddedExtension& added : addition.added)
    added.extension = *addition.index.find(added.extension.name, added.extension.version);
  return {};
}

Result<void> check_addition(Addition& addition, const StoreFiles& files,
                            const ExtensionOptions& store_options, const AddOptions& options) {
  Diagnostics problems;
  const AdditionCheck check(addition, files, store_options);
  const std::vector<const Extension*> affected = find_affected(addition);
  for (const Extension* const root : affected) check.check_types(*root, problems);
  if (!problems.empty()) return problems;
  if (options.compile && !options.dry_run && !store_options.cache_dir.empty())
    for (const Extension* const root : affected) check.compile(*root, options, problems);
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::extension
