// Functions of the program: guests call C functions.
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capi/builder.h"
#include "capi/function.h"
#include "capi/program_home.h"
#include "capi/values.h"
#include "host/completion.h"
#include "host/native_call.h"
#include "host/native_values.h"
#include "runtime/active_call.h"
#include "support/try.h"
#include "tenon/host.h"

namespace tenon::capi {

namespace {

// A C function, and the import that it is called by.
struct ProgramCode {
  FunctionForm form;
  tenon_fn function = nullptr;
  std::shared_ptr<void> user;
  std::unique_ptr<const tenon_function> import;
};

std::string describe(const Diagnostic& problem) {
  return problem.where.item.empty()
             ? "it returned an invalid value: " + problem.message
             : "it returned an invalid value at " + problem.where.item + ": " + problem.message;
}

// The memory of a call.
struct Scratch {
  explicit Scratch(const ProgramCode& code) { call.function = code.import.get(); }

  tenon_call call;
  std::deque<tenon_resource> resources;

  void clear() {
    call.clear();
    resources.clear();
  }
};

// Calls the function. Nothing: it returned, and `result` is its result unless the call is deferred.
std::optional<Trap> run(const ProgramCode& code, call::ArenaBuffer& buffer,
                        detail::CallFrame& frame, Scratch& scratch, tenon_value& result) {
  const auto params =
      read_params(code.form, frame.params, buffer, scratch.call.memory, scratch.resources);
  if (!params) return Trap{"its parameters take more memory than a call may"};
  if (const call::Deadline* const deadline = runtime::ActiveCall::innermost_deadline())
    scratch.call.deadline = deadline->at;
  const std::int32_t failed =
      code.function(code.user.get(), &scratch.call, params->data(), params->size(), &result);
  if (scratch.call.trap) return Trap{*std::move(scratch.call.trap)};
  if (failed != 0) return Trap{"it failed without a message"};
  return std::nullopt;
}

template <class T, class F>
Result<T, Trap> catch_all(F&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Trap{"out of memory"};
  } catch (const std::exception& thrown) {
    return Trap{std::string("it threw: ") + thrown.what()};
  } catch (...) {
    return Trap{"it threw something that is not a std::exception"};
  }
}

class ProgramCallable final : public detail::HostCallable {
 public:
  explicit ProgramCallable(ProgramCode code) : code_(std::move(code)) {}

  [[nodiscard]] HostResult<void> call(detail::CallBuffer* buffer,
                                      detail::CallFrame& frame) noexcept override {
    const std::size_t depth = depth_++;
    HostResult<void> called = catch_all<void>([&]() -> HostResult<void> {
      if (depth == scratch_.size()) scratch_.push_back(std::make_unique<Scratch>(code_));
      Scratch& scratch = *scratch_[depth];
      scratch.clear();  // an exception left it as it was
      HostResult<void> ended = run_call(static_cast<call::ArenaBuffer&>(*buffer), frame, scratch);
      scratch.clear();
      return ended;
    });
    depth_ = depth;
    return called;
  }

 private:
  HostResult<void> run_call(call::ArenaBuffer& buffer, detail::CallFrame& frame, Scratch& scratch) {
    tenon_value result = {};
    if (std::optional<Trap> trap = run(code_, buffer, frame, scratch, result))
      return *std::move(trap);
    if (!code_.form.layout().result) return {};
    Result<std::uint32_t> written = write_result(code_.form, result, buffer);
    if (!written) return Trap{describe(written.error().front())};
    frame.result = *written;
    return {};
  }

  const ProgramCode code_;
  std::vector<std::unique_ptr<Scratch>> scratch_;  // recursive calls have one each
  std::size_t depth_ = 0;
};

// A call that the function may end later.
class LateCall final : public detail::HostTask {
 public:
  LateCall(std::shared_ptr<const ProgramCode> code, ProgramHome& home)
      : code_(std::move(code)),
        deferral_{code_->form.shape, home, code_->user.get(), hold_resources},
        scratch_(*code_) {
    scratch_.call.deferral = &deferral_;
  }
  LateCall(const LateCall&) = delete;
  LateCall& operator=(const LateCall&) = delete;
  ~LateCall() override {
    if (completion_ == nullptr) return;
    if (const auto unwanted = completion_->cancel()) drop_result(code_->form, unwanted->result);
  }

