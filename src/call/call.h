// One call of a function, whoever makes it and whoever answers it.
//
// A caller makes a Call, on its stack, and starts a callee with it:
//
//   GuestCall call(shape, domain, host_call);  // where the parameters lie, where the result goes
//   callee.start(call);
//   return call.take_outcome();
//
// The callee copies the parameters from `params()`, runs, passes its result to `give_result()`
// where it lies, and ends the call by `finish()`. Values are in canonical form all the way: flat,
// in a guest's memory, or in an arena (`abi::From`). Every other form of a value has one reader and
// one writer over an arena, on the side that has that form. So there are N kinds of callers and M
// kinds of callees, and no class for a pair of them.
//
//   callers                                     callees
//   runtime::GuestCall    a component's import  runtime::ExportedFunction  a component's export
//   packr::ImportCall     a package's import    packr::PackageFunction     a package's export
//   runtime::ProgramCall  the C++ program       host::BundleFunction       a native library
//                                               link::ProgramFunction    the C++ program
//
// A call ends before `start` returns, unless its caller can wait elsewhere (`ends_later`). Such a
// caller lives on until `finish`, or abandons the call.
//
// Who is to blame decides who ends: a callee that traps or returns bad values ends, and `finish`
// gets its failure; a caller whose parameters are malformed or that cannot take its result is
// broken off (`break_off`), and the callee goes on.
//
// Thread: that of the caller's composition.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "abi/copy_program.h"
#include "abi/value_arena.h"
#include "call/bounds.h"
#include "call/function_shape.h"
#include "support/check.h"
#include "tenon/result.h"

namespace tenon::call {

class Call;

// The part that a wrapper takes in one call (`Call::add_hook`). Lives as long as the call.
class CallHook {
 public:
  CallHook() = default;
  CallHook(const CallHook&) = delete;
  CallHook& operator=(const CallHook&) = delete;
  virtual ~CallHook() = default;

  // The result, before the caller takes it.
  virtual void see_result(const abi::From& /*result*/) {}
  // The callee has ended the call. The hook may replace the outcome.
  virtual void change_outcome(Call& /*call*/, CallResult<void>& /*outcome*/) {}
  // The caller has the result or the failure.
  virtual void see_end(Call& /*call*/) {}

 private:
  friend class Call;
  CallHook* next_ = nullptr;
};

// The callee's part of a call that `start` did not end.
class PendingCall {
 public:
  virtual ~PendingCall() = default;
  // The caller does not wait any more: the call is not finished, and its result is dropped.
  virtual void abandon() = 0;
  // The caller asks that the call ends early. Returns whether the callee can be asked: it finishes the
  // call, perhaps with its result, or by `finish_cancelled`.
  virtual bool ask_to_end() { return false; }
};

class Call {
 public:
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  // As the caller has it. The callee's layouts are equal; its resource kinds are those of its own
  // composition.
  [[nodiscard]] const FunctionShape& shape() const { return shape_; }
  // The flat parameters; empty if they are in memory. For a callee that takes numbers alone
  // (`CopyProgram::copy_flat_params`) and needs nothing else of the caller.
  [[nodiscard]] const abi::FlatInput& flat_params() const { return flat_params_; }
  // Where a result that is one number can be stored; empty: it goes by `give_result`.
  [[nodiscard]] const abi::FlatOutput& flat_result() const { return flat_result_; }
  // Null: nothing ends the call before the callee does.
  [[nodiscard]] const Bounds* bounds() const { return bounds_; }

  // Whether `Callee::start` may return before the call has ended. The callee has read the parameters
  // by then.
  [[nodiscard]] bool ends_later() const { return ends_later_; }
  // For callees and wrappers that cannot return before: the call ends within `start`.
  void end_within_start() { ends_later_ = false; }
  // pending: until the call ends.
  void set_pending(PendingCall& pending) { pending_ = &pending; }

  // The domain that the call comes from, for messages; empty: the program.
  [[nodiscard]] virtual std::string_view caller_name() const { return {}; }

  // Where the parameters lie. Copying lifts their handles out of the caller, so it is done once.
  // Null: the caller passed something that is not of the function's type, and is broken off.
  // Lifetime: until the caller's guest runs or the call ends.
  [[nodiscard]] virtual const abi::From* params() = 0;

  // Copies the result to the caller. Its handles become the caller's when the call ends well.
  // Errors: the values are not of the function's type; or, if `is_broken_off` after it, the caller
  // could not take them.
  [[nodiscard]] Result<void, abi::AbiError> give_result(const abi::From& result) {
    for (CallHook* hook = hooks_; hook != nullptr; hook = hook->next_) hook->see_result(result);
    return take_result(result);
  }
  // The same for a result in an arena of the callee. A caller that keeps its values in an arena
  // exchanges the two, so the callee's has other contents afterwards.
  // REQUIRES: the values are of the function's type
  [[nodiscard]] Result<void, abi::AbiError> give_result(abi::ValueArena& arena,
                                                        std::uint32_t address) {
    for (CallHook* hook = hooks_; hook != nullptr; hook = hook->next_)
      hook->see_result(abi::From::memory(arena, address));
    return take_arena(arena, address);
  }

