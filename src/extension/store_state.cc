#include "extension/store_state.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "extension/link.h"
#include "extension/needs.h"
#include "support/files.h"
#include "support/terminal_text.h"

namespace tenon::extension {

namespace {

// How many times fetched extensions can need further ones.
constexpr int kRounds = 50;
// The most packages that registries are asked for. What they have is downloaded before the user is asked.
constexpr std::size_t kMostAsked = 100;

std::string now_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

// The needs to query first. If a consumer names an extension, that extension probably provides the
// interfaces the consumer misses, so these are not queried in the same round.
std::vector<MissingNeed> next_queries(std::vector<MissingNeed> missing,
                                      const RegistryAnswers& asked) {
  std::erase_if(missing, [&](const MissingNeed& need) { return asked.contains(need.source); });
  std::set<std::string> consumers_with_names;
  for (const MissingNeed& need : missing)
    if (need.required.find(':') == need.required.npos) consumers_with_names.insert(need.consumer);
  std::erase_if(missing, [&](const MissingNeed& need) {
    return need.required.find(':') != need.required.npos &&
           consumers_with_names.contains(need.consumer);
  });
  return missing;
}

// Appends what the registries answered to the problems of missing needs.
Diagnostics add_answers(Diagnostics problems, const std::vector<MissingNeed>& missing,
                        const RegistryAnswers& answers) {
  for (const MissingNeed& need : missing) {
    const auto answer = answers.find(need.source);
    if (answer == answers.end()) continue;
    Diagnostic& problem = problems[need.problem];
    problem.notes.push_back({answer->second.text, {}, {}});
    if (answer->second.has_it) problem.hints = {"to add it as well: `--yes`"};
  }
  return problems;
}

bool is_installed(const Index& index, const LockedExtension& row) {
  const Extension* const extension = index.find(row.name, row.version);
  return extension != nullptr && extension->digest == row.digest && extension->link.empty();
}

// Reports the extensions that do not match ext.lock exactly.
Diagnostics check_against_lock(const std::vector<LockedExtension>& rows,
                               const std::vector<NewExtension>& extensions) {
  Diagnostics problems;
  for (const NewExtension& added : extensions) {
    const Extension& extension = added.package.extension;
    const auto row = std::ranges::find_if(rows, [&](const LockedExtension& locked) {
      return locked.name == extension.name && locked.version == extension.version &&
             locked.digest == extension.digest;
    });
    if (row != rows.end()) continue;
    Diagnostic problem = make_diagnostic(Code::ExtLocked, "`{}` {} is not in ext.lock",
                                         extension.name, extension.version);
    for (const LockedExtension& locked : rows)
      if (locked.name == extension.name)
        problem.notes.push_back(
            {fmt::format("locked: {}, sha256 {}", locked.version, locked.digest), {}, {}});
    problem.notes.push_back(
        {fmt::format("added:  {}, sha256 {}", extension.version, extension.digest), {}, {}});
    problem.hints.emplace_back("run without `--locked` to change the store and ext.lock");
    problems.push_back(std::move(problem));
  }
  return problems;
}

// use: the key of policy.toml that names the file, and what it should be.
Diagnostic missing_file(const PolicyFile::NamedFile& file, std::string_view use,
                        const std::string& folder) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{} `{}`, which does not exist", use,
                                       sanitize_text(file.path));
  problem.where = file.where;
  problem.hints.push_back(
      fmt::format("copy it into the folder of the store: `{}`", sanitize_text(folder)));
  return problem;
}

}  // namespace

StoreState::StoreState(ExtensionOptions store_options)
    : options(std::move(store_options)),
      disk(open_real_disk(options.folder,
                          options.refuse_others_files ? OthersFiles::Reject : OthersFiles::Accept)),
      files(*disk, options.folder, GrantsFile(options.grants_file, options.folder)),
      fetcher(options.variables) {}

