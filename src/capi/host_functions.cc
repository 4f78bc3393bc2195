// Functions of the program: guests call C functions.
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capi/builder.h"
#include "capi/values.h"
#include "host/native_call.h"
#include "runtime/active_call.h"
#include "support/diagnostics.h"
#include "tenon/host.h"

namespace tenon::capi {

namespace {

class ProgramCallable final : public detail::HostCallable {
 public:
  ProgramCallable(FunctionForm form, tenon_fn function, std::shared_ptr<void> user)
      : form_(std::move(form)), function_(function), user_(std::move(user)) {}

  [[nodiscard]] HostResult<void> call(detail::CallBuffer* buffer,
                                      detail::CallFrame& frame) noexcept override {
    const std::size_t depth = depth_++;
    HostResult<void> called;
    try {
      if (depth == scratch_.size()) scratch_.push_back(std::make_unique<Scratch>());
      called = run(static_cast<call::ArenaBuffer&>(*buffer), frame, *scratch_[depth]);
      scratch_[depth]->clear();
    } catch (const std::exception& thrown) {
      called = Trap{std::string("it threw: ") + thrown.what()};
    } catch (...) {
      called = Trap{"it threw something that is not a std::exception"};
    }
    depth_ = depth;
    return called;
  }

 private:
  // The memory of a call, kept for the next one. Recursive calls have one each.
  struct Scratch {
    tenon_call call;
    std::deque<tenon_resource> resources;

    void clear() {
      call.clear();
      resources.clear();
    }
  };

  HostResult<void> run(call::ArenaBuffer& buffer, detail::CallFrame& frame, Scratch& scratch) {
    const auto params =
        read_params(form_, frame.params, buffer, scratch.call.memory, scratch.resources);
    if (!params) return Trap{"its parameters take more memory than a call may"};
    if (const call::Deadline* const deadline = runtime::ActiveCall::innermost_deadline())
      scratch.call.deadline = deadline->at;
    tenon_value result = {};
    const std::int32_t failed =
        function_(user_.get(), &scratch.call, params->data(), params->size(), &result);
    if (scratch.call.trap) return Trap{*std::move(scratch.call.trap)};
    if (failed != 0) return Trap{"it failed without a message"};
    if (!form_.layout().result) return {};
    Result<std::uint32_t> written = write_result(form_, result, buffer);
    if (!written) return Trap{describe(written.error().front())};
    frame.result = *written;
    return {};
  }

  static std::string describe(const Diagnostic& problem) {
    return problem.where.item.empty()
               ? "it returned an invalid value: " + problem.message
               : "it returned an invalid value at " + problem.where.item + ": " + problem.message;
  }

  const FunctionForm form_;
  const tenon_fn function_;
  const std::shared_ptr<void> user_;
  std::vector<std::unique_ptr<Scratch>> scratch_;
  std::size_t depth_ = 0;
};

}  // namespace

HostFunction make_function(std::string_view interface, std::string_view name, tenon_fn function,
                           std::shared_ptr<void> user) {
  HostFunction made;
  made.interface = interface;
  made.name = name;
  made.bind = std::make_shared<const HostFunction::BindShape>(
      [function,
       user = std::move(user)](const detail::ImportShape& import) -> Result<detail::BoundCallable> {
        Result<FunctionForm> form = FunctionForm::make(import.shape);
        if (!form) return std::move(form).error();
        const detail::CppSignature& signature =
            signature_of<detail::ValuesAt::Buffer, detail::ValuesAt::Buffer>(*form);
        return detail::BoundCallable{
            std::make_shared<ProgramCallable>(*std::move(form), function, user), &signature};
      });
  return made;
}

}  // namespace tenon::capi

const tenon_host_api* tenon_host(void) { return &tenon::host::host_api(); }
