#include "host/bundle_function.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "abi/flat_types.h"
#include "host/completion.h"
#include "host/native_values.h"
#include "host/resource_exchange.h"
#include "runtime/active_call.h"
#include "runtime/late_answer.h"
#include "runtime/resource_table.h"
#include "support/counted.h"
#include "value/scalar_kind.h"

namespace tenon::host {

namespace {

constexpr std::size_t kMaxFlat = abi::kMaxFlatParams;

}  // namespace

struct BundleFunction::Scratch {
  abi::ValueArena params;  // strings and lists of numbers are views of the caller's memory
  abi::ValueArena result;
  Deferral deferral;
  tenon_call call = {.deferral = &deferral};

  explicit Scratch(const BundleFunctionParts& parts)
      : deferral{parts.shape, *parts.instance, parts.function->self} {
    params.take_views();
  }
};

BundleFunction::BundleFunction(BundleFunctionParts parts, runtime::Shared& shared)
    : parts_(std::move(parts)), shared_(shared) {
  find_numbers();
}

BundleFunction::~BundleFunction() = default;

void BundleFunction::find_numbers() {
  std::vector<TypeKind> kinds;
  const Arena<abi::Layout>& layouts = layout().layouts;
  for (const abi::LayoutPart& part : layouts[layout().params].parts)
    kinds.push_back(layouts[*part.layout].kind);
  const std::size_t params = kinds.size();
  has_result_ = layout().result.has_value();
  if (has_result_) kinds.push_back(layouts[*layout().result].kind);
  is_flat_ = params <= kMaxFlat && std::ranges::all_of(kinds, value::is_scalar);
  if (!is_flat_) return;
  for (const TypeKind kind : kinds) numbers_.push_back(FlatNumber::make(kind));
}

void BundleFunction::start(call::Call& call) {
  if (runtime::ActiveCall::has_native_room()) return start_here(call);
  if (!runtime::ActiveCall::run_on_new_stack([&] { start_here(call); }))
    call.finish(trap(runtime::ActiveCall::kNoNativeRoom));
}

void BundleFunction::start_here(call::Call& call) {
  if (depth_ == scratch_.size()) scratch_.push_back(std::make_unique<Scratch>(parts_));
  Scratch& scratch = *scratch_[depth_];
  scratch.call.clear();
  if (call.bounds() != nullptr && call.bounds()->deadline)
    scratch.call.deadline = call.bounds()->deadline->at;
  const Counted nested(depth_);
  try {
    std::array<std::uint64_t, kMaxFlat> flat;
    if (is_flat_ && parts_.shape->program.copy_flat_params(call.flat_params(), std::span(flat)))
      start_flat(call, flat, scratch);
    else
      start_with_memory(call, scratch);
  } catch (const std::bad_alloc&) {
    // Nobody waits for it.
    if (scratch.call.completion != nullptr) cancel(*scratch.call.completion);
    throw;
  }
}

void BundleFunction::start_flat(call::Call& call, std::span<const std::uint64_t> flat,
                                Scratch& scratch) {
  std::array<tenon_value, kMaxFlat> params;
  const std::size_t count = numbers_.size() - (has_result_ ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) numbers_[i].store(flat[i], params[i]);
  tenon_value result = {};
  const NativeEnd end =
      parts_.instance->call(*parts_.function, scratch.call, std::span(params).first(count), result);
  if (end.kind != NativeEnd::Kind::Returned) return fail(call, end, scratch);
  if (scratch.call.completion != nullptr) return defer(call, scratch);
  if (!has_result_) return finish(call, scratch);
  const FlatNumber& number = numbers_.back();
  const std::array bits = {result.of.u};
  if (number.fits(result) && parts_.shape->program.copy_flat_result(bits, call.flat_result()))
    return finish(call, scratch);
  give(call, result, scratch);
}

void BundleFunction::start_with_memory(call::Call& call, Scratch& scratch) {
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  scratch.params.clear();
  const auto lifted = parts_.shape->program.lift_params(*params, scratch.params);
  if (!lifted) {
    call.break_off(lifted.error());
    return call.finish();
  }
  runtime::Transit transit(shared_.resources);
  ResourceExchange resources(*parts_.shape, *parts_.instance, shared_, transit);
  const auto arguments =
      read_native_params(layout(),
                         {.arena = scratch.params,
                          .address = *lifted,
                          .caller_memory = params->guest.memory(),
                          .has_text_views = params->guest.encoding() == abi::Encoding::Utf8},
                         scratch.call.memory, resources);
  if (!arguments) return call.finish(trap("its parameters exceed the memory limit of a call"));
  tenon_value result = {};
  const NativeEnd end = parts_.instance->call(*parts_.function, scratch.call, *arguments, result);
  if (end.kind != NativeEnd::Kind::WaitedTooLong) resources.give_taken();
  if (end.kind != NativeEnd::Kind::Returned) return fail(call, end, scratch);
  if (scratch.call.completion != nullptr) return defer(call, scratch);
  if (!has_result_) return finish(call, scratch);
  give(call, result, scratch);
}

void BundleFunction::give(call::Call& call, const tenon_value& result, Scratch& scratch) {
  scratch.result.clear();
  runtime::Transit transit(shared_.resources);
  ResourceExchange resources(*parts_.shape, *parts_.instance, shared_, transit);
  const auto given = give_native_result(layout(), result, scratch.result, resources);
  if (!given) return call.finish(trap(describe(given.error())));
  const auto passed = call.give_result(abi::From::memory(scratch.result, *given));
  if (!passed && !call.is_broken_off())
    return call.finish(
        trap(fmt::format("its result cannot be passed: {}", abi::describe(passed.error()))));
  finish(call, scratch);
}

// A call that native code ends later.
class BundleFunction::DeferredCall final : public runtime::LateAnswer {
 public:
  DeferredCall(BundleFunction& function, call::Call& call, std::shared_ptr<Completion> completion)
      : LateAnswer(call, function.shared_),
        function_(function),
        completion_(std::move(completion)) {}

