// The way from a value to one of its parts: `$.items[3].price`.
//
//   const Path::Step step(path, "items");   // holds while `step` lives
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenon::value {

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

}  // namespace tenon::value
