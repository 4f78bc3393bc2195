#include "packr/package_function.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <typeinfo>
#include <utility>

#include "packr/encoded_values.h"
#include "support/counted.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"

namespace tenon::packr {

namespace {

using engine::Failure;

// The status of an async function that has no result yet.
constexpr std::int32_t kPending = 1;
// The text of a package's error is cut off after this many bytes.
constexpr std::size_t kShownText = 4096;

std::string read_text(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kShownText));
  if (text.empty()) return "no reason was given";
  return sanitize_text(text);
}

// Of a package that can return no text of an error.
std::string describe_missing(std::int32_t returned) {
  return fmt::format(
      "it returned {} instead of the size of its result: it failed, or its buffer was too small",
      returned);
}

// Messages between packages that have never used a buffer need not be searched for handles.
bool use_buffers(const PackageBody& caller, const PackageBody& callee) {
  return caller.uses_buffers() || callee.uses_buffers();
}

std::string describe(const BufferError& error) {
  return error.is_full
             ? "a package cannot hold any more buffers"
             : fmt::format("it passed the buffer {}, which it does not have", error.handle);
}

}  // namespace

class PackageFunction::ResultSink {
 public:
  virtual ~ResultSink() = default;
  // Keeps what is wrong with the result, if anything. Lifetime: `result` is valid until this
  // returns.
  virtual void take(PackageBody& package, std::span<const std::uint8_t> result) = 0;
};

// The part of a call that runs in the package's store.
class PackageFunction::StoreCall final : public runtime::BodyCall {
 public:
  StoreCall(PackageFunction& function, std::span<const std::uint8_t> message,
            const BufferTable* sender, ResultSink& sink)
      : function_(function), message_(message), sender_(sender), sink_(sink) {}

  Result<void, Failure> run(engine::Store& store) override {
    auto& body = static_cast<PackageBody&>(function_.domain_.body());
    const std::uint64_t life = function_.domain_.life();
    if (function_.life_ != life || !function_.function_) {
      TENON_TRY(const engine::CoreFunction exported, body.find_function(store, function_.field_));
      function_.function_.emplace(exported);
      function_.life_ = life;
    }
    const std::span<const std::uint8_t> original = message_;
    for (;;) {
      message_ = original;
      GraphWriter fitted;
      if (!fit(body, fitted)) return {};
      translate_buffers(body);
      if (bad_buffer_) return {};
      TENON_TRY(const PackageBody::Returned returned,
                body.call(store, *function_.function_, message_));
      if (refuses_version(body, returned)) {
        TENON_TRY_VOID(body.release(store, returned));
        body.learn_version(GraphVersion::V3);
        continue;
      }
      return take(body, store, returned);
    }
  }

  // The text that the package returned instead of a result.
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  // A handle that the caller passed without having it.
  [[nodiscard]] const std::optional<BufferError>& bad_buffer() const { return bad_buffer_; }
  // Why the package cannot be passed the message.
  [[nodiscard]] const std::optional<std::string>& misfit() const { return misfit_; }

 private:
  // Converts the message to the form that the package reads.
  bool fit(const PackageBody& body, GraphWriter& writer) {
    if (function_.form_ == nullptr) return true;
    const auto fitted = function_.form_->fit_params(message_, body.version(), writer);
    if (fitted)
      message_ = *fitted;
    else
      misfit_ = packr::describe(fitted.error());
    return fitted.has_value();
  }

  // Whether a package without metadata, which does not say which version it reads, cannot read the
  // one that it got. Its function has not run then.
  static bool refuses_version(const PackageBody& body, const PackageBody::Returned& returned) {
    return !body.has_known_version() && returned.status < 0 &&
           read_text(returned.bytes).find("Unsupported version") != std::string::npos;
  }

  Result<void, Failure> take(PackageBody& body, engine::Store& store,
                             const PackageBody::Returned& returned) {
    if (returned.status == 0)
      sink_.take(body, returned.bytes);
    else if (returned.status < 0)
      error_ =
          body.has_caller_buffers() ? describe_missing(returned.status) : read_text(returned.bytes);
    else if (returned.status == kPending && body.is_async())
      return Failure{.kind = engine::FailureKind::Trap,
                     .message =
                         "deadlock: its function waits, and none of the imports that it "
                         "called is still to end"};
    else
      return Failure{.kind = engine::FailureKind::Trap,
                     .message = fmt::format("it returned the unknown status {}", returned.status)};
    body.drop_transient_buffers();
    return body.release(store, returned);
  }

