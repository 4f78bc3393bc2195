// What functions have in common that the host provides to a domain's component, by values in an
// arena: how params come from the caller, and how a result goes to it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "abi/copy_program.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/engine_guest.h"
#include "runtime/function_shape.h"

namespace tenon::linker {

class ArenaFunction : public engine::HostFunction {
 public:
  // name: for people.
  ArenaFunction(std::shared_ptr<const runtime::FunctionShape> shape, runtime::Domain& caller,
                std::string name)
      : shape_(std::move(shape)), caller_(caller), name_(std::move(name)) {}

 protected:
  [[nodiscard]] static abi::From params_of(engine::HostCall& call, runtime::EngineGuest& caller);
  // from: the result, as the program of the function has it.
  [[nodiscard]] Result<void, engine::CallError> give_result(const abi::From& from,
                                                            engine::HostCall& call,
                                                            runtime::EngineGuest& caller) const;
  // Ends the caller, with the function's name.
  [[nodiscard]] engine::CallError trap(const std::string& why) const;

  [[nodiscard]] const runtime::FunctionShape& shape() const { return *shape_; }
  [[nodiscard]] runtime::Domain& caller() const { return caller_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  // "of the program"
  [[nodiscard]] virtual std::string_view owner() const = 0;

  std::shared_ptr<const runtime::FunctionShape> shape_;
  runtime::Domain& caller_;
  std::string name_;
};

}  // namespace tenon::linker
