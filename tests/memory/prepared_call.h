// Calls of guests for the tests of failing memory, and what must not be left of them.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/tenon_c.h"
#include "tenon/value.h"

namespace tenon::memory_test {

// A call whose result is that of its first time.
class PreparedCall final {
 public:
  // text: "front.add(1, 2)"
  PreparedCall(const Composition& composition, std::string_view text)
      : PreparedCall(composition, *parse_wave_call(text)) {}

  // Errors: those of the call, also if its guest returned them (docs/domains.md, `on-failure`); run-trap for another
  // result.
  [[nodiscard]] Result<void> operator()() const {
    const CallResult<std::optional<Value>> result = function_.call(arguments_);
    if (!result) return failure_diagnostic(result.error());
    if (*result == expected_) return {};
    const auto* const returned = *result ? (*result)->get_if<ValueResult>() : nullptr;
    const Value* const error =
        returned == nullptr || returned->is_ok ? nullptr : returned->payload.get();
    if (const auto* const text = error == nullptr ? nullptr : error->get_if<std::string>())
      return make_diagnostic(Code::RunTrap, "{}", *text);
    return make_diagnostic(Code::RunTrap, "{}: {}", kOther,
                           *result ? print_wave(**result) : "nothing");
  }

  static constexpr const char* kOther = "the result differs from the first one";

 private:
  PreparedCall(const Composition& composition, const WaveCall& call)
      : function_(*composition.find_function(call)),
        arguments_(*parse_wave_arguments(call, function_.type())) {
    CallResult<std::optional<Value>> first = function_.call(arguments_);
    EXPECT_TRUE(first) << failure_diagnostic(first.error()).message;
    if (first) expected_ = *std::move(first);
  }

  Function function_;
  std::vector<Value> arguments_;
  std::optional<Value> expected_;
};

// The host remembers the latest streams that were closed before they were passed. Lets it have as many as it can, so
// that others make no difference.
inline void close_many_streams() {
  for (int i = 0; i < 5000; ++i) tenon_host()->stream_close(tenon_host()->stream_new());
}

// Resources of this process other than memory.
struct Belongings {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  bool has_children = false;  // running or not reaped
};

inline std::size_t count_files(const char* folder) {
  std::size_t count = 0;
  DIR* const opened = ::opendir(folder);
  while (::readdir(opened) != nullptr) ++count;
  ::closedir(opened);
  return count;
}

inline Belongings list_belongings() {
  siginfo_t info = {};
  return {.descriptors = count_files("/proc/self/fd"),
          .threads = count_files("/proc/self/task"),
          .has_children = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0};
}

// Threads of earlier tests can end meanwhile.
inline bool operator<=(const Belongings& left, const Belongings& right) {
  return left.descriptors <= right.descriptors && left.threads <= right.threads &&
         left.has_children <= right.has_children;
}

inline void PrintTo(const Belongings& have, std::ostream* out) {
  *out << have.descriptors << " descriptors, " << have.threads << " threads"
       << (have.has_children ? ", a child" : "");
}

// Waits for threads that are ending.
inline void expect_no_more(const Belongings& before) {
  for (int i = 0; i < 5000 && !(list_belongings() <= before); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_LE(list_belongings(), before);
}

}  // namespace tenon::memory_test
