// Property: a path that is normalized has no segment that is empty, "." or "..", stays the same when it is encoded and
// normalized again, and is taken by the route for all paths. A range that is part of a file lies in it. A date that is
// read is printed as it was. A coding of content has at most the weight 1. A `traceparent` that is read stays the same when
// it is printed and read again.
//
// The first bytes are the size of the file, the rest is the text of all of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/path.h"
#include "http/router.h"
#include "http/static_files.h"
#include "require.h"
#include "tenon/trace.h"

namespace {

using namespace tenon::http;

void check_path(std::string_view text) {
  const std::optional<std::string> path = normalize_path(text);
  if (!path) return;
  require(path->starts_with('/'));
  require(path->find('\0') == path->npos);
  require(path->find("//") == path->npos);
  const std::string closed = *path + "/";
  require(closed.find("/./") == closed.npos && closed.find("/../") == closed.npos);
  require(normalize_path(encode_path(*path)) == path);
  static const Router& router = *new Router(*Router::make({{.path = "/*", .unit = "all"}}));
  require(router.find("GET", normalize_host(text), *path).route.has_value());
}

void check_range(std::string_view text, std::uint64_t size) {
  const RangeRequest request = parse_range(text, size);
  if (request.kind != RangeRequest::Kind::Part) return;
  require(request.range.begin < request.range.end && request.range.end <= size);
}

void check_date(std::string_view text) {
  if (const auto date = parse_date(text)) require(print_date(*date) == text);
}

void check_codings(std::string_view text) {
  for (const char* const coding : {"br", "gzip", "identity"})
    require(weight_of_coding(text, coding) <= 1000);
}

void check_traceparent(std::string_view text) {
  const auto context = tenon::parse_traceparent(text);
  if (context) require(tenon::parse_traceparent(tenon::print_traceparent(*context)) == context);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::uint64_t file_size = choices.word();
  const std::string_view text(reinterpret_cast<const char*>(choices.rest().data()),
                              choices.rest().size());
  check_path(text);
  check_range(text, file_size);
  check_date(text);
  check_codings(text);
  check_traceparent(text);
  return 0;
}
