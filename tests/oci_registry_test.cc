// Publishes and downloads packages with a real registry: Debian's docker-registry. Each test starts
// one on this machine: open, with users, with our token server, or with https.
#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/sha256.h"
#include "registry/curl_client.h"
#include "registry/oci_source.h"
#include "registry/package_source.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/extension.h"
#include "tenon/value.h"
#include "tests/support/loopback_server.h"
#include "tests/support/package_signer.h"
#include "tests/support/problem_text.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_identity.h"

namespace tenon::registry::oci_registry_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kProgram = "/usr/bin/docker-registry";

// A registry that runs until the end of the scope.
// http, more: additions to its configuration.
class DockerRegistry final {
 public:
  explicit DockerRegistry(const std::string& http = "", const std::string& more = "") {
    const std::filesystem::path config = folder_.path() / "config.yml";
    std::ofstream(config) << fmt::format(
        "version: 0.1\n"
        "log: {{level: info, accesslog: {{disabled: true}}}}\n"
        "storage: {{filesystem: {{rootdirectory: {}}}}}\n"
        "http: {{addr: '127.0.0.1:0'{}}}\n{}",
        (folder_.path() / "storage").string(), http, more);
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    id_ = ::fork();
    if (id_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(ends[1], STDERR_FILENO);
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(kProgram, kProgram, "serve", config.c_str(), nullptr);
      ::_exit(126);
    }
    ::close(ends[1]);
    read_port(ends[0]);
    draining_ = std::thread([from = ends[0]] {
      std::array<char, 4096> room;
      while (::read(from, room.data(), room.size()) > 0) {
      }
      ::close(from);
    });
  }
  DockerRegistry(const DockerRegistry&) = delete;
  DockerRegistry& operator=(const DockerRegistry&) = delete;
  ~DockerRegistry() {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    draining_.join();
  }

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + port_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  // Waits until the registry prints its port.
  void read_port(int from) {
    constexpr std::string_view kMark = "listening on 127.0.0.1:";
    std::string text;
    std::array<char, 4096> room;
    while (true) {
      const std::size_t at = text.find(kMark);
      const std::size_t end =
          at == text.npos ? at : text.find_first_not_of("0123456789", at + kMark.size());
      if (end != text.npos) {
        port_ = text.substr(at + kMark.size(), end - at - kMark.size());
        return;
      }
      const ssize_t count = ::read(from, room.data(), room.size());
      ASSERT_GT(count, 0) << text;
      text.append(room.data(), static_cast<std::size_t>(count));
    }
  }

  TemporaryFolder folder_;
  std::string port_;
  pid_t id_ = 0;
  std::thread draining_;
};

Version version(std::string_view text) { return *parse_version(text); }

const PackageName kMath{"acme", "math"};

Package package_of(std::string_view version_text, std::size_t size = 100'000) {
  Package package;
  package.package = kMath;
  package.version = version(version_text);
  package.component = Bytes(size, 7);
  package.manifest = "[extension]\nname = \"math\"\ndescription = \"Sums, \\\"products\\\"\"\n";
  package.exports = {"acme:math/lib@1.0.0"};
  return package;
}

class OciRegistryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(kProgram, X_OK) != 0)
      GTEST_SKIP() << kProgram << " does not exist: install the package docker-registry";
  }
  std::unique_ptr<PackageSource> open(const DockerRegistry& registry,
                                      const Credentials& credentials = {}) {
    OciSettings settings;
    settings.registry = registry.host();
    settings.credentials = {credentials, "the test"};
    return *make_oci_source(*http_, settings, "");
  }

  std::unique_ptr<HttpClient> http_ = make_curl_client({});
};

