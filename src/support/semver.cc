#include "support/semver.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool has_leading_zero(std::string_view number) { return number.size() > 1 && number[0] == '0'; }

// Cuts `text` at its first `separator`; the rest is empty if there is none.
struct Cut {
  std::string_view head;
  std::string_view tail;
  bool has_separator = false;
};

Cut cut(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + 1), true};
}

Result<std::uint64_t, VersionError> parse_number(std::string_view text, std::string_view part) {
  if (!is_number(text)) return VersionError{fmt::format("its {} version is not a number", part)};
  if (has_leading_zero(text))
    return VersionError{fmt::format("its {} version has a leading zero", part)};
  std::uint64_t number = 0;
  const std::from_chars_result read =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc())
    return VersionError{fmt::format("its {} version does not fit 64 bits", part)};
  return number;
}

// <dot-separated identifiers>. A numeric identifier of a prerelease has no leading zero.
enum class LeadingZero { Refused, Allowed };

Result<void, VersionError> check_identifiers(std::string_view text, std::string_view part,
                                             LeadingZero leading_zero) {
  Cut rest{{}, text, true};
  while (rest.has_separator) {
    rest = cut(rest.tail, '.');
    if (rest.head.empty()) return VersionError{fmt::format("its {} has an empty identifier", part)};
    if (!std::all_of(rest.head.begin(), rest.head.end(), is_identifier_char))
      return VersionError{
          fmt::format("its {} has a character other than letters, digits and `-`", part)};
    if (leading_zero == LeadingZero::Refused && is_number(rest.head) && has_leading_zero(rest.head))
      return VersionError{fmt::format("its {} has a number with a leading zero", part)};
  }
  return {};
}

// canonversion ::= [1-9][0-9]* | '0.' [1-9][0-9]* | '0.0.' [1-9][0-9]* | '0.0.0'
// Returns the suffix that completes it to the lowest release of its track; nothing if `text` is not
// a canonical version.
std::optional<std::string_view> find_lowest_suffix(std::string_view text) {
  if (is_number(text) && text[0] != '0') return ".0.0";
  if (!text.starts_with("0.")) return std::nullopt;
  const std::string_view minor = text.substr(2);
  if (is_number(minor) && minor[0] != '0') return ".0";
  if (!minor.starts_with("0.")) return std::nullopt;
  const std::string_view patch = minor.substr(2);
  if (is_number(patch) && !has_leading_zero(patch)) return "";
  return std::nullopt;
}

