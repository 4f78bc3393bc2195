// Problems of values that do not fit their type, worded once for WAVE, JSON and `check_value`.
//
// A problem has no place yet; the caller adds one, with a Path if the value has no source text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/result.h"
#include "types/type.h"
#include "value/type_graph.h"

namespace tenon::value {

// The path from a value to one of its parts: `$.items[3].price`.
//
//   const Path::Step step(path, "items");   // one step longer until `step` is destroyed
class Path {
 public:
  class Step {
   public:
    // Lifetime: `label` must outlive the step.
    Step(Path& path, std::string_view label) : path_(path) { path_.parts_.emplace_back(label); }
    Step(Path& path, std::size_t index) : path_(path) { path_.parts_.emplace_back(index); }
    ~Step() { path_.parts_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Path& path_;
  };

  [[nodiscard]] std::string print() const;

 private:
  std::vector<std::variant<std::string_view, std::size_t>> parts_;
};

// Keeps the first twenty problems and counts the rest.
class Problems {
 public:
  // make: returns a Diagnostic; called only if it is kept.
  template <class Make>
  void add(Make&& make) {
    if (kept_.size() < kMost)
      kept_.push_back(std::forward<Make>(make)());
    else
      ++dropped_;
  }
  // Adds a problem, or a note with its place to an earlier problem with the same message: the cause of
  // both is one type, which is used in several places.
  void add_once(Diagnostic problem);
  [[nodiscard]] bool empty() const { return kept_.empty(); }
  // In the order added. The last one has a note with the number of problems that were not kept.
  [[nodiscard]] Diagnostics take();

 private:
  static constexpr std::size_t kMost = 20;
  Diagnostics kept_;
  std::size_t dropped_ = 0;
};

// The type in backticks, for a message: "`list<u8>`".
[[nodiscard]] std::string show_type(const TypeGraph& graph, types::TypeId id);

// "expected `u8`, found a list".
[[nodiscard]] Diagnostic type_problem(const TypeGraph& graph, types::TypeId expected,
                                      std::string_view actual);
// "`300` is out of range for `u8` (0 to 255)".
[[nodiscard]] Diagnostic range_problem(types::Primitive expected, std::string_view actual);
// "`item` has no field `prise`", with a hint that names similar labels.
// what: "field", "case", "flag".
[[nodiscard]] Diagnostic label_problem(const TypeGraph& graph, types::TypeId type,
                                       std::string_view what, std::string_view label,
                                       const std::vector<std::string>& labels);
// "duplicate field `price`".
[[nodiscard]] Diagnostic duplicate_problem(std::string_view what, std::string_view label);
// "`item` needs the field `price: f64`": one problem for all missing fields.
[[nodiscard]] Diagnostic missing_problem(const TypeGraph& graph, types::TypeId type,
                                         std::span<const types::Field* const> fields);
// "`days` needs a payload of type `u32`", "`forever` has no payload".
[[nodiscard]] Diagnostic payload_problem(const TypeGraph& graph, std::string_view label,
                                         const std::optional<types::TypeId>& payload);
// "expected 4 elements for `list<u8, 4>`, found 3".
[[nodiscard]] Diagnostic count_problem(const TypeGraph& graph, types::TypeId type,
                                       std::size_t expected, std::size_t actual);
// "the function takes 1 argument, found 3". type: the type of the function, as WIT.
[[nodiscard]] Diagnostic argument_count_problem(std::size_t expected, std::size_t actual,
                                                std::string_view type);
// "the argument `c: string` is missing".
[[nodiscard]] Diagnostic missing_argument_problem(const TypeGraph& graph,
                                                  const types::Field& parameter,
                                                  std::string_view type);
// "`stream<u8>` has no text form": for streams, futures and error contexts.
[[nodiscard]] Diagnostic no_text_problem(const TypeGraph& graph, types::TypeId type);
// HandlesKnown::Yes: there is no handle with the number that is written. HandlesKnown::No: handles
// cannot be written at all, since nothing finds a handle by its number.
enum class HandlesKnown { No, Yes };
[[nodiscard]] Diagnostic handle_problem(const TypeGraph& graph, types::TypeId type,
                                        std::string_view written, HandlesKnown known);

}  // namespace tenon::value