TEST_F(OciRegistryTest, PublishesAndFetchesPackages) {
  const DockerRegistry registry;
  const std::unique_ptr<PackageSource> source = open(registry);
  EXPECT_THAT(problem_of(source->list_versions(kMath)), HasSubstr("ext-not-found"));
  const Package package = package_of("1.2.0", 3'000'000);
  const Result<Published> published = source->publish(package);
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(published->outcome, PublishOutcome::Added);
  const Result<FetchedPackage> fetched = source->fetch(kMath, version("1.2.0"));
  ASSERT_TRUE(fetched) << problem_of(fetched);
  EXPECT_EQ(fetched->component, package.component);
  EXPECT_EQ(fetched->manifest, package.manifest);
  EXPECT_EQ(fetched->sha256, engine::sha256_hex(package.component));
  EXPECT_EQ(fetched->origin, published->origin);
  OciSettings settings;
  settings.registry = registry.host();
  const Result<FetchedPackage> pinned =
      fetch_oci(*http_, settings, *parse_oci_reference(published->origin.substr(6)));
  ASSERT_TRUE(pinned) << problem_of(pinned);
  EXPECT_EQ(pinned->component, package.component);
}

TEST_F(OciRegistryTest, ListsSearchesAndNeverReplaces) {
  const DockerRegistry registry;
  const std::unique_ptr<PackageSource> source = open(registry);
  for (const char* text : {"1.9.0", "1.10.0", "2.0.0-rc.1"}) {
    const Result<Published> published = source->publish(package_of(text));
    ASSERT_TRUE(published) << problem_of(published);
  }
  EXPECT_THAT(*source->list_versions(kMath),
              ElementsAre(version("1.9.0"), version("1.10.0"), version("2.0.0-rc.1")));
  EXPECT_EQ(*choose_version(*source, kMath, *parse_version_range("^1"), "^1"), version("1.10.0"));
  const Result<FoundPackages> found = source->search({.text = "products"});
  ASSERT_TRUE(found) << problem_of(found);
  ASSERT_EQ(found->packages.size(), 1U);
  EXPECT_EQ(found->packages.front().description, "Sums, \"products\"");
  EXPECT_EQ(source->search({.interface = "acme:math/lib"})->packages.size(), 1U);
  EXPECT_EQ(source->search({.interface = "acme:math/ops"})->packages.size(), 0U);
  EXPECT_EQ(source->publish(package_of("1.9.0"))->outcome, PublishOutcome::AlreadyThere);
  EXPECT_THAT(problem_of(source->publish(package_of("1.9.0", 5))), HasSubstr("ext-publish"));
  EXPECT_THAT(problem_of(source->fetch({"acme", "mth"}, version("1.9.0"))),
              HasSubstr("did you mean `acme:math`?"));
}

TEST_F(OciRegistryTest, PublishersAtTheSameTimeLoseNoEntries) {
  const DockerRegistry registry;
  constexpr int kPublishers = 4;
  constexpr int kVersions = 5;
  std::vector<std::thread> publishers;
  for (int p = 0; p < kPublishers; ++p)
    publishers.emplace_back([&, p] {
      const std::unique_ptr<HttpClient> http = make_curl_client({});
      OciSettings settings;
      settings.registry = registry.host();
      const auto source = *make_oci_source(*http, settings, "");
      for (int v = 0; v < kVersions; ++v) {
        Package package = package_of(fmt::format("1.{}.0", v), 10);
        package.package.name = fmt::format("math{}", p);
        const Result<Published> published = source->publish(package);
        EXPECT_TRUE(published) << problem_of(published);
        if (!published) continue;
        for (const Diagnostic& note : published->notes) ADD_FAILURE() << note.message;
      }
    });
  for (std::thread& publisher : publishers) publisher.join();
  const Result<FoundPackages> found = open(registry)->search({.text = "products"});
  ASSERT_TRUE(found) << problem_of(found);
  ASSERT_EQ(found->packages.size(), std::size_t{kPublishers});
  for (const FoundPackage& package : found->packages)
    EXPECT_EQ(package.versions.size(), std::size_t{kVersions});
  EXPECT_TRUE(found->notes.empty());
}

TEST_F(OciRegistryTest, ListsManyTags) {
  const DockerRegistry registry;
  OciSettings settings;
  settings.registry = registry.host();
  Result<OciClient> client = OciClient::open(*http_, settings);
  ASSERT_TRUE(client) << problem_of(client);
  const OciImage image = make_oci_image(package_of("1.0.0"));
  const Package package = package_of("1.0.0");
  ASSERT_TRUE(client->push_blob("acme/math", image.component_descriptor, package.component));
  ASSERT_TRUE(client->push_blob("acme/math", image.config_descriptor, image.config));
  for (int i = 0; i < 30; ++i)
    ASSERT_TRUE(client->push_manifest("acme/math", fmt::format("1.{}.0", i), image.manifest));
  const auto tags = client->list_tags("acme/math");
  ASSERT_TRUE(tags) << problem_of(tags);
  EXPECT_EQ((*tags)->size(), 30U);
}

