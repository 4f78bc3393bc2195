// A file is opened below the folder by the system (openat2, RESOLVE_BENEATH), so that no link and no race leads
// out of it. All that is answered is read from the open file.
#include "http/static_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "http/path.h"
#include "http/router.h"
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

constexpr std::string_view kIdentity = "identity";

// A coding of content, and what the names of files in it end with.
struct Coding {
  std::string_view name;
  std::string_view ending;
};
// The best one first, for clients that want several the same.
constexpr std::array kCodings = std::to_array<Coding>({
    {"br", ".br"},
    {"zstd", ".zst"},
    {"gzip", ".gz"},
});

// A file that can be sent for a name: the one with that name, or one that was compressed before.
struct Representation {
  Descriptor file;
  struct stat status = {};
  std::string_view coding = kIdentity;
  bool varies = false;  // other clients get another one
};

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

constexpr unsigned kMostWeight = 1000;

// "q=0.5". Nothing for a text that is not exactly that: a number from 0 to 1 with at most three digits.
// Source: RFC 9110, section 12.4.2.
std::optional<unsigned> parse_weight(std::string_view text) {
  if (text.size() < 3 || text.size() > 7 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=')
    return std::nullopt;
  unsigned weight = 0;
  unsigned place = kMostWeight;
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (i == 3 && text[i] == '.') continue;
    if (i == 3 || text[i] < '0' || text[i] > '9') return std::nullopt;
    weight += static_cast<unsigned>(text[i] - '0') * place;
    place /= 10;
  }
  return weight <= kMostWeight ? std::optional(weight) : std::nullopt;
}

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string tag_of(const Representation& chosen) {
  const struct stat& status = chosen.status;
  const std::string coding = chosen.coding == kIdentity ? "" : fmt::format("-{}", chosen.coding);
  return fmt::format("\"{:x}-{:x}-{:x}{}\"", static_cast<std::uint64_t>(status.st_mtim.tv_sec),
                     static_cast<std::uint64_t>(status.st_mtim.tv_nsec),
                     static_cast<std::uint64_t>(status.st_size), coding);
}

// The part of `rest` before the next `mark`, or all of it, which is removed from it with the mark.
std::string_view take_part(std::string_view& rest, char mark) {
  const std::size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trim(part);
}

// Whether a list of tags has one, by weak comparison.
bool has_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    std::string_view item = take_part(list, ',');
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

// name: of the file that is not compressed.
HttpResponse respond_with_file(const FileRequest& request, Representation chosen,
                               std::string_view name) {
  const struct stat& status = chosen.status;
  const std::string tag = tag_of(chosen);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  HttpResponse response;
  response.fields = {{"etag", tag}, {"last-modified", print_date(status.st_mtim.tv_sec)}};
  if (chosen.varies) response.fields.emplace_back("vary", "accept-encoding");
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
  if (chosen.coding != kIdentity) response.fields.emplace_back("content-encoding", chosen.coding);
  ByteRange part{0, size};
  if (asked.kind == RangeRequest::Kind::Part) {
    part = asked.range;
    response.status = 206;
    response.fields.emplace_back("content-range",
                                 fmt::format("bytes {}-{}/{}", part.begin, part.end - 1, size));
  }
  response.file.emplace(std::move(chosen.file), part.begin, part.end - part.begin);
  return response;
}

// Opens a file or folder below a folder. An invalid descriptor, and errno, if it cannot.
// path: relative, without empty segments, "." and "..".
Descriptor open_below(const Descriptor& folder, const std::string& path) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(kOpen);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0; tries < 8; ++tries) {
    const long file = ::syscall(SYS_openat2, folder.number(), path.c_str(), &how, sizeof how);
    // A folder was moved meanwhile, so the kernel could not be sure.
    if (file >= 0 || errno != EAGAIN) return Descriptor(static_cast<int>(file));
  }
  return Descriptor(-1);
}

