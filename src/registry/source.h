// SOURCE texts: where an extension is to come from.
//
//   ./square.wasm, ./square, /opt/square        a path
//   math@^1, acme:math@^1.2, acme:math          a package of a configured registry
//   oci://registry.example/acme/math:1.2.0      a repository of an OCI registry
//   https://example.org/math.wasm               a URL
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "registry/oci_reference.h"
#include "registry/url.h"
#include "support/version_range.h"
#include "tenon/result.h"

namespace tenon::registry {

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
