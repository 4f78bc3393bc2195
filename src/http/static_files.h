// Files of a folder as HTTP responses: types, validators, one range, files that were compressed before, and no way
// out of the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/http.h"
#include "support/descriptor.h"
#include "tenon/http.h"
#include "tenon/result.h"

namespace tenon::http {

// A part of something with `size` bytes: `begin` to `end`, without `end`.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool operator==(const ByteRange&) const = default;
};
// What a `Range` field asks for.
struct RangeRequest {
  enum class Kind : std::uint8_t {
    Whole,  // not one range of bytes, so the field is ignored
    Part,
    Unsatisfiable,  // nothing of it exists
  } kind = Kind::Whole;
  ByteRange range = {};

  bool operator==(const RangeRequest&) const = default;
};
// Source: RFC 9110, section 14.
[[nodiscard]] RangeRequest parse_range(std::string_view field, std::uint64_t size);

// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110, section 5.6.7, IMF-fixdate.
[[nodiscard]] std::string print_date(std::int64_t seconds);
// Nothing for a text that is not exactly that.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text);

// How much a client wants a coding of content, in thousandths; 0: it does not accept it. A client that does not
// mention `identity`, which is a file as it is, accepts it, and wants it least.
// field: the value of `Accept-Encoding`. coding: in lower case.
// Source: RFC 9110, sections 12.4.2 and 12.5.3.
[[nodiscard]] unsigned weight_of_coding(std::string_view field, std::string_view coding);

// The media type of a file, by its name.
[[nodiscard]] std::string_view media_type_of(std::string_view name);

// What a request asks of files. Fields that it does not have are absent.
struct FileRequest {
  bool is_head = false;
  std::string_view path = {};   // normalized, of the whole request
  std::string_view rest = {};   // the part of it that names the file: "/a/b", "/", or empty
  std::string_view query = {};  // with its "?"; can be empty
  std::optional<std::string> if_none_match = {};
  std::optional<std::string> if_modified_since = {};
  std::optional<std::string> range = {};
  std::optional<std::string> if_range = {};
  // Empty if the request has no such field. Nothing: files are sent as they are, whatever lies beside them.
  std::optional<std::string> accept_encoding = {};
};

// Thread: any, also several at the same time.
class StaticFolder final {
 public:
  // Errors: http-route, with the location, if the folder of the route does not exist or cannot be read.
  [[nodiscard]] static Result<StaticFolder> open(const HttpRoute& route);

  [[nodiscard]] engine::HttpResponse answer(const FileRequest& request) const;

 private:
  explicit StaticFolder(Descriptor folder) : folder_(std::move(folder)) {}

  Descriptor folder_;
};

}  // namespace tenon::http
