#include "api/arguments.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "binary/read_module.h"
#include "packr/package_module.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"

namespace tenon::api {

namespace {

constexpr std::string_view kWasm = ".wasm";
constexpr std::string_view kWat = ".wat";

link::UnitRequest make_request(std::string name, std::string path, UnitOrigin origin) {
  link::UnitRequest unit;
  unit.name = std::move(name);
  unit.path = std::move(path);
  unit.origin = origin;
  unit.has_explicit_kind = false;
  return unit;
}

Diagnostic passed_over(const std::string& path, std::span<const std::uint8_t> bytes) {
  Diagnostic note = make_diagnostic(Code::ReadCoreModule,
                                    "skipped `{}`: it is a core module, not a component", path);
  note.severity = Severity::Note;
  note.where.file = path;
  if (packr::can_be_declared_package(bytes))
    note.hints.push_back(fmt::format(
        "if it is a packr package, declare it in tenon.toml as `[packages.{}]`, with `abi`",
        unit_name_of(path)));
  return note;
}

// The component files among `paths`: `.wasm`, and `.wat` without a `.wasm` of the same stem.
std::vector<std::string> component_files(std::vector<std::string> paths, const Files& files) {
  std::sort(paths.begin(), paths.end());
  const auto is_listed = [&paths](const std::string& path) {
    return std::binary_search(paths.begin(), paths.end(), path);
  };
  std::vector<std::string> components;
  for (const std::string& path : paths) {
    const bool is_text = path.ends_with(kWat);
    if (!is_text && !path.ends_with(kWasm)) continue;
    const std::string stem = path.substr(0, path.size() - (is_text ? kWat : kWasm).size());
    if (is_text && is_listed(stem + std::string(kWasm))) continue;
    // Folders are skipped, and so are pipes: reading one would block until something writes to it.
    if (files.find_kind(path) == FileKind::File) components.push_back(path);
  }
  return components;
}

Result<Arguments> read_many(std::string_view argument, const std::vector<std::string>& paths,
                            UnitOrigin origin, const Files& files) {
  Arguments parsed;
  for (const std::string& path : component_files(paths, files)) {
    link::UnitRequest unit = make_request(unit_name_of(path), path, origin);
    if (path.ends_with(kWasm)) {
      // A file that cannot be read is reported later, with the problems of the other units.
      Result<Bytes> bytes = read_file(files, path, NamedBy::User);
      if (bytes && binary::is_core_module(*bytes) && !packr::looks_like_package(*bytes)) {
        parsed.notes.push_back(passed_over(path, *bytes));
        continue;
      }
      if (bytes) unit.bytes = std::make_shared<const Bytes>(*std::move(bytes));
    }
    parsed.units.push_back(std::move(unit));
  }
  if (!parsed.units.empty()) return parsed;
  Diagnostic problem = make_diagnostic(Code::ReadFile, "no component found in `{}`", argument);
  problem.where.file = std::string(argument);
  if (!paths.empty())
    problem.notes.push_back(
        {fmt::format("{} there, but not a component",
                     paths.size() == 1 ? std::string("1 entry is")
                                       : fmt::format("{} entries are", paths.size())),
         {},
         {}});
  problem.hints.push_back(
      "name component files (`.wasm` or `.wat`), or a folder that contains some");
  return problem;
}

Result<std::vector<std::string>> paths_in(const std::string& folder, const Files& files) {
  TENON_TRY(const std::vector<std::string> names, files.list(folder));
  std::vector<std::string> paths;
  for (const std::string& name : names) paths.push_back(join_path(folder, name));
  return paths;
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
  // An invalid name in NAME=FILE is reported, unless a file with this whole name exists.
  if (const std::size_t equals = argument.find('='); equals != argument.npos && equals > 0) {
    const std::string name(argument.substr(0, equals));
    std::string path(argument.substr(equals + 1));
    if (is_unit_name(name) || files.find_kind(path) != FileKind::Missing)
      return Arguments{{make_request(name, std::move(path), origin)}, {}};
  }
  if (has_wildcard(argument)) {
    TENON_TRY(const std::vector<std::string> paths, find_paths(files, argument));
    return read_many(argument, paths, origin, files);
  }
  // A missing file is reported when units are read, with the problems of the others.
  return Arguments{{make_request(unit_name_of(text), text, origin)}, {}};
}

}  // namespace tenon::api
