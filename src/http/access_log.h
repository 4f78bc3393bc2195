// The access log: a line for each request, in one of two forms. Text from clients is escaped, so that it cannot end a
// line or a quoted field.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "http/exchange.h"
#include "support/descriptor.h"
#include "tenon/http.h"
#include "tenon/result.h"

namespace tenon::http {

// Common Log Format with the fields that Combined adds, and four more: number of the request, unit, duration, and why
// it was aborted. A field that is empty is "-".
//
//   127.0.0.1 - - [29/Nov/2026:05:30:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8.5.0" 7 "site" 3.412ms -
[[nodiscard]] std::string print_common(const Exchange& exchange);
// One object, with the same members in each line.
[[nodiscard]] std::string print_json(const Exchange& exchange);

// Thread: any.
class AccessLog final {
 public:
  // file: empty for standard error. Errors: write-file.
  [[nodiscard]] static Result<std::unique_ptr<AccessLog>> open(HttpLog form, std::string file);

  void add(const Exchange& exchange);
  // Opens the file again. Returns false if there is none. Errors: as `open`; then the old one stays.
  [[nodiscard]] Result<bool> reopen();
  // Lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  AccessLog(HttpLog form, std::string path, Descriptor file)
      : form_(form), path_(std::move(path)), file_(std::move(file)) {}

  const HttpLog form_;
  const std::string path_;
  std::mutex mutex_;
  Descriptor file_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace tenon::http
