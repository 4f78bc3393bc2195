#include "call/on_failure.h"

#include <cstring>
#include <string>

#include "support/utf8.h"

namespace tenon::call {

namespace {

void store(abi::ValueArena& arena, std::uint32_t address, std::uint32_t value, std::uint32_t size) {
  std::memcpy(arena.memory().data() + address, &value, size);
}

const abi::Layout& error_layout(const abi::FunctionLayout& layout) {
  return layout.layouts[*layout.layouts[*layout.result].parts[1].layout];
}

std::optional<std::uint32_t> write_failure(const abi::FunctionLayout& layout,
                                           std::optional<std::uint32_t> error_case,
                                           std::string_view text, abi::ValueArena& arena) {
  const abi::Layout& result = layout.layouts[*layout.result];
  const auto address = arena.allocate(result.size, result.align);
  if (!address) return std::nullopt;
  std::memset(arena.memory().data() + *address, 0, result.size);
  store(arena, *address, 1, result.discriminant_size);
  std::uint32_t at = *address + result.parts[1].offset;
  if (error_case) {
    const abi::Layout& error = error_layout(layout);
    store(arena, at, *error_case, error.discriminant_size);
    const abi::LayoutPart& chosen = error.parts[*error_case];
    if (!chosen.layout) return *address;
    at += chosen.offset;
  }
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto bytes = arena.allocate(length, 1);
  if (!bytes) return std::nullopt;
  std::memcpy(arena.memory().data() + *bytes, text.data(), length);
  store(arena, at, *bytes, 4);
  store(arena, at + 4, length, 4);
  return *address;
}

}  // namespace

// Where the failure goes in the result: its discriminant is 1 (`err`), then either a string follows,
// or the discriminant of a case, and its string if it has one.
WriteFailure find_failure_value(const FunctionShape& shape, std::string_view error_case) {
  const abi::FunctionLayout& layout = shape.program.layout();
  const abi::Layout& error = error_layout(layout);
  if (error.shape == abi::Shape::String)
    return [&layout](std::string_view text, abi::ValueArena& arena) {
      return write_failure(layout, std::nullopt, text, arena);
    };
  if (error.shape != abi::Shape::Variant || error_case.empty()) return {};
  for (std::uint32_t i = 0; i < error.parts.size(); ++i) {
    const abi::LayoutPart& part = error.parts[i];
    if (abi::label_of(error, part) != error_case) continue;
    if (!part.layout || layout.layouts[*part.layout].shape == abi::Shape::String)
      return [&layout, i](std::string_view text, abi::ValueArena& arena) {
        return write_failure(layout, i, text, arena);
      };
  }
  return {};
}

bool is_failure_of_callee(const CallFailure& failure) {
  switch (failure.kind) {
    case CallFailure::Kind::Trap:
    case CallFailure::Kind::OpenImport:
    case CallFailure::Kind::Deadline:
    case CallFailure::Kind::Deadlock:
    case CallFailure::Kind::Ended:
    case CallFailure::Kind::GuestError:
    case CallFailure::Kind::Remote:
    case CallFailure::Kind::Refused:
      return !failure.is_wait;
    case CallFailure::Kind::Reentrance:
    case CallFailure::Kind::Engine:
    case CallFailure::Kind::BadCall:
    case CallFailure::Kind::Interrupted:
      return false;
  }
  return false;
}

namespace {

// The text with U+FFFD in place of each byte that is not UTF-8.
std::string replace_bad_utf8(std::string_view text) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  std::string good;
  while (const auto bad = find_bad_utf8(text)) {
    good += text.substr(0, *bad);
    append_utf8(good, kReplacement);
    text.remove_prefix(*bad + 1);
  }
  return good.append(text);
}

class FailureHook final : public CallHook {
 public:
  explicit FailureHook(const WriteFailure& write) : write_(write) {}

  void change_outcome(Call& call, CallResult<void>& outcome) override {
    if (outcome || call.is_broken_off() || !is_failure_of_callee(outcome.error())) return;
    call.drop_params();
    const CallFailure& failure = outcome.error();
    // The text of a trap of native code can have any bytes.
    const std::string text = replace_bad_utf8(failure.kind == CallFailure::Kind::GuestError
                                                  ? failure.message
                                                  : failure_diagnostic(failure).message);
    const std::optional<std::uint32_t> written = write_(text, arena_);
    if (written && call.give_substitute(abi::From::memory(arena_, *written)))
      outcome = CallResult<void>();
  }

 private:
  const WriteFailure& write_;
  abi::ValueArena arena_;
};

}  // namespace

void OnFailure::start(Call& call) {
  if (call.ends_later()) {
    call.add_hook(std::make_unique<FailureHook>(write_));
    return callee_->start(call);
  }
  FailureHook hook(write_);
  call.add_hook(hook);
  callee_->start(call);
}

}  // namespace tenon::call
