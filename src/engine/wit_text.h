// Conversion of WIT packages from and to text, by the parser and the printer of wasm-tools.
//
//   TENON_TRY(const EncodedWit wit, encode_wit_text("tax.wit", text));
//   TENON_TRY(const std::string text, print_wit(wit.binary));  // wit.binary is a component of types
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"
#include "tenon/wit.h"

namespace tenon::engine {

enum class WitItemKind { Interface, World, Type, Function, WorldImport, WorldExport, Member };

// The position of an item of a WIT package in its text.
struct WitItem {
  WitItemKind kind = WitItemKind::Interface;
  // Path of the item:
  //   interface     "acme:tax/lib@1.2.0"
  //   world         "acme:tax/app@1.2.0"
  //   type, function of an interface   "acme:tax/lib@1.2.0#rate", with the name as in the component
  //                                    binary: "#[method]account.close"
  //   type of a world                  "acme:tax/app@1.2.0#rate"
  //   field or case with documentation "acme:tax/lib@1.2.0#rate.percent"
  //   import or export of a world      "acme:tax/app@1.2.0#import:acme:log/log@0.1.0",
  //   "#export:run" and inside one written in place  "acme:tax/app@1.2.0#import:log#write"
  std::string path;
  std::string docs;          // the lines of `///` before it; can be empty
  std::string file;          // the name of a source
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based, in characters

  bool operator==(const WitItem&) const = default;
};

// An item that is left out, because its attribute `@unstable` names a feature that is not enabled.
// The items in it are not listed. An `include` has a path too: "acme:tax/app@1.2.0#include:acme:a/b".
struct LeftOutItem {
  std::string path;
  std::string feature;
  Location where;

  bool operator==(const LeftOutItem&) const = default;
};

// A package name with a keyword in it, such as `example:interface`.
struct KeywordName {
  std::string spelled;  // as all tools accept it: "example:%interface"
  Location where;       // of its first use

  bool operator==(const KeywordName&) const = default;
};

// A file of WIT: text, or a binary WIT package.
struct WitSource {
  std::string file;  // its name in positions and errors; it is not opened
  std::vector<std::uint8_t> bytes;
  // The number of the package that the file is a part of; 0 is the main package. The files of a package
  // are adjacent.
  std::uint32_t package = 0;
};

struct EncodedWit {
  std::string package;               // name of the encoded package, such as "acme:tax@1.2.0"
  std::vector<std::uint8_t> binary;  // a binary WIT package: a component whose exports are types
  // Packages in the order of their dependencies, the main one last; within a package in the order
  // of its text. An interface that a world imports by name has the position of the world. Packages
  // that were read from binaries have no items.
  std::vector<WitItem> items;
  std::vector<std::string> worlds;    // the full names of the worlds of all packages, in that order
  std::vector<std::string> features;  // those that attributes name, sorted
  std::vector<LeftOutItem> left_out;  // by file and line
  std::vector<KeywordName> keyword_names;
};

// Encodes one of several WIT packages. Keywords are accepted in the names of packages.
// world: the full name of a world, such as "wasi:http/proxy@0.2.6", whose package is encoded. If there is
// no such world, the main package is encoded.
// Errors: wit-syntax (with file, line, column and an excerpt).
[[nodiscard]] Result<EncodedWit> encode_wit(std::span<const WitSource> sources,
                                            const WitFeatures& features, std::string_view world);

// Encodes one WIT package from a string.
// file: the name used in positions and errors; no file is read.
// Errors: wit-syntax.
[[nodiscard]] Result<EncodedWit> encode_wit_text(std::string_view file, std::string_view text,
                                                 const WitFeatures& features = {});

// Prints a binary as WIT: a WIT package with its dependencies, or the world of a component. The
// output is identical to that of `wasm-tools component wit`.
// Errors: read-malformed (neither a component nor a WIT package, or the decoder refuses it).
[[nodiscard]] Result<std::string> print_wit(std::span<const std::uint8_t> binary);

enum class WasiTrack { Wasi02, Wasi03 };

// A package of WASI as the engine implements it, without items marked `@unstable`.
struct WasiPackage {
  std::string_view name;                 // such as "wasi:cli@0.2.12"
  std::span<const std::uint8_t> binary;  // a binary WIT package
};

// All packages of a track, dependencies first. Lifetime: static. Thread: any.
[[nodiscard]] std::vector<WasiPackage> wasi_packages(WasiTrack track);

}  // namespace tenon::engine
