// What reading and writing `Value`s as CGRF needs besides the bytes: the names that the wire uses
// for types, the path to the current value, and the problem that is reported with that path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "packr/graph_type.h"
#include "packr/graph_view.h"
#include "types/type.h"

namespace tenon::packr {

// The names of a package's records and variants on the wire. A type without a name has none there.
using TypeNamesOnWire = std::unordered_map<types::TypeId, std::string>;

// The types of a package's functions. Lifetime: refers to both members.
struct ValueTypes {
  const types::Types& types;
  const TypeNamesOnWire& names;

  [[nodiscard]] std::string wire_name(types::TypeId id) const;
  // The type descriptor, as lists, options and results carry it. packr uses `string` for a value of
  // any type.
  [[nodiscard]] GraphType wire_type(types::TypeId id) const;
  [[nodiscard]] GraphType wire_type(const std::optional<types::TypeId>& id) const {
    return id ? wire_type(*id) : GraphType();
  }
  [[nodiscard]] bool is_option(types::TypeId id) const {
    return std::holds_alternative<types::Option>(types.types[id].kind);
  }
  // The key and value of a list of pairs; nothing if the elements are not pairs.
  [[nodiscard]] std::optional<types::Map> pair_of(types::TypeId element) const;
  // Whether a side of a result that metadata describes with this type can be without a payload:
  // metadata cannot express that, and has types::kEmptyOk or types::kEmptyError instead.
  [[nodiscard]] bool may_be_empty(types::TypeId id, ResultSide side) const;
};

// The node kind of a primitive type. REQUIRES: not an error context
[[nodiscard]] NodeKind kind_of_primitive(types::Primitive primitive);

// The records and variants around the current value, innermost last. In a recursive type, a Dynamic
// stands for one of them.
using EnclosingTypes = std::vector<types::TypeId>;

// Adds a type to them for a scope.
class Enclosed final {
 public:
  Enclosed(EnclosingTypes& enclosing, types::TypeId id) : enclosing_(enclosing) {
    enclosing_.push_back(id);
  }
  Enclosed(const Enclosed&) = delete;
  Enclosed& operator=(const Enclosed&) = delete;
  ~Enclosed() { enclosing_.pop_back(); }

 private:
  EnclosingTypes& enclosing_;
};

// The innermost type that has the case of a variant whose own type is unknown, with its position.
[[nodiscard]] std::optional<types::TypeId> find_enclosing_variant(const ValueTypes& types,
                                                                  const EnclosingTypes& enclosing,
                                                                  const VariantView& variant);

// Why a value does not fit its type, or cannot be encoded.
struct ValueProblem {
  std::string path;  // "$.items[3].price"; can be empty
  std::string message;
};

// "$.items[3].price: expected u8, found string"
[[nodiscard]] std::string describe(const ValueProblem& problem);

// The path from a value to one of its parts: `$.items[3].price`. Only printing it allocates.
//
//   const ValuePath::Step step(path, ValuePath::element(3));  // longer while `step` exists
class ValuePath final {
 public:
  // One of `.label`, `.2` (of a tuple), `[3]` (of a list) and `[3].key` (of a map).
  // Lifetime: the label must outlive the step.
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

  // Lives on the stack of the function that visits the part.
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

// How deep the values of a call can be nested.
inline constexpr std::uint32_t kMaxValueDepth = 500;

}  // namespace tenon::packr
