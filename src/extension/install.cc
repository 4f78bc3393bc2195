#include "extension/install.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "extension/link.h"
#include "extension/needs.h"
#include "support/diagnostics.h"
#include "support/semver.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

// 1.3.0-rc.1 is to be where 1.2.0 is: that it is a prerelease is no matter of compatibility here.
std::string place_of(const Extension& one) {
  Version version = version_of(one);
  version.prerelease.clear();
  return track_of(version);
}

bool is_one_place(const Extension& a, const Extension& b) {
  return a.name == b.name && place_of(a) == place_of(b);
}

Diagnostic tell_two(const Extension& a, const Extension& b) {
  Diagnostic problem = make_diagnostic(Code::ExtConflict, "`{}` is added twice", a.name);
  for (const Extension* const one : {&a, &b})
    problem.notes.push_back(
        {fmt::format("{} {} of {}", one->name, one->version, one->source), {}, {}});
  problem.hints.emplace_back("`--name NAME` gives one of them another name");
  return problem;
}

Diagnostic tell_there(const Extension& there, const Extension& found) {
  const bool is_older = compare_versions(version_of(found), version_of(there)) < 0;
  Diagnostic problem = make_diagnostic(
      Code::ExtConflict, "`{}` {} is installed{}", there.name, there.version,
      is_older ? fmt::format(", and {} is older", found.version) : ", with another component");
  problem.notes.push_back(
      {fmt::format("there: sha256 {} of {}", there.digest, there.source), {}, {}});
  problem.notes.push_back(
      {fmt::format("added: sha256 {} of {}", found.digest, found.source), {}, {}});
  problem.hints.emplace_back("`--force` puts it in its place; `--name NAME` gives it another name");
  return problem;
}

// Commands that people write: names, and aliases, of which there is one each.
Diagnostics find_command_clashes(const Index& index) {
  std::map<std::string, const Extension*> owners;
  for (const Extension& one : index.extensions) owners.emplace(one.name, &one);
  Diagnostics problems;
  for (const Extension& one : index.extensions) {
    if (!one.command) continue;
    for (const std::string& alias : one.command->aliases) {
      const auto [owner, is_new] = owners.emplace(alias, &one);
      if (is_new || owner->second->name == one.name) continue;
      Diagnostic problem =
          make_diagnostic(Code::ExtConflict, "`{}` and `{}` both want the command `{}`",
                          owner->second->name, one.name, alias);
      problem.hints.emplace_back("take the alias out of one of their manifests");
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

// By message: two that need the same broken thing tell it once.
void add_problems(const Diagnostics& found, Diagnostics& problems) {
  for (const Diagnostic& one : found)
    if (std::ranges::find(problems, one.message, &Diagnostic::message) == problems.end())
      problems.push_back(one);
}

class AdditionCheck final {
 public:
  AdditionCheck(Addition& addition, const StoreFiles& files, const ExtensionOptions& options)
      : addition_(addition), files_(files), options_(options) {
    for (const Blob& blob : addition.blobs) bytes_.emplace(blob.digest, blob.bytes);
  }

  Result<CompositionBuilder> builder_of(const Extension& root) const {
    return make_builder(addition_.index, root, options_,
                        [this](CompositionBuilder& builder, const std::string& unit,
                               const Extension& one) -> Result<void> {
                          const auto fresh = bytes_.find(one.digest);
                          if (fresh == bytes_.end())
                            return files_.add_component(builder, unit, one);
                          builder.add_component(unit, *fresh->second);
                          return {};
                        });
  }

  // Types of all edges of its closure.
  void check_types(const Extension& root, Diagnostics& problems) const {
    Result<CompositionBuilder> builder = builder_of(root);
    if (!builder) return add_problems(builder.error(), problems);
    if (const Result<Plan> plan = builder->plan(); !plan) add_problems(plan.error(), problems);
  }

  void compile(const Extension& root, Diagnostics& problems) const {
    Result<CompositionBuilder> builder = builder_of(root);
    if (!builder) return add_problems(builder.error(), problems);
    const Result<void> done = builder->prepare({.cache_dir = options_.cache_dir});
    if (!done) add_problems(done.error(), problems);
  }

 private:
  Addition& addition_;
  const StoreFiles& files_;
  const ExtensionOptions& options_;
  std::map<std::string, std::shared_ptr<const Bytes>> bytes_;
};

}  // namespace

bool is_newer(const Index& installed, const Extension& found) {
  return std::ranges::any_of(installed.extensions, [&](const Extension& one) {
    if (!is_one_place(one, found)) return false;
    const auto order = compare_versions(version_of(found), version_of(one));
    return order > 0 || (order == 0 && found.digest != one.digest);
  });
}

Result<Addition> put_together(Index installed, std::vector<Wanted> wanted,
                              const AddOptions& options, const std::string& now) {
  Addition made;
  made.index = std::move(installed);
  Diagnostics problems;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    Extension& one = wanted[k].candidate.extension;
    for (std::size_t before = 0; before < k; ++before)
      if (is_one_place(wanted[before].candidate.extension, one))
        problems.push_back(tell_two(wanted[before].candidate.extension, one));
    one.added = now;
    one.grants = wanted[k].grants;
    AddedExtension added{.extension = one};
    const auto there = std::ranges::find_if(
        made.index.extensions, [&](const Extension& other) { return is_one_place(other, one); });
    if (there != made.index.extensions.end()) {
      const auto order = compare_versions(version_of(one), version_of(*there));
      if (!options.replace && (order < 0 || (order == 0 && there->digest != one.digest)))
        problems.push_back(tell_there(*there, one));
      // What the user granted stays.
      for (const std::string& grant : there->grants)
        if (std::ranges::find(one.grants, grant) == one.grants.end()) one.grants.push_back(grant);
      added.replaced = there->version;
      added.was_there = order == 0 && there->digest == one.digest && there->link == one.link;
      made.index.extensions.erase(there);
    }
    made.blobs.push_back({one.digest, wanted[k].candidate.bytes});
    added.extension = one;
    made.added.push_back(std::move(added));
  }
  if (!problems.empty()) return problems;
  for (const AddedExtension& added : made.added) made.index.extensions.push_back(added.extension);
  made.index.sort();
  problems = find_command_clashes(made.index);
  if (!problems.empty()) return problems;
  return made;
}

Result<void> meet_addition(Addition& addition, const LibraryPolicy& policy) {
  Diagnostics problems = meet_needs(addition.index, policy, Preference::Locked, &addition.missing);
  add_problems(find_cycles(addition.index), problems);
  for (const AddedExtension& added : addition.added)
    add_problems(find_foreign(addition.index, added.extension, policy), problems);
  if (!problems.empty()) return problems;
  for (AddedExtension& added : addition.added)
    added.extension = *addition.index.find(added.extension.name, added.extension.version);
  return {};
}

Result<void> check_addition(Addition& addition, const StoreFiles& files,
                            const ExtensionOptions& options, const AddOptions& wishes) {
  Diagnostics problems;
  std::vector<const Extension*> changed;
  for (const AddedExtension& added : addition.added)
    changed.push_back(addition.index.find(added.extension.name, added.extension.version));
  const AdditionCheck check(addition, files, options);
  const std::vector<const Extension*> affected = affected_by(addition.index, changed);
  for (const Extension* const one : affected) check.check_types(*one, problems);
  if (!problems.empty()) return problems;
  if (wishes.compile && !wishes.dry_run && !options.cache_dir.empty())
    for (const Extension* const one : affected) check.compile(*one, problems);
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::extension
