// The sources of extensions: registries, lock files, and components that are linked in place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/sha256.h"
#include "support/files.h"
#include "tenon/extension.h"
#include "tests/support/extension_stores.h"
#include "tests/support/loopback_server.h"

namespace tenon::extension_sources_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A store, and a registry in wkg's layout.
class ExtensionSources : public ExtensionStores {
 protected:
  ExtensionSources() {
    write("config/wasm-pkg/config.toml",
          fmt::format("default_registry = \"here\"\n[registry.here]\ntype = \"local\"\n"
                      "local = {{ root = \"{}\" }}\n",
                      place("packages")));
    store_ = ExtensionStore(
        {.folder = place("store"), .cache_dir = place("cache"), .variables = variables()});
  }
  [[nodiscard]] HostVariables variables() const { return {{"XDG_CONFIG_HOME", place("config")}}; }
  // Publishes a package `acme:NAME` with an extension of that name.
  std::string publish(std::string_view name, std::string_view version, std::string_view text,
                      std::string_view dependencies = "") {
    write(fmt::format("{}/x.wat", name), text);
    write(fmt::format("{}/extension.toml", name),
          fmt::format("[extension]\nname = \"{}\"\nversion = \"{}\"\ncomponent = \"x.wat\"\n{}",
                      name, version, dependencies));
    return outcome(publish_extension(place(name), fmt::format("acme:{}", name), variables()));
  }
  static AddOptions accepting(std::vector<std::string>& asked, bool answer = true) {
    AddOptions options;
    options.accept = [&asked, answer](const std::vector<Extension>& more) {
      for (const Extension& extension : more)
        asked.push_back(extension.name + " " + extension.version);
      return answer;
    };
    return options;
  }
};

TEST_F(ExtensionSources, MissingExtensionsAreFetchedIfAccepted) {
  ASSERT_EQ(publish("low", "1.3.0", component("acme:low/lib@1.3.0", 1)), "fine");
  ASSERT_EQ(publish("mid", "1.0.0", component("acme:mid/lib@1.0.0", 10, {"acme:low/lib@1.2.0"})),
            "fine");
  const std::string top = write("top.wat", component("acme:top/api", 100, {"acme:mid/lib@1.0.0"}));
  EXPECT_THAT(add({top}), AllOf(HasSubstr("ext-unmet: `top` needs `acme:mid/lib@1.0.0`"),
                                HasSubstr("`acme:mid@^1.0.0` is mid 1.0.0 from ")));
  std::vector<std::string> asked;
  EXPECT_THAT(add({top}, accepting(asked, false)), HasSubstr("ext-unmet"));
  EXPECT_THAT(asked, ElementsAre("mid 1.0.0"));
  EXPECT_EQ(everything(), "");
  asked.clear();
  ASSERT_EQ(add({top}, accepting(asked)), "fine");
  // The fetched extension needs another one.
  EXPECT_THAT(asked, ElementsAre("mid 1.0.0", "low 1.3.0"));
  EXPECT_EQ(call("top", "acme:top/api"), "112");
}

