// The interactive shell without its terminal: takes a line, prints the answer on standard output.
//
//   Shell shell(session, flags);
//   if (const std::optional<int> code = shell.start()) return *code;
//   while (...) if (shell.run_line(line, 0) == Shell::Answer::Quit) break;
//   return shell.end(0);
//
// Handles in results are kept until they are dropped or passed on as owned arguments. A trap, or
// Ctrl-C during a call, ends a domain, which restarts at the next call; its old handles are stale.
#pragma once

#include <signal.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/line_reader.h"
#include "cli/session.h"
#include "cli/start.h"
#include "tenon/composition.h"
#include "tenon/stream.h"
#include "tenon/value.h"

namespace tenon::cli {

// Whether a call in WAVE continues on the next line, because a parenthesis, bracket or brace is open.
[[nodiscard]] bool has_open_parenthesis(std::string_view text);

class Shell final {
 public:
  // Both outlive the shell.
  Shell(const Session& session, const StartFlags& flags) : session_(session), flags_(flags) {}

  // Links and starts. Returns the exit code if that failed; the shell must not be used then.
  [[nodiscard]] std::optional<int> start();

  enum class Answer : std::uint8_t {
    Fine,
    Failed,  // the problem was printed; the next line can be run
    Quit,
  };
  // line: can have line feeds, if it is a call.
  // number: of the first line, for messages; 0: none, because the user has just typed it.
  [[nodiscard]] Answer run_line(std::string_view line, std::size_t number);

  // Drops all handles and the composition. Returns `code`; if that is 0 and something failed, the
  // code of that failure.
  [[nodiscard]] int end(int code);

  // The candidates for the last word of a line.
  [[nodiscard]] LineCompletion complete(std::string_view line) const;

 private:
  using Handles = std::map<std::uint64_t, ValueHandle>;

  [[nodiscard]] Answer run_command(std::string_view word, std::string_view rest);
  [[nodiscard]] Answer describe(std::string_view name);
  [[nodiscard]] Answer drop(std::string_view handle);
  // words: "$1" or "$1 10".
  [[nodiscard]] Answer read(std::string_view words);
  // REQUIRES: `handle` parses as a handle.
  [[nodiscard]] Answer show_kept(std::string_view handle);
  [[nodiscard]] Answer call(std::string_view line);
  // Reports a destructor that failed when a handle was dropped.
  [[nodiscard]] Answer check_drops();
  [[nodiscard]] Answer fail_call(const CallFailure& failure);
  // "$1 = <acme:db/sql.connection #1>"
  [[nodiscard]] std::string print_kept(std::uint64_t number, const ValueHandle& handle) const;
  [[nodiscard]] Answer fail(Diagnostics problems);
  void list() const;
  // Prints a result and keeps its handles.
  void show(const Value& value);

  const Session& session_;
  const StartFlags& flags_;
  std::size_t line_number_ = 0;
  std::unique_ptr<CallTrace> trace_;  // outlives the composition
  std::optional<Composition> composition_;
  Handles handles_;                               // by the numbers that they are written with
  std::map<std::uint64_t, ValueStream> streams_;  // those of the handles that were read
};

// Ctrl-C while no line is edited. During the lifetime of this object, Ctrl-C interrupts the call in
// progress instead of ending the process; a second Ctrl-C during the same call ends the process.
// Without a call it does nothing. Only one can exist at a time.
class CallInterrupter final {
 public:
  CallInterrupter();
  CallInterrupter(const CallInterrupter&) = delete;
  CallInterrupter& operator=(const CallInterrupter&) = delete;
  ~CallInterrupter();

  // Marks that a call into `composition` is in progress. The composition must not move meanwhile.
  class Call final {
   public:
    explicit Call(Composition& composition);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();
  };

 private:
  struct sigaction before_{};
};

}  // namespace tenon::cli
