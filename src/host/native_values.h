// Converts values of the host ABI (tenon/tenon_host.h) from and to the arena of a call.
//
// Values for native code were checked when they were lifted from a guest. Values of native code (the
// result of a host bundle's function, the parameters of a call by a C program) are checked here: kinds,
// counts, strings and numbers. Their pointers have to be trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/layout.h"
#include "abi/value_arena.h"
#include "host/native_call.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"
#include "tenon/value.h"

namespace tenon::host {

// Translates between the pointers that native code knows resources by and the caller's tokens.
class RepExchange {
 public:
  virtual ~RepExchange() = default;

  // The pointer for a handle that is passed to native code.
  virtual void* take(abi::ResourceToken token, abi::HandlePart part) = 0;
  // The token for a handle that native code returns.
  // Throws: std::bad_alloc; then it has been dropped, and so has a stream.
  virtual abi::ResourceToken give(void* rep, abi::HandlePart part) = 0;
  // The same for a stream or future.
  virtual tenon_stream take_stream(abi::ResourceToken token, abi::HandlePart part) = 0;
  virtual abi::ResourceToken give_stream(tenon_stream stream, abi::HandlePart part) = 0;
  // Native code has what was taken. Without this call, it is dropped at the end of the transfer.
  virtual void give_taken() = 0;
  // Drops what native code returned, and nobody receives. They need no memory.
  virtual void drop(void* rep, abi::HandlePart part) = 0;
  virtual void drop_stream(tenon_stream stream, abi::HandlePart part) = 0;
};

struct NativeProblem {
  std::string path;  // "result.ok[3]"
  std::string message;
};

// "it returned an invalid value at PATH: MESSAGE"
[[nodiscard]] std::string describe(const NativeProblem& problem);

// Lifted parameters, in an arena that takes views.
struct LiftedParams {
  abi::ValueArena& arena;
  std::uint32_t address = 0;
  std::span<const std::uint8_t> caller_memory =
      {};                       // the arena refers to it for strings and numbers
  bool has_text_views = false;  // strings are views too, because the caller's encoding is UTF-8
};

// One value for each parameter; nothing if `memory` is exhausted. Lifetime: that of `memory`, the
// arena and the caller's memory; the caller must not run meanwhile.
[[nodiscard]] std::optional<std::span<tenon_value>> read_native_params(
    const abi::FunctionLayout& layout, const LiftedParams& params, CallMemory& memory,
    RepExchange& reps);

// The same for a result. REQUIRES: the function has one
[[nodiscard]] std::optional<tenon_value> read_native_result(const abi::FunctionLayout& layout,
                                                            const LiftedParams& result,
                                                            CallMemory& memory, RepExchange& reps);

// Valid values in an arena, without their handles.
struct WrittenResult {
  struct Handle {
    void* rep = nullptr;
    tenon_stream stream = 0;  // 0: a resource
    abi::HandlePart part;
    std::uint32_t address = 0;
    std::optional<ValueHandle> held = {};  // by native code that is the program: what `rep` is
  };
  std::uint32_t address = 0;
  std::vector<Handle> handles = {};
};

// REQUIRES: the function has a result
[[nodiscard]] Result<WrittenResult, NativeProblem> write_native_result(
    const abi::FunctionLayout& layout, const tenon_value& result, abi::ValueArena& arena);
// The same for one value for each parameter, as a record.
[[nodiscard]] Result<WrittenResult, NativeProblem> write_native_params(
    const abi::FunctionLayout& layout, std::span<const tenon_value> params, abi::ValueArena& arena);
// The same for items of a stream, from the first one on: `count` of a list. item: of `func(item: T)`.
[[nodiscard]] Result<WrittenResult, NativeProblem> write_native_items(
    const abi::FunctionLayout& item, const tenon_value& list, std::size_t first, std::size_t count,
    abi::ValueArena& arena);
// Items of a stream as a list. Lifetime: that of `memory` and the arena. Nothing: as above.
[[nodiscard]] std::optional<tenon_value> read_native_items(const abi::FunctionLayout& item,
                                                           const LiftedParams& items,
                                                           std::size_t count, CallMemory& memory,
                                                           RepExchange& reps);

// Writes the handles of a result too. Handles change hands only if the whole result is valid.
// Throws: std::bad_alloc; then they have been dropped.
void give_handles(const WrittenResult& result, abi::ValueArena& arena, RepExchange& reps);
// Both steps at once. Returns the address. Throws: as give_handles
[[nodiscard]] Result<std::uint32_t, NativeProblem> give_native_result(
    const abi::FunctionLayout& layout, const tenon_value& result, abi::ValueArena& arena,
    RepExchange& reps);
// Drops them. Needs no memory.
void drop_handles(std::span<const WrittenResult::Handle> handles, RepExchange& reps);

// How a number, boolean or character is stored in `tenon_value.of`, computed once: looking it up for each
// number of each call would be most of what a call costs.
struct FlatNumber {
  std::uint8_t kind = 0;         // TENON_
  std::uint8_t unused_bits = 0;  // of 64
  bool is_signed = false;

  // REQUIRES: `type` is one of these
  [[nodiscard]] static FlatNumber make(TypeKind type);

  // The bits as the type extends them to 64.
  [[nodiscard]] std::uint64_t extend(abi::FlatValue bits) const {
    const std::uint64_t high = bits << unused_bits;
    return is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(high) >> unused_bits)
                     : high >> unused_bits;
  }
  // Whether a value is of the type. Characters are not checked further. Its `of.u` is then the flat value.
  [[nodiscard]] bool fits(const tenon_value& value) const {
    // A number that is out of range for its type has other bits.
    return value.kind == kind && extend(value.of.u) == value.of.u;
  }
  // In place: a struct that is copied right after its fields were stored waits for the stores.
  void store(abi::FlatValue bits, tenon_value& value) const {
    value.kind = kind;
    value.elem = 0;
    value.reserved = 0;
    value.index = 0;
    value.of.u = extend(bits);
  }
};

// The name of a kind for messages: "string", "list", "a value of kind 77".
[[nodiscard]] std::string native_kind_name(std::uint8_t kind);

// The kind of the values of a type. REQUIRES: native code can have such values
[[nodiscard]] std::uint8_t native_kind(TypeKind kind);

}  // namespace tenon::host
