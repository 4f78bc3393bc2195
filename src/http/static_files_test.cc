#include "http/static_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

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
    folder_.emplace(*StaticFolder::open((root_ / "public").string(), {}));
  }
  ~StaticFiles() override { fs::remove_all(root_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(root_ / name) << text;
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
  for (const char* const name : {"none", "outside"}) {
    const Result<StaticFolder> folder = StaticFolder::open((root_ / name).string(), {});
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().front().code, "http-route");
  }
}

}  // namespace
}  // namespace tenon::http::static_files_test