Result<LibraryPolicy> StoreState::policy() const {
  TENON_TRY(LibraryPolicy policy, read_policy());
  CompositionBuilder host;
  if (options.add_host) options.add_host(host);
  policy.set_host_interfaces(host.host_interfaces());
  return policy;
}

Result<std::optional<PolicyFile>> StoreState::read_policy_file() const {
  TENON_TRY(const std::optional<std::string> text, disk->read("policy.toml"));
  if (!text) return std::optional<PolicyFile>();
  TENON_TRY(PolicyFile policy, parse_policy(*text, options.folder + "/policy.toml"));
  return std::optional(std::move(policy));
}

Result<LibraryPolicy> StoreState::read_policy() const {
  if (options.policy) return LibraryPolicy(options.policy->library_interfaces);
  TENON_TRY(std::optional<PolicyFile> file, read_policy_file());
  if (file) return std::move(file->libraries);
  return LibraryPolicy(ExtensionPolicy().library_interfaces);
}

Result<SignaturePolicy> StoreState::signature_policy() const {
  if (options.policy) return SignaturePolicy::make(options.policy->signatures);
  TENON_TRY(const std::optional<PolicyFile> file, read_policy_file());
  if (!file) return SignaturePolicy();
  std::vector<SignatureRule> rules;
  Diagnostics problems;
  for (const PolicyFile::Signatures& signatures : file->signatures) {
    SignatureRule rule = signatures.rule;
    for (const PolicyFile::NamedFile& key : signatures.keys) {
      TENON_TRY(std::optional<std::string> pem, disk->read(key.path));
      if (pem)
        rule.signed_by.push_back({key.path, *std::move(pem)});
      else
        problems.push_back(missing_file(key, "`signed-by` names the key", options.folder));
    }
    if (signatures.trusted_root) {
      TENON_TRY(std::optional<std::string> root, disk->read(signatures.trusted_root->path));
      if (!root)
        problems.push_back(missing_file(*signatures.trusted_root, "`trusted-root` names the file",
                                        options.folder));
      rule.trusted_root = {signatures.trusted_root->path, std::move(root).value_or("")};
    }
    rules.push_back(std::move(rule));
  }
  if (!problems.empty()) return problems;
  return SignaturePolicy::make(rules);
}

Result<std::vector<NewExtension>> StoreState::read(const std::vector<ExtensionRequest>& requests,
                                                   const LibraryPolicy& policy,
                                                   const AddOptions& add_options) {
  std::vector<NewExtension> extensions;
  Diagnostics problems;
  for (const ExtensionRequest& request : requests) {
    Result<NewExtension> extension = read(request, policy, add_options);
    if (extension)
      extensions.push_back(*std::move(extension));
    else
      problems.insert(problems.end(), extension.error().begin(), extension.error().end());
  }
  if (!problems.empty()) return problems;
  return extensions;
}

Result<NewExtension> StoreState::read(const ExtensionRequest& request, const LibraryPolicy& policy,
                                      const AddOptions& add_options) {
  TENON_TRY(const SignaturePolicy signatures, signature_policy());
  TENON_TRY(const ExtensionPackage package, fetcher.fetch(request, add_options, signatures));
  TENON_TRY(CheckedPackage checked, check_package(package, request.name, request.sha256, policy));
  if (!request.asked.empty()) checked.extension.asked = request.asked;
  Grants grants;
  for (const std::string& grant : request.grants)
    TENON_TRY_VOID(apply_grant(grant, checked.extension.name, options, grants));
  if (add_options.link) {
    TENON_TRY(checked.extension.link, link_path(package));
  }
  return NewExtension{std::move(checked), request.grants};
}

