// What reading a value by its type finds wrong, in words that WAVE, JSON and `check_value` share.
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

// The way from a value to one of its parts: `$.items[3].price`.
//
//   const Path::Step step(path, "items");   // the path is longer while `step` lives
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

// Problems up to a number; the rest are counted only.
class Problems {
 public:
  // make: gives the Diagnostic; called only if it is kept.
  template <class Make>
  void add(Make&& make) {
    if (kept_.size() < kMost)
      kept_.push_back(std::forward<Make>(make)());
    else
      ++dropped_;
  }
  [[nodiscard]] bool empty() const { return kept_.empty(); }
  // In the order added; the last has a note if there are more.
  [[nodiscard]] Diagnostics take();

 private:
  static constexpr std::size_t kMost = 20;
  Diagnostics kept_;
  std::size_t dropped_ = 0;
};

// The type as a message writes it: "`list<u8>`".
[[nodiscard]] std::string show_type(const TypeGraph& graph, types::TypeId id);

// "expected `u8`, found a list".
[[nodiscard]] Diagnostic type_problem(const TypeGraph& graph, types::TypeId wanted,
                                      std::string_view found);
// "`300` is out of range of `u8` (0 to 255)".
[[nodiscard]] Diagnostic range_problem(types::Primitive wanted, std::string_view found);
// "`item` has no field `prise`", with the fields that are near. what: "field", "case", "flag".
[[nodiscard]] Diagnostic label_problem(const TypeGraph& graph, types::TypeId type,
                                       std::string_view what, std::string_view label,
                                       const std::vector<std::string>& labels);
// "the field `price` stands twice".
[[nodiscard]] Diagnostic repeat_problem(std::string_view what, std::string_view label);
// "`item` needs the field `price: f64`", for each that is missing.
[[nodiscard]] Diagnostic missing_problem(const TypeGraph& graph, types::TypeId type,
                                         std::span<const types::Field* const> fields);
// "`days` needs a payload, `u32`", "`forever` has no payload".
[[nodiscard]] Diagnostic payload_problem(const TypeGraph& graph, std::string_view label,
                                         const std::optional<types::TypeId>& payload);
// "expected 4 elements for `list<u8, 4>`, found 3".
[[nodiscard]] Diagnostic count_problem(const TypeGraph& graph, types::TypeId type,
                                       std::size_t wanted, std::size_t found);
// "the function takes 1 argument, found 3". type: the function's, as WIT.
[[nodiscard]] Diagnostic too_many_problem(std::size_t wanted, std::size_t found,
                                          std::string_view type);
// "the argument `c: string` is missing".
[[nodiscard]] Diagnostic missing_argument_problem(const TypeGraph& graph,
                                                  const types::Field& parameter,
                                                  std::string_view type);
// Streams, futures and error contexts.
[[nodiscard]] Diagnostic no_text_problem(const TypeGraph& graph, types::TypeId type);
enum class HandlesKnown { No, Yes };
// No handle is written so; or, if none are known, no handle can be written at all.
[[nodiscard]] Diagnostic handle_problem(const TypeGraph& graph, types::TypeId type,
                                        std::string_view written, HandlesKnown known);

}  // namespace tenon::value
