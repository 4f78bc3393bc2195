// `log`: one line for each call when it has ended.
//
//   cart -> tax: acme:tax/lib@1.0.0#rate(100, "de") = 19
#include <fmt/core.h>

#include <memory>
#include <new>
#include <string>
#include <utility>

#include "middleware/call_file.h"
#include "middleware/kinds.h"
#include "support/try.h"

namespace tenon::middleware {

namespace {

class LogHook final : public call::CallHook {
 public:
  LogHook(call::Call& call, std::shared_ptr<const Edge> edge, std::shared_ptr<const Report> report)
      : edge_(std::move(edge)),
        report_(std::move(report)),
        arguments_(print_arguments(call, *edge_)) {}
  // A call that has not ended was dropped by its caller.
  ~LogHook() override {
    if (has_ended_) return;
    try {
      write("was dropped");
    } catch (const std::bad_alloc&) {
      // The line is missing.
    }
  }

  void see_result(const abi::From& result) override { result_ = print_result(result, *edge_); }
  void change_outcome(call::Call& /*call*/, CallResult<void>& outcome) override {
    if (!outcome) failure_ = failure_diagnostic(outcome.error()).message;
  }
  void see_end(call::Call& call) override {
    if (const auto result = call.passed_result()) see_result(*result);
    has_ended_ = true;
    if (!failure_.empty())
      write("failed: " + failure_);
    else if (call.is_broken_off())
      write("was ended: the caller passed malformed values or could not take the result");
    else
      write(result_.empty() ? "" : "= " + result_);
  }

 private:
  void write(const std::string& end) const {
    (*report_)(fmt::format("{} -> {}: {}({}){}{}", edge_->consumer, edge_->provider,
                           edge_->function, arguments_, end.empty() ? "" : " ", end));
  }

  std::shared_ptr<const Edge> edge_;
  std::shared_ptr<const Report> report_;
  std::string arguments_;
  std::string result_;
  std::string failure_;
  bool has_ended_ = false;
};

class LoggedCallee final : public call::Callee {
 public:
  LoggedCallee(std::shared_ptr<const Edge> edge, std::shared_ptr<const Report> report,
               std::unique_ptr<call::Callee> callee)
      : edge_(std::move(edge)), report_(std::move(report)), callee_(std::move(callee)) {}

  void start(call::Call& call) override {
    start_with_hook<LogHook>(call, *callee_, edge_, report_);
  }

 private:
  std::shared_ptr<const Edge> edge_;
  std::shared_ptr<const Report> report_;
  std::unique_ptr<call::Callee> callee_;
};

class Log final : public Middleware {
 public:
  explicit Log(Report report) : report_(std::make_shared<const Report>(std::move(report))) {}

  Result<std::unique_ptr<call::Callee>> wrap(Edge edge,
                                             std::unique_ptr<call::Callee> callee) override {
    if (!*report_) return callee;
    return std::unique_ptr<call::Callee>(std::make_unique<LoggedCallee>(
        std::make_shared<const Edge>(std::move(edge)), report_, std::move(callee)));
  }

 private:
  std::shared_ptr<const Report> report_;
};

}  // namespace

Result<MiddlewarePtr> make_log(const tenon::Middleware& settings, Report report) {
  if (!settings.file.empty()) {
    TENON_TRY(std::shared_ptr<LineFile> file,
              LineFile::open(settings.file, LineFile::Content::Kept, settings.where));
    report = [file = std::move(file)](std::string_view line) { file->write(line); };
  }
  return MiddlewarePtr(std::make_unique<Log>(std::move(report)));
}

}  // namespace tenon::middleware
