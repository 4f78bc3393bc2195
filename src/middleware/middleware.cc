#include "middleware/middleware.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "middleware/kinds.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon {

namespace {

struct Unit {
  std::string_view name;
  std::chrono::milliseconds time;
};
constexpr std::array<Unit, 3> kUnits = {
    {{"s", std::chrono::seconds(1)}, {"m", std::chrono::minutes(1)}, {"h", std::chrono::hours(1)}}};

}  // namespace

Result<CallRate> CallRate::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  CallRate rate;
  const auto [end, error] = std::from_chars(text.data(), text.data() + slash, rate.calls);
  const auto* const unit =
      std::ranges::find(kUnits, text.substr(std::min(slash + 1, text.size())), &Unit::name);
  if (error == std::errc() && end == text.data() + slash && rate.calls > 0 &&
      unit != kUnits.end()) {
    rate.per = unit->time;
    return rate;
  }
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "expected a rate like 100/s, found `{}`", text);
  problem.hints.emplace_back("write a whole number greater than 0, `/`, and s, m or h");
  return problem;
}

std::string_view get_name(Middleware::Kind kind) {
  switch (kind) {
    case Middleware::Kind::Log:
      return "log";
    case Middleware::Kind::Limit:
      return "limit";
    case Middleware::Kind::Cache:
      return "cache";
    case Middleware::Kind::Mock:
      return "mock";
    case Middleware::Kind::Record:
      return "record";
    case Middleware::Kind::Replay:
      return "replay";
  }
  return {};
}

}  // namespace tenon

namespace tenon::middleware {

using Kind = tenon::Middleware::Kind;

bool answers(Kind kind) { return kind == Kind::Mock || kind == Kind::Replay; }

bool passes_handles(Kind kind) { return kind == Kind::Log || kind == Kind::Limit; }

CallFailure make_refusal(const std::string& function, std::string why) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Refused;
  failure.function = function;
  failure.message = std::move(why);
  return failure;
}

Result<abi::ResourceToken> NoHandles::give(const ValueHandle& /*handle*/,
                                           abi::HandlePart /*part*/) {
  return make_diagnostic(Code::ValueHandle, "middleware has no handles");
}

Result<void> check_settings(const std::string& name, const tenon::Middleware& settings) {
  Diagnostics problems;
  const auto complain = [&](std::string_view why, std::string hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "the middleware `{}` of kind `{}` {}",
                                         name, get_name(settings.kind), why);
    problem.where = settings.where;
    problem.hints.push_back(std::move(hint));
    problems.push_back(std::move(problem));
  };
  const auto refuse = [&](bool is_set, Kind kind, std::string_view key) {
    if (is_set && settings.kind != kind)
      complain(fmt::format("has `{}`, which is a setting of `{}`", key, get_name(kind)),
               fmt::format("remove `{}`", key));
  };
  const bool needs_file = answers(settings.kind) || settings.kind == Kind::Record;
  if (needs_file && settings.file.empty())
    complain("has no file", "name the file with calls: `file = \"calls.jsonl\"`");
  if (!needs_file && settings.kind != Kind::Log && !settings.file.empty())
    complain("has a `file`, but uses none", "remove `file`");
  refuse(settings.rate.has_value(), Kind::Limit, "rate");
  refuse(settings.concurrency != 0, Kind::Limit, "concurrency");
  refuse(settings.size.has_value(), Kind::Limit, "size");
  refuse(settings.lifetime.has_value(), Kind::Cache, "lifetime");
  refuse(settings.entries != tenon::Middleware().entries, Kind::Cache, "entries");
  if (settings.kind == Kind::Limit && !settings.rate && settings.concurrency == 0 && !settings.size)
    complain("limits nothing", "set `rate = \"100/s\"`, `concurrency = 8` or `size = \"1MiB\"`");
  if (settings.kind == Kind::Cache && settings.entries == 0)
    complain("keeps no results", "set `entries` to 1 or more");
  if (!problems.empty()) return problems;
  return {};
}

Result<std::unique_ptr<Middleware>> make(const std::string& name, const tenon::Middleware& settings,
                                         Report report) {
  TENON_TRY_VOID(check_settings(name, settings));
  switch (settings.kind) {
    case Kind::Log:
      return make_log(settings, std::move(report));
    case Kind::Limit:
      return make_limit(name, settings);
    case Kind::Cache:
      return make_cache(settings);
    case Kind::Mock:
      return make_mock(name, settings);
    case Kind::Record:
      return make_record(name, settings, std::move(report));
    case Kind::Replay:
      return make_replay(name, settings, std::move(report));
  }
  return MiddlewarePtr();
}

}  // namespace tenon::middleware
