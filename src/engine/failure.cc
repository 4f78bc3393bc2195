#include "engine/failure.h"

#include <string_view>

#include "support/diagnostics.h"

namespace tenon::engine {

namespace {

std::string describe(const Frame& frame) {
  std::string text = frame.function.empty() ? fmt::format("function {}", frame.function_index)
                                            : fmt::format("`{}`", frame.function);
  if (frame.inlined == Inlined::Yes) text = "inlined in " + text;
  if (!frame.module.empty()) text += fmt::format(" of module `{}`", frame.module);
  if (frame.component_offset) text += fmt::format(", byte {:#x}", *frame.component_offset);
  return text;
}

std::string describe(const SourcePosition& source) {
  std::string text = source.file;
  if (source.line != 0) text += fmt::format(":{}", source.line);
  if (source.line != 0 && source.column != 0) text += fmt::format(":{}", source.column);
  if (!source.function.empty()) text += fmt::format(" in `{}`", source.function);
  return text;
}

std::string_view opening(FailureKind kind) {
  switch (kind) {
    case FailureKind::Trap:
      return "the guest trapped";
    case FailureKind::Interrupted:
      return "the guest was interrupted";
    case FailureKind::OutOfFuel:
      return "the guest ran out of fuel";
    case FailureKind::Exit:
      return "the guest exited where it should have returned";
    case FailureKind::Error:
      return "the guest could not be run";
  }
  return "";
}

}  // namespace

Diagnostic failure_diagnostic(const Failure& failure) {
  const Code code = failure.kind == FailureKind::Error ? Code::RunEngine : Code::RunTrap;
  Diagnostic made = make_diagnostic(code, "{}: {}", opening(failure.kind), failure.message);
  for (std::size_t i = 0; i < failure.frames.size(); ++i) {
    const Frame& frame = failure.frames[i];
    Note note;
    note.text = fmt::format("frame {}: {}", i, describe(frame));
    for (const SourcePosition& source : frame.sources) {
      note.excerpt.lines.push_back(describe(source));
    }
    note.related.offset = frame.component_offset;
    made.notes.push_back(std::move(note));
  }
  return made;
}

}  // namespace tenon::engine
