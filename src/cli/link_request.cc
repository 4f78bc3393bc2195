#include "cli/link_request.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/environment.h"
#include "cli/usage.h"
#include "tenon/text.h"
#include "tenon/trust.h"

namespace tenon::cli {

namespace {

namespace fs = std::filesystem;

// The manifest in a folder; empty if it is no folder or has none.
std::string find_manifest_in(const std::string& folder) {
  std::error_code failed;
  const fs::path manifest = fs::path(folder) / "tenon.toml";
  return fs::is_regular_file(manifest, failed) ? manifest.string() : std::string();
}

Result<std::string> choose_manifest(const LinkRequest& request) {
  if (request.components.empty()) {
    if (has_raised_rights())
      return make_usage_problem("a command with raised rights does not look for a `tenon.toml`",
                                {"name the component, or the folder of the manifest"});
    std::string manifest = find_manifest();
    if (manifest.empty())
      return make_usage_problem("no component is named, and no `tenon.toml` is here or above",
                                {"name components: files, `NAME=FILE`, folders or globs"});
    // Whoever can change a folder above the working folder decides what is found here.
    if (Result<void> owned = check_owner(manifest); !owned) {
      const fs::path folder = fs::path(manifest).parent_path();
      owned.error().front().hints.push_back(
          fmt::format("if you mean it, name its folder: `{}`",
                      sanitize_text(folder.empty() ? "." : folder.string())));
      return std::move(owned).error();
    }
    if (!request.helpers.empty())
      return make_usage_problem("`--with` adds to a component, and none is named",
                                {"name the component or the folder that it goes with"});
    return manifest;
  }
  if (request.components.size() == 1) return find_manifest_in(request.components.front());
  for (const std::string& argument : request.components) {
    const std::string manifest = find_manifest_in(argument);
    if (!manifest.empty())
      return make_usage_problem(
          fmt::format("`{}` holds a `tenon.toml`, which cannot be mixed with other components",
                      sanitize_text(argument)),
          {"link it alone, or name its component files"});
  }
  return std::string();
}

void append(Diagnostics& problems, const Result<std::vector<std::string>>& result) {
  if (!result) problems.insert(problems.end(), result.error().begin(), result.error().end());
}

Result<void> require_lock(const std::string& file, CompositionBuilder& builder) {
  Result<void> read = builder.require_lock(file);
  std::error_code failed;
  if (!read && !fs::exists(file, failed)) {
    Diagnostic& problem = read.error().front();
    problem.message = fmt::format("`--locked` needs `{}`, and there is none", sanitize_text(file));
    problem.hints = {"write it: `tenon plan --lock`, with the same arguments"};
  }
  return read;
}

}  // namespace

Result<std::string> find_lock(const LinkRequest& request) {
  const Result<std::string> manifest = choose_manifest(request);
  if (!manifest) return manifest.error();
  return (fs::path(*manifest).parent_path() / "tenon.lock").string();
}

Result<CompositionBuilder> make_builder(const LinkRequest& request) {
  CompositionBuilder builder;
  Diagnostics problems;
  Result<std::string> manifest = choose_manifest(request);
  if (!manifest) return std::move(manifest).error();
  if (!manifest->empty()) {
    Result<void> read = builder.read_manifest(*manifest);
    if (!read) problems = std::move(read).error();
  } else {
    builder.inherit_stdio();
    for (const std::string& argument : request.components) {
      const Result<std::vector<std::string>> names = builder.add_argument(argument);
      append(problems, names);
      if (names && names->size() == 1 && request.first_is_root == LinkRequest::FirstIsRoot::Yes)
        builder.set_root(names->front());
    }
  }
  for (const std::string& argument : request.helpers)
    append(problems, builder.add_argument(argument, UnitOrigin::ByHand));
  Result<void> applied = apply_link_flags(request.flags, builder);
  if (!applied) problems.insert(problems.end(), applied.error().begin(), applied.error().end());
  if (request.flags.locked) {
    const Result<std::string> lock = find_lock(request);
    Result<void> read = lock ? require_lock(*lock, builder) : Result<void>(lock.error());
    if (!read) problems.insert(problems.end(), read.error().begin(), read.error().end());
  }
  if (!problems.empty()) return problems;
  return builder;
}

}  // namespace tenon::cli
