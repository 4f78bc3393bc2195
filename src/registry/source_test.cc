#include "registry/source.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenon::registry::source_test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::StartsWith;

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string show(const PathSource& source) { return "path " + source.path; }
std::string show(const UrlSource& source) { return "url " + print_url(source.url); }
std::string show(const OciReference& source) { return print_oci_reference(source); }
std::string show(const RegistrySource& source) {
  return fmt::format("package {}:{} {}", source.space.value_or("?"), source.name,
                     source.range_text.empty() ? "any" : source.range_text);
}

// The parsed source as text, or its problem.
std::string read(std::string_view text) {
  const Result<Source> source = parse_source(text);
  if (source) return std::visit([](const auto& kind) { return show(kind); }, *source);
  const Diagnostic& problem = source.error().front();
  return fmt::format("{}: {}; {}", problem.code, problem.message, problem.hints.front().text);
}

TEST(Source, Paths) {
  for (const char* text : {"./x.wasm", "x.wasm", "x.wat", "./dir", "/opt/x", "a/b", ".", ".."})
    EXPECT_EQ(read(text), std::string("path ") + text);
}

TEST(Source, Packages) {
  EXPECT_EQ(read("math"), "package ?:math any");
  EXPECT_EQ(read("math@^1"), "package ?:math ^1");
  EXPECT_EQ(read("acme:math"), "package acme:math any");
  EXPECT_EQ(read("acme:math@>=1.0, <2"), "package acme:math >=1.0, <2");
  const Result<Source> source = parse_source("acme:math@^1.2");
  EXPECT_TRUE(matches_range(std::get<RegistrySource>(*source).range, *parse_version("1.3.0")));
  EXPECT_FALSE(matches_range(std::get<RegistrySource>(*source).range, *parse_version("2.0.0")));
}

TEST(Source, AVersionOfAPackageIsThatVersion) {
  const auto matches = [](std::string_view source, std::string_view version) {
    return matches_range(std::get<RegistrySource>(*parse_source(source)).range,
                         *parse_version(version));
  };
  EXPECT_TRUE(matches("acme:math@1.0.0", "1.0.0"));
  EXPECT_FALSE(matches("acme:math@1.0.0", "1.1.0"));
  EXPECT_FALSE(matches("math@1.0.0", "1.0.1"));
  EXPECT_TRUE(matches("acme:math@2.0.0-rc.1", "2.0.0-rc.1"));
  EXPECT_FALSE(matches("acme:math@2.0.0-rc.1", "2.0.0"));
  EXPECT_TRUE(matches("acme:math@1.0", "1.1.0"));
  EXPECT_TRUE(matches("acme:math@1", "1.1.0"));
  EXPECT_TRUE(matches("acme:math@^1.0.0", "1.1.0"));
  EXPECT_TRUE(matches("acme:math@1.0.0, <2", "1.1.0"));
  EXPECT_EQ(read("acme:math@1.0.0"), "package acme:math 1.0.0");
}

TEST(Source, OciReferencesAndUrls) {
  for (const std::string& text :
       {std::string("oci://registry.example/acme/math:1.2.0"),
        std::string("oci://registry.example:5000/math"), "oci://[::1]:5000/a/b_c.d@" + kDigest,
        "oci://registry.example/acme/math:1.2.0@" + kDigest})
    EXPECT_EQ(read(text), text);
  EXPECT_EQ(read("https://example.org/m.wasm?v=1"), "url https://example.org/m.wasm?v=1");
  EXPECT_EQ(read("http://127.0.0.1:8000/m.wasm"), "url http://127.0.0.1:8000/m.wasm");
}

TEST(Source, ErrorsNameTheExpectedForm) {
  EXPECT_EQ(read("Math"),
            "ext-source: invalid source `Math`: it is not a path, and names of packages are words "
            "of a-z and 0-9, each beginning with a letter, joined by `-`; write a package such as "
            "`acme:math@^1.2`, a path such as `./math.wasm`, "
            "`oci://registry.example/acme/math:1.2.0` or `https://example.org/math.wasm`");
  EXPECT_THAT(read("acme:math@~~1"),
              AllOf(StartsWith("ext-source: invalid source `acme:math@~~1`: it has an invalid "
                               "version range: "),
                    EndsWith("; write `acme:math@^1.2`, `acme:math@1.2.3` or `acme:math`")));
  EXPECT_EQ(read("http://example.org/m.wasm"),
            "ext-source: invalid source `http://example.org/m.wasm`: it uses plain http, which can "
            "be changed on the way, and is not for this machine; write a URL such as "
            "`https://example.org/math.wasm`");
  EXPECT_EQ(read("oci://registry.example"),
            "ext-source: invalid source `oci://registry.example`: it has no repository after its "
            "host; write `oci://HOST/REPOSITORY`, then `:TAG` or `@sha256:DIGEST`, such as "
            "`oci://registry.example/acme/math:1.2.0`");
}

TEST(Source, OtherTextsAreRefused) {
  for (const char* text :
       {"", "a:b:c", "math@", "-math", "ma--th", "ftp://a/b", "file:///etc/passwd", "oci://",
        "oci://a/B", "oci://a/b:", "oci://a/b@sha256:12", "oci://a/b@md5:00", "oci://u@a/b",
        "oci://a/b..c", "oci://a//b", "https://", "https://u:p@a/b", "math@1\n2"})
    EXPECT_EQ(read(text).substr(0, 11), "ext-source:") << text;
}

}  // namespace
}  // namespace tenon::registry::source_test
