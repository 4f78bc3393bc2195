// Values of a call in canonical form: between `Value`s and the arena of the call.
//
//   const CanonicalValues values(type, shape);   // once for a function
//   TENON_TRY(const std::uint32_t params, values.write_params(arguments, arena, handles));
//   TENON_TRY_VOID(copy.copy_params(From::memory(arena, params), To::flat(guest, slots)));
//   ...
//   TENON_TRY(const std::uint32_t result, copy.lift_result(From::flat(guest, flat), arena));
//   TENON_TRY(const Value sum, values.read_result(result, arena, handles));
//
// Reading and writing walk the layouts of the function's shape (abi/layout.h). Writing checks the
// values, because anyone can make one. Reading does not: the program that copied values into the
// arena has checked them. Lists of numbers are copied in one piece, both ways; all records of one
// type share their labels.
//
// Source: component-model CanonicalABI.md, "Storing", "Loading".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "abi/value_arena.h"
#include "call/function_shape.h"
#include "call/value_form.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::call {

// Made once for a function. Immutable; threads may share it. Lifetime: on its own.
class CanonicalValues final : public ValueForm {
 public:
  // type: for messages.  REQUIRES: `shape` is that of `type`, in canonical form
  CanonicalValues(FunctionType type, std::shared_ptr<const FunctionShape> shape)
      : type_(std::move(type)), shape_(std::move(shape)) {}

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

 private:
  [[nodiscard]] const abi::FunctionLayout& layout() const { return shape_->program.layout(); }

  FunctionType type_;
  std::shared_ptr<const FunctionShape> shape_;
};

// The items of streams and futures. shape: of `func(item: T)`, in canonical form.
//
// Own handles leave the arena. Errors: value-too-large, as for CanonicalValues.
[[nodiscard]] Result<Value> read_item(const FunctionShape& shape, std::uint32_t address,
                                      abi::ValueArena& arena, HandleExchange& handles);
// Writes an item into a new block. type: of the item. Errors: as `write_result`.
[[nodiscard]] Result<std::uint32_t> write_item(const Value& item, const Type& type,
                                               const FunctionShape& shape, abi::ValueArena& arena,
                                               HandleExchange& handles);

// Whether reading a value would take at most `bytes` of memory.
[[nodiscard]] bool value_fits(const Arena<abi::Layout>& layouts, abi::LayoutId id,
                              std::uint32_t address, abi::ValueArena& arena, std::uint64_t bytes);

}  // namespace tenon::call
