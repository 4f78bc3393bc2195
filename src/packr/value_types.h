// What values are read and written by: types of a package, which another module has made.
#pragma once

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

// What a package calls its records and variants. One without a name here has none on the wire.
using TypeNamesOnWire = std::unordered_map<types::TypeId, std::string>;

// Lifetime: refers to both.
struct ValueTypes {
  const types::Types& types;
  const TypeNamesOnWire& names;

  [[nodiscard]] std::string wire_name(types::TypeId id) const;
  // As an empty list or an option that is none says what it could hold. A Dynamic is a string, as
  // packr has it.
  [[nodiscard]] GraphType wire_type(types::TypeId id) const;
  [[nodiscard]] GraphType wire_type(const std::optional<types::TypeId>& id) const {
    return id ? wire_type(*id) : GraphType();
  }
  [[nodiscard]] bool is_option(types::TypeId id) const {
    return std::holds_alternative<types::Option>(types.types[id].kind);
  }
  // Whether what is said of a side of a result may stand for nothing.
  [[nodiscard]] bool may_be_empty(types::TypeId id, ResultSide side) const;
};

// The kind of node of a primitive type. REQUIRES: not an error context
[[nodiscard]] NodeKind kind_of_primitive(types::Primitive primitive);

// The records and variants around a place, innermost last: where a Dynamic stands for one of them.
using EnclosingTypes = std::vector<types::TypeId>;

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

// A value that does not fit where it is to go.
struct ValueProblem {
  std::string path;  // "$.items[3].price"
  std::string message;
};

// Types and values within each other that a call passes.
inline constexpr std::uint32_t kMaxValueDepth = 500;

}  // namespace tenon::packr
