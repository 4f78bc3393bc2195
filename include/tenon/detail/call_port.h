// The boundary between typed calls, which are templates in headers, and the compiled library.
// Programs do not use it directly.
//
// The templates turn arguments into bytes, and the library passes these to the guest. Values are
// flat, as the Canonical ABI flattens them, if the function takes at most 16 flat values (returns
// at most one) and none of them is a string, a list, a map or a handle. Otherwise they are stored
// in a `CallBuffer` with the layout of a guest's memory: addresses are positions in the buffer,
// strings are UTF-8, and a handle is four bytes that the buffer maps to a resource.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {
struct Caller;
}  // namespace tenon

namespace tenon::detail {

class Driver;

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
  Stream,      // the item, or no payload
  Future,
};

struct CppType;

struct CppPart {
  std::string_view label = {};
  const CppType* type = nullptr;  // null: no payload
};

// The description of a C++ type that is compared with a WIT type. One constant for each type.
struct CppType {
  CppKind kind = CppKind::Bool;
  // The declared name of a struct, an enum or a class of resources; empty for a class of the program.
  std::string_view name = {};
  // The fields, cases, enumerators or flags; the elements of a tuple; the element of a list or
  // option, stream or future; the key and value of a map.
  std::span<const CppPart> parts = {};
  std::size_t length = 0;            // Array
  const void* host_class = nullptr;  // HostOwn, HostBorrow: identifies the class
};

enum class ValuesAt : std::uint8_t { Flat, Buffer };

struct CppSignature {
  std::span<const CppType* const> params;
  const CppType* result = nullptr;  // null: none
  ValuesAt params_at = ValuesAt::Flat;
  ValuesAt result_at = ValuesAt::Flat;
};

// The labels of C++ types whose values are converted to `Value`s (tenon/detail/tree_codec.h), in the
// order of their parts. For a list of pairs or a std::map, that it is a map.
class TreeLabels final {
 public:
  void add(const CppType& type, std::vector<std::string> labels) {
    if (find(type) == nullptr) types_.emplace_back(&type, std::move(labels));
  }
  // Values can have a type that is not known: packr's `value`.
  void add_unknown() { has_unknown_ = true; }
  [[nodiscard]] bool has_unknown() const { return has_unknown_; }
  // Null if no WIT type with labels was found for the type.
  [[nodiscard]] const std::vector<std::string>* find(const CppType& type) const {
    for (const auto& [known, labels] : types_)
      if (known == &type) return &labels;
    return nullptr;
  }

 private:
  std::vector<std::pair<const CppType*, std::vector<std::string>>> types_;
  bool has_unknown_ = false;
};

// Compares a C++ signature with a function type. Returns each mismatch with its path, as
// type-signature.
// labels: gets the labels of types that are converted. Then any C++ type fits packr's `value`.
// find_host_class: returns the class of a resource of a host function; null if it is not the
// program's.
using FindHostClass = const void* (*)(const void* context, const Type& handle);
[[nodiscard]] Diagnostics check_signature(const CppSignature& signature, const FunctionType& type,
                                          FindHostClass find_host_class = nullptr,
                                          const void* context = nullptr,
                                          TreeLabels* labels = nullptr);

struct HandlePlace {
  std::uint32_t number = 0;  // number of the handle within the type, as in abi/layout.h
  bool is_own = true;
};

// The functions of the resources of units, of which code of `tenon bindgen cpp` derives its own.
struct ResourceFunctions {};

// The memory for values of one call that are not flat.
class CallBuffer {
 public:
  virtual ~CallBuffer() = default;

  // The memory at address 0.
  // Lifetime: until the next allocation.
  [[nodiscard]] std::uint8_t* data() const { return data_; }

  // Allocates a block of uninitialized bytes. Returns false, and adds a problem, if there is no
  // room.
  [[nodiscard]] virtual bool allocate(std::uint32_t size, std::uint32_t align,
                                      std::uint32_t& address) = 0;
  [[nodiscard]] bool allocate_array(std::size_t count, std::uint32_t size, std::uint32_t align,
                                    std::uint32_t& address) {
    const std::uint64_t bytes = std::uint64_t{count} * size;
    if (count > UINT32_MAX || bytes > UINT32_MAX)
      return fail("value-too-large", "a list or string takes more than 4294967295 bytes");
    return allocate(static_cast<std::uint32_t>(bytes), align, address);
  }

