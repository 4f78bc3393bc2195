// Writes tenon.toml files: new ones, and additions to those that people edit.
//
// Additions are appended, so that comments and layout stay as they are. A file is replaced only by one
// that tenon can read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/link_request.h"
#include "tenon/result.h"

namespace tenon::cli {

// A unit as `[components.NAME]` or `[packages.NAME]`.
struct ManifestUnit {
  std::string name;
  std::string path;  // from the working folder
  bool is_package = false;
};

// The units that arguments of the command line name: FILE, NAME=FILE, folders or globs.
// Errors: those of CompositionBuilder::add_argument and inspect_file.
[[nodiscard]] Result<std::vector<ManifestUnit>> list_units(
    const std::vector<std::string>& arguments);

// The names of the units that a manifest has. Errors: read-file, config-syntax.
[[nodiscard]] Result<std::vector<std::string>> list_unit_names(const std::string& path);

// The tables of units. flags: `--isolate`, `--hide` and `--expose` are keys of these tables.
// folder: of the manifest; paths in it are relative to that.
[[nodiscard]] std::string render_units(const std::vector<ManifestUnit>& units,
                                       const LinkFlags& flags, const std::string& folder);

// The units that `--isolate`, `--hide` and `--expose` name, each after its flag.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> list_unit_flags(
    const LinkFlags& flags);

// The rows of `--wire`, `--via`, `--optional` and `--export`. REQUIRES: apply_link_flags accepts the flags
[[nodiscard]] std::string render_choices(const LinkFlags& flags);

// Replaces a manifest, or creates it. Errors: write-file, and those of read_manifest.
[[nodiscard]] Result<void> write_manifest(const std::string& path, std::string_view text);

// Whether `--save` can write the choices of the flags. Errors: config-usage (other flags, or none).
[[nodiscard]] Result<void> check_choices(const LinkFlags& flags);

// Appends these choices to a manifest. Nothing is written if they cause a problem; others can be left.
// REQUIRES: check_choices accepts the flags. Errors: write-file, those of plan().
[[nodiscard]] Result<void> save_choices(const std::string& path, const LinkFlags& flags);

}  // namespace tenon::cli
