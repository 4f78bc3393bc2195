// The shell without its terminal: a line in, an answer on standard output.
//
//   Shell shell(session, flags);
//   if (const std::optional<int> code = shell.start()) return *code;
//   while (...) if (shell.run_line(line, 0) == Shell::Answer::Quit) break;
//
// Handles in results are kept until they are dropped or given away. A trap, or Ctrl-C during a
// call, ends a domain, which begins again when it is called: its handles are stale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line_reader.h"
#include "cli/session.h"
#include "cli/start.h"
#include "tenon/composition.h"
#include "tenon/value_text.h"

namespace tenon::cli {

class Shell final {
 public:
  // Both outlive the shell.
  Shell(const Session& session, const StartFlags& flags) : session_(session), flags_(flags) {}

  // Links and starts. Returns the exit code if it failed: then the shell is no use.
  [[nodiscard]] std::optional<int> start();

  enum class Answer : std::uint8_t {
    Fine,
    Failed,  // said on standard error; the next line may be run
    Quit,
  };
  // number: of the line, for messages; 0: none, a person has just typed it.
  [[nodiscard]] Answer run_line(std::string_view line, std::size_t number);

  // Drops everything. Returns `code`, or that of a trace that could not be written.
  [[nodiscard]] int end(int code);

  // What can stand at the end of a line.
  [[nodiscard]] LineCompletion complete(std::string_view line) const;

 private:
  using Handles = std::map<std::uint64_t, ValueHandle>;

  [[nodiscard]] Answer run_command(std::string_view word, std::string_view rest);
  [[nodiscard]] Answer describe(std::string_view name);
  [[nodiscard]] Answer drop(std::string_view handle);
  // handle: one that parses.
  [[nodiscard]] Answer show_kept(std::string_view handle);
  [[nodiscard]] Answer call(std::string_view line);
  // Reports a destructor that failed when a handle was dropped.
  [[nodiscard]] Answer check_drops();
  [[nodiscard]] Answer fail_call(const CallFailure& failure);
  // "$1 = <acme:db/sql.connection #1>"
  [[nodiscard]] std::string print_kept(std::uint64_t number, const ValueHandle& handle) const;
  [[nodiscard]] Answer fail(Diagnostics problems);
  void list() const;
  // Keeps the handles in a result and prints it.
  void show(const Value& value);

  const Session& session_;
  const StartFlags& flags_;
  std::size_t line_number_ = 0;
  std::unique_ptr<CallTrace> trace_;  // outlives the composition
  std::optional<Composition> composition_;
  Handles handles_;  // by the numbers that they are written with
};

}  // namespace tenon::cli
