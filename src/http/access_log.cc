#include "http/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "http/static_files.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::http {

namespace {

using std::chrono::milliseconds;
using FloatMs = std::chrono::duration<double, std::milli>;

// As nginx does: quotes, backslashes, and everything that is not printable ASCII.
std::string escape(std::string_view text) {
  if (text.empty()) return "-";
  std::string escaped;
  for (const char c : text) {
    if (c < ' ' || c > '~' || c == '"' || c == '\\')
      fmt::format_to(std::back_inserter(escaped), "\\x{:02X}", static_cast<unsigned char>(c));
    else
      escaped += c;
  }
  return escaped;
}

std::string_view print_version(std::uint8_t version) {
  return version == 20 ? "HTTP/2.0" : version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// "29/Nov/2026:05:30:00 +0000"
std::string print_log_date(std::chrono::system_clock::time_point time) {
  const std::string date = print_date(seconds_of(time));  // "Sun, 29 Nov 2026 05:30:00 GMT"
  const std::string_view text = date;
  return fmt::format("{}/{}/{}:{} +0000", text.substr(5, 2), text.substr(8, 3), text.substr(12, 4),
                     text.substr(17, 8));
}

// "2026-11-29T05:30:00.123Z"
std::string print_iso_date(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<Descriptor> open_file(const std::string& path) {
  constexpr mode_t kMode = 0640;
  Descriptor file(
      path.empty()
          ? ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
          : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kMode));
  if (file.is_open()) return file;
  Diagnostic problem =
      make_diagnostic(Code::WriteFile, "the access log `{}` cannot be written: {}",
                      path.empty() ? "standard error" : path, std::strerror(errno));
  problem.where.file = path;
  problem.hints.emplace_back("name a file in a folder that exists and that you can write to");
  return problem;
}

}  // namespace

std::string print_common(const Exchange& exchange) {
  return fmt::format("{} - - [{}] \"{} {} {}\" {} {} \"{}\" \"{}\" {} \"{}\" {:.3f}ms {}\n",
                     escape(exchange.client), print_log_date(exchange.end), escape(exchange.method),
                     escape(exchange.target), print_version(exchange.version), exchange.status,
                     exchange.body_bytes, escape(exchange.referer), escape(exchange.agent),
                     exchange.number, escape(exchange.unit), FloatMs(exchange.duration).count(),
                     escape(get_name(exchange.abort)));
}

std::string print_json(const Exchange& exchange) {
  std::string line = "{";
  const auto add = [&](std::string_view key, const nlohmann::json& value) {
    // Each value for itself: without memory, the library cannot delete an object.
    fmt::format_to(std::back_inserter(line), "{}\"{}\":{}", line.size() == 1 ? "" : ",", key,
                   value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  };
  add("time", print_iso_date(exchange.end));
  add("request", exchange.number);
  add("client", exchange.client);
  add("peer", exchange.peer);
  add("method", exchange.method);
  add("host", exchange.host);
  add("target", exchange.target);
  add("protocol", print_version(exchange.version));
  add("status", exchange.status);
  add("bytes", exchange.body_bytes);
  add("duration_ms", FloatMs(exchange.duration).count());
  add("abort", get_name(exchange.abort));
  add("unit", exchange.unit);
  add("route", exchange.route);
  add("referer", exchange.referer);
  add("user_agent", exchange.agent);
  add("traceparent", exchange.trace);
  line += "}\n";
  return line;
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(HttpLog form, std::string file) {
  TENON_TRY(Descriptor opened, open_file(file));
  return std::unique_ptr<AccessLog>(new AccessLog(form, std::move(file), std::move(opened)));
}

void AccessLog::add(const Exchange& exchange) {
  std::string line;
  try {
    line = form_ == HttpLog::Json ? print_json(exchange) : print_common(exchange);
  } catch (const std::bad_alloc&) {
    ++lost_;
    return;
  }
  const std::lock_guard lock(mutex_);
  // One write, so that lines of several processes do not mix.
  if (!write_all(file_.number(), {reinterpret_cast<const std::uint8_t*>(line.data()), line.size()}))
    ++lost_;
}

Result<bool> AccessLog::reopen() {
  if (path_.empty()) return false;
  TENON_TRY(Descriptor opened, open_file(path_));
  const std::lock_guard lock(mutex_);
  file_ = std::move(opened);
  return true;
}

}  // namespace tenon::http
