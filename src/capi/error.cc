#include "capi/error.h"

#include <cstddef>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "capi/object.h"
#include "render/json.h"
#include "render/render_diagnostics.h"
#include "support/diagnostics.h"

namespace tenon::capi {

using Texts = std::vector<const char*>;

// The lines of a text as C has them. Lifetime: that of the lines.
static Texts list_texts(const std::vector<std::string>& lines) {
  Texts texts;
  texts.reserve(lines.size());
  for (const std::string& line : lines) texts.push_back(line.c_str());
  return texts;
}

// A problem as C has it, and the memory of its lists.
struct ShownProblem {
  tenon_problem problem;
  Texts lines;
  Texts hints;
  std::vector<Texts> note_lines;
  std::vector<tenon_note> notes;
};

struct ShownFailure {
  tenon_failure failure;
  Texts limits;
  Texts waits;
  std::vector<tenon_frame> frames;
};

}  // namespace tenon::capi

using namespace tenon;

struct tenon_error final : capi::Object<capi::Mark::Error> {
  Diagnostics diagnostics;
  std::vector<std::string> codes;
  std::vector<std::vector<std::string>> hints;  // of each problem
  std::optional<CallFailure> call_failure;
  std::vector<capi::ShownProblem> problems;
  std::optional<capi::ShownFailure> failure;
  // Made when it is asked for.
  mutable std::optional<std::string> text;
  mutable std::optional<std::string> json;
};

