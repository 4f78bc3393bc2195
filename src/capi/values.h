// Values of the C API: `tenon_value`s from and to the buffer of a call, and the memory of results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "abi/layout.h"
#include "abi/value_arena.h"
#include "call/arena_buffer.h"
#include "call/function_shape.h"
#include "capi/object.h"
#include "host/native_call.h"
#include "host/native_values.h"
#include "tenon/detail/call_port.h"
#include "tenon/tenon_c.h"
#include "tenon/type.h"
#include "tenon/value.h"

// A handle of a resource that the program does not make.
struct tenon_resource final : tenon::capi::Object<tenon::capi::Mark::Resource> {
  explicit tenon_resource(tenon::ValueHandle held);
  ~tenon_resource();

  // The handle at an address, or null. The memory there is not read: a program that confuses two resources
  // passes its own pointer, or a number. Thread: any.
  [[nodiscard]] static const tenon_resource* find(const void* address);

  tenon::ValueHandle handle;
  bool is_in_arena = false;  // which deletes it
};

// Memory of results: the values as they were copied from guests, the structs that refer to them, and the
// handles among them.
struct tenon_arena final : tenon::capi::Object<tenon::capi::Mark::Arena> {
  std::vector<tenon::abi::ValueArena> values = {};
  std::size_t used = 0;  // of `values`
  tenon::host::CallMemory memory = tenon::host::CallMemory();
  std::deque<tenon_resource> resources = {};

  // An empty one, which stays in place until `clear`.
  [[nodiscard]] tenon::abi::ValueArena& add_values();
  void clear();
};

namespace tenon::capi {

// An object that the program made: the pointer by which it knows it, and who drops it.
class ProgramObject final {
 public:
  // Its address is the `host_class` of the resource.
  struct Class : std::enable_shared_from_this<Class> {
    void (*drop)(void* user, void* rep) = nullptr;
    std::shared_ptr<void> user;

    void drop_object(void* rep) const {
      if (rep != nullptr && drop != nullptr) drop(user.get(), rep);
    }
  };

  ProgramObject(std::shared_ptr<const Class> of, void* rep) : class_(std::move(of)), rep_(rep) {}
  ProgramObject(const ProgramObject&) = delete;
  ProgramObject& operator=(const ProgramObject&) = delete;
  ~ProgramObject() { class_->drop_object(rep_); }

  [[nodiscard]] void* rep() const { return rep_; }
  // The program owns the object again.
  [[nodiscard]] void* release() const { return std::exchange(rep_, nullptr); }

 private:
  std::shared_ptr<const Class> class_;
  mutable void* rep_;
};

using ClassPtr = std::shared_ptr<const ProgramObject::Class>;

// Objects that a call passes as own. If the call is refused, they belong to the program again: their class
// does not drop them. It must outlive what else holds the objects for the call.
class PassedObjects final {
 public:
  PassedObjects() = default;
  PassedObjects(const PassedObjects&) = delete;
  PassedObjects& operator=(const PassedObjects&) = delete;
  ~PassedObjects();

  // The place for one. Lifetime: until the next one
  [[nodiscard]] std::shared_ptr<const ProgramObject>& add() {
    return objects_.emplace_back().object;
  }
  // The call begins: whoever takes the objects drops them.
  void begin_call();
  // The call was refused.
  void take_back();
  // The call was not refused.
  void give_up() { objects_.clear(); }

 private:
  struct Passed {
    std::shared_ptr<const ProgramObject> object;  // null while the callee can take it
    std::weak_ptr<const ProgramObject> lent;
  };
  std::vector<Passed> objects_;
};

// The values of one function: how they lie in a buffer, and which handles are of the program: for each
// one, by number, its class or null.
struct FunctionForm {
  std::shared_ptr<const call::FunctionShape> shape;
  std::weak_ptr<runtime::Owner> owner;  // of the composition
  std::vector<ClassPtr> param_classes = {};
  std::vector<ClassPtr> result_classes = {};
  bool is_flat = false;  // no part of parameters and result is in memory
  // The parameters that are numbers, booleans or characters, and the result; absent for others.
  std::vector<std::optional<host::FlatNumber>> param_numbers = {};
  std::optional<host::FlatNumber> result_number = {};
  bool has_scalars = false;  // all parameters are numbers, and so is the result, if there is one
  // The parameter that is a string or a list of numbers, if all others are scalars and all are flat: it is
  // copied from where the program has it. Absent otherwise.
  std::optional<std::size_t> viewed = {};

