// `record`, `mock` and `replay`: calls that are written to a file, and answered from one.
//
// A mock answers by function and arguments, as often as it is called. A replay answers in the order of
// the record: the calls of one consumer to one function must be the recorded ones, or the call fails and
// says where it differs. Calls of different functions can come in another order, because the providers
// that called each other in between are absent.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "middleware/call_file.h"
#include "middleware/kinds.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/value.h"

namespace tenon::middleware {

namespace {

constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 28;

Result<std::vector<RecordedCall>> read_calls(const tenon::Middleware& settings) {
  TENON_TRY(const Bytes bytes, RealFiles().read(settings.file, kFileBytes, NamedBy::File));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  TENON_TRY(std::vector<RecordedCall> calls, parse_recorded_calls(text, settings.file));
  std::ranges::stable_sort(calls, {}, &RecordedCall::number);
  return calls;
}

// Whether a name in a file is that of a function. Its version can be left out.
bool names_function(std::string_view name, std::string_view function) {
  if (name == function) return true;
  const std::size_t at = function.find('@');
  const std::size_t hash = function.find('#');
  if (at == function.npos || hash == function.npos || at > hash) return false;
  return name.size() == at + function.size() - hash && name.starts_with(function.substr(0, at)) &&
         name.ends_with(function.substr(hash));
}

// An answer whose values are checked against the type of the function. Texts are as `print_wave` writes
// them, so that equal values have equal texts.
struct Answer {
  std::size_t line = 0;
  std::optional<std::vector<Value>> arguments;  // absent: any
  std::vector<std::string> argument_texts;
  std::optional<Value> result;
  std::optional<std::string> failure;
};

// Checks the lines that are about a function.
class AnswerReader final {
 public:
  AnswerReader(const Edge& edge, const tenon::Middleware& settings)
      : type_(edge.values->type()), edge_(edge), settings_(settings) {}

  Result<std::vector<Answer>> read(const std::vector<RecordedCall>& calls) {
    std::vector<Answer> answers;
    for (const RecordedCall& call : calls) {
      if (!names_function(call.function, edge_.function)) continue;
      if (!call.consumer.empty() && call.consumer != edge_.consumer) continue;
      answers.push_back(read(call));
    }
    if (!problems_.empty()) return problems_;
    return answers;
  }

 private:
  Answer read(const RecordedCall& call) {
    Answer answer{.line = call.line,
                  .arguments = {},
                  .argument_texts = {},
                  .result = {},
                  .failure = call.failure};
    if (call.arguments) {
      std::vector<ArgumentText> texts;
      for (const std::string& text : *call.arguments)
        texts.push_back({text, ArgumentText::Form::Wave, {}});
      if (Result<std::vector<Value>> values = parse_arguments(texts, type_)) {
        for (const Value& value : *values) answer.argument_texts.push_back(print_wave(value));
        answer.arguments = *std::move(values);
      } else {
        complain(call, "its `arguments` do not fit", values.error());
      }
    }
    if (call.failure) return answer;
    const std::optional<Type> result = type_.result();
    if (!result && call.result)
      complain(call, "it has a `result`, but the function returns nothing", {});
    if (result && !call.result) complain(call, "it has neither `result` nor `failure`", {});
    if (!result || !call.result) return answer;
    if (Result<Value> value = parse_wave(*call.result, *result))
      answer.result = *std::move(value);
    else
      complain(call, "its `result` does not fit", value.error());
    return answer;
  }

  void complain(const RecordedCall& call, std::string_view what, const Diagnostics& why) {
    Diagnostic problem = make_diagnostic(
        Code::ConfigValue, "line {} of `{}` is about `{}`, and {}{}{}", call.line, settings_.file,
        edge_.function, what, why.empty() ? "" : ": ", why.empty() ? "" : why.front().message);
    problem.where.file = settings_.file;
    problem.where.line = static_cast<std::uint32_t>(call.line);
    problem.where.column = 1;
    if (!why.empty()) problem.hints = why.front().hints;
    problems_.push_back(std::move(problem));
  }

  const FunctionType& type_;
  const Edge& edge_;
  const tenon::Middleware& settings_;
  Diagnostics problems_;
};

// A callee that finds its answers in a file.
class AnsweringCallee : public call::Callee {
 public:
  explicit AnsweringCallee(Edge edge) : edge_(std::move(edge)) {}

