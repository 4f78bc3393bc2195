#include "registry/oci_source.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/sha256.h"
#include "registry/curl_client.h"
#include "registry/oci_index.h"
#include "tests/support/fake_registry.h"
#include "tests/support/problem_text.h"

namespace tenon::registry::oci_source_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const PackageName kMath{"acme", "math"};
const std::string kComponent = "component";
const std::string kTags = "GET /v2/acme/math/tags/list";

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

Version version(std::string_view text) { return *parse_version(text); }

std::string descriptor(std::string_view type, std::string_view digest, std::size_t size) {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})", type, digest, size);
}

CurlOptions quick() {
  CurlOptions options;
  options.stall_time = std::chrono::seconds(1);
  return options;
}

class OciSourceTest : public testing::Test {
 protected:
  OciSourceTest() {
    OciSettings settings;
    settings.registry = registry_.host();
    source_ = *make_oci_source(*http_, settings, "");
  }

  static Package package_of(std::string_view version_text) {
    Package package;
    package.package = kMath;
    package.version = version(version_text);
    package.component = bytes(kComponent);
    return package;
  }
  // The parts of a manifest, valid by default. The blobs exist.
  struct Parts {
    std::string config = "application/vnd.wasm.config.v0+json";
    std::string config_text =
        fmt::format(R"({{"architecture":"wasm","os":"wasip2","layerDigests":["{}"]}})",
                    FakeRegistry::digest(kComponent));
    std::string layers =
        descriptor("application/wasm", FakeRegistry::digest(kComponent), kComponent.size());
    std::string more = {};
  };
  // Adds version 1.0.0; returns the digest of its manifest.
  std::string add(const Parts& parts) {
    registry_.add_blob("acme/math", kComponent);
    const std::string config = registry_.add_blob("acme/math", parts.config_text);
    return registry_.add_manifest(
        "acme/math", "1.0.0",
        fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]{}}})",
                    descriptor(parts.config, config, parts.config_text.size()), parts.layers,
                    parts.more));
  }
  std::string fetch() { return problem_of(source_->fetch(kMath, version("1.0.0"))); }
  Result<FetchedPackage> fetch_reference(const std::string& text) {
    OciSettings settings;
    settings.registry = registry_.host();
    return fetch_oci(*http_, settings, *parse_oci_reference(registry_.host() + text));
  }

  FakeRegistry registry_;
  std::unique_ptr<HttpClient> http_ = make_curl_client(quick());
  std::unique_ptr<PackageSource> source_;
};

TEST_F(OciSourceTest, PublishesAndReadsAgain) {
  Package package = package_of("1.0.0");
  package.manifest = "[extension]\ndescription = \"Sums \\\"and\\\" products\"\n";
  package.exports = {"acme:math/lib@1.0.0"};
  const Result<Published> published = source_->publish(package);
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(published->outcome, PublishOutcome::Added);
  const Result<FetchedPackage> fetched = source_->fetch(kMath, version("1.0.0"));
  ASSERT_TRUE(fetched) << problem_of(fetched);
  EXPECT_EQ(fetched->component, package.component);
  EXPECT_EQ(fetched->manifest, package.manifest);
  EXPECT_EQ(fetched->sha256, engine::sha256_hex(package.component));
  EXPECT_EQ(fetched->origin, published->origin);
  EXPECT_THAT(fetched->origin, AllOf(HasSubstr("oci://" + registry_.host() + "/acme/math:1.0.0@")));
  const OciReference pinned = *parse_oci_reference(fetched->origin.substr(6));
  const Result<FetchedPackage> again =
      fetch_reference("/" + pinned.repository + "@" + pinned.digest);
  ASSERT_TRUE(again) << problem_of(again);
  EXPECT_EQ(again->component, package.component);
}

