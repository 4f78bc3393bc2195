#include "linker/call_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "support/diagnostics.h"
#include "tenon/text.h"

namespace tenon {

namespace {

std::string format_frame(std::size_t number, const CallFailure::Frame& frame, std::size_t width) {
  const std::string unit = frame.unit.empty() ? "(host)" : frame.unit;
  const std::string function = frame.function.empty() ? "(no name)" : frame.function;
  std::string text = fmt::format("{:>2}: {}  {}", number, pad_right(unit, width), function);
  if (!frame.module.empty()) text += fmt::format("  in {}", frame.module);
  if (!frame.source.empty()) text += fmt::format("  at {}", frame.source);
  if (frame.offset) text += fmt::format("  (byte {:#x})", *frame.offset);
  return text;
}

Note backtrace_note(const std::vector<CallFailure::Frame>& frames) {
  std::size_t width = 0;
  for (const CallFailure::Frame& frame : frames)
    width = std::max(width, frame.unit.empty() ? 6 : display_width(sanitize_text(frame.unit)));
  Note note;
  note.text = "backtrace, innermost first";
  for (std::size_t i = 0; i < frames.size(); ++i)
    note.excerpt.lines.push_back(format_frame(i, frames[i], width));
  return note;
}

Diagnostic describe_kind(const CallFailure& failure) {
  const std::string unit = failure.unit.empty() ? "a unit" : fmt::format("`{}`", failure.unit);
  const std::string function =
      failure.function.empty() ? std::string() : fmt::format(" in `{}`", failure.function);
  switch (failure.kind) {
    case CallFailure::Kind::Trap:
      return make_diagnostic(Code::RunTrap, "{} trapped{}: {}", unit, function, failure.message);
    case CallFailure::Kind::OpenImport: {
      Diagnostic problem = make_diagnostic(
          Code::RunOpenImport, "{} called {}, which no unit provides", unit, failure.message);
      problem.hints.push_back(fmt::format("add a component that exports `{}`", failure.import));
      return problem;
    }
    case CallFailure::Kind::Engine:
    case CallFailure::Kind::BadCall:
      return make_diagnostic(Code::RunEngine, "{} could not be called{}: {}", unit, function,
                             failure.message);
  }
  return {};
}

}  // namespace

Diagnostic failure_diagnostic(const CallFailure& failure) {
  Diagnostic problem = describe_kind(failure);
  problem.where.unit = failure.unit;
  problem.where.item = failure.function;
  if (!failure.backtrace.empty()) problem.notes.push_back(backtrace_note(failure.backtrace));
  return problem;
}

}  // namespace tenon

namespace tenon::linker {

namespace {

// The span that holds a byte of the composed component.
template <class Span>
const Span* find_span(const std::vector<Span>& spans, std::uint64_t offset) {
  const auto found = std::find_if(spans.begin(), spans.end(), [offset](const Span& span) {
    return offset >= span.bytes.begin && offset < span.bytes.end;
  });
  return found == spans.end() ? nullptr : &*found;
}

// Of the instruction itself, also where it was inlined from another function.
std::string source_of(const engine::Frame& frame) {
  if (frame.sources.empty() || frame.sources.front().file.empty()) return {};
  const engine::SourcePosition& at = frame.sources.front();
  if (at.line == 0) return at.file;
  return at.column == 0 ? fmt::format("{}:{}", at.file, at.line)
                        : fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

// How many frames, from the innermost on, are those of a stub and of the adapter that called it;
// then the failure is its caller's.
std::size_t take_stub_frames(CallFailure& described, const engine::Failure& failure,
                             const Spans& spans) {
  std::size_t count = 0;
  for (const engine::Frame& frame : failure.frames) {
    const compose::StubSpan* stub =
        frame.component_offset ? find_span(spans.stubs, *frame.component_offset) : nullptr;
    const bool is_adapter = !frame.component_offset && frame.function.empty();
    if (stub == nullptr && (count == 0 || !is_adapter)) break;
    if (count++ > 0) continue;
    described.kind = CallFailure::Kind::OpenImport;
    described.import = stub->import;
    described.message = fmt::format("`{}`", frame.function.empty() ? stub->import : frame.function);
  }
  return count;
}

}  // namespace

CallFailure describe_failure(const engine::Failure& failure, const Spans& spans) {
  CallFailure described;
  described.kind = failure.kind == engine::FailureKind::Error ? CallFailure::Kind::Engine
                                                              : CallFailure::Kind::Trap;
  described.message =
      failure.kind == engine::FailureKind::Exit
          ? fmt::format("it exited with code {} where it should have returned", failure.exit_code)
          : failure.message;
  for (std::size_t i = take_stub_frames(described, failure, spans); i < failure.frames.size();
       ++i) {
    const engine::Frame& frame = failure.frames[i];
    CallFailure::Frame shown;
    shown.function = frame.function;
    shown.module = frame.module;
    shown.source = source_of(frame);
    if (frame.component_offset) {
      if (const auto* unit = find_span(spans.units, *frame.component_offset)) {
        shown.unit = unit->unit;
        shown.offset = *frame.component_offset - unit->bytes.begin;
      }
    }
    if (described.unit.empty()) described.unit = shown.unit;
    described.backtrace.push_back(std::move(shown));
  }
  return described;
}

}  // namespace tenon::linker
