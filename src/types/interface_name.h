// Parses the names of imports and exports.
//
//   parse_item_name("acme:tax/lib@1.2.0")
//       // Interface: path "acme:tax/lib", version 1.2.0, track "1"
//   parse_item_name("[method]account.close")
//       // Method: resource "account", function "close"
//   parse_item_name("run")
//       // Label
//
// Source: component-model Explainer.md, "Import and Export Definitions"; docs/resolve.md section 2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/semver.h"
#include "tenon/result.h"

namespace tenon::types {

enum class NameKind {
  Label,        // `run`
  Interface,    // `acme:tax/lib@1.2.0`
  Constructor,  // `[constructor]account`
  Method,       // `[method]account.close`
  Static,       // `[static]account.open`
  // Names that tenon reads but does not link (`resolve-unsupported-item`):
  NestedName,  // `a:b:c/d`, `a:b/c/d`: nested namespaces or projections
  Dependency,  // `unlocked-dep=<..>`, `locked-dep=<..>`
  Url,         // `url=<..>`
  Integrity,   // `integrity=<..>`
};

// A parsed name. Parts that its kind does not have are empty.
struct ItemName {
  NameKind kind = NameKind::Label;
  std::string text;                // the name as in the binary
  std::string ns;                  // Interface: "acme"
  std::string package;             // Interface: "tax"
  std::string interface;           // Interface: "lib"
  std::string path;                // Interface: "acme:tax/lib", the name without version
  std::optional<Version> version;  // Interface: the full version, completed by the suffix
  std::string track;               // Interface: `track_of(version)`; empty without version
  bool is_canonical = false;       // Interface: the version is shortened (`@1`)
  std::string resource;            // Constructor, Method, Static: "account"
  std::string function;            // Method, Static: "close"

  [[nodiscard]] bool is_resource_function() const {
    return kind == NameKind::Constructor || kind == NameKind::Method || kind == NameKind::Static;
  }
  [[nodiscard]] bool is_supported() const { return kind <= NameKind::Static; }
  // The name with the version written out: "acme:tax/lib@1.2.3" for `acme:tax/lib@1` and `.2.3`.
  [[nodiscard]] std::string full_text() const;

  bool operator==(const ItemName&) const = default;
};

// Parses an import or export name.
// version_suffix: the attribute of the import or export, such as ".2.3"; only for interface names.
// Errors: type-name, with the rule that the name breaks. The caller adds the location.
[[nodiscard]] Result<ItemName> parse_item_name(
    std::string_view text, std::optional<std::string_view> version_suffix = std::nullopt);

// True for a label such as `a`, `a-b2`, `A-B`: words joined by `-`, each all lowercase or all
// uppercase. The first word begins with a letter, the others may begin with a digit.
[[nodiscard]] bool is_label(std::string_view text);

// A key that is equal for labels that exclude each other: those that differ only in case.
[[nodiscard]] std::string label_key(std::string_view label);

// Removes the `%` that WIT has in front of labels that are keywords, since the names in binaries have
// none: "example:%interface/lib.%list" becomes "example:interface/lib.list". Users copy such names from
// `tenon inspect --wit`.
[[nodiscard]] std::string strip_escapes(std::string_view name);

// A key that is equal for names that exclude each other in one component: labels that differ only
// in case, or a method and a static function with the same name.
[[nodiscard]] std::string uniqueness_key(const ItemName& name);

// The same from the text, without making an ItemName.
// Errors: as parse_item_name.
[[nodiscard]] Result<std::string> make_uniqueness_key(
    std::string_view text, std::optional<std::string_view> version_suffix = std::nullopt);

}  // namespace tenon::types
