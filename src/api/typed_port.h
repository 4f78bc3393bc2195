// A function that the program looked up, for calls with C++ types (tenon::TypedFunction). Values go
// through an arena, one for each call in progress.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "call/arena_buffer.h"
#include "call/call.h"
#include "link/running.h"
#include "program/handle_exchange.h"
#include "runtime/owner_lock.h"
#include "tenon/detail/call_port.h"
#include "tenon/function.h"

namespace tenon::api {

// The callee of a function that the program looked up, which a swap can invalidate.
struct FoundFunction {
  std::string name;  // for messages: "acme:tax/lib@1.0.0#rate"
  std::string unit;  // that exports it
  runtime::Domain* domain = nullptr;
  std::unique_ptr<call::Callee> callee;
  // The number of the unit's exports (`Domain::exports`) at the look-up; absent for an export of
  // the composition, which a swap keeps.
  std::optional<std::uint64_t> exports;

  // The reason why it can no longer be called: run-no-function. REQUIRES: the thread is in the
  // composition
  [[nodiscard]] std::optional<Diagnostic> find_change() const;
  // The failure of a call on a thread that cannot enter the composition.
  [[nodiscard]] CallFailure refuse(CallFailure entry) const {
    entry.function = name;
    return entry;
  }
};

// run-no-function
[[nodiscard]] Diagnostic gone_problem(const std::string& function);

// Thread: that of the composition.
class TypedPort final : public detail::CallPort, public std::enable_shared_from_this<TypedPort> {
 public:
  // function: keeps `target` alive. shape: in canonical form. callee: the callee for such calls;
  // null: `target.callee`.
  TypedPort(Function function, const std::shared_ptr<link::Running>& running, FoundFunction& target,
            std::shared_ptr<const call::FunctionShape> shape, std::unique_ptr<call::Callee> callee);

  [[nodiscard]] const FunctionType& type() const override { return function_.type(); }
  [[nodiscard]] const std::string& name() const override { return target_.name; }
  [[nodiscard]] const std::shared_ptr<const call::FunctionShape>& shape() const { return shape_; }
  [[nodiscard]] std::weak_ptr<runtime::Owner> owner() const { return running_; }
  [[nodiscard]] const void* find_host_class(const Type& handle) const override;

  [[nodiscard]] CallResult<void> enter() override;
  void leave() override;
  [[nodiscard]] CallResult<void> call(const detail::CppSignature& signature,
                                      detail::CallFrame& frame) override;
  // The same with flat parameters whose addresses are positions in `memory`.
  [[nodiscard]] CallResult<void> call_with_view(std::span<const std::uint8_t> memory,
                                                const detail::CppSignature& signature,
                                                detail::CallFrame& frame);
  [[nodiscard]] detail::CallBuffer& empty_buffer() override {
    buffer().clear();
    return buffer();
  }
  void drop_result() override { shared_.program.drop_unread(buffer().arena().resources()); }
  [[nodiscard]] std::unique_ptr<detail::StartedCall> make_call() override;

 private:
  class PortCall;

  // view: the memory of flat parameters; null: they have none.
  [[nodiscard]] CallResult<void> call_from(abi::Guest* view, const detail::CppSignature& signature,
                                           detail::CallFrame& frame);
  // The buffer of the innermost call.
  [[nodiscard]] call::ArenaBuffer& buffer() { return buffers_[depth_ == 0 ? 0 : depth_ - 1]; }
  // Whether the composition or the function is gone. REQUIRES: in the composition
  [[nodiscard]] bool is_gone() const { return running_.expired() || target_.find_change(); }
  [[nodiscard, gnu::cold]] CallFailure explain_gone() const;
  [[nodiscard, gnu::cold]] CallFailure refuse(const runtime::OwnerLock::Entry& entry) const;

  Function function_;
  std::weak_ptr<link::Running> running_;
  runtime::Shared& shared_;  // lives while the lock is held
  std::shared_ptr<runtime::OwnerLock> lock_;
  FoundFunction& target_;
  std::shared_ptr<const call::FunctionShape> shape_;
  std::unique_ptr<call::Callee> own_callee_;
  call::Callee& callee_;
  program::ProgramExchange exchange_;
  std::deque<call::ArenaBuffer> buffers_;  // at least one
  std::size_t depth_ = 0;                  // calls with values in buffers, one in another
};

}  // namespace tenon::api
