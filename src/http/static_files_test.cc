#include "http/static_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::http::static_files_test {
namespace {

using testing::StartsWith;
using Kind = RangeRequest::Kind;

namespace fs = std::filesystem;

TEST(ByteRanges, AreThoseOfTheSpecification) {
  const auto part = [](std::string_view field, std::uint64_t begin, std::uint64_t end) {
    EXPECT_EQ(parse_range(field, 100), (RangeRequest{Kind::Part, {begin, end}})) << field;
  };
  part("bytes=0-0", 0, 1);
  part("bytes=0-", 0, 100);
  part("bytes=99-", 99, 100);
  part("bytes=10-19", 10, 20);
  part("bytes=10-1000", 10, 100);
  part("bytes=-1", 99, 100);
  part("bytes=-1000", 0, 100);
  part("bytes=0-18446744073709551616", 0, 100);
  part("bytes=-18446744073709551615", 0, 100);
  part("Bytes = 1 - 2 ", 1, 3);
  for (const std::string_view field : {"bytes=100-", "bytes=100-200", "bytes=-0"})
    EXPECT_EQ(parse_range(field, 100).kind, Kind::Unsatisfiable) << field;
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::Unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-1", 0).kind, Kind::Unsatisfiable);
  for (const std::string_view field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=2-1", "bytes=1-2,3-4", "bytes=--1",
        "bytes=+1-2", "lines=1-2", "bytes=1-2-3", "bytes=0x1-2", "bytes=1", "=1-2"})
    EXPECT_EQ(parse_range(field, 100).kind, Kind::Whole) << field;
}

