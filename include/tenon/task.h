// Work that ends later: calls of async functions, and coroutines of the program.
//
//   tenon::Task<tenon::CallResult<double>> sum = total->start(items);
//   ...                                                     // the call is in progress
//   tenon::CallResult<double> result = co_await std::move(sum);   // in a coroutine
//   std::optional<tenon::CallResult<double>> late = sum.wait(100ms);  // in any other function
//   total->start_then([](tenon::CallResult<double> result) { ... }, items);
//
// A coroutine that returns a Task runs at once, up to the first thing that it has to wait for:
//
//   tenon::Task<double> add(const Prices& prices) {
//     tenon::CallResult<double> a = co_await prices.start("tea");
//     co_return *a + 1;
//   }
//
// Give an awaiter of your own a constructor: with g++ 12, `co_await Later{pending, url}` destroys an
// aggregate `Later` twice.
//
// Who runs a composition: whoever waits for it. Its guests run while the program is in a blocking call,
// in `wait`, or in `Composition::poll`. A program with an event loop gives the composition an Executor
// instead, and never needs to wait. Only domains that compute for milliseconds have threads
// (`CompositionBuilder::set_threads`).
//
// Thread: that of the composition, also for continuations: they run where the composition runs, so
// with an executor on its threads.
#pragma once

#include <chrono>
#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/result.h"

namespace tenon {

// Where a composition and the continuations of its calls run (`CompositionBuilder::set_executor`).
// Must outlive the compositions that use it.
class Executor {
 public:
  virtual ~Executor() = default;
  // Runs the work soon, on the thread of the composition, and not within this call. Each composition has
  // at most one piece of work in the queue, so that room for it can be reserved.
  //
  // If this function throws, the work was not taken, and is passed again after the next event of the
  // composition, or done by the next `Composition::poll`. Work that is dropped otherwise is lost, and the
  // composition then waits for nothing. The work throws what `Composition::poll` throws.
  // Thread: any.
  virtual void post(std::function<void()> work) = 0;
};

namespace detail {

// Lets a composition run. Implemented by the library.
class Driver {
 public:
  virtual ~Driver() = default;
  // Runs what is due until the predicate holds, or the time passes, or nothing can happen any more, or
  // there is something to throw.
  virtual void run_until(const std::function<bool()>& is_done,
                         std::optional<std::chrono::steady_clock::time_point> deadline) = 0;
  // Returns a function that runs this one there, once, as soon as it is known where; never, if it is
  // gone: its tasks end. It needs no memory. Thread: any, for both.
  virtual std::function<void()> make_post(std::function<void()> function) = 0;
  // Keeps an exception for whoever lets the composition run next, unless there is another one. It is
  // lost if the composition is gone. Thread: any.
  virtual void keep(std::exception_ptr thrown) noexcept = 0;
};

// The part of a task that does not depend on its type.
class TaskBase {
 public:
  TaskBase() = default;
  TaskBase(const TaskBase&) = delete;
  TaskBase& operator=(const TaskBase&) = delete;

  // Destroys the task, and cancels what is in progress.
  virtual void release() = 0;
  // Ends the work early, with an error, if it can: a call, but not a coroutine.
  virtual void cancel() {}
  // Whose work it waits for; null if that is unknown.
  [[nodiscard]] virtual std::shared_ptr<Driver> driver() const = 0;

  // Called once, when the task is done.
  void set_continuation(std::function<void()> continuation) {
    continuation_ = std::move(continuation);
  }
  // The continuation may destroy the task.
  void run_continuation() {
    if (std::function<void()> continuation = std::exchange(continuation_, nullptr)) continuation();
  }

 protected:
  virtual ~TaskBase() = default;

 private:
  std::function<void()> continuation_;
};

template <class T>
class TaskState : public TaskBase {
 public:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  [[nodiscard]] bool is_done() const { return value_.has_value() || exception_ != nullptr; }
  template <class... Arguments>
  void set_value(Arguments&&... arguments) {
    value_.emplace(std::forward<Arguments>(arguments)...);
  }
  void set_exception(std::exception_ptr exception) { exception_ = std::move(exception); }
  // REQUIRES: `is_done`
  T take() {
    if (exception_ != nullptr) std::rethrow_exception(std::exchange(exception_, nullptr));
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  std::optional<Stored> value_;
  std::exception_ptr exception_;
};

template <class T>
class TaskPromise;

template <class T>
inline constexpr bool kIsCallResult = false;
template <class T>
inline constexpr bool kIsCallResult<CallResult<T>> = true;

}  // namespace detail

// Work that ends later, with a value. Destroying a task cancels what is in progress: a call that
// was started runs on in the guest, and its result is dropped. A coroutine is destroyed where it
// waits. One that runs, because it called what destroys its task, goes on until it next waits.
template <class T>
class [[nodiscard]] Task final {
 public:
  using promise_type = detail::TaskPromise<T>;

