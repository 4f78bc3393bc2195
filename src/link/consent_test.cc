// The requests of manifests, consent to them, and the file that stores it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/trust.h"
#include "tests/support/temporary_folder.h"

namespace tenon::link::consent_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kApp = "(component)";
constexpr std::string_view kHead = R"(schema = 1
[project]
root = "app"
[components.app]
path = "app.wat"
)";
constexpr std::string_view kBundle = R"([host]
name = "lib"
lib = "libc.so.6"
wit = "lib.wit"
abi = "c"
[config.store]
type = "path"
)";

class Consent : public testing::Test {
 protected:
  Consent() {
    folder_.write("shop/app.wat", kApp);
    fs::create_directory(path("shop/data"));
  }

  [[nodiscard]] std::string path(std::string_view name) const { return folder_.path() / name; }

  [[nodiscard]] CompositionBuilder read(std::string_view rest) const {
    CompositionBuilder builder;
    const Result<void> read = builder.read_manifest(
        folder_.write("shop/tenon.toml", std::string(kHead) + std::string(rest)));
    EXPECT_TRUE(read) << (read ? "" : read.error().front().message);
    return builder;
  }
  static std::vector<std::string> texts(const CompositionBuilder& builder) {
    std::vector<std::string> paths;
    for (const ManifestRequest& request : builder.manifest_requests())
      paths.push_back(request.text);
    return paths;
  }
  std::vector<std::string> asked(std::string_view rest) const { return texts(read(rest)); }
  // The code of the problem; empty if it runs.
  static std::string problem_of(CompositionBuilder builder) {
    const Result<Composition> built = builder.build();
    return built ? std::string() : std::string(built.error().front().code);
  }
  void add_bundle(std::string_view folder) const {
    folder_.write(fs::path(folder) / "host.toml", kBundle);
    folder_.write(fs::path(folder) / "lib.wit",
                  "package a:b;\ninterface c { f: func(); }\nworld w { export c; }\n");
  }

  TemporaryFolder folder_;
};

TEST_F(Consent, AManifestWithinItsFolderNeedsNoConsent) {
  EXPECT_THAT(asked(""), IsEmpty());
  EXPECT_THAT(asked("[domains.main]\ndirs = [\"./data::/data\", \"ro:.::/all\"]\n"
                    "env = { LOG = \"info\" }\nstdio = \"inherit\"\n"),
              IsEmpty());
  EXPECT_EQ(problem_of(read("[domains.main]\ndirs = [\"./data::/data\"]\n")), "");
}

TEST_F(Consent, OtherFoldersAndTheNetworkNeedConsent) {
  EXPECT_THAT(
      asked("[domains.main]\ndirs = [\"ro:../::/up\", \"/etc\"]\nnet = [\"a.example:1\"]\n"),
      ElementsAre("a.example:1", "ro:" + folder_.path().string(), "rw:/etc"));
  EXPECT_EQ(problem_of(read("[domains.main]\nnet = [\"*\"]\n")), "config-untrusted");
}

TEST_F(Consent, AddressesAndKeysOfRemoteUnitsNeedConsent) {
  const std::string remote = "[remotes.stock]\ninterfaces = [\"acme:stock\"]\n";
  EXPECT_THAT(
      asked(remote + "url = \"nats://n.example/shop\"\ncredentials = \"/etc/nats.creds\"\n"),
      ElementsAre("nats://n.example:4222/shop", "ro:/etc/nats.creds"));
  EXPECT_THAT(asked(remote + "url = \"tls+tcp://[::1]\"\ntls-key = \"key.pem\"\n"
                             "tls-cert = \"../cert.pem\"\ntls-ca = \"/etc/ca.pem\"\n"),
              ElementsAre("tls+tcp://[::1]:7761"));
  EXPECT_THAT(asked(remote + "url = \"unix:/run/docker.sock\"\n"),
              ElementsAre("unix:/run/docker.sock"));
  EXPECT_THAT(asked(remote + "url = \"unix:" + path("shop/data/s") + "\"\n"), IsEmpty());
  EXPECT_EQ(problem_of(read(remote + "url = \"tcp://[::1]\"\n")), "config-untrusted");
  CompositionBuilder builder = read("");
  builder.add_remote("stock", "tcp://[::1]", {.interfaces = {"acme:stock"}});
  EXPECT_THAT(texts(builder), IsEmpty());
}

TEST_F(Consent, LinksAreResolved) {
  fs::create_symlink("/etc", path("shop/link"));
  EXPECT_THAT(asked("[domains.main]\ndirs = [\"ro:./link::/data\"]\n"), ElementsAre("ro:/etc"));
}

TEST_F(Consent, AFolderWithTheSamePrefixIsNotInside) {
  fs::create_directory(path("shop-2"));
  EXPECT_THAT(asked("[domains.main]\ndirs = [\"../shop-2::/data\"]\n"),
              ElementsAre("rw:" + path("shop-2")));
}

