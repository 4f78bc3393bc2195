#include "support/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <tuple>

namespace tenon {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view get_namespace(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

struct NearMiss {
  std::size_t distance = 0;
  bool is_foreign = false;  // not in the namespace of the wanted name
  std::string_view name;

  auto key() const { return std::tie(distance, is_foreign, name); }
};

// The largest distance at which a name counts as near `wanted`.
std::size_t choose_bound(std::string_view name) {
  return std::min(kNearMissDistance, name.empty() ? 0 : (name.size() - 1) / 2);
}

template <class Text>
std::vector<std::string_view> find_near(std::string_view name, std::span<const Text> candidates,
                                        std::size_t bound, std::size_t limit) {
  const std::string lower = lower_case(name);
  std::vector<NearMiss> near;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > name.size() + bound || name.size() > candidate.size() + bound) continue;
    const std::optional<std::size_t> distance =
        find_edit_distance(lower, lower_case(candidate), bound);
    if (distance)
      near.push_back({*distance, get_namespace(candidate) != get_namespace(name), candidate});
  }
  std::sort(near.begin(), near.end(),
            [](const NearMiss& a, const NearMiss& b) { return a.key() < b.key(); });
  std::vector<std::string_view> names;
  for (const NearMiss& miss : near) {
    if (names.size() == limit) break;
    if (names.empty() || names.back() != miss.name) names.push_back(miss.name);
  }
  return names;
}

}  // namespace

std::optional<std::size_t> find_edit_distance(std::string_view a, std::string_view b,
                                              std::size_t bound) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > bound) return std::nullopt;
  bound = std::min(bound, b.size());
  // Optimal string alignment, the edit distance with swaps of adjacent bytes. Row i has the
  // distances from a[0..i) to every b[0..j). A distance is at least |i - j|, so only the cells
  // within `bound` of the diagonal are computed; all others count as over the bound.
  const std::size_t over = bound + 1;
  std::vector<std::size_t> two_up(b.size() + 1, over);
  std::vector<std::size_t> up(b.size() + 1, over);
  std::vector<std::size_t> row(b.size() + 1, over);
  for (std::size_t j = 0; j <= bound; ++j) row[j] = j;
  std::size_t best_up = 0;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_up, up);
    std::swap(up, row);
    const std::size_t first = i > bound ? i - bound : 0;
    const std::size_t last = std::min(b.size(), i + bound);
    if (first > 0) row[first - 1] = over;
    std::size_t best = over;
    for (std::size_t j = first; j <= last; ++j) {
      if (j == 0) {
        row[j] = i;
      } else {
        const std::size_t above = j < i + bound ? up[j] : over;
        row[j] = std::min({above + 1, row[j - 1] + 1,
                           up[j - 1] + static_cast<std::size_t>(a[i - 1] != b[j - 1])});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          row[j] = std::min(row[j], two_up[j - 2] + 1);
      }
      best = std::min(best, row[j]);
    }
    // A swap refers to the row before the last, so only two rows over the bound end the search.
    if (best > bound && best_up > bound) return std::nullopt;
    best_up = best;
  }
  return row[b.size()] <= bound ? std::optional(row[b.size()]) : std::nullopt;
}

std::vector<std::string_view> near_misses(std::string_view name,
                                          std::span<const std::string_view> candidates,
                                          std::size_t limit) {
  return find_near(name, candidates, choose_bound(name), limit);
}

std::vector<std::string_view> near_misses(std::string_view name,
                                          std::span<const std::string> candidates,
                                          std::size_t limit) {
  return find_near(name, candidates, choose_bound(name), limit);
}

std::vector<std::string_view> near_function_names(std::string_view name,
                                                  std::span<const std::string> candidates,
                                                  std::size_t limit) {
  return find_near(name, candidates, name.size() == 2 ? 1 : choose_bound(name), limit);
}

std::string did_you_mean(std::span<const std::string_view> names) {
  if (names.empty()) return {};
  std::string hint = "did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) hint += i + 1 == names.size() ? " or " : ", ";
    hint += fmt::format("`{}`", names[i]);
  }
  return hint + "?";
}

std::string suggest_name(std::string_view name, std::vector<std::string> names,
                         std::string_view what) {
  constexpr std::size_t kListed = 8;
  if (names.empty()) return fmt::format("remove it: there are no {}", what);
  std::string near = did_you_mean(near_misses(name, std::span<const std::string>(names)));
  if (!near.empty()) return near;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string hint = fmt::format("name one of the {}: ", what);
  for (std::size_t i = 0; i < names.size() && i < kListed; ++i)
    hint += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  if (names.size() > kListed) hint += fmt::format(" and {} more", names.size() - kListed);
  return hint;
}

std::string shown_name(std::string_view interface, std::string_view name) {
  return interface.empty() ? std::string(name) : fmt::format("{}#{}", interface, name);
}

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  // The position of the last `*`, and how much of the text it has matched so far. On a mismatch
  // only this one takes one more byte: giving more to an earlier `*` would only leave less for the
  // later.
  std::size_t star = std::string_view::npos;
  std::size_t swallowed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      swallowed = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++swallowed;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_part(char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

bool is_unit_name(std::string_view name) {
  return !name.empty() && is_lower(name.front()) && name != "wasi" &&
         std::ranges::all_of(name, is_part);
}

namespace {

// Eight hexadecimal digits that differ for different texts, with FNV-1a.
std::string digest_name(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return fmt::format("{:08x}", hash);
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string propose_unit_name(std::string_view name, std::string_view prefix) {
  std::string proposed;
  if (!std::ranges::all_of(name, is_ascii)) {
    // Names in other scripts than Latin have few letters or none in common with unit names.
    std::string latin;
    std::ranges::copy_if(name, std::back_inserter(latin), is_ascii);
    std::string start = latin.empty() ? std::string(prefix) : propose_unit_name(latin, prefix);
    if (!start.ends_with('-')) start += '-';
    return start + digest_name(name);
  }
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    proposed += is_part(lower) ? lower : '-';
  }
  if (proposed.empty() || !is_lower(proposed.front())) proposed.insert(0, prefix);
  return proposed;
}

std::string unit_name_of(std::string_view path) {
  if (const std::size_t slash = path.find_last_of('/'); slash != path.npos)
    path.remove_prefix(slash + 1);
  const std::size_t dot = path.find_last_of('.');
  const bool has_stem = dot != path.npos && dot != 0;
  return propose_unit_name(has_stem ? path.substr(0, dot) : path, "u");
}

std::string propose_unit_name(std::string_view name) {
  std::string proposed = unit_name_of(name);
  if (!is_unit_name(proposed)) proposed += "-unit";
  return proposed;
}

}  // namespace tenon
