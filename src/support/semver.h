// Versions in the names of interfaces: Semantic Versioning 2.0, strictly, and the shortened
// ("canonical") form `@1` with its suffix `.2.3`. And ranges of versions, as in Cargo.
//
//   Result<Version, VersionError> version = parse_version("0.2.6");
//   track_of(*version) == "0.2"                            // compatible versions share a track
//   matches_range(*parse_version_range("^0.2"), *version)  // true
//
// An error is a reason in words, without a diagnostic code: only the caller knows whether the text
// comes from a binary (read-malformed) or a manifest (config-value).
//
// Source: semver.org 2.0.0; component-model Explainer.md, "Canonical Interface Name".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// The rule that a text breaks, such as "its minor version has a leading zero".
struct VersionError {
  std::string reason;

  bool operator==(const VersionError&) const = default;
};

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;  // "rc.1"; empty for a release
  std::string build;       // "linux.5"; may be empty

  bool operator==(const Version&) const = default;
};

// Reads `major.minor.patch[-prerelease][+build]`. Rejects missing parts, leading zeros, numbers
// over 64 bits, empty identifiers, other characters in identifiers, and surrounding text.
[[nodiscard]] Result<Version, VersionError> parse_version(std::string_view text);

// Reads the version of an interface name, after its `@`: a full version, or a canonical one (`1`,
// `0.2`, `0.0.3`), completed by `suffix` (`.2.3`, `.6-rc.1`, `-alpha`). A canonical version without
// suffix is the lowest release of its track: `1` is 1.0.0. A full version takes no suffix; `0.0.3`
// is both a full and a canonical version, and takes one that begins with `-` or `+`.
[[nodiscard]] Result<Version, VersionError> parse_interface_version(
    std::string_view text, std::optional<std::string_view> suffix);

// Reads the version after `@^` in a wire, full or canonical, and returns its track.
[[nodiscard]] Result<std::string, VersionError> parse_track(std::string_view text);

// `1.2.3-rc.1+build`: the text that `parse_version` reads back.
[[nodiscard]] std::string print_version(const Version& version);

// Precedence as in semver.org section 11: numbers compare as numbers, a prerelease comes before its
// release, numeric identifiers before others, a shorter list of identifiers before a longer one.
// Build metadata is ignored.
[[nodiscard]] std::weak_ordering compare_precedence(const Version& a, const Version& b);

// A total order: precedence, then build metadata as text. "The newest" is the greatest in this
// order.
[[nodiscard]] std::strong_ordering compare_versions(const Version& a, const Version& b);

// The track of a version: versions with the same track are compatible. It is `a` for a.b.c with a >
// 0, `0.b` for 0.b.c with b > 0, else `0.0.c`. A prerelease is a track of its own (`1.0.0-rc.1`),
// without its build metadata. The track of a name without version is the empty text.
[[nodiscard]] std::string track_of(const Version& version);

// A range of versions, in Cargo's syntax: `>=0.1, <1`, `^1.2`, `~1.2.3`, `=1.0.0`, `1.2`, `*`.
//
// `1.2` is short for `^1.2`: from 1.2.0 to the end of its track, before 2.0.0. `^0.2` ends before
// 0.3.0, `^0.0.3` before 0.0.4. `~1.2` ends before 1.3.0. In a lower bound, missing parts are 0;
// `=1.2`, `<=1.2` and `>1.2` refer to all versions 1.2.x.
//
// A prerelease matches only if some bound is a prerelease of the same three numbers:
// `>=1.0.0-rc.1`.
struct VersionRange {
  // The versions from `least` up to, but not including, `end`. An absent one does not limit.
  struct Bound {
    std::optional<Version> least;
    std::optional<Version> end;

    bool operator==(const Bound&) const = default;
  };
  std::vector<Bound> bounds;  // a version must satisfy all

  bool operator==(const VersionRange&) const = default;
};

[[nodiscard]] Result<VersionRange, VersionError> parse_version_range(std::string_view text);

[[nodiscard]] bool matches_range(const VersionRange& range, const Version& version);

}  // namespace tenon
