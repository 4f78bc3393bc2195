#include "host/search.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

bool is_bundle(const Files& files, const std::string& folder) {
  return files.find_kind(join_path(folder, "host.toml")) == FileKind::File;
}

std::string near_bundle(std::string_view bundle, const std::vector<std::string>& found) {
  std::vector<std::string> names;
  for (const std::string& path : found) names.push_back(path.substr(path.rfind('/') + 1));
  const auto near = near_misses(bundle, std::span<const std::string>(names));
  if (near.empty()) return {};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == near.front())
      return fmt::format("found `{}` in {}; did you mean that?", names[i],
                         found[i].substr(0, found[i].rfind('/')));
  return {};
}

}  // namespace

std::vector<std::string> list_bundles(const Files& files, const std::string& folder) {
  std::vector<std::string> found;
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names) return found;
  for (const std::string& name : *names)
    if (std::string path = join_path(folder, name); is_bundle(files, path))
      found.push_back(std::move(path));
  return found;
}

Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                std::span<const std::string> folders) {
  if (bundle.find('/') != std::string::npos || bundle == "." || bundle == "..") return bundle;
  for (const std::string& folder : folders)
    if (std::string path = join_path(folder, bundle); is_bundle(files, path)) return path;
  Diagnostic problem =
      make_diagnostic(Code::HostBundleNotFound, "no bundle named '{}'", sanitize_text(bundle));
  if (folders.empty()) problem.notes.push_back({"no search folders are configured", {}, {}});
  for (const std::string& folder : folders)
    problem.notes.push_back({fmt::format("looked in {}", folder), {}, {}});
  std::vector<std::string> found;
  for (const std::string& folder : folders)
    std::ranges::move(list_bundles(files, folder), std::back_inserter(found));
  if (is_bundle(files, bundle))
    problem.hints.push_back(
        fmt::format("to use the bundle in the working folder, write `./{}`", bundle));
  else if (const std::string near = near_bundle(bundle, found); !near.empty())
    problem.hints.push_back(near);
  else
    problem.hints.emplace_back(
        "give the path of its folder, such as `./bundles/sqlite`, or copy it to one of these "
        "folders");
  return problem;
}

}  // namespace tenon::host
