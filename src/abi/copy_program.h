// Copies the values of a call from one side to the other: from guest to guest, from a guest into an
// arena, from an arena into a guest.
//
// A program is made once for a function type, and is run for each call. It checks and copies the
// params, or the result, wherever they lie on either side: in flat values, in memory, or in bytes
// that the host fills for a guest. Lists are copied as a whole and then mended where their elements
// need it; scalars are copied without looking at memory. Nothing is allocated but by the sides.
//
//   TENON_TRY(FunctionLayout layout, lay_out_function(types, function));
//   const CopyProgram program = CopyProgram::make(std::move(layout));
//   auto copied = program.copy_params(From::flat(caller, params), To::flat(callee, slots));
//
// What a side may do wrong is an error: an address out of bounds or misaligned, a length that
// overflows, a number that is no case or no character, ill-formed text, an address from `realloc`
// that is not in memory. Each is checked where it is read, of the side that gives; that side does
// not run while its values are copied. The side that takes sees nothing of the other but its
// values, also while it runs in the middle (`realloc`): padding, and the payload of other cases,
// are zeroes.
//
// The bits of a NaN are copied as they are, which is one of the choices that the Canonical ABI
// leaves outside its deterministic profile, and what the engine does.
//
// Source: component-model CanonicalABI.md, "Loading" to "Lifting and Lowering Values".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/copy_block.h"
#include "abi/guest.h"
#include "abi/layout.h"
#include "abi/value_arena.h"
#include "tenon/result.h"

namespace tenon::abi {

// Where the params or the result lie on the giving side.
struct From {
  Guest& guest;
  FlatInput flat_values = {};
  std::optional<std::uint32_t> address = {};  // else: flat

  static From flat(Guest& guest, FlatInput values) { return {guest, values}; }
  // The record of the params, or the result.
  static From memory(Guest& guest, std::uint32_t address) { return {guest, {}, address}; }
};

// Where they are written on the taking side.
struct To {
  enum class Where : std::uint8_t { Flat, Memory, Bytes, Allocated };

  Guest& guest;
  Where where = Where::Flat;
  FlatOutput flat_values = {};
  std::uint32_t address = 0;
  std::span<std::uint8_t> host_bytes = {};

  static To flat(Guest& guest, FlatOutput values) {
    return {.guest = guest, .where = Where::Flat, .flat_values = values};
  }
  // At an address that the guest gave.
  static To memory(Guest& guest, std::uint32_t address) {
    return {.guest = guest, .where = Where::Memory, .address = address};
  }
  // In bytes of the host, which the guest will get: they hold addresses of its memory.
  static To bytes(Guest& guest, std::span<std::uint8_t> bytes) {
    return {.guest = guest, .where = Where::Bytes, .host_bytes = bytes};
  }
  // In memory that the guest allocates; its address becomes the first flat value. So params are
  // spilled.
  static To allocated(Guest& guest, FlatOutput values) {
    return {.guest = guest, .where = Where::Allocated, .flat_values = values};
  }
  static To allocated(Guest& guest, FlatValue& address) {
    return allocated(guest, std::span(&address, 1));
  }
};

// A handle that is one of the flat values.
struct FlatHandle {
  std::uint32_t at = 0;  // which
  HandlePart part;
  std::string path;  // "items[3].bucket", for people
};

// Immutable; threads may share it. Lifetime: on its own.
class CopyProgram final {
 public:
  static CopyProgram make(FunctionLayout layout);

  [[nodiscard]] const FunctionLayout& layout() const { return layout_; }

  // Whether copying the result may need the taking side's `reallocate`.
  [[nodiscard]] bool result_allocates() const { return layout_.result && !result_.flat_steps; }

  // After an error the taking side may hold parts of the values. Errors: all kinds.
  [[nodiscard]] Result<void, AbiError> copy_params(const From& from, const To& to) const {
    return copy(params_, from, to);
  }
  // Nothing happens if there is no result.
  [[nodiscard]] Result<void, AbiError> copy_result(const From& from, const To& to) const {
    if (!layout_.result) return {};
    return copy(result_, from, to);
  }

  // Whether both are numbers that are flat on both sides, or there is no result.
  [[nodiscard]] bool is_flat() const { return is_flat_; }
  // Whether the params are such and may be any, so that `given` can be passed on as they are. The
  // high half of a short one may be anything.
  [[nodiscard]] bool takes_as_they_are(const FlatInput& given) const {
    return takes_all_numbers_ && given.size() >= params_.flat_steps->values.size();
  }