TEST_F(OciRegistryTest, ChangedContentIsDetected) {
  const DockerRegistry registry;
  const std::unique_ptr<PackageSource> source = open(registry);
  ASSERT_TRUE(source->publish(package_of("1.0.0")));
  const std::string digest = engine::sha256_hex(package_of("1.0.0").component);
  const std::filesystem::path blob = registry.folder() / "storage/docker/registry/v2/blobs/sha256" /
                                     digest.substr(0, 2) / digest / "data";
  ASSERT_TRUE(std::filesystem::exists(blob));
  std::ofstream(blob, std::ios::binary) << std::string(100'000, 'x');
  EXPECT_THAT(problem_of(source->fetch(kMath, version("1.0.0"))), HasSubstr("ext-digest"));
}

TEST_F(OciRegistryTest, UsersAreAuthenticated) {
  TemporaryFolder folder;
  const std::string users = (folder.path() / "htpasswd").string();
  // The hash of `pa:ss`.
  std::ofstream(users) << "user:$2b$04$abcdefghijklmnopqrstuu2auYx.qp9Oa3Pif.hfhenSQE6jLNfY6\n";
  const DockerRegistry registry(
      "", fmt::format("auth: {{htpasswd: {{realm: test, path: '{}'}}}}\n", users));
  const std::unique_ptr<PackageSource> source = open(registry, BasicCredentials{"user", "pa:ss"});
  const Result<Published> published = source->publish(package_of("1.0.0"));
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(problem_of(source->fetch(kMath, version("1.0.0"))), "fine");
  EXPECT_EQ(problem_of(source->search({})), "fine");
  EXPECT_THAT(problem_of(open(registry)->fetch(kMath, version("1.0.0"))),
              AllOf(HasSubstr("ext-auth"), HasSubstr("tried without credentials")));
  EXPECT_THAT(problem_of(open(registry, BasicCredentials{"user", "x"})->list_versions(kMath)),
              AllOf(HasSubstr("ext-auth"), HasSubstr("tried as user `user`")));
}

// A token server. Anonymous users can pull; `user` with the password `pa:ss` can do everything.
class TokenServer final {
 public:
  explicit TokenServer(const TestIdentity& identity) : identity_(identity) {}

  [[nodiscard]] std::string realm() const { return server_.url("/token"); }
  [[nodiscard]] std::size_t asked() const { return server_.requests().size(); }

 private:
  Reply answer(const ServedRequest& request) const {
    const std::string authorization = request.header("Authorization");
    const bool is_user = authorization == "Basic dXNlcjpwYTpzcw==" ||
                         request.body.find("refresh_token=identity") != std::string::npos;
    if (!is_user && !authorization.empty()) return make_reply(401, "");
    const std::string text = request.method == "POST" ? "?" + request.body : request.target;
    const std::string scope = find_parameter(text, "scope");
    const std::size_t first = scope.find(':');
    const std::size_t last = scope.rfind(':');
    nlohmann::json access = {{"type", scope.substr(0, first)},
                             {"name", scope.substr(first + 1, last - first - 1)},
                             {"actions", nlohmann::json::array({"pull"})}};
    if (is_user) access["actions"] = {"pull", "push", "*"};
    const std::time_t now = std::time(nullptr);
    const nlohmann::json claims = {{"iss", "tenon test"},
                                   {"sub", ""},
                                   {"aud", find_parameter(text, "service")},
                                   {"nbf", now - 60},
                                   {"iat", now},
                                   {"exp", now + 300},
                                   {"jti", "1"},
                                   {"access", nlohmann::json::array({access})}};
    return make_reply(200, nlohmann::json({{"token", identity_.sign_token(claims.dump())}}).dump());
  }

  // The decoded value of a parameter in a query.
  static std::string find_parameter(const std::string& text, const std::string& name) {
    std::size_t at = text.find_first_of("?&");
    while (at != text.npos && text.compare(at + 1, name.size() + 1, name + "=") != 0)
      at = text.find('&', at + 1);
    if (at == text.npos) return {};
    const std::size_t begin = at + name.size() + 2;
    const std::string escaped = text.substr(begin, text.find_first_of("& ", begin) - begin);
    std::string value;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
      if (escaped[i] != '%') {
        value += escaped[i];
        continue;
      }
      value += static_cast<char>(std::stoi(escaped.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return value;
  }

  const TestIdentity& identity_;
  LoopbackServer server_{[this](const ServedRequest& request) { return answer(request); }};
};

class TokenTest : public OciRegistryTest {
 protected:
  std::string auth() const {
    const std::filesystem::path certificate = folder_.path() / "certificate.pem";
    identity_.write(certificate, folder_.path() / "key.pem");
    return fmt::format(
        "auth: {{token: {{realm: '{}', service: 'the registry', issuer: 'tenon test', "
        "rootcertbundle: '{}'}}}}\n",
        tokens_.realm(), certificate.string());
  }

  TemporaryFolder folder_;
  TestIdentity identity_;
  TokenServer tokens_{identity_};
};

TEST_F(TokenTest, AUserPublishesAndAnonymousUsersFetch) {
  const DockerRegistry registry("", auth());
  const std::unique_ptr<PackageSource> source = open(registry, BasicCredentials{"user", "pa:ss"});
  const Result<Published> published = source->publish(package_of("1.0.0"));
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(tokens_.asked(), 2U);  // one for the package, one for the index
  EXPECT_EQ(problem_of(source->search({.text = "math"})), "fine");
  EXPECT_EQ(problem_of(open(registry)->fetch(kMath, version("1.0.0"))), "fine");
  EXPECT_THAT(problem_of(open(registry)->publish(package_of("1.1.0"))),
              AllOf(HasSubstr("ext-auth"), HasSubstr("tried without credentials")));
  // The catalog is not for anonymous users, but the index is.
  const Result<FoundPackages> found = open(registry)->search({.text = "math"});
  ASSERT_TRUE(found) << problem_of(found);
  EXPECT_EQ(found->packages.size(), 1U);
  EXPECT_EQ(found->notes.size(), 1U);
}

TEST_F(TokenTest, AnIdentityTokenReplacesAPassword) {
  const DockerRegistry registry("", auth());
  const Result<Published> published =
      open(registry, IdentityToken{"identity"})->publish(package_of("1.0.0"));
  EXPECT_EQ(problem_of(published), "fine");
}

TEST_F(TokenTest, AWrongPasswordIsReported) {
  const DockerRegistry registry("", auth());
  EXPECT_THAT(problem_of(open(registry, BasicCredentials{"user", "x"})->list_versions(kMath)),
              AllOf(HasSubstr("ext-auth"), HasSubstr("tried as user `user`, from the test")));
}

TEST_F(TokenTest, TokensOfAnotherIssuerAreRefused) {
  const std::string config = auth();
  identity_ = TestIdentity();
  const DockerRegistry registry("", config);
  EXPECT_THAT(problem_of(open(registry)->list_versions(kMath)), HasSubstr("ext-auth"));
}

TEST_F(OciRegistryTest, HttpsNeedsATrustedCertificate) {
  const TemporaryFolder folder;
  const std::string certificate = (folder.path() / "certificate.pem").string();
  const std::string key = (folder.path() / "key.pem").string();
  TestIdentity().write(certificate, key);
  const DockerRegistry registry(
      fmt::format(", tls: {{certificate: '{}', key: '{}'}}", certificate, key));
  OciSettings settings;
  settings.registry = registry.host();
  settings.scheme = Scheme::Https;
  CurlOptions options;
  options.ca_file = certificate;
  const std::unique_ptr<HttpClient> trusting = make_curl_client(options);
  const auto source = make_oci_source(*trusting, settings, "");
  const Result<Published> published = (*source)->publish(package_of("1.0.0"));
  EXPECT_EQ(problem_of(published), "fine");
  EXPECT_EQ(problem_of((*source)->fetch(kMath, version("1.0.0"))), "fine");
  const auto untrusted = make_oci_source(*http_, settings, "");
  EXPECT_THAT(problem_of((*untrusted)->list_versions(kMath)),
              AllOf(HasSubstr("ext-fetch"), HasSubstr("its certificate is not trusted")));
  // The certificate is for 127.0.0.1.
  settings.registry = "localhost" + registry.host().substr(registry.host().find(':'));
  const auto misnamed = make_oci_source(*trusting, settings, "");
  EXPECT_THAT(problem_of((*misnamed)->list_versions(kMath)),
              HasSubstr("its certificate is not trusted"));
}

// A user with wkg's configuration, the sources of the extension `math`, and an extension store.
class User final {
 public:
  // more: additions to the registry's table in the configuration.
  explicit User(const DockerRegistry& registry, std::string_view more = "")
      : variables_({{"XDG_CONFIG_HOME", (folder_.path() / "config").string()}}),
        store_({.folder = folder_.path() / "store", .variables = variables_}) {
    folder_.write("config/wasm-pkg/config.toml",
                  fmt::format("default_registry = \"{0}\"\n[registry.\"{0}\".oci]\n{1}",
                              registry.host(), more));
  }

  // Publishes a version of `math` whose `f` adds `number`.
  [[nodiscard]] Result<PublishedExtension> publish(std::string_view version, int number) const {
    folder_.write("math/math.wat", fmt::format(
                                       R"((component
                (core module $m (func (export "f") (param i32) (result i32)
                  (i32.add (local.get 0) (i32.const {}))))
                (core instance $c (instantiate $m))
                (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
                (instance $e (export "f" (func $f)))
                (export "acme:math/lib@{}" (instance $e))))",
                                       number, version));
    folder_.write(
        "math/extension.toml",
        fmt::format("[extension]\nname = \"sums\"\nversion = \"{}\"\ncomponent = \"math.wat\"\n"
                    "description = \"Adds {}\"\n[permissions]\nenv = [\"HOME\"]\n",
                    version, number));
    return publish_extension(folder_.path() / "math", "acme:math", variables_);
  }
  Result<std::vector<AddedExtension>> add(const std::string& source) {
    return store_.add({{.source = source}});
  }
  // Requires signatures by a key.
  void require_signatures(const std::string& pem) const {
    folder_.write("store/key.pub", pem);
    folder_.write("store/policy.toml", "[[signatures]]\nsigned-by = [\"key.pub\"]\n");
  }
  // Calls `f(1)` of the installed extension.
  [[nodiscard]] std::string call() const {
    Result<CompositionBuilder> builder = store_.link("sums");
    if (!builder) return problem_of(builder);
    const Result<Composition> running = builder->build();
    if (!running) return problem_of(running);
    const std::vector<Value> arguments = {Value::u32(1)};
    const auto answer = running->call("acme:math/lib", "f", arguments);
    return answer ? print_wave(**answer) : answer.error().message;
  }
  [[nodiscard]] ExtensionStore& store() { return store_; }
  [[nodiscard]] const HostVariables& variables() const { return variables_; }

 private:
  TemporaryFolder folder_;
  HostVariables variables_;
  ExtensionStore store_;
};

TEST_F(OciRegistryTest, ExtensionsAreAddedAndUpgradedFromIt) {
  const DockerRegistry registry;
  User user(registry);
  const Result<PublishedExtension> published = user.publish("1.0.0", 10);
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_FALSE(published->was_there);
  EXPECT_THAT(problem_of(user.publish("1.0.0", 11)), HasSubstr("ext-publish"));

  // By tag. The manifest comes with the component.
  const auto added = user.add(fmt::format("oci://{}/acme/math:1.0.0", registry.host()));
  ASSERT_TRUE(added) << problem_of(added);
  const Extension& sums = added->front().extension;
  EXPECT_EQ(sums.name + " " + sums.version, "sums 1.0.0");
  EXPECT_EQ(sums.description, "Adds 10");
  EXPECT_EQ(sums.digest, published->digest);
  EXPECT_EQ(sums.source, published->origin);
  EXPECT_THAT(sums.wants.env, ElementsAre("HOME"));
  EXPECT_THAT(sums.grants, testing::IsEmpty());
  EXPECT_EQ(user.call(), "11");
  // The recorded source names exactly this version, for users who install from a lock file.
  User other(registry);
  EXPECT_EQ(problem_of(other.add(sums.source)), "fine");
  EXPECT_EQ(other.call(), "11");
  EXPECT_EQ(problem_of(other.store().check()), "fine");

  // An upgrade keeps a tag, and resolves a range again.
  ASSERT_EQ(problem_of(user.publish("1.1.0", 20)), "fine");
  ASSERT_EQ(problem_of(user.publish("2.0.0", 30)), "fine");
  auto upgraded = user.store().upgrade({});
  ASSERT_TRUE(upgraded) << problem_of(upgraded);
  EXPECT_THAT(*upgraded, testing::IsEmpty());
  EXPECT_EQ(problem_of(user.add("acme:math@~1.0")), "fine");
  EXPECT_EQ(problem_of(user.add("acme:math@^1")), "fine");
  EXPECT_EQ(user.call(), "21");
  ASSERT_EQ(problem_of(user.publish("1.2.0", 40)), "fine");
  upgraded = user.store().upgrade({"sums"});
  ASSERT_TRUE(upgraded) << problem_of(upgraded);
  ASSERT_EQ(upgraded->size(), 1U);
  EXPECT_EQ(upgraded->front().replaced, "1.1.0");
  EXPECT_EQ(user.call(), "41");

  const auto found = search_extensions({.text = "MATH"}, user.variables());
  ASSERT_TRUE(found) << problem_of(found);
  ASSERT_EQ(found->packages.size(), 1U);
  const FoundExtension& match = found->packages.front();
  EXPECT_EQ(match.package, "acme:math");
  EXPECT_EQ(match.description, "Adds 30");
  EXPECT_THAT(match.versions, ElementsAre("1.0.0", "1.1.0", "1.2.0", "2.0.0"));
  EXPECT_EQ(match.registry, registry.host());
  const auto first = search_extensions({.interface = "acme:math/lib@1.*"}, user.variables());
  ASSERT_EQ(first->packages.size(), 1U);
  EXPECT_THAT(first->packages.front().versions, ElementsAre("1.0.0", "1.1.0", "1.2.0"));
  EXPECT_THAT(problem_of(user.add(fmt::format("oci://{}/acme/math:9.0.0", registry.host()))),
              HasSubstr("ext-not-found"));
  EXPECT_THAT(problem_of(user.add("acme:mth")), HasSubstr("did you mean `acme:math`?"));
}

// tests/signed_packages_test.cc has the rest.
TEST_F(OciRegistryTest, SignaturesOfBothFormsAreFound) {
  const DockerRegistry registry;
  const PackageSigner signer;
  OciClient client = *OciClient::open(*http_, {.registry = registry.host()});
  User user(registry);
  user.require_signatures(signer.pem());
  for (const char* const version : {"1.0.0", "1.1.0"}) {
    const auto published = user.publish(version, 10);
    ASSERT_TRUE(published) << problem_of(published);
    const std::string source = fmt::format("acme:math@{}", version);
    EXPECT_THAT(problem_of(user.add(source)),
                AllOf(HasSubstr("ext-signature"), HasSubstr("is not signed")));
    const std::string digest = published->origin.substr(published->origin.find('@') + 1);
    if (version == std::string_view("1.0.0"))
      signer.push_simple_signing(client, "acme/math", digest);
    else
      signer.push_bundle(client, "acme/math", digest);
    EXPECT_EQ(problem_of(user.add(source)), "fine");
  }
}

TEST_F(TokenTest, ExtensionsArePublishedByAUserAndAddedAnonymously) {
  const DockerRegistry registry("", auth());
  const User user(registry, "auth = { username = \"user\", password = \"pa:ss\" }\n");
  User anybody(registry);
  EXPECT_THAT(problem_of(anybody.publish("1.0.0", 10)), HasSubstr("ext-auth"));
  const auto published = user.publish("1.0.0", 10);
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(problem_of(anybody.add("acme:math")), "fine");
  EXPECT_EQ(anybody.call(), "11");
  const auto found = search_extensions({}, user.variables());
  ASSERT_TRUE(found) << problem_of(found);
  EXPECT_EQ(found->packages.size(), 1U);
}

}  // namespace
}  // namespace tenon::registry::oci_registry_test
