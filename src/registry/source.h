// SOURCE texts: the place that an extension is fetched from, as a user writes it.
//
//   ./square.wasm, ./square, /opt/square        a path
//   math@^1, acme:math@^1.2, acme:math          a package of a configured registry
//   oci://registry.example/acme/math:1.2.0      a repository of an OCI registry
//   https://example.org/math.wasm               a URL
//
// Source: wasm-pkg-tools, crates/wasm-pkg-common/src/{label,package}.rs; OCI distribution
//         specification 1.1, "Pulling manifests".
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "registry/url.h"
#include "support/semver.h"
#include "tenon/result.h"

namespace tenon::registry {

// The name of a package in a registry: `acme:math`, a namespace and a name.
struct PackageName {
  std::string space;  // the namespace
  std::string name;

  auto operator<=>(const PackageName&) const = default;
};

inline constexpr std::string_view kLabelRule =
    "words of a-z and 0-9, each beginning with a letter, joined by `-`";

// Whether a text is a namespace or a name: see kLabelRule, and at most 64 characters, like the name
// of an extension.
[[nodiscard]] bool is_label(std::string_view text);

// Parses two labels separated by `:`; none for any other text.
[[nodiscard]] std::optional<PackageName> parse_package_name(std::string_view text);

[[nodiscard]] std::string print_package_name(const PackageName& package);

// The rule that a text breaks, as a predicate: "has no repository after its host".
struct OciReferenceError {
  std::string reason;

  bool operator==(const OciReferenceError&) const = default;
};

// A repository of an OCI registry, and a tag or digest in it. A digest takes precedence over a tag.
//
//   oci://registry.example/acme/math:1.2.0
//   oci://registry.example:5000/acme/math@sha256:3f49...
struct OciReference {
  std::string registry;    // HOST or HOST:PORT
  std::string repository;  // `acme/math`
  std::string tag;         // can be empty
  std::string digest;      // `sha256:` and 64 digits; can be empty

  bool operator==(const OciReference&) const = default;
};

// text: the reference without `oci://`.
[[nodiscard]] Result<OciReference, OciReferenceError> parse_oci_reference(std::string_view text);

// The text of a reference, with `oci://`.
[[nodiscard]] std::string print_oci_reference(const OciReference& reference);

[[nodiscard]] bool is_oci_repository(std::string_view text);
[[nodiscard]] bool is_oci_tag(std::string_view text);
// `sha256:` and 64 digits 0-9 a-f. Every registry must support SHA-256; others are not accepted.
[[nodiscard]] bool is_oci_digest(std::string_view text);

struct PathSource {
  std::string path;  // as the user wrote it

  bool operator==(const PathSource&) const = default;
};

struct RegistrySource {
  std::optional<std::string> space;  // the namespace; none: any namespace that has the name
  std::string name;
  VersionRange range;
  std::string range_text;  // as the user wrote it; empty for any version

  bool operator==(const RegistrySource&) const = default;
};

struct UrlSource {
  Url url;

  bool operator==(const UrlSource&) const = default;
};

using Source = std::variant<PathSource, RegistrySource, OciReference, UrlSource>;

// Parses a SOURCE. A text that begins with `oci://`, `https://` or `http://` (only for this
// machine) is an OCI reference or a URL. A text that contains `/`, begins with `.` or ends with
// `.wasm` or `.wat` is a path. Any other text is a package, and the version or range after its `@`:
// `acme:math@1.2.0` is this version alone, `acme:math@1.2` is short for `^1.2`. Errors: ext-source.
[[nodiscard]] Result<Source> parse_source(std::string_view text);

}  // namespace tenon::registry
