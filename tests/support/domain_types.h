// The types of `demo:domains/lib` (tests/guests/domains) in C++.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "tenon/record.h"
#include "tenon/result.h"

namespace demo {

struct Point {
  std::uint32_t x = 0;
  std::uint64_t y = 0;
  double z = 0;
};
TENON_RECORD(Point, x, y, z)

struct Named {
  std::uint32_t id = 0;
  std::string name;
  double weight = 0;
};
TENON_RECORD(Named, id, name, weight)

struct Trouble : std::variant<std::string, std::monostate> {
  using variant::variant;
};
TENON_VARIANT(Trouble, gone, other)

enum class Reason { Down, Bad };
TENON_ENUM(Reason, Down, Bad)

struct Marks {
  bool red = false;
  bool green = false;
  bool blue = false;
};
TENON_FLAGS(Marks, red, green, blue)

using Mixed = std::tuple<std::optional<std::string>, tenon::Expected<std::uint8_t, std::string>,
                         std::tuple<char32_t, bool, std::int64_t>, Trouble, Marks>;

// A class of objects, not of values. Counts the existing ones.
class Counter {
 public:
  Counter(std::uint32_t start, int& alive) : count_(start), alive_(alive) { ++alive_; }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  ~Counter() { --alive_; }

  std::uint32_t next() { return ++count_; }
  [[nodiscard]] std::uint32_t peek(const Counter& other) const { return count_ + other.count_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  std::uint32_t count_;
  int& alive_;
};

}  // namespace demo