namespace tenon::capi {

namespace {

constexpr const char* kNoMemory = "out of memory";

// An error without memory of its own, which is made without memory too. Never destroyed: a thread can
// call while the process ends.
const tenon_error& no_memory() {
  alignas(tenon_error) static std::byte memory[sizeof(tenon_error)];
  static const tenon_error& error = *new (memory) tenon_error;
  return error;
}

const char* text_of(const std::string& text) { return text.c_str(); }

void show_problem(tenon_error& error, std::size_t index) {
  const Diagnostic& from = error.diagnostics[index];
  ShownProblem& shown = error.problems.emplace_back();
  shown.lines = list_texts(from.excerpt.lines);
  shown.hints = list_texts(error.hints[index]);
  for (const Note& note : from.notes) {
    const Texts& lines = shown.note_lines.emplace_back(list_texts(note.excerpt.lines));
    shown.notes.push_back({text_of(note.text), lines.data(), lines.size()});
  }
  shown.problem = {.code = text_of(error.codes[index]),
                   .message = text_of(from.message),
                   .severity = static_cast<int>(from.severity),
                   .file = text_of(from.where.file),
                   .unit = text_of(from.where.unit),
                   .item = text_of(from.where.item),
                   .offset = from.where.offset.value_or(UINT64_MAX),
                   .line = from.where.line,
                   .column = from.where.column,
                   .lines = shown.lines.data(),
                   .nlines = shown.lines.size(),
                   .notes = shown.notes.data(),
                   .nnotes = shown.notes.size(),
                   .hints = shown.hints.data(),
                   .nhints = shown.hints.size()};
}

void show_failure(tenon_error& error) {
  const CallFailure& from = *error.call_failure;
  ShownFailure& shown = error.failure.emplace();
  shown.limits = list_texts(from.limits);
  shown.waits = list_texts(from.waits);
  for (const CallFailure::Frame& frame : from.backtrace)
    shown.frames.push_back({text_of(frame.unit), text_of(frame.function), text_of(frame.module),
                            text_of(frame.source), frame.offset.value_or(UINT64_MAX)});
  shown.failure = {.kind = static_cast<int>(from.kind),
                   .unit = text_of(from.unit),
                   .function = text_of(from.function),
                   .message = text_of(from.message),
                   .import = text_of(from.import),
                   .domain = text_of(from.domain),
                   .limits = shown.limits.data(),
                   .nlimits = shown.limits.size(),
                   .waits = shown.waits.data(),
                   .nwaits = shown.waits.size(),
                   .frames = shown.frames.data(),
                   .nframes = shown.frames.size()};
}

tenon_error* make(Diagnostics problems, std::optional<CallFailure> failure) {
  return guard([&] {
    auto error = std::make_unique<tenon_error>();
    error->diagnostics = std::move(problems);
    error->call_failure = std::move(failure);
    for (Diagnostic& problem : error->diagnostics) {
      error->codes.emplace_back(problem.code);
      std::vector<std::string>& hints = error->hints.emplace_back();
      for (Hint& hint : problem.hints) {
        hints.push_back(make_c_hint(hint));
        hint = Hint(hints.back());
      }
    }
    for (std::size_t i = 0; i < error->diagnostics.size(); ++i) show_problem(*error, i);
    if (error->call_failure) show_failure(*error);
    return error.release();
  });
}

}  // namespace

tenon_error* make_error(Diagnostics problems) noexcept { return make(std::move(problems), {}); }

tenon_error* make_error(CallFailure failure) noexcept {
  return guard([&] {
    Diagnostics problems = failure.problems;
    if (problems.empty()) problems.push_back(failure_diagnostic(failure));
    return make(std::move(problems), std::move(failure));
  });
}

tenon_error* make_misuse(std::string_view message) noexcept {
  return guard(
      [&] { return make_error(Diagnostics{make_diagnostic(Code::ApiUsage, "{}", message)}); });
}

tenon_error* make_internal(const char* what) noexcept {
  return guard([&] {
    return make_error(Diagnostics{make_diagnostic(Code::ApiInternal, "tenon failed: {}", what)});
  });
}

// Callers do not change an error.
tenon_error* out_of_memory() noexcept { return const_cast<tenon_error*>(&no_memory()); }

char* copy_text(std::string_view text) {
  auto* const copy = static_cast<char*>(::operator new(text.size() + 1));
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

}  // namespace tenon::capi

using capi::guard;
using capi::guard_or;

namespace {

const tenon_problem kMemoryProblem = {.code = "api-memory",
                                      .message = capi::kNoMemory,
                                      .severity = TENON_SEVERITY_ERROR,
                                      .file = "",
                                      .unit = "",
                                      .item = "",
                                      .offset = UINT64_MAX,
                                      .line = 0,
                                      .column = 0,
                                      .lines = nullptr,
                                      .nlines = 0,
                                      .notes = nullptr,
                                      .nnotes = 0,
                                      .hints = nullptr,
                                      .nhints = 0};

bool is_readable(const tenon_error* error) { return error != nullptr && error->is_alive(); }

}  // namespace

void tenon_error_delete(tenon_error* error) {
  if (is_readable(error) && error != &capi::no_memory()) delete error;
}

size_t tenon_error_count(const tenon_error* error) {
  if (!is_readable(error)) return 0;
  return error->problems.empty() ? 1 : error->problems.size();
}

const tenon_problem* tenon_error_problem(const tenon_error* error, size_t index) {
  if (index >= tenon_error_count(error)) return nullptr;
  return error->problems.empty() ? &kMemoryProblem : &error->problems[index].problem;
}

const char* tenon_error_code(const tenon_error* error) {
  const tenon_problem* const problem = tenon_error_problem(error, 0);
  return problem != nullptr ? problem->code : "";
}

const char* tenon_error_message(const tenon_error* error) {
  const tenon_problem* const problem = tenon_error_problem(error, 0);
  return problem != nullptr ? problem->message : "";
}

const tenon_failure* tenon_error_failure(const tenon_error* error) {
  return is_readable(error) && error->failure ? &error->failure->failure : nullptr;
}

const char* tenon_error_text(const tenon_error* error) {
  if (!is_readable(error)) return "";
  return guard_or(tenon_error_message(error), [&] {
    if (error->diagnostics.empty()) return tenon_error_message(error);
    if (!error->text)
      error->text = render::render_diagnostics(error->diagnostics, render::ErrorFormat::Human, {});
    return error->text->c_str();
  });
}

const char* tenon_error_json(const tenon_error* error) {
  if (!is_readable(error)) return "[]";
  static constexpr const char* kFailed = R"([{"code":"api-memory","message":"out of memory"}])";
  return guard_or(kFailed, [&] {
    if (error->diagnostics.empty()) return kFailed;
    if (!error->json) {
      render::JsonValue all = render::JsonValue::array();
      for (const Diagnostic& problem : error->diagnostics)
        all.push_back(render::make_diagnostic_json(problem));
      error->json = render::dump_json_line(all);
    }
    return error->json->c_str();
  });
}

char* tenon_explain_code(const char* code) {
  return guard_or(static_cast<char*>(nullptr), [&]() -> char* {
    const std::string_view text = explain_code(capi::view_of(code));
    return text.empty() ? nullptr : capi::copy_text(text);
  });
}

void tenon_free(void* memory) { ::operator delete(memory); }