  [[nodiscard]] const abi::FunctionLayout& layout() const { return shape->program.layout(); }

  // Errors: type-unsupported-value, for streams of resources.
  [[nodiscard]] static Result<FunctionForm> make(std::shared_ptr<const call::FunctionShape> shape,
                                                 std::weak_ptr<runtime::Owner> owner);
};

// value-type, with the path.
[[nodiscard]] Diagnostic make_problem(const host::NativeProblem& problem);

// Errors: value-type, value-handle, value-too-large, with a path such as "$.items[3]".
[[nodiscard]] Result<std::uint32_t> write_params(const FunctionForm& form,
                                                 std::span<const tenon_value> params,
                                                 call::ArenaBuffer& buffer, PassedObjects& passed);
// Drops the own objects among parameters of a call that fails, but not because of them.
void drop_params(const FunctionForm& form, std::span<const tenon_value> params);
// The result, for the program that called. Takes the memory of the buffer. Nothing if there is not
// enough memory. REQUIRES: the function has a result
[[nodiscard]] std::optional<tenon_value> read_result(const FunctionForm& form,
                                                     std::uint32_t address,
                                                     call::ArenaBuffer& buffer, tenon_arena& arena);

// Drops the handles of a result that were not read.
void drop_handles(const FunctionForm& form, const abi::ValueArena& result);

// The parameters, for a function of the program. resources: gets handles among them. Lifetime: that of
// the buffer's memory.
[[nodiscard]] std::optional<std::span<tenon_value>> read_params(
    const FunctionForm& form, std::uint32_t address, call::ArenaBuffer& buffer,
    host::CallMemory& memory, std::deque<tenon_resource>& resources);
// The result of a function of the program, which may refer to the memory of the parameters. Replaces the
// memory of the buffer. Errors: as write_params.
[[nodiscard]] Result<std::uint32_t> write_result(const FunctionForm& form,
                                                 const tenon_value& result,
                                                 call::ArenaBuffer& buffer);
// The same in two steps, for a result that was written before, and held.
[[nodiscard]] Result<std::uint32_t> give_result(const FunctionForm& form,
                                                host::WrittenResult written, abi::ValueArena values,
                                                call::ArenaBuffer& buffer);
// Holds the resources that a value refers to, which the program can delete. Thread: any.
void hold_resources(host::WrittenResult& written);
// Drops the handles of a result that nobody wants. Needs no memory.
void drop_result(const FunctionForm& form, const host::WrittenResult& written);

// Parameters of which one is viewed: the others as flat values, and the memory of that one. Nothing if
// they are not of their types.
[[nodiscard]] std::optional<std::span<const std::uint8_t>> put_with_view(
    const FunctionForm& form, std::span<const tenon_value> args, std::span<std::uint64_t> flat);

// Where the values of a call are, if `form` has a result or not. Calls with tenon_values have no C++ types.
template <detail::ValuesAt Params, detail::ValuesAt Result>
[[nodiscard]] const detail::CppSignature& signature_of(const FunctionForm& form) {
  static constexpr detail::CppType kAnyType;
  static constexpr detail::CppSignature kWithResult{
      .params = {}, .result = &kAnyType, .params_at = Params, .result_at = Result};
  static constexpr detail::CppSignature kWithoutResult{
      .params = {}, .result = nullptr, .params_at = Params, .result_at = Result};
  return form.layout().result ? kWithResult : kWithoutResult;
}

}  // namespace tenon::capi