  // Ends the caller instead of the callee. The callee still calls `finish`.
  void break_off(const abi::AbiError& error) {
    is_broken_off_ = true;
    keep_break(error);
  }
  [[nodiscard]] bool is_broken_off() const { return is_broken_off_; }

  // Ends the call, once. A call that succeeds has been given its result, if the function has one.
  void finish() {
    pending_ = nullptr;
    if (hooks_ == nullptr)
      end(nullptr);
    else
      finish_with_hooks({});
  }
  void finish(CallFailure failure) {
    pending_ = nullptr;
    if (hooks_ == nullptr)
      end(&failure);
    else
      finish_with_hooks(std::move(failure));
  }
  // Ends a call whose caller has asked for it, without a result. No hook sees the end.
  void finish_cancelled() {
    pending_ = nullptr;
    end_cancelled();
  }
  void finish(CallResult<void> outcome) {
    if (outcome)
      finish();
    else
      finish(std::move(outcome).error());
  }

  // For wrappers. Hooks are called in the reverse of the order in which they were added.
  void add_hook(CallHook& hook) {
    hook.next_ = hooks_;
    hooks_ = &hook;
    flat_result_ = {};
  }
  // The same for a hook that lives as long as a call that ends later.
  void add_hook(std::unique_ptr<CallHook> hook) {
    add_hook(*hook);
    keep_hook(std::move(hook));
  }
  // Gives a result after the callee has failed: no hook sees it. Errors: as `give_result`.
  [[nodiscard]] Result<void, abi::AbiError> give_substitute(const abi::From& result) {
    return take_result(result);
  }
  // Takes those own handles of the parameters out of the caller that the callee did not take: they
  // are gone, as after a call that succeeds.
  virtual void drop_params() {}
  // The result as the caller has it, of a call whose values were passed in an encoding that both
  // sides share, so that `give_result` was not called.
  [[nodiscard]] virtual std::optional<abi::From> passed_result() { return std::nullopt; }

 protected:
  Call(const FunctionShape& shape, const abi::FlatInput& flat_params,
       const abi::FlatOutput& flat_result, const Bounds* bounds)
      : shape_(shape), flat_params_(flat_params), flat_result_(flat_result), bounds_(bounds) {}

  void note_break() { is_broken_off_ = true; }
  // For a call that ends later. bounds: lives as long as the call; can be null.
  void end_later(const Bounds* bounds) {
    ends_later_ = true;
    bounds_ = bounds;
  }
  // For the caller. False: the callee cannot be asked.
  [[nodiscard]] bool ask_to_end() { return pending_ != nullptr && pending_->ask_to_end(); }
  // For the caller. Does nothing if the call has ended.
  void abandon() {
    if (pending_ != nullptr) std::exchange(pending_, nullptr)->abandon();
  }

 private:
  [[nodiscard]] virtual Result<void, abi::AbiError> take_result(const abi::From& result) = 0;
  [[nodiscard]] virtual Result<void, abi::AbiError> take_arena(abi::ValueArena& arena,
                                                               std::uint32_t address) {
    return take_result(abi::From::memory(arena, address));
  }
  virtual void keep_break(const abi::AbiError& error) = 0;
  // Only of calls that end later.
  virtual void keep_hook(std::unique_ptr<CallHook> /*hook*/) { TENON_CHECK(!ends_later_); }
  // failure: to be moved from; null if the call succeeded.
  virtual void end(CallFailure* failure) = 0;
  // Only of callers that ask for it.
  virtual void end_cancelled() {}

  // The call ends even if a hook runs out of memory: the call then fails, or the hook misses its end.
  [[gnu::cold]] void finish_with_hooks(CallResult<void> outcome) {
    for (CallHook* hook = hooks_; hook != nullptr; hook = hook->next_) {
      try {
        hook->change_outcome(*this, outcome);
      } catch (const std::bad_alloc&) {
        outcome = CallFailure();
        outcome.error().message = "out of memory";
      }
    }
    end(outcome ? nullptr : &outcome.error());
    for (CallHook* hook = hooks_; hook != nullptr; hook = hook->next_) {
      try {
        hook->see_end(*this);
      } catch (const std::bad_alloc&) {
      }
    }
  }

  const FunctionShape& shape_;
  abi::FlatInput flat_params_;
  abi::FlatOutput flat_result_;
  const Bounds* bounds_;
  CallHook* hooks_ = nullptr;
  PendingCall* pending_ = nullptr;
  bool is_broken_off_ = false;
  bool ends_later_ = false;
};

// Whoever answers calls of one function. Made once for each edge, from the plan.
class Callee {
 public:
  Callee() = default;
  Callee(const Callee&) = delete;
  Callee& operator=(const Callee&) = delete;
  virtual ~Callee() = default;

  // Makes the call, and ends it by `Call::finish`: before it returns, if the caller waits on its
  // stack, which every caller does unless it says otherwise.
  virtual void start(Call& call) = 0;
};

}  // namespace tenon::call
