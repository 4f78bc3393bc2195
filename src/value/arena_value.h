// Values of a call, to and from the arena that the call is made with.
//
//   const ValueProgram values = ValueProgram::make(type, layout);   // once for a function
//   TENON_TRY(const std::uint32_t params, values.write_params(arguments, arena, handles));
//   TENON_TRY_VOID(copy.copy_params(From::memory(arena, params), To::flat(guest, slots)));
//   ...
//   TENON_TRY(const std::uint32_t result, copy.lift_result(From::flat(guest, flat), arena));
//   const Value sum = values.read_result(result, arena, handles);
//
// Writing checks: a value comes from anyone. Reading does not: what an arena holds was checked by
// the program that copied it there. Packed lists are copied in one piece, both ways; the records of
// one type share their labels.
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
#include "support/arena.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"
#include "value/labels.h"

namespace tenon::value {

// What handles in values mean to who makes the call. Neither function may touch the arena.
class HandleExchange {
 public:
  virtual ~HandleExchange() = default;

  // A handle that is passed: its token, which the arena then holds. Errors: value-handle, without
  // path. If writing fails after some handles were given, taking them back is this side's matter.
  virtual Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) = 0;
  // A handle that came. resource: its name, for people.
  virtual ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                           const std::string& resource) = 0;
};

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
  std::uint8_t discriminant_size = 0;  // variant, enum, option, result
  std::uint32_t size = 0;
  std::uint32_t align = 1;
  // Record, tuple: the parts; variant, option, result: the cases; list: the element; map: of an
  // entry, the key and the value.
  std::vector<ValuePart> parts = {};
  // List, map: from one element or entry to the next, and its alignment.
  std::uint32_t element_size = 0;
  std::uint32_t element_align = 1;
  std::optional<std::uint32_t> length = {};  // list of a fixed length
  std::optional<LabelTable> labels = {};     // record, variant, enum, flags
  std::string resource = {};                 // own, borrow
};

// How much is read, for who only shows it: so many elements of each list that is in no other list,
// with all that is inside of them, and so many bytes of its strings, or of a string outside of
// lists. A string may end in the middle of a character.
struct ReadBound {
  std::uint32_t list_parts = std::numeric_limits<std::uint32_t>::max();
};

// Made once for a function. Immutable; threads may share it. Lifetime: on its own.
class ValueProgram final {
 public:
  // REQUIRES: `layout` is what `lay_out_function` made of `type`.
  static ValueProgram make(FunctionType type, const abi::FunctionLayout& layout);

  // Writes the record of the params into a new block of the arena, and returns its address. After
  // an error the arena may hold parts.
  // Errors: value-type (a wrong count of arguments is one), value-label, value-handle: each with
  //         its path, such as `$.items[3].price`; value-too-large.
  [[nodiscard]] Result<std::uint32_t> write_params(std::span<const Value> arguments,
                                                   abi::ValueArena& arena,
                                                   HandleExchange& handles) const;
  // The same for the result, with `$` for all of it.  REQUIRES: the function has one
  [[nodiscard]] Result<std::uint32_t> write_result(const Value& result, abi::ValueArena& arena,
                                                   HandleExchange& handles) const;

  // address: of the record of the params. One value for each.
  // REQUIRES of both: the values came into the arena by the program of the same function. Own
  // handles leave the arena: reading is done once.
  // A value takes more memory than its bytes: up to about a hundred times as much, for a list of
  // records of a byte each. Who reads all of what a stranger wrote asks first whether it fits.
  [[nodiscard]] std::vector<Value> read_params(std::uint32_t address, abi::ValueArena& arena,
                                               HandleExchange& handles, ReadBound bound = {}) const;
  // REQUIRES: the function has a result
  [[nodiscard]] Value read_result(std::uint32_t address, abi::ValueArena& arena,
                                  HandleExchange& handles, ReadBound bound = {}) const;

  // Whether what would be read takes at most `bytes` of memory. Leaves the arena as it is.
  // REQUIRES: as reading
  [[nodiscard]] bool params_fit(std::uint32_t address, abi::ValueArena& arena,
                                std::uint64_t bytes) const;
  [[nodiscard]] bool result_fits(std::uint32_t address, abi::ValueArena& arena,
                                 std::uint64_t bytes) const;

  // For other readers and writers of the same bytes.
  [[nodiscard]] const Arena<ValueNode>& nodes() const { return nodes_; }
  [[nodiscard]] ValueNodeId params() const { return params_; }
  // Not valid: there is no result.
  [[nodiscard]] ValueNodeId result() const { return result_; }
  [[nodiscard]] const FunctionType& type() const { return type_; }

 private:
  explicit ValueProgram(FunctionType type) : type_(std::move(type)) {}

  FunctionType type_;
  Arena<ValueNode> nodes_;
  ValueNodeId params_;  // a tuple of all
  ValueNodeId result_;  // not valid: none
};

}  // namespace tenon::value