Result<std::vector<NewExtension>> StoreState::ask_registries(
    const std::vector<MissingNeed>& missing, const LibraryPolicy& policy,
    const AddOptions& add_options, RegistryAnswers& answers) {
  std::vector<NewExtension> extensions;
  if (missing.empty()) return extensions;
  TENON_TRY(const bool can_ask, fetcher.has_registries());
  if (!can_ask) return extensions;
  AddOptions plain = add_options;
  plain.link = false;
  for (const MissingNeed& need : next_queries(missing, answers)) {
    if (answers.contains(need.source)) continue;
    if (answers.size() >= kMostAsked) {
      answers[need.source] = {fmt::format(
          "`{}` was not looked for: it is one of more than {} packages that are missing",
          need.source, kMostAsked)};
      continue;
    }
    Result<NewExtension> answer = read({.source = need.source}, policy, plain);
    if (!answer) {
      answers[need.source] = {fmt::format("`{}`: {}", need.source, answer.error().front().message)};
      continue;
    }
    const Extension& extension = answer->package.extension;
    answers[need.source] = {fmt::format("`{}` is {} {} from {}", need.source, extension.name,
                                        extension.version, extension.source),
                            true};
    extensions.push_back(*std::move(answer));
  }
  return extensions;
}

Result<std::vector<AddedExtension>> StoreState::add(std::vector<NewExtension> extensions,
                                                    const LibraryPolicy& policy,
                                                    const AddOptions& add_options) {
  RegistryAnswers answers;
  for (int round = 0;; ++round) {
    std::vector<MissingNeed> missing;
    Result<std::vector<AddedExtension>> added =
        try_to_add(extensions, policy, add_options, missing);
    if (added) return added;
    TENON_TRY(const std::vector<NewExtension> fetched,
              ask_registries(missing, policy, add_options, answers));
    std::vector<Extension> more;
    for (const NewExtension& extension : fetched) more.push_back(extension.package.extension);
    if (more.empty() || round == kRounds || !add_options.accept || !add_options.accept(more))
      return add_answers(std::move(added).error(), missing, answers);
    extensions.insert(extensions.end(), fetched.begin(), fetched.end());
  }
}

Result<std::vector<AddedExtension>> StoreState::try_to_add(
    const std::vector<NewExtension>& extensions, const LibraryPolicy& policy,
    const AddOptions& add_options, std::vector<MissingNeed>& missing) {
  std::vector<AddedExtension> added;
  const auto change = [&](Index& index) -> Result<std::vector<Blob>> {
    TENON_TRY(Addition addition,
              make_addition(std::move(index), extensions, add_options, now_text()));
    const Result<void> is_met = meet_addition(addition, policy);
    missing = std::move(addition.missing);
    if (!is_met) return is_met.error();
    if (add_options.locked) {
      TENON_TRY(const std::vector<LockedExtension> rows, files.read_lock());
      if (Diagnostics problems = check_against_lock(rows, extensions); !problems.empty())
        return problems;
    }
    TENON_TRY_VOID(check_addition(addition, files, options, add_options));
    index = std::move(addition.index);
    added = std::move(addition.added);
    return std::move(addition.blobs);
  };
  if (add_options.dry_run) {
    TENON_TRY(Index index, read_index());
    TENON_TRY_VOID(change(index));
    return added;
  }
  TENON_TRY_VOID(change_index(change));
  return added;
}

Result<std::vector<ExtensionRequest>> StoreState::locked_requests() const {
  TENON_TRY(const std::vector<LockedExtension> rows, files.read_lock());
  TENON_TRY(const Index index, files.read());
  std::vector<ExtensionRequest> requests;
  for (const LockedExtension& row : rows)
    if (!is_installed(index, row))
      requests.push_back({.source = row.source,
                          .name = row.name,
                          .sha256 = row.digest,
                          .grants = row.grants,
                          .asked = row.asked,
                          .registry = row.registry});
  return requests;
}

Result<Extension> StoreState::read_link(const Extension& link, const LibraryPolicy& policy) {
  // A link is always a path. In the index of a project, which is somebody else's, its source could be
  // that of a registry.
  TENON_TRY(const ExtensionPackage package, read_package(RealFiles(), link.source));
  TENON_TRY(CheckedPackage checked, check_package(package, link.name, {}, policy));
  TENON_TRY(checked.extension.link, link_path(package));
  checked.extension.added = link.added;
  checked.extension.grants = link.grants;
  checked.extension.needs = link.needs;
  return std::move(checked.extension);
}

