// Arguments are read in two steps. Their texts and the name are read before the link, so that a
// missing file or a syntax error costs no compilation. Their values are parsed after the link,
// because that needs the type of the function.
#include "cli/call_request.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/input_output.h"
#include "cli/style.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/value.h"

namespace tenon::cli {

namespace {

using Form = ArgumentText::Form;
using Outcome = CallResult<std::optional<Value>>;

// A request after its files were read and its name was parsed.
struct ReadCall {
  WaveCall call;
  bool is_whole = false;  // whether `call` has the arguments; otherwise they are in `arguments`
  std::vector<ArgumentText> arguments;
};

Result<std::vector<ArgumentText>> read_arguments(const CallRequest& request) {
  std::vector<ArgumentText> arguments;
  Diagnostics problems;
  bool took_input = false;
  for (const std::string& word : request.arguments) {
    if (word == "@-" && std::exchange(took_input, true)) {
      problems.push_back(
          make_usage_problem("duplicate argument `@-`: standard input can be read only once",
                             {"write the second value to a file: `@FILE`"}));
      continue;
    }
    Result<ArgumentText> argument =
        read_argument(word, fmt::format("argument {}", arguments.size() + 1), request.format);
    if (argument)
      arguments.push_back(*std::move(argument));
    else
      problems.insert(problems.end(), argument.error().begin(), argument.error().end());
  }
  if (!problems.empty()) return problems;
  return arguments;
}

// The files from which arguments are read.
std::vector<std::string> list_files(const CallRequest& request) {
  std::vector<std::string> files;
  for (const std::string& word : request.arguments)
    if (word.starts_with('@')) files.push_back(word.substr(1));
  return files;
}

Result<std::vector<Value>> parse_values(const CallRequest& request, const ReadCall& read,
                                        const FunctionType& type) {
  if (!read.is_whole) return parse_arguments(read.arguments, type);
  ValueTextOptions options;
  options.file = request.origin;
  return parse_wave_arguments(read.call, type, options);
}

// The text of an argument as a string value, with quotes.
std::string write_as_string(const ArgumentText& argument) {
  const Value text = Value::string(argument.text);
  return argument.form == Form::Json ? print_json(text) : print_wave(text);
}

bool is_readable(const ArgumentText& argument, const std::string& text, const Type& type) {
  return (argument.form == Form::Json ? parse_json(text, type) : parse_wave(text, type))
      .has_value();
}

// Adds hints to arguments that would be valid as quoted strings. The shell has removed the quotes
// that the user typed, so a string needs quotes inside the quotes of the shell.
void add_quote_hints(const CallRequest& request, const ReadCall& read, const FunctionType& type,
                     Diagnostics& problems) {
  const std::vector<TypeField> params = type.params();
  for (std::size_t i = 0; i < read.arguments.size() && i < params.size(); ++i) {
    const ArgumentText& argument = read.arguments[i];
    if (request.arguments[i].starts_with('@') ||
        is_readable(argument, argument.text, params[i].type))
      continue;
    const std::string quoted = write_as_string(argument);
    const auto problem = std::ranges::find(problems, argument.file,
                                           [](const Diagnostic& item) { return item.where.file; });
    if (problem == problems.end() || !is_readable(argument, quoted, params[i].type)) continue;
    problem->hints = {fmt::format("a string needs its own quotes inside those of the shell: `{}`",
                                  sanitize_text(quote_shell_word(quoted)))};
  }
}

// Calls `request.repeat` times. Stops at the first failure, whose message says which call it was.
Outcome repeat_call(const CallRequest& request, const Function& function,
                    const std::vector<Value>& values, std::vector<std::uint64_t>& times) {
  using Clock = std::chrono::steady_clock;
  Outcome outcome = std::optional<Value>();
  const std::size_t count = request.repeat.value_or(1);
  for (std::size_t i = 0; i < count; ++i) {
    const Clock::time_point begin = Clock::now();
    outcome = function.call(values);
    const std::chrono::nanoseconds took = Clock::now() - begin;
    if (!outcome) {
      if (i > 0) outcome.error().message += fmt::format(" (in call {} of {})", i + 1, count);
      return outcome;
    }
    times.push_back(static_cast<std::uint64_t>(took.count()));
  }
  return outcome;
}

Result<ReadCall> read_call(const CallRequest& request) {
  ReadCall read;
  ValueTextOptions options;
  options.file = request.origin;
  read.is_whole =
      request.text == CallRequest::Text::Call || request.function.find('(') != std::string::npos;
  if (read.is_whole && !request.arguments.empty())
    return make_usage_problem("a call with `(..)` takes no further arguments",
                              {"write the name alone, or all arguments in the parentheses"});
  Result<WaveCall> call =
      parse_wave_call(read.is_whole ? request.function : request.function + "()", options);
  if (!call) return std::move(call).error();
  read.call = *std::move(call);
  Result<std::vector<ArgumentText>> arguments = read_arguments(request);
  if (!arguments) return std::move(arguments).error();
  read.arguments = *std::move(arguments);
  return read;
}

int make_call(const Session& session, const Started& started, const CallRequest& request,
              const ReadCall& read) {
  const Result<Function> function = started.composition.find_function(read.call);
  if (!function) return report(session, function.error());
  Result<std::vector<Value>> values = parse_values(request, read, function->type());
  if (!values) {
    add_quote_hints(request, read, function->type(), values.error());
    return report(session, values.error());
  }
  std::vector<std::uint64_t> times;
  const Outcome outcome = repeat_call(request, *function, *values, times);
  if (!outcome) return report_failure(session, outcome.error());
  int code = to_int(ExitCode::Fine);
  if (const std::optional<Value>& value = *outcome) {
    print_result((request.format == OutputFormat::Json ? print_json(*value) : print_wave(*value)) +
                 "\n");
    const auto* const result = value->get_if<ValueResult>();
    if (result != nullptr && !result->is_ok) code = to_int(ExitCode::Problems);
  }
  if (request.repeat) {
    std::fflush(stdout);
    fmt::print(stderr, "{}\n", render_call_times(std::move(times)));
  }
  return code;
}

}  // namespace

int start_and_call(const Session& session, const StartFlags& start_flags,
                   const CallRequest& request) {
  const Result<ReadCall> read = read_call(request);
  if (!read) return report(session, read.error());
  Result<Started> started = open_and_start(session, start_flags, list_files(request));
  if (!started) return report(session, started.error());
  // make_call drops the result, whose destructors end_run reports.
  const int code = make_call(session, *started, request, *read);
  return end_run(session, start_flags, *started, code);
}

Result<ArgumentText> read_argument(const std::string& word, std::string name, OutputFormat format) {
  ArgumentText argument;
  argument.form = format == OutputFormat::Json ? Form::Json : Form::Wave;
  if (!word.starts_with('@')) {
    argument.text = word;
    argument.file = std::move(name);
    return argument;
  }
  const std::string path = word.substr(1);
  if (path.ends_with(".json")) argument.form = Form::Json;
  if (path.ends_with(".wave")) argument.form = Form::Wave;
  TENON_TRY(argument.text, read_input(path));
  argument.file = path == "-" ? "standard input" : path;
  return argument;
}

std::string render_call_times(std::vector<std::uint64_t> nanoseconds) {
  std::ranges::sort(nanoseconds);
  const std::size_t count = nanoseconds.size();
  const auto show = [](std::uint64_t time) {
    return format_time(std::chrono::nanoseconds(time), " ");
  };
  const auto at_percent = [&](std::size_t percent) {
    return show(nanoseconds[(count * percent + 99) / 100 - 1]);
  };
  return fmt::format("{}: median {}, p99 {}, min {}, max {}", pluralize(count, "call"),
                     at_percent(50), at_percent(99), show(nanoseconds.front()),
                     show(nanoseconds.back()));
}

}  // namespace tenon::cli
