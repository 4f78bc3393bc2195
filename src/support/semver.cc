#include "support/semver.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <system_error>

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
  bool found = false;
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

// <dot-separated identifiers>; numeric ones of a prerelease have no leading zero.
enum class LeadingZero { Refused, Allowed };

Result<void, VersionError> check_identifiers(std::string_view text, std::string_view part,
                                             LeadingZero leading_zero) {
  Cut rest{{}, text, true};
  while (rest.found) {
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
// Returns what completes it to the lowest release of its track; nothing if `text` is another form.
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
  // No leading zeros, so the longer number is the greater, of any length.
  if (a_is_number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

std::strong_ordering compare_prerelease(std::string_view a, std::string_view b) {
  // A release comes after each of its prereleases.
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  Cut rest_a{{}, a, true};
  Cut rest_b{{}, b, true};
  while (rest_a.found && rest_b.found) {
    rest_a = cut(rest_a.tail, '.');
    rest_b = cut(rest_b.tail, '.');
    const std::strong_ordering order = compare_identifier(rest_a.head, rest_b.head);
    if (order != std::strong_ordering::equal) return order;
  }
  return rest_a.found <=> rest_b.found;
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
  if (!major.found || !minor.found)
    return VersionError{"a version has three numbers: major.minor.patch"};

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
  if (prerelease.found) {
    Result<void, VersionError> fine =
        check_identifiers(prerelease.tail, "prerelease", LeadingZero::Refused);
    if (!fine) return std::move(fine).error();
    version.prerelease = prerelease.tail;
  }
  if (build.found) {
    Result<void, VersionError> fine =
        check_identifiers(build.tail, "build metadata", LeadingZero::Allowed);
    if (!fine) return std::move(fine).error();
    version.build = build.tail;
  }
  return version;
}

Result<Version, VersionError> parse_interface_version(std::string_view text,
                                                      std::optional<std::string_view> suffix) {
  const std::optional<std::string_view> lowest = find_lowest_suffix(text);
  if (!suffix) return parse_version(fmt::format("{}{}", text, lowest.value_or("")));
  if (!lowest) return VersionError{"a version suffix needs a canonical version: 1, 0.2 or 0.0.3"};
  // `1` and `0.2.3` together would read as 10.2.3.
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

}  // namespace tenon