Result<void> StoreState::reread_linked(Index& index) {
  const auto is_linked = [](const Extension& extension) { return !extension.link.empty(); };
  if (std::ranges::none_of(index.extensions, is_linked)) return {};
  TENON_TRY(const LibraryPolicy policy, this->policy());
  for (Extension& extension : index.extensions | std::views::filter(is_linked))
    if (Result<Extension> fresh = read_link(extension, policy)) extension = *std::move(fresh);
  index.sort();
  // A folder linked under two versions has only one version now.
  const auto duplicates = std::ranges::unique(index.extensions, {}, [](const Extension& extension) {
    return std::pair(std::string_view(extension.name), std::string_view(extension.version));
  });
  index.extensions.erase(duplicates.begin(), duplicates.end());
  return {};
}

Result<Index> StoreState::read_index() {
  TENON_TRY(Index index, files.read());
  TENON_TRY_VOID(reread_linked(index));
  return index;
}

Result<const Extension*> StoreState::reread_closure(Index& index, const Extension& root) {
  if (std::ranges::all_of(index.extensions,
                          [](const Extension& extension) { return extension.link.empty(); }))
    return &root;
  const std::string name = root.name;
  std::string version = root.version;
  TENON_TRY(const LibraryPolicy policy, this->policy());
  std::set<std::string> reread;  // paths of links
  // A link that was read again can need other extensions, and these can be links as well.
  for (bool is_done = false; !is_done;) {
    is_done = true;
    std::vector<Extension> links;
    for (const Extension* const extension : closure_of(index, *index.find(name, version)))
      if (!extension->link.empty() && reread.insert(extension->link).second)
        links.push_back(*extension);
    for (const Extension& link : links) {
      TENON_TRY(Extension fresh_link, read_link(link, policy));
      if (link.name == name && link.version == version) version = fresh_link.version;
      *std::ranges::find_if(index.extensions, [&](const Extension& extension) {
        return extension.name == link.name && extension.version == link.version;
      }) = std::move(fresh_link);
      is_done = false;
    }
    if (is_done) break;
    index.sort();
    // A cycle within the closure is reported by make_builder.
    if (Diagnostics problems = meet_closure(index, *index.find(name, version), policy);
        !problems.empty())
      return problems;
  }
  return index.find(name, version);
}

Result<void> StoreState::apply_policy(Index& index, const Extension& root) const {
  TENON_TRY(const LibraryPolicy globs, read_policy());
  for (Extension& extension : index.extensions)
    std::erase_if(extension.libraries,
                  [&](const std::string& library) { return !globs.allows(library); });
  // An extension that the policy did not allow stayed as it was when its provider was upgraded.
  const auto has_other_needs = [&](const Extension* extension) {
    return std::ranges::any_of(extension->needs, [&](const ExtensionNeed& need) {
      return !globs.allows(need.interface) || index.find(need.from, need.version) == nullptr;
    });
  };
  // Needs that the policy does not allow can be met by the program or by host bundles. `policy()`
  // reads the WIT of the bundles, so it is called only if there are such needs.
  if (std::ranges::none_of(closure_of(index, root), has_other_needs)) return {};
  TENON_TRY(const LibraryPolicy policy, this->policy());
  if (Diagnostics problems = meet_closure(index, root, policy); !problems.empty()) return problems;
  return {};
}

Result<CompositionBuilder> StoreState::make_builder(const Index& index,
                                                    const Extension& root) const {
  return extension::make_builder(index, root, options,
                                 [this](CompositionBuilder& builder, const std::string& unit,
                                        const Extension& extension, UnitOptions::Reading reading) {
                                   return files.add_component(builder, unit, extension, reading);
                                 });
}

}  // namespace tenon::extension
