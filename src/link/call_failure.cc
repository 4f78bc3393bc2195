#include "link/call_failure.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::link {

namespace {

// Whether a byte of the composed component is in a span.
bool has_byte(const binary::ByteSpan& span, std::uint64_t offset) {
  return offset >= span.begin && offset < span.end;
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
  std::set<std::string_view> possible =
      {};  // if it is not known which unit it is: all that it can be
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
    FramePlace first = places.front();
    for (const FramePlace& place : places) first.possible.insert(place.unit);
    return first;
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
    } else {
      // Units of one binary have one span.
      for (const compose::UnitSpan& unit : spans_.units)
        if (has_byte(unit.bytes, *frame.component_offset))
          places.push_back({unit.unit, *frame.component_offset - unit.bytes.begin});
    }
    return places;
  }

  const std::vector<engine::GuestFrame>& frames_;
  const Spans& spans_;
  std::span<const std::uintptr_t> modules_;
};

// A call of a stub.
struct StubCall {
  const compose::StubSpan* stub = nullptr;  // null: there is none
  // The innermost frames that belong to the stub and the adapter that called it. The failure is
  // attributed to the caller.
  std::size_t frames = 0;
};

StubCall find_stub_call(const engine::Failure& failure, const Spans& spans,
                        std::span<const std::uintptr_t> modules) {
  StubCall call;
  for (const engine::GuestFrame& frame : failure.frames) {
    const bool is_composed = std::ranges::find(modules, frame.code) == modules.end();
    const auto stub = std::ranges::find_if(spans.stubs, [&](const compose::StubSpan& span) {
      return frame.component_offset && is_composed && has_byte(span.bytes, *frame.component_offset);
    });
    const bool is_stub = stub != spans.stubs.end();
    if (!is_stub && (call.frames == 0 || !is_adapter_frame(frame))) break;
    if (call.frames++ == 0 && is_stub) call.stub = &*stub;
  }
  return call;
}

// function: that of the stub.
void describe_stub_call(CallFailure& described, const compose::StubSpan& stub,
                        const std::string& function) {
  described.kind = CallFailure::Kind::OpenImport;
  described.import = stub.import;
  // The engine takes the name of a function of no interface for a symbol of C++: `f` for `float`.
  const bool is_whole = function.find('#') != std::string::npos;
  described.message = fmt::format("`{}`", is_whole ? function : stub.import);
  // A unit that passes the import on has no frame.
  using TrapWire = resolve::CompositionImport::TrapWire;
  const auto wire = described.unit.empty()
                        ? stub.wires.begin()
                        : std::ranges::find(stub.wires, described.unit, &TrapWire::unit);
  if (wire != stub.wires.end()) described.wire = wire->wire;
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
  const StubCall call = find_stub_call(failure, spans, modules);
  for (std::size_t i = call.frames; i < failure.frames.size(); ++i) {
    const engine::GuestFrame& frame = failure.frames[i];
    CallFailure::Frame shown;
    shown.function = frame.function;
    shown.module = frame.module;
    shown.source = source_of(frame);
    if (!is_adapter_frame(frame)) shown.function_index = frame.function_index;
    const std::optional<FramePlace> place = finder.find(i);
    if (place) {
      shown.unit = place->unit;
      shown.offset = place->offset;
    }
    if (described.unit.empty()) {
      described.unit = shown.unit;
      if (place && place->possible.size() > 1)
        described.message += fmt::format(", in code of one of {}", name_units(place->possible));
    }
    described.backtrace.push_back(std::move(shown));
  }
  if (call.stub != nullptr)
    describe_stub_call(described, *call.stub, failure.frames.front().function);
  // An adapter can be inlined into its caller.
  const bool has_no_frame =
      !failure.frames.empty() && (is_adapter_frame(failure.frames.front()) ||
                                  failure.frames.front().inlined == engine::Inlined::Yes);
  if (has_no_frame && described.kind == CallFailure::Kind::Trap && spans.calls)
    blame_unit(described, failure, *spans.calls);
  return described;
}

}  // namespace tenon::link
