// SOURCE texts: where an extension is to come from.
//
//   ./square.wasm, ./square, /opt/square        a path
//   math@^1, acme:math@^1.2, acme:math          a package of a configured registry
//   oci://registry.example/acme/math:1.2.0      a repository of an OCI registry
//   https://example.org/math.wasm               a URL
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "registry/url.h"
#include "support/version_range.h"
#include "tenon/result.h"

namespace tenon::registry {

struct PackageName {
  std::string space;  // the namespace
  std::string name;

  auto operator<=>(const PackageName&) const = default;
};

inline constexpr std::string_view kLabelRule =
    "words of a-z and 0-9 that begin with a letter, with `-` between";

// At most 64 characters, as the names of extensions.
[[nodiscard]] bool is_label(std::string_view text);

// Two labels with `:` between; nothing for any other text.
[[nodiscard]] std::optional<PackageName> parse_package_name(std::string_view text);

// `acme:math`
[[nodiscard]] std::string print_package_name(const PackageName& package);

// Which rule a text breaks: "names no repository".
struct OciReferenceError {
  std::string reason;

  bool operator==(const OciReferenceError&) const = default;
};

struct OciReference {
  std::string registry;    // HOST or HOST:PORT
  std::string repository;  // `acme/math`
  std::string tag;         // empty: none
  std::string digest;      // `sha256:` and 64 digits; empty: none. It decides where both stand

  bool operator==(const OciReference&) const = default;
};

// text: without `oci://`.
[[nodiscard]] Result<OciReference, OciReferenceError> parse_oci_reference(std::string_view text);

// With `oci://`.
[[nodiscard]] std::string print_oci_reference(const OciReference& reference);

[[nodiscard]] bool is_oci_repository(std::string_view text);
[[nodiscard]] bool is_oci_tag(std::string_view text);
// `sha256:` and 64 digits 0-9 a-f: the one algorithm that registries must know.
[[nodiscard]] bool is_oci_digest(std::string_view text);

struct PathSource {
  std::string path;  // as written

  bool operator==(const PathSource&) const = default;
};

struct RegistrySource {
  std::optional<std::string> space;  // the namespace; nothing: any that has the name
  std::string name;
  VersionRange range;
  std::string range_text;  // as written; empty: any version

  bool operator==(const RegistrySource&) const = default;
};

struct UrlSource {
  Url url;

  bool operator==(const UrlSource&) const = default;
};

using Source = std::variant<PathSource, RegistrySource, OciReference, UrlSource>;

// A text with a `/` in it, or one that begins with `.` or ends with `.wasm` or `.wat`, is a path;
// `oci://`, `https://` and `http://` (only of this machine) are what they say; all else is a
// package. Errors: ext-source.
[[nodiscard]] Result<Source> parse_source(std::string_view text);

}  // namespace tenon::registry