std::strong_ordering compare_identifier(std::string_view a, std::string_view b) {
  const bool a_is_number = is_number(a);
  if (a_is_number != is_number(b))
    return a_is_number ? std::strong_ordering::less : std::strong_ordering::greater;
  // Without leading zeros, the longer number is the greater one, even beyond 64 bits.
  if (a_is_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_prerelease(std::string_view a, std::string_view b) {
  // A release comes after each of its prereleases.
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  Cut rest_a{{}, a, true};
  Cut rest_b{{}, b, true};
  while (rest_a.has_separator && rest_b.has_separator) {
    rest_a = cut(rest_a.tail, '.');
    rest_b = cut(rest_b.tail, '.');
    const std::strong_ordering order = compare_identifier(rest_a.head, rest_b.head);
    if (order != std::strong_ordering::equal) return order;
  }
  return rest_a.has_separator <=> rest_b.has_separator;
}

std::strong_ordering compare_release_and_prerelease(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major <=> b.major;
  if (a.minor != b.minor) return a.minor <=> b.minor;
  if (a.patch != b.patch) return a.patch <=> b.patch;
  return compare_prerelease(a.prerelease, b.prerelease);
}

}  // namespace

Result<Version, VersionError> parse_version(std::string_view text) {
  const Cut build = cut(text, '+');
  const Cut prerelease = cut(build.head, '-');
  const Cut major = cut(prerelease.head, '.');
  const Cut minor = cut(major.tail, '.');
  if (!major.has_separator || !minor.has_separator)
    return VersionError{"a version needs three numbers: major.minor.patch"};

  Version version;
  const struct {
    std::string_view text;
    std::string_view name;
    std::uint64_t& number;
  } parts[] = {{major.head, "major", version.major},
               {minor.head, "minor", version.minor},
               {minor.tail, "patch", version.patch}};
  for (const auto& part : parts) {
    Result<std::uint64_t, VersionError> number = parse_number(part.text, part.name);
    if (!number) return std::move(number).error();
    part.number = *number;
  }
  if (prerelease.has_separator) {
    Result<void, VersionError> checked =
        check_identifiers(prerelease.tail, "prerelease", LeadingZero::Refused);
    if (!checked) return std::move(checked).error();
    version.prerelease = prerelease.tail;
  }
  if (build.has_separator) {
    Result<void, VersionError> checked =
        check_identifiers(build.tail, "build metadata", LeadingZero::Allowed);
    if (!checked) return std::move(checked).error();
    version.build = build.tail;
  }
  return version;
}

Result<Version, VersionError> parse_interface_version(std::string_view text,
                                                      std::optional<std::string_view> suffix) {
  const std::optional<std::string_view> lowest = find_lowest_suffix(text);
  if (!suffix) return parse_version(fmt::format("{}{}", text, lowest.value_or("")));
  if (!lowest) return VersionError{"a version suffix needs a canonical version: 1, 0.2 or 0.0.3"};
  // Joined, `1` and `0.2.3` would be 10.2.3.
  if (!suffix->empty() && suffix->find_first_of(".-+") != 0)
    return VersionError{"a version suffix begins with `.`, `-` or `+`"};
  return parse_version(fmt::format("{}{}", text, *suffix));
}

Result<std::string, VersionError> parse_track(std::string_view text) {
  Result<Version, VersionError> version = parse_interface_version(text, std::nullopt);
  if (!version) return std::move(version).error();
  return track_of(*version);
}

std::string print_version(const Version& version) {
  std::string text = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  if (!version.prerelease.empty()) text += "-" + version.prerelease;
  if (!version.build.empty()) text += "+" + version.build;
  return text;
}

std::weak_ordering compare_precedence(const Version& a, const Version& b) {
  return compare_release_and_prerelease(a, b);
}

std::strong_ordering compare_versions(const Version& a, const Version& b) {
  const std::strong_ordering order = compare_release_and_prerelease(a, b);
  return order != std::strong_ordering::equal ? order : a.build <=> b.build;
}

std::string track_of(const Version& version) {
  if (!version.prerelease.empty())
    return fmt::format("{}.{}.{}-{}", version.major, version.minor, version.patch,
                       version.prerelease);
  if (version.major > 0) return fmt::format("{}", version.major);
  if (version.minor > 0) return fmt::format("0.{}", version.minor);
  return fmt::format("0.0.{}", version.patch);
}

namespace {

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A version that may lack its last numbers: 1, 1.2, 1.2.3-rc.1. parts: the number of numbers.
struct Partial {
  Version version;
  int parts = 0;
};

Result<Partial, VersionError> parse_partial(std::string_view text) {
  Partial partial;
  const std::string_view numbers = text.substr(0, text.find_first_of("-+"));
  partial.parts = static_cast<int>(std::ranges::count(numbers, '.')) + 1;
  std::string whole(numbers);
  for (int i = partial.parts; i < 3; ++i) whole += ".0";
  if (partial.parts < 3 && numbers.size() != text.size())
    return VersionError{fmt::format("`{}` has a prerelease but lacks some of its three numbers",
                                    sanitize_text(text))};
  TENON_TRY(partial.version, parse_version(whole.append(text.substr(numbers.size()))));
  partial.version.build.clear();
  return partial;
}

Version release(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) {
  return {.major = major, .minor = minor, .patch = patch, .prerelease = {}, .build = {}};
}

// The first release after all versions that share the first `parts` numbers with `of`; nothing if
// the numbers are at their maximum.
std::optional<Version> after(const Version& of, int parts) {
  constexpr std::uint64_t kMost = UINT64_MAX;
  if (parts == 3 && of.patch != kMost) return release(of.major, of.minor, of.patch + 1);
  if (parts >= 2 && of.minor != kMost) return release(of.major, of.minor + 1, 0);
  if (of.major != kMost) return release(of.major + 1, 0, 0);
  return std::nullopt;
}

// The number of numbers that all versions of the track of `of` share.
int track_parts(const Partial& of) {
  if (of.version.major > 0 || of.parts == 1) return 1;
  if (of.version.minor > 0 || of.parts == 2) return 2;
  return 3;
}

// The least version greater than a full one: the next prerelease or release.
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
  if (sign == ">" && !next) return VersionError{"there is no greater version"};
  if (sign == ">") return VersionRange::Bound{next, std::nullopt};
  return VersionError{fmt::format(
      "unknown operator `{}`; use `=`, `<`, `<=`, `>`, `>=`, `^` or `~`", sanitize_text(sign))};
}

bool is_prerelease_of_same_numbers(const std::optional<Version>& bound, const Version& version) {
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
    return is_prerelease_of_same_numbers(bound.least, version) ||
           is_prerelease_of_same_numbers(bound.end, version);
  });
}

}  // namespace tenon
