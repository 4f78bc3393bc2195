#include "registry/credentials.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <string>

#include "support/memory_files.h"
#include "tests/support/problem_text.h"
#include "tests/support/temporary_folder.h"

namespace tenon::registry::credentials_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string show(const Result<FoundCredentials>& result) {
  if (!result) return problem_of(result);
  const auto show_credentials = [](const auto& credentials) -> std::string {
    using Kind = std::decay_t<decltype(credentials)>;
    if constexpr (std::is_same_v<Kind, std::monostate>) return "none";
    if constexpr (std::is_same_v<Kind, BasicCredentials>)
      return fmt::format("basic {}:{}", credentials.user, credentials.password);
    if constexpr (std::is_same_v<Kind, IdentityToken>) return "identity " + credentials.token;
    if constexpr (std::is_same_v<Kind, BearerToken>) return "bearer " + credentials.token;
  };
  return fmt::format("{} of {}", std::visit(show_credentials, result->credentials), result->from);
}

// The credentials for a registry, with this text as docker's config.json.
std::string find(std::string_view config, const std::string& registry,
                 CredentialSettings settings = {}) {
  MemoryFiles files;
  files.add("/h/.docker/config.json", config);
  settings.variables["HOME"] = "/h";
  return show(find_credentials(files, registry, settings));
}

TEST(Credentials, AreReadFromDockersFile) {
  // dXNlcjpwYTpzcw== is user:pa:ss.
  constexpr std::string_view kFile = R"({"auths":{
    "ghcr.io":{"auth":"dXNlcjpwYTpzcw=="},
    "https://old.example/v1/":{"auth":"dXNlcjpwYTpzcw"},
    "localhost:5000":{"username":"me","password":"pw"},
    "token.example":{"auth":"dXNlcjpwYTpzcw==","identitytoken":"id"},
    "bearer.example":{"registrytoken":"reg"},
    "empty.example":{},
    "bad.example":{"auth":"***"},
    "list.example":[]}})";
  const std::string from = " of `/h/.docker/config.json`";
  EXPECT_EQ(find(kFile, "ghcr.io"), "basic user:pa:ss" + from);
  EXPECT_EQ(find(kFile, "old.example"), "basic user:pa:ss" + from);
  EXPECT_EQ(find(kFile, "localhost:5000"), "basic me:pw" + from);
  EXPECT_EQ(find(kFile, "token.example"), "identity id" + from);
  EXPECT_EQ(find(kFile, "bearer.example"), "bearer reg" + from);
  for (const char* registry : {"empty.example", "bad.example", "list.example", "localhost",
                               "evil.ghcr.io", "ghcr.io.evil", "io"})
    EXPECT_EQ(find(kFile, registry), "none" + from) << registry;
}

TEST(Credentials, TheEnvironmentAndWkgComeFirst) {
  constexpr std::string_view kFile = R"({"auths":{"a-b.io:1":{"auth":"dXNlcjpwYTpzcw=="}}})";
  CredentialSettings settings;
  settings.configured = BasicCredentials{"wkg", "secret"};
  EXPECT_EQ(find(kFile, "a-b.io:1", settings),
            "basic wkg:secret of `auth` of wasm-pkg/config.toml");
  // The variable of another registry, a.b.io:1.
  settings.variables["WKG_REGISTRY_A_B_IO_1_AUTH_BEARER"] = "other";
  EXPECT_EQ(find(kFile, "a-b.io:1", settings),
            "basic wkg:secret of `auth` of wasm-pkg/config.toml");
  settings.variables["WKG_REGISTRY_A__B_IO_1_AUTH_BEARER"] = "tok";
  EXPECT_EQ(find(kFile, "a-b.io:1", settings),
            "bearer tok of `WKG_REGISTRY_A__B_IO_1_AUTH_BEARER`");
  EXPECT_EQ(find(kFile, "a.b.io:1", settings),
            "bearer other of `WKG_REGISTRY_A_B_IO_1_AUTH_BEARER`");
}

TEST(Credentials, NoTwoHostsShareAVariable) {
  CredentialSettings settings;
  settings.variables = {{"WKG_REGISTRY_MY__REGISTRY_COM_AUTH_BEARER", "tok"},
                        {"WKG_REGISTRY_A___B_COM_AUTH_BEARER", "tok"},
                        {"WKG_REGISTRY_A___5000_AUTH_BEARER", "tok"}};
  EXPECT_THAT(find("{}", "my-registry.com", settings), HasSubstr("bearer tok"));
  for (const char* registry : {"my_.registry.com", "my._registry.com", "my__registry.com",
                               "my..registry.com", "a-.b.com", "a.-b.com", "a_-b.com", "a-:5000"})
    EXPECT_THAT(find("{}", registry, settings), HasSubstr("none of")) << registry;
}

