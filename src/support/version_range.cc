#include "support/version_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon {

namespace {

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A version that may end early: 1, 1.2, 1.2.3-rc.1. parts: how many numbers it has.
struct Partial {
  Version version;
  int parts = 0;
};

Result<Partial, VersionError> parse_partial(std::string_view text) {
  Partial made;
  const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
  made.parts = static_cast<int>(std::ranges::count(numbers, '.')) + 1;
  std::string whole(numbers);
  for (int i = made.parts; i < 3; ++i) whole += ".0";
  if (made.parts < 3 && numbers.size() != text.size())
    return VersionError{fmt::format("`{}` names a prerelease of a version without all its numbers",
                                    sanitize_text(text))};
  TENON_TRY(made.version, parse_version(whole.append(text.substr(numbers.size()))));
  made.version.build.clear();
  return made;
}

Version release(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) {
  return {.major = major, .minor = minor, .patch = patch, .prerelease = {}, .build = {}};
}

// The first release after all versions that begin with so many numbers of `of`. None: there is no
// greater number.
std::optional<Version> after(const Version& of, int parts) {
  constexpr std::uint64_t kMost = UINT64_MAX;
  if (parts == 3 && of.patch != kMost) return release(of.major, of.minor, of.patch + 1);
  if (parts >= 2 && of.minor != kMost) return release(of.major, of.minor + 1, 0);
  if (of.major != kMost) return release(of.major + 1, 0, 0);
  return std::nullopt;
}

// How many numbers all versions of its track share.
int track_parts(const Partial& of) {
  if (of.version.major > 0 || of.parts == 1) return 1;
  if (of.version.minor > 0 || of.parts == 2) return 2;
  return 3;
}

// What follows `>` of a whole version: its next prerelease or release; nothing lies between.
std::optional<Version> just_after(const Version& version) {
  if (version.prerelease.empty()) return after(version, 3);
  Version next = version;
  next.prerelease += ".0";
  return next;
}

Result<VersionRange::Bound, VersionError> parse_bound(std::string_view text) {
  if (text == "*") return VersionRange::Bound{};
  const std::size_t end = std::min(text.find_first_not_of("<>=^~"), text.size());
  const std::string_view sign = text.substr(0, end);
  TENON_TRY(const Partial at, parse_partial(trim(text.substr(end))));
  const bool is_whole = at.parts == 3;
  if (sign.empty() || sign == "^")
    return VersionRange::Bound{at.version, after(at.version, track_parts(at))};
  if (sign == "~") return VersionRange::Bound{at.version, after(at.version, std::min(at.parts, 2))};
  if (sign == ">=") return VersionRange::Bound{at.version, std::nullopt};
  if (sign == "<") return VersionRange::Bound{std::nullopt, at.version};
  const std::optional<Version> next =
      is_whole ? just_after(at.version) : after(at.version, at.parts);
  if (sign == "=") return VersionRange::Bound{at.version, next};
  if (sign == "<=") return VersionRange::Bound{std::nullopt, next};
  if (sign == ">" && !next) return VersionError{"no version is greater"};
  if (sign == ">") return VersionRange::Bound{next, std::nullopt};
  return VersionError{
      fmt::format("`{}` is no sign of a range; `=`, `<`, `<=`, `>`, `>=`, `^` and `~` are",
                  sanitize_text(sign))};
}

bool has_numbers_of(const std::optional<Version>& bound, const Version& version) {
  return bound && !bound->prerelease.empty() && bound->major == version.major &&
         bound->minor == version.minor && bound->patch == version.patch;
}

}  // namespace

Result<VersionRange, VersionError> parse_version_range(std::string_view text) {
  VersionRange range;
  for (;;) {
    const std::size_t comma = text.find(',');
    TENON_TRY(VersionRange::Bound bound, parse_bound(trim(text.substr(0, comma))));
    range.bounds.push_back(std::move(bound));
    if (comma == text.npos) return range;
    text.remove_prefix(comma + 1);
  }
}

bool matches_range(const VersionRange& range, const Version& version) {
  const bool is_within = std::ranges::all_of(range.bounds, [&](const VersionRange::Bound& bound) {
    return (!bound.least || compare_precedence(version, *bound.least) >= 0) &&
           (!bound.end || compare_precedence(version, *bound.end) < 0);
  });
  if (!is_within || version.prerelease.empty()) return is_within;
  return std::ranges::any_of(range.bounds, [&](const VersionRange::Bound& bound) {
    return has_numbers_of(bound.least, version) || has_numbers_of(bound.end, version);
  });
}

}  // namespace tenon