  // Replaces the sender's handles of buffers by handles of this package, in a copy of the message.
  void translate_buffers(PackageBody& body) {
    const bool can_have_buffers =
        body.uses_buffers() || (sender_ != nullptr && sender_->size() != 0);
    if (!can_have_buffers || !has_buffers(message_)) return;
    copy_.assign(message_.begin(), message_.end());
    const BufferTable none;
    const BufferTable& sender = sender_ == nullptr ? none : *sender_;
    if (auto passed = pass_buffers(copy_, sender, body.buffers()); !passed)
      bad_buffer_ = passed.error();
    message_ = copy_;
  }

  PackageFunction& function_;
  std::span<const std::uint8_t> message_;
  const BufferTable* sender_;
  ResultSink& sink_;
  std::vector<std::uint8_t> copy_;
  std::optional<std::string> error_;
  std::optional<std::string> misfit_;
  std::optional<BufferError> bad_buffer_;
};

// Reads the result into an arena.
class PackageFunction::ArenaSink final : public ResultSink {
 public:
  // codec: null for a call that passes messages: the message is then copied into the arena.
  // transit: gets the handles of buffers in the result.
  ArenaSink(const GraphCodec* codec, abi::ValueArena& arena, runtime::Transit& transit)
      : codec_(codec), arena_(arena), transit_(transit) {}

  void take(PackageBody& package, std::span<const std::uint8_t> result) override {
    if (codec_ != nullptr && !codec_->has_result()) return;
    if (codec_ == nullptr) {
      std::vector<std::uint8_t> copy;
      if (package.buffers().size() != 0 && package.program_buffers() != nullptr &&
          has_buffers(result)) {
        copy.assign(result.begin(), result.end());
        const auto passed = pass_buffers(copy, package.buffers(), *package.program_buffers());
        if (!passed) {
          problem_ = describe(passed.error());
          return;
        }
        result = copy;
      }
      const auto address = add_message(result, arena_);
      if (address)
        address_ = *address;
      else
        problem_ = address.error().message;
      return;
    }
    PassedBuffers buffers(package.buffers(), package.domain().shared().resources, transit_);
    const auto address = codec_->read_result(result, arena_, &buffers);
    if (address)
      address_ = *address;
    else
      problem_ = describe(address.error());
  }

  [[nodiscard]] const std::optional<std::uint32_t>& address() const { return address_; }
  [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }

 private:
  const GraphCodec* codec_;
  abi::ValueArena& arena_;
  runtime::Transit& transit_;
  std::optional<std::uint32_t> address_;
  std::optional<std::string> problem_;
};

// Copies the result into the memory of the calling package.
class PackageFunction::CallerSink final : public ResultSink {
 public:
  explicit CallerSink(ImportCall& call) : call_(call) {}

  void take(PackageBody& package, std::span<const std::uint8_t> result) override {
    misfit_ = call_.find_misfit(result);
    if (misfit_) return;
    const auto room = call_.pass_result(result);
    if (!room) return;
    if (!use_buffers(package, call_.caller())) return;
    const auto passed = pass_buffers(*room, package.buffers(), call_.caller().buffers());
    if (!passed) bad_buffer_ = passed.error();
  }

  // A handle that the package passed without having it.
  [[nodiscard]] const std::optional<BufferError>& bad_buffer() const { return bad_buffer_; }
  // Why the caller cannot read the result.
  [[nodiscard]] const std::optional<std::string>& misfit() const { return misfit_; }

 private:
  ImportCall& call_;
  std::optional<std::string> misfit_;
  std::optional<BufferError> bad_buffer_;
};

// Copies the result to where the program wants it.
class PackageFunction::ProgramSink final : public ResultSink {
 public:
  explicit ProgramSink(MessageCall& call) : call_(call) {}

  void take(PackageBody& /*package*/, std::span<const std::uint8_t> result) override {
    misfit_ = call_.take(result);
  }

  [[nodiscard]] const std::optional<std::string>& misfit() const { return misfit_; }

 private:
  MessageCall& call_;
  std::optional<std::string> misfit_;
};

struct PackageFunction::Scratch {
  abi::ValueArena params;
  GraphWriter writer;
  abi::ValueArena result;
};

PackageFunction::PackageFunction(runtime::Domain& domain, std::string unit, std::string name,
                                 std::shared_ptr<const GraphCodec> codec,
                                 std::unique_ptr<const MessageForm> form, std::string field,
                                 BufferTable* program_buffers)
    : domain_(domain),
      unit_(std::move(unit)),
      name_(std::move(name)),
      field_(field.empty() ? name_ : std::move(field)),
      codec_(std::move(codec)),
      form_(std::move(form)),
      program_buffers_(program_buffers) {}

PackageFunction::~PackageFunction() = default;

MessageCall* MessageCall::find(call::Call& call) {
  return typeid(call) == typeid(MessageCall) ? static_cast<MessageCall*>(&call) : nullptr;
}

