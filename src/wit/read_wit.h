// WIT, however it comes, as types: a folder of text, one text file, a binary WIT package, or a
// component, whose own type is its one world.
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
  // As evaluated; ids of the arena that read_wit was given.
  types::WitPackageTypes types;
  std::string file;  // as the user wrote it
  // Where items are written, by path as engine::WitItem has it ("acme:tax/lib@1.2.0#rate"); empty
  // for binaries.
  std::unordered_map<std::string, Location> positions;

  // Null: not written in text.
  [[nodiscard]] const Location* find_position(const std::string& path) const;
};

// path: a folder (with its `deps`), a `.wit` file, a binary package or a component. named_by: who
// names it; text is read from regular files alone.
// Errors: read-, wit-syntax, type-; each with file, and line and column or byte offset.
[[nodiscard]] Result<WitPackage> read_wit(const Files& files, const std::string& path,
                                          NamedBy named_by, types::Types& types);

// Whether `path` is WIT text: a folder or a `.wit` file.
[[nodiscard]] bool is_wit_text(const Files& files, const std::string& path);
// The files that are read of WIT text: `path` itself, or those of a folder and of its `deps`.
// Errors: read-file.
[[nodiscard]] Result<std::vector<std::string>> find_wit_files(const Files& files,
                                                              const std::string& path);
// WIT text as a binary package. Errors: read-, wit-syntax.
[[nodiscard]] Result<engine::EncodedWit> encode_wit(const Files& files, const std::string& path);

// One package of text. file: what it is called; it is not read. Errors: wit-syntax, type-.
[[nodiscard]] Result<WitPackage> read_wit_text(const std::string& file, std::string_view text,
                                               types::Types& types);

// A world by its full or own name; an empty name: the only one.
// Errors: wit-world-missing, with near misses and the worlds there are.
// Lifetime: of `package`.
[[nodiscard]] Result<const types::NamedWorld*> find_world(const WitPackage& package,
                                                          std::string_view name);

}  // namespace tenon::wit
