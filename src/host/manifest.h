// Finds bundles, and reads `host.toml`, the manifest of a bundle: its library, its WIT, its
// configuration keys and, for plain C, its functions.
//
// Source: docs/host-bundles.md.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/files.h"
#include "support/toml_table.h"
#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon::host {

// How functions of a library are called.
enum class BundleAbi {
  Auto,   // Table if the library exports `tenon_host_module_v1`, else C
  Table,  // "tenon-1": tenon/tenon_host.h
  PlainC  // "c": plain C functions, as the manifest describes them
};

// Which items of its world a bundle provides.
enum class WorldSide {
  Auto,  // the exports, or the imports of a world without exports
  Exports,
  Imports
};

enum class ConfigKind { Text, Path, Integer, Float, Flag };

// A key that instances can configure.
struct ConfigKey {
  std::string name;  // with dots for inner tables: "pool.size"
  ConfigKind kind = ConfigKind::Text;
  std::optional<std::string> default_value;
  bool is_required = false;
  std::string help;
};

// Where a library is searched for.
enum class LibraryPlace {
  Bundle,
  System  // by the system's loader: a name without `/`, only for `abi = "c"`
};

// Which calls exclude each other: all calls of the library, all calls of an instance, or none.
enum class Threading { Library, Instance, Any };

struct LibraryFile {
  std::string path;  // within the bundle, or "libz.so.1"
  LibraryPlace place = LibraryPlace::Bundle;
  std::optional<std::string> sha256 = {};  // 64 hexadecimal digits
  // The digests of the libraries that it needs from its own folder, by name.
  std::map<std::string, std::string> needed = {};
};

// A string of a manifest, and its place.
struct ManifestText {
  std::string text;
  Location where;
};

// The destructor of resource `r` is the function `[resource-drop]r`.
inline constexpr std::string_view kDropPrefix = "[resource-drop]";

// `[[function]]`: a C function that differs from the default for its WIT type. host/c_notation.h
// parses `args` and `returns`.
struct CFunctionEntry {
  std::string interface = {};  // "example:zlib/checksum"; empty: a function of the world itself
  std::string name = {};       // "crc32", "[resource-drop]stream"
  std::string symbol = {};
  std::optional<std::vector<ManifestText>> args =
      {};  // "seed:ulong", "data.ptr"; absent: by the type
  std::optional<ManifestText> returns = {};
  std::optional<ManifestText> room =
      {};  // the size of "out.ptr": a parameter or a number of elements
  std::optional<ManifestText> free = {};   // the symbol that frees returned strings
  std::optional<ManifestText> error = {};  // the symbol that describes a status
  Location where = {};
};

struct Manifest {
  std::string file;    // the path that the user wrote
  std::string folder;  // that contains it; empty: the working folder
  std::string name;    // also the default name of an instance
  std::string version;
  std::string wit;                           // a path within the bundle
  std::optional<std::string> wit_text = {};  // replaces `wit`
  std::optional<std::string> world;  // absent: the only world; without worlds, every interface
  WitFeatures features = {};
  WorldSide offers = WorldSide::Auto;
  BundleAbi abi = BundleAbi::Auto;           // `[[function]]` implies PlainC
  Threading threading = Threading::Library;  // of PlainC
  std::string description;
  std::string license;
  // The library for this machine; absent if `platforms` does not have one.
  std::optional<LibraryFile> library;
  std::map<std::string, LibraryFile> platforms;  // of `[host.lib]`, by "linux-aarch64"
  Location library_where;
  std::vector<std::pair<std::string, std::string>> env;  // set before the library is loaded
  std::vector<ConfigKey> config;                         // by name
  bool takes_any_config = false;  // there is no host.toml that declares the keys
  std::vector<CFunctionEntry> functions;
};

// The name of the machine that tenon was built for in `[host.lib]`: "linux-x86_64".
[[nodiscard]] std::string_view platform_name();

// The name of a kind in `type`: "string".
[[nodiscard]] std::string_view kind_name(ConfigKind kind);
// An example value in TOML: `"text"`.
[[nodiscard]] std::string_view example_of(ConfigKind kind);

// Reads the key `offers`. Other values are reported.
[[nodiscard]] WorldSide take_offers(TomlTable& table);
// Reads the key `sha256`. A value that is not a digest is reported and dropped.
[[nodiscard]] std::optional<std::string> take_digest(TomlTable& table);
// Reads the key `needed`: digests by the names of libraries. Other values are reported.
[[nodiscard]] std::map<std::string, std::string> take_needed_digests(TomlTable& table);

// file: the path that the user wrote. tenon_version: the running version, which the key `tenon` can
// restrict. Errors: config-syntax, config-unknown-key, config-value (all of them at once).
[[nodiscard]] Result<Manifest> parse_bundle_manifest(std::string_view text, const std::string& file,
                                                     std::string_view tenon_version);

// Errors: as parse_bundle_manifest; read-file.
[[nodiscard]] Result<Manifest> read_bundle_manifest(const Files& files, const std::string& folder,
                                                    std::string_view tenon_version);

// --- Search

// Returns the folder of a bundle. A `bundle` that contains `/` or is `.` or `..` is a path already.
// Otherwise it is the name of a folder with a `host.toml`; the first of `folders` that has one
// wins.
// Errors: host-bundle-not-found.
[[nodiscard]] Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                              std::span<const std::string> folders);

// The paths of the bundles in a folder, by name; empty if the folder cannot be listed.
[[nodiscard]] std::vector<std::string> list_bundles(const Files& files, const std::string& folder);

}  // namespace tenon::host