  std::optional<Trap> start(call::ArenaBuffer& buffer, detail::CallFrame& frame) {
    tenon_value result = {};
    std::optional<Trap> trap = run(*code_, buffer, frame, scratch_, result);
    completion_ = std::move(scratch_.call.completion);
    if (trap || completion_ != nullptr || !code_->form.layout().result) return trap;
    auto written = host::write_native_result(code_->form.layout(), result, result_.arena);
    if (!written) return Trap{host::describe(written.error())};
    result_.result = *std::move(written);
    hold_resources(result_.result);
    return std::nullopt;
  }

  [[nodiscard]] bool is_done() const override {
    return completion_ == nullptr || completion_->has_answer();
  }
  void wait(std::function<void()> on_done) override {
    if (completion_->wait(on_done)) on_done();
  }
  [[nodiscard]] HostResult<void> give(detail::CallBuffer* buffer,
                                      detail::CallFrame& frame) noexcept override {
    return catch_all<void>([&]() -> HostResult<void> {
      if (completion_ != nullptr) result_ = completion_->take_answer();
      completion_ = nullptr;
      if (result_.trap) return Trap{*result_.trap};
      if (!code_->form.layout().result) return {};
      Result<std::uint32_t> given =
          give_result(code_->form, std::move(result_.result), std::move(result_.arena),
                      static_cast<call::ArenaBuffer&>(*buffer));
      if (!given) return Trap{describe(given.error().front())};
      frame.result = *given;
      return {};
    });
  }

 private:
  const std::shared_ptr<const ProgramCode> code_;
  const host::Deferral deferral_;
  Scratch scratch_;
  std::shared_ptr<host::Completion> completion_;  // null: it is not deferred, or has ended
  host::Completion::Answer result_;
};

class LateCallable final : public detail::HostCallable {
 public:
  explicit LateCallable(ProgramCode code)
      : code_(std::make_shared<const ProgramCode>(std::move(code))) {}

  [[nodiscard]] bool returns_task() const override { return true; }
  [[nodiscard]] Result<std::unique_ptr<detail::HostTask>, Trap> start(
      detail::CallBuffer& buffer, detail::CallFrame& frame) noexcept override {
    using Task = std::unique_ptr<detail::HostTask>;
    return catch_all<Task>([&]() -> Result<Task, Trap> {
      const std::shared_ptr<runtime::Owner> owner = code_->form.owner.lock();
      if (owner == nullptr) return Trap{"the composition is ending"};
      auto call = std::make_unique<LateCall>(code_, ProgramHome::of(owner->get_shared()));
      if (std::optional<Trap> trap = call->start(static_cast<call::ArenaBuffer&>(buffer), frame))
        return *std::move(trap);
      return Task(std::move(call));
    });
  }
  [[nodiscard]] HostResult<void> call(detail::CallBuffer* /*buffer*/,
                                      detail::CallFrame& /*frame*/) noexcept override {
    return Trap{"the function returns a task"};
  }

 private:
  const std::shared_ptr<const ProgramCode> code_;
};

}  // namespace

HostFunction make_function(std::string_view interface, std::string_view name, tenon_fn function,
                           Ends ends, std::shared_ptr<void> user) {
  HostFunction made;
  made.interface = interface;
  made.name = name;
  made.bind = std::make_shared<const HostFunction::BindShape>(
      [function, ends,
       user = std::move(user)](const detail::ImportShape& import) -> Result<detail::BoundCallable> {
        TENON_TRY(FunctionForm form, FunctionForm::make(import.shape, import.owner));
        const detail::CppSignature& signature =
            signature_of<detail::ValuesAt::Buffer, detail::ValuesAt::Buffer>(form);
        ProgramCode code{std::move(form), function, user,
                         std::make_unique<const tenon_function>(import.unit, import.interface,
                                                                import.name, import.type)};
        if (ends == Ends::Later)
          return detail::BoundCallable{std::make_shared<LateCallable>(std::move(code)), &signature};
        return detail::BoundCallable{std::make_shared<ProgramCallable>(std::move(code)),
                                     &signature};
      });
  return made;
}

}  // namespace tenon::capi

const tenon_function* tenon_call_function(const tenon_call* call) {
  return call != nullptr ? call->function : nullptr;
}

const tenon_host_api* tenon_host(void) { return &tenon::host::host_api(); }