TEST_F(OciSourceTest, AVersionIsNeverReplaced) {
  Package package = package_of("1.0.0");
  const Result<Published> first = source_->publish(package);
  ASSERT_TRUE(first) << problem_of(first);
  const Result<Published> second = source_->publish(package);
  EXPECT_EQ(second->outcome, PublishOutcome::AlreadyThere);
  EXPECT_EQ(second->origin, first->origin);
  package.manifest = "schema = 1\n";
  EXPECT_THAT(problem_of(source_->publish(package)),
              AllOf(HasSubstr("ext-publish: `acme:math@1.0.0` is already published"),
                    HasSubstr("publish it as a new version")));
  package = package_of("1.0.0+build");
  EXPECT_THAT(problem_of(source_->publish(package)), HasSubstr("its version is not a valid tag"));
}

TEST_F(OciSourceTest, ListsVersionsAndIgnoresOtherTags) {
  for (const char* tag : {"1.10.0", "1.9.0", "latest", "sha256-abc.sig", "1.0", "v1.0.0"})
    registry_.add_manifest("acme/math", tag, "{}");
  const Result<std::vector<Version>> versions = source_->list_versions(kMath);
  ASSERT_TRUE(versions) << problem_of(versions);
  EXPECT_THAT(*versions, ElementsAre(version("1.9.0"), version("1.10.0")));
  registry_.lie(kTags, make_reply(200, R"({"name":"acme/math","tags":null})"));
  EXPECT_EQ(source_->list_versions(kMath)->size(), 0U);
}

TEST_F(OciSourceTest, MissingVersionsNameTheExistingOnes) {
  add({});
  EXPECT_EQ(
      problem_of(source_->fetch(kMath, version("1.2.0"))),
      fmt::format("ext-not-found: no version of `acme:math` in the registry `{}` matches "
                  "`1.2.0`; existing versions: `1.0.0`; `acme:math@^1.0.0` selects the newest",
                  registry_.host()));
  EXPECT_THAT(problem_of(source_->fetch({"acme", "mth"}, version("1.0.0"))),
              AllOf(HasSubstr("ext-not-found: there is no package `acme:mth`"),
                    HasSubstr("did you mean `acme:math`?")));
  EXPECT_THAT(problem_of(fetch_reference("/acme/math:1.1.0")), HasSubstr("did you mean `1.0.0`?"));
  EXPECT_THAT(problem_of(fetch_reference("/acme/none")), HasSubstr("has no readable repository"));
}

TEST_F(OciSourceTest, InvalidNamesAreNotRequested) {
  EXPECT_THAT(problem_of(source_->list_versions({"..", "math"})), HasSubstr("ext-source"));
  EXPECT_THAT(problem_of(source_->fetch({"acme", "a b"}, version("1.0.0"))),
              HasSubstr("ext-source: invalid package name `acme:a b`"));
  EXPECT_TRUE(registry_.server().requests().empty());
}

TEST_F(OciSourceTest, AReferenceWithoutTagIsTheNewestRelease) {
  ASSERT_TRUE(source_->publish(package_of("1.9.0")));
  ASSERT_TRUE(source_->publish(package_of("1.10.0")));
  ASSERT_TRUE(source_->publish(package_of("2.0.0-rc.1")));
  EXPECT_THAT(fetch_reference("/acme/math")->origin, HasSubstr(":1.10.0@"));
}

TEST_F(OciSourceTest, ListsHavePages) {
  registry_.lie(kTags, make_reply(200, R"({"tags":["1.0.0"]})",
                                  "Link: </v2/acme/math/more?n=1>; rel=\"next\"\r\n"));
  registry_.lie("GET /v2/acme/math/more", make_reply(200, R"({"tags":["1.1.0"]})"));
  EXPECT_THAT(*source_->list_versions(kMath), ElementsAre(version("1.0.0"), version("1.1.0")));
}