TEST(HttpDates, AreReadAsTheyArePrinted) {
  constexpr std::string_view kExample = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(parse_date(kExample), 784111777);
  EXPECT_EQ(print_date(784111777), kExample);
  for (const std::int64_t seconds :
       {std::int64_t{0}, std::int64_t{951782400}, std::int64_t{4102444799}})
    EXPECT_EQ(parse_date(print_date(seconds)), seconds);
  for (const std::string_view text :
       {"", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

TEST(MediaTypes, AreFoundByTheName) {
  EXPECT_EQ(media_type_of("a/b.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type_of("a.tar.gz"), "application/gzip");
  EXPECT_EQ(media_type_of("a.b/c"), "application/octet-stream");
  EXPECT_EQ(media_type_of("wasm"), "application/octet-stream");
  EXPECT_EQ(media_type_of("a.wasm"), "application/wasm");
}

class StaticFiles : public testing::Test {
 protected:
  StaticFiles() {
    root_ = fs::path(testing::TempDir()) / ("static_files_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "public/docs");
    fs::create_directories(root_ / "public/.well-known");
    write("public/a.txt", "0123456789");
    write("public/docs/index.html", "<p>");
    write("public/.secret", "no");
    write("public/.well-known/x", "yes");
    write("outside", "no");
    fs::create_symlink("a.txt", root_ / "public/inner");
    fs::create_symlink("../outside", root_ / "public/outer");
    fs::create_symlink("/etc", root_ / "public/etc");
    EXPECT_EQ(::mkfifo((root_ / "public/pipe").c_str(), 0600), 0);
    folder_.emplace(*open("public"));
  }
  ~StaticFiles() override { fs::remove_all(root_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(root_ / name) << text;
  }
  [[nodiscard]] Result<StaticFolder> open(std::string_view name) const {
    return StaticFolder::open({.path = "/files/*", .folder = (root_ / name).string()});
  }
  [[nodiscard]] engine::HttpResponse get(std::string_view path, FileRequest request = {}) const {
    request.path = request.rest = path;
    return folder_->answer(request);
  }
  [[nodiscard]] std::uint16_t status(std::string_view path) const { return get(path).status; }
  static std::string field(const engine::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.fields)
      if (key == name) return value;
    return "none";
  }

  fs::path root_;
  std::optional<StaticFolder> folder_;
};

TEST_F(StaticFiles, HaveTypesAndValidators) {
  const engine::HttpResponse response = get("/a.txt");
  EXPECT_EQ(response.status, 200);
  ASSERT_TRUE(response.file);
  EXPECT_EQ(response.file->size, 10u);
  EXPECT_EQ(field(response, "content-type"), "text/plain; charset=utf-8");
  const std::string tag = field(response, "etag");
  const std::string date = field(response, "last-modified");
  EXPECT_EQ(get("/a.txt", {.if_none_match = "\"x\", W/" + tag}).status, 304);
  EXPECT_EQ(get("/a.txt", {.if_none_match = "*"}).status, 304);
  EXPECT_EQ(get("/a.txt", {.if_none_match = "\"x\"", .if_modified_since = date}).status, 200);
  EXPECT_EQ(get("/a.txt", {.if_modified_since = date}).status, 304);
  EXPECT_EQ(get("/a.txt", {.if_modified_since = print_date(0)}).status, 200);
  EXPECT_EQ(get("/a.txt", {.if_modified_since = "yesterday"}).status, 200);
}

TEST_F(StaticFiles, HaveRanges) {
  const engine::HttpResponse part = get("/a.txt", {.range = "bytes=2-4"});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(field(part, "content-range"), "bytes 2-4/10");
  EXPECT_EQ(part.file->offset, 2u);
  EXPECT_EQ(part.file->size, 3u);
  const engine::HttpResponse beyond = get("/a.txt", {.range = "bytes=10-"});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(field(beyond, "content-range"), "bytes */10");
  EXPECT_EQ(get("/a.txt", {.is_head = true, .range = "bytes=2-4"}).status, 200);
  const std::string tag = field(part, "etag");
  EXPECT_EQ(get("/a.txt", {.range = "bytes=2-4", .if_range = tag}).status, 206);
  EXPECT_EQ(get("/a.txt", {.range = "bytes=2-4", .if_range = "W/" + tag}).status, 200);
  EXPECT_EQ(get("/a.txt", {.range = "bytes=2-4", .if_range = print_date(0)}).status, 200);
}

TEST_F(StaticFiles, StandForFoldersByTheirIndex) {
  EXPECT_EQ(status("/docs/"), 200);
  EXPECT_EQ(field(get("/docs/"), "content-type"), "text/html; charset=utf-8");
  const engine::HttpResponse moved = get("/docs", {.query = "?a=b"});
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(field(moved, "location"), "/docs/?a=b");
  EXPECT_EQ(status("/"), 404);  // no index, and no listing
  EXPECT_EQ(status("/docs/index.html/"), 404);
}

TEST_F(StaticFiles, DoNotLeadOutOfTheFolder) {
  EXPECT_EQ(status("/inner"), 200);
  for (const std::string_view path :
       {"/outer", "/etc/passwd", "/etc", "/.secret", "/.well-known/.x", "/docs/.hidden/x", "/pipe",
        "/none", "/a.txt/", "/a.txt/b"})
    EXPECT_EQ(status(path), 404) << path;
  EXPECT_EQ(status("/.well-known/x"), 200);
  EXPECT_EQ(status("/" + std::string(5000, 'a')), 404);
  // Paths are normalized before; if one is not, the system refuses it.
  EXPECT_NE(status("/../outside"), 200);
  EXPECT_NE(status("//etc/passwd"), 200);
}

TEST_F(StaticFiles, NeedAFolder) {
  const auto refused = [&](std::string_view name) {
    const Result<StaticFolder> folder = open(name);
    if (folder) return std::string("opened");
    const Diagnostic& problem = folder.error().front();
    EXPECT_EQ(problem.code, "http-route");
    EXPECT_FALSE(problem.hints.empty());
    EXPECT_THAT(problem.message, StartsWith("the route `/files/*` cannot be used: `"));
    return problem.message.substr(problem.message.rfind('`') + 1);
  };
  EXPECT_EQ(refused("none"), " does not exist");
  EXPECT_EQ(refused("outside"), " is not a folder");
  EXPECT_EQ(refused("outside/below"), " is not a folder");
  EXPECT_EQ(refused(std::string(300, 'a')), " cannot be read: File name too long");
  if (::geteuid() == 0) return;  // root can read every folder
  fs::create_directory(root_ / "closed");
  fs::permissions(root_ / "closed", fs::perms::none);
  EXPECT_EQ(refused("closed"), " cannot be read: permission denied");
}

TEST(AcceptedCodings, AreThoseOfTheSpecification) {
  const auto weights = [](std::string_view field) {
    return std::array{weight_of_coding(field, "br"), weight_of_coding(field, "gzip"),
                      weight_of_coding(field, "identity")};
  };
  using Weights = std::array<unsigned, 3>;
  EXPECT_EQ(weights(""), (Weights{0, 0, 1}));
  EXPECT_EQ(weights("gzip"), (Weights{0, 1000, 1}));
  EXPECT_EQ(weights("gzip, deflate, BR"), (Weights{1000, 1000, 1}));
  EXPECT_EQ(weights("X-GZIP;q=0.25"), (Weights{0, 250, 1}));
  EXPECT_EQ(weights(" br ; Q=0.125 ,\tgzip;q=1.000, identity;q=0.5"), (Weights{125, 1000, 500}));
  EXPECT_EQ(weights("*"), (Weights{1000, 1000, 1000}));
  EXPECT_EQ(weights("*;q=0"), (Weights{0, 0, 0}));
  EXPECT_EQ(weights("*;q=0, br"), (Weights{1000, 0, 0}));
  EXPECT_EQ(weights("gzip;q=0, *;q=0.5"), (Weights{500, 0, 500}));
  EXPECT_EQ(weights("identity;q=0"), (Weights{0, 0, 0}));
  EXPECT_EQ(weights("identity;q=0.0, br;q=0."), (Weights{0, 0, 0}));
  EXPECT_EQ(weights(",, gzip ,"), (Weights{0, 1000, 1}));
  // Items that are not well-formed are ignored.
  for (const std::string_view field :
       {"gzip;q=", "gzip;q=1.5", "gzip;q=2", "gzip;q=-1", "gzip;q=0.1234", "gzip;q=.5",
        "gzip;q=1,5x", "gzip;q=0x1", "gzip;level=9", "gzip br", "g*"})
    EXPECT_EQ(weight_of_coding(field, "br"), 0u) << field;
  for (const std::string_view field : {"gzip;q=", "gzip;q=1.5", "gzip;q=0.1234", "gzip br"})
    EXPECT_EQ(weight_of_coding(field, "gzip"), 0u) << field;
}

class PrecompressedFiles : public StaticFiles {
 protected:
  PrecompressedFiles() {
    write("public/s.css", "0123456789");
    write("public/s.css.br", "br br");
    write("public/s.css.zst", "zst zst");
    write("public/s.css.gz", "gz");
    write("public/docs/index.html.gz", "compressed");
    write("public/only.js", "plain");
    write("public/odd.js", "plain");
    fs::create_symlink("../outside", root_ / "public/odd.js.br");
    fs::create_directory(root_ / "public/odd.js.zst");
    EXPECT_EQ(::mkfifo((root_ / "public/odd.js.gz").c_str(), 0600), 0);
    write("public/alone.css.gz", "no file without the ending");
  }

  [[nodiscard]] engine::HttpResponse ask(std::string_view path, std::string accepted,
                                         FileRequest request = {}) const {
    request.accept_encoding = std::move(accepted);
    return get(path, std::move(request));
  }
  // The body sent for `/s.css` to a client with this `Accept-Encoding`.
  [[nodiscard]] std::string sent(std::string accepted) const {
    const engine::HttpResponse response = ask("/s.css", std::move(accepted));
    EXPECT_EQ(field(response, "vary"), "accept-encoding");
    if (response.status != 200) return std::to_string(response.status);
    EXPECT_EQ(field(response, "content-type"), "text/css; charset=utf-8");
    return field(response, "content-encoding");
  }
};

TEST_F(PrecompressedFiles, AreSentToWhoAcceptsThem) {
  EXPECT_EQ(sent("gzip, deflate, br, zstd"), "br");
  EXPECT_EQ(sent("gzip, zstd"), "zstd");
  EXPECT_EQ(sent("gzip"), "gzip");
  EXPECT_EQ(sent("x-gzip"), "gzip");
  EXPECT_EQ(sent("br;q=0.5, gzip;q=0.9, zstd;q=0.8"), "gzip");
  EXPECT_EQ(sent("gzip;q=0.001"), "gzip");
  EXPECT_EQ(sent("*"), "br");
  EXPECT_EQ(sent("br;q=0, *"), "zstd");
  EXPECT_EQ(sent(""), "none");
  EXPECT_EQ(sent("deflate"), "none");
  EXPECT_EQ(sent("br;q=0, zstd;q=0, gzip;q=0"), "none");
  EXPECT_EQ(sent("gzip;q=0.5, identity"), "none");
  EXPECT_EQ(sent("gzip, identity"), "gzip");
  EXPECT_EQ(sent("identity;q=0"), "406");
  EXPECT_EQ(sent("deflate, *;q=0"), "406");
  EXPECT_EQ(sent("gzip, *;q=0"), "gzip");
  EXPECT_EQ(ask("/s.css", "br").file->size, 5u);
}

TEST_F(PrecompressedFiles, HaveTagsAndRangesOfTheirOwn) {
  std::vector<std::string> tags;
  for (const char* const accepted : {"", "br", "zstd", "gzip"}) {
    const engine::HttpResponse whole = ask("/s.css", accepted);
    tags.push_back(field(whole, "etag"));
    const engine::HttpResponse same = ask("/s.css", accepted, {.if_none_match = tags.back()});
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(field(same, "etag"), tags.back());
    EXPECT_EQ(field(same, "vary"), "accept-encoding");
    EXPECT_EQ(field(same, "content-encoding"), "none");
    const engine::HttpResponse part =
        ask("/s.css", accepted, {.range = "bytes=1-", .if_range = tags.back()});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(field(part, "content-encoding"), field(whole, "content-encoding"));
    EXPECT_EQ(part.file->size, whole.file->size - 1);
    const engine::HttpResponse head = ask("/s.css", accepted, {.is_head = true});
    EXPECT_EQ(head.fields, whole.fields);
    EXPECT_EQ(head.file->size, whole.file->size);
  }
  EXPECT_EQ(std::set(tags.begin(), tags.end()).size(), tags.size());
  // A tag of one coding does not match another coding.
  EXPECT_EQ(ask("/s.css", "gzip", {.if_none_match = tags.front()}).status, 200);
  EXPECT_EQ(ask("/s.css", "", {.range = "bytes=1-", .if_range = field(ask("/s.css", "br"), "etag")})
                .status,
            200);
  EXPECT_EQ(ask("/s.css", "gzip", {.range = "bytes=5-"}).status, 416);
  // Tags differ even if the files have equal sizes and times.
  const auto time = fs::last_write_time(root_ / "public/s.css");
  for (const char* const name : {"public/s.css.br", "public/s.css.zst"}) {
    write(name, "0123456789");
    fs::last_write_time(root_ / name, time);
  }
  EXPECT_NE(field(ask("/s.css", ""), "etag"), field(ask("/s.css", "br"), "etag"));
  EXPECT_NE(field(ask("/s.css", "zstd"), "etag"), field(ask("/s.css", "br"), "etag"));
}

TEST_F(PrecompressedFiles, LieBesideTheirFile) {
  EXPECT_EQ(field(ask("/docs/", "gzip"), "content-encoding"), "gzip");
  EXPECT_EQ(field(ask("/docs/", "gzip"), "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(ask("/docs", "gzip").status, 301);
  EXPECT_EQ(ask("/alone.css", "gzip").status, 404);
  // By its own name, such a file is as every other.
  for (const char* const name : {"/s.css.gz", "/alone.css.gz"}) {
    const engine::HttpResponse itself = ask(name, "gzip");
    EXPECT_EQ(itself.status, 200);
    EXPECT_EQ(field(itself, "content-type"), "application/gzip");
    EXPECT_EQ(field(itself, "content-encoding"), "none");
    EXPECT_EQ(field(itself, "vary"), "none");
  }
  // Links that lead out of the folder, folders and pipes do not count.
  for (const char* const name : {"/only.js", "/odd.js"}) {
    const engine::HttpResponse plain = ask(name, "br, zstd, gzip");
    EXPECT_EQ(plain.status, 200) << name;
    EXPECT_EQ(field(plain, "content-encoding"), "none");
    EXPECT_EQ(field(plain, "vary"), "none");
    EXPECT_EQ(ask(name, "br, *;q=0").status, 406);
  }
  // Without `precompressed`, the field has no meaning.
  const engine::HttpResponse plain = get("/s.css");
  EXPECT_EQ(field(plain, "content-encoding"), "none");
  EXPECT_EQ(field(plain, "vary"), "none");
}

}  // namespace
}  // namespace tenon::http::static_files_test
