// Allocations that fail, one after the other.
//
// A program that is linked with failing_memory.cc has an `operator new` that counts, and fails when it is told to: for
// the thread that calls or for all, in the library and in what the library uses. The engine allocates by malloc, which
// does not fail here.
//
//   fail_each([&] { return builder.plan(); });
//   fail_each([&] { return CALL(tenon_plan_text)(plan, &text); }, {.clean = [&] { tenon_free(text); }});
#pragma once

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "tenon/result.h"
#include "tenon/tenon_c.h"
#include "tests/support/sanitizers.h"
#include "tests/support/test_scale.h"

namespace tenon::failing_memory {

// Objects of all threads that were allocated by `operator new`, and not deleted.
[[nodiscard]] std::int64_t count_objects();

enum class Later { Succeeds, Fails };
// Whose allocations are counted. Those of all threads do not always come in the same order.
enum class Threads { This, All };

// Lets an allocation fail, and perhaps all later ones. One at a time.
class FailingAllocation final {
 public:
  // number: from 1; 0: none fails.
  explicit FailingAllocation(std::size_t number, Later later = Later::Succeeds,
                             Threads threads = Threads::This);
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation() { end(); }

  // From here on none fails, and none is counted.
  void end();
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] std::size_t count() const;
};

// Fails the test if there is no FailingAllocation.
void expect_watched(const char* function);

// A function of the C API, to be called while allocations fail or are counted. c_exports_test.cc looks for these names.
#define CALL(function) (::tenon::failing_memory::expect_watched(#function), function)

inline constexpr const char* kNoMemory = "api-memory: out of memory";

// The first problem of a call as "CODE: MESSAGE"; empty if it succeeded.
inline std::string problem_of(tenon_error* error) {
  if (error == nullptr) return "";
  std::string problem = fmt::format("{}: {}", tenon_error_code(error), tenon_error_message(error));
  tenon_error_delete(error);
  return problem;
}
inline std::string problem_of(const Diagnostic& problem) {
  return fmt::format("{}: {}", problem.code, problem.message);
}
template <class T>
std::string problem_of(const Result<T>& result) {
  return result ? "" : problem_of(result.error().front());
}
template <class T>
std::string problem_of(const CallResult<T>& result) {
  return result ? "" : problem_of(failure_diagnostic(result.error()));
}
// For functions that say it by NULL alone.
template <class T>
std::string problem_of(T* object) {
  return object != nullptr ? "" : kNoMemory;
}
template <class T>
std::string problem_of(const T& /*value*/) {
  return "";
}

// The problem of a task that has ended.
template <class T>
std::string problem_of(const std::optional<T>& outcome) {
  return outcome ? problem_of(*outcome) : "no outcome";
}

struct Outcome {
  std::string problem;
  bool has_failed = false;  // whether an allocation has
};

// Calls a function with one of its allocations failing. number, later, threads: as of FailingAllocation.
template <class Call>
Outcome call_failing(std::size_t number, Call& call, Later later = Later::Succeeds,
                     Threads threads = Threads::This) {
  FailingAllocation failing(number, later, threads);
  try {
    if constexpr (std::same_as<decltype(call()), void>) {
      call();
      failing.end();
      return {"", failing.has_failed()};
    } else {
      const auto result = call();
      failing.end();
      return {problem_of(result), failing.has_failed()};
    }
  } catch (const std::bad_alloc&) {
    failing.end();
    return {kNoMemory, failing.has_failed()};
  }
}

struct Attempt {
  std::function<void()> clean = [] {};  // deletes what the call has made, and can check it
  const char* expected = "";            // how its problem begins if nothing fails; "": it succeeds
  std::size_t stride = 1;               // each n-th allocation fails
  Threads threads = Threads::This;
  bool leaves_objects = false;  // until something ends that is not of the call
};

// Calls a function with its first allocation failing, then with its second one, and so on, until none fails. Each call
// must succeed, or report that there is no memory, and the next one must work. Nothing may be left of all of them.
template <class Call>
void fail_each(Call&& call, const Attempt& attempt = {}) {
  using testing::AllOf;
  using testing::AnyOf;
  using testing::HasSubstr;
  using testing::Matcher;
  using testing::StartsWith;
  const Matcher<const std::string&> is_expected =
      *attempt.expected == '\0' ? Matcher<const std::string&>("")
                                : Matcher<const std::string&>(StartsWith(attempt.expected));
  // If a guest was running, its domain has ended.
  const Matcher<const std::string&> is_reported = AnyOf(
      is_expected, kNoMemory,
      AllOf(AnyOf(StartsWith("run-trap: "), StartsWith("run-engine: "), StartsWith("run-remote: ")),
            AnyOf(HasSubstr("out of memory"), HasSubstr("std::bad_alloc"))));
  std::int64_t objects = 0;
  // Caches grow in the first rounds.
  for (int round = 0; round < 5; ++round) {
    objects = count_objects();
    for (std::size_t n = 1;; n += attempt.stride) {
      SCOPED_TRACE(fmt::format("allocation {}", n));
      const Outcome outcome = call_failing(n, call, Later::Succeeds, attempt.threads);
      attempt.clean();
      if (!outcome.has_failed) {
        ASSERT_THAT(outcome.problem, is_expected);
        break;
      }
      ASSERT_THAT(outcome.problem, is_reported);
      ASSERT_THAT(call_failing(0, call).problem, is_expected) << "afterwards";
      attempt.clean();
    }
    if (attempt.leaves_objects || count_objects() <= objects) return;
  }
  FAIL() << count_objects() - objects << " objects are not deleted";
}

// Calls functions that must not allocate.
template <class Call>
void expect_no_allocation(Call&& call) {
  FailingAllocation none(0);
  call();
  none.end();
  EXPECT_EQ(none.count(), 0U);
}

// Whether one of the allocations of a call ends the process if it fails.
[[nodiscard]] bool ends_process(const std::function<void()>& call);

// In a short run, a few of the allocations of what takes long.
inline std::size_t stride(std::size_t most) {
  return tests_everything() ? 1 : kHasAddressSanitizer ? 5 * most : most;
}

}  // namespace tenon::failing_memory