  // For the library and its templates: takes ownership.
  explicit Task(detail::TaskState<T>* state) : state_(state) {}

  [[nodiscard]] bool is_done() const { return state_->is_done(); }

  // Lets the composition run until the task is done or the time passes; without a time, until nothing
  // can end the task any more but another thread. All calls in progress that the program started have
  // then failed with Deadlock. Returns the value, once; nothing if the task is not done. Do not
  // call it within a host function of the same composition if the task waits for that function's
  // caller.
  [[nodiscard]] std::optional<typename detail::TaskState<T>::Stored> wait(
      std::optional<std::chrono::nanoseconds> timeout = {}) {
    if (!is_done()) {
      std::optional<std::chrono::steady_clock::time_point> deadline;
      if (timeout)
        deadline = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(*timeout);
      if (const std::shared_ptr<detail::Driver> driver = state_->driver())
        driver->run_until([&] { return is_done(); }, deadline);
    }
    if (!is_done()) return std::nullopt;
    if constexpr (std::is_void_v<T>) {
      state_->take();
      return std::monostate();
    } else {
      return state_->take();
    }
  }

  // Cancels the work when a stop is requested, on any thread. A call then ends with a CallFailure of
  // kind Interrupted.
  Task& cancel_on(const std::stop_token& token) {
    if (is_done()) return *this;
    const std::shared_ptr<detail::Driver> driver = state_->driver();
    if (driver == nullptr) return *this;
    auto link = std::make_shared<Link>(state_.get());
    std::function<void()> post = driver->make_post([link = std::weak_ptr(link)] {
      if (const std::shared_ptr<Link> state = link.lock()) (*state)->cancel();
    });
    stop_ = std::make_shared<Stop>(token, Cancel{std::move(post), std::move(link)});
    return *this;
  }
  // Cancels the work now.
  void cancel() { state_->cancel(); }

  // For the library: whose work it waits for; null if that is unknown.
  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const { return state_->driver(); }

  // Calls a function once, when the task is done. REQUIRES: not `is_done`
  void on_done(std::function<void()> function) { state_->set_continuation(std::move(function)); }
  // The value, once. REQUIRES: `is_done`
  T take() { return state_->take(); }

  // Calls a function with the value when the task is done, perhaps at once. The work goes on without
  // this object. If there is no memory for a CallResult, the function gets a failure that says so.
  // Throws std::bad_alloc; then the function was not called, and the task is as before.
  //
  // If the function is called at once, its exceptions leave `then`. Otherwise they leave the call that lets
  // the composition run: the `wait` of any task, `Composition::poll` or `run_for`, or the work of the
  // executor, this one or the next. Nothing else is lost: a second `wait` goes on. The exception of a
  // coroutine, which has no value for the function, leaves them too. Calls of guests do not throw it,
  // because it is not their failure. If several are thrown meanwhile, only the first is kept, and none
  // after the composition is gone. A coroutine that waits for things of the program alone has no
  // composition: its exception ends the process, as that of a thread does.
  template <class F>
  void then(F function) && {
    if (is_done()) return pass_outcome(state_.release(), function);
    // A stop cancels the work also without this object.
    state_->set_continuation(
        [state = state_.get(), stop = stop_, function = std::move(function)]() mutable {
          stop.reset();
          const std::shared_ptr<detail::Driver> driver = state->driver();
          try {
            pass_outcome(state, function);
          } catch (...) {
            if (driver == nullptr) throw;
            driver->keep(std::current_exception());
          }
        });
    (void)state_.release();
    stop_.reset();
  }

  class Awaiter final {
   public:
    explicit Awaiter(Task task) : task_(std::move(task)) {}
    [[nodiscard]] bool await_ready() const { return task_.is_done(); }
    void await_suspend(std::coroutine_handle<> waiter) {
      task_.state_->set_continuation([waiter] { waiter.resume(); });
    }
    T await_resume() { return task_.state_->take(); }
    [[nodiscard]] std::shared_ptr<detail::Driver> driver() const { return task_.state_->driver(); }

   private:
    Task task_;
  };
  Awaiter operator co_await() && { return Awaiter(std::move(*this)); }

 private:
  struct Release {
    void operator()(detail::TaskState<T>* state) const { state->release(); }
  };
  // The task, as long as it exists: a stop can be requested on another thread.
  using Link = detail::TaskState<T>*;
  struct Cancel {
    std::function<void()> post;
    std::shared_ptr<Link> link;

