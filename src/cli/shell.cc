#include "cli/shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <type_traits>
#include <utility>

#include "cli/command_line.h"
#include "cli/input_output.h"
#include "render/render_functions.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

constexpr std::array<std::string_view, 6> kCommands = {"describe", "drop", "help",
                                                       "list",     "quit", "read"};

constexpr std::string_view kHelp =
    "list             list the exported functions and the kept handles\n"
    "describe NAME    print a function, interface, resource or other type as WIT\n"
    "$1               print a handle\n"
    "drop $1          drop a handle\n"
    "read $1 [COUNT]  read items of a stream (default: all), or the value of a future\n"
    "help             print this help\n"
    "quit             end the shell (or Ctrl-D)\n"
    "\n"
    "Anything else is a call in WAVE: `add(1, 2)`, `acme:tax/lib@1.2.0.total([])`,\n"
    "`[account.close]($1)`. A handle in a result is kept as `$1` until it is dropped or passed on\n"
    "as an owned argument.\n";

// Items that are read at once.
constexpr std::size_t kItemsPerRead = 1024;

bool is_command(std::string_view word) {
  return std::ranges::find(kCommands, word) != kCommands.end();
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Collects the handles in a value, in the order of its text.
class HandleFinder {
 public:
  std::vector<const ValueHandle*> find(const Value& value) {
    look(value);
    return std::move(handles_);
  }

 private:
  void look(const Value& value) {
    value.visit([this](const auto& held) { look_in(held); });
  }
  void look_in(const ValueHandle& handle) { handles_.push_back(&handle); }
  void look_in(const ValueList& list) {
    if (const auto* const elements = list.get_if<Value>())
      for (const Value& element : *elements) look(element);
  }
  void look_in(const ValueMap& map) {
    for (const auto& [key, value] : map.entries) {
      look(key);
      look(value);
    }
  }
  void look_in(const ValueRecord& record) {
    for (const Value& value : record.values()) look(value);
  }
  void look_in(const ValueTuple& tuple) {
    for (const Value& value : tuple.values) look(value);
  }
  void look_in(const ValueVariant& variant) { look_in(variant.payload); }
  void look_in(const ValueOption& option) { look_in(option.payload); }
  void look_in(const ValueResult& result) { look_in(result.payload); }
  void look_in(const ValuePayload& payload) {
    if (const Value* const value = payload.get()) look(*value);
  }
  template <class T>
    requires(ListScalar<T> || std::is_same_v<T, std::string> || std::is_same_v<T, ValueEnum> ||
             std::is_same_v<T, ValueFlags>)
  void look_in(const T& /*data*/) {}

  std::vector<const ValueHandle*> handles_;
};

std::optional<std::uint64_t> parse_handle(std::string_view text) {
  std::uint64_t number = 0;
  if (!text.starts_with('$')) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data() + 1, end, number);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return number;
}

Diagnostic make_handle_problem(std::string_view handle) {
  Diagnostic problem;
  problem.code = "value-handle";
  problem.message = fmt::format("unknown handle `{}`", sanitize_text(handle));
  problem.hints.emplace_back("`list` shows the kept handles");
  return problem;
}

std::vector<FunctionName> name_all(const std::vector<Function>& functions) {
  std::vector<FunctionName> names;
  for (const Function& function : functions)
    names.push_back({function.interface(), function.name()});
  return names;
}

Diagnostic make_unknown_problem(std::string_view line, const std::vector<FunctionName>& functions) {
  std::vector<std::string_view> words(kCommands.begin(), kCommands.end());
  const std::vector<std::string> names = complete_function(functions, "");
  words.insert(words.end(), names.begin(), names.end());
  std::string hint;
  if (std::ranges::find(names, line) != names.end())
    hint = fmt::format("a call needs parentheses: `{}(..)`; `describe {}` shows its parameters",
                       line, line);
  if (hint.empty()) hint = did_you_mean(near_misses(line, words));
  if (hint.empty()) hint = "`help` lists the commands; a call needs parentheses: `add(1, 2)`";
  return make_usage_problem(
      fmt::format("`{}` is neither a command nor a call", sanitize_text(line)), {hint});
}

