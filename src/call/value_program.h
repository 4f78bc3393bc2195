// Values of a call in canonical form, to and from the arena of the call.
//
//   const ValueProgram values = ValueProgram::make(type, layout);   // once for a function
//   TENON_TRY(const std::uint32_t params, values.write_params(arguments, arena, handles));
//   TENON_TRY_VOID(copy.copy_params(From::memory(arena, params), To::flat(guest, slots)));
//   ...
//   TENON_TRY(const std::uint32_t result, copy.lift_result(From::flat(guest, flat), arena));
//   TENON_TRY(const Value sum, values.read_result(result, arena, handles));
//
// Writing checks the values, because anyone can make one. Reading does not: the program that copied
// values into the arena has checked them. Lists of numbers are copied in one piece, both ways; all
// records of one type share their labels.
//
// Source: component-model CanonicalABI.md, "Storing", "Loading".
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/layout.h"
#include "abi/value_arena.h"
#include "call/value_form.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"
#include "value/labels.h"

namespace tenon::call {

struct ValueNode;
using ValueNodeId = Id<ValueNode>;

struct ValuePart {
  ValueNodeId node = {};  // not valid: a case without payload
  std::uint32_t offset = 0;
  std::uint32_t handles = 0;  // places of handles before this part
};

// A type with its layout: what both have in common, once for each type.
struct ValueNode {
  TypeKind kind = TypeKind::Bool;
  types::TypeId type = {};             // not valid: the tuple of all parameters
  std::uint8_t discriminant_size = 0;  // variant, enum, option, result
  std::uint32_t size = 0;
  std::uint32_t align = 1;
  // Record, tuple: the parts; variant, option, result: the cases; list: the element; map: of an
  // entry, the key and the value.
  std::vector<ValuePart> parts = {};
  // List, map: from one element or entry to the next, and its alignment.
  std::uint32_t element_size = 0;
  std::uint32_t element_align = 1;
  std::optional<std::uint32_t> length = {};      // list of a fixed length
  std::optional<value::LabelTable> labels = {};  // record, variant, enum, flags
  std::string resource = {};                     // own, borrow
};

// Made once for a function. Immutable; threads may share it. Lifetime: on its own.
class ValueProgram final : public ValueForm {
 public:
  // REQUIRES: `layout` is what `lay_out_function` made of `type`.
  static ValueProgram make(FunctionType type, const abi::FunctionLayout& layout);

  [[nodiscard]] const FunctionType& type() const override { return type_; }
  [[nodiscard]] Result<std::uint32_t> write_params(std::span<const Value> arguments,
                                                   abi::ValueArena& arena,
                                                   HandleExchange& handles) const override;
  [[nodiscard]] Result<std::uint32_t> write_result(const Value& result, abi::ValueArena& arena,
                                                   HandleExchange& handles) const override;
  [[nodiscard]] Result<std::vector<Value>> read_params(std::uint32_t address,
                                                       abi::ValueArena& arena,
                                                       HandleExchange& handles,
                                                       ReadBound bound = {}) const override;
  [[nodiscard]] Result<Value> read_result(std::uint32_t address, abi::ValueArena& arena,
                                          HandleExchange& handles,
                                          ReadBound bound = {}) const override;

  // Whether the values that would be read take at most `bytes` of memory. Leaves the arena as it
  // is.  REQUIRES: as reading
  [[nodiscard]] bool params_fit(std::uint32_t address, abi::ValueArena& arena,
                                std::uint64_t bytes) const;
  [[nodiscard]] bool result_fits(std::uint32_t address, abi::ValueArena& arena,
                                 std::uint64_t bytes) const;

  // For the readers and writers of other forms.
  [[nodiscard]] const Arena<ValueNode>& nodes() const { return nodes_; }
  [[nodiscard]] ValueNodeId params() const { return params_; }
  // Not valid: there is no result.
  [[nodiscard]] ValueNodeId result() const { return result_; }

 private:
  explicit ValueProgram(FunctionType type) : type_(std::move(type)) {}

  FunctionType type_;
  Arena<ValueNode> nodes_;
  ValueNodeId params_;  // a tuple of all
  ValueNodeId result_;  // not valid: none
};

}  // namespace tenon::call