  void start(call::Call& call) final {
    const auto arguments = write_arguments(call, edge_);
    if (!arguments)
      return call.finish(make_refusal(edge_.function, "its arguments are malformed or too large"));
    const Result<const Answer*, std::string> answer = find(*arguments);
    if (!answer) return call.finish(make_refusal(edge_.function, answer.error()));
    // The text of the failure, as its consumer would have got it.
    if ((*answer)->failure) return call.finish(make_refusal("", *(*answer)->failure));
    if (!(*answer)->result) return call.finish();
    abi::ValueArena arena;
    NoHandles handles;
    const auto written = edge_.values->write_result(*(*answer)->result, arena, handles);
    if (!written) return call.finish(make_refusal(edge_.function, written.error().front().message));
    const auto given = call.give_result(abi::From::memory(arena, *written));
    if (given || call.is_broken_off()) return call.finish();
    call.finish(make_refusal(edge_.function,
                             "its result cannot be passed: " + abi::describe(given.error())));
  }

 protected:
  [[nodiscard]] const Edge& edge() const { return edge_; }

 private:
  // Errors: why there is no answer.
  virtual Result<const Answer*, std::string> find(const std::vector<std::string>& arguments) = 0;

  Edge edge_;
};

std::string join(const std::vector<std::string>& texts) {
  std::string text = fmt::format("{}", fmt::join(texts, ", "));
  constexpr std::size_t kShown = 200;
  if (text.size() > kShown) text.replace(kShown, text.npos, "...");
  return text;
}

class MockCallee final : public AnsweringCallee {
 public:
  MockCallee(Edge edge, std::string name, std::vector<Answer> answers, std::string near)
      : AnsweringCallee(std::move(edge)),
        name_(std::move(name)),
        answers_(std::move(answers)),
        near_(std::move(near)) {}

 private:
  Result<const Answer*, std::string> find(const std::vector<std::string>& arguments) override {
    for (const Answer& answer : answers_)
      if (!answer.arguments || answer.argument_texts == arguments) return &answer;
    return fmt::format(
        "`{}` has no answer for the arguments ({}): {}", name_, join(arguments),
        answers_.empty() ? near_ : fmt::format("it has {} for others", answers_.size()));
  }

  std::string name_;
  std::vector<Answer> answers_;
  std::string near_;  // the hint for a function without answers
};

class Mock final : public Middleware {
 public:
  Mock(std::string name, tenon::Middleware settings, std::vector<RecordedCall> calls)
      : name_(std::move(name)), settings_(std::move(settings)), calls_(std::move(calls)) {}

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> /*callee*/) override {
    TENON_TRY(std::vector<Answer> answers, AnswerReader(edge, settings_).read(calls_));
    std::set<std::string> functions;
    for (const RecordedCall& call : calls_) functions.insert(call.function);
    std::string near =
        suggest_name(edge.function, {functions.begin(), functions.end()}, "functions in its file");
    return std::unique_ptr<call::Callee>(
        std::make_unique<MockCallee>(std::move(edge), name_, std::move(answers), std::move(near)));
  }

 private:
  std::string name_;
  tenon::Middleware settings_;
  std::vector<RecordedCall> calls_;
};

// The path of a JSON pointer: "arguments[0].items[2].price" for "/0/items/2/price".
std::string print_path(const std::string& pointer) {
  std::string path = "arguments";
  std::size_t at = 0;
  while (at < pointer.size()) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    const std::string part = pointer.substr(at + 1, end - at - 1);
    const bool is_number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    path += is_number ? fmt::format("[{}]", part) : "." + part;
    at = end;
  }
  return path;
}

