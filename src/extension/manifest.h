// `extension.toml`, the manifest of an extension.
//
//   [extension]
//   name = "square"
//   version = "1.2.0"
//   [dependencies]
//   "acme:math/lib" = "^1.2"
//
// Source: docs/extensions.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

inline constexpr std::string_view kManifestName = "extension.toml";

// A string in a manifest, with its location.
struct PlacedText {
  std::string text;
  Location where;
};

struct Manifest {
  std::string file;  // as the user wrote it
  std::string name;  // [a-z][a-z0-9-]{0,63}
  std::string version;
  std::string component;  // a path inside the manifest's folder; may be empty
  std::string description;
  std::string license;
  std::string repository;
  std::vector<std::string> authors;
  std::optional<ExtensionCommand> command;          // absent: no command
  std::optional<std::vector<PlacedText>> provides;  // absent: all exports that the policy allows
  std::vector<ExtensionDependency> dependencies;    // by name
  ExtensionPermissions wants;
  Limits limits;
};

inline constexpr std::string_view kExtensionNameRule =
    "the name of an extension is a lower-case letter, then at most 63 lower-case letters, digits "
    "and `-`";

// `[a-z][a-z0-9-]{0,63}`, and not `wasi` or `program`.
[[nodiscard]] bool is_extension_name(std::string_view name);

// file: as the user wrote it. tenon_version: the running version, which the manifest can restrict.
// Errors: config-syntax, config-unknown-key, config-value (all of them at once).
[[nodiscard]] Result<Manifest> parse_extension_manifest(std::string_view text,
                                                        const std::string& file,
                                                        std::string_view tenon_version);

}  // namespace tenon::extension
