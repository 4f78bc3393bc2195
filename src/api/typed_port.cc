#include "api/typed_port.h"

#include <functional>
#include <span>
#include <utility>

#include "api/driver.h"
#include "link/exports.h"
#include "runtime/program_call.h"
#include "support/diagnostics.h"
#include "types/uses.h"
#include "value/type_graph.h"

namespace tenon::api {

using detail::ValuesAt;

Diagnostic gone_problem(const std::string& function) {
  return make_diagnostic(Code::RunNoFunction, "the composition of `{}` is gone", function);
}

std::optional<Diagnostic> FoundFunction::find_change() const {
  if (!exports || *exports == domain->exports_version()) return std::nullopt;
  return make_diagnostic(Code::RunNoFunction,
                         "`{}` was looked up before `{}` was swapped: look it up again", name,
                         unit);
}

TypedPort::TypedPort(Function function, const std::shared_ptr<link::Running>& running,
                     FoundFunction& target, std::shared_ptr<const call::FunctionShape> shape,
                     std::unique_ptr<call::Callee> callee)
    : function_(std::move(function)),
      running_(running),
      shared_(running->shared),
      lock_(running->shared.lock),
      target_(target),
      shape_(std::move(shape)),
      own_callee_(std::move(callee)),
      callee_(own_callee_ != nullptr ? *own_callee_ : *target.callee),
      exchange_(running, *shape_, link::HandlesAre::Objects) {
  buffers_.emplace_back(exchange_);
}

const void* TypedPort::find_host_class(const Type& handle) const {
  // The resource kinds live as long as the composition.
  const auto running = running_.lock();
  const auto resource =
      types::handled_resource(value::graph_of(handle)->types, value::id_of(handle));
  if (running == nullptr || !resource) return nullptr;
  // Uses the types of the look-up, because a swap changes the types.
  const abi::FunctionLayout& layout = shape_->program.layout();
  const auto find = [&](const auto& handles, const auto& kinds) -> const void* {
    for (std::size_t i = 0; i < handles.size(); ++i)
      if (handles[i].resource == *resource) return kinds[i]->host_class;
    return nullptr;
  };
  const void* const passed = find(layout.param_handles, shape_->param_kinds);
  return passed != nullptr ? passed : find(layout.result_handles, shape_->result_kinds);
}

CallResult<void> TypedPort::enter() {
  CallResult<void> entered = lock_->enter();
  if (!entered) {
    entered.error().function = name();
    return entered;
  }
  if (is_gone()) {
    CallFailure refused = explain_gone();
    lock_->leave();
    return refused;
  }
  exchange_.begin_call();
  if (buffers_.size() < ++depth_) buffers_.emplace_back(exchange_);
  return {};
}

void TypedPort::leave() {
  exchange_.end_call();
  --depth_;
  lock_->leave();
}

CallResult<void> TypedPort::call(const detail::CppSignature& signature, detail::CallFrame& frame) {
  const runtime::OwnerLock::Entry entry(*lock_);
  if (!entry.is_in() || is_gone()) return refuse(entry);
  abi::ValueArena& arena = buffer().arena();
  const bool is_flat = signature.result != nullptr && signature.result_at == ValuesAt::Flat;
  runtime::ProgramCall call(*shape_, shared_, arena,
                            signature.params_at == ValuesAt::Flat
                                ? abi::From::flat(arena, frame.flat_params)
                                : abi::From::memory(arena, frame.params),
                            is_flat ? &frame.result : nullptr);
  callee_.start(call);
  if (call.is_success()) {
    if (const std::optional<std::uint32_t> result = call.result()) {
      buffer().refresh();
      frame.result = *result;
    }
    return {};
  }
  return call.take_failure(name());
}

// Keeps the port, and with it the function, until the call has ended.
class TypedPort::PortCall final : public detail::StartedCall {
 public:
  explicit PortCall(std::shared_ptr<TypedPort> port)
      : port_(std::move(port)),
        driver_(make_driver(port_->running_)),
        exchange_(port_->running_, *port_->shape_, link::HandlesAre::Objects),
        buffer_(exchange_) {
    exchange_.begin_call();
  }
  PortCall(const PortCall&) = delete;
  PortCall& operator=(const PortCall&) = delete;
  ~PortCall() override {
    const runtime::OwnerLock::Entry entry(*port_->lock_);
    call_.reset();
    if (is_passing_) exchange_.end_call();
  }

  [[nodiscard]] detail::CallBuffer& buffer() override { return buffer_; }

  void start(const detail::CppSignature& signature, const detail::CallFrame& frame,
             std::function<void()> on_end) override {
    const runtime::OwnerLock::Entry entry(*port_->lock_);
    if (!entry.is_in() || port_->is_gone()) {
      refused_ = port_->refuse(entry);
      return on_end();
    }
    abi::ValueArena& arena = buffer_.arena();
    call_.emplace(*port_->shape_, port_->shared_, arena,
                  signature.params_at == ValuesAt::Flat ? abi::From::flat(arena, frame.flat_params)
                                                        : abi::From::memory(arena, frame.params),
                  runtime::ActiveCall::innermost_bounds(), [this] { end(); });
    on_end_ = std::move(on_end);
    is_starting_ = true;
    port_->callee_.start(*call_);
    is_starting_ = false;
    if (call_->has_ended()) report();
  }

  void cancel() override {
    const runtime::OwnerLock::Entry entry(*port_->lock_);
    if (call_) call_->cancel();
  }

  [[nodiscard]] CallResult<void> take_outcome(detail::CallFrame& frame) override {
    if (refused_) return *std::move(refused_);
    if (is_passing_) exchange_.end_call();
    is_passing_ = false;
    if (!call_->is_success()) return call_->take_failure(port_->name());
    buffer_.refresh();
    if (call_->result()) frame.result = *call_->result();
    return {};
  }

  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return driver_; }

 private:
  // The call has ended within a turn of a guest: the program hears of it outside of all guests.
  void end() {
    if (is_starting_) return;
    driver_->post([link = std::weak_ptr<PortCall*>(link_)] {
      if (const auto call = link.lock()) (*call)->report();
    });
  }
  void report() { std::exchange(on_end_, nullptr)(); }

  std::shared_ptr<TypedPort> port_;
  std::shared_ptr<detail::Driver> driver_;
  link::ProgramExchange exchange_;
  call::ArenaBuffer buffer_;
  std::optional<runtime::StartedCall> call_;
  std::optional<CallFailure> refused_;
  std::function<void()> on_end_;
  bool is_starting_ = false;
  bool is_passing_ = true;
  // This object, as long as it exists.
  std::shared_ptr<PortCall*> link_ = std::make_shared<PortCall*>(this);
};

std::unique_ptr<detail::StartedCall> TypedPort::make_call() {
  return std::make_unique<PortCall>(shared_from_this());
}

CallFailure TypedPort::explain_gone() const {
  const std::string& shown = name();
  if (running_.expired()) return detail::refuse_call(shown, {gone_problem(function_.name())});
  return detail::refuse_call(shown, {*target_.find_change()});
}

CallFailure TypedPort::refuse(const runtime::OwnerLock::Entry& entry) const {
  if (entry.is_in()) return explain_gone();
  CallFailure failure = entry.failure();
  failure.function = name();
  return failure;
}

}  // namespace tenon::api