// Where the arguments of a call differ from the recorded ones: "`arguments[0].price` was 2, and is 3".
std::string describe_difference(const Answer& answer, const FunctionType& type,
                                const std::vector<std::string>& arguments) {
  using Json = nlohmann::json;
  Json was = Json::array();
  Json is = Json::array();
  for (const Value& value : *answer.arguments) was.push_back(Json::parse(print_json(value)));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Result<Value> value = parse_wave(arguments[i], type.params()[i].type);
    is.push_back(value ? Json::parse(print_json(*value)) : Json());
  }
  std::vector<std::string> differences;
  constexpr std::size_t kShown = 3;
  const Json patch = Json::diff(was, is);
  for (const Json& step : patch) {
    if (differences.size() == kShown) break;
    const std::string path = step["path"].get<std::string>();
    const Json::json_pointer at(path);
    const std::string before = was.contains(at) ? join({was.at(at).dump()}) : "absent";
    const std::string after = step.contains("value") ? join({step["value"].dump()}) : "absent";
    differences.push_back(fmt::format("`{}` was {} and is {}", print_path(path), before, after));
  }
  return fmt::format("{}", fmt::join(differences, "; "));
}

class Replay final : public Middleware {
 public:
  Replay(std::string name, tenon::Middleware settings, std::vector<RecordedCall> calls,
         Report report)
      : name_(std::move(name)),
        settings_(std::move(settings)),
        calls_(std::move(calls)),
        report_(std::move(report)) {}

  // Reports the calls that were not made, unless a call was made in their place: that has failed.
  ~Replay() override {
    if (!report_) return;
    try {
      report_missing();
    } catch (const std::bad_alloc&) {
      // Some notes are missing.
    }
  }

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> callee) override;

 private:
  void report_missing() const {
    for (const auto& queue : queues_)
      if (queue->next < queue->answers.size() && !queue->has_differed)
        report_(fmt::format(
            "note: `{}`: `{}` made {} of {} recorded calls of `{}`; the next is on line {}", name_,
            queue->consumer, queue->next, queue->answers.size(), queue->function,
            queue->answers[queue->next].line));
  }

  friend class ReplayCallee;
  struct Queue {
    std::string consumer;
    std::string function;
    std::vector<Answer> answers;
    std::size_t next = 0;
    bool has_differed = false;  // a call had other arguments than the next one
  };

  std::string name_;
  tenon::Middleware settings_;
  std::vector<RecordedCall> calls_;
  Report report_;
  std::vector<std::shared_ptr<Queue>> queues_;
};

class ReplayCallee final : public AnsweringCallee {
 public:
  ReplayCallee(Edge edge, std::string name, std::shared_ptr<Replay::Queue> queue)
      : AnsweringCallee(std::move(edge)), name_(std::move(name)), queue_(std::move(queue)) {}

 private:
  Result<const Answer*, std::string> find(const std::vector<std::string>& arguments) override {
    if (queue_->next == queue_->answers.size())
      return fmt::format("`{}` has {} call{} of it by `{}`, and this is one more", name_,
                         queue_->answers.size(), queue_->answers.size() == 1 ? "" : "s",
                         queue_->consumer);
    const Answer& answer = queue_->answers[queue_->next];
    if (answer.arguments && answer.argument_texts != arguments) {
      queue_->has_differed = true;
      return fmt::format("it differs from line {} of `{}`: {}", answer.line, name_,
                         describe_difference(answer, edge().values->type(), arguments));
    }
    ++queue_->next;
    return &answer;
  }

  std::string name_;
  std::shared_ptr<Replay::Queue> queue_;
};

Result<std::unique_ptr<call::Callee>> Replay::wrap(Edge edge,
                                                   std::unique_ptr<call::Callee> /*callee*/) {
  TENON_TRY(std::vector<Answer> answers, AnswerReader(edge, settings_).read(calls_));
  queues_.push_back(std::make_shared<Queue>(
      Queue{.consumer = edge.consumer, .function = edge.function, .answers = std::move(answers)}));
  return std::unique_ptr<call::Callee>(
      std::make_unique<ReplayCallee>(std::move(edge), name_, queues_.back()));
}

// The state of a `record`, which all of its edges share.
struct Recorder {
  std::string name;
  std::shared_ptr<LineFile> file;
  Report report;
  std::uint64_t calls = 0;
  bool has_ended = false;  // the file could not be written, which has been reported

  void report_line(const std::string& text) const {
    if (report) report(fmt::format("note: `{}`: {}", name, text));
  }
  void write(const RecordedCall& call) {
    if (file->write(print_recorded_call(call)) || std::exchange(has_ended, true)) return;
    report_line("the file cannot be written, and the record ends here");
  }
};

