#include "registry/wasm_pkg_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/backend.h"
#include "registry/curl_client.h"
#include "support/memory_files.h"
#include "tests/support/loopback_server.h"
#include "tests/support/problem_text.h"
#include "tests/support/temporary_folder.h"

namespace tenon::registry::wasm_pkg_config_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string show(const Result<Backend>& chosen) {
  if (!chosen) return problem_of(chosen);
  if (const auto* const local = std::get_if<LocalBackend>(&chosen->backend))
    return "local " + local->root;
  const auto& oci = std::get<OciBackend>(chosen->backend);
  std::string text = fmt::format("oci {} {}", oci.registry, oci.prefix);
  if (oci.scheme) text += *oci.scheme == Scheme::Http ? " http" : " https";
  if (oci.auth) text += fmt::format(" {}:{}", oci.auth->user, oci.auth->password);
  return text;
}

// A client that fails every request, because its library does not exist.
std::unique_ptr<HttpClient> no_network() {
  CurlOptions options;
  options.libraries = {"libtenon-no-such.so"};
  return make_curl_client(options);
}

std::string choose(std::string_view config, const PackageName& package = {"acme", "math"}) {
  const Result<WasmPkgConfig> read = parse_wasm_pkg_config(config, "config.toml");
  if (!read) return problem_of(read);
  const std::unique_ptr<HttpClient> http = no_network();
  return show(choose_backend(*read, package, *http));
}

TEST(WasmPkgConfig, IsReadFromTheFolderOfWkg) {
  EXPECT_EQ(wasm_pkg_config_path({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}),
            "/x/wasm-pkg/config.toml");
  EXPECT_EQ(wasm_pkg_config_path({{"HOME", "/h"}}), "/h/.config/wasm-pkg/config.toml");
  EXPECT_EQ(wasm_pkg_config_path({}), "");
  MemoryFiles files;
  EXPECT_TRUE(read_wasm_pkg_config(files, "")->registries.empty());
  EXPECT_TRUE(read_wasm_pkg_config(files, "/none")->registries.empty());
  files.add("/there", "default_registry = \"a.example\"\n");
  EXPECT_EQ(read_wasm_pkg_config(files, "/there")->default_registry, "a.example");
}

TEST(WasmPkgConfig, TheMostSpecificRegistryIsUsed) {
  constexpr std::string_view kConfig = R"(
default_registry = "default.example"
[namespace_registries]
acme = "acme.example"
[package_registry_overrides]
"acme:log" = "log.example"
[registry."default.example"]
local = { root = "/default" }
[registry."acme.example"]
local = { root = "/acme" }
[registry."log.example"]
local = { root = "/log" }
)";
  EXPECT_EQ(choose(kConfig, {"acme", "log"}), "local /log");
  EXPECT_EQ(choose(kConfig, {"acme", "math"}), "local /acme");
  EXPECT_EQ(choose(kConfig, {"other", "math"}), "local /default");
}

TEST(WasmPkgConfig, KnownNamespacesNeedNoConfiguration) {
  EXPECT_EQ(choose("", {"wasi", "http"}), "oci wasi.dev ");
  EXPECT_EQ(choose("", {"ba", "x"}), "oci bytecodealliance.org ");
  EXPECT_THAT(choose(""), AllOf(HasSubstr("ext-not-found: no registry is configured for the "
                                          "package `acme:math`"),
                                HasSubstr("`default_registry = \"registry.example\"` into "
                                          "`config.toml`"),
                                HasSubstr("`acme = \"registry.example\"`")));
}

TEST(WasmPkgConfig, CanContainMetadata) {
  EXPECT_EQ(choose(R"(
[namespace_registries]
acme = { registry = "localhost", metadata = { preferredProtocol = "oci", "oci" = { registry = "ghcr.io", namespacePrefix = "webassembly/" } } }
[registry."localhost".oci]
auth = { username = "open", password = "sesame" }
protocol = "https"
)"),
            "oci ghcr.io webassembly/ https open:sesame");
  EXPECT_EQ(choose(R"(
[package_registry_overrides]
"acme:math" = { registry = "a", metadata = { ociRegistry = "b", ociNamespacePrefix = "c/" } }
[registry.a.oci]
auth = "cGluZzpwb25n"
protocol = "http"
)"),
            "oci b c/ http ping:pong");
}

