// Names of imports and exports as users write them in wires, filters and `--why`.
//
//   acme:tax/lib            every version, and no version
//   acme:tax/lib@1.2.0      this one
//   acme:tax/lib@^1         the track
//   acme:stock/*            a glob; `*` crosses `/`, `:` and `@`
//   log, [method]bucket.get a plain name
//
// Source: docs/resolve.md, "Filters and hints".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/semver.h"
#include "tenon/result.h"
#include "types/interface_name.h"

namespace tenon::resolve {

// How much a pattern says; of two wires that match one import, the one that says more decides.
enum class Precision { Glob, EveryVersion, Track, Exact };

struct NamePattern {
  std::string text;  // as the user wrote it
  std::string path;  // before the version; the whole text of a plain name or a glob over it
  bool is_glob = false;
  std::optional<Version> version;    // `@1.2.3`
  std::optional<std::string> track;  // `@^1`
  Precision precision = Precision::Exact;
};

// Takes a pattern apart. Errors: a reason in words, such as "its major version is not a number".
[[nodiscard]] Result<NamePattern, VersionError> parse_name_pattern(std::string_view text);

[[nodiscard]] bool matches_name(const NamePattern& pattern, const types::ItemName& name);

}  // namespace tenon::resolve
