// `./dev test` runs before each commit and in CI, so it runs only a sample of the link cases of each
// variant, and fewer repetitions under a sanitizer. `./dev test --all` runs everything.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/sanitizers.h"

namespace tenon {

// Whether this is a run of `./dev test --all`.
inline bool tests_everything() { return std::getenv("TENON_TEST_ALL") != nullptr; }

// How often a test does something, or to how many things: a tenth of `count` under a sanitizer,
// where it takes ten times as long.
inline std::uint32_t repetitions(std::uint32_t count) {
  const bool is_slow = kHasAddressSanitizer || kHasThreadSanitizer;
  return is_slow && !tests_everything() ? count / 10 : count;
}

inline constexpr std::size_t kSampleSize = 40;
inline constexpr const char* kOutOfSample = "not in the sample of its variant: ./dev test --all";

// The sample of cases: the first kSampleSize cases by the FNV-1a hash of their names, so that the
// choice is stable and a new case replaces at most one.
inline std::vector<std::string> choose_sample(std::vector<std::string> cases) {
  if (tests_everything() || cases.size() <= kSampleSize) return cases;
  const auto hash = [](std::string_view name) {
    std::uint64_t value = 0xcbf29ce484222325;
    for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return value;
  };
  std::ranges::sort(cases, {}, hash);
  cases.resize(kSampleSize);
  return cases;
}

}  // namespace tenon
