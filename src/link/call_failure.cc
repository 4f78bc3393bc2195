#include "link/call_failure.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::link {

namespace {

// The span that holds a byte of the composed component.
template <class Span>
const Span* find_span(const std::vector<Span>& spans, std::uint64_t offset) {
  const auto span_match = std::find_if(spans.begin(), spans.end(), [offset](const Span& span) {
    return offset >= span.bytes.begin && offset < span.bytes.end;
  });
  return span_match == spans.end() ? nullptr : &*span_match;
}

// The location of the instruction itself, even if it was inlined from another function.
std::string source_of(const engine::GuestFrame& frame) {
  if (frame.sources.empty() || frame.sources.front().file.empty()) return {};
  const engine::SourcePosition& at = frame.sources.front();
  if (at.line == 0) return at.file;
  return at.column == 0 ? fmt::format("{}:{}", at.file, at.line)
                        : fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

// Code of the engine between two components.
bool is_adapter_frame(const engine::GuestFrame& frame) {
  return !frame.component_offset && frame.function.empty();
}

// The unit that a frame is in, with the offset in its binary.
struct FramePlace {
  std::string_view unit;
  std::uint64_t offset = 0;
};

// Finds the units of frames.
class FrameFinder final {
 public:
  FrameFinder(const engine::Failure& failure, const Spans& spans,
              std::span<const std::uintptr_t> modules)
      : frames_(failure.frames), spans_(spans), modules_(modules) {}

  // None for code of the engine. If several units have the module, it is the one that the next frame
  // without doubt belongs to: calls to other units pass through adapters.
  [[nodiscard]] std::optional<FramePlace> find(std::size_t frame) const {
    const std::vector<FramePlace> places = list(frame);
    if (places.empty()) return std::nullopt;
    if (places.size() == 1) return places.front();
    // Outwards, then inwards: the index wraps around below zero.
    for (const std::size_t step : {std::size_t{1}, ~std::size_t{0}})
      for (std::size_t i = frame + step; i < frames_.size() && !is_adapter_frame(frames_[i]);
           i += step) {
        const std::vector<FramePlace> others = list(i);
        if (others.size() != 1) continue;
        const auto same = std::ranges::find(places, others.front().unit, &FramePlace::unit);
        if (same != places.end()) return *same;
        break;
      }
    return places.front();
  }

 private:
  [[nodiscard]] std::vector<FramePlace> list(std::size_t index) const {
    const engine::GuestFrame& frame = frames_[index];
    if (!frame.component_offset) return {};
    std::vector<FramePlace> places;
    if (const auto module = std::ranges::find(modules_, frame.code); module != modules_.end()) {
      for (const compose::UnitModule& place : spans_.modules)
        if (place.module == module - modules_.begin())
          places.push_back({place.unit, place.bytes.begin + *frame.component_offset});
    } else if (const auto* unit = find_span(spans_.units, *frame.component_offset)) {
      places.push_back({unit->unit, *frame.component_offset - unit->bytes.begin});
    }
    return places;
  }

  const std::vector<engine::GuestFrame>& frames_;
  const Spans& spans_;
  std::span<const std::uintptr_t> modules_;
};

// The number of innermost frames that belong to a stub and the adapter that called it. The failure
// is then attributed to the caller.
std::size_t take_stub_frames(CallFailure& described, const engine::Failure& failure,
                             const Spans& spans, std::span<const std::uintptr_t> modules) {
  std::size_t count = 0;
  for (const engine::GuestFrame& frame : failure.frames) {
    const bool is_composed = std::ranges::find(modules, frame.code) == modules.end();
    const compose::StubSpan* stub = frame.component_offset && is_composed
                                        ? find_span(spans.stubs, *frame.component_offset)
                                        : nullptr;
    const bool is_adapter = is_adapter_frame(frame);
    if (stub == nullptr && (count == 0 || !is_adapter)) break;
    if (count++ > 0) continue;
    described.kind = CallFailure::Kind::OpenImport;
    described.import = stub->import;
    // The engine takes the name of a function of no interface for a symbol of C++: `f` for `float`.
    const bool is_whole = frame.function.find('#') != std::string::npos;
    described.message = fmt::format("`{}`", is_whole ? frame.function : stub->import);
  }
  return count;
}

}  // namespace

CallFailure describe_failure(const engine::Failure& failure, const Spans& spans,
                             std::span<const std::uintptr_t> modules) {
  CallFailure described;
  described.message = failure.message;
  switch (failure.kind) {
    case engine::FailureKind::Error:
    case engine::FailureKind::NotEntered:
      described.kind = CallFailure::Kind::Engine;
      break;
    case engine::FailureKind::Panic:
      described.kind = CallFailure::Kind::Engine;
      described.message += "; this is a bug in tenon: please report it with the components";
      break;
    case engine::FailureKind::Interrupted:
      described.kind = CallFailure::Kind::Deadline;
      described.message = "its deadline passed";
      break;
    case engine::FailureKind::Exit:
      described.message =
          fmt::format("it exited with code {} instead of returning", failure.exit_code);
      break;
    case engine::FailureKind::OutOfFuel:
      described.message = "its fuel is used up";
      break;
    case engine::FailureKind::Trap:
      break;
  }
  const FrameFinder finder(failure, spans, modules);
  for (std::size_t i = take_stub_frames(described, failure, spans, modules);
       i < failure.frames.size(); ++i) {
    const engine::GuestFrame& frame = failure.frames[i];
    CallFailure::Frame shown;
    shown.function = frame.function;
    shown.module = frame.module;
    shown.source = source_of(frame);
    if (!is_adapter_frame(frame)) shown.function_index = frame.function_index;
    if (const std::optional<FramePlace> place = finder.find(i)) {
      shown.unit = place->unit;
      shown.offset = place->offset;
    }
    if (described.unit.empty()) described.unit = shown.unit;
    described.backtrace.push_back(std::move(shown));
  }
  // An adapter can be inlined into its caller.
  const bool is_in_adapter =
      !failure.frames.empty() && (is_adapter_frame(failure.frames.front()) ||
                                  failure.frames.front().inlined == engine::Inlined::Yes);
  if (is_in_adapter && described.kind == CallFailure::Kind::Trap && spans.calls)
    blame_unit(described, failure, *spans.calls);
  return described;
}

}  // namespace tenon::link