// As in wkg, in both places.
TEST(WasmPkgConfig, OlderNamesOverrideTheTable) {
  EXPECT_EQ(choose(R"(
[namespace_registries.acme]
registry = "a"
metadata = { ociRegistry = "old", oci = { registry = "new", namespacePrefix = "new/" } }
)"),
            "oci old new/");
}

TEST(WasmPkgConfig, TheTypeSelectsTheBackend) {
  constexpr std::string_view kBoth = R"(
default_registry = "a"
[registry.a.oci]
auth = "cGluZzpwb25n"
[registry.a.local]
root = "/r"
[registry.a]
)";
  EXPECT_EQ(choose(std::string(kBoth) + "type = \"local\"\n"), "local /r");
  EXPECT_EQ(choose(std::string(kBoth) + "default = \"oci\"\n"), "oci a  ping:pong");
  EXPECT_EQ(choose(kBoth), "oci a  ping:pong");
  EXPECT_THAT(choose("default_registry = \"a\"\n[registry.a]\ntype = \"warg\"\n"),
              HasSubstr("config-value: the registry `a` has the backend `warg`; expected `oci`"));
  EXPECT_THAT(choose("default_registry = \"a\"\n[registry.a]\nwarg = { x = 1 }\n"),
              HasSubstr("has the backend `warg`"));
  EXPECT_THAT(choose("default_registry = \"a\"\n[registry.a]\ntype = \"local\"\n"),
              HasSubstr("has the backend `local` but no `root`"));
}

TEST(WasmPkgConfig, UnknownKeysAreNotes) {
  const Result<WasmPkgConfig> read = parse_wasm_pkg_config(R"(
cache = "x"
[registry.a]
test = { token = "t" }
[registry.a.oci]
accept_invalid_certificates = true
extra_root_certificates = [{ encoding = "pem", data = "x" }]
new = 1
)",
                                                           "config.toml");
  ASSERT_TRUE(read) << problem_of(read);
  std::vector<std::string> notes;
  for (const Diagnostic& note : read->notes) {
    EXPECT_EQ(note.severity, Severity::Note);
    notes.push_back(note.message);
  }
  EXPECT_THAT(notes,
              testing::UnorderedElementsAre(
                  HasSubstr("`accept_invalid_certificates` is ignored"),
                  HasSubstr("`extra_root_certificates` is ignored"), HasSubstr("unknown key `new`"),
                  HasSubstr("unknown key `test`"), HasSubstr("unknown key `cache`")));
}

TEST(WasmPkgConfig, InvalidValuesAreErrors) {
  const auto count = [](std::string_view text) {
    const Result<WasmPkgConfig> read = parse_wasm_pkg_config(text, "config.toml");
    return read ? 0 : read.error().size();
  };
  EXPECT_THAT(choose("x"), StartsWith("config-syntax"));
  EXPECT_THAT(choose("default_registry = \"a b\""), HasSubstr("expected HOST or HOST:PORT"));
  EXPECT_EQ(count("default_registry = 1\n[namespace_registries]\nA = \"b\"\nc = 2\n"), 3U);
  EXPECT_EQ(count("[package_registry_overrides]\nmath = \"b\"\n\"a:b\" = {}\n"), 2U);
  EXPECT_EQ(count("[registry.a]\nlocal = {}\n[registry.b.oci]\nauth = \"x\"\n"), 2U);
  EXPECT_EQ(count("[registry.a.oci]\nprotocol = \"ftp\"\nauth = { username = \"x\" }\n"), 2U);
  EXPECT_EQ(count("registry = 1\n"), 1U);
  EXPECT_EQ(count("[registry]\na = 1\n"), 1U);
}

