#include "linker/arguments.h"

#include <algorithm>
#include <iterator>

#include "binary/read_module.h"
#include "support/diagnostics.h"
#include "support/glob.h"
#include "support/near_miss.h"
#include "support/try.h"

namespace tenon::linker {

namespace {

constexpr std::string_view kWasm = ".wasm";
constexpr std::string_view kWat = ".wat";

UnitRequest make_request(std::string name, std::string path, UnitOrigin origin) {
  UnitRequest made;
  made.name = std::move(name);
  made.path = std::move(path);
  made.origin = origin;
  return made;
}

Diagnostic passed_over(const std::string& path) {
  Diagnostic note =
      make_diagnostic(Code::ReadCoreModule, "`{}` is a core module and is passed over", path);
  note.severity = Severity::Note;
  note.where.file = path;
  return note;
}

// Component files among `paths`: `.wasm`, and `.wat` that was not built beside itself.
std::vector<std::string> component_files(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  const auto is_listed = [&paths](const std::string& path) {
    return std::binary_search(paths.begin(), paths.end(), path);
  };
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    const bool is_text = path.ends_with(kWat);
    if (!is_text && !path.ends_with(kWasm)) continue;
    const std::string stem = path.substr(0, path.size() - (is_text ? kWat : kWasm).size());
    if (is_text && is_listed(stem + std::string(kWasm))) continue;
    files.push_back(path);
  }
  return files;
}

Result<Arguments> read_many(std::string_view argument, const std::vector<std::string>& paths,
                            UnitOrigin origin, const Files& files) {
  Arguments made;
  for (const std::string& path : component_files(paths)) {
    UnitRequest unit = make_request(unit_name_of(path), path, origin);
    if (path.ends_with(kWasm)) {
      TENON_TRY(Bytes bytes, read_file(files, path));
      if (binary::is_core_module(bytes)) {
        made.notes.push_back(passed_over(path));
        continue;
      }
      unit.bytes = std::make_shared<const Bytes>(std::move(bytes));
    }
    made.units.push_back(std::move(unit));
  }
  if (!made.units.empty()) return made;
  Diagnostic problem = make_diagnostic(Code::ReadFile, "there is no component in `{}`", argument);
  problem.where.file = std::string(argument);
  if (!paths.empty())
    problem.notes.push_back(
        {fmt::format("{} files are there, none of them a component", paths.size()), {}, {}});
  problem.hints.push_back("name component files, or a folder that holds some (`.wasm` or `.wat`)");
  return problem;
}

Result<std::vector<std::string>> paths_in(const std::string& folder, const Files& files) {
  TENON_TRY(const std::vector<std::string> names, files.list(folder));
  std::vector<std::string> paths;
  for (const std::string& name : names) paths.push_back(join_path(folder, name));
  return paths;
}

Diagnostic missing(const std::string& path, const Files& files) {
  Diagnostic problem = make_diagnostic(Code::ReadFile, "there is no file `{}`", path);
  problem.where.file = path;
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash);
  const std::string name = slash == path.npos ? path : path.substr(slash + 1);
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names) return problem;
  std::vector<std::string> near;
  for (const std::string_view found : near_misses(name, std::span<const std::string>(*names)))
    near.push_back(folder == "." ? std::string(found) : join_path(folder, found));
  if (near.empty()) return problem;
  const std::vector<std::string_view> views(near.begin(), near.end());
  problem.hints.push_back(did_you_mean(views));
  return problem;
}

}  // namespace

Result<Arguments> expand_argument(std::string_view argument, UnitOrigin origin,
                                  const Files& files) {
  const std::string text(argument);
  switch (files.find_kind(text)) {
    case FileKind::File:
    case FileKind::Other:
      return Arguments{{make_request(unit_name_of(text), text, origin)}, {}};
    case FileKind::Folder: {
      TENON_TRY(const std::vector<std::string> paths, paths_in(text, files));
      return read_many(argument, paths, origin, files);
    }
    case FileKind::Missing:
      break;
  }
  if (const std::size_t equals = argument.find('=');
      equals != argument.npos && is_unit_name(argument.substr(0, equals))) {
    const std::string path(argument.substr(equals + 1));
    if (files.find_kind(path) == FileKind::Missing) return missing(path, files);
    return Arguments{{make_request(std::string(argument.substr(0, equals)), path, origin)}, {}};
  }
  if (has_wildcard(argument)) {
    TENON_TRY(const std::vector<std::string> paths, find_paths(files, argument));
    return read_many(argument, paths, origin, files);
  }
  return missing(text, files);
}

}  // namespace tenon::linker
