#include "packr/package_function.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "support/terminal_text.h"
#include "support/try.h"
#include "support/utf8.h"

namespace tenon::packr {

namespace {

using engine::CallError;
using engine::Failure;

// What a package says of its error is shown up to here.
constexpr std::size_t kShownText = 4096;

std::string read_text(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kShownText));
  if (text.empty()) return "it said nothing";
  return sanitize_text(text);
}

// Messages between others have no handles that mean anything to either.
bool shares_buffers(const PackageBody& one, const PackageBody& other) {
  return one.uses_buffers() || other.uses_buffers();
}

std::string describe(const BufferError& error) {
  return error.is_full
             ? "a package has no numbers for buffers left"
             : fmt::format("it passed the buffer {}, which it does not have", error.handle);
}

}  // namespace

class PackageCall final : public runtime::BodyCall {
 public:
  PackageCall(PackageFunction& function, std::span<const std::uint8_t> params, PackageBody* caller,
              ResultSink& sink)
      : function_(function), params_(params), caller_(caller), sink_(sink) {}

  Result<void, Failure> run(engine::Store& store) override {
    auto& body = static_cast<PackageBody&>(function_.domain_.body());
    const std::uint64_t life = function_.domain_.life();
    if (function_.life_ != life || !function_.found_) {
      TENON_TRY(const engine::CoreFunction found, body.find_function(store, function_.name_));
      function_.found_.emplace(found);
      function_.life_ = life;
    }
    translate(body);
    if (bad_buffer_) return {};
    TENON_TRY(const PackageBody::Returned returned, body.call(store, *function_.found_, params_));
    if (returned.status == 0)
      (void)sink_.take(body, returned.bytes);
    else if (returned.status < 0)
      error_ = read_text(returned.bytes);
    else
      return Failure{.kind = engine::FailureKind::Trap,
                     .message = fmt::format("it returned the status {}, which means nothing",
                                            returned.status)};
    body.drop_lent_buffers();
    return body.release(store, returned);
  }

  // What the package said instead of a result.
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  // What the caller did wrong.
  [[nodiscard]] const std::optional<BufferError>& bad_buffer() const { return bad_buffer_; }

 private:
  // A copy with handles of this package, if there are any to be changed.
  void translate(PackageBody& body) {
    if (caller_ == nullptr || !shares_buffers(*caller_, body) || !has_buffers(params_)) return;
    copy_.assign(params_.begin(), params_.end());
    if (auto passed = pass_buffers(copy_, caller_->buffers(), body.buffers()); !passed)
      bad_buffer_ = passed.error();
    params_ = copy_;
  }

  PackageFunction& function_;
  std::span<const std::uint8_t> params_;
  PackageBody* caller_;
  ResultSink& sink_;
  std::vector<std::uint8_t> copy_;
  std::optional<std::string> error_;
  std::optional<BufferError> bad_buffer_;
};

CallResult<void> PackageFunction::call(std::span<const std::uint8_t> params, PackageBody* caller,
                                       ResultSink& sink) {
  PackageCall call(*this, params, caller, sink);
  TENON_TRY_VOID(domain_.run(call, unit_, name_));
  if (!call.error() && !call.bad_buffer()) return {};
  CallFailure failure;
  failure.function = name_;
  if (call.bad_buffer()) {
    failure.kind = CallFailure::Kind::Trap;
    failure.message = describe(*call.bad_buffer());
    return failure;
  }
  failure.kind = CallFailure::Kind::GuestError;
  failure.unit = unit_;
  failure.message = *call.error();
  return failure;
}

CallFailure PackageFunction::refuse_result(std::string message) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Trap;
  failure.unit = unit_;
  failure.function = name_;
  failure.message = std::move(message);
  domain_.end(failure);
  return failure;
}

namespace {

// From the callee's memory into the caller's.
class CallerSink final : public ResultSink {
 public:
  CallerSink(ImportCall& call, const ResultCheck& check) : call_(call), check_(check) {}

  bool take(PackageBody& package, std::span<std::uint8_t> result) override {
    if (check_) misfit_ = check_(result);
    if (misfit_) return false;
    auto given = call_.give(result.size());
    if (!given) {
      error_.emplace(std::move(given).error());
      return false;
    }
    if (!result.empty()) std::memcpy(given->data(), result.data(), result.size());
    if (!shares_buffers(package, call_.caller())) return true;
    const auto passed = pass_buffers(*given, package.buffers(), call_.caller().buffers());
    if (!passed) bad_buffer_ = passed.error();
    return passed.has_value();
  }

  // Why the caller could not take it.
  [[nodiscard]] std::optional<CallError>& error() { return error_; }
  // What the callee did wrong.
  [[nodiscard]] const std::optional<BufferError>& bad_buffer() const { return bad_buffer_; }
  // Why it is not what the caller wants.
  [[nodiscard]] const std::optional<std::string>& misfit() const { return misfit_; }

 private:
  ImportCall& call_;
  const ResultCheck& check_;
  std::optional<std::string> misfit_;
  std::optional<CallError> error_;
  std::optional<BufferError> bad_buffer_;
};

class FromPackage final : public PackageImport {
 public:
  FromPackage(PackageFunction function, ResultCheck check)
      : function_(std::move(function)), check_(std::move(check)) {}

  Result<void, ImportFailure> call(ImportCall& call) override {
    CallerSink sink(call, check_);
    CallResult<void> called = function_.call(call.params(), &call.caller(), sink);
    if (!called) return ImportFailure(std::move(called).error());
    if (sink.error()) return ImportFailure(*std::move(sink.error()));
    if (sink.misfit()) {
      CallFailure failure;
      failure.kind = CallFailure::Kind::Trap;
      failure.unit = call.caller().unit();
      failure.function = function_.name();
      failure.message = fmt::format("what `{}` of `{}` gave is not what the import wants: {}",
                                    function_.name(), function_.unit(), *sink.misfit());
      return ImportFailure(std::move(failure));
    }
    if (sink.bad_buffer())
      return ImportFailure(function_.refuse_result(describe(*sink.bad_buffer())));
    return {};
  }

 private:
  PackageFunction function_;
  ResultCheck check_;
};

}  // namespace

std::shared_ptr<PackageImport> import_from_package(PackageFunction function, ResultCheck check) {
  return std::make_shared<FromPackage>(std::move(function), std::move(check));
}

}  // namespace tenon::packr
