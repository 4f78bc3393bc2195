// Reads WIT as types, from a folder of text, one text file, a binary WIT package, or a component.
// The type of a component counts as its only world.
//
//   TENON_TRY(const WitPackage package, read_wit(files, "wit", NamedBy::User, types));
//   TENON_TRY(const types::NamedWorld* world, find_world(package, "shop"));
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/wit_text.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/evaluate.h"

namespace tenon::wit {

struct WitPackage {
  // Ids refer to the arena that was passed to `read_wit`.
  types::WitPackageTypes types;
  std::string file;  // as the user wrote it
  // The position of each item in the text, by its path (engine::WitItem), such as
  // "acme:tax/lib@1.2.0#rate". Empty for binaries.
  std::unordered_map<std::string, Location> positions;

  // Null if the item has no position.
  [[nodiscard]] const Location* find_position(const std::string& path) const;
};

// path: a folder (with its `deps`), a `.wit` file, a binary package or a component.
// named_by: for a binary, whether it may be a pipe. Text is read only from regular files.
// Errors: read-, wit-syntax, type-. Each has the file, and line and column or byte offset.
[[nodiscard]] Result<WitPackage> read_wit(const Files& files, const std::string& path,
                                          NamedBy named_by, types::Types& types);

// True if `path` is WIT text: a folder or a `.wit` file.
[[nodiscard]] bool is_wit_text(const Files& files, const std::string& path);
// The text files behind `path`: the file itself, or those of a folder and its `deps`.
// Errors: read-file.
[[nodiscard]] Result<std::vector<std::string>> find_wit_files(const Files& files,
                                                              const std::string& path);
// Encodes WIT text as a binary package. Errors: read-, wit-syntax.
[[nodiscard]] Result<engine::EncodedWit> encode_wit(const Files& files, const std::string& path);

// Reads one package from text. file: a name for messages; it is not opened. Errors: wit-syntax,
// type-.
[[nodiscard]] Result<WitPackage> read_wit_text(const std::string& file, std::string_view text,
                                               types::Types& types);

// Finds a world by its full name or its own name. An empty name finds the only world.
// Errors: wit-world-missing, with near misses or a list of the worlds.
// Lifetime: a pointer into `package`.
[[nodiscard]] Result<const types::NamedWorld*> find_world(const WitPackage& package,
                                                          std::string_view name);

}  // namespace tenon::wit