TEST_F(ExtensionSources, ALimitedNumberOfPackagesIsAskedFor) {
  const auto count = [](std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  std::vector<std::string> imports;
  for (int i = 0; i < 103; ++i) imports.push_back(fmt::format("acme:low{}/lib@1.0.0", i));
  const std::string text = add({write("top.wat", component("acme:top/api", 100, imports))});
  EXPECT_EQ(count(text, "ext-unmet"), 103U);
  EXPECT_EQ(count(text, "was not looked for"), 3U);
}

TEST_F(ExtensionSources, NamedExtensionsAreSearchedFirst) {
  ASSERT_EQ(publish("low", "1.0.0", component("acme:low/lib@1.0.0", 1)), "fine");
  ASSERT_EQ(publish("fast", "2.1.0", component("acme:low/lib@1.0.0", 5)), "fine");
  write("top/x.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}));
  write("top/extension.toml",
        "[extension]\nname = \"top\"\nversion = \"1.0.0\"\ncomponent = "
        "\"x.wat\"\n[dependencies]\nfast = \"^2\"\n");
  std::vector<std::string> asked;
  ASSERT_EQ(add({place("top")}, accepting(asked)), "fine");
  EXPECT_THAT(asked, ElementsAre("fast 2.1.0"));
  EXPECT_EQ(call("top", "acme:top/api"), "106");
}

TEST_F(ExtensionSources, MissingPackagesAreReported) {
  const std::string top = write("top.wat", component("acme:top/api", 100, {"acme:mid/lib@1.0.0"}));
  std::vector<std::string> asked;
  EXPECT_THAT(add({top}, accepting(asked)),
              AllOf(HasSubstr("ext-unmet"), HasSubstr("`acme:mid@^1.0.0`: ")));
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(ExtensionSources, AVersionAfterTheNameIsInstalledAndKept) {
  ASSERT_EQ(publish("low", "1.0.0", component("acme:low/lib@1.0.0", 1)), "fine");
  ASSERT_EQ(publish("low", "1.1.0", component("acme:low/lib@1.0.0", 2)), "fine");
  ASSERT_EQ(add({"acme:low@1.0.0"}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0"));
  ASSERT_TRUE(store_.upgrade({}));
  EXPECT_THAT(names(), ElementsAre("low 1.0.0"));
  ASSERT_EQ(add({"acme:low@1.0"}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.1.0"));
}

// In `[dependencies]`, a version is short for its track, also when a registry is asked.
TEST_F(ExtensionSources, AVersionInAManifestIsARange) {
  ASSERT_EQ(publish("low", "1.2.0", component("acme:low/lib@1.2.0", 1)), "fine");
  write("top/top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}));
  for (const char* const dependency :
       {"\"acme:low/lib\" = \"1.0.0\"", "low = \"1.1.0\"",
        "\"acme:low/lib\" = { version = \"1.0.0\", from = \"low\" }\nlow = \"1.0.0\""}) {
    write("top/extension.toml",
          fmt::format("[extension]\nname = \"top\"\nversion = \"1.0.0\"\ncomponent = \"top.wat\"\n"
                      "[dependencies]\n{}\n",
                      dependency));
    std::vector<std::string> asked;
    EXPECT_EQ(add({place("top")}, accepting(asked)), "fine") << dependency;
    EXPECT_THAT(names(), ElementsAre("low 1.2.0", "top 1.0.0")) << dependency;
    ASSERT_TRUE(store_.remove({"top", "low"}));
  }
}

TEST_F(ExtensionSources, ALockRestoresAStore) {
  ASSERT_EQ(publish("low", "1.0.0", component("acme:low/lib@1.0.0", 1)), "fine");
  const std::string top = write("top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}));
  std::vector<std::string> asked;
  ASSERT_EQ(add({top}, accepting(asked)), "fine");
  ASSERT_EQ(outcome(store_.grant("top", {"env=HOME"})), "fine");
  // A newer version has been published since; the lock names the older one.
  ASSERT_EQ(publish("low", "1.1.0", component("acme:low/lib@1.1.0", 2)), "fine");
  fs::remove(place("store/index.json"));
  fs::remove_all(place("store/blobs"));
  EXPECT_THAT(names(), IsEmpty());
  ASSERT_EQ(add({}, {.offline = true, .locked = true}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0", "top 0.0.0"));
  EXPECT_THAT(store_.find("top")->grants, ElementsAre("env=HOME"));
  EXPECT_EQ(call("top", "acme:top/api"), "102");
  // The lock also says where to look for newer versions.
  const auto newer = store_.upgrade({"low"});
  ASSERT_TRUE(newer) << outcome(newer);
  EXPECT_THAT(names(), ElementsAre("low 1.1.0", "top 0.0.0"));
  EXPECT_EQ(add({}, {.locked = true}), "fine");
}

TEST_F(ExtensionSources, LockedRejectsOtherExtensions) {
  EXPECT_THAT(add({}, {.locked = true}), HasSubstr("ext-locked: the store has no ext.lock"));
  const std::string low = write("low.wat", component("acme:low/lib@1.0.0", 1));
  ASSERT_EQ(add({low}), "fine");
  EXPECT_EQ(add({low}, {.locked = true}), "fine");
  write("low.wat", component("acme:low/lib@1.0.0", 2));
  EXPECT_THAT(add({low}, {.replace = true, .locked = true}),
              AllOf(HasSubstr("ext-locked: `low` 1.0.0 is not in ext.lock"),
                    HasSubstr("locked: 1.0.0, sha256 "), HasSubstr("added:  1.0.0, sha256 ")));
  // The source has other content than the lock says.
  fs::remove(place("store/index.json"));
  EXPECT_THAT(add({}, {.locked = true}), HasSubstr("ext-digest"));
  write("store/ext.lock", "[[extension]]\nname = \"low\"\nversion = \"one\"\nsha = \"0\"\n");
  EXPECT_THAT(add({}, {.locked = true}),
              AllOf(HasSubstr("config-unknown-key"), HasSubstr("config-value")));
}

TEST_F(ExtensionSources, LinkedExtensionsAreReadAgain) {
  ASSERT_EQ(add({write("low.wat", component("acme:low/lib@1.0.0", 1)),
                 write("mid.wat", component("acme:mid/lib@1.0.0", 5))}),
            "fine");
  const std::string top = write("top.wat", component("acme:top/api", 100, {"acme:low/lib@1.0.0"}));
  ASSERT_EQ(add({top}, {.link = true}), "fine");
  EXPECT_EQ(call("top", "acme:top/api"), "102");
  // It needs another extension now.
  write("top.wat", component("acme:top/api", 100, {"acme:mid/lib@1.0.0"}));
  EXPECT_EQ(call("top", "acme:top/api"), "106");
  write("top.wat", component("acme:top/api", 100, {"acme:high/lib@1.0.0"}));
  EXPECT_THAT(call("top", "acme:top/api"),
              HasSubstr("ext-unmet: `top` needs `acme:high/lib@1.0.0`"));
  write("top.wat", "(component");
  EXPECT_THAT(call("top", "acme:top/api"), HasSubstr("read-malformed"));
  // Other extensions still work.
  EXPECT_EQ(call("low", "acme:low/lib"), "2");
}

TEST_F(ExtensionSources, AComponentOutsideOfItsFolderIsRefused) {
  const std::string built = write("built/release/x.wat", component("acme:low/lib@1.0.0", 1));
  write("low/extension.toml",
        "[extension]\nname = \"low\"\nversion = \"1.0.0\"\ncomponent = \"target/release/x.wat\"\n");
  const std::string target = place("low/target");
  std::filesystem::create_directory_symlink(place("built"), target);
  for (const std::string& refused :
       {add({place("low")}), outcome(publish_extension(place("low"), "acme:low", variables()))}) {
    EXPECT_THAT(refused, HasSubstr("is outside of its folder: `" + target + "` is a link to `"));
  }
  // The file alone can be a link, too.
  std::filesystem::remove(target);
  std::filesystem::create_directories(target + "/release");
  std::filesystem::create_symlink(built, target + "/release/x.wat");
  EXPECT_THAT(add({place("low")}), HasSubstr("`" + target + "/release/x.wat` is a link to `"));
  // Links within the folder lead nowhere else.
  std::filesystem::remove_all(target);
  std::filesystem::rename(place("built"), place("low/built"));
  std::filesystem::create_directory_symlink("built", target);
  EXPECT_EQ(add({place("low")}), "fine");
}

TEST_F(ExtensionSources, PrereleasesAreOptIn) {
  ASSERT_EQ(publish("low", "1.0.0", component("acme:low/lib@1.0.0", 1)), "fine");
  ASSERT_EQ(publish("low", "1.1.0-rc.1", component("acme:low/lib@1.0.0", 2)), "fine");
  ASSERT_EQ(add({"acme:low"}), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0"));
  ASSERT_EQ(outcome(store_.upgrade({"low"})), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.0.0"));
  ASSERT_EQ(outcome(store_.upgrade({"low"}, {.prereleases = true})), "fine");
  EXPECT_THAT(names(), ElementsAre("low 1.1.0-rc.1"));
}

// The index of a project comes with it, so looking at the project must not use the network.
TEST_F(ExtensionSources, LinksAreReadFromFilesOnly) {
  std::atomic<int> requests = 0;
  const LoopbackServer server([&](const ServedRequest&) {
    ++requests;
    return make_reply(404, "");
  });
  write("config/wasm-pkg/config.toml", fmt::format("default_registry = \"{}\"\n", server.host()));
  const std::string path = write("low.wat", component("acme:low/lib@1.0.0", 1));
  ASSERT_EQ(add({path}, {.link = true}), "fine");
  std::ifstream file(place("store/index.json"));
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& source :
       {std::string("acme:low"), server.url("/low.wasm"),
        fmt::format("oci://{}/acme/low@sha256:{}", server.host(), std::string(64, 'a'))}) {
    std::string text = good;
    text.replace(text.find(path), path.size(), source);
    write("store/index.json", text);
    EXPECT_THAT(names(), ElementsAre("low 1.0.0")) << source;
    (void)store_.link("low");
    (void)store_.check();
    (void)store_.libraries();
  }
  EXPECT_EQ(requests, 0);
}

TEST_F(ExtensionSources, APinnedUrlIsNotUpgraded) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/guests/wasm/adder.wasm", std::ios::binary);
  const std::string first{std::istreambuf_iterator<char>(file), {}};
  const std::string second = first + std::string("\0\2\1x", 4);  // an empty custom section
  std::atomic<int> requests = 0;
  std::atomic<bool> is_changed = false;
  const LoopbackServer server([&](const ServedRequest&) {
    ++requests;
    return make_reply(200, is_changed ? second : first);
  });
  const std::string digest = engine::sha256_hex(as_bytes(first));
  ASSERT_EQ(outcome(store_.add({{.source = server.url("/adder.wasm"), .sha256 = digest}})), "fine");
  EXPECT_FALSE(store_.find("adder")->unpinned);
  is_changed = true;
  requests = 0;
  std::vector<std::string> notes;
  const auto on_note = [&](const Diagnostic& note) { notes.push_back(note.message); };
  for (const std::vector<std::string>& asked : {std::vector<std::string>(), {"adder"}}) {
    const auto upgraded = store_.upgrade(asked, {.on_note = on_note});
    ASSERT_TRUE(upgraded) << outcome(upgraded);
    EXPECT_THAT(*upgraded, IsEmpty());
  }
  EXPECT_EQ(requests, 0);
  EXPECT_THAT(notes,
              ElementsAre(HasSubstr("`adder` is not upgraded"), HasSubstr("`adder` is not")));
  EXPECT_EQ(store_.find("adder")->digest, digest);
  // An extension that was added without a pin is upgraded without one.
  AddOptions options{.replace = true, .unpinned = true};
  ASSERT_EQ(add({server.url("/adder.wasm")}, options), "fine");
  EXPECT_TRUE(store_.find("adder")->unpinned);
  is_changed = false;
  notes.clear();
  ASSERT_EQ(outcome(store_.upgrade({}, {.on_note = on_note})), "fine");
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(store_.find("adder")->digest, digest);
  EXPECT_TRUE(store_.find("adder")->unpinned);
}

}  // namespace
}  // namespace tenon::extension_sources_test
