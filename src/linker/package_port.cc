#include "linker/package_port.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "linker/arena_port.h"
#include "linker/no_handles.h"
#include "runtime/engine_guest.h"
#include "support/limits.h"
#include "value/arena_value.h"

namespace tenon::linker {

namespace {

using detail::ValuesAt;

// From the arena values go to packr's form, by their types.
class PackagePort final : public ArenaPort {
 public:
  PackagePort(Function function, const std::shared_ptr<Running>& running, PackageCallable& callable,
              std::shared_ptr<const runtime::FunctionShape> shape)
      : ArenaPort(std::move(function), running, handles_),
        callable_(callable),
        shape_(std::move(shape)),
        values_(value::ValueProgram::make(callable.callee.type(), shape_->program.layout())) {}

  [[nodiscard]] const std::string& name() const override {
    return callable_.callee.function().name();
  }
  [[nodiscard]] const void* find_host_class(const Type& /*handle*/) const override {
    return nullptr;
  }

  [[nodiscard]] CallResult<void> call(const detail::CppSignature& signature,
                                      detail::CallFrame& frame) override {
    const runtime::OwnerLock::Entry entry(lock());
    if (!entry.is_in()) return name_function(entry.failure());
    if (auto refused = refuse()) return *std::move(refused);
    abi::ValueArena apart;
    const CallResult<std::vector<Value>> arguments = read_arguments(signature, frame, apart);
    if (!arguments) return arguments.error();
    const CallResult<std::optional<Value>> result = callable_.callee.call(*arguments);
    if (!result) return result.error();
    if (signature.result == nullptr || !*result) return {};
    if (signature.result_at == ValuesAt::Buffer) {
      buffer().clear();
      const Result<std::uint32_t> written =
          values_.write_result(**result, buffer().arena(), handles_);
      if (!written) return detail::refuse_call(name(), written.error());
      buffer().refresh();
      frame.result = *written;
      return {};
    }
    apart.clear();
    const Result<std::uint32_t> written = values_.write_result(**result, apart, handles_);
    if (!written) return detail::refuse_call(name(), written.error());
    const auto copied =
        shape_->program.copy_result(abi::From::memory(apart, *written),
                                    abi::To::flat(buffer().arena(), std::span(&frame.result, 1)));
    if (!copied) return trap(runtime::describe(copied.error()));
    return {};
  }

 private:
  CallResult<std::vector<Value>> read_arguments(const detail::CppSignature& signature,
                                                const detail::CallFrame& frame,
                                                abi::ValueArena& apart) {
    const bool is_flat = signature.params_at == ValuesAt::Flat;
    abi::ValueArena& arena = is_flat ? apart : buffer().arena();
    std::uint32_t params = frame.params;
    if (is_flat) {
      const auto lifted =
          shape_->program.lift_params(abi::From::flat(buffer().arena(), frame.flat_params), apart);
      if (!lifted) return trap(runtime::describe(lifted.error()));
      params = *lifted;
    }
    if (!values_.params_fit(params, arena, limits::kReadValueBytes))
      return trap("its params would take too much memory");
    return values_.read_params(params, arena, handles_);
  }

  [[nodiscard]] std::optional<CallFailure> refuse() const override {
    if (is_gone()) return detail::refuse_call(name(), {gone_problem(function().name())});
    if (callable_.has_changed()) return detail::refuse_call(name(), {callable_.change_problem()});
    return std::nullopt;
  }
  [[nodiscard]] CallFailure trap(std::string why) const {
    CallFailure failure;
    failure.kind = CallFailure::Kind::Trap;
    failure.message = std::move(why);
    return name_function(std::move(failure));
  }

  PackageCallable& callable_;
  std::shared_ptr<const runtime::FunctionShape> shape_;
  NoHandles handles_;
  value::ValueProgram values_;
};

}  // namespace

std::shared_ptr<detail::CallPort> make_package_port(
    Function function, const std::shared_ptr<Running>& running, PackageCallable& callable,
    std::shared_ptr<const runtime::FunctionShape> shape) {
  return std::make_shared<PackagePort>(std::move(function), running, callable, std::move(shape));
}

}  // namespace tenon::linker
