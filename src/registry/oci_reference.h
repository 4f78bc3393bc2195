// What `oci://` sources name: a repository of a registry, and a tag or a digest in it.
//
//   oci://registry.example/acme/math:1.2.0
//   oci://registry.example:5000/acme/math@sha256:3f49...
//
// Source: OCI distribution specification 1.1, "Pulling manifests".
#pragma once

#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::registry {

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

}  // namespace tenon::registry
