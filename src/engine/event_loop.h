// The event loop of a store of a concurrent engine: calls of exports that end later than they
// begin, and host functions whose calls do.
//
//   TENON_TRY(EventLoop loop, EventLoop::begin(store, [] { ... a turn is due ... }));
//   loop.call(function, call);    // queued
//   TENON_TRY_VOID(loop.turn());  // guests run until each of them waits: call.finish(..), perhaps
//
// The engine calls a host function of asynchronous type by `AsyncHostFunction::start`, which keeps
// the Completion and returns. Whoever has the Completion ends the call, on any thread; in a later
// turn of the caller's loop, `AsyncHostCall::lower` writes the result.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "engine/failure.h"
#include "engine/raw_call.h"
#include "engine/stream.h"
#include "tenon/result.h"

namespace tenon::engine {

class HttpHandler;
class HttpRequest;

// A result, as a ResultReader made it.
class LoopResult {
 public:
  virtual ~LoopResult() = default;
};

// Reads the results of functions whose results have one type. Must not throw.
class ResultReader {
 public:
  virtual ~ResultReader() = default;
  // result: the flat values, or the address of the tuple. An error ends the loop.
  virtual Result<std::unique_ptr<LoopResult>, CallError> read(
      GuestSide& callee, std::span<const FlatValue> result) = 0;
};

// An exported function of a store with a loop. Move-only. Lifetime: that of the loop's store.
class LoopFunction final {
 public:
  struct Impl;

  // The function is looked up by its first call. path, counts: as for RawFunction::find.
  // reader: for a type of result, that of the function that is called first is used for all. So it
  // depends on the type alone. Lifetime: that of the loop.
  // Failures: `Error` for a name that is not UTF-8.
  static Result<LoopFunction, Failure> make(const Instance& instance,
                                            std::span<const std::string_view> path,
                                            FlatCounts counts, ResultReader& reader);

