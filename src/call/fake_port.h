// For the tests of typed calls: a function without an engine, which gives back what it was given.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "call/arena_buffer.h"
#include "call/function_shape.h"
#include "call/value_form.h"
#include "support/diagnostics.h"
#include "tenon/detail/call_port.h"
#include "value/test_types.h"

namespace tenon::call {

// Tokens are the handles' ids; id 0 is refused. What came is kept by what `keep` holds.
class FakeHandles final : public HandleExchange {
 public:
  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override {
    if (handle.id == 0) return make_diagnostic(Code::ValueHandle, "the handle is empty");
    given.emplace_back(handle.id, part);
    return handle.id;
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override {
    taken.emplace_back(token, part);
    return {"r", token, keep};
  }

  std::vector<std::pair<std::uint64_t, abi::HandlePart>> given;
  std::vector<std::pair<std::uint64_t, abi::HandlePart>> taken;
  std::shared_ptr<const void> keep = std::make_shared<int>(0);
};

inline std::shared_ptr<const FunctionShape> shape_of(const FunctionType& type) {
  const types::Types& types = value::graph_of(type)->types;
  return std::make_shared<const FunctionShape>(FunctionShape{
      abi::CopyProgram::make(*abi::lay_out_function(types, types.functions[value::id_of(type)]))});
}

// A function whose result, if it has one, is of the type of its first parameter.
class FakePort final : public detail::CallPort {
 public:
  explicit FakePort(const char* type) : type_(value::function_of(type)), shape_(shape_of(type_)) {}

  [[nodiscard]] const void* find_host_class(const Type& /*handle*/) const override {
    return nullptr;
  }
  [[nodiscard]] const FunctionType& type() const override { return type_; }
  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] CallResult<void> call(const detail::CppSignature& signature,
                                      detail::CallFrame& frame) override {
    ++calls;
    guest.clear();
    abi::ValueArena& arena = buffer_.arena();
    const abi::From params = signature.params_at == detail::ValuesAt::Flat
                                 ? abi::From::flat(arena, frame.flat_params)
                                 : abi::From::memory(arena, frame.params);
    const auto lifted = shape_->program.lift_params(params, guest);
    if (!lifted) return fail(lifted.error());
    const abi::From result = abi::From::memory(guest, *lifted);
    if (signature.result == nullptr) return {};
    if (signature.result_at == detail::ValuesAt::Flat) {
      const auto copied =
          shape_->program.copy_result(result, abi::To::flat(arena, std::span(&frame.result, 1)));
      return copied ? CallResult<void>() : fail(copied.error());
    }
    buffer_.clear();
    const auto copied = shape_->program.lift_result(result, arena);
    if (!copied) return fail(copied.error());
    buffer_.refresh();
    frame.result = *copied;
    return {};
  }
  [[nodiscard]] CallResult<void> enter() override {
    if (refusal) return *refusal;
    ++entered;
    return {};
  }
  void leave() override { --entered; }
  [[nodiscard]] detail::CallBuffer& empty_buffer() override {
    ++buffers;
    buffer_.clear();
    return buffer_;
  }

  [[nodiscard]] std::unique_ptr<detail::StartedCall> make_call() override { return nullptr; }

  FakeHandles handles;
  abi::ValueArena guest;  // what the function was given
  int calls = 0;
  int buffers = 0;                          // calls that asked for one
  int entered = 0;                          // and not left
  std::optional<CallFailure> refusal = {};  // of those that would enter

 private:
  static CallFailure fail(const abi::AbiError& error) {
    Diagnostic problem = make_diagnostic(Code::ValueType, "{}", error.message);
    problem.where.item = error.path;
    return detail::refuse_call("fake", {std::move(problem)});
  }

  FunctionType type_;
  std::string name_ = "fake";
  std::shared_ptr<const FunctionShape> shape_;
  ArenaBuffer buffer_{handles};
};

}  // namespace tenon::call
