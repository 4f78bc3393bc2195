#include "middleware/call_text.h"

#include "runtime/observer.h"
#include "tenon/value.h"

namespace tenon::middleware {

namespace {

// Of each argument, and of the result.
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

}  // namespace tenon::middleware
