// `host.toml`: what a folder with a native library says of itself.
//
// Source: docs/host-bundles.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/files.h"
#include "support/toml_table.h"
#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {
class TomlTable;
}

namespace tenon::host {

// How functions of a library are called.
enum class BundleAbi {
  Auto,   // Table if the library exports `tenon_host_module_v1`, else C
  Table,  // "tenon-1": tenon/tenon_host.h
  PlainC  // "c": as they are, by what the manifest says of them
};

enum class ConfigKind { Text, Path, Integer, Float, Flag };

// A key that instances may configure.
struct ConfigKey {
  std::string name;  // inner tables by dots: "pool.size"
  ConfigKind kind = ConfigKind::Text;
  std::optional<std::string> default_value;
  bool is_required = false;
  std::string help;
};

// Where a library is looked for.
enum class LibraryPlace {
  Bundle,
  System  // by the system's loader: of `abi = "c"` alone, a name without `/`
};

// How many calls of a library there may be at a time.
enum class Threading { Library, Instance, Any };

struct LibraryFile {
  std::string path;  // within the bundle, or "libz.so.1"
  LibraryPlace place = LibraryPlace::Bundle;
  std::optional<std::string> sha256 = {};  // 64 hexadecimal digits
  // The same of libraries that it needs from its own folder, by name.
  std::map<std::string, std::string> needed = {};
};

// A text of a manifest, and where it is.
struct ManifestText {
  std::string text;
  Location where;
};

// What frees a resource is a function of this and its name.
inline constexpr std::string_view kDropPrefix = "[resource-drop]";

// `[[function]]`: a C function whose shape is not what its WIT type would give. The words of it
// are read by host/c_words.h.
struct CFunctionEntry {
  std::string interface = {};  // "example:zlib/checksum"; empty: a function of the world itself
  std::string name = {};       // "crc32", "[resource-drop]stream"
  std::string symbol = {};
  std::optional<std::vector<ManifestText>> args =
      {};  // "seed:ulong", "data.ptr"; absent: by the type
  std::optional<ManifestText> returns = {};
  std::optional<ManifestText> room = {};   // of "out.ptr": a parameter, or a number of elements
  std::optional<ManifestText> free = {};   // a symbol: frees texts that C gave
  std::optional<ManifestText> error = {};  // a symbol: the text of a status
  Location where = {};
};

struct Manifest {
  std::string file;    // as the user wrote it
  std::string folder;  // that it is in; empty: the working folder
  std::string name;    // also of the instance that has none
  std::string version;
  std::string wit;                           // a path within the bundle
  std::optional<std::string> wit_text = {};  // in its place
  std::optional<std::string> world;  // absent: the only one; if there is none, every interface
  BundleAbi abi = BundleAbi::Auto;   // `[[function]]` says that it is PlainC
  Threading threading = Threading::Library;  // of PlainC
  std::string description;
  std::string license;
  // For this machine; none: the manifest has none for it, and those of `platforms`.
  std::optional<LibraryFile> library;
  std::map<std::string, LibraryFile> platforms;  // of `[host.lib]`, by "linux-aarch64"
  Location library_where;
  std::vector<std::pair<std::string, std::string>> env;  // set before the library is loaded
  std::vector<ConfigKey> config;                         // by name
  bool takes_any_config = false;                         // there is no host.toml that says which
  std::vector<CFunctionEntry> functions;
};

// "linux-x86_64": how `[host.lib]` calls the machine that tenon was built for.
[[nodiscard]] std::string_view platform_name();

// Whether a value of that kind may stand for a key.
[[nodiscard]] bool config_fits(ConfigKind kind, TomlKind given);
// As `type` calls it: "string".
[[nodiscard]] std::string_view kind_name(ConfigKind kind);
// As a manifest would write one: `"text"`.
[[nodiscard]] std::string_view example_of(ConfigKind kind);

// The key `sha256` of a table; what is not a digest is reported and left out.
[[nodiscard]] std::optional<std::string> take_digest(TomlTable& table);
// The key `needed`: digests by the names of libraries. What is not a digest is reported.
[[nodiscard]] std::map<std::string, std::string> take_needed_digests(TomlTable& table);

// file: as the user wrote it. tenon_version: of the tenon that reads it, which the manifest may
// bound. Errors: config-syntax, config-unknown-key, config-value (all of them at once).
[[nodiscard]] Result<Manifest> parse_bundle_manifest(std::string_view text, const std::string& file,
                                                     std::string_view tenon_version);

// Errors: as parse_bundle_manifest; read-file.
[[nodiscard]] Result<Manifest> read_bundle_manifest(const Files& files, const std::string& folder,
                                                    std::string_view tenon_version);

}  // namespace tenon::host