// A host that publishes metadata of its registry.
class WellKnownTest : public testing::Test {
 protected:
  Result<Backend> choose_of(const Reply& reply) {
    LoopbackServer server([&](const ServedRequest&) { return reply; });
    WasmPkgConfig config;
    config.default_registry = host_ = server.host();
    CurlOptions options;
    options.stall_time = std::chrono::seconds(1);
    Result<Backend> chosen = choose_backend(config, {"acme", "math"}, *make_curl_client(options));
    EXPECT_THAT(server.requests(), ElementsAre("GET /.well-known/wasm-pkg/registry.json"));
    return chosen;
  }

  std::string host_;
};

TEST_F(WellKnownTest, NamesTheRegistryOfItsPackages) {
  EXPECT_EQ(show(choose_of(make_reply(
                200, R"({"oci":{"registry":"ghcr.io","namespacePrefix":"webassembly/"}})"))),
            "oci ghcr.io webassembly/");
  EXPECT_EQ(
      show(choose_of(make_reply(
          200, R"({"oci":{"registry":"new","namespacePrefix":"new/"},"ociRegistry":"old"})"))),
      "oci old new/");
  EXPECT_EQ(
      show(choose_of(make_reply(200, R"({"ociRegistry":"ghcr.io","ociNamespacePrefix":"p/"})"))),
      "oci ghcr.io p/");
  EXPECT_THAT(show(choose_of(make_reply(200, R"({"warg":{"x":1}})"))),
              HasSubstr("has the backend `warg`"));
}

TEST_F(WellKnownTest, IsOptional) {
  const Result<Backend> chosen = choose_of(make_reply(404, ""));
  EXPECT_EQ(show(chosen), "oci " + host_ + " ");
  EXPECT_THAT(chosen->notes, IsEmpty());
}

TEST_F(WellKnownTest, InvalidMetadataIsANote) {
  for (const Reply& reply :
       {make_reply(500, ""), make_reply(200, "<html>"), make_reply(200, "[]"),
        make_reply(302, "", "Location: file:///etc/passwd\r\n"), Reply{"", AfterReply::Close}}) {
    const Result<Backend> chosen = choose_of(reply);
    EXPECT_EQ(show(chosen), "oci " + host_ + " ");
    ASSERT_EQ(chosen->notes.size(), 1U);
    EXPECT_EQ(chosen->notes.front().code, "ext-fetch");
    EXPECT_EQ(chosen->notes.front().severity, Severity::Note);
  }
}

TEST_F(WellKnownTest, CannotSelectAFolderOfThisMachine) {
  EXPECT_THAT(show(choose_of(make_reply(200, R"({"local":{"root":"/etc"}})"))),
              HasSubstr("config-value"));
  const Result<Backend> chosen = choose_of(make_reply(200, R"({"oci":{"registry":1}})"));
  EXPECT_EQ(show(chosen), "oci " + host_ + " ");
}

TEST(OpenBackend, OpensTheChosenBackend) {
  const TemporaryFolder folder;
  MemoryFiles files;
  const std::unique_ptr<HttpClient> http = no_network();
  Backend backend;
  backend.backend = LocalBackend{folder.path()};
  EXPECT_THAT((*open_backend(backend, *http, files, {}))->describe(), HasSubstr("the folder"));
  backend.backend = OciBackend{"registry.example", "web/", {}, {}};
  EXPECT_EQ((*open_backend(backend, *http, files, {}))->describe(),
            "the registry `registry.example/web/`");
}

TEST(OciSettings, AreReadForTheHost) {
  const Result<WasmPkgConfig> config = parse_wasm_pkg_config(
      "[registry.\"a.example\".oci]\nprotocol = \"http\"\nauth = \"cGluZzpwb25n\"\n", "x");
  MemoryFiles files;
  const Result<OciSettings> known = find_oci_settings(*config, "a.example", files, {});
  EXPECT_EQ(known->scheme, Scheme::Http);
  EXPECT_EQ(known->plain_http, PlainHttp::Anywhere);
  EXPECT_TRUE(std::holds_alternative<BasicCredentials>(known->credentials.credentials));
  const Result<OciSettings> unknown = find_oci_settings(*config, "b.example", files, {});
  EXPECT_EQ(unknown->scheme, std::nullopt);
  EXPECT_EQ(unknown->plain_http, PlainHttp::LoopbackOnly);
}

}  // namespace
}  // namespace tenon::registry::wasm_pkg_config_test