  LoopFunction(LoopFunction&&) noexcept;
  LoopFunction& operator=(LoopFunction&&) noexcept;
  ~LoopFunction();

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit LoopFunction(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// A call of an exported function, or of an HTTP handler. Its functions are called in turns of the loop, and must
// neither throw nor use it, except to queue and cancel calls.
class LoopCall {
 public:
  explicit LoopCall(const CallTag& tag = {}) : tag_(tag) {}
  LoopCall(const LoopCall&) = delete;
  LoopCall& operator=(const LoopCall&) = delete;
  virtual ~LoopCall() = default;

  [[nodiscard]] const CallTag& tag() const { return tag_; }

  // As RawCall::lower, when the instance takes the call. An error ends the loop.
  virtual Result<void, CallError> lower(GuestSide& callee, std::span<FlatValue> params) = 0;

  // One of these ends the call; the object is not used after it.
  // The function returned. result: null if it has none.
  virtual void finish(std::unique_ptr<LoopResult> result) = 0;
  // There is no such function.
  virtual void fail(Failure failure) = 0;
  // It was cancelled.
  virtual void end_cancelled() = 0;
  // The loop has ended before.
  virtual void drop() = 0;

 private:
  friend class EventLoop;
  CallTag tag_;
  std::uint64_t number_ = 0;  // for `cancel`; no other call has it
};

// Move-only. Thread: one at a time.
class EventLoop final {
 public:
  struct Impl;

  // While the loop exists, the store is used by it alone.
  // wake: called when a turn is due, once until the next turn begins: on any thread, also within a
  // turn. It must neither throw nor use the loop.
  static Result<EventLoop, Failure> begin(Store& store, std::function<void()> wake);

  EventLoop(EventLoop&&) noexcept;
  EventLoop& operator=(EventLoop&&) noexcept;
  // Calls that have not ended are dropped. REQUIRES: not within a turn
  ~EventLoop();

  // Lets guests run until each of them waits. Turns of different loops nest.
  // Failures: of a guest or a callback; the loop has ended, and nothing in its store can be called
  //           again. `Error` within a turn of the same loop, which ends nothing.
  [[nodiscard]] Result<void, Failure> turn();
  // Takes a turn, and returns whether all guests wait and none of them for the host: neither for
  // WASI nor for a host function. Then only a new call changes that. Ask it when no turn is due.
  // Failures: as `turn`.
  [[nodiscard]] Result<bool, Failure> is_idle();
  // As engine::drop_resource, in a turn that it takes. Returns false if a guest keeps the whole store waiting; try it
  // again after a later turn. A failure ends the loop.
  [[nodiscard]] Result<bool, Failure> drop_resource(Store& store, const GuestResource& resource);
  // Queues a call. Both live until the call has ended.
  void call(const LoopFunction& function, LoopCall& call);
  // Queues the call of an HTTP handler. It ends when the guest has answered, and has nothing more to do;
  // or by `fail`, if it gave no response. All three live until then.
  // sharing: Shared if other calls go on meanwhile: it ends when its response was sent.
  enum class Sharing : std::uint8_t { Alone, Shared };
  void handle(const HttpHandler& handler, const HttpRequest& request, Sharing sharing,
              LoopCall& call);
  // Waits until the guests have nothing more to do; then the call has returned. One at a time.
  void rest(LoopCall& call);
  // Asks that a call is cancelled, in the next turn. If the instance has not taken it, it ends then.
  // Otherwise its task is told so, once, and decides how the call ends. Nothing happens if the guest has
  // returned, or if the call is on another loop or on none.
  void cancel(const LoopCall& call);
  // Begin to read a future of the loop's store, or drop it, in the next turn or `settle`. One that is
  // read can be dropped if its consumer exists and no write is in progress.
  void pipe(const FutureEnd& future, std::unique_ptr<Consumer> consumer);
  void close(FutureEnd future);
  // Does what `pipe` and `close` have queued, in a call that a guest of the store makes.
  void settle(HostCall& call);

 private:
  explicit EventLoop(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Ends a call of a host function. Move-only; thread: any.
class Completion final {
 public:
  // Nothing happens if the caller is gone. An error ends the caller's loop.
  void complete() &&;
  void fail(CallError error) &&;
  // The call was cancelled, and has no result.
  void end_cancelled() &&;

  // For the sources of this folder alone.
  explicit Completion(void* completion) : completion_(completion) {}

 private:
  struct Free {
    void operator()(void* completion) const noexcept;
  };
  std::unique_ptr<void, Free> completion_;
};

// A call of an AsyncHostFunction. Deleted when its result was lowered, or when the caller does not
// need it any more, because the call was cancelled or its store is gone.
class AsyncHostCall {
 public:
  virtual ~AsyncHostCall() = default;
  // The caller has cancelled the call. Returns whether it ends early by its Completion, perhaps with a
  // result. Otherwise it ends now. Called once at most.
  virtual bool cancel() = 0;
  // Writes the result, after `Completion::complete`: into flat values or, if `result` is empty, at
  // `address` in the caller's memory. Not called for a function without a result. An error ends the
  // loop.
  virtual Result<void, CallError> lower(GuestSide& caller, std::span<FlatValue> result,
                                        std::uint32_t address) = 0;
};

// A function of `async` type that guests import. Must not throw. Thread: as HostFunction.
class AsyncHostFunction {
 public:
  virtual ~AsyncHostFunction() = default;
  // Begins a call. call: valid until this returns; it takes no result. An error ends the loop.
  virtual Result<std::unique_ptr<AsyncHostCall>, CallError> start(HostCall& call,
                                                                  Completion completion) = 0;
};

// How an asynchronous host function is imported: by an `async` type, or by another one, whose calls suspend
// their caller, and with it the whole store, until they end.
enum class ImportedAs : std::uint8_t { Async, Suspending };

// As define_host_function, for a function whose calls can end later.
Result<void> define_async_host_function(Linker& linker, std::string_view interface,
                                        std::string_view name, FlatCounts counts,
                                        std::unique_ptr<AsyncHostFunction> function,
                                        ParamHandles handles = ParamHandles::Any,
                                        ImportedAs imported = ImportedAs::Async);

}  // namespace tenon::engine