CallFailure make_stuck_failure() {
  CallFailure failure;
  failure.function = "read";
  failure.message = "deadlock: the writer waits, and nothing that it could wait for can happen";
  return failure;
}

}  // namespace

bool has_open_parenthesis(std::string_view text) {
  if (trim(text).starts_with("//")) return false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      // To the end of the string or character.
      for (++i; i < text.size() && text[i] != c; ++i)
        if (text[i] == '\\') ++i;
      // A line feed cannot be in one.
      if (i >= text.size()) return false;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (std::string_view("([{").find(c) != std::string_view::npos) {
      ++depth;
    } else if (std::string_view(")]}").find(c) != std::string_view::npos) {
      --depth;
    }
  }
  return depth > 0;
}

std::optional<int> Shell::start() {
  Result<Started> started = open_and_start(session_, flags_);
  if (!started) return report(session_, started.error());
  trace_ = std::move(started->trace);
  composition_ = std::move(started->composition);
  return std::nullopt;
}

int Shell::end(int code) {
  streams_.clear();
  handles_.clear();
  const auto failure = composition_ ? composition_->take_drop_failure() : std::nullopt;
  if (failure) {
    const int failed = report_failure(session_, *failure);
    if (code == to_int(ExitCode::Fine)) code = failed;
  }
  composition_.reset();
  return end_trace(session_, *trace_, code);
}

Shell::Answer Shell::run_line(std::string_view line, std::size_t number) {
  line_number_ = number;
  const std::string_view text = trim(line);
  if (text.empty() || text.starts_with("//")) return Answer::Fine;
  std::string_view word = text.substr(0, text.find_first_of(" \t"));
  const std::string_view rest = trim(text.substr(word.size()));
  const CallInterrupter::Call call_in_progress(*composition_);
  // Aliases, as in other shells.
  if (word == "exit") word = "quit";
  if (word == "?") word = "help";
  if (is_command(word) && !rest.starts_with('(')) return run_command(word, rest);
  if (parse_handle(text)) return show_kept(text);
  return call(line);
}

Shell::Answer Shell::run_command(std::string_view word, std::string_view rest) {
  const bool takes_word = word == "describe" || word == "drop" || word == "read";
  const bool is_help_for_name = word == "help" && !is_command(rest);
  if (takes_word == rest.empty())
    return fail({make_usage_problem(
        fmt::format("`{}` {}", word, takes_word ? "needs a name" : "takes no argument"),
        {word == "drop"       ? "write `drop $1`"
         : word == "read"     ? "write `read $1 10`"
         : word == "describe" ? "write `describe NAME`; `list` shows the names"
         : is_help_for_name   ? fmt::format("write `describe {}`", sanitize_text(rest))
                              : fmt::format("write `{}`", word)})});
  if (word == "quit") return Answer::Quit;
  if (word == "describe") return describe(rest);
  if (word == "drop") return drop(rest);
  if (word == "read") return read(rest);
  if (word == "help") print_result(kHelp);
  if (word == "list") list();
  return Answer::Fine;
}

void Shell::list() const {
  const std::vector<Function> functions = composition_->functions();
  print_result(render_functions(functions, session_.out));
  if (functions.empty()) print_result("no functions are exported\n");
  for (const auto& [number, handle] : handles_) print_result(print_kept(number, handle));
}

Shell::Answer Shell::describe(std::string_view name) {
  const std::vector<Function> functions = composition_->functions();
  std::vector<Function> matches;
  for (const Function& function : functions) {
    const std::string& interface = function.interface();
    const std::string_view path = std::string_view(interface).substr(0, interface.find('@'));
    if (name == interface || name == path || name == path.substr(path.find('/') + 1) ||
        name == resource_of(function.name()))
      matches.push_back(function);
  }
  std::string text = matches.empty() || name.empty() ? "" : render_wit(matches);
  if (text.empty()) text = render_type(functions, name);
  if (!text.empty()) {
    print_result(text);
    return Answer::Fine;
  }
  const Result<WaveCall> call = parse_wave_call(fmt::format("{}()", name));
  if (!call) {
    Diagnostic problem = make_usage_problem(
        fmt::format("no export is called `{}`", sanitize_text(name)), {"`list` shows the exports"});
    return fail({std::move(problem)});
  }
  Result<Function> function = composition_->find_function(*call);
  if (!function) return fail(std::move(function).error());
  const Function exported[] = {*function};
  print_result(render_wit(exported));
  return Answer::Fine;
}