TEST_F(OciSourceTest, EndlessListsAreErrors) {
  registry_.lie(kTags, make_reply(200, R"({"tags":["1.0.0"]})",
                                  "Link: </v2/acme/math/tags/list?again>; rel=\"next\"\r\n"));
  EXPECT_THAT(problem_of(source_->list_versions(kMath)),
              AllOf(HasSubstr("ext-fetch"), HasSubstr("the list has more than 100 pages")));
}

TEST_F(OciSourceTest, PagesOnOtherServersAreNotRequested) {
  LoopbackServer other([](const ServedRequest&) { return make_reply(200, R"({"tags":[]})"); });
  registry_.lie(kTags, make_reply(200, R"({"tags":["1.0.0"]})",
                                  "Link: <" + other.url("/x") + ">; rel=\"next\"\r\n"));
  EXPECT_THAT(problem_of(source_->list_versions(kMath)), HasSubstr("which is on another server"));
  registry_.lie(kTags, make_reply(200, R"({"tags":["1.0.0"]})",
                                  "Link: <file:///etc/passwd>; rel=\"next\"\r\n"));
  EXPECT_THAT(problem_of(source_->list_versions(kMath)), HasSubstr("does not begin with"));
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(OciSourceTest, InvalidListsAreRefused) {
  for (const char* text : {"", "[]", "{", R"({"tags":"1.0.0"})", R"({"tags":[1]})", R"({"x":[]})",
                           "<html>", R"({"tags":{"a":"b"}})"}) {
    registry_.lie(kTags, make_reply(200, text));
    EXPECT_THAT(problem_of(source_->list_versions(kMath)),
                HasSubstr("the response is not JSON with a list `tags`"))
        << text;
  }
  registry_.lie(kTags, make_reply(500, R"({"errors":[{"code":"UNKNOWN","message":"oh"}]})"));
  EXPECT_THAT(
      problem_of(source_->list_versions(kMath)),
      AllOf(HasSubstr("the server failed (500)"), HasSubstr("the server says: UNKNOWN: oh")));
}

TEST_F(OciSourceTest, ChangedManifestsAreDetected) {
  add({});
  registry_.lie(
      "GET /v2/acme/math/manifests/1.0.0",
      make_reply(200, "{}", "Docker-Content-Digest: " + FakeRegistry::digest("x") + "\r\n"));
  EXPECT_THAT(fetch(), AllOf(HasSubstr("ext-digest"), HasSubstr(FakeRegistry::digest("x")),
                             HasSubstr(FakeRegistry::digest("{}"))));
  const std::string digest = FakeRegistry::digest("y");
  registry_.lie("GET /v2/acme/math/manifests/" + digest, make_reply(200, "{}"));
  EXPECT_THAT(problem_of(fetch_reference("/acme/math@" + digest)), HasSubstr("ext-digest"));
}

TEST_F(OciSourceTest, ChangedBlobsAreDetected) {
  add({});
  const std::string blob = "GET /v2/acme/math/blobs/" + FakeRegistry::digest(kComponent);
  registry_.lie(blob, make_reply(200, "evilponen"));
  EXPECT_THAT(fetch(), AllOf(HasSubstr("ext-digest"), Not(HasSubstr("received"))));
  registry_.lie(blob, make_reply(200, "comp"));
  EXPECT_THAT(fetch(), AllOf(HasSubstr("ext-digest"), HasSubstr("received 4 bytes")));
  registry_.lie(blob, make_reply(200, kComponent + "x"));
  EXPECT_THAT(fetch(), HasSubstr("the response has more than 9 bytes"));
  registry_.lie(blob, {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\ncomp", AfterReply::Close});
  EXPECT_THAT(fetch(), HasSubstr("the response is incomplete"));
  registry_.lie(blob, {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\ncomp", AfterReply::Stall});
  EXPECT_THAT(fetch(), HasSubstr("the transfer stalled or took too long"));
  registry_.lie(
      blob, make_reply(302, "", "Location: " + registry_.server().url(blob.substr(4)) + "\r\n"));
  EXPECT_THAT(fetch(), HasSubstr("more than 5 redirects"));
  registry_.lie(blob, make_reply(302, "", "Location: file:///etc/passwd\r\n"));
  EXPECT_THAT(fetch(), HasSubstr("does not begin with"));
}

TEST_F(OciSourceTest, BlobsCanBeOnAnotherServer) {
  add({});
  LoopbackServer store([](const ServedRequest& request) {
    return make_reply(request.header("Authorization").empty() ? 200 : 400, kComponent);
  });
  registry_.lie("GET /v2/acme/math/blobs/" + FakeRegistry::digest(kComponent),
                make_reply(307, "", "Location: " + store.url("/x?signed=1") + "\r\n"));
  EXPECT_EQ(fetch(), "fine");
}

TEST_F(OciSourceTest, ManifestsOfOtherThingsAreRefused) {
  add({.config = "application/vnd.oci.image.config.v1+json"});
  EXPECT_THAT(fetch(), AllOf(HasSubstr("ext-fetch"),
                             HasSubstr("it is not a component: the type of its config "
                                       "is `application/vnd.oci.image")));
  add({.layers =
           descriptor("application/vnd.oci.image.layer.v1.tar", FakeRegistry::digest("x"), 1)});
  EXPECT_THAT(fetch(), HasSubstr("it has an unexpected or duplicate layer of type "
                                 "`application/vnd.oci.image.layer.v1.tar`"));
  add({.layers = ""});
  EXPECT_THAT(fetch(), HasSubstr("it has no layer of type `application/wasm`"));
  const std::string layer =
      descriptor("application/wasm", FakeRegistry::digest(kComponent), kComponent.size());
  add({.layers = layer + "," + layer});
  EXPECT_THAT(fetch(), HasSubstr("unexpected or duplicate layer of type `application/wasm`"));
  add({.layers = descriptor("application/wasm", "sha512:00", 9)});
  EXPECT_THAT(fetch(), HasSubstr("the digest of its component is `sha512:00`"));
  add({.layers = descriptor("application/wasm", "../../x", 9)});
  EXPECT_THAT(fetch(), HasSubstr("the digest of its component is `../../x`"));
  add({.layers = descriptor("application/wasm", FakeRegistry::digest("x"), 5'000'000'000)});
  EXPECT_THAT(fetch(), HasSubstr("its component has 5000000000 bytes; the limit is"));
  add({.layers = R"({"mediaType":"application/wasm","digest":"x","size":-1})"});
  EXPECT_THAT(fetch(), HasSubstr("has no `mediaType` or no `size`"));
  registry_.add_manifest("acme/math", "1.0.0", R"({"schemaVersion":2,"manifests":[]})");
  EXPECT_THAT(fetch(), HasSubstr("an index of container images"));
  registry_.add_manifest("acme/math", "1.0.0", R"({"schemaVersion":1})");
  EXPECT_THAT(fetch(), HasSubstr("its `schemaVersion` is not 2"));
  registry_.add_manifest("acme/math", "1.0.0", R"({"mediaType":"text/plain"})");
  EXPECT_THAT(fetch(), HasSubstr("its type is `text/plain`"));
  registry_.add_manifest("acme/math", "1.0.0", "not json");
  EXPECT_THAT(fetch(), HasSubstr("it is not a JSON object"));
}

TEST_F(OciSourceTest, ConfigsOfOtherThingsAreRefused) {
  add({.config_text = R"({"architecture":"wasm","os":"wasip1"})"});
  EXPECT_THAT(fetch(), HasSubstr("its architecture is `wasm` on `wasip1`; expected `wasm` on "
                                 "`wasip2`"));
  add({.config_text = R"({"architecture":"amd64"})"});
  EXPECT_THAT(fetch(), HasSubstr("its architecture is `amd64` on nothing"));
  add({.config_text = R"({"architecture":"wasm","os":"wasip2","layerDigests":["sha256:0"]})"});
  EXPECT_THAT(fetch(), HasSubstr("its config belongs to another component"));
  add({.config_text = "no"});
  EXPECT_THAT(fetch(), HasSubstr("its config is not a JSON object"));
}

TEST_F(OciSourceTest, TheManifestTextIsAnAnnotationOrALayer) {
  const std::string text = "schema = 1\n";
  const std::string layers =
      descriptor("application/wasm", FakeRegistry::digest(kComponent), kComponent.size()) + "," +
      descriptor("application/vnd.tenon.extension.v1+toml", FakeRegistry::digest(text),
                 text.size());
  registry_.add_blob("acme/math", text);
  add({.layers = layers});
  EXPECT_EQ(source_->fetch(kMath, version("1.0.0"))->manifest, text);
  add({.layers = layers, .more = R"(,"annotations":{"org.tenon.extension":"x = 1"})"});
  EXPECT_EQ(source_->fetch(kMath, version("1.0.0"))->manifest, "x = 1");
  add({.more = R"(,"annotations":{"org.tenon.extension":1})"});
  EXPECT_EQ(source_->fetch(kMath, version("1.0.0"))->manifest, std::nullopt);
  registry_.lie("GET /v2/acme/math/blobs/" + FakeRegistry::digest(text),
                make_reply(200, "schema = 2\n"));
  add({.layers = layers});
  EXPECT_THAT(fetch(), HasSubstr("ext-digest"));
}

// nlohmann's parser and destructor work at any depth, but its copies and comparisons are recursive.
TEST_F(OciSourceTest, NestedAnswersAreRefused) {
  constexpr std::size_t kDepth = 200'000;
  const std::string nested = std::string(kDepth, '[') + std::string(kDepth, ']');
  const std::string objects = [] {
    std::string text;
    for (std::size_t i = 0; i < kDepth; ++i) text += R"({"a":)";
    return text + "1" + std::string(kDepth, '}');
  }();
  for (const std::string& value : {nested, objects}) {
    for (const char* const key :
         {"config", "layers", "annotations", "mediaType", "schemaVersion"}) {
      add({});
      const std::string good = registry_.find_manifest("acme/math", "1.0.0");
      registry_.add_manifest(
          "acme/math", "1.0.0",
          fmt::format(R"({},"{}":{}}})", good.substr(0, good.size() - 1), key, value));
      const Result<FetchedPackage> fetched = source_->fetch(kMath, version("1.0.0"));
      const bool is_optional =
          std::string_view(key) == "annotations" || std::string_view(key) == "mediaType";
      EXPECT_EQ(fetched.has_value(), is_optional) << key << ": " << problem_of(fetched);
    }
    add({.config_text = fmt::format(
             R"({{"architecture":"wasm","os":"wasip2","layerDigests":[{}],"component":{}}})", value,
             value)});
    EXPECT_THAT(fetch(), HasSubstr("its config belongs to another component"));
    EXPECT_THAT(source_->search({.interface = "*"})->packages, testing::IsEmpty());
    registry_.lie(kTags, make_reply(200, fmt::format(R"({{"tags":[{}]}})", value)));
    EXPECT_THAT(problem_of(source_->list_versions(kMath)),
                HasSubstr("not JSON with a list `tags`"));
    registry_.lie(kTags, make_reply(500, fmt::format(R"({{"errors":[{}]}})", value)));
    EXPECT_THAT(problem_of(source_->list_versions(kMath)), HasSubstr("500"));
    registry_.tell_truth(kTags);
  }
}

TEST_F(OciSourceTest, SearchesTheCatalog) {
  Package package = package_of("1.0.0");
  package.manifest = "[extension]\ndescription = \"Sums\"\n";
  ASSERT_TRUE(source_->publish(package));
  registry_.add_manifest("acme/log", "1.0.0", "{}");
  registry_.add_manifest("library/deep/ubuntu", "22.04", "{}");
  registry_.add_manifest("single", "1.0.0", "{}");
  registry_.add_manifest("acme/tags", "latest", "{}");
  // As if another tool had published it.
  registry_.lie("GET /v2/tenon-index/tags/list", make_reply(404, ""));
  const FoundPackage math{kMath, {version("1.0.0")}, "Sums", {}};
  EXPECT_THAT(source_->search({})->packages, ElementsAre(math));
  EXPECT_THAT(source_->search({.text = "MAT"})->packages, ElementsAre(math));
  EXPECT_EQ(*find_package(*source_, "math"), kMath);
  registry_.lie("GET /v2/_catalog", make_reply(404, ""));
  EXPECT_THAT(problem_of(source_->search({.text = "math"})),
              AllOf(HasSubstr("the registry does not list its repositories"),
                    HasSubstr("name the package")));
  registry_.lie("GET /v2/_catalog", make_reply(403, ""));
  EXPECT_THAT(problem_of(source_->search({.text = "math"})),
              AllOf(HasSubstr("ext-auth"), HasSubstr("name the package")));
}

// wkg writes the interfaces of a component into its config.
TEST_F(OciSourceTest, SearchesTheInterfacesOfOtherTools) {
  add({.config_text = fmt::format(R"({{"architecture":"wasm","os":"wasip2","layerDigests":["{}"],)"
                                  R"("component":{{"exports":["acme:math/lib@1.0.0"],)"
                                  R"("imports":["wasi:io/poll@0.2.0"],"target":null}}}})",
                                  FakeRegistry::digest(kComponent))});
  registry_.add_manifest("acme/log", "1.0.0", "{}");
  const FoundPackage math{kMath, {version("1.0.0")}, "", {"acme:math/lib@1.0.0"}};
  for (const char* const pattern : {"acme:math/lib", "acme:*/lib", "*lib@1.*"})
    EXPECT_THAT(source_->search({.interface = pattern})->packages, ElementsAre(math)) << pattern;
  EXPECT_THAT(source_->search({.interface = "wasi:io/poll"})->packages, testing::IsEmpty());
  EXPECT_THAT(source_->search({.text = "log", .interface = "acme:math/lib"})->packages,
              testing::IsEmpty());
}

class OciIndexTest : public OciSourceTest {
 protected:
  void publish(std::string_view name, std::string_view number, std::string_view description) {
    Package package = package_of(number);
    package.package.name = name;
    package.manifest = fmt::format("[extension]\ndescription = \"{}\"\n", description);
    package.exports = {fmt::format("acme:{}/lib@{}", name, number)};
    const Result<Published> published = source_->publish(package);
    ASSERT_TRUE(published) << problem_of(published);
    notes_ = note_texts(published->notes);
  }
  // "math 1.0.0 1.1.0: Sums", one a line.
  std::string search(const SearchQuery& query) {
    const Result<FoundPackages> found = source_->search(query);
    if (!found) return problem_of(found);
    std::string text;
    for (const FoundPackage& package : found->packages) {
      text += package.package.name;
      for (const Version& each : package.versions) text += ' ' + print_version(each);
      text += fmt::format(": {}\n", package.description);
    }
    notes_ = note_texts(found->notes);
    return text;
  }
  static std::string note_texts(const Diagnostics& notes) {
    std::string text;
    for (const Diagnostic& note : notes) {
      EXPECT_EQ(note.severity, Severity::Note);
      text += note.message + '\n';
    }
    return text;
  }

  std::string notes_;  // of the last call
};

TEST_F(OciIndexTest, AnswersSearches) {
  publish("math", "1.0.0", "Sums");
  publish("math", "1.10.0", "Sums and products");
  publish("log", "0.2.0", "Writes lines");
  registry_.lie("GET /v2/acme/math/tags/list", make_reply(500, ""));
  EXPECT_EQ(search({}), "log 0.2.0: Writes lines\nmath 1.0.0 1.10.0: Sums and products\n");
  EXPECT_EQ(search({.text = "LINES"}), "log 0.2.0: Writes lines\n");
  EXPECT_EQ(search({.text = "products"}), "math 1.10.0: Sums and products\n");
  EXPECT_EQ(search({.interface = "acme:math/lib@1.0.0"}), "math 1.0.0: Sums\n");
  EXPECT_EQ(search({.text = "acme", .interface = "*/lib"}),
            "log 0.2.0: Writes lines\nmath 1.0.0 1.10.0: Sums and products\n");
  EXPECT_EQ(search({.interface = "acme:math/other"}), "");
  EXPECT_EQ(notes_, "");
  registry_.lie("GET /v2/_catalog", make_reply(404, ""));
  EXPECT_EQ(search({.text = "lines"}), "log 0.2.0: Writes lines\n");
  EXPECT_THAT(notes_, HasSubstr("does not list its packages, so only those in its index"));
}

// Another publisher replaced `latest` by one that it made before.
TEST_F(OciIndexTest, EntriesAreNotLost) {
  publish("math", "1.0.0", "Sums");
  const std::string old = registry_.find_manifest("tenon-index", "latest");
  publish("log", "0.2.0", "Writes lines");
  registry_.add_manifest("tenon-index", "latest", old);
  EXPECT_EQ(search({}), "log 0.2.0: Writes lines\nmath 1.0.0: Sums\n");
  publish("sql", "2.0.0", "Queries");
  registry_.forget_tags("tenon-index", "entry-");
  EXPECT_EQ(search({}), "log 0.2.0: Writes lines\nmath 1.0.0: Sums\nsql 2.0.0: Queries\n");
}

TEST_F(OciIndexTest, APublicationSucceedsWithoutIt) {
  registry_.lie("POST /v2/tenon-index/blobs/uploads/", make_reply(403, ""));
  publish("math", "1.0.0", "Sums");
  EXPECT_THAT(notes_, AllOf(HasSubstr("finds it by its name only"), HasSubstr("tenon-index")));
  EXPECT_EQ(problem_of(source_->fetch(kMath, version("1.0.0"))), "fine");
  EXPECT_EQ(search({}), "math 1.0.0: Sums\n");
  // Publishing it again adds it.
  registry_.tell_truth("POST /v2/tenon-index/blobs/uploads/");
  publish("math", "1.0.0", "Sums");
  EXPECT_EQ(notes_, "");
  EXPECT_EQ(search({.text = "sums"}), "math 1.0.0: Sums\n");
}

TEST_F(OciIndexTest, HostileDocumentsAreLeftOut) {
  publish("math", "1.0.0", "Sums");
  registry_.add_manifest("tenon-index", "latest", "{}");
  EXPECT_EQ(search({}), "math 1.0.0: Sums\n");
  EXPECT_THAT(notes_, HasSubstr("its `schemaVersion` is not 2"));
  const auto put_latest = [&](const std::string& text) {
    const OciArtifact artifact =
        make_oci_artifact("application/vnd.tenon.index.v1+json", "x", bytes(text));
    registry_.add_blob("tenon-index", text);
    registry_.add_manifest("tenon-index", "latest",
                           std::string(artifact.manifest.begin(), artifact.manifest.end()));
  };
  put_latest("[]");
  EXPECT_EQ(search({}), "math 1.0.0: Sums\n");
  EXPECT_THAT(notes_, HasSubstr("is not an index: it is not a JSON object"));
  put_latest(R"({"schema":2})");
  (void)search({});
  EXPECT_THAT(notes_, HasSubstr("its `schema` is not 1"));
  put_latest(R"({"schema":1,"packages":[{"name":"../x","version":"1.0.0"}]})");
  (void)search({});
  EXPECT_THAT(notes_, HasSubstr("`../x` is not a package name"));
  put_latest(R"({"schema":1,"packages":[{"name":"a:b","version":"1","digest":7}]})");
  (void)search({});
  EXPECT_THAT(notes_, HasSubstr("the version `1` of `a:b`"));
  put_latest(R"({"schema":1,"packages":[{"name":"a:b","version":"1.0.0","digest":7}]})");
  (void)search({});
  EXPECT_THAT(notes_, HasSubstr("`a:b@1.0.0` has no digest"));
  registry_.lie("GET /v2/tenon-index/tags/list", make_reply(500, ""));
  // Without an index, packages are read one by one.
  EXPECT_EQ(search({}), "math 1.0.0: Sums\n");
  EXPECT_THAT(notes_, HasSubstr("cannot be read"));
}

TEST_F(OciIndexTest, EqualSetsHaveEqualTexts) {
  const IndexEntry a{.package = kMath, .version = version("1.9.0"), .digest = "sha256:a"};
  const IndexEntry b{.package = kMath, .version = version("1.10.0"), .digest = "sha256:b"};
  EXPECT_EQ(print_index({a, b, a}), print_index({b, a}));
}

TEST_F(OciSourceTest, UploadsGoWhereTheRegistryAllowsThem) {
  registry_.lie("POST /v2/acme/math/blobs/uploads/", make_reply(202, ""));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0"))), HasSubstr("answered 202"));
  registry_.lie("POST /v2/acme/math/blobs/uploads/",
                make_reply(202, "", "Location: ftp://x/y\r\n"));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0"))), HasSubstr("does not begin with"));
  registry_.lie("POST /v2/acme/math/blobs/uploads/",
                make_reply(202, "", "Location: http://registry.example/y\r\n"));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0"))),
              HasSubstr("plain http can be changed on the way"));
  registry_.lie("POST /v2/acme/math/blobs/uploads/", make_reply(405, ""));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0"))), HasSubstr("answered 405"));
}

TEST_F(OciSourceTest, AChangedPushIsDetected) {
  registry_.lie(
      "PUT /v2/acme/math/manifests/1.0.0",
      make_reply(201, "", "Docker-Content-Digest: " + FakeRegistry::digest("x") + "\r\n"));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0"))), HasSubstr("ext-digest"));
}

TEST_F(OciSourceTest, APrefixPrecedesTheNamespace) {
  OciSettings settings;
  settings.registry = registry_.host();
  const auto prefixed = make_oci_source(*http_, settings, "web/");
  ASSERT_TRUE(prefixed) << problem_of(prefixed);
  ASSERT_TRUE((*prefixed)->publish(package_of("1.0.0")));
  EXPECT_THAT(registry_.server().requests(), Contains("PUT /v2/web/acme/math/manifests/1.0.0"));
  EXPECT_THAT(*(*prefixed)->list_packages(), ElementsAre(kMath));
  EXPECT_THAT(problem_of(make_oci_source(*http_, settings, "../")), HasSubstr("ext-source"));
  settings.registry = "a b";
  EXPECT_THAT(problem_of(make_oci_source(*http_, settings, "")), HasSubstr("ext-source"));
}

TEST(OciImage, IsTheSameEachTime) {
  Package package;
  package.package = kMath;
  package.version = version("1.0.0");
  package.component = bytes(kComponent);
  const OciImage image = make_oci_image(package);
  EXPECT_EQ(image.manifest, make_oci_image(package).manifest);
  const Result<OciManifest, ManifestError> read = parse_oci_manifest(image.manifest);
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->component, image.component_descriptor);
  EXPECT_EQ(read->config, image.config_descriptor);
  EXPECT_TRUE(check_wasm_config(image.config, read->component));
}

}  // namespace
}  // namespace tenon::registry::oci_source_test
