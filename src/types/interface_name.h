// Names of imports and exports, taken apart.
//
//   parse_item_name("acme:tax/lib@1.2.0")     // Interface: path "acme:tax/lib", version 1.2.0,
//   track "1" parse_item_name("[method]account.close")  // Method: resource "account", function
//   "close" parse_item_name("run")                    // Label
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

// Parts that the kind does not have are empty. Owns its text.
struct ItemName {
  NameKind kind = NameKind::Label;
  std::string text;       // the name as it stands in the binary
  std::string ns;         // Interface: "acme"
  std::string package;    // Interface: "tax"
  std::string interface;  // Interface: "lib"
  std::string path;  // Interface: "acme:tax/lib", what names are matched by besides the version
  std::optional<Version> version;  // Interface: the full version, completed by the suffix
  std::string track;               // Interface: `track_of(version)`; empty without version
  bool is_canonical = false;       // Interface: the version is shortened (`@1` with its suffix)
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

// Takes an import or export name apart.
// version_suffix: the attribute of that name, such as ".2.3"; only an interface name may have one.
// Errors: type-name, with the rule that the name breaks and no location; the caller adds it.
[[nodiscard]] Result<ItemName> parse_item_name(
    std::string_view text, std::optional<std::string_view> version_suffix = std::nullopt);

// True for `a`, `a-b2`, `A-B`: words of one case joined by `-`, each begun by a letter but for
// words after the first, which may begin with a digit.
[[nodiscard]] bool is_label(std::string_view text);

// What two names that may not stand side by side have in common: labels that differ only in case
// are one name, and so are a method and a static function of one name.
[[nodiscard]] std::string uniqueness_key(const ItemName& name);

// The same from the text, checked as `parse_item_name` does; costs less than both.
// Errors: type-name, as above.
[[nodiscard]] Result<std::string> make_uniqueness_key(
    std::string_view text, std::optional<std::string_view> version_suffix = std::nullopt);

}  // namespace tenon::types