TEST(Credentials, AnonymousWithoutConfiguration) {
  MemoryFiles files;
  EXPECT_EQ(show(find_credentials(files, "a", {})), "none of `HOME`");
  EXPECT_EQ(show(find_credentials(files, "a", {.variables = {{"HOME", "/h"}}})),
            "none of `/h/.docker/config.json`");
  EXPECT_EQ(show(find_credentials(files, "a", {.variables = {{"DOCKER_CONFIG", "/d"}}})),
            "none of `/d/config.json`");
}

TEST(Credentials, AFileThatIsNotJsonIsAnError) {
  for (const char* text : {"", "[]", "{", "\"x\""})
    EXPECT_THAT(find(text, "a"),
                HasSubstr("ext-auth: `/h/.docker/config.json` is not a JSON object"));
}

TEST(Credentials, BasicIsBase64) {
  EXPECT_EQ(encode_basic({"user", "pa:ss"}), "Basic dXNlcjpwYTpzcw==");
  EXPECT_EQ(decode_basic("dXNlcjpwYTpzcw=="), (BasicCredentials{"user", "pa:ss"}));
  for (const char* text : {"", "dXNlcg==", "dXNl cg", "dXNlcjpwYTpzcw==="})
    EXPECT_EQ(decode_basic(text), std::nullopt) << text;
}

class HelperTest : public testing::Test {
 protected:
  // Installs a shell script as a credential helper.
  void add(const std::string& name, const std::string& script) {
    const std::string path = (folder_.path() / ("docker-credential-" + name)).string();
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }
  std::string ask(const std::string& registry, std::string_view config) {
    CredentialSettings settings;
    settings.variables["PATH"] = "relative:" + folder_.path().string();
    settings.helper_time = std::chrono::milliseconds(300);
    return find(config, registry, settings);
  }

  TemporaryFolder folder_;
};

TEST_F(HelperTest, IsAskedByTheNameOfTheRegistry) {
  add("one",
      R"(read server; test "$1" = get && echo "{\"Username\":\"$server\",\"Secret\":\"s\"}")");
  constexpr std::string_view kConfig = R"({"credHelpers":{"a.example":"one"}})";
  EXPECT_EQ(ask("a.example", kConfig), "basic a.example:s of `docker-credential-one`");
  EXPECT_EQ(ask("b.example", kConfig), "none of `/h/.docker/config.json`");
  EXPECT_EQ(ask("b.example", R"({"credsStore":"one"})"),
            "basic b.example:s of `docker-credential-one`");
}

TEST_F(HelperTest, CanAnswerATokenOrNothing) {
  add("token", R"(echo '{"Username":"<token>","Secret":"id"}')");
  EXPECT_EQ(ask("a", R"({"credsStore":"token"})"), "identity id of `docker-credential-token`");
  add("none", "echo credentials not found in native keychain; exit 1");
  EXPECT_EQ(ask("a", R"({"credsStore":"none","auths":{"a":{"auth":"dXNlcjpwYTpzcw=="}}})"),
            "basic user:pa:ss of `/h/.docker/config.json`");
}

TEST_F(HelperTest, FailuresAreReported) {
  add("fails", "echo locked; echo secret >&2; exit 1");
  EXPECT_THAT(
      ask("a", R"({"credsStore":"fails"})"),
      HasSubstr("ext-auth: the credential helper `docker-credential-fails` failed: locked"));
  add("wrong", "echo '{}'");
  EXPECT_THAT(ask("a", R"({"credsStore":"wrong"})"), HasSubstr("answered without a `Secret`"));
  add("loud", "yes");
  EXPECT_THAT(ask("a", R"({"credsStore":"loud"})"),
              HasSubstr("answered with more than 65536 bytes"));
  EXPECT_THAT(ask("a", R"({"credsStore":"gone"})"), HasSubstr("was not found in PATH"));
  EXPECT_THAT(ask("a", R"({"credsStore":"../../bin/sh"})"), HasSubstr("has an invalid name"));
}

TEST_F(HelperTest, IsKilledWhenItHangs) {
  add("hangs", "exec sleep 60");
  EXPECT_THAT(ask("a", R"({"credsStore":"hangs"})"), HasSubstr("took longer than 300 ms"));
  add("silent", "exec >&-; exec sleep 60");
  EXPECT_THAT(ask("a", R"({"credsStore":"silent"})"), HasSubstr("took longer than 300 ms"));
}

}  // namespace
}  // namespace tenon::registry::credentials_test
