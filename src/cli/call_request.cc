// Arguments are read in two steps. Their files are opened and the name is read before the link, so
// that a missing file or a syntax error costs no compilation. Their values are parsed after the link,
// because that needs the type of the function: a file of a stream is written to it as it is read.
#include "cli/call_request.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "cli/call_streams.h"
#include "cli/command_line.h"
#include "cli/input_output.h"
#include "render/style.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "support/utf8.h"
#include "tenon/task.h"
#include "tenon/value.h"

namespace tenon::cli {

namespace {

using Form = ArgumentText::Form;
using Outcome = CallResult<std::optional<Value>>;

// An argument, and its file as long as that was not read.
struct Argument {
  ArgumentText text;
  std::shared_ptr<std::FILE> file;
};

// A request after its files were opened and its name was parsed.
struct ReadCall {
  WaveCall call;
  bool is_whole = false;  // whether `call` has the arguments; otherwise they are in `arguments`
  std::vector<std::string> words;
  std::vector<Argument> arguments;
  std::shared_ptr<std::FILE> output;  // of the result
};

// The arguments of a call in parentheses, if some of them are files: `shout(@-)`.
std::optional<std::vector<std::string>> split_arguments(std::string_view call) {
  const std::size_t begin = call.find('(');
  const std::size_t end = call.rfind(')');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
    return std::nullopt;
  std::vector<std::string> words;
  bool has_file = false;
  std::string word;
  int depth = 0;
  char quote = 0;
  const auto add = [&] {
    const std::size_t first = word.find_first_not_of(' ');
    word = first == std::string::npos ? ""
                                      : word.substr(first, word.find_last_not_of(' ') - first + 1);
    has_file = has_file || word.starts_with('@');
    words.push_back(std::exchange(word, {}));
  };
  for (std::size_t i = begin + 1; i < end; ++i) {
    const char c = call[i];
    if (quote != 0) {
      if (c == '\\' && i + 1 < end) word += call[i++];
      if (call[i] == quote && c != '\\') quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (std::string_view("([{").find(c) != std::string_view::npos) {
      ++depth;
    } else if (std::string_view(")]}").find(c) != std::string_view::npos) {
      --depth;
    } else if (c == ',' && depth == 0) {
      add();
      continue;
    }
    word += call[i];
  }
  add();
  if (!has_file) return std::nullopt;
  return words;
}

constexpr std::string_view kTextFile = "@text:";

// The path of an argument `@FILE` or `@text:FILE`; nothing for other words.
std::optional<std::string> find_path(std::string_view word) {
  if (word.starts_with(kTextFile)) return std::string(word.substr(kTextFile.size()));
  if (word.starts_with('@')) return std::string(word.substr(1));
  return std::nullopt;
}

// Makes the value of an argument `@text:FILE`: a string with the content of the file.
Result<void> read_text(Argument& argument) {
  TENON_TRY(const std::string content, read_input(argument.file.get(), argument.text.file));
  argument.file = nullptr;
  if (const std::optional<std::size_t> bad = find_bad_utf8(content)) {
    Diagnostic problem;
    problem.code = "value-syntax";
    problem.message = "a string is text in UTF-8, and this file is not";
    problem.where.file = argument.text.file;
    problem.where.offset = *bad;
    problem.hints.emplace_back(
        "convert the file with `iconv`, or pass it to a parameter of type `stream<u8>`");
    return problem;
  }
  argument.text.text = print_json(Value::string(content));
  argument.text.form = Form::Json;
  return {};
}

Result<Argument> open_argument(const std::string& word, std::string name, OutputFormat format) {
  Argument argument;
  argument.text.form = format == OutputFormat::Json ? Form::Json : Form::Wave;
  argument.text.file = std::move(name);
  const std::optional<std::string> named = find_path(word);
  if (!named) {
    argument.text.text = word;
    return argument;
  }
  const std::string& path = *named;
  if (path.ends_with(".json")) argument.text.form = Form::Json;
  if (path.ends_with(".wave")) argument.text.form = Form::Wave;
  argument.text.file = path == "-" ? "standard input" : path;
  TENON_TRY(argument.file, open_input(path));
  if (word.starts_with(kTextFile)) {
    TENON_TRY_VOID(read_text(argument));
  }
  return argument;
}

Result<std::vector<Argument>> open_arguments(const std::vector<std::string>& words,
                                             OutputFormat format) {
  std::vector<Argument> arguments;
  Diagnostics problems;
  bool took_input = false;
  for (const std::string& word : words) {
    if (find_path(word) == "-" && std::exchange(took_input, true)) {
      problems.push_back(make_usage_problem(
          fmt::format("duplicate argument `{}`: standard input can be read only once", word),
          {"write the second value to a file: `@FILE`"}));
      continue;
    }
    Result<Argument> argument =
        open_argument(word, fmt::format("argument {}", arguments.size() + 1), format);
    if (argument)
      arguments.push_back(*std::move(argument));
    else
      problems.insert(problems.end(), argument.error().begin(), argument.error().end());
  }
  if (!problems.empty()) return problems;
  return arguments;
}

// The files from which arguments are read.
std::vector<std::string> list_files(const ReadCall& read) {
  std::vector<std::string> files;
  for (const std::string& word : read.words)
    if (std::optional<std::string> path = find_path(word)) files.push_back(*std::move(path));
  return files;
}

// Reads the arguments by their types. Files of streams become inputs.
Result<std::vector<Value>> parse_values(const CallRequest& request, ReadCall& read,
                                        const FunctionType& type,
                                        std::vector<std::unique_ptr<StreamInput>>& inputs) {
  ValueTextOptions options;
  if (read.is_whole) {
    options.file = request.origin;
    return parse_wave_arguments(read.call, type, options);
  }
  const std::vector<TypeField> params = type.params();
  std::vector<ArgumentText> texts;
  for (std::size_t i = 0; i < read.arguments.size(); ++i) {
    Argument& argument = read.arguments[i];
    if (argument.file != nullptr && i < params.size() && is_stream(params[i].type)) {
      inputs.push_back(std::make_unique<StreamInput>(std::move(argument.file), argument.text.file,
                                                     argument.text.form, params[i].type));
      argument.text = {.text = fmt::format("${}", inputs.size()),
                       .form = Form::Wave,
                       .file = argument.text.file};
    } else if (argument.file != nullptr) {
      TENON_TRY(argument.text.text, read_input(argument.file.get(), argument.text.file));
      argument.file = nullptr;
    }
    texts.push_back(argument.text);
  }
  if (!inputs.empty())
    options.find_handle = [&](std::uint64_t number, const Type& /*type*/) -> std::optional<Value> {
      if (number == 0 || number > inputs.size()) return std::nullopt;
      return inputs[number - 1]->value();
    };
  return parse_arguments(texts, type, options);
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
void add_quote_hints(const ReadCall& read, const FunctionType& type, Diagnostics& problems) {
  const std::vector<TypeField> params = type.params();
  for (std::size_t i = 0; i < read.arguments.size() && i < params.size(); ++i) {
    const ArgumentText& argument = read.arguments[i].text;
    if (read.words[i].starts_with('@') || is_readable(argument, argument.text, params[i].type))
      continue;
    const std::string quoted = write_as_string(argument);
    const auto problem = std::ranges::find(problems, argument.file,
                                           [](const Diagnostic& item) { return item.where.file; });
    if (problem == problems.end() || !is_readable(argument, quoted, params[i].type)) continue;
    problem->hints = {fmt::format("a string needs its own quotes inside those of the shell: `{}`",
                                  sanitize_text(quote_shell_word(quoted)))};
  }
}

// Repeated calls, of which several can be in progress.
struct RepeatedCalls {
  const Function& function;
  const std::vector<Value>& values;
  std::size_t count = 1;
  std::size_t started = 0;
  Outcome outcome = std::optional<Value>();  // of the last call; of the first that failed
  std::vector<std::uint64_t> times = {};
  std::stop_source stop = {};  // ends the others when one has failed

  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool goes_on() const { return started < count && outcome; }

  void end(std::size_t number, Clock::time_point begin, Outcome ended) {
    const std::chrono::nanoseconds took = Clock::now() - begin;
    if (!outcome) return;
    times.push_back(static_cast<std::uint64_t>(took.count()));
    if (ended && number + 1 < count) return;
    outcome = std::move(ended);
    if (outcome) return;
    // A deadline ends all of them.
    if (count > 1 && outcome.error().kind != CallFailure::Kind::Deadline)
      outcome.error().message += fmt::format(" (in call {} of {})", number + 1, count);
    stop.request_stop();
  }
};

// Makes calls, one after the other, until all were started. Several of these coroutines share them.
Task<void> keep_calling(RepeatedCalls& calls) {
  while (calls.goes_on()) {
    const std::size_t number = calls.started++;
    const RepeatedCalls::Clock::time_point begin = RepeatedCalls::Clock::now();
    Task<Outcome> call = calls.function.start(calls.values);
    call.cancel_on(calls.stop.get_token());
    Outcome outcome = co_await std::move(call);
    calls.end(number, begin, std::move(outcome));
  }
}

// Calls `request.repeat` times, `request.parallel` of them at once. Stops at the first failure, whose
// message says which call it was.
void repeat_call(const CallRequest& request, RepeatedCalls& calls) {
  if (!request.parallel) {
    while (calls.goes_on()) {
      const std::size_t number = calls.started++;
      const RepeatedCalls::Clock::time_point begin = RepeatedCalls::Clock::now();
      calls.end(number, begin, calls.function.call(calls.values));
    }
    return;
  }
  std::vector<Task<void>> callers;
  for (std::size_t i = 0; i < *request.parallel && calls.goes_on(); ++i)
    callers.push_back(keep_calling(calls));
  // A wait also lets the other callers go on. If nothing can happen any more, it ends all calls.
  for (Task<void>& caller : callers) (void)caller.wait();
}

Diagnostic refuse_result_fd(std::size_t descriptor, int reason) {
  return make_usage_problem(
      fmt::format("`--result-fd {}`: the result cannot be written to this descriptor: {}",
                  descriptor, std::strerror(reason)),
      {fmt::format("pass one that is open, in a shell by `--result-fd {0} {0}> FILE`",
                   descriptor)});
}

Result<std::shared_ptr<std::FILE>> open_output(const std::optional<std::size_t>& descriptor) {
  if (!descriptor) return std::shared_ptr<std::FILE>(stdout, [](std::FILE* /*shared*/) {});
  const int number = static_cast<int>(*descriptor);
  std::FILE* const file = ::fdopen(number, "w");
  if (file == nullptr) return refuse_result_fd(*descriptor, errno);
  // A process of a host bundle would keep it open.
  (void)::fcntl(number, F_SETFD, FD_CLOEXEC);
  return std::shared_ptr<std::FILE>(file, [](std::FILE* own) { std::fclose(own); });
}

Result<ReadCall> read_call(const CallRequest& request) {
  ReadCall read;
  TENON_TRY(read.output, open_output(request.result_fd));
  ValueTextOptions options;
  options.file = request.origin;
  read.is_whole =
      request.text == CallRequest::Text::Call || request.function.find('(') != std::string::npos;
  if (read.is_whole && !request.arguments.empty())
    return make_usage_problem("a call with `(..)` takes no further arguments",
                              {"write the name alone, or all arguments in the parentheses"});
  read.words = request.arguments;
  std::string name = request.function;
  if (read.is_whole)
    if (std::optional<std::vector<std::string>> words = split_arguments(request.function)) {
      read.words = *std::move(words);
      read.is_whole = false;
      name.resize(name.find('('));
    }
  Result<WaveCall> call = parse_wave_call(read.is_whole ? name : name + "()", options);
  if (!call) return std::move(call).error();
  read.call = *std::move(call);
  TENON_TRY(read.arguments, open_arguments(read.words, request.format));
  return read;
}

// Set by the first Ctrl-C; the second ends the process.
std::atomic<bool> was_interrupted = false;

extern "C" void tenon_note_interrupt(int /*signal*/) { was_interrupted = true; }

class InterruptHandler final {
 public:
  InterruptHandler() {
    struct sigaction action = {};
    action.sa_handler = tenon_note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
  }
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;
  ~InterruptHandler() { sigaction(SIGINT, &before_, nullptr); }

 private:
  struct sigaction before_ = {};
};

// Why `run_until` ended. Stuck: nothing can happen any more.
enum class RunEnd : std::uint8_t { Done, Interrupted, Stuck };

// Lets the composition and the files go on until the predicate holds.
RunEnd run_until(Composition& composition, std::vector<std::unique_ptr<StreamInput>>& inputs,
                 const std::function<bool()>& is_done) {
  using namespace std::chrono_literals;
  while (!is_done()) {
    if (was_interrupted) return RunEnd::Interrupted;
    composition.poll();
    bool has_proceeded = false;
    StreamInput* reading = nullptr;
    for (const std::unique_ptr<StreamInput>& input : inputs) {
      has_proceeded = input->proceed() || has_proceeded;
      if (input->is_reading()) reading = input.get();
    }
    if (has_proceeded || is_done()) continue;
    const bool goes_on = composition.run_for(reading != nullptr ? 5ms : 50ms);
    if (goes_on || is_done()) continue;
    if (reading == nullptr) return RunEnd::Stuck;
    reading->wait_for_file();
  }
  return RunEnd::Done;
}

// The failure of a call, or of a stream of its result, that `run_until` left unfinished.
CallFailure unfinished(RunEnd end) {
  CallFailure failure;
  if (end == RunEnd::Interrupted) {
    failure.kind = CallFailure::Kind::Interrupted;
    failure.message = "the call was interrupted";
  } else {
    failure.kind = CallFailure::Kind::Deadlock;
    failure.message = "nothing that it waits for can happen any more";
  }
  return failure;
}

// Cancels a call. Returns its failure, with the unit and the function of the call.
CallFailure interrupt(Task<Outcome>& call) {
  CallFailure failure = unfinished(RunEnd::Interrupted);
  call.cancel();
  const std::optional<Outcome> outcome = call.wait();
  if (outcome && !*outcome) {
    failure.unit = outcome->error().unit;
    failure.function = outcome->error().function;
  }
  return failure;
}

// Whether a result is a stream or future, or a tuple of these.
bool has_streams(const Type& type) {
  if (type.kind() != TypeKind::Tuple) return is_stream(type);
  const std::vector<Type> elements = type.elements();
  return !elements.empty() && std::ranges::all_of(elements, is_stream);
}

// The streams and futures of a result: empty if it is another value.
std::vector<ValueStream> open_streams(const Value& value, const Type& type) {
  std::vector<ValueStream> streams;
  if (!has_streams(type)) return streams;
  const auto open = [&](const Value& stream) {
    if (Result<ValueStream> opened = ValueStream::open(stream))
      streams.push_back(*std::move(opened));
  };
  if (const auto* const tuple = value.get_if<ValueTuple>())
    std::ranges::for_each(tuple->values, open);
  else
    open(value);
  return streams;
}

// The text of a string, also inside of `ok(..)` or `some(..)`; null for other values.
const std::string* find_text(const Value& value) {
  if (const auto* const result = value.get_if<ValueResult>()) {
    const Value* const payload = result->is_ok ? result->payload.get() : nullptr;
    return payload == nullptr ? nullptr : find_text(*payload);
  }
  if (const auto* const option = value.get_if<ValueOption>()) {
    const Value* const payload = option->payload.get();
    return payload == nullptr ? nullptr : find_text(*payload);
  }
  return value.get_if<std::string>();
}

void print_value(const Value& value, const CallRequest& request, std::FILE* to) {
  const std::string* const text = request.raw ? find_text(value) : nullptr;
  if (text != nullptr) return print_result(*text, to);
  const bool is_json = request.format == OutputFormat::Json;
  print_result((is_json ? print_json(value) : print_wave(value)) + "\n", to);
}

int code_of(const Value& value) {
  const auto* const result = value.get_if<ValueResult>();
  return to_int(result != nullptr && !result->is_ok ? ExitCode::Problems : ExitCode::Fine);
}

// A call whose result or arguments are streams, or that may wait.
int make_streaming_call(const Session& session, Composition& composition,
                        const CallRequest& request, const Function& function,
                        const std::vector<Value>& values,
                        std::vector<std::unique_ptr<StreamInput>>& inputs, std::FILE* to) {
  const InterruptHandler handler;
  Task<Outcome> call = function.start(values);
  if (run_until(composition, inputs, [&] { return call.is_done(); }) == RunEnd::Interrupted)
    return report_failure(session, interrupt(call));
  // If it is stuck, the wait ends it, with a list of what waits.
  Outcome outcome = *call.wait();
  if (!outcome) return report_failure(session, outcome.error());
  int code = to_int(ExitCode::Fine);
  if (*outcome) {
    std::vector<StreamOutput> outputs;
    for (ValueStream& stream : open_streams(**outcome, *function.type().result()))
      outputs.emplace_back(std::move(stream), request.format, to);
    if (outputs.empty()) {
      print_value(**outcome, request, to);
      code = code_of(**outcome);
    }
    for (StreamOutput& output : outputs) {
      const auto print = [&] {
        while (output.proceed()) {
        }
        return output.is_done();
      };
      if (const RunEnd ran = run_until(composition, inputs, print); ran != RunEnd::Done) {
        CallFailure failure = unfinished(ran);
        failure.function = function.name();
        return report_failure(session, failure);
      }
      if (output.failure()) return report_failure(session, *output.failure());
      if (output.last()) code = std::max(code, code_of(*output.last()));
    }
  }
  Diagnostics problems;
  for (const std::unique_ptr<StreamInput>& input : inputs)
    problems.insert(problems.end(), input->problems().begin(), input->problems().end());
  if (!problems.empty()) return report(session, problems);
  return code;
}

Diagnostic refuse_repeat(const CallRequest& request, std::string_view stream, std::string hint) {
  return make_usage_problem(fmt::format("`{}` cannot be used with a {}",
                                        request.parallel ? "--parallel" : "--repeat", stream),
                            {std::move(hint)});
}

int make_call(const Session& session, Started& started, const CallRequest& request,
              ReadCall& read) {
  const Result<Function> function = started.composition.find_function(read.call);
  if (!function) return report(session, function.error());
  std::vector<std::unique_ptr<StreamInput>> inputs;
  Result<std::vector<Value>> values = parse_values(request, read, function->type(), inputs);
  if (!values) {
    add_quote_hints(read, function->type(), values.error());
    return report(session, values.error());
  }
  const std::optional<Type> result = function->type().result();
  const bool prints_streams = result && has_streams(*result);
  if (request.repeat && !inputs.empty())
    return report(session, {refuse_repeat(request, "stream that is read from a file",
                                          "a file is read once: call the function once")});
  if (request.repeat && prints_streams)
    return report(session, {refuse_repeat(request, "result that is a stream or future",
                                          "it is printed as it arrives: call the function once")});
  if (!inputs.empty() || prints_streams)
    return make_streaming_call(session, started.composition, request, *function, *values, inputs,
                               read.output.get());
  RepeatedCalls calls{*function, *values, request.repeat.value_or(1)};
  repeat_call(request, calls);
  if (!calls.outcome) return report_failure(session, calls.outcome.error());
  int code = to_int(ExitCode::Fine);
  if (const std::optional<Value>& value = *calls.outcome) {
    print_value(*value, request, read.output.get());
    code = code_of(*value);
  }
  if (request.repeat) {
    flush_results(read.output.get());
    print_error("{}\n", render_call_times(std::move(calls.times)));
  }
  return code;
}

}  // namespace

int start_and_call(const Session& session, const StartFlags& start_flags,
                   const CallRequest& request) {
  Result<ReadCall> read = read_call(request);
  if (!read) return report(session, read.error());
  Result<Started> started = open_and_start(session, start_flags, list_files(*read));
  if (!started) return report(session, started.error());
  // make_call drops the result, whose destructors end_run reports.
  int code = make_call(session, *started, request, *read);
  std::FILE* const output = read->output.get();
  if (request.result_fd && (std::fflush(output) != 0 || std::ferror(output) != 0))
    code = std::max(code, report(session, {refuse_result_fd(*request.result_fd, errno)}));
  return end_run(session, start_flags, *started, code);
}

void add_raw_flag(CommandLine& line, CallRequest& request) {
  line.add_flag("--raw", request.raw, "Print a string as it is, without quotes and line feed");
}

Result<ArgumentText> read_argument(const std::string& word, std::string name, OutputFormat format) {
  TENON_TRY(Argument argument, open_argument(word, std::move(name), format));
  if (argument.file != nullptr) {
    TENON_TRY(argument.text.text, read_input(argument.file.get(), argument.text.file));
  }
  return argument.text;
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
