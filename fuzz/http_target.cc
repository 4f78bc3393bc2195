// Property: a path that is normalized has no segment that is empty, "." or "..", stays the same when it is encoded and
// normalized again, and is taken by the route for all paths. A range that is part of a file lies in it. A date that is
// read is printed as it was.
//
// The first bytes are the size of the file, the rest is the text of all three.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::uint64_t file_size = choices.word();
  const std::string_view text(reinterpret_cast<const char*>(choices.rest().data()),
                              choices.rest().size());
  check_path(text);
  check_range(text, file_size);
  check_date(text);
  return 0;
}