  // Numbers that are flat on both sides: neither side is needed. False: they are something else, or
  // wrong, and nothing is done; the functions above copy them or say what is wrong.
  [[nodiscard]] bool copy_flat_params(const FlatInput& from, const FlatOutput& to) const {
    return params_.is_numbers && copy_flat(params_, from, to);
  }
  [[nodiscard]] bool copy_flat_result(const FlatInput& from, const FlatOutput& to) const {
    return result_.is_numbers && copy_flat(result_, from, to);
  }

  // Whether both are numbers and handles that are flat on both sides, or there is no result.
  [[nodiscard]] bool is_flat_but_handles() const {
    return params_.flat_steps && !layout_.has_spilled_result() &&
           (!layout_.result || result_.flat_steps);
  }
  // The same for such values; handles are left to the caller.  REQUIRES: `is_flat_but_handles()`
  [[nodiscard]] bool copy_params_but_handles(const FlatInput& from, const FlatOutput& to) const {
    return copy_flat(params_, from, to);
  }
  [[nodiscard]] bool copy_result_but_handles(const FlatInput& from, const FlatOutput& to) const {
    return copy_flat(result_, from, to);
  }
  [[nodiscard]] std::span<const FlatHandle> param_handles() const { return handles_of(params_); }
  [[nodiscard]] std::span<const FlatHandle> result_handles() const { return handles_of(result_); }

  // Into an arena, at the address that is returned.
  [[nodiscard]] Result<std::uint32_t, AbiError> lift_params(const From& from,
                                                            ValueArena& arena) const {
    return lift(params_, from, arena);
  }
  // REQUIRES: the function has a result.
  [[nodiscard]] Result<std::uint32_t, AbiError> lift_result(const From& from,
                                                            ValueArena& arena) const {
    return lift(result_, from, arena);
  }

 private:
  // What is done with one flat value that is no part of an address or of a variant's payload.
  struct FlatStep {
    enum class Rule : std::uint8_t {
      Keep,    // the bits of `mask` of 32
      Whole,   // all 64
      Number,  // of 32 bits, as `shape` says
      Char,
      Case,  // below `mask`
    };
    Rule rule = Rule::Keep;
    Shape shape = Shape::U32;
    std::uint32_t mask = UINT32_MAX;
  };
  struct FlatSteps {
    std::vector<FlatStep> values;  // one for each
    std::vector<FlatHandle> handles;
  };
  struct Direction {
    LayoutId layout = {};
    // For values that are flat on both sides; absent if they have addresses or payloads.
    std::optional<FlatSteps> flat_steps = {};
    bool is_numbers = false;  // they are flat, without handles
  };

  CopyProgram() = default;
  static std::span<const FlatHandle> handles_of(const Direction& direction) {
    if (!direction.flat_steps) return {};
    return direction.flat_steps->handles;
  }
  Direction make_direction(LayoutId layout);
  static FlatStep number_step(Shape shape);
  // handles: number of the first one. path: of the value.
  [[nodiscard]] bool add_flat_steps(LayoutId id, std::uint32_t handles, const std::string& path,
                                    FlatSteps& steps) const;
  [[nodiscard]] Result<void, AbiError> copy(const Direction& direction, const From& from,
                                            const To& to) const;
  [[nodiscard]] Result<std::uint32_t, AbiError> lift(const Direction& direction, const From& from,
                                                     ValueArena& arena) const;
  // All but the handles. False: a value is wrong.
  [[nodiscard]] static bool copy_flat(const Direction& direction, const FlatInput& from,
                                      const FlatOutput& to) {
    const std::vector<FlatStep>& steps = direction.flat_steps->values;
    return from.size() >= steps.size() && to.size() >= steps.size() &&
           run_flat_steps(steps.data(), steps.data() + steps.size(), from.first(), from.stride(),
                          to.first(), to.stride());
  }
  static bool run_flat_steps(const FlatStep* step, const FlatStep* end, const std::uint8_t* from,
                             std::size_t from_stride, std::uint8_t* to, std::size_t to_stride);
  static Result<void, AbiError> copy_handles(std::span<const FlatHandle> handles, const From& from,
                                             const To& to);

  FunctionLayout layout_;
  CopyBlocks blocks_;
  Direction params_;
  Direction result_;
  bool is_flat_ = false;
  bool takes_all_numbers_ = false;
};

}  // namespace tenon::abi
