// Names of the WIT as those of C and C++.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::bindgen {

// Columns of a line of generated code.
inline constexpr std::size_t kLineWidth = 100;

// "read-only" -> "read_only"; with a `_` after it where C, C++ or a macro of theirs has the word.
[[nodiscard]] std::string snake_name(std::string_view label);

// "read-only" -> "read_only", also where that is a keyword: for what comes before other words.
[[nodiscard]] std::string snake_words(std::string_view label);

// Names of one scope. No name of a WIT ends in `_`, so that one that is appended makes another.
class Names final {
 public:
  Names() = default;
  explicit Names(std::set<std::string> taken) : taken_(std::move(taken)) {}

  // `name`, or that with as many `_` as it takes to be none that was.
  std::string take(std::string name);

 private:
  std::set<std::string> taken_;
};

}  // namespace tenon::bindgen
