// The patterns of names that users write in wires, filters and `--why`.
//
//   acme:tax/lib            every version, and no version
//   acme:tax/lib@1.2.0      this version
//   acme:tax/lib@^1         the track
//   acme:stock/*            a glob; `*` crosses `/`, `:` and `@`
//   log, [method]bucket.get a plain name
//
// Source: docs/resolve.md, "Versions" and "Filters and hints".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/semver.h"
#include "tenon/result.h"
#include "types/interface_name.h"

namespace tenon::resolve {

// How specific a pattern is, least specific first. Of two wires that match an import, the more
// specific one decides.
enum class Precision { Glob, EveryVersion, Track, Exact };

struct NamePattern {
  std::string text;  // as the user wrote it
  std::string path;  // the part before the version; all of a plain name or of a glob without `@`
  bool is_glob = false;
  std::optional<Version> version;    // `@1.2.3`
  std::optional<std::string> track;  // `@^1`
  Precision precision = Precision::Exact;
};

// Errors: the reason in words, such as "its major version is not a number".
[[nodiscard]] Result<NamePattern, VersionError> parse_name_pattern(std::string_view text);

[[nodiscard]] bool matches_name(const NamePattern& pattern, const types::ItemName& name);

}  // namespace tenon::resolve