  void run() {
    if (completion_->wait(reporter())) return give();
    wait();
  }

 private:
  ~DeferredCall() override { function_.cancel(*completion_); }

  void give() override {
    Completion::Answer answer = completion_->take_answer();
    if (answer.trap) return end(function_.trap(*answer.trap));
    if (!function_.has_result_) return end();
    runtime::Transit transit(function_.shared_.resources);
    ResourceExchange resources(*function_.parts_.shape, *function_.parts_.instance,
                               function_.shared_, transit);
    give_handles(answer.result, answer.arena, resources);
    const auto passed = call().give_result(answer.arena, answer.result.address);
    if (passed || call().is_broken_off()) return end();
    end(function_.trap(
        fmt::format("its result cannot be passed: {}", abi::describe(passed.error()))));
  }

  BundleFunction& function_;
  std::shared_ptr<Completion> completion_;
};

void BundleFunction::defer(call::Call& call, Scratch& scratch) {
  DeferredCall::begin(new DeferredCall(*this, call, scratch.call.completion));
  scratch.call.completion = nullptr;
}

void BundleFunction::cancel(Completion& completion) {
  const std::optional<Completion::Answer> unwanted = completion.cancel();
  if (!unwanted) return;
  // The library has given its resources away.
  runtime::Transit transit(shared_.resources);
  ResourceExchange resources(*parts_.shape, *parts_.instance, shared_, transit);
  drop_handles(unwanted->result.handles, resources);
}

void BundleFunction::finish(call::Call& call, const Scratch& scratch) const {
  if (scratch.call.deadline && call::Clock::now() >= *scratch.call.deadline)
    return call.finish(overrun(call, "the native function ran past the deadline"));
  call.finish();
}

void BundleFunction::fail(call::Call& call, const NativeEnd& end, Scratch& scratch) {
  if (scratch.call.completion != nullptr) cancel(*std::exchange(scratch.call.completion, nullptr));
  if (end.kind == NativeEnd::Kind::WaitedTooLong)
    return call.finish(overrun(call, "another call used the library until the deadline"));
  call.finish(trap(end.text));
}

CallFailure BundleFunction::trap(const std::string& why) const {
  CallFailure failure;
  failure.function = parts_.name;
  failure.message = fmt::format("`{}` of host `{}`: {}", parts_.name, parts_.instance->name(), why);
  return failure;
}

// REQUIRES: the call has a deadline
CallFailure BundleFunction::overrun(const call::Call& call, std::string why) const {
  const call::Deadline& deadline = *call.bounds()->deadline;
  CallFailure failure;
  failure.kind = CallFailure::Kind::Deadline;
  failure.unit = parts_.instance->name();
  failure.function = parts_.name;
  failure.message = std::move(why);
  failure.domain = deadline.domain;
  failure.limits.emplace_back(deadline.key);
  return failure;
}

}  // namespace tenon::host
