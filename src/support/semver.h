// Versions as component names carry them: Semantic Versioning 2.0, strictly, and the shortened
// ("canonical") form `@1` with its suffix `.2.3`.
//
//   Result<Version, VersionError> asked = parse_version("0.2.6");
//   track_of(*asked) == "0.2"     // what may stand in for it: see `track_of`
//
// Failures are a reason in words, without a code: the caller knows whether bytes (read-malformed)
// or a manifest (config-value) hold the text.
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

// Which rule a text breaks: "its minor version has a leading zero".
struct VersionError {
  std::string reason;

  bool operator==(const VersionError&) const = default;
};

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;  // "rc.1"; empty: a release
  std::string build;       // "linux.5"; empty: none

  bool operator==(const Version&) const = default;
};

// Reads `major.minor.patch[-prerelease][+build]`. Refused: missing parts, leading zeros, numbers
// over 64 bits, empty or foreign identifiers, any surrounding text.
[[nodiscard]] Result<Version, VersionError> parse_version(std::string_view text);

// Reads the version of an interface name, after its `@`: a full version, or a canonical one (`1`,
// `0.2`, `0.0.3`), completed by `suffix` (`.2.3`, `.6-rc.1`, `-alpha`). A canonical version without
// suffix is the lowest release of its track: `1` is 1.0.0. A full version takes no suffix, except
// that `0.0.3` is both and takes one that begins with `-` or `+`.
[[nodiscard]] Result<Version, VersionError> parse_interface_version(
    std::string_view text, std::optional<std::string_view> suffix);

// Reads what follows `@^` in a wire: a full or a canonical version; the answer is its track.
[[nodiscard]] Result<std::string, VersionError> parse_track(std::string_view text);

// `1.2.3-rc.1+build`: the text that `parse_version` reads back.
[[nodiscard]] std::string print_version(const Version& version);

// Precedence by semver.org section 11: numbers as numbers, a prerelease before its release, numeric
// identifiers before others, a shorter list of identifiers before a longer. Build metadata is
// ignored.
[[nodiscard]] std::weak_ordering compare_precedence(const Version& a, const Version& b);

// A total order: precedence, then build metadata as text. "The newest" is the greatest in this
// order.
[[nodiscard]] std::strong_ordering compare_versions(const Version& a, const Version& b);

// The versions that may stand in for each other have one track: `a` for a.b.c with a > 0; `0.b`
// with b > 0; else `0.0.c`. A prerelease is a track of its own (`1.0.0-rc.1`), whatever its build
// metadata. A name without version is a track of its own too; write it as the empty text.
[[nodiscard]] std::string track_of(const Version& version);

// Which versions are wanted, as Cargo writes it: `>=0.1, <1`, `^1.2`, `~1.2.3`, `=1.0.0`, `1.2`,
// `*`.
//
// `1.2` and `^1.2` are one: every version of its track from there on, 1.2.0 to before 2.0.0; `^0.2`
// ends before 0.3.0, `^0.0.3` before 0.0.4. `~1.2` ends before 1.3.0. Parts that are left out are 0
// where a bound is a lower one; `=1.2`, `<=1.2` and `>1.2` mean all of 1.2.
//
// A prerelease is wanted only by a bound that names one of the same numbers: `>=1.0.0-rc.1`.
struct VersionRange {
  // Versions from `least` on and before `end`; an absent one does not bound.
  struct Bound {
    std::optional<Version> least;
    std::optional<Version> end;

    bool operator==(const Bound&) const = default;
  };
  std::vector<Bound> bounds;  // all hold

  bool operator==(const VersionRange&) const = default;
};

[[nodiscard]] Result<VersionRange, VersionError> parse_version_range(std::string_view text);

[[nodiscard]] bool matches_range(const VersionRange& range, const Version& version);

}  // namespace tenon
