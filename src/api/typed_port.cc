#include "api/typed_port.h"

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "abi/memory_view.h"
#include "api/pending_call.h"
#include "runtime/program_call.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/uses.h"
#include "value/type_graph.h"

namespace tenon::api {

using detail::ValuesAt;

namespace {

// memory: an arena, or the memory of the program that flat parameters refer to.
abi::From params_of(const detail::CppSignature& signature, const detail::CallFrame& frame,
                    abi::Guest& memory) {
  return signature.params_at == ValuesAt::Flat ? abi::From::flat(memory, frame.flat_params)
                                               : abi::From::memory(memory, frame.params);
}

// The class of the objects of a resource that a function passes, also in the items of its streams;
// null if there is none.
const void* find_class(const call::FunctionShape& shape, types::ResourceId resource) {
  const abi::FunctionLayout& layout = shape.program.layout();
  const auto find = [&](const std::vector<abi::HandleType>& handles,
                        const std::vector<const runtime::ResourceKind*>& kinds) -> const void* {
    for (std::size_t i = 0; i < handles.size(); ++i) {
      const runtime::StreamKind* const stream = kinds[i]->stream;
      if (stream == nullptr && handles[i].resource == resource) return kinds[i]->host_class;
      if (stream == nullptr || stream->item == nullptr) continue;
      if (const void* const found = find_class(*stream->item, resource)) return found;
    }
    return nullptr;
  };
  const void* const passed = find(layout.param_handles, shape.param_kinds);
  return passed != nullptr ? passed : find(layout.result_handles, shape.result_kinds);
}

}  // namespace

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
      exchange_(running, *shape_, program::HandlesAre::Objects) {
  buffers_.emplace_back(exchange_);
}

const void* TypedPort::find_host_class(const Type& handle) const {
  // The resource kinds live as long as the composition.
  const auto running = running_.lock();
  const auto resource =
      types::handled_resource(value::graph_of(handle)->types, value::id_of(handle));
  if (running == nullptr || !resource) return nullptr;
  // Uses the types of the look-up, because a swap changes the types.
  return find_class(*shape_, *resource);
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
  try {
    if (buffers_.size() == depth_) buffers_.emplace_back(exchange_);
    exchange_.begin_call();
  } catch (...) {
    lock_->leave();
    throw;
  }
  ++depth_;
  return {};
}

void TypedPort::leave() {
  exchange_.end_call();
  --depth_;
  lock_->leave();
}

CallResult<void> TypedPort::call(const detail::CppSignature& signature, detail::CallFrame& frame) {
  return call_from(nullptr, signature, frame);
}

CallResult<void> TypedPort::call_with_view(std::span<const std::uint8_t> memory,
                                           const detail::CppSignature& signature,
                                           detail::CallFrame& frame) {
  abi::MemoryView view(memory);
  return call_from(&view, signature, frame);
}

CallResult<void> TypedPort::call_from(abi::Guest* view, const detail::CppSignature& signature,
                                      detail::CallFrame& frame) {
  const runtime::OwnerLock::Entry entry(*lock_);
  if (!entry.is_in() || is_gone()) return refuse(entry);
  abi::ValueArena& arena = buffer().arena();
  const bool is_flat = signature.result != nullptr && signature.result_at == ValuesAt::Flat;
  runtime::ProgramCall call(*shape_, shared_, arena,
                            params_of(signature, frame, view != nullptr ? *view : arena),
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
        call_(port_->running_, *port_->shape_, program::HandlesAre::Objects) {}

  [[nodiscard]] detail::CallBuffer& buffer() override { return call_.buffer(); }

  void start(const detail::CppSignature& signature, const detail::CallFrame& frame,
             std::function<void()> on_end) override {
    const runtime::OwnerLock::Entry entry(*port_->lock_);
    if (!entry.is_in() || port_->is_gone()) {
      refused_ = port_->refuse(entry);
      return on_end();
    }
    call_.start(port_->callee_, port_->shared_, params_of(signature, frame, call_.buffer().arena()),
                std::move(on_end));
  }

  void give_up() override { call_.give_up(); }
  void cancel() override { call_.cancel(); }

  [[nodiscard]] CallResult<void> take_outcome(detail::CallFrame& frame) override {
    if (refused_) return *std::move(refused_);
    TENON_TRY(const std::optional<std::uint32_t> result, call_.take_result(port_->target_));
    if (result) frame.result = *result;
    return {};
  }

  void drop_result() override {
    const auto running = port_->running_.lock();
    if (running == nullptr) return;
    const runtime::OwnerLock::Entry entry(*port_->lock_);
    running->shared.program.drop_unread(call_.buffer().arena().resources());
  }

  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return call_.driver(); }

 private:
  std::shared_ptr<TypedPort> port_;
  PendingCall call_;
  std::optional<CallFailure> refused_;
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
  return target_.refuse(entry.failure());
}

}  // namespace tenon::api
