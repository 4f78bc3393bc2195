// The types that a file states: a packr package, encoded metadata, a text of an interface language,
// or a component, which is described as a package with the same functions. `tenon pack` prints and
// verifies them.
//
//   TENON_TRY(const FileTypes types, read_file_types(files, "math.pact"));
//
// All functions place their problems in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packr/graph_format.h"
#include "support/files.h"
#include "tenon/result.h"
#include "wit/settings.h"

namespace tenon::pact {

struct FileTypes {
  struct Function {
    std::string name;
    std::string type;    // as in the interface text: "double: func(n: s64) -> s64"
    std::string digest;  // SHA-256, hexadecimal
  };
  struct Interface {
    std::string name;    // empty: functions outside of any interface
    std::string digest;  // of the functions below; packages compare it
    std::vector<Function> functions;
  };

  enum class Kind : std::uint8_t { Package, Metadata, Text, Component } kind = Kind::Package;
  std::string text;  // in the interface language, normalized
  // Imports and exports of the package, or of a package with these types. Both are empty for a text
  // with several worlds, or one that imports interfaces without declaring their functions.
  std::vector<Interface> imports;
  std::vector<Interface> exports;
  // Texts only: all interfaces that it defines, by name.
  std::vector<Interface> interfaces;
  // Functions that cannot be translated to the other kind of unit (component or package), with the
  // reason.
  std::vector<std::string> notes;
  Diagnostics gates;  // of a text: the gated-items notes
};

// Reads the types of a file. Texts that a text uses are searched for in its folder.
// options: for a text: its world if it has several, and the features that are enabled.
// Errors: read-, type-, pack-module, pack-metadata, pack-syntax, pack-type, wit-feature; run-engine.
[[nodiscard]] Result<FileTypes> read_file_types(const Files& files, const std::string& path,
                                                const wit::WitOptions& options = {});

struct FileMetadata {
  Bytes bytes;
  Diagnostics gates;  // of a text: the gated-items notes
};

// Returns the metadata of a package (the result of `__pack_types`), or the metadata of a package
// with the interface of a text.
// version: of the wire form, for a text; by default, 2 unless it has maps or sets.
// Errors: as read_file_types.
[[nodiscard]] Result<FileMetadata> read_file_metadata(
    const Files& files, const std::string& path, const wit::WitOptions& options = {},
    std::optional<packr::GraphVersion> version = {});

// Verifies a file. A package must have readable metadata, hashes that match its types, and exports
// that exist; a value in packr's wire form and a text, with all its features, must be well formed.
// Returns a summary such as "packr package: 1 function imported, 1 exported, hashes match".
// Errors: as read_file_types; all problems at once.
[[nodiscard]] Result<std::string> verify_file(const Files& files, const std::string& path);

}  // namespace tenon::pact
