#include "engine/other_stack.h"

#include <tenon_engine.h>

#include <exception>

namespace tenon::engine {

namespace {

// A function whose exceptions do not unwind through the crate in engine/.
template <class... Args>
struct Contained {
  const std::function<void(Args...)>& body;
  std::exception_ptr thrown = nullptr;

  static void run(void* env, Args... args) noexcept {
    auto& self = *static_cast<Contained*>(env);
    try {
      self.body(args...);
    } catch (...) {
      self.thrown = std::current_exception();
    }
  }
  void rethrow() const {
    if (thrown != nullptr) std::rethrow_exception(thrown);
  }
};

}  // namespace

bool run_on_new_stack(const std::function<void(std::uintptr_t low, std::uintptr_t high)>& body) {
  Contained<std::uintptr_t, std::uintptr_t> contained{body};
  const bool has_run = tnengine_run_on_new_stack(
      kNewStackBytes, &Contained<std::uintptr_t, std::uintptr_t>::run, &contained);
  contained.rethrow();
  return has_run;
}

void run_on_outer_stack(const std::function<void()>& body) {
  Contained<> contained{body};
  tnengine_run_on_outer_stack(&Contained<>::run, &contained);
  contained.rethrow();
}

}  // namespace tenon::engine
