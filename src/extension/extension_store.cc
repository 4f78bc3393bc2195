// ExtensionStore of include/tenon/extension.h.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>

#include "engine/sha256.h"
#include "extension/link.h"
#include "extension/needs.h"
#include "extension/policy.h"
#include "extension/store_state.h"
#include "registry/source.h"
#include "resolve/name_match.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/extension.h"
#include "tenon/inspect.h"

namespace tenon {

namespace {

using extension::Index;

// "square" or "square@0.1.0".
struct VersionedName {
  std::string_view name;
  std::string_view version;  // empty: the newest
};

VersionedName split_name(std::string_view text) {
  const std::size_t mark = text.find('@');
  if (mark == text.npos) return {text, {}};
  return {text.substr(0, mark), text.substr(mark + 1)};
}

// The newest extension with this name or alias, or null.
const Extension* find_name(const Index& index, std::string_view name) {
  if (const Extension* const named = index.find(name)) return named;
  for (const Extension& extension : index.extensions)
    if (extension.command &&
        std::ranges::find(extension.command->aliases, name) != extension.command->aliases.end())
      return &extension;
  return nullptr;
}

// The extension that the user refers to as `text`, or null.
const Extension* find_extension(const Index& index, std::string_view text) {
  const auto [name, version] = split_name(text);
  const Extension* const newest = find_name(index, name);
  return newest == nullptr || version.empty() ? newest : index.find(newest->name, version);
}

std::vector<const Extension*> versions_of(const Index& index, std::string_view name) {
  std::vector<const Extension*> versions;
  for (const Extension& extension : index.extensions)
    if (extension.name == name) versions.push_back(&extension);
  return versions;
}

// All versions of an extension, or only the one that `text` names.
std::vector<const Extension*> find_versions(const Index& index, std::string_view text) {
  const Extension* const extension = find_extension(index, text);
  if (extension == nullptr) return {};
  if (!split_name(text).version.empty()) return {extension};
  return versions_of(index, extension->name);
}

std::string print_versions(const std::vector<const Extension*>& versions) {
  std::string text;
  for (const Extension* const extension : versions)
    text += fmt::format("{}`{}@{}`", text.empty() ? "" : ", ", extension->name, extension->version);
  return text;
}

Diagnostic unknown_extension_problem(const Index& index, std::string_view text) {
  Diagnostic problem = make_diagnostic(Code::ExtNone, "unknown extension `{}`", text);
  const auto [name, version] = split_name(text);
  if (const Extension* const other = find_name(index, name)) {
    problem.hints.push_back(
        fmt::format("installed: {}", print_versions(versions_of(index, other->name))));
    return problem;
  }
  std::vector<std::string> names;
  for (const Extension& extension : index.extensions) {
    names.push_back(extension.name);
    if (extension.command)
      names.insert(names.end(), extension.command->aliases.begin(),
                   extension.command->aliases.end());
  }
  problem.hints.push_back(names.empty()
                              ? "no extension is installed; add one: `tenon ext add SOURCE`"
                              : suggest_name(name, names, "extensions"));
  return problem;
}

Result<void> check_folder(const std::string& grant, const std::string& folder) {
  std::error_code failed;
  if (std::filesystem::is_directory(folder, failed)) return {};
  Diagnostic problem = make_diagnostic(
      Code::ConfigValue, "folder `{}` of the grant `{}` does not exist", folder, grant);
  problem.hints.emplace_back("create it first, or choose another one");
  return problem;
}

bool is_url(std::string_view source) {
  const Result<registry::Source> parsed = registry::parse_source(source);
  return parsed && std::holds_alternative<registry::UrlSource>(*parsed);
}

Diagnostic pinned_note(const Extension& extension) {
  Diagnostic note =
      make_diagnostic(Code::ExtSource,
                      "`{}` is not upgraded, because `{}` was added with the digest of its content",
                      extension.name, extension.asked);
  note.severity = Severity::Note;
  note.hints.push_back(fmt::format(
      "if it has newer content: `tenon ext add {} --name {} --sha256 HEX --force`, with its digest",
      extension.asked, extension.name));
  return note;
}

Diagnostic several_versions_problem(const std::vector<const Extension*>& versions) {
  Diagnostic problem = make_diagnostic(Code::ExtConflict, "`{}` is installed in {} versions",
                                       versions.front()->name, versions.size());
  problem.hints.push_back(fmt::format("choose one: {}", print_versions(versions)));
  return problem;
}

Diagnostic in_use_problem(const Extension& extension,
                          const std::vector<extension::Dependent>& dependents) {
  Diagnostic problem =
      make_diagnostic(Code::ExtInUse, "`{}` is needed by other extensions", extension.name);
  for (const extension::Dependent& dependent : dependents)
    problem.notes.push_back(
        {fmt::format("`{}` needs its `{}`", dependent.consumer->name, dependent.interface),
         {},
         {}});
  problem.hints.emplace_back("remove them as well: `--cascade`");
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
  const Extension* const extension = find_extension(index, name);
  if (extension == nullptr) return unknown_extension_problem(index, name);
  return *extension;
}

Result<std::vector<ExtensionLibrary>> ExtensionStore::libraries(std::string_view pattern) const {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  TENON_TRY(const Index index, state_->read_index());
  std::vector<ExtensionLibrary> libraries;
  for (const Extension& provider : index.extensions)
    for (const std::string& exported : provider.exports) {
      if (extension::is_host_interface(exported)) continue;
      if (!matches_glob(pattern, exported) &&
          !matches_glob(pattern, extension::base_name(exported)))
        continue;
      ExtensionLibrary row;
      row.interface = exported;
      row.provider = provider.name;
      row.version = provider.version;
      if (policy.is_host_provided(exported))
        row.why_not = "the program provides it to all extensions";
      else if (!policy.allows(exported))
        row.why_not = "the policy does not allow it";
      else if (std::ranges::find(provider.libraries, exported) == provider.libraries.end())
        row.why_not = "the manifest does not offer it";
      for (const extension::Dependent& user : extension::dependents_of(index, provider))
        if (resolve::names_match(extension::read_interface_name(user.interface),
                                 extension::read_interface_name(exported)))
          row.users.push_back(user.consumer->name);
      libraries.push_back(std::move(row));
    }
  std::ranges::sort(libraries, {}, [](const ExtensionLibrary& row) {
    return std::tie(row.interface, row.provider, row.version);
  });
  return libraries;
}

Result<std::vector<Extension>> ExtensionStore::load_order(std::string_view name) const {
  TENON_TRY(const Index index, state_->read_index());
  const Extension* const root = name.empty() ? nullptr : find_extension(index, name);
  if (!name.empty() && root == nullptr) return unknown_extension_problem(index, name);
  std::vector<Extension> order;
  for (const Extension* const next :
       root == nullptr ? extension::load_order(index) : extension::closure_of(index, *root))
    order.push_back(*next);
  return order;
}

Result<std::vector<AddedExtension>> ExtensionStore::add(
    const std::vector<ExtensionRequest>& requests, const AddOptions& options) {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  std::vector<ExtensionRequest> all = requests;
  if (all.empty() && options.locked) {
    TENON_TRY(all, state_->locked_requests());
  }
  TENON_TRY(std::vector<extension::NewExtension> extensions, state_->read(all, policy, options));
  return state_->add(std::move(extensions), policy, options);
}

Result<std::vector<AddedExtension>> ExtensionStore::upgrade(const std::vector<std::string>& names,
                                                            const AddOptions& options) {
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  TENON_TRY(const Index index, state_->read_index());
  Diagnostics problems;
  std::set<const Extension*> named;
  for (const std::string& name : names) {
    const std::vector<const Extension*> versions = find_versions(index, name);
    if (versions.empty()) problems.push_back(unknown_extension_problem(index, name));
    named.insert(versions.begin(), versions.end());
  }
  if (!problems.empty()) return problems;
  std::vector<ExtensionRequest> requests;
  for (const Extension& extension : index.extensions) {
    if (!extension.link.empty() || (!names.empty() && !named.contains(&extension))) continue;
    // A source that was once accepted without a pin is accepted again.
    if (extension.unpinned || options.unpinned || !is_url(extension.asked))
      requests.push_back({.source = extension.asked, .name = extension.name});
    else if (options.on_note)
      options.on_note(pinned_note(extension));
  }
  AddOptions add_options = options;
  add_options.unpinned = true;
  TENON_TRY(std::vector<extension::NewExtension> extensions,
            state_->read(requests, policy, add_options));
  std::erase_if(extensions, [&](const extension::NewExtension& fetched) {
    return !extension::is_newer(index, fetched.package.extension);
  });
  if (extensions.empty()) return std::vector<AddedExtension>();
  // Two tracks of one extension can have the same source, which is then fetched twice.
  for (auto first = extensions.begin(); first != extensions.end(); ++first)
    extensions.erase(std::remove_if(std::next(first), extensions.end(),
                                    [&](const extension::NewExtension& other) {
                                      const Extension& a = first->package.extension;
                                      const Extension& b = other.package.extension;
                                      return a.name == b.name && a.version == b.version;
                                    }),
                     extensions.end());
  // A file that was built again can still have the same version.
  add_options.replace = true;
  return state_->add(std::move(extensions), policy, add_options);
}

Result<std::vector<Extension>> ExtensionStore::remove(const std::vector<std::string>& names,
                                                      const RemoveOptions& options) {
  std::vector<Extension> removed;
  Index remaining;
  const auto change = [&](Index& index) -> Result<std::vector<extension::Blob>> {
    removed.clear();
    std::set<const Extension*> to_remove;
    Diagnostics problems;
    for (const std::string& name : names) {
      const std::vector<const Extension*> versions = find_versions(index, name);
      if (versions.empty()) problems.push_back(unknown_extension_problem(index, name));
      if (versions.size() > 1) problems.push_back(several_versions_problem(versions));
      to_remove.insert(versions.begin(), versions.end());
    }
    if (!problems.empty()) return problems;
    if (options.cascade) {
      const std::vector<const Extension*> affected =
          extension::affected_by(index, {to_remove.begin(), to_remove.end()});
      to_remove.insert(affected.begin(), affected.end());
    }
    std::vector<Extension> kept;
    for (const Extension& extension : index.extensions) {
      if (!to_remove.contains(&extension)) {
        kept.push_back(extension);
        continue;
      }
      std::vector<extension::Dependent> dependents = extension::dependents_of(index, extension);
      std::erase_if(dependents, [&](const extension::Dependent& dependent) {
        return to_remove.contains(dependent.consumer);
      });
      if (!dependents.empty()) problems.push_back(in_use_problem(extension, dependents));
      removed.push_back(extension);
    }
    if (!problems.empty()) return problems;
    index.extensions = std::move(kept);
    remaining = index;
    return std::vector<extension::Blob>();
  };
  TENON_TRY_VOID(state_->change_index(change));
  if (options.purge)
    for (const Extension& extension : removed)
      // All versions of an extension share the folder.
      if (remaining.find(extension.name) == nullptr)
        TENON_TRY_VOID(extension::remove_private_folder(extension.name, state_->options));
  return removed;
}

Result<void> ExtensionStore::grant(std::string_view name, const std::vector<std::string>& grants) {
  for (const std::string& grant : grants) {
    Grants parsed;
    TENON_TRY_VOID(extension::apply_grant(grant, name, state_->options, parsed));
    // A variable such as `$PROJECT` has no value before the extension runs.
    for (const Grants::Directory& directory : parsed.dirs)
      if (grant.find('$') == grant.npos) TENON_TRY_VOID(check_folder(grant, directory.host));
  }
  return state_->change_index([&](Index& index) -> Result<std::vector<extension::Blob>> {
    const std::vector<const Extension*> named = find_versions(index, name);
    if (named.empty()) return unknown_extension_problem(index, name);
    for (Extension& extension : index.extensions) {
      if (std::ranges::find(named, &extension) == named.end()) continue;
      for (const std::string& grant : grants)
        if (std::ranges::find(extension.grants, grant) == extension.grants.end())
          extension.grants.push_back(grant);
    }
    return std::vector<extension::Blob>();
  });
}

Result<void> ExtensionStore::revoke(std::string_view name, const std::vector<std::string>& grants) {
  return state_->change_index([&](Index& index) -> Result<std::vector<extension::Blob>> {
    const std::vector<const Extension*> named = find_versions(index, name);
    if (named.empty()) return unknown_extension_problem(index, name);
    std::vector<std::string> granted;
    for (const Extension* const extension : named)
      granted.insert(granted.end(), extension->grants.begin(), extension->grants.end());
    Diagnostics problems;
    for (const std::string& grant : grants)
      if (std::ranges::find(granted, grant) == granted.end()) {
        problems.push_back(
            make_diagnostic(Code::ConfigValue, "`{}` does not have the grant `{}`", name, grant));
        problems.back().hints.push_back(granted.empty() ? "it has no grants"
                                                        : suggest_name(grant, granted, "grants"));
      }
    if (!problems.empty()) return problems;
    for (Extension& extension : index.extensions) {
      if (std::ranges::find(named, &extension) == named.end()) continue;
      std::erase_if(extension.grants, [&](const std::string& grant) {
        return std::ranges::find(grants, grant) != grants.end();
      });
    }
    return std::vector<extension::Blob>();
  });
}

Result<void> ExtensionStore::check(const CheckOptions& options) const {
  TENON_TRY(const std::shared_ptr<void> lock, state_->files.lock_shared());
  TENON_TRY(Index index, state_->read_index());
  TENON_TRY(const extension::LibraryPolicy policy, state_->policy());
  TENON_TRY(const extension::SignaturePolicy signatures, state_->signature_policy());
  Diagnostics problems;
  const auto add = [&](const Diagnostics& more) {
    for (const Diagnostic& problem : more)
      if (std::ranges::find(problems, problem.message, &Diagnostic::message) == problems.end())
        problems.push_back(problem);
  };
  for (const Extension& extension : index.extensions) {
    if (!extension.link.empty()) continue;
    const Result<std::string> content = state_->files.read_component(extension);
    if (!content) {
      add(content.error());
    } else if (engine::sha256_hex(as_bytes(*content)) != extension.digest) {
      problems.push_back(state_->files.modified_problem(extension));
    }
    if (const auto checked = state_->fetcher.check_signature(extension, signatures, options);
        !checked)
      add(checked.error());
  }
  add(extension::meet_needs(index, policy, extension::Preference::Locked));
  add(extension::find_cycles(index));
  if (!problems.empty()) return problems;
  for (const Extension& extension : index.extensions) {
    Result<CompositionBuilder> builder = state_->make_builder(index, extension);
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
  TENON_TRY(const std::shared_ptr<void> lock, state_->files.lock_shared());
  TENON_TRY(const Extension extension, find(name));
  return tenon::print_wit(state_->files.component_path(extension));
}

Result<CompositionBuilder> ExtensionStore::link(std::string_view name) const {
  TENON_TRY(const std::shared_ptr<void> lock, state_->files.lock_shared());
  TENON_TRY(Index index, state_->read_index());
  const Extension* root = find_extension(index, name);
  if (root == nullptr) return unknown_extension_problem(index, name);
  TENON_TRY(root, state_->reread_closure(index, *root));
  TENON_TRY_VOID(state_->apply_policy(index, *root));
  if (Diagnostics problems = extension::find_ungranted(index, *root, state_->options);
      !problems.empty())
    return problems;
  TENON_TRY_VOID(extension::make_private_folders(index, *root, state_->options));
  return state_->make_builder(index, *root);
}

}  // namespace tenon
