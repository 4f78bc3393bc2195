// Copies the values of a call from one side to the other: from guest to guest, from a guest into an
// arena, or from an arena into a guest.
//
// A program is compiled once for a function type and runs for every call. It checks and copies the
// parameters or the result, which may be in flat values, in memory, or in bytes that the host fills
// for a guest. Lists are copied as a whole and then corrected where necessary; scalars are copied
// without access to memory. Only the sides allocate.
//
//   TENON_TRY(FunctionLayout layout, lay_out_function(types, function));
//   const CopyProgram program = CopyProgram::make(std::move(layout));
//   auto copied = program.copy_params(From::flat(caller, params), To::flat(callee, slots));
//
// Mistakes of a side are errors: an address out of bounds or misaligned, a length that overflows,
// an invalid discriminant, character or text, a bad address from `realloc`. The giving side does
// not run during the copy, so every value is checked where it is read. The taking side does run
// (`realloc`), and even then sees only the values of the other: padding and the payloads of other
// cases are zeroes.
//
// NaNs keep their bits, as in the engine. The Canonical ABI allows this outside of its
// deterministic profile.
//
// Source: component-model CanonicalABI.md, "Loading" to "Lifting and Lowering Values".
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

// The place of the parameters or of the result on the giving side.
struct From {
  Guest& guest;
  FlatInput flat_values = {};
  std::optional<std::uint32_t> address = {};  // absent for flat values

  static From flat(Guest& guest, FlatInput values) { return {guest, values}; }
  // The address of the record of parameters, or of the result.
  static From memory(Guest& guest, std::uint32_t address) { return {guest, {}, address}; }
};

// Their place on the taking side.
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
  // At an address that the guest passed.
  static To memory(Guest& guest, std::uint32_t address) {
    return {.guest = guest, .where = Where::Memory, .address = address};
  }
  // In bytes of the host that the guest will receive. Addresses in them refer to its memory.
  static To bytes(Guest& guest, std::span<std::uint8_t> bytes) {
    return {.guest = guest, .where = Where::Bytes, .host_bytes = bytes};
  }
  // In memory that the guest allocates, for spilled parameters. The address becomes the first flat
  // value.
  static To allocated(Guest& guest, FlatOutput values) {
    return {.guest = guest, .where = Where::Allocated, .flat_values = values};
  }
  static To allocated(Guest& guest, FlatValue& address) {
    return allocated(guest, std::span(&address, 1));
  }
};

// A compiled program. Thread: any, because it is immutable. Lifetime: owns everything it needs.
class CopyProgram final {
 public:
  static CopyProgram make(FunctionLayout layout);

  [[nodiscard]] const FunctionLayout& layout() const { return layout_; }

  // True if copying the result may call `reallocate` of the taking side.
  [[nodiscard]] bool result_allocates() const { return layout_.result && !result_.flat_steps; }

  // After an error, parts of the values may have been written. Errors: all kinds.
  [[nodiscard]] Result<void, AbiError> copy_params(const From& from, const To& to) const {
    return copy(params_, from, to);
  }
  // Does nothing if the function has no result.
  [[nodiscard]] Result<void, AbiError> copy_result(const From& from, const To& to) const {
    if (!layout_.result) return {};
    return copy(result_, from, to);
  }

  // True if the parameters and the result consist only of numbers that are flat on both sides.
  [[nodiscard]] bool is_flat() const { return is_flat_; }
  // True if the parameters are such numbers and any bits are valid, so the flat values can be
  // passed on unchanged. The high half of a 32-bit value may be anything.
  [[nodiscard]] bool takes_as_they_are(const FlatInput& params) const {
    return takes_all_numbers_ && params.size() >= params_.flat_steps->values.size();
  }

  // Fast path for numbers that are flat on both sides; it needs neither side. False if the values
  // are of other types or invalid; then `copy_params` or `copy_result` copies them or reports the
  // error.
  [[nodiscard]] bool copy_flat_params(const FlatInput& from, const FlatOutput& to) const {
    return params_.is_numbers && copy_flat(params_, from, to);
  }
  [[nodiscard]] bool copy_flat_result(const FlatInput& from, const FlatOutput& to) const {
    return result_.is_numbers && copy_flat(result_, from, to);
  }

