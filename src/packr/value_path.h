// The way from a value to one of its parts: `$.items[3].price`. Nothing is allocated until it is
// printed, where something is wrong.
//
//   const ValuePath::Step step(path, ValuePath::element(3));   // holds while `step` lives
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::packr {

class ValuePath final {
 public:
  // One of: `.label`, `.2` of a tuple, `[3]` of a list, and `[3].key` of a map.
  // Lifetime: labels must outlive the step.
  struct Part {
    enum class Kind : std::uint8_t { Label, Position, Element } kind = Kind::Label;
    std::size_t index = 0;
    std::string_view label;
  };
  static Part label(std::string_view label) { return {Part::Kind::Label, 0, label}; }
  static Part position(std::size_t index) { return {Part::Kind::Position, index, {}}; }
  static Part element(std::size_t index, std::string_view label = {}) {
    return {Part::Kind::Element, index, label};
  }

  // On the stack of who goes there.
  class Step final {
   public:
    Step(ValuePath& path, Part part) : path_(path), outer_(path.innermost_), part_(part) {
      path_.innermost_ = this;
    }
    ~Step() { path_.innermost_ = outer_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    friend class ValuePath;
    ValuePath& path_;
    const Step* outer_;
    Part part_;
  };

  [[nodiscard]] std::string print() const;

 private:
  const Step* innermost_ = nullptr;
};

}  // namespace tenon::packr
