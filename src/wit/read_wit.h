// Reads WIT as types, from a folder of text, one text file, a binary WIT package, or a component.
// The type of a component counts as its only world.
//
//   TENON_TRY(const WitPackage package, read_wit(files, "wit", NamedBy::User, {.world = "shop"}, types));
//   TENON_TRY(const types::NamedWorld* world, find_world(package, {.name = "shop"}));
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/wit_text.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/evaluate.h"
#include "wit/settings.h"

namespace tenon::wit {

struct WitPackage {
  // Ids refer to the arena that was passed to `read_wit`.
  types::WitPackageTypes types;
  std::string file;  // as the user wrote it
  // The position of each item in the text, by its path (engine::WitItem), such as
  // "acme:tax/lib@1.2.0#rate". Empty for binaries.
  std::unordered_map<std::string, Location> positions;
  // The documentation of items that have some, by the same paths. Components have none, nor has a binary
  // among the `deps` of text.
  std::unordered_map<std::string, std::string> docs;
  // The worlds of the other packages in the text, by their full names.
  std::vector<std::string> other_worlds;
  std::vector<engine::LeftOutItem> left_out;
  std::vector<engine::KeywordName> keyword_names;
  SetBy set_by = SetBy::Flags;

  // Null if the item has no position.
  [[nodiscard]] const Location* find_position(const std::string& path) const;
  // Empty if the item has no documentation.
  [[nodiscard]] std::string_view find_docs(const std::string& path) const;
  // Null if the item is not left out.
  [[nodiscard]] const engine::LeftOutItem* find_left_out(std::string_view path) const;
};

// path: a folder (with its `deps`), a `.wit` file, a binary package or a component.
// named_by: for a binary, whether it may be a pipe. Text is read only from regular files.
// Errors: read-, wit-syntax, wit-feature (a feature that no attribute names), type-. Each has the
// file, and line and column or byte offset.
[[nodiscard]] Result<WitPackage> read_wit(const Files& files, const std::string& path,
                                          NamedBy named_by, const WitOptions& options,
                                          types::Types& types);

// True if `path` is WIT text: a folder or a `.wit` file.
[[nodiscard]] bool is_wit_text(const Files& files, const std::string& path);
// The files that are read for `path`: the file itself, or those of a folder and its `deps`.
// Errors: read-file.
[[nodiscard]] Result<std::vector<std::string>> find_wit_files(const Files& files,
                                                              const std::string& path);
// Encodes WIT text as a binary package. The caller checks the features. Errors: read-, wit-syntax.
[[nodiscard]] Result<engine::EncodedWit> encode_wit(const Files& files, const std::string& path,
                                                    const WitOptions& options);

// Evaluates encoded text. file: as the user wrote it. Errors: type-.
[[nodiscard]] Result<WitPackage> evaluate_wit(const std::string& file,
                                              const engine::EncodedWit& encoded,
                                              types::Types& types);

// Reads one package from text. file: a name for messages; it is not opened. Errors: wit-syntax,
// wit-feature, type-.
[[nodiscard]] Result<WitPackage> read_wit_text(const std::string& file, std::string_view text,
                                               const WitOptions& options, types::Types& types);

// Checks that each feature that a user enabled gates something.
// file: for messages. known: EncodedWit::features. Errors: wit-feature.
[[nodiscard]] Result<void> check_features(const std::string& file, const WitFeatures& features,
                                          const std::vector<std::string>& known);
// Checks that no features are enabled for a binary: they were chosen when it was encoded.
// Errors: wit-feature.
[[nodiscard]] Result<void> refuse_features(const std::string& path, const WitFeatures& features);

struct WorldRequest {
  // "shop", or the full name with or without version. Empty: the only world of the package.
  std::string_view name;
  // The world that a hint proposes if no name is given. Empty: the first one.
  std::string_view proposed = {};
};

// Errors: wit-world-missing, with near misses or a list of the worlds.
// Lifetime: a pointer into `package`.
[[nodiscard]] Result<const types::NamedWorld*> find_world(const WitPackage& package,
                                                          const WorldRequest& request);

// Adds to a problem that an item is gated by a feature, with its position, and how to enable the feature.
void explain_gate(Diagnostic& problem, const engine::LeftOutItem& item, SetBy set_by);
// Finds a world or interface that is left out. name: its own name, or the full one with or without
// version. Null if there is none. Lifetime: a pointer into `package`.
[[nodiscard]] const engine::LeftOutItem* find_gated(const WitPackage& package,
                                                    std::string_view name);
// The same for what `world` lacks. world: its full name. item: a path, or the name of an import of it.
[[nodiscard]] const engine::LeftOutItem* find_gated_item(const WitPackage& package,
                                                         std::string_view world,
                                                         const std::string& item);
// The items that are left out of `world` or, if it is null, of the package and the interfaces that it
// uses.
// Lifetime: pointers into `package`.
[[nodiscard]] std::vector<const engine::LeftOutItem*> find_left_out(const WitPackage& package,
                                                                    const types::NamedWorld* world);
// The gated-items note of a file. REQUIRES: there are items.
[[nodiscard]] Diagnostic make_gated_note(const std::string& file, SetBy set_by,
                                         const std::vector<const engine::LeftOutItem*>& items);
// The notes on a package: keyword-name, and gated-items for what `find_left_out` finds.
[[nodiscard]] Diagnostics make_notes(const WitPackage& package, const types::NamedWorld* world);
// The same for a package that was only encoded.
[[nodiscard]] Diagnostics make_notes(const std::string& file, const engine::EncodedWit& encoded);

}  // namespace tenon::wit