  // Copies adjacent values, each a record of the parameters, from memory to memory. Errors: as
  // `copy_params`.
  [[nodiscard]] Result<void, AbiError> copy_items(Guest& from, std::uint32_t from_address,
                                                  Guest& to, std::uint32_t to_address,
                                                  std::uint32_t count) const;
  // Whether records of the parameters consist of their own bytes alone: they have neither strings,
  // lists nor handles.
  [[nodiscard]] bool is_shallow() const { return blocks_.of(layout_.params).deep.empty(); }
  // Whether they are shallow, and no bytes are invalid.
  [[nodiscard]] bool is_plain() const {
    return is_shallow() && blocks_.takes_all_bytes(blocks_.of(layout_.params));
  }

  // Copies the parameters into an arena and returns their address there.
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
  // How to copy one flat value that is not an address, a length, or part of a payload.
  struct FlatStep {
    enum class Rule : std::uint8_t {
      Keep,    // 32 bits, keep those of `mask`
      Whole,   // all 64 bits
      Number,  // 32 bits, convert by `shape`
      Char,
      Case,  // a discriminant, which must be below `mask`
    };
    Rule rule = Rule::Keep;
    Shape shape = Shape::U32;
    std::uint32_t mask = UINT32_MAX;
  };
  // A handle among the flat values.
  struct FlatHandle {
    std::uint32_t at = 0;  // index of the flat value
    HandlePart part;
    std::string path;  // "items[3].bucket", for messages
  };
  struct FlatSteps {
    std::vector<FlatStep> values;  // one for each flat value
    std::vector<FlatHandle> handles;
  };
  struct Direction {
    LayoutId layout = {};
    // For values that are flat on both sides; absent if some are addresses or payloads.
    std::optional<FlatSteps> flat_steps = {};
    bool is_numbers = false;  // has flat_steps, and no handles
  };

  CopyProgram() = default;
  Direction make_direction(LayoutId layout);
  static FlatStep number_step(Shape shape);
  // Adds the steps for a value. False if it has addresses or payloads.
  // handles: number of the first handle. path: path of the value.
  [[nodiscard]] bool add_flat_steps(LayoutId id, std::uint32_t handles, const std::string& path,
                                    FlatSteps& steps) const;
  [[nodiscard]] Result<void, AbiError> copy(const Direction& direction, const From& from,
                                            const To& to) const;
  [[nodiscard]] Result<std::uint32_t, AbiError> lift(const Direction& direction, const From& from,
                                                     ValueArena& arena) const;
  // Copies all but the handles. False if a value is invalid.
  [[nodiscard]] static bool copy_flat(const Direction& direction, const FlatInput& from,
                                      const FlatOutput& to) {
    const std::vector<FlatStep>& steps = direction.flat_steps->values;
    if (from.size() < steps.size() || to.size() < steps.size()) return false;
    const std::uint8_t* in = from.first();
    std::uint8_t* out = to.first();
    for (const FlatStep& step : steps) {
      // Reads 32-bit numbers as 32 bits. Reading 64 bits right after a store of 32 would stall the
      // CPU, because it cannot forward the stored value.
      if (step.rule == FlatStep::Rule::Keep) {
        std::uint32_t value = 0;
        std::memcpy(&value, in, sizeof(value));
        const FlatValue copied = value & step.mask;
        std::memcpy(out, &copied, sizeof(copied));
      } else if (step.rule == FlatStep::Rule::Whole) {
        std::memcpy(out, in, sizeof(FlatValue));
      } else if (!copy_checked(step, in, out)) {
        return false;
      }
      in += from.stride();
      out += to.stride();
    }
    return true;
  }
  // For the other rules. False if the value is invalid.
  [[nodiscard]] static bool copy_checked(const FlatStep& step, const std::uint8_t* from,
                                         std::uint8_t* to);
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
