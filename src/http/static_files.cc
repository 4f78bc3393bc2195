// A file is opened below the folder by the system (openat2, RESOLVE_BENEATH), so that no link and no race leads
// out of it. All that is answered is read from the open file.
#include "http/static_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "http/path.h"
#include "support/diagnostics.h"

namespace tenon::http {

namespace {

using engine::HttpResponse;

constexpr std::string_view kIndex = "index.html";
constexpr int kOpen = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

struct MediaType {
  std::string_view ending;
  std::string_view type;
};
// Sorted by ending.
constexpr std::array kMediaTypes = std::to_array<MediaType>({
    {"avif", "image/avif"},
    {"bin", "application/octet-stream"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/x-icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"jsonld", "application/ld+json"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"toml", "application/toml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"zip", "application/zip"},
});
static_assert(std::ranges::is_sorted(kMediaTypes, {}, &MediaType::ending));

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

HttpResponse respond_with_status(std::uint16_t status, std::string_view text) {
  return {.status = status,
          .fields = {{"content-type", "text/plain; charset=utf-8"}},
          .body = fmt::format("{} {}\n", status, text)};
}

HttpResponse respond_to_error(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return respond_with_status(403, "Forbidden");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return respond_with_status(503, "Service Unavailable");
    default:
      return respond_with_status(404, "Not Found");
  }
}

// Whether a segment of the path begins with a dot.
bool is_hidden(std::string_view rest) {
  for (std::size_t at = rest.find("/."); at != rest.npos; at = rest.find("/.", at + 1))
    if (at != 0 || !(rest == "/.well-known" || rest.starts_with("/.well-known/"))) return true;
  return false;
}

// Digits alone, as many as fit.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || rest != end || text.front() == '-' || text.front() == '+')
    return std::nullopt;
  // A number that is too large is beyond the end of every file.
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string tag_of(const struct stat& status) {
  return fmt::format("\"{:x}-{:x}-{:x}\"", static_cast<std::uint64_t>(status.st_mtim.tv_sec),
                     static_cast<std::uint64_t>(status.st_mtim.tv_nsec),
                     static_cast<std::uint64_t>(status.st_size));
}

// Whether a list of tags has one, by weak comparison.
bool has_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag) return true;
  }
  return false;
}

// Source: RFC 9110, section 13.2.2.
bool is_unchanged(const FileRequest& request, const struct stat& status, std::string_view tag) {
  if (request.if_none_match) return has_tag(*request.if_none_match, tag);
  if (!request.if_modified_since) return false;
  const std::optional<std::int64_t> since = parse_date(trim(*request.if_modified_since));
  return since && status.st_mtim.tv_sec <= *since;
}

// Whether the client has the beginning of the file as it is.
bool may_have_range(const FileRequest& request, const struct stat& status, std::string_view tag) {
  if (!request.if_range) return true;
  const std::string_view known = trim(*request.if_range);
  return known == tag || parse_date(known) == std::optional<std::int64_t>(status.st_mtim.tv_sec);
}

HttpResponse respond_with_file(const FileRequest& request, Descriptor file,
                               const struct stat& status, std::string_view name) {
  const std::string tag = tag_of(status);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  HttpResponse response;
  response.fields = {{"etag", tag}, {"last-modified", print_date(status.st_mtim.tv_sec)}};
  if (is_unchanged(request, status, tag)) {
    response.status = 304;
    return response;
  }
  response.fields.emplace_back("accept-ranges", "bytes");
  RangeRequest asked;
  if (request.range && !request.is_head && may_have_range(request, status, tag))
    asked = parse_range(*request.range, size);
  if (asked.kind == RangeRequest::Kind::Unsatisfiable) {
    response = respond_with_status(416, "Range Not Satisfiable");
    response.fields.emplace_back("content-range", fmt::format("bytes */{}", size));
    return response;
  }
  response.fields.emplace_back("content-type", media_type_of(name));
  response.fields.emplace_back("x-content-type-options", "nosniff");
  ByteRange part{0, size};
  if (asked.kind == RangeRequest::Kind::Part) {
    part = asked.range;
    response.status = 206;
    response.fields.emplace_back("content-range",
                                 fmt::format("bytes {}-{}/{}", part.begin, part.end - 1, size));
  }
  response.file.emplace(std::move(file), part.begin, part.end - part.begin);
  return response;
}

// To the same path with "/" after it, which cannot name another host.
HttpResponse redirect_to_folder(const FileRequest& request) {
  HttpResponse response = respond_with_status(301, "Moved Permanently");
  response.fields.emplace_back("location",
                               fmt::format("{}/{}", encode_path(request.path), request.query));
  return response;
}

}  // namespace