Shell::Answer Shell::read(std::string_view words) {
  const std::string_view handle = words.substr(0, words.find_first_of(" \t"));
  const std::string_view count = trim(words.substr(handle.size()));
  const std::optional<std::uint64_t> number = parse_handle(handle);
  const auto kept = number ? handles_.find(*number) : handles_.end();
  if (kept == handles_.end()) return fail({make_handle_problem(handle)});
  std::size_t left = std::numeric_limits<std::size_t>::max();
  if (!count.empty()) {
    const Result<std::uint64_t> most = Limits::parse_count(count);
    if (!most)
      return fail(
          {make_usage_problem(fmt::format("`{}` is not a number of items", sanitize_text(count)),
                              {"write `read $1 10`"})});
    left = *most;
  }
  auto stream = streams_.find(*number);
  if (stream == streams_.end()) {
    Result<ValueStream> opened = ValueStream::open(Value::handle(kept->second));
    if (!opened) return fail(std::move(opened).error());
    stream = streams_.emplace(*number, *std::move(opened)).first;
  }
  const bool is_future = stream->second.is_future();
  while (left > 0) {
    const auto items = stream->second.read(std::min<std::size_t>(left, kItemsPerRead)).wait();
    if (!items || !*items || (*items)->empty() || is_future) {
      streams_.erase(stream);
      handles_.erase(kept);
    }
    if (!items) return fail_call(make_stuck_failure());
    if (!*items) return fail_call(items->error());
    for (const Value& item : **items) show(item);
    if ((*items)->empty() || is_future) break;
    left -= (*items)->size();
  }
  return check_drops();
}

Shell::Answer Shell::drop(std::string_view handle) {
  const std::optional<std::uint64_t> number = parse_handle(handle);
  if (number) streams_.erase(*number);
  if (number && handles_.erase(*number) > 0) return check_drops();
  Diagnostic problem = make_handle_problem(handle);
  if (const std::string written = fmt::format("${}", handle);
      handles_.contains(parse_handle(written).value_or(0)))
    problem.hints = {fmt::format("write `drop {}`", written)};
  return fail({std::move(problem)});
}

Shell::Answer Shell::show_kept(std::string_view handle) {
  const auto kept = handles_.find(*parse_handle(handle));
  if (kept == handles_.end()) return fail({make_handle_problem(handle)});
  print_result(print_kept(kept->first, kept->second));
  return Answer::Fine;
}

Shell::Answer Shell::call(std::string_view line) {
  if (line.find('(') == std::string_view::npos)
    return fail({make_unknown_problem(trim(line), name_all(composition_->functions()))});
  Result<WaveCall> call = parse_wave_call(line);
  if (!call) return fail(std::move(call).error());
  const Result<Function> function = composition_->find_function(*call);
  if (!function) return fail(function.error());
  std::vector<std::uint64_t> passed_on;
  ValueTextOptions options;
  options.find_handle = [&](std::uint64_t number, const Type& type) -> std::optional<Value> {
    const auto kept = handles_.find(number);
    if (kept == handles_.end()) return std::nullopt;
    if (type.kind() != TypeKind::Borrow) passed_on.push_back(number);
    return Value::handle(kept->second);
  };
  Result<std::vector<Value>> values = parse_wave_arguments(*call, function->type(), options);
  if (!values) return fail(std::move(values).error());
  flush_results();
  const CallResult<std::optional<Value>> result = function->call(*values);
  values->clear();
  if (!result) return fail_call(result.error());
  for (const std::uint64_t number : passed_on) handles_.erase(number);
  if (*result) show(**result);
  return check_drops();
}

