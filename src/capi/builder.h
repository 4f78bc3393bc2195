// The builder of the C API, and what the composition keeps of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/object.h"
#include "capi/values.h"
#include "tenon/builder.h"
#include "tenon/task.h"
#include "tenon/tenon_c.h"

namespace tenon::capi {

// An event loop of the program.
class ProgramExecutor final : public Executor {
 public:
  explicit ProgramExecutor(const tenon_executor& executor) : executor_(executor) {}

  void post(std::function<void()> work) override {
    auto* const kept = new std::function<void()>(std::move(work));
    executor_.post(executor_.user, run, kept);
  }

 private:
  static void run(void* work) {
    const std::unique_ptr<std::function<void()>> kept(static_cast<std::function<void()>*>(work));
    try {
      (*kept)();
    } catch (const std::bad_alloc&) {
      // The remaining work was posted again.
    }
  }

  tenon_executor executor_;
};

// Objects of the builder that its compositions use.
struct Kept {
  std::shared_ptr<ProgramExecutor> executor;
  std::vector<ClassPtr> classes = {};  // of resources of the program
};

// The parts of a list with commas between them.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

// User data of a callback, with its `drop`.
[[nodiscard]] std::shared_ptr<void> keep_user(void* user, void (*drop)(void* user));

// When the calls of a function can end.
enum class Ends : std::uint8_t { WithIt, Later };

// A function of the program. user: its first argument.
[[nodiscard]] HostFunction make_function(std::string_view interface, std::string_view name,
                                         tenon_fn function, Ends ends, std::shared_ptr<void> user);

}  // namespace tenon::capi

struct tenon_builder final : tenon::capi::Object<tenon::capi::Mark::Builder> {
  tenon::CompositionBuilder builder;
  tenon::BuildOptions options;
  tenon::Diagnostics problems;  // of calls without a result
  // There was no memory for a call without a result: it must not build.
  bool has_lost_setting = false;
  tenon::capi::Kept kept;
};