RangeRequest parse_range(std::string_view field, std::uint64_t size) {
  using Kind = RangeRequest::Kind;
  constexpr std::string_view kUnit = "bytes";
  const std::size_t mark = field.find('=');
  if (mark == field.npos) return {};
  const std::string_view unit = trim(field.substr(0, mark));
  const bool is_bytes = std::ranges::equal(
      unit, kUnit, [](char a, char b) { return a == b || a + ('a' - 'A') == b; });
  const std::string_view spec = trim(field.substr(mark + 1));
  const std::size_t dash = spec.find('-');
  // Several ranges are answered with the whole.
  if (!is_bytes || dash == spec.npos || spec.find(',') != spec.npos) return {};
  const std::string_view first_text = trim(spec.substr(0, dash));
  const std::string_view last_text = trim(spec.substr(dash + 1));
  const std::optional<std::uint64_t> first = parse_number(first_text);
  const std::optional<std::uint64_t> last = parse_number(last_text);
  if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last))
    return {};
  if (!first) {  // the last bytes
    if (*last == 0 || size == 0) return {.kind = Kind::Unsatisfiable};
    return {.kind = Kind::Part, .range = {size - std::min(*last, size), size}};
  }
  if (last && *last < *first) return {};
  if (*first >= size) return {.kind = Kind::Unsatisfiable};
  const std::uint64_t end = last && *last < size - 1 ? *last + 1 : size;
  return {.kind = Kind::Part, .range = {*first, end}};
}

std::string print_date(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return static_cast<int>(parse_number(text.substr(at, digits)).value_or(9999));
  };
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const year_month_day date(year(number(12, 4)),
                            std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                            day(static_cast<unsigned>(number(5, 2))));
  if (!date.ok()) return std::nullopt;
  const auto time = sys_days(date) + hours(number(17, 2)) + minutes(number(20, 2)) +
                    std::chrono::seconds(number(23, 2));
  const std::int64_t seconds = time.time_since_epoch().count();
  // Everything that was not read is as in the form.
  return print_date(seconds) == text ? std::optional(seconds) : std::nullopt;
}

std::string_view media_type_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash != name.npos) name.remove_prefix(slash + 1);
  const std::size_t dot = name.rfind('.');
  const std::string ending = lower(dot == name.npos ? std::string_view() : name.substr(dot + 1));
  const auto* const known =
      std::ranges::lower_bound(kMediaTypes, std::string_view(ending), {}, &MediaType::ending);
  if (known == kMediaTypes.end() || known->ending != ending) return "application/octet-stream";
  return known->type;
}

Result<StaticFolder> StaticFolder::open(const std::string& path, const Location& where) {
  StaticFolder folder(Descriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)));
  // Also whether it can be read, and whether the system has openat2 (Linux 5.6).
  if (folder.folder_.is_open() && folder.open_below(".").is_open()) return folder;
  Diagnostic problem = make_diagnostic(Code::HttpRoute, "the files of `{}` cannot be served: {}",
                                       path, std::strerror(errno));
  problem.where = where;
  problem.hints.emplace_back("name an existing folder, relative to the manifest");
  return problem;
}

Descriptor StaticFolder::open_below(const std::string& path) const {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(kOpen);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0; tries < 8; ++tries) {
    const long file = ::syscall(SYS_openat2, folder_.number(), path.c_str(), &how, sizeof how);
    // A folder was moved meanwhile, so the kernel could not be sure.
    if (file >= 0 || errno != EAGAIN) return Descriptor(static_cast<int>(file));
  }
  return Descriptor(-1);
}

HttpResponse StaticFolder::answer(const FileRequest& request) const {
  if (is_hidden(request.rest)) return respond_with_status(404, "Not Found");
  std::string name(request.rest.empty() ? request.rest : request.rest.substr(1));
  const bool names_folder = name.empty() || name.ends_with('/');
  Descriptor file = open_below(name.empty() ? "." : name);
  if (!file.is_open()) return respond_to_error(errno);
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return respond_to_error(errno);
  if (S_ISDIR(status.st_mode)) {
    if (!request.path.ends_with('/')) return redirect_to_folder(request);
    name += kIndex;
    file = open_below(name);
    if (!file.is_open() || ::fstat(file.number(), &status) != 0) return respond_to_error(errno);
  } else if (names_folder) {
    return respond_with_status(404, "Not Found");
  }
  // Not a device, and not a pipe.
  if (!S_ISREG(status.st_mode)) return respond_with_status(404, "Not Found");
  return respond_with_file(request, std::move(file), status, name);
}

}  // namespace tenon::http