Shell::Answer Shell::check_drops() {
  const std::optional<CallFailure> failure = composition_->take_drop_failure();
  return failure ? fail_call(*failure) : Answer::Fine;
}

void Shell::show(const Value& value) {
  if (value.kind() != ValueKind::Handle) print_result(print_wave(value) + "\n");
  for (const ValueHandle* const handle : HandleFinder().find(value)) {
    print_result(print_kept(handle->id, *handle));
    handles_.insert_or_assign(handle->id, *handle);
  }
}

std::string Shell::print_kept(std::uint64_t number, const ValueHandle& handle) const {
  return fmt::format("${} = {}{}\n", number, print_wave(Value::handle(handle)),
                     composition_->is_stale(handle) ? " (stale: its domain has ended)" : "");
}

Shell::Answer Shell::fail_call(const CallFailure& failure) {
  if (failure.kind == CallFailure::Kind::BadCall) return fail(failure.problems);
  Diagnostic problem = failure_diagnostic(failure);
  std::vector<std::string> stale;
  for (const auto& [number, handle] : handles_)
    if (composition_->is_stale(handle)) stale.push_back(fmt::format("`${}`", number));
  const bool has_ended = failure.kind != CallFailure::Kind::GuestError &&
                         failure.kind != CallFailure::Kind::Reentrance && !failure.is_wait;
  if (has_ended)
    problem.notes.push_back({fmt::format("its domain has ended and restarts at the next call{}{}{}",
                                         stale.empty() ? "" : "; ", fmt::join(stale, ", "),
                                         stale.empty()       ? ""
                                         : stale.size() == 1 ? " is stale"
                                                             : " are stale"),
                             {},
                             {}});
  return fail({std::move(problem)});
}

Shell::Answer Shell::fail(Diagnostics problems) {
  if (line_number_ > 0)
    for (Diagnostic& problem : problems) {
      problem.where.file = "standard input";
      // A position in the call, which can have several lines.
      problem.where.line =
          static_cast<std::uint32_t>(line_number_) + std::max(problem.where.line, 1U) - 1;
    }
  (void)report(session_, problems);
  return Answer::Failed;
}

LineCompletion Shell::complete(std::string_view line) const {
  LineCompletion completion;
  const std::size_t blank = line.find_last_of(" \t(,");
  completion.begin = blank == std::string_view::npos ? 0 : blank + 1;
  const std::string_view typed = line.substr(completion.begin);
  const std::string_view before = trim(line.substr(0, completion.begin));
  const auto add = [&](std::string word) {
    if (word.starts_with(typed)) completion.words.push_back(std::move(word));
  };
  if (before.empty())
    for (const std::string_view command : kCommands) add(std::string(command));
  if (before.empty() || before == "describe")
    for (std::string& name : complete_function(name_all(composition_->functions()), typed))
      add(before.empty() ? std::move(name) + "(" : std::move(name));
  if (!before.empty() && before != "describe")
    for (const auto& [number, unused] : handles_) add(fmt::format("${}", number));
  std::ranges::sort(completion.words);
  return completion;
}

namespace {

// Globals, because the signal handler can use nothing else.
std::atomic<Composition*> called = nullptr;     // null: no call is in progress
std::atomic<bool> is_call_interrupted = false;  // by a first Ctrl-C during this call

void interrupt_call(int signal) {
  Composition* const composition = called;
  if (composition == nullptr) return;
  if (!is_call_interrupted.exchange(true)) {
    composition->interrupt();
    return;
  }
  // The second Ctrl-C ends the process: the signal is delivered when this handler returns.
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

CallInterrupter::CallInterrupter() {
  struct sigaction action{};
  action.sa_handler = interrupt_call;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &before_);
}

CallInterrupter::~CallInterrupter() { ::sigaction(SIGINT, &before_, nullptr); }

CallInterrupter::Call::Call(Composition& composition) {
  is_call_interrupted = false;
  called = &composition;
}

CallInterrupter::Call::~Call() { called = nullptr; }

}  // namespace tenon::cli
