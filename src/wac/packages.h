// The packages that a `.wac` file names.
//
//   Packages packages(files, options, source, types);
//   TENON_TRY(const Component* tax, packages.find_component(expr.package));   // of `new demo:tax`
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/result.h"
#include "types/type.h"
#include "wac/syntax.h"
#include "wit/read_wit.h"

namespace tenon::wac {

// A `.wac` file, for messages.
class Source final {
 public:
  Source(std::string path, std::string content);

  // Cost: that of a search. Of `place`: linear in the text.
  [[nodiscard]] Location where(Span span) const;
  [[nodiscard]] Diagnostic place(Diagnostic problem, Span span) const;

  const std::string file;
  const std::string text;

 private:
  [[nodiscard]] std::size_t count_characters(std::size_t end) const;

  std::vector<std::size_t> lines_;       // where they begin
  std::vector<std::size_t> characters_;  // before each part of kPart bytes
};

struct Component {
  std::string path;
  std::shared_ptr<const Bytes> bytes;
  types::ComponentType type;  // ids of the arena of Packages
};

// WIT that a file contains or uses.
struct Wit {
  std::vector<std::uint8_t> binary;  // a binary WIT package
  // For WIT text. A binary has no gates, and here only the name of its file.
  wit::WitPackage package;
};

// Files are `FOLDER/ns/name.wasm`, `.wat`, or the folder `FOLDER/ns/name` of WIT; with a version
// `FOLDER/ns/name/1.2.0.wasm`. Each package is read once. Lifetime: refers to its arguments.
class Packages final {
 public:
  Packages(const Files& files, const WacOptions& options, const Source& source,
           types::Types& types);

  // Errors: wac-package (there is none, or it is not a component), read-, type-.
  // Lifetime: of this object.
  [[nodiscard]] Result<const Component*> find_component(const PackageName& package);
  // A WIT package: from a file, or of the engine's WASI. Errors: wac-package, read-, wit-, type-.
  // Lifetime: of this object.
  [[nodiscard]] Result<const Wit*> find_wit(const PackageName& package);
  // Encodes WIT text that the file contains. Errors: wit-syntax.
  [[nodiscard]] Result<engine::EncodedWit> encode_wit(std::string_view text);
  // Checks that each feature of the options gates something in the WIT that was read.
  // Errors: wit-feature.
  [[nodiscard]] Result<void> check_features() const;

 private:
  [[nodiscard]] std::optional<std::string> find_path(const PackageName& package) const;
  [[nodiscard]] Diagnostic missing(const PackageName& package) const;
  [[nodiscard]] NamedBy named_by(const PackageName& package) const;
  [[nodiscard]] Result<Wit> read_wit(const PackageName& package);

  const Files& files_;
  const WitFeatures& features_;
  const Source& source_;
  types::Types& types_;
  std::vector<std::string> folders_;
  std::map<std::string, std::string, std::less<>> given_;  // `--dep`
  std::map<std::string, Component, std::less<>> components_;
  std::map<std::string, Wit, std::less<>> wit_;
  std::vector<std::string> known_features_;  // those that attributes name
};

}  // namespace tenon::wac
