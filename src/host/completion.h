// A call of native code that ends after its function has returned.
//
// Native code knows such a call by a number alone (`tenon_completion`), which it can use on any
// thread and at any time: a call that it ends twice, or after nobody waits for it, is an entry of a
// table that is not found. The Completion is what the threads of the library and the thread of the
// composition share: whoever comes first leaves the answer, or the note that it is not wanted.
//
// Thread: any, unless a function says otherwise.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "abi/value_arena.h"
#include "call/function_shape.h"
#include "host/native_call.h"
#include "host/native_home.h"
#include "host/native_values.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

class Completion final {
 public:
  using OnCancel = void (*)(void* self, tenon_completion completion);

  // The result or the failure with which native code ended the call.
  struct Answer {
    abi::ValueArena arena;
    WrittenResult result;             // in the arena, if the function has a result
    std::optional<std::string> trap;  // absent: the call succeeded
  };

  // Makes a completion that native code can find until it ends the call, or its home ends.
  // on_cancel: can be null.
  [[nodiscard]] static std::shared_ptr<Completion> make(const Deferral& deferral,
                                                        OnCancel on_cancel);
  // Finds a completion, once. Null if there is none, or if it was found before.
  [[nodiscard]] static std::shared_ptr<Completion> take(tenon_completion number);
  // None of its will be found any more.
  static void forget_all(const NativeHome& home);

  [[nodiscard]] tenon_completion number() const { return number_; }

  // For native code. Returns whether the answer was taken.
  // result: null for a function without a result.
  bool complete(const tenon_value* result);
  bool fail(std::string text);

  // For the composition. All of them, and so the call, on its thread.

  [[nodiscard]] bool has_answer();
  // The same. If there is none, `report` is called when there is, unless `cancel` comes first.
  [[nodiscard]] bool wait(std::function<void()> report);
  // The answer is not wanted any more. Returns the answer, if there is one already; otherwise tells
  // the library. Does nothing after `take_answer`.
  std::optional<Answer> cancel();
  // REQUIRES: there is an answer
  [[nodiscard]] Answer take_answer();

 private:
  Completion(tenon_completion number, Deferral deferral, OnCancel on_cancel)
      : number_(number), deferral_(std::move(deferral)), on_cancel_(on_cancel) {}

  bool put(Answer answer);

  const tenon_completion number_;
  const Deferral deferral_;  // its home may be gone once the call is canceled
  const OnCancel on_cancel_;

  std::mutex mutex_;  // guards what follows
  bool is_wanted_ = true;
  std::optional<Answer> answer_;
  std::function<void()> report_;
};

}  // namespace tenon::host