TEST_F(Consent, GrantsOfTheProgramNeedNoConsent) {
  const std::string_view manifest = "[domains.main]\nnet = [\"a.example\"]\ndirs = [\"ro:/etc\"]\n";
  CompositionBuilder builder = read(manifest);
  builder.grants().net.emplace_back("a.example");
  builder.grants().dirs.push_back({"/etc", "/etc", false});
  EXPECT_THAT(texts(builder), IsEmpty());
  // Granted only to the root's domain.
  CompositionBuilder other = read("[domains.other]\nnet = [\"a.example\"]\n");
  other.grants().net.emplace_back("*");
  EXPECT_THAT(texts(other), ElementsAre("a.example"));
  // A grant to read does not include writing.
  CompositionBuilder writes = read("[domains.main]\ndirs = [\"rw:/etc\"]\n");
  writes.grants().dirs.push_back({"/etc", "/etc", false});
  EXPECT_THAT(texts(writes), ElementsAre("rw:/etc"));
}

TEST_F(Consent, NativeCodeNeedsConsent) {
  add_bundle("shop/lib");
  const std::string_view manifest = "[hosts.lib]\nbundle = \"./lib\"\n";
  EXPECT_THAT(asked(manifest), ElementsAre(path("shop/lib")));
  EXPECT_EQ(problem_of(read(manifest)), "config-untrusted");
  CompositionBuilder named = read(manifest);
  named.trust_path(path("shop/lib"));
  EXPECT_THAT(texts(named), IsEmpty());
  // A plan loads nothing.
  EXPECT_TRUE(read(manifest).plan());
}

TEST_F(Consent, BundlesOfTheUserNeedNoConsent) {
  add_bundle("hosts/lib");
  const std::vector<std::string> folders = {path("hosts")};
  CompositionBuilder builder = read("[hosts.lib]\nbundle = \"lib\"\n");
  builder.set_host_folders(folders);
  EXPECT_THAT(texts(builder), IsEmpty());
  // A bundle next to the manifest takes precedence.
  add_bundle("shop/lib");
  EXPECT_THAT(texts(builder), ElementsAre(path("shop/lib")));
}

TEST_F(Consent, PathsInTheConfigurationNeedConsent) {
  add_bundle("hosts/lib");
  const std::vector<std::string> folders = {path("hosts")};
  const auto asked_with = [&](std::string_view store) {
    CompositionBuilder builder = read("[hosts.lib]\nbundle = \"lib\"\nconfig = { store = \"" +
                                      std::string(store) + "\" }\n");
    builder.set_host_folders(folders);
    return texts(builder);
  };
  EXPECT_THAT(asked_with("data/app.db"), IsEmpty());
  EXPECT_THAT(asked_with("/etc/passwd"), ElementsAre("rw:/etc/passwd"));
  EXPECT_THAT(asked_with("../x"), ElementsAre("rw:" + path("x")));
}

TEST_F(Consent, HttpRequestsNeedConsent) {
  const std::string_view manifest = "[domains.main]\nallow-http = [\"a.example\", \"*\"]\n";
  EXPECT_THAT(asked(manifest), ElementsAre("a.example", "*"));
  CompositionBuilder builder = read(manifest);
  EXPECT_EQ(describe_request(builder.manifest_requests()[0]), "HTTP requests to a.example");
  EXPECT_EQ(describe_request(builder.manifest_requests()[1]), "HTTP requests to any host");
  builder.grants().net.emplace_back("*");
  EXPECT_THAT(texts(builder), ElementsAre("a.example", "*"));
  builder.grants().http.emplace_back("*");
  EXPECT_THAT(texts(builder), IsEmpty());
}

TEST_F(Consent, KeysOfHttpNeedConsent) {
  EXPECT_THAT(asked("[http]\ntls-cert = \"/etc/site.pem\"\ntls-key = \"/etc/site.key\"\n"
                    "tls-ca = \"/etc/ca.pem\"\n"),
              ElementsAre("ro:/etc/site.key"));
  EXPECT_THAT(asked("[http]\ntls-cert = \"site.pem\"\ntls-key = \"site.key\"\n"), IsEmpty());
}

