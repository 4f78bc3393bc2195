// How the values of one function go between `Value`s and the arena of a call.
//
// Functions whose types the Canonical ABI knows have CanonicalValues. Functions of packr packages
// with values of recursive or unknown types have no canonical layout: their parameters, and their
// result, are one message of packr's wire form in the arena (packr::EncodedValues).
//
//   TENON_TRY(const std::uint32_t params, form.write_params(arguments, arena, handles));
//   ... a call with From::memory(arena, params) ...
//   TENON_TRY(const Value sum, form.read_result(result, arena, handles));
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "abi/value_arena.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::call {

// What the handles in values mean to the side that has values: the program, or a trace. Neither
// function may touch the arena.
class HandleExchange {
 public:
  virtual ~HandleExchange() = default;

  // A handle that is passed: its token, which the arena then holds. Errors: value-handle, without
  // path. If writing fails after some handles were given, taking them back is up to this side.
  virtual Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) = 0;
  // A handle that was received. The number in `part` tells its resource
  // (`FunctionShape::param_kinds`, `result_kinds`).
  virtual ValueHandle take(abi::ResourceToken token, abi::HandlePart part) = 0;
};

// How much is read, for a reader that shows only the beginning: this many elements of each list
// that is in no other list, with everything inside them, and this many bytes of their strings or of
// a string outside of lists. A string may end in the middle of a character.
struct ReadBound {
  std::uint32_t list_parts = std::numeric_limits<std::uint32_t>::max();
};

// Immutable; threads may share it.
class ValueForm {
 public:
  virtual ~ValueForm() = default;

  [[nodiscard]] virtual const FunctionType& type() const = 0;

  // Writes the record of the parameters into a new block of the arena, and returns its address.
  // After an error the arena may hold parts of them.
  // Errors: value-type (a wrong count of arguments is one), value-label, value-handle: each with
  //         its path, such as `$.items[3].price`; value-too-large.
  [[nodiscard]] virtual Result<std::uint32_t> write_params(std::span<const Value> arguments,
                                                           abi::ValueArena& arena,
                                                           HandleExchange& handles) const = 0;
  // The same for the result; the path of all of it is `$`.  REQUIRES: the function has a result
  [[nodiscard]] virtual Result<std::uint32_t> write_result(const Value& result,
                                                           abi::ValueArena& arena,
                                                           HandleExchange& handles) const = 0;

  // address: of the record of the parameters; one value for each.
  // REQUIRES of both: the values are in the arena as the shape of the function says. Own handles
  // leave the arena: reading is done once.
  // Errors: value-too-large, if the values would take more than limits::kReadValueBytes of memory
  //         (a list of records of one byte each takes a hundred times its bytes), and the read is
  //         not bounded; value-type, of an encoded message.
  [[nodiscard]] virtual Result<std::vector<Value>> read_params(std::uint32_t address,
                                                               abi::ValueArena& arena,
                                                               HandleExchange& handles,
                                                               ReadBound bound = {}) const = 0;
  // REQUIRES: the function has a result
  [[nodiscard]] virtual Result<Value> read_result(std::uint32_t address, abi::ValueArena& arena,
                                                  HandleExchange& handles,
                                                  ReadBound bound = {}) const = 0;
};

}  // namespace tenon::call