    void operator()() const { post(); }
  };
  using Stop = std::stop_callback<Cancel>;

  // Ends the task.
  static T take_outcome(detail::TaskState<T>* state) {
    const std::unique_ptr<detail::TaskState<T>, Release> done(state);
    if constexpr (detail::kIsCallResult<T>) {
      try {
        return state->take();
      } catch (const std::bad_alloc&) {
        CallFailure failure;
        failure.message = "out of memory";  // is short, and needs none
        return failure;
      }
    } else {
      return state->take();
    }
  }
  template <class F>
  static void pass_outcome(detail::TaskState<T>* state, F& function) {
    if constexpr (std::is_void_v<T>) {
      take_outcome(state);
      function();
    } else {
      function(take_outcome(state));
    }
  }

  std::unique_ptr<detail::TaskState<T>, Release> state_;
  std::shared_ptr<Stop> stop_;  // ends before the state
};

namespace detail {

// Something with a driver: an awaiter of a task or of a stream.
template <class A>
concept Driven = requires(const A& awaiter) {
  { awaiter.driver() } -> std::convertible_to<std::shared_ptr<Driver>>;
};

// The awaiter of what a coroutine awaits.
template <class A>
decltype(auto) get_awaiter(A&& awaitable) {
  if constexpr (requires { std::forward<A>(awaitable).operator co_await(); })
    return std::forward<A>(awaitable).operator co_await();
  else if constexpr (requires { operator co_await(std::forward<A>(awaitable)); })
    return operator co_await(std::forward<A>(awaitable));
  else
    return std::forward<A>(awaitable);
}

template <class T>
class TaskPromiseBase : public TaskState<T> {
 public:
  void release() override {
    if (!is_running_) return handle().destroy();
    is_released_ = true;
    this->set_continuation(nullptr);
  }
  [[nodiscard]] std::shared_ptr<Driver> driver() const override { return driver_; }

  Task<T> get_return_object() { return Task<T>(this); }
  std::suspend_never initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<TaskPromise<T>> done) noexcept {
      TaskPromiseBase& promise = done.promise();
      promise.is_running_ = false;
      if (promise.is_released_) return done.destroy();
      promise.run_continuation();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { this->set_exception(std::current_exception()); }

  // Awaits something, and notes what the coroutine waits for, and whether it runs.
  template <class A>
  class Wait final {
   public:
    Wait(TaskPromiseBase& promise, A&& awaitable)
        : promise_(promise), awaiter_(get_awaiter(std::forward<A>(awaitable))) {
      if constexpr (Driven<std::remove_cvref_t<Awaiter>>) promise_.driver_ = awaiter_.driver();
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    decltype(auto) await_ready() { return awaiter_.await_ready(); }
    decltype(auto) await_suspend(std::coroutine_handle<TaskPromise<T>> waiter) {
      using Suspended = decltype(awaiter_.await_suspend(waiter));
      // Not a handle of the promise of another coroutine.
      using Outcome =
          std::conditional_t<std::is_class_v<Suspended>, std::coroutine_handle<>, Suspended>;
      promise_.is_running_ = false;
      if (promise_.is_released_) {
        waiter.destroy();
        // To `bool`, it converts as `true`: the coroutine is suspended.
        return static_cast<Outcome>(std::noop_coroutine());
      }
      // From here on, another thread can resume the coroutine, which may destroy this object.
      try {
        return static_cast<Outcome>(awaiter_.await_suspend(waiter));
      } catch (...) {
        promise_.is_running_ = true;
        throw;
      }
    }
    decltype(auto) await_resume() {
      promise_.is_running_ = true;
      return awaiter_.await_resume();
    }

   private:
    using Awaiter = decltype(get_awaiter(std::declval<A>()));

    TaskPromiseBase& promise_;
    Awaiter awaiter_;  // can be a reference
  };
  template <class A>
  Wait<A> await_transform(A&& awaitable) {
    return Wait<A>(*this, std::forward<A>(awaitable));
  }

 private:
  std::coroutine_handle<TaskPromise<T>> handle() {
    return std::coroutine_handle<TaskPromise<T>>::from_promise(static_cast<TaskPromise<T>&>(*this));
  }

  std::shared_ptr<Driver> driver_;
  bool is_running_ = true;    // not suspended
  bool is_released_ = false;  // while it was running: to be destroyed when it is suspended
};

template <class T>
class TaskPromise final : public TaskPromiseBase<T> {
 public:
  template <class U>
  void return_value(U&& value) {
    this->set_value(std::forward<U>(value));
  }
};
template <>
class TaskPromise<void> final : public TaskPromiseBase<void> {
 public:
  void return_void() { this->set_value(); }
};

}  // namespace detail

}  // namespace tenon
