// A start reads neither the components nor the code of extensions that only lazy needs lead to.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/extension_stores.h"
#include "tests/support/opened_files.h"

namespace tenon::lazy_extensions_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// `top` needs `mid`, and lazily `low`, which needs `deep`.
class LazyExtensions : public ExtensionStores {
 protected:
  LazyExtensions() {
    write("top/top.wat",
          component("acme:top/api", 1000, {"acme:mid/lib@1.0.0", "acme:low/lib@1.0.0"}));
    write("top/extension.toml",
          "[extension]\nname = \"top\"\nversion = \"1.0.0\"\ncomponent = \"top.wat\"\n"
          "[dependencies]\n\"acme:low/lib\" = { version = \"^1\", lazy = true }\n");
    EXPECT_EQ(add({place("top"), write("mid.wat", component("acme:mid/lib@1.0.0", 100)),
                   write("low.wat", component("acme:low/lib@1.0.0", 10, {"acme:deep/lib@1.0.0"})),
                   write("deep.wat", component("acme:deep/lib@1.0.0", 1))}),
              "fine");
  }
  [[nodiscard]] std::string blob(std::string_view name) const {
    const std::string digest = store_.find(name)->digest;
    return place(fmt::format("store/blobs/sha256/{}/{}.wasm", digest.substr(0, 2), digest));
  }
  void watch_blobs(OpenedFiles& opened) const {
    for (const char* const name : {"top", "mid", "low", "deep"}) opened.add(name, blob(name));
  }
  [[nodiscard]] Composition start(LinkForm form = LinkForm::Embedded) const {
    Result<Composition> running =
        store_.link("top")->build({.cache_dir = place("cache"), .link_form = form});
    EXPECT_TRUE(running) << outcome(running);
    return *std::move(running);
  }
  static std::string ask(const Composition& running) {
    const auto answer = running.call("acme:top/api", "f", std::vector{Value::u32(0)});
    if (answer) return print_wave(**answer);
    const Diagnostic problem = failure_diagnostic(answer.error());
    std::string text = problem.message;
    for (const Note& note : problem.notes) text += "; " + note.text;
    return text;
  }
  [[nodiscard]] std::size_t count(std::string_view extension) const {
    std::size_t files = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(place("cache")))
      if (entry.path().extension() == extension) ++files;
    return files;
  }
  void remove(std::string_view extension) const {
    for (const fs::directory_entry& entry : fs::directory_iterator(place("cache")))
      if (entry.path().extension() == extension) fs::remove(entry.path());
  }
};

TEST_F(LazyExtensions, OnlyTheEagerClosureIsOpened) {
  OpenedFiles opened;
  watch_blobs(opened);
  for (int run = 0; run < 2; ++run) {  // the second one is a known link
    const Composition running = start();
    EXPECT_THAT(opened.take(), ElementsAre("mid", "top"));
    EXPECT_EQ(ask(running), "1111");
    // `add` has compiled all of them.
    EXPECT_THAT(opened.take(), IsEmpty());
  }
  // The components are not needed.
  fs::remove(blob("low"));
  fs::remove(blob("deep"));
  EXPECT_EQ(ask(start()), "1111");
}

TEST_F(LazyExtensions, OnlyTheEagerClosureIsCompiled) {
  remove(".code");
  remove(".link");
  OpenedFiles opened;
  watch_blobs(opened);
  const Composition running = start(LinkForm::Reference);
  EXPECT_THAT(opened.take(), ElementsAre("mid", "top"));
  const std::size_t eager = count(".code");
  EXPECT_EQ(ask(running), "1111");
  EXPECT_THAT(opened.take(), ElementsAre("deep", "low"));
  EXPECT_GT(count(".code"), eager);
}

TEST_F(LazyExtensions, TypesAreReadOnceAndStored) {
  fs::remove_all(place("cache"));
  OpenedFiles opened;
  watch_blobs(opened);
  (void)start();
  EXPECT_THAT(opened.take(), ElementsAre("deep", "low", "mid", "top"));
  const Composition running = start();
  EXPECT_THAT(opened.take(), ElementsAre("mid", "top"));
  EXPECT_EQ(ask(running), "1111");
}

TEST_F(LazyExtensions, AComponentThatIsGoneOrChangedFailsTheCall) {
  remove(".code");
  const Composition running = start();
  std::ofstream(blob("deep"), std::ios::app) << 'x';
  EXPECT_THAT(ask(running), HasSubstr("does not match the `sha256`"));
  fs::remove(blob("deep"));
  EXPECT_THAT(ask(start()), HasSubstr("cannot read `deep`, which was not needed until now"));
  // The composition can still be described.
  EXPECT_EQ(running.units().size(), 4U);
}

// Without a cache, types come from the components.
TEST_F(LazyExtensions, RunWithoutACache) { EXPECT_EQ(call("top", "acme:top/api"), "1112"); }

TEST_F(LazyExtensions, CanBeUnitsOfOtherCompositions) {
  const Composition running = start();
  CompositionBuilder builder;
  builder.add_component("user",
                        write("user.wat", component("acme:user/api", 5, {"acme:low/lib@1.0.0"})));
  builder.add_unit("low", *running.unit("low"));
  const Result<Composition> user = builder.build();
  ASSERT_TRUE(user) << outcome(user);
  EXPECT_EQ(print_wave(**user->call("acme:user/api", "f", std::vector{Value::u32(0)})), "16");
}

}  // namespace
}  // namespace tenon::lazy_extensions_test