// A guest with a folder of its own could replace it between the consent and the first call of a lazy unit.
TEST_F(Consent, FoldersThatBecomeLinksLaterAreNotOpened) {
  folder_.write("shop/app.wat", R"((component
    (import "t:b/api" (instance $b (export "go" (func (result u32)))))
    (export "t:a/api" (instance $b)))
  )");
  folder_.write("shop/low.wat", R"((component
    (core module $m (func (export "go") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func $go (result u32) (canon lift (core func $i "go")))
    (instance $api (export "go" (func $go)))
    (export "t:b/api" (instance $api))))");
  CompositionBuilder builder = read(
      "[components.low]\npath = \"low.wat\"\nisolated = true\n"
      "[domains.low]\ndirs = [\"./data::/data\"]\n"
      "[[wire]]\nimport = \"t:b/api\"\nprovider = \"low\"\nlazy = true\n");
  Result<Composition> built = builder.build();
  ASSERT_TRUE(built) << built.error().front().message;
  fs::remove(path("shop/data"));
  fs::create_directory_symlink(folder_.path(), path("shop/data"));
  const auto answer = built->call("t:a/api", "go", {});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("`data` has become a symbolic link"));
}

TEST_F(Consent, AProgramCanTrustManifests) {
  CompositionBuilder builder = read("[domains.main]\nnet = [\"*\"]\n");
  builder.trust();
  EXPECT_EQ(problem_of(std::move(builder)), "");
}

TEST_F(Consent, TheProblemListsAll) {
  CompositionBuilder builder = read("[domains.main]\nnet = [\"*\", \"a.example\"]\n");
  const Result<Composition> built = builder.build();
  ASSERT_FALSE(built);
  const Diagnostic& problem = built.error().front();
  ASSERT_EQ(problem.notes.size(), 2U);
  EXPECT_EQ(problem.notes[0].text, "the whole network");
  EXPECT_EQ(problem.notes[1].text, "the network: a.example");
  EXPECT_EQ(problem.hints.front().ways.command, "tenon trust " + path("shop"));
}

class TrustFiles : public Consent {
 protected:
  [[nodiscard]] std::string file() const { return path("state/tenon/trust.toml"); }
  [[nodiscard]] TrustFile trust() const { return TrustFile(file()); }
  [[nodiscard]] std::size_t count_new(const std::vector<ManifestRequest>& requests) const {
    const auto untrusted = trust().find_new(requests);
    EXPECT_TRUE(untrusted);
    return untrusted ? untrusted->size() : 0;
  }
};

TEST_F(TrustFiles, StoreTheConsent) {
  const auto before = read("[domains.main]\nnet = [\"a.example\"]\n").manifest_requests();
  EXPECT_EQ(count_new(before), 1U);
  ASSERT_TRUE(trust().add(before));
  EXPECT_EQ(count_new(before), 0U);
  // Later requests are new.
  const auto more = read("[domains.main]\nnet = [\"a.example\", \"*\"]\n").manifest_requests();
  EXPECT_EQ(count_new(more), 1U);
  ASSERT_TRUE(trust().add(more));
  EXPECT_EQ(count_new(more), 0U);
  const auto list = trust().list();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().folder, path("shop"));
  EXPECT_EQ(list->front().requests.size(), 2U);
  EXPECT_EQ(*trust().remove(path("shop")), true);
  EXPECT_EQ(*trust().remove(path("shop")), false);
  EXPECT_EQ(count_new(more), 2U);
}

TEST_F(TrustFiles, ApplyToOneFolder) {
  const auto requests = read("[domains.main]\nnet = [\"a.example\"]\n").manifest_requests();
  ASSERT_TRUE(trust().add(requests));
  fs::copy(path("shop"), path("copy"));
  CompositionBuilder copy;
  ASSERT_TRUE(copy.read_manifest(path("copy/tenon.toml")));
  EXPECT_EQ(count_new(copy.manifest_requests()), 1U);
  // The folder is recognized under another name.
  fs::create_directory_symlink("shop", path("link"));
  CompositionBuilder link;
  ASSERT_TRUE(link.read_manifest(path("link/tenon.toml")));
  EXPECT_EQ(count_new(link.manifest_requests()), 0U);
}

TEST_F(TrustFiles, MustBeWritableOnlyByTheOwner) {
  const auto requests = read("[domains.main]\nnet = [\"a.example\"]\n").manifest_requests();
  ASSERT_TRUE(trust().add(requests));
  struct stat status = {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  fs::permissions(file(), fs::perms(0606));
  const auto refused = trust().find_new(requests);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "config-untrusted");
  EXPECT_FALSE(trust().add(requests));
}

TEST_F(TrustFiles, InvalidFilesAreReported) {
  for (const std::string_view text :
       {"schema = 2\n", "schema = 1\n[[folder]]\nnative = 1\n", "["}) {
    folder_.write("state/tenon/trust.toml", text);
    EXPECT_FALSE(trust().list()) << text;
  }
}

TEST_F(TrustFiles, UnusualNamesSurviveARoundTrip) {
  std::vector<ManifestRequest> requests = {
      {ManifestRequest::Kind::Directory, "rw:/a \"b\"\n\t\\c", "/x'y\"\n", {}}};
  ASSERT_TRUE(trust().add(requests));
  EXPECT_EQ(count_new(requests), 0U);
}

}  // namespace
}  // namespace tenon::link::consent_test