void PackageFunction::start(call::Call& call) {
  if (ImportCall* const import = ImportCall::find(call)) return start_with_message(*import);
  if (MessageCall* const message = MessageCall::find(call)) return start_with_message(*message);
  start_with_values(call);
}

void PackageFunction::start_with_message(ImportCall& call) {
  CallerSink sink(call);
  CallResult<void> called = enter(call.message(), &call.caller().buffers(), sink, call.bounds());
  if (called && sink.misfit()) {
    CallFailure failure;
    failure.unit = call.caller().unit();
    failure.function = name_;
    failure.message = fmt::format("the result of `{}` of `{}` does not fit the import: {}", name_,
                                  unit_, *sink.misfit());
    called = std::move(failure);
  } else if (called && sink.bad_buffer()) {
    called = refuse_result(describe(*sink.bad_buffer()));
  }
  call.finish(std::move(called));
}

void PackageFunction::start_with_message(MessageCall& call) {
  ProgramSink sink(call);
  CallResult<void> called = enter(call.message(), nullptr, sink, call.bounds());
  if (called && sink.misfit())
    called = refuse_result(fmt::format("its result does not match its type: {}", *sink.misfit()));
  call.finish(std::move(called));
}

void PackageFunction::start_with_values(call::Call& call) {
  if (depth_ == scratch_.size()) scratch_.push_back(std::make_unique<Scratch>());
  Scratch& scratch = *scratch_[depth_];
  runtime::Transit transit(domain_.shared().resources);
  BufferTable passed;  // the buffers that a component passes
  PassedBuffers buffers(passed, domain_.shared().resources, transit);
  const auto message = write_params(call, scratch, buffers);
  if (!message) return;
  const bool is_encoded = call.shape().form == call::FunctionShape::Form::Encoded;
  scratch.result.clear();
  ArenaSink sink(is_encoded ? nullptr : codec_.get(), scratch.result, transit);
  const Counted nested(depth_);
  BufferTable* const program = is_encoded ? program_buffers_ : nullptr;
  CallResult<void> called = enter(*message, is_encoded ? program : &passed, sink, call.bounds());
  if (program != nullptr) drop_buffers(*message, *program);
  if (called && sink.problem())
    called = refuse_result(fmt::format("its result does not match its type: {}", *sink.problem()));
  if (called && sink.address()) {
    const auto copied = call.give_result(scratch.result, *sink.address());
    if (!copied && !call.is_broken_off())
      called = refuse_result(
          fmt::format("its result cannot be passed: {}", abi::describe(copied.error())));
  }
  call.finish(std::move(called));
}

std::optional<std::span<const std::uint8_t>> PackageFunction::write_params(call::Call& call,
                                                                           Scratch& scratch,
                                                                           PassedBuffers& buffers) {
  const abi::From* const params = call.params();
  if (params == nullptr) {
    call.finish();
    return std::nullopt;
  }
  // The message lies in the caller's arena, which does not change before the call ends.
  if (call.shape().form == call::FunctionShape::Form::Encoded) return encoded_message(*params);
  scratch.params.clear();
  const auto address = call.shape().program.lift_params(*params, scratch.params);
  if (!address) {
    call.break_off(address.error());
    call.finish();
    return std::nullopt;
  }
  const auto message = codec_->write_params(scratch.params, *address, scratch.writer, &buffers);
  if (message) return *message;
  Diagnostic problem = make_diagnostic(Code::ValueType, "{}", message.error().message);
  problem.where.item = message.error().path;
  call.finish(detail::refuse_call(name_, {std::move(problem)}));
  return std::nullopt;
}

CallResult<void> PackageFunction::enter(std::span<const std::uint8_t> message,
                                        const BufferTable* sender, ResultSink& sink,
                                        const call::Bounds* bounds) {
  StoreCall store_call(*this, message, sender, sink);
  TENON_TRY_VOID(domain_.run(store_call, unit_, name_, bounds));
  if (!store_call.error() && !store_call.bad_buffer() && !store_call.misfit()) return {};
  CallFailure failure;
  failure.function = name_;
  if (store_call.misfit()) {
    failure.message =
        fmt::format("its arguments cannot be passed to `{}`: {}", unit_, *store_call.misfit());
    return failure;
  }
  if (store_call.bad_buffer()) {
    failure.message = describe(*store_call.bad_buffer());
    return failure;
  }
  failure.kind = CallFailure::Kind::GuestError;
  failure.unit = unit_;
  failure.message = *store_call.error();
  return failure;
}

CallFailure PackageFunction::refuse_result(std::string message) {
  CallFailure failure;
  failure.unit = unit_;
  failure.function = name_;
  failure.message = std::move(message);
  domain_.end(failure);
  return failure;
}

}  // namespace tenon::packr
