#include "extension/store_state.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "extension/candidate.h"
#include "extension/link.h"
#include "extension/needs.h"
#include "support/files.h"
#include "support/near_miss.h"

namespace tenon::extension {

namespace {

// How often what was fetched may need more.
constexpr int kRounds = 50;

std::string now_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

// An extension that is named may have the interfaces that are missing: it is looked for first.
std::vector<Missing> first_to_ask(std::vector<Missing> missing, const Answers& asked) {
  std::erase_if(missing, [&](const Missing& one) { return asked.contains(one.source); });
  std::set<std::string> consumers_with_names;
  for (const Missing& one : missing)
    if (one.wanted.find(':') == one.wanted.npos) consumers_with_names.insert(one.consumer);
  std::erase_if(missing, [&](const Missing& one) {
    return one.wanted.find(':') != one.wanted.npos && consumers_with_names.contains(one.consumer);
  });
  return missing;
}

Diagnostics tell_answers(Diagnostics problems, const std::vector<Missing>& missing,
                         const Answers& answers) {
  for (const Missing& one : missing) {
    const auto answer = answers.find(one.source);
    if (answer == answers.end()) continue;
    Diagnostic& problem = problems[one.problem];
    problem.notes.push_back({answer->second.text, {}, {}});
    if (answer->second.has_it) problem.hints = {"add it too: `--yes`"};
  }
  return problems;
}

bool is_installed(const Index& index, const LockedExtension& row) {
  const Extension* const found = index.find(row.name, row.version);
  return found != nullptr && found->digest == row.digest && found->link.empty();
}

// Each has to be what the lock says.
Diagnostics hold_against(const std::vector<LockedExtension>& rows,
                         const std::vector<Wanted>& wanted) {
  Diagnostics problems;
  for (const Wanted& one : wanted) {
    const Extension& found = one.candidate.extension;
    const auto row = std::ranges::find_if(rows, [&](const LockedExtension& locked) {
      return locked.name == found.name && locked.version == found.version &&
             locked.digest == found.digest;
    });
    if (row != rows.end()) continue;
    Diagnostic problem =
        make_diagnostic(Code::ExtLocked, "`{}` {} is not in ext.lock", found.name, found.version);
    for (const LockedExtension& locked : rows)
      if (locked.name == found.name)
        problem.notes.push_back(
            {fmt::format("it has {}, sha256 {}", locked.version, locked.digest), {}, {}});
    problem.notes.push_back(
        {fmt::format("found {}, sha256 {}", found.version, found.digest), {}, {}});
    problem.hints.emplace_back("leave `--locked` out to change the store and its lock");
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace

StoreState::StoreState(ExtensionOptions given)
    : options(std::move(given)),
      disk(open_real_disk(options.folder,
                          options.refuse_others_files ? OthersFiles::Refused : OthersFiles::Taken)),
      files(*disk, options.folder, GrantsFile(options.grants_file, options.folder)),
      fetcher(options.variables) {}

Result<LibraryPolicy> StoreState::policy() const {
  TENON_TRY(LibraryPolicy made, read_policy());
  CompositionBuilder host;
  if (options.add_host) options.add_host(host);
  made.set_host_interfaces(host.host_interfaces());
  return made;
}

Result<LibraryPolicy> StoreState::read_policy() const {
  if (options.policy) return LibraryPolicy(options.policy->library_interfaces);
  const std::string file = options.folder + "/policy.toml";
  TENON_TRY(const std::optional<std::string> text, disk->read("policy.toml"));
  if (text) return parse_policy(*text, file);
  return LibraryPolicy(ExtensionPolicy().library_interfaces);
}

Result<std::vector<Wanted>> StoreState::read(const std::vector<ExtensionRequest>& requests,
                                             const LibraryPolicy& policy,
                                             const AddOptions& wishes) {
  std::vector<Wanted> wanted;
  Diagnostics problems;
  for (const ExtensionRequest& request : requests) {
    Result<Wanted> one = read(request, policy, wishes);
    if (one)
      wanted.push_back(*std::move(one));
    else
      problems.insert(problems.end(), one.error().begin(), one.error().end());
  }
  if (!problems.empty()) return problems;
  return wanted;
}

Result<Wanted> StoreState::read(const ExtensionRequest& request, const LibraryPolicy& policy,
                                const AddOptions& wishes) {
  TENON_TRY(const Package package, fetcher.fetch(request.source, request.sha256, wishes));
  TENON_TRY(Candidate candidate, make_candidate(package, request.name, request.sha256, policy));
  if (!request.asked.empty()) candidate.extension.asked = request.asked;
  Grants grants;
  for (const std::string& grant : request.grants)
    TENON_TRY_VOID(apply_grant(grant, candidate.extension.name, options, grants));
  if (wishes.link) {
    TENON_TRY(candidate.extension.link, link_path(package));
  }
  return Wanted{std::move(candidate), request.grants};
}

Result<std::vector<Wanted>> StoreState::ask_registries(const std::vector<Missing>& missing,
                                                       const LibraryPolicy& policy,
                                                       const AddOptions& wishes, Answers& answers) {
  std::vector<Wanted> found;
  if (missing.empty()) return found;
  TENON_TRY(const bool can_ask, fetcher.has_registries());
  if (!can_ask) return found;
  AddOptions plain = wishes;
  plain.link = false;
  for (const Missing& one : first_to_ask(missing, answers)) {
    if (answers.contains(one.source)) continue;
    Result<Wanted> answer = read({.source = one.source}, policy, plain);
    if (!answer) {
      answers[one.source] = {fmt::format("`{}`: {}", one.source, answer.error().front().message)};
      continue;
    }
    const Extension& extension = answer->candidate.extension;
    answers[one.source] = {fmt::format("`{}` is {} {} of {}", one.source, extension.name,
                                       extension.version, extension.source),
                           true};
    found.push_back(*std::move(answer));
  }
  return found;
}

Result<std::vector<AddedExtension>> StoreState::add(std::vector<Wanted> wanted,
                                                    const LibraryPolicy& policy,
                                                    const AddOptions& wishes) {
  Answers answers;
  for (int round = 0;; ++round) {
    std::vector<Missing> missing;
    Result<std::vector<AddedExtension>> added = try_to_add(wanted, policy, wishes, missing);
    if (added) return added;
    TENON_TRY(const std::vector<Wanted> found, ask_registries(missing, policy, wishes, answers));
    std::vector<Extension> more;
    for (const Wanted& one : found) more.push_back(one.candidate.extension);
    if (more.empty() || round == kRounds || !wishes.accept || !wishes.accept(more))
      return tell_answers(std::move(added).error(), missing, answers);
    wanted.insert(wanted.end(), found.begin(), found.end());
  }
}

Result<std::vector<AddedExtension>> StoreState::try_to_add(const std::vector<Wanted>& wanted,
                                                           const LibraryPolicy& policy,
                                                           const AddOptions& wishes,
                                                           std::vector<Missing>& missing) {
  std::vector<AddedExtension> added;
  const auto put_in = [&](Index& index) -> Result<std::vector<Blob>> {
    TENON_TRY(Addition addition, put_together(std::move(index), wanted, wishes, now_text()));
    const Result<void> met = meet_addition(addition, policy);
    missing = std::move(addition.missing);
    if (!met) return met.error();
    if (wishes.locked) {
      TENON_TRY(const std::vector<LockedExtension> rows, files.read_lock());
      if (Diagnostics problems = hold_against(rows, wanted); !problems.empty()) return problems;
    }
    TENON_TRY_VOID(check_addition(addition, files, options, wishes));
    index = std::move(addition.index);
    added = std::move(addition.added);
    return std::move(addition.blobs);
  };
  if (wishes.dry_run) {
    TENON_TRY(Index index, read_index());
    TENON_TRY_VOID(put_in(index));
    return added;
  }
  TENON_TRY_VOID(change_index(put_in));
  return added;
}

Result<std::vector<ExtensionRequest>> StoreState::locked_requests() const {
  TENON_TRY(const std::vector<LockedExtension> rows, files.read_lock());
  TENON_TRY(const Index index, files.read());
  std::vector<ExtensionRequest> made;
  for (const LockedExtension& row : rows)
    if (!is_installed(index, row))
      made.push_back({.source = row.source,
                      .name = row.name,
                      .sha256 = row.digest,
                      .grants = row.grants,
                      .asked = row.asked});
  return made;
}

Result<Extension> StoreState::read_link(const Extension& link, const LibraryPolicy& policy) {
  TENON_TRY(const Package package, fetcher.fetch(link.source, {}, {}));
  TENON_TRY(Candidate candidate, make_candidate(package, link.name, {}, policy));
  TENON_TRY(candidate.extension.link, link_path(package));
  candidate.extension.added = link.added;
  candidate.extension.grants = link.grants;
  candidate.extension.needs = link.needs;
  return std::move(candidate.extension);
}

Result<void> StoreState::freshen(Index& index) {
  const auto is_linked = [](const Extension& one) { return !one.link.empty(); };
  if (std::ranges::none_of(index.extensions, is_linked)) return {};
  TENON_TRY(const LibraryPolicy policy, this->policy());
  for (Extension& one : index.extensions | std::views::filter(is_linked))
    if (Result<Extension> fresh = read_link(one, policy)) one = *std::move(fresh);
  index.sort();
  // A folder that was linked twice has one version now.
  const auto again = std::ranges::unique(index.extensions, {}, [](const Extension& one) {
    return std::pair(std::string_view(one.name), std::string_view(one.version));
  });
  index.extensions.erase(again.begin(), again.end());
  return {};
}

Result<Index> StoreState::read_index() {
  TENON_TRY(Index index, files.read());
  TENON_TRY_VOID(freshen(index));
  return index;
}

Result<const Extension*> StoreState::refresh_links(Index& index, const Extension& root) {
  if (std::ranges::all_of(index.extensions, [](const Extension& one) { return one.link.empty(); }))
    return &root;
  const std::string name = root.name;
  std::string version = root.version;
  TENON_TRY(const LibraryPolicy policy, this->policy());
  std::set<std::string> fresh;
  for (bool is_done = false; !is_done;) {
    is_done = true;
    std::vector<Extension> links;
    for (const Extension* const one : closure_of(index, *index.find(name, version)))
      if (!one->link.empty() && fresh.insert(one->link).second) links.push_back(*one);
    for (const Extension& link : links) {
      TENON_TRY(Extension fresh_link, read_link(link, policy));
      if (link.name == name && link.version == version) version = fresh_link.version;
      *std::ranges::find_if(index.extensions, [&](const Extension& one) {
        return one.name == link.name && one.version == link.version;
      }) = std::move(fresh_link);
      is_done = false;
    }
    if (is_done) break;
    index.sort();
    Diagnostics problems = meet_needs(index, policy, Preference::Locked);
    if (problems.empty()) problems = find_cycles(index);
    if (!problems.empty()) return problems;
  }
  return index.find(name, version);
}

Result<CompositionBuilder> StoreState::make_builder(const Index& index,
                                                    const Extension& root) const {
  return extension::make_builder(
      index, root, options,
      [this](CompositionBuilder& builder, const std::string& unit, const Extension& one) {
        return files.add_component(builder, unit, one);
      });
}

}  // namespace tenon::extension
