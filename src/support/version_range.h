// Which versions are wanted, as Cargo writes it: `>=0.1, <1`, `^1.2`, `~1.2.3`, `=1.0.0`, `1.2`,
// `*`.
//
// `1.2` and `^1.2` are one: every version of its track from there on, 1.2.0 to before 2.0.0; `^0.2`
// ends before 0.3.0, `^0.0.3` before 0.0.4. `~1.2` ends before 1.3.0. Parts that are left out are 0
// where a bound is a lower one; `=1.2`, `<=1.2` and `>1.2` mean all of 1.2.
//
// A prerelease is wanted only by a bound that names one of the same numbers: `>=1.0.0-rc.1`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/semver.h"
#include "tenon/result.h"

namespace tenon {

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
