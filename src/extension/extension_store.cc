// A store of extensions, as programs see it.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "extension/link.h"
#include "extension/needs.h"
#include "extension/policy.h"
#include "extension/store_state.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/glob.h"
#include "support/near_miss.h"
#include "support/sha256.h"
#include "support/try.h"
#include "tenon/extension.h"
#include "tenon/inspect.h"

namespace tenon {

namespace {

using extension::Index;

// "square", or "square@0.1.0".
struct AskedName {
  std::string_view name;
  std::string_view version;  // empty: the newest
};

AskedName split_name(std::string_view text) {
  const std::size_t mark = text.find('@');
  if (mark == text.npos) return {text, {}};
  return {text.substr(0, mark), text.substr(mark + 1)};
}

// By name or alias; the newest of several versions.
const Extension* find_name(const Index& index, std::string_view name) {
  if (const Extension* const found = index.find(name)) return found;
  for (const Extension& one : index.extensions)
    if (one.command && std::ranges::find(one.command->aliases, name) != one.command->aliases.end())
      return &one;
  return nullptr;
}

const Extension* find_called(const Index& index, std::string_view text) {
  const auto [name, version] = split_name(text);
  const Extension* const found = find_name(index, name);
  return found == nullptr || version.empty() ? found : index.find(found->name, version);
}

std::vector<const Extension*> versions_of(const Index& index, std::string_view name) {
  std::vector<const Extension*> versions;
  for (const Extension& one : index.extensions)
    if (one.name == name) versions.push_back(&one);
  return versions;
}

// All versions, or the one that is asked for.
std::vector<const Extension*> find_versions(const Index& index, std::string_view text) {
  const Extension* const found = find_called(index, text);
  if (found == nullptr) return {};
  if (!split_name(text).version.empty()) return {found};
  return versions_of(index, found->name);
}

std::string print_versions(const std::vector<const Extension*>& versions) {
  std::string text;
  for (const Extension* const one : versions)
    text += fmt::format("{}`{}@{}`", text.empty() ? "" : ", ", one->name, one->version);
  return text;
}

Diagnostic tell_none(const Index& index, std::string_view text) {
  Diagnostic problem = make_diagnostic(Code::ExtNone, "no extension is called `{}`", text);
  const auto [name, version] = split_name(text);
  if (const Extension* const other = find_name(index, name)) {
    problem.hints.push_back(
        fmt::format("installed: {}", print_versions(versions_of(index, other->name))));
    return problem;
  }
  std::vector<std::string> names;
  for (const Extension& one : index.extensions) {
    names.push_back(one.name);
    if (one.command)
      names.insert(names.end(), one.command->aliases.begin(), one.command->aliases.end());
  }
  problem.hints.push_back(names.empty() ? "none is installed: `tenon ext add SOURCE`"
                                        : suggest_name(name, names, "extensions"));
  return problem;
}

Result<void> check_folder(const std::string& grant, const std::string& folder) {
  std::error_code failed;
  if (std::filesystem::is_directory(folder, failed)) return {};
  Diagnostic problem = make_diagnostic(Code::ConfigValue,
                                       "there is no folder `{}`, which `{}` grants", folder, grant);
  problem.hints.emplace_back("make it first, or name another one");
  return problem;
}

Diagnostic tell_several(const std::vector<const Extension*>& versions) {
  Diagnostic problem = make_diagnostic(Code::ExtConflict, "`{}` is installed in {} versions",
                                       versions.front()->name, versions.size());
  problem.hints.push_back(fmt::format("name the one you mean: {}", print_versions(versions)));
  return problem;
}

Diagnostic tell_in_use(const Extension& one, const std::vector<extension::User>& users) {
  Diagnostic problem = make_diagnostic(Code::ExtInUse, "`{}` is needed", one.name);
  for (const extension::User& user : users)
    problem.notes.push_back(
        {fmt::format("`{}` needs its `{}`", user.consumer->name, user.interface), {}, {}});
  problem.hints.emplace_back("remove those too: `--cascade`");
  return problem;
}

}  // namespace

struct ExtensionStore::State : extension::StoreState {
  using StoreState::StoreState;
};

ExtensionStore::ExtensionStore(ExtensionOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
ExtensionStore::ExtensionStore(ExtensionStore&&) noexcept = default;
ExtensionStore& ExtensionStore::operator=(ExtensionStore&&) noexcept = default;
ExtensionStore::~ExtensionStore() = default;

Result<std::vector<Extension>> ExtensionStore::list() const {
  TENON_TRY(Index index, state_->read_index());
  return std::move(index.extensions);
}

Result<Extension> ExtensionStore::find(std::string_view name) const {
  TENON_TRY(const Index index, state_->read_index());
  const Extension* const found = find_called(index, name);
  if (found == nullptr) return tell_none(index, name);
  return *found;
}

Result<std::vector<ExtensionLibrary>> ExtensionStore::libraries(std::string_view pattern) const {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  TENON_TRY(const Index index, state_->read_index());
  std::vector<ExtensionLibrary> made;
  for (const Extension& one : index.extensions)
    for (const std::string& exported : one.exports) {
      if (extension::is_host_interface(exported)) continue;
      if (!matches_glob(pattern, exported) &&
          !matches_glob(pattern, extension::base_name(exported)))
        continue;
      ExtensionLibrary row;
      row.interface = exported;
      row.provider = one.name;
      row.version = one.version;
      if (policy.is_of_host(exported))
        row.why_not = "the program provides it to all";
      else if (!policy.allows(exported))
        row.why_not = "the policy does not allow it";
      else if (std::ranges::find(one.libraries, exported) == one.libraries.end())
        row.why_not = "the manifest does not offer it";
      for (const extension::User& user : users_of(index, one))
        if (extension::base_name(user.interface) == extension::base_name(exported))
          row.users.push_back(user.consumer->name);
      made.push_back(std::move(row));
    }
  std::ranges::sort(made, {}, [](const ExtensionLibrary& row) {
    return std::tie(row.interface, row.provider, row.version);
  });
  return made;
}

Result<std::vector<Extension>> ExtensionStore::load_order(std::string_view name) const {
  TENON_TRY(const Index index, state_->read_index());
  const Extension* const found = name.empty() ? nullptr : find_called(index, name);
  if (!name.empty() && found == nullptr) return tell_none(index, name);
  std::vector<Extension> made;
  for (const Extension* const one :
       found == nullptr ? extension::load_order(index) : extension::closure_of(index, *found))
    made.push_back(*one);
  return made;
}

Result<std::vector<AddedExtension>> ExtensionStore::add(
    const std::vector<ExtensionRequest>& requests, const AddOptions& options) {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  std::vector<ExtensionRequest> all = requests;
  if (all.empty() && options.locked) {
    TENON_TRY(all, state_->locked_requests());
  }
  TENON_TRY(std::vector<extension::Wanted> wanted, state_->read(all, policy, options));
  return state_->add(std::move(wanted), policy, options);
}

Result<std::vector<AddedExtension>> ExtensionStore::upgrade(const std::vector<std::string>& names,
                                                            const AddOptions& options) {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  TENON_TRY(const Index index, state_->read_index());
  Diagnostics problems;
  std::set<const Extension*> called;
  for (const std::string& name : names) {
    const std::vector<const Extension*> versions = find_versions(index, name);
    if (versions.empty()) problems.push_back(tell_none(index, name));
    called.insert(versions.begin(), versions.end());
  }
  if (!problems.empty()) return problems;
  std::vector<ExtensionRequest> requests;
  for (const Extension& one : index.extensions)
    if (one.link.empty() && (names.empty() || called.contains(&one)))
      requests.push_back({.source = one.asked, .name = one.name});
  AddOptions wishes = options;
  // What was taken once without a pin is taken again.
  wishes.unpinned = true;
  TENON_TRY(std::vector<extension::Wanted> wanted, state_->read(requests, policy, wishes));
  std::erase_if(wanted, [&](const extension::Wanted& one) {
    return !extension::is_newer(index, one.candidate.extension);
  });
  if (wanted.empty()) return std::vector<AddedExtension>();
  // Two tracks of one name may come from one place.
  for (auto one = wanted.begin(); one != wanted.end(); ++one)
    wanted.erase(std::remove_if(
                     std::next(one), wanted.end(),
                     [&](const extension::Wanted& other) {
                       return other.candidate.extension.name == one->candidate.extension.name &&
                              other.candidate.extension.version == one->candidate.extension.version;
                     }),
                 wanted.end());
  // A file that was built again may have its old version.
  wishes.replace = true;
  return state_->add(std::move(wanted), policy, wishes);
}

Result<std::vector<Extension>> ExtensionStore::remove(const std::vector<std::string>& names,
                                                      const RemoveOptions& options) {
  std::vector<Extension> removed;
  Index left;
  const auto take_out = [&](Index& index) -> Result<std::vector<extension::Blob>> {
    removed.clear();
    std::set<const Extension*> going;
    Diagnostics problems;
    for (const std::string& name : names) {
      const std::vector<const Extension*> versions = find_versions(index, name);
      if (versions.empty()) problems.push_back(tell_none(index, name));
      if (versions.size() > 1) problems.push_back(tell_several(versions));
      going.insert(versions.begin(), versions.end());
    }
    if (!problems.empty()) return problems;
    if (options.cascade) {
      const std::vector<const Extension*> affected =
          extension::affected_by(index, {going.begin(), going.end()});
      going.insert(affected.begin(), affected.end());
    }
    std::vector<Extension> kept;
    for (const Extension& one : index.extensions) {
      if (!going.contains(&one)) {
        kept.push_back(one);
        continue;
      }
      std::vector<extension::User> users = users_of(index, one);
      std::erase_if(users,
                    [&](const extension::User& user) { return going.contains(user.consumer); });
      if (!users.empty()) problems.push_back(tell_in_use(one, users));
      removed.push_back(one);
    }
    if (!problems.empty()) return problems;
    index.extensions = std::move(kept);
    left = index;
    return std::vector<extension::Blob>();
  };
  TENON_TRY_VOID(state_->change_index(take_out));
  if (options.purge)
    for (const Extension& one : removed)
      // All versions share the folder.
      if (left.find(one.name) == nullptr)
        TENON_TRY_VOID(extension::remove_private_folder(one.name, state_->options));
  return removed;
}

Result<void> ExtensionStore::grant(std::string_view name, const std::vector<std::string>& grants) {
  for (const std::string& grant : grants) {
    Grants read;
    TENON_TRY_VOID(extension::apply_grant(grant, name, state_->options, read));
    // Variables such as `$PROJECT` have no value until it runs.
    for (const Grants::Directory& directory : read.dirs)
      if (grant.find('$') == grant.npos) TENON_TRY_VOID(check_folder(grant, directory.host));
  }
  return state_->change_index([&](Index& index) -> Result<std::vector<extension::Blob>> {
    const std::vector<const Extension*> called = find_versions(index, name);
    if (called.empty()) return tell_none(index, name);
    for (Extension& one : index.extensions) {
      if (std::ranges::find(called, &one) == called.end()) continue;
      for (const std::string& grant : grants)
        if (std::ranges::find(one.grants, grant) == one.grants.end()) one.grants.push_back(grant);
    }
    return std::vector<extension::Blob>();
  });
}

Result<void> ExtensionStore::revoke(std::string_view name, const std::vector<std::string>& grants) {
  return state_->change_index([&](Index& index) -> Result<std::vector<extension::Blob>> {
    const std::vector<const Extension*> called = find_versions(index, name);
    if (called.empty()) return tell_none(index, name);
    std::vector<std::string> granted;
    for (const Extension* const one : called)
      granted.insert(granted.end(), one->grants.begin(), one->grants.end());
    Diagnostics problems;
    for (const std::string& grant : grants)
      if (std::ranges::find(granted, grant) == granted.end()) {
        problems.push_back(
            make_diagnostic(Code::ConfigValue, "`{}` is not granted `{}`", name, grant));
        problems.back().hints.push_back(granted.empty() ? "it is granted nothing"
                                                        : suggest_name(grant, granted, "grants"));
      }
    if (!problems.empty()) return problems;
    for (Extension& one : index.extensions) {
      if (std::ranges::find(called, &one) == called.end()) continue;
      std::erase_if(one.grants, [&](const std::string& had) {
        return std::ranges::find(grants, had) != grants.end();
      });
    }
    return std::vector<extension::Blob>();
  });
}

Result<void> ExtensionStore::check() const {
  TENON_TRY(const std::shared_ptr<void> held, state_->files.hold());
  TENON_TRY(Index index, state_->read_index());
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  Diagnostics problems;
  const auto add = [&](const Diagnostics& more) {
    for (const Diagnostic& one : more)
      if (std::ranges::find(problems, one.message, &Diagnostic::message) == problems.end())
        problems.push_back(one);
  };
  for (const Extension& one : index.extensions) {
    if (!one.link.empty()) continue;
    const Result<std::string> content = state_->files.read_component(one);
    if (!content) {
      add(content.error());
    } else if (sha256_hex(as_bytes(*content)) != one.digest) {
      Diagnostic problem =
          make_diagnostic(Code::ExtDigest, "the component of `{}` was changed", one.name);
      problem.where.file = state_->files.component_path(one);
      problem.hints.push_back(fmt::format("add it again: `tenon ext add {} --force`", one.source));
      problems.push_back(std::move(problem));
    }
  }
  add(extension::meet_needs(index, policy, extension::Preference::Locked));
  add(extension::find_cycles(index));
  if (!problems.empty()) return problems;
  for (const Extension& one : index.extensions) {
    Result<CompositionBuilder> builder = state_->make_builder(index, one);
    if (!builder) {
      add(builder.error());
    } else if (const Result<Plan> plan = builder->plan(); !plan) {
      add(plan.error());
    }
  }
  if (!problems.empty()) return problems;
  return {};
}

Result<std::string> ExtensionStore::print_wit(std::string_view name) const {
  TENON_TRY(const std::shared_ptr<void> held, state_->files.hold());
  TENON_TRY(const Extension found, find(name));
  return tenon::print_wit(state_->files.component_path(found));
}

Result<CompositionBuilder> ExtensionStore::link(std::string_view name) const {
  TENON_TRY(const std::shared_ptr<void> held, state_->files.hold());
  TENON_TRY(Index index, state_->read_index());
  const Extension* found = find_called(index, name);
  if (found == nullptr) return tell_none(index, name);
  TENON_TRY(found, state_->refresh_links(index, *found));
  if (Diagnostics problems = extension::find_ungranted(index, *found, state_->options);
      !problems.empty())
    return problems;
  TENON_TRY_VOID(extension::make_private_folders(index, *found, state_->options));
  return state_->make_builder(index, *found);
}

}  // namespace tenon