// Chooses between a file and the compressed files beside it by what the client prefers. Nothing: it accepts none.
// name: of `plain`, below `folder`. accepted: `Accept-Encoding`.
std::optional<Representation> choose(const Descriptor& folder, Representation plain,
                                     const std::string& name, std::string_view accepted) {
  std::optional<Representation> best;
  unsigned most = 0;
  bool varies = false;
  const auto offer = [&](Representation one) {
    const unsigned weight = weight_of_coding(accepted, one.coding);
    if (weight <= most) return;
    most = weight;
    best = std::move(one);
  };
  for (const Coding& coding : kCodings) {
    Representation one{.file = open_below(folder, fmt::format("{}{}", name, coding.ending)),
                       .coding = coding.name};
    if (!one.file.is_open() || ::fstat(one.file.number(), &one.status) != 0 ||
        !S_ISREG(one.status.st_mode))
      continue;
    varies = true;
    offer(std::move(one));
  }
  offer(std::move(plain));
  if (best) best->varies = varies;
  return best;
}

struct Explanation {
  std::string why;
  std::string_view hint;
};

// Why a folder cannot be opened, and what to do.
Explanation explain(int error) {
  switch (error) {
    case ENOENT:
      return {"does not exist", "make the folder, or name another one, relative to the manifest"};
    case ENOTDIR:
      return {"is not a folder", "name a folder, relative to the manifest"};
    case EACCES:
    case EPERM:
      return {"cannot be read: permission denied", "let the user that runs the service read it"};
    case ENOSYS:
      return {"cannot be served: the system has no openat2", "use Linux 5.6 or newer"};
    default:
      return {fmt::format("cannot be read: {}", std::strerror(error)),
              "name a folder that can be read, relative to the manifest"};
  }
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

unsigned weight_of_coding(std::string_view field, std::string_view coding) {
  std::optional<unsigned> of_others;  // of "*"
  while (!field.empty()) {
    std::string_view item = take_part(field, ',');
    const std::string name = lower(take_part(item, ';'));
    const std::optional<unsigned> weight = item.empty() ? kMostWeight : parse_weight(trim(item));
    if (!weight) continue;
    // The name of gzip in the first version of HTTP.
    if (name == coding || (name == "x-gzip" && coding == "gzip")) return *weight;
    if (name == "*") of_others = weight;
  }
  return of_others.value_or(coding == kIdentity ? 1 : 0);
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

Result<StaticFolder> StaticFolder::open(const HttpRoute& route) {
  StaticFolder folder(Descriptor(::open(route.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)));
  // Also whether it can be read, and whether the system has openat2.
  if (folder.folder_.is_open() && open_below(folder.folder_, ".").is_open()) return folder;
  const auto [why, hint] = explain(errno);
  Diagnostic problem = make_diagnostic(Code::HttpRoute, "the route `{}` cannot be used: `{}` {}",
                                       print_route(route), route.folder, why);
  problem.where = route.where;
  problem.hints.emplace_back(hint);
  return problem;
}

HttpResponse StaticFolder::answer(const FileRequest& request) const {
  if (is_hidden(request.rest)) return respond_with_status(404, "Not Found");
  std::string name(request.rest.empty() ? request.rest : request.rest.substr(1));
  const bool names_folder = name.empty() || name.ends_with('/');
  Representation plain{.file = open_below(folder_, name.empty() ? "." : name)};
  if (!plain.file.is_open()) return respond_to_error(errno);
  if (::fstat(plain.file.number(), &plain.status) != 0) return respond_to_error(errno);
  if (S_ISDIR(plain.status.st_mode)) {
    if (!request.path.ends_with('/')) return redirect_to_folder(request);
    name += kIndex;
    plain.file = open_below(folder_, name);
    if (!plain.file.is_open() || ::fstat(plain.file.number(), &plain.status) != 0)
      return respond_to_error(errno);
  } else if (names_folder) {
    return respond_with_status(404, "Not Found");
  }
  // Not a device, and not a pipe.
  if (!S_ISREG(plain.status.st_mode)) return respond_with_status(404, "Not Found");
  if (!request.accept_encoding) return respond_with_file(request, std::move(plain), name);
  std::optional<Representation> chosen =
      choose(folder_, std::move(plain), name, *request.accept_encoding);
  if (chosen) return respond_with_file(request, *std::move(chosen), name);
  HttpResponse response = respond_with_status(406, "Not Acceptable");
  response.fields.emplace_back("vary", "accept-encoding");
  return response;
}

}  // namespace tenon::http