  // Passes a resource: sets `index` to the four bytes that represent it. Returns false, and adds a
  // problem, if it cannot be passed.
  [[nodiscard]] virtual bool give(const ValueHandle& handle, HandlePlace place,
                                  std::uint32_t& index) = 0;
  // Takes a resource that was received. Call it once for each resource.
  [[nodiscard]] virtual ValueHandle take(std::uint32_t index, HandlePlace place) = 0;

  // Records why a value cannot be passed. Returns false.
  // code: static.
  bool fail(std::string_view code, std::string message) {
    Diagnostic& problem = problems_.emplace_back();
    problem.code = code;
    problem.message = std::move(message);
    return false;
  }
  Diagnostics take_problems() { return std::exchange(problems_, {}); }

  // The functions of the resources that are received. Null if they are gone, or nothing set them.
  [[nodiscard]] std::shared_ptr<const ResourceFunctions> functions() const {
    return functions_ == nullptr ? nullptr : functions_->lock();
  }
  // Lifetime: the buffer refers to `functions`.
  void set_functions(const std::weak_ptr<const ResourceFunctions>& functions) {
    functions_ = &functions;
  }

 protected:
  void set_data(std::uint8_t* data) { data_ = data; }
  void add_problem(Diagnostic problem) { problems_.push_back(std::move(problem)); }

 private:
  std::uint8_t* data_ = nullptr;
  const std::weak_ptr<const ResourceFunctions>* functions_ = nullptr;
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

// The values of one call, each part where the signature says.
struct CallFrame {
  std::span<const std::uint64_t> flat_params = {};
  std::uint32_t params = 0;        // address in the buffer of a record with the parameters
  std::uint64_t result = 0;        // the flat value, or the address in the buffer
  const Caller* caller = nullptr;  // of a function of the program
};

// A call that can end after it was started. Destroying it cancels it.
class StartedCall {
 public:
  virtual ~StartedCall() = default;

  // For the parameters, and then for the result.
  [[nodiscard]] virtual CallBuffer& buffer() = 0;
  // Starts the call with the parameters in the frame. on_end: called once in the composition, later
  // or before this returns. REQUIRES: called once
  virtual void start(const CppSignature& signature, const CallFrame& frame,
                     std::function<void()> on_end) = 0;
  // Gives back what the parameters refer to. For a call that is not started, because they were refused.
  virtual void give_up() = 0;
  // Ends the call before its callee does; it then fails with Interrupted.
  virtual void cancel() = 0;
  // The outcome of a call that has ended. Sets the address of the result.
  [[nodiscard]] virtual CallResult<void> take_outcome(CallFrame& frame) = 0;
  // Drops the handles of a result that could not be read.
  virtual void drop_result() {}
  [[nodiscard]] virtual std::shared_ptr<Driver> driver() const = 0;
};

// A function whose type matches a signature. Created by a composition.
class CallPort {
 public:
  virtual ~CallPort() = default;

  [[nodiscard]] virtual const FunctionType& type() const = 0;
  // Name for messages: "acme:tax/lib@1.0.0#rate".
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Returns the class of the objects behind a handle type; null if they are not the program's.
  [[nodiscard]] virtual const void* find_host_class(const Type& handle) const = 0;
  // Enters the composition, so that no other thread can use it or the buffer until `leave`. Call
  // `leave` only if this succeeded.
  // Failures: Reentrance, Deadline.
  [[nodiscard]] virtual CallResult<void> enter() = 0;
  virtual void leave() = 0;
  // Calls the function with the parameters in the frame and stores the result there. The parameters
  // in the buffer are destroyed.
  [[nodiscard]] virtual CallResult<void> call(const CppSignature& signature, CallFrame& frame) = 0;
  // Drops the handles of a result in the buffer that could not be read.
  virtual void drop_result() {}
  // Returns the buffer for the next call, emptied. Nested calls have their own buffers, because the
  // guest has possibly not read its parameters yet.
  [[nodiscard]] virtual CallBuffer& empty_buffer() = 0;
  // Makes a call that can end after it was started. Several can be in progress.
  [[nodiscard]] virtual std::unique_ptr<StartedCall> make_call() = 0;

  // Those of the resources in results (CallBuffer::functions).
  [[nodiscard]] const std::weak_ptr<const ResourceFunctions>& functions() const {
    return functions_;
  }
  void set_functions(std::weak_ptr<const ResourceFunctions> functions) {
    functions_ = std::move(functions);
  }

 private:
  std::weak_ptr<const ResourceFunctions> functions_;
};

// Enters a function's composition, unless that is refused, and leaves it on destruction.
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

// Makes a BadCall from problems.
// function: its name for messages. problems: not empty.
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
