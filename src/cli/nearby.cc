#include "cli/nearby.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/extension_stores.h"
#include "render/style.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

// Limits of the search, which can only improve the message of a link that has failed.
constexpr std::size_t kMostFiles = 40;
constexpr std::uintmax_t kMostBytes = 8'000'000;  // of one file
constexpr std::size_t kMostHints = 3;             // for one import

// An interface name, and the track of its version; empty without one.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t at = name.find('@');
  if (at == name.npos) return {name, {}};
  const auto version = parse_interface_version(std::string_view(name).substr(at + 1), {});
  return {name.substr(0, at), version ? track_of(*version) : name.substr(at + 1)};
}

bool is_component_file(const fs::path& path) {
  return path.extension() == ".wasm" || path.extension() == ".wat";
}

// A provider that could be added, with the names that it exports.
struct Neighbor {
  std::vector<std::string> exports;
  Hint hint;
  std::string file = {};  // empty: it is not a file
};

std::vector<fs::path> list_files(const CompositionBuilder& builder) {
  std::set<fs::path> folders = {"."};
  std::set<fs::path> inputs;
  std::error_code failed;
  for (const std::string& file : builder.files()) {
    const fs::path folder = fs::path(file).parent_path();
    folders.insert(folder.empty() ? fs::path(".") : folder);
    inputs.insert(fs::weakly_canonical(file, failed));
  }
  std::set<fs::path> files;
  for (const fs::path& folder : folders)
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed))
      if (entry.is_regular_file(failed) && is_component_file(entry.path()) &&
          entry.file_size(failed) <= kMostBytes &&
          !inputs.contains(fs::weakly_canonical(entry.path(), failed)))
        files.insert(entry.path().lexically_normal());
  return {files.begin(), files.end()};
}

void add_files(const CompositionBuilder& builder, std::vector<Neighbor>& neighbors) {
  std::vector<fs::path> files = list_files(builder);
  if (files.size() > kMostFiles) files.resize(kMostFiles);
  for (const fs::path& file : files) {
    const Result<Inspection> inspected = inspect_file(file.string());
    if (!inspected || inspected->kind != Inspection::Kind::Component) continue;
    Neighbor neighbor;
    for (const PlanItem& item : inspected->exports) neighbor.exports.push_back(item.name);
    const std::string shown = sanitize_text(file.string());
    neighbor.file = file.string();
    neighbor.hint = {
        fmt::format("`{}` exports it", shown),
        {.program = "`add_component`",
         .command = fmt::format("--with {}", render::quote_shell_word(shown)),
         .manifest = {fmt::format("[components.{}]", propose_unit_name(file.stem().string(), "u")),
                      fmt::format("path = \"{}\"", shown)}}};
    neighbors.push_back(std::move(neighbor));
  }
}

void add_bundles(const HostFlags& hosts, std::vector<Neighbor>& neighbors) {
  const HostSearch search = make_host_search(hosts);
  const Result<std::vector<HostPlace>> places = list_host_bundles(search);
  if (!places) return;
  for (const HostPlace& place : *places) {
    if (!place.shadowed_by.empty()) continue;
    const Result<HostBundle> bundle = inspect_host_bundle(place.name, search);
    if (!bundle) continue;
    const std::string shown = sanitize_text(place.name);
    neighbors.push_back({bundle->exports,
                         {fmt::format("the host bundle `{}` provides it", shown),
                          {.program = fmt::format("`add_host_bundle(\"\", \"{}\")`", shown),
                           .command = fmt::format("--host-bundle {}", shown),
                           .manifest = {fmt::format("[hosts.{}]", shown),
                                        fmt::format("bundle = \"{}\"", shown)}}}});
  }
}

void add_extensions(std::vector<Neighbor>& neighbors) {
  const Result<std::vector<InstalledExtension>> installed = list_installed("");
  if (!installed) return;
  for (const InstalledExtension& row : *installed)
    neighbors.push_back(
        {row.extension.libraries,
         Hint(
             fmt::format("the extension `{}` provides it to other extensions: `tenon ext add FILE` "
                         "installs this component as one",
                         sanitize_text(row.extension.name)))});
}

// Whether an import and the export of a neighbor have types that fit.
bool fits(const CompositionBuilder& builder, const Neighbor& neighbor, const std::string& import) {
  if (neighbor.file.empty()) return true;
  CompositionBuilder trial;
  for (const std::string& file : builder.files())
    if (is_component_file(file) && !trial.add_argument(file)) return true;
  if (!trial.add_argument(neighbor.file)) return true;
  const Result<Plan> plan = trial.plan();
  return plan || std::ranges::none_of(plan.error(), [&](const Diagnostic& problem) {
           return problem.code == "resolve-type-mismatch" && problem.where.item == import;
         });
}

}  // namespace

void suggest_nearby(const CompositionBuilder& builder, const HostFlags& hosts,
                    Diagnostics& problems) {
  const auto lacks_provider = [](const Diagnostic& problem) {
    return problem.severity == Severity::Error && problem.code == "resolve-no-provider" &&
           !problem.where.item.empty();
  };
  if (std::ranges::none_of(problems, lacks_provider)) return;
  std::vector<Neighbor> neighbors;
  add_files(builder, neighbors);
  add_bundles(hosts, neighbors);
  add_extensions(neighbors);
  for (Diagnostic& problem : problems) {
    if (!lacks_provider(problem)) continue;
    const auto required = split_name(problem.where.item);
    std::vector<Hint> hints;
    for (const Neighbor& neighbor : neighbors)
      if (hints.size() < kMostHints &&
          std::ranges::any_of(
              neighbor.exports,
              [&](const std::string& name) { return split_name(name) == required; }) &&
          fits(builder, neighbor, problem.where.item))
        hints.push_back(neighbor.hint);
    problem.hints.insert(problem.hints.begin(), hints.begin(), hints.end());
  }
}

}  // namespace tenon::cli
