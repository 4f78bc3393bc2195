#include "cli/shell.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/line_reader.h"
#include "cli/start.h"
#include "render/style.h"

namespace tenon::cli {

namespace {

bool is_at_terminal() {
  return get_stream_kind(Stream::Input) == StreamKind::Terminal &&
         get_stream_kind(Stream::Output) == StreamKind::Terminal;
}

// Null if the shell is not at a terminal, or the terminal cannot be used.
std::unique_ptr<LineReader> open_terminal_reader(const Session& session, const Shell& shell) {
  if (!is_at_terminal()) return nullptr;
  TerminalOptions options;
  options.prompt = session.out.paint(Ink::Name, "tenon>") + " ";
  options.more_prompt = session.out.paint(Ink::Name, "  ...>") + " ";
  options.history_file = find_history_file();
  options.complete = [&shell](std::string_view line) { return shell.complete(line); };
  return make_terminal_reader(std::move(options));
}

// Whether lines have numbers in messages: for scripts.
enum class Numbered { No, Yes };

// Reads a line, and further ones until its parentheses are closed, or until an empty line, so that a
// missing parenthesis is reported. Nothing at the end of the input.
// number: of the first line, from 1; increased by the number of further lines.
std::optional<std::string> read_whole_line(LineReader& reader, std::size_t& number) {
  std::optional<std::string> line = reader.read_line();
  while (line && has_open_parenthesis(*line)) {
    const LineReader::More more = reader.read_more(*line);
    if (more == LineReader::More::End) break;
    if (more == LineReader::More::Cancelled) {
      line = reader.read_line();
      continue;
    }
    ++number;
    if (!line->ends_with('\n')) continue;
    line->pop_back();
    break;
  }
  return line;
}

// Runs all lines. Returns the exit code: at a terminal 0, because the user has seen what failed;
// for a script 1 if a line failed.
int run_lines(LineReader& reader, Shell& shell, Numbered numbered) {
  ExitCode code = ExitCode::Fine;
  for (std::size_t number = 1;; ++number) {
    const std::size_t first = number;
    const std::optional<std::string> line = read_whole_line(reader, number);
    if (!line) break;
    const Shell::Answer answer = shell.run_line(*line, numbered == Numbered::Yes ? first : 0);
    if (answer == Shell::Answer::Quit) break;
    if (answer == Shell::Answer::Failed && numbered == Numbered::Yes) code = ExitCode::Problems;
  }
  return to_int(code);
}

int run_interruptible_lines(LineReader& reader, Shell& shell) {
  const CallInterrupter interrupter;
  return run_lines(reader, shell, Numbered::No);
}

}  // namespace

int shell_command(Session& session, Words words) {
  CommandLine line("Link components and call their functions interactively", "tenon shell");
  StartFlags flags;
  flags.is_one_run = false;
  flags.restarts_domains = true;
  // Ctrl-C ends a script like any other program. Interruptible calls are slower.
  flags.can_interrupt = is_at_terminal();
  add_start_flags(line, flags);
  line.set_footer(
      "`help` lists the commands of the shell. Any other line is a call in WAVE, which continues "
      "on\n"
      "the next lines until its parentheses are closed.\n\n"
      "Examples:\n"
      "  tenon shell tax.wasm\n"
      "  tenon shell app.wasm --with tax.wasm");
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session)) return *code;
  Shell shell(session, flags);
  if (const std::optional<int> code = shell.start()) return *code;
  if (const std::unique_ptr<LineReader> reader = open_terminal_reader(session, shell)) {
    print_result("`list` shows the exported functions, `help` the commands\n");
    return shell.end(run_interruptible_lines(*reader, shell));
  }
  return shell.end(run_lines(*make_plain_reader(), shell, Numbered::Yes));
}

}  // namespace tenon::cli
