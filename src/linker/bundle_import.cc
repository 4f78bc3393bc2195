#include "linker/bundle_import.h"

#include <fmt/core.h>

#include <optional>
#include <span>
#include <utility>

#include "host/native_values.h"
#include "linker/no_handles.h"
#include "runtime/active_call.h"
#include "support/check.h"
#include "tenon/detail/call_port.h"
#include "value/arena_value.h"

namespace tenon::linker {

namespace {

using Answer = CallResult<std::optional<Value>>;
using host::NativeEnd;

// Packages pass no resources.
class NoReps final : public host::RepExchange {
 public:
  void* take(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override {
    TENON_CHECK(false);
    return nullptr;
  }
  abi::ResourceToken give(void* /*rep*/, abi::HandlePart /*part*/) override {
    TENON_CHECK(false);
    return {};
  }
};

class FromBundle final : public ValueImport {
 public:
  explicit FromBundle(BundleImportParts parts)
      : ValueImport(parts.type, parts.package),
        parts_(std::move(parts)),
        values_(value::ValueProgram::make(parts_.type, parts_.shape->program.layout())) {}

 private:
  Answer call_values(std::span<const Value> arguments) override {
    if (!runtime::ActiveCall::has_native_room()) return trap(runtime::ActiveCall::kNoNativeRoom);
    NoHandles handles;
    abi::ValueArena params;
    const Result<std::uint32_t> at = values_.write_params(arguments, params, handles);
    if (!at) return detail::refuse_call(parts_.name, at.error());
    tenon_call call;
    if (const runtime::Deadline* const deadline = runtime::ActiveCall::innermost_deadline())
      call.deadline = deadline->at;
    NoReps reps;
    const auto native =
        host::read_native_params(values_, {.arena = params, .address = *at}, call.memory, reps);
    if (!native) return trap("its params take too much memory");
    tenon_value result = {};
    const NativeEnd end = parts_.instance->call(*parts_.function, call, *native, result);
    if (end.kind == NativeEnd::Kind::WaitedTooLong)
      return overrun("another call had its library until the deadline");
    if (end.kind == NativeEnd::Kind::Trapped) return trap(end.text);
    if (call.deadline && runtime::Clock::now() >= *call.deadline)
      return overrun("the native function ran past the deadline");
    if (!values_.result().is_valid()) return std::optional<Value>();
    abi::ValueArena arena;
    const auto written = host::write_native_result(values_, result, arena, reps);
    if (!written)
      return trap(
          fmt::format("it returned {}, at {}", written.error().message, written.error().path));
    if (!values_.result_fits(*written, arena, limits::kReadValueBytes))
      return trap(
          fmt::format("its result takes more than {} bytes of memory", limits::kReadValueBytes));
    return std::optional(values_.read_result(*written, arena, handles));
  }

  [[nodiscard]] CallFailure trap(const std::string& why) const {
    CallFailure failure;
    failure.kind = CallFailure::Kind::Trap;
    failure.unit = parts_.instance->name();
    failure.function = parts_.name;
    failure.message = fmt::format("`{}` of host `{}`: {}", parts_.name, failure.unit, why);
    return failure;
  }

  [[nodiscard]] CallFailure overrun(const char* why) const {
    return overrun_failure(parts_.instance->name(), parts_.name, why);
  }

  BundleImportParts parts_;
  value::ValueProgram values_;
};

}  // namespace

std::shared_ptr<packr::PackageImport> import_from_bundle(BundleImportParts parts) {
  return std::make_shared<FromBundle>(std::move(parts));
}

CallFailure overrun_failure(const std::string& unit, const std::string& function, std::string why) {
  const runtime::Deadline* const deadline = runtime::ActiveCall::innermost_deadline();
  TENON_CHECK(deadline != nullptr);
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.unit = unit;
  failure.function = function;
  failure.message = std::move(why);
  failure.domain = deadline->domain;
  failure.limits.emplace_back(deadline->key);
  return failure;
}

}  // namespace tenon::linker