class RecordHook final : public call::CallHook {
 public:
  RecordHook(call::Call& call, std::shared_ptr<Recorder> recorder, std::shared_ptr<const Edge> edge)
      : recorder_(std::move(recorder)), edge_(std::move(edge)) {
    call_.number = ++recorder_->calls;
    call_.consumer = edge_->consumer;
    call_.function = edge_->function;
    call_.arguments = write_arguments(call, *edge_);
    is_whole_ = call_.arguments.has_value();
  }
  ~RecordHook() override {
    if (has_ended_) return;
    try {
      report_unrecorded("its caller dropped it");
    } catch (const std::bad_alloc&) {
      // The note is missing.
    }
  }

  void see_result(const abi::From& result) override {
    call_.result = write_result(result, *edge_);
    is_whole_ &= call_.result.has_value();
  }
  void change_outcome(call::Call& /*call*/, CallResult<void>& outcome) override {
    if (outcome) return;
    call_.failure = failure_diagnostic(outcome.error()).message;
    call_.result.reset();
  }
  void see_end(call::Call& call) override {
    has_ended_ = true;
    if (const auto result = call.passed_result(); result && !call_.failure) see_result(*result);
    if (call.is_broken_off())
      report_unrecorded("its caller passed malformed values or could not take the result");
    else if (is_whole_)
      recorder_->write(call_);
    else
      report_unrecorded("its values are malformed or too large");
  }

 private:
  void report_unrecorded(std::string_view why) const {
    recorder_->report_line(fmt::format("a call of `{}` is not recorded: {}", call_.function, why));
  }

  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<const Edge> edge_;
  RecordedCall call_;
  bool is_whole_ = true;
  bool has_ended_ = false;
};

class RecordedCallee final : public call::Callee {
 public:
  RecordedCallee(std::shared_ptr<Recorder> recorder, std::shared_ptr<const Edge> edge,
                 std::unique_ptr<call::Callee> callee)
      : recorder_(std::move(recorder)), edge_(std::move(edge)), callee_(std::move(callee)) {}

  void start(call::Call& call) override {
    start_with_hook<RecordHook>(call, *callee_, recorder_, edge_);
  }

 private:
  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<const Edge> edge_;
  std::unique_ptr<call::Callee> callee_;
};

class Record final : public Middleware {
 public:
  explicit Record(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> callee) override {
    return std::unique_ptr<call::Callee>(std::make_unique<RecordedCallee>(
        recorder_, std::make_shared<const Edge>(std::move(edge)), std::move(callee)));
  }

 private:
  std::shared_ptr<Recorder> recorder_;
};

// A file that is not a record is not overwritten.
Result<void> check_overwrite(const std::string& name, const tenon::Middleware& settings) {
  if (RealFiles().find_kind(settings.file) == FileKind::Missing) return {};
  if (read_calls(settings)) return {};
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "`{}` would overwrite `{}`, which is not a file of calls",
                      name, settings.file);
  problem.where = settings.where;
  problem.hints.emplace_back("name another file, or remove that one");
  return problem;
}

}  // namespace

Result<MiddlewarePtr> make_mock(const std::string& name, const tenon::Middleware& settings) {
  TENON_TRY(std::vector<RecordedCall> calls, read_calls(settings));
  return MiddlewarePtr(std::make_unique<Mock>(name, settings, std::move(calls)));
}

Result<MiddlewarePtr> make_replay(const std::string& name, const tenon::Middleware& settings,
                                  Report report) {
  TENON_TRY(std::vector<RecordedCall> calls, read_calls(settings));
  return MiddlewarePtr(
      std::make_unique<Replay>(name, settings, std::move(calls), std::move(report)));
}

Result<MiddlewarePtr> make_record(const std::string& name, const tenon::Middleware& settings,
                                  Report report) {
  TENON_TRY_VOID(check_overwrite(name, settings));
  TENON_TRY(std::shared_ptr<LineFile> file,
            LineFile::open(settings.file, LineFile::Content::Replaced, settings.where));
  auto recorder = std::make_shared<Recorder>();
  recorder->name = name;
  recorder->file = std::move(file);
  recorder->report = std::move(report);
  return MiddlewarePtr(std::make_unique<Record>(std::move(recorder)));
}

}  // namespace tenon::middleware
