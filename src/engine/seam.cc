#include "engine/seam.h"

#include "tenon/inspect.h"

namespace tenon::engine {

namespace {

using FailureHandle = std::unique_ptr<tnengine_failure_t, Deleter<tnengine_failure_delete>>;
using ProblemHandle = std::unique_ptr<tnengine_problem_t, Deleter<tnengine_problem_delete>>;

FailureKind failure_kind(std::uint8_t kind) {
  switch (kind) {
    case TNENGINE_FAILURE_TRAP:
      return FailureKind::Trap;
    case TNENGINE_FAILURE_INTERRUPTED:
      return FailureKind::Interrupted;
    case TNENGINE_FAILURE_OUT_OF_FUEL:
      return FailureKind::OutOfFuel;
    case TNENGINE_FAILURE_EXIT:
      return FailureKind::Exit;
    case TNENGINE_FAILURE_PANIC:
      return FailureKind::Panic;
    default:
      return FailureKind::Error;
  }
}

GuestFrame frame_of(const tnengine_failure_t& failure, std::size_t index,
                    const tnengine_frame_t& view) {
  GuestFrame frame;
  frame.function = to_text(view.function);
  frame.module = to_text(view.module);
  frame.function_index = view.function_index;
  frame.code = view.image;
  if (view.has_offset) frame.component_offset = view.offset;
  frame.inlined = view.is_inlined ? Inlined::Yes : Inlined::No;
  for (std::size_t i = 0; i < view.source_count; ++i) {
    tnengine_source_t source = {};
    if (!tnengine_failure_source(&failure, index, i, &source)) break;
    frame.sources.push_back({.function = std::string(to_text(source.function)),
                             .file = std::string(to_text(source.file)),
                             .line = source.line,
                             .column = source.column});
  }
  return frame;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

}  // namespace

std::vector<std::uint8_t> OwnedBytes::to_vector() const { return {view().begin(), view().end()}; }

std::string OwnedBytes::to_string() const { return {view().begin(), view().end()}; }

std::vector<std::uint8_t> to_vector(const SerializedCode& image) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(image.view().data());
  return {first, first + image.view().size()};
}

tnengine_slice_t to_slice(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

tnengine_slice_t to_slice(std::span<const std::uint8_t> bytes) {
  return {bytes.data(), bytes.size()};
}

std::string_view to_text(tnengine_slice_t slice) {
  return {reinterpret_cast<const char*>(slice.data), slice.size};
}

tnengine_guest_t* raw(const GuestSide& side) {
  return static_cast<tnengine_guest_t*>(side.guest());
}

tnengine_place_t raw(HandlePlace place) {
  switch (place.where) {
    case HandlePlace::Where::Flat:
      return {.at = place.at, .kind = TNENGINE_PLACE_SLOT};
    case HandlePlace::Where::Memory:
      return {.at = place.at, .kind = TNENGINE_PLACE_MEMORY};
    case HandlePlace::Where::ResultBytes:
      return {.at = place.at, .kind = TNENGINE_PLACE_RESULT};
  }
  return {};
}

Diagnostic take_problem(Code code, tnengine_problem_t* problem) {
  const ProblemHandle owned(problem);
  tnengine_problem_view_t view = {};
  tnengine_problem_get(problem, &view);
  Diagnostic diagnostic = make_diagnostic(code, "{}", to_text(view.message));
  diagnostic.where.file = to_text(view.file);
  if (view.has_offset) diagnostic.where.offset = view.offset;
  diagnostic.where.line = view.line;
  diagnostic.where.column = view.column;
  diagnostic.excerpt.lines = split_lines(to_text(view.excerpt));
  if (view.note.size != 0) diagnostic.notes.push_back({std::string(to_text(view.note)), {}, {}});
  if (view.hint.size != 0) diagnostic.hints.emplace_back(to_text(view.hint));
  if (view.cause == TNENGINE_CAUSE_SWITCHED_OFF)
    diagnostic.hints.push_back(
        fmt::format("the file is valid but uses a feature that the engine, {}, does not enable: "
                    "build it without that feature",
                    tenon::engine_version()));
  if (view.cause == TNENGINE_CAUSE_PANIC)
    diagnostic.hints.emplace_back("this is a bug in tenon: please report it, with the file");
  return diagnostic;
}

Failure take_failure(wasmtime_error_t* error) {
  const FailureHandle owned(tnengine_failure_new(error));
  tnengine_failure_view_t view = {};
  tnengine_failure_get(owned.get(), &view);
  Failure failure;
  failure.kind = failure_kind(view.kind);
  failure.exit_code = view.exit_code;
  if (view.has_payload) failure.payload = view.payload;
  try {
    failure.message = to_text(view.message);
    for (std::size_t i = 0; i < view.frame_count; ++i) {
      tnengine_frame_t frame = {};
      if (!tnengine_failure_frame(owned.get(), i, &frame)) break;
      failure.frames.push_back(frame_of(*owned, i, frame));
    }
  } catch (const std::bad_alloc&) {
    // A failure ends a domain, so it must reach it, if without its stack.
    if (failure.message.empty()) failure.message = kOutOfMemory;
  }
  return failure;
}

Failure StoreEntry::refusal() {
  return Failure{.kind = FailureKind::Error,
                 .message = "a host function cannot enter the store that called it"};
}

Diagnostic take_error(Code code, std::string_view what, wasmtime_error_t* error) {
  return make_diagnostic(code, "{}: {}", what, take_failure(error).message);
}

}  // namespace tenon::engine
