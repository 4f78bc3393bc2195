#include "middleware/call_file.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/observer.h"
#include "support/diagnostics.h"
#include "tenon/value.h"

namespace tenon::middleware {

namespace {

// The limit for each argument, and for the result.
constexpr std::size_t kShownBytes = 200;
constexpr call::ReadBound kShown{kShownBytes};

const char* describe_unread(const abi::AbiError& error) {
  return error.kind == abi::AbiErrorKind::Limit ? "<too large>" : "<bad>";
}

}  // namespace

std::string print_arguments(call::Call& call, const Edge& edge) {
  const abi::From* const params = call.params();
  if (params == nullptr) return "<bad>";
  std::uint64_t bytes = 0;
  const auto values =
      runtime::Observer(*edge.shape, *edge.values).read_params(*params, bytes, kShown);
  if (!values) return describe_unread(values.error());
  std::string text;
  for (const Value& value : *values) {
    if (!text.empty()) text += ", ";
    text += print_wave(value, kShownBytes);
  }
  return text;
}

std::string print_result(const abi::From& result, const Edge& edge) {
  std::uint64_t bytes = 0;
  const auto value =
      runtime::Observer(*edge.shape, *edge.values).read_result(result, bytes, kShown);
  return value ? print_wave(*value, kShownBytes) : describe_unread(value.error());
}

std::optional<std::vector<std::string>> write_arguments(call::Call& call, const Edge& edge) {
  const abi::From* const params = call.params();
  if (params == nullptr) return std::nullopt;
  std::uint64_t bytes = 0;
  const auto values = runtime::Observer(*edge.shape, *edge.values).read_params(*params, bytes);
  if (!values) return std::nullopt;
  std::vector<std::string> texts;
  for (const Value& value : *values) texts.push_back(print_wave(value));
  return texts;
}

std::optional<std::string> write_result(const abi::From& result, const Edge& edge) {
  std::uint64_t bytes = 0;
  const auto value = runtime::Observer(*edge.shape, *edge.values).read_result(result, bytes);
  return value ? std::optional(print_wave(*value)) : std::nullopt;
}

namespace {

// The rest would tell nothing new.
constexpr std::size_t kMostProblems = 10;

// Not ordered: an ordered object compares each key with all others, and copies its values when it grows, and
// the copy of a nested value is recursive. This one is parsed and destroyed in a loop, and is never copied.
using Json = nlohmann::json;

// Reads one line. A problem is kept as text.
class LineReader final {
 public:
  explicit LineReader(std::string_view line) : object_(Json::parse(line, nullptr, false)) {}

  std::optional<RecordedCall> read() {
    if (!object_.is_object()) {
      problem_ = "it is not a JSON object";
      return std::nullopt;
    }
    RecordedCall call;
    for (const auto& [key, value] : object_.items()) {
      if (key == "function")
        call.function = take_text(key, value);
      else if (key == "consumer")
        call.consumer = take_text(key, value);
      else if (key == "result")
        call.result = take_text(key, value);
      else if (key == "failure")
        call.failure = take_text(key, value);
      else if (key == "call")
        call.number = take_number(value);
      else if (key == "arguments")
        call.arguments = take_texts(value);
      else
        complain(fmt::format("unknown key `{}`", key));
    }
    if (call.function.empty()) complain("`function` is missing");
    if (call.result && call.failure) complain("it has both `result` and `failure`");
    return problem_.empty() ? std::optional(std::move(call)) : std::nullopt;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  std::string take_text(const std::string& key, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    complain(fmt::format("`{}` must be a string, with a value in WAVE", key));
    return {};
  }
  std::uint64_t take_number(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    complain("`call` must be a number");
    return 0;
  }
  std::vector<std::string> take_texts(const Json& value) {
    if (!value.is_array()) complain("`arguments` must be a list of strings");
    std::vector<std::string> texts;
    if (value.is_array())
      for (const Json& text : value) texts.push_back(take_text("arguments", text));
    return texts;
  }

  Json object_;
  std::string problem_;
};

}  // namespace

Result<std::vector<RecordedCall>> parse_recorded_calls(std::string_view text,
                                                       const std::string& file) {
  std::vector<RecordedCall> calls;
  Diagnostics problems;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    LineReader reader(line);
    if (std::optional<RecordedCall> call = reader.read()) {
      call->line = number;
      if (call->number == 0) call->number = number;
      calls.push_back(*std::move(call));
      continue;
    }
    Diagnostic problem =
        make_diagnostic(Code::ConfigSyntax, "line {} of a file of calls cannot be read: {}", number,
                        reader.problem());
    problem.where.file = file;
    problem.where.line = static_cast<std::uint32_t>(number);
    problem.where.column = 1;
    problem.hints.emplace_back(
        R"(write calls as {"function": "acme:tax/lib#rate", "arguments": ["100"], "result": "19"})");
    problems.push_back(std::move(problem));
    if (problems.size() == kMostProblems) break;
  }
  if (!problems.empty()) return problems;
  return calls;
}

std::string print_recorded_call(const RecordedCall& call) {
  nlohmann::ordered_json object;
  if (call.number != 0) object["call"] = call.number;
  if (!call.consumer.empty()) object["consumer"] = call.consumer;
  object["function"] = call.function;
  if (call.arguments) object["arguments"] = *call.arguments;
  if (call.result) object["result"] = *call.result;
  if (call.failure) object["failure"] = *call.failure;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<std::shared_ptr<LineFile>> LineFile::open(const std::string& path, Content content,
                                                 const Location& where) {
  constexpr mode_t kMode = 0600;
  const int how = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                  (content == Content::Kept ? O_APPEND : O_TRUNC);
  Descriptor file(::open(path.c_str(), how, kMode));
  if (file.is_open()) return std::make_shared<LineFile>(std::move(file));
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "cannot write `{}`: {}", path,
                      errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  problem.where = where;
  problem.where.item = path;
  return problem;
}

bool LineFile::write(std::string_view line) {
  std::string text(line);
  text += '\n';
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (!has_failed_ && !write_all(file_.number(), {bytes, text.size()})) has_failed_ = true;
  return !has_failed_;
}

}  // namespace tenon::middleware
