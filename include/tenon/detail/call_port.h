// The seam between typed calls, which are templates, and the library, which makes them. Programs do
// not use it.
//
// Values are flat, as the Canonical ABI flattens them, if the function takes at most 16 (gives at
// most one) and none of them is a string, a list, a map or a handle. Else they lie in a
// `CallBuffer`, as in a guest's memory, with positions in the buffer as addresses; strings are
// UTF-8, and four bytes of a handle stand for a resource that the buffer knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tenon/call_failure.h"
#include "tenon/diagnostic.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::detail {

enum class CppKind : std::uint8_t {
  Bool,
  Char,
  S8,
  U8,
  S16,
  U16,
  S32,
  U32,
  S64,
  U64,
  F32,
  F64,
  String,
  StringView,
  Vector,
  Span,
  Array,
  Map,
  PairVector,  // a list of pairs, or a map
  Record,
  Tuple,
  Pair,
  Variant,       // without labels
  NamedVariant,  // with labels
  Enum,
  Flags,
  Optional,
  Expected,
  Own,         // tenon::Resource
  Borrow,      // tenon::Borrow
  HostOwn,     // std::unique_ptr or std::shared_ptr of a class of the program
  HostBorrow,  // T&
};

struct CppType;

struct CppPart {
  std::string_view label = {};
  const CppType* type = nullptr;  // null: carries nothing
};

// What a C++ type is, to compare with a type of the component model: a constant for each type.
struct CppType {
  CppKind kind = CppKind::Bool;
  // Of a struct or an enum, as it was declared; of a class of the program: empty.
  std::string_view name = {};
  // Fields, cases, enumerators, flags; elements of a tuple; the element of a list, an option; key
  // and value of a map.
  std::span<const CppPart> parts = {};
  std::size_t length = 0;            // Array
  const void* host_class = nullptr;  // HostOwn, HostBorrow: which class
};

enum class ValuesAt : std::uint8_t { Flat, Buffer };

struct CppSignature {
  std::span<const CppType* const> params;
  const CppType* result = nullptr;  // null: none
  ValuesAt params_at = ValuesAt::Flat;
  ValuesAt result_at = ValuesAt::Flat;
};

// Every place where the signature does not fit, with its path: code type-signature.
// find_host_class: which class a resource of the function is, for a host function; null: none.
using FindHostClass = const void* (*)(const void* context, const Type& handle);
[[nodiscard]] Diagnostics check_signature(const CppSignature& signature, const FunctionType& type,
                                          FindHostClass find_host_class = nullptr,
                                          const void* context = nullptr);

struct HandlePlace {
  std::uint32_t number = 0;  // of the place in the type: as abi/layout.h numbers them
  bool is_own = true;
};

// The values of one call that are not flat.
class CallBuffer {
 public:
  virtual ~CallBuffer() = default;

  // Where address 0 is. Lifetime: until the next allocation.
  [[nodiscard]] std::uint8_t* data() const { return data_; }

  // A new block of undefined bytes. False, and a problem: there is no room.
  [[nodiscard]] virtual bool allocate(std::uint32_t size, std::uint32_t align,
                                      std::uint32_t& address) = 0;
  [[nodiscard]] bool allocate_array(std::size_t count, std::uint32_t size, std::uint32_t align,
                                    std::uint32_t& address) {
    const std::uint64_t bytes = std::uint64_t{count} * size;
    if (count > UINT32_MAX || bytes > UINT32_MAX)
      return fail("value-too-large", "a list or string takes more than 4294967295 bytes");
    return allocate(static_cast<std::uint32_t>(bytes), align, address);
  }

  // Passes a resource: the four bytes that stand for it. False, and a problem: it cannot be passed.
  [[nodiscard]] virtual bool give(const ValueHandle& handle, HandlePlace place,
                                  std::uint32_t& index) = 0;
  // A resource that came. Once for each.
  [[nodiscard]] virtual ValueHandle take(std::uint32_t index, HandlePlace place) = 0;

  // Notes why a value cannot be passed.  code: static. Returns false.
  bool fail(std::string_view code, std::string message) {
    Diagnostic& problem = problems_.emplace_back();
    problem.code = code;
    problem.message = std::move(message);
    return false;
  }
  Diagnostics take_problems() { return std::exchange(problems_, {}); }

 protected:
  void set_data(std::uint8_t* data) { data_ = data; }
  void add_problem(Diagnostic problem) { problems_.push_back(std::move(problem)); }

 private:
  std::uint8_t* data_ = nullptr;
  Diagnostics problems_;
};

template <class T>
[[nodiscard]] T get_bytes(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
template <class T>
void put_bytes(std::uint8_t* to, const T& value) {
  std::memcpy(to, &value, sizeof(value));
}

// The values of one call, each part where its signature says.
struct CallFrame {
  std::span<const std::uint64_t> flat_params = {};
  std::uint32_t params = 0;  // address in the buffer of the record of the params
  std::uint64_t result = 0;  // the flat value, or the address in the buffer of the result
};

// A function that can be called by its type. Made by a composition for one that fits the signature.
class CallPort {
 public:
  virtual ~CallPort() = default;

  [[nodiscard]] virtual const FunctionType& type() const = 0;
  // For people: "acme:tax/lib@1.0.0#rate".
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Which class the objects are of that a handle in the type stands for; null: none of the program.
  [[nodiscard]] virtual const void* find_host_class(const Type& handle) const = 0;
  // Around all that is done with the buffer for one call: no other thread is in the composition.
  // Nothing has to be left that was not entered. Failures: Reentrance, Deadline.
  [[nodiscard]] virtual CallResult<void> enter() = 0;
  virtual void leave() = 0;
  // The frame has params; it gets the result. What the buffer holds of the params is gone then.
  [[nodiscard]] virtual CallResult<void> call(const CppSignature& signature, CallFrame& frame) = 0;
  // The buffer that `call` uses, emptied for the next call. A call within a call has another: the
  // guest may not have its params yet.
  [[nodiscard]] virtual CallBuffer& empty_buffer() = 0;
};

// Is in the composition of a function while it lives, if it was not refused.
class PortEntry final {
 public:
  explicit PortEntry(CallPort& port) : port_(port), entered_(port.enter()) {}
  PortEntry(const PortEntry&) = delete;
  PortEntry& operator=(const PortEntry&) = delete;
  ~PortEntry() {
    if (entered_) port_.leave();
  }

  [[nodiscard]] bool is_in() const { return entered_.has_value(); }
  [[nodiscard]] const CallFailure& failure() const { return entered_.error(); }

 private:
  CallPort& port_;
  CallResult<void> entered_;
};

// A BadCall.  function: for people. problems: not empty.
[[nodiscard]] inline CallFailure refuse_call(std::string function, Diagnostics problems) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::BadCall;
  failure.function = std::move(function);
  const Diagnostic& first = problems.front();
  failure.message =
      first.where.item.empty() ? first.message : "in `" + first.where.item + "`: " + first.message;
  failure.problems = std::move(problems);
  return failure;
}

}  // namespace tenon::detail
