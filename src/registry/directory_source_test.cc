#include "registry/directory_source.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/sha256.h"
#include "tests/support/problem_text.h"
#include "tests/support/temporary_folder.h"

namespace tenon::registry::directory_source_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

Version version(std::string_view text) { return *parse_version(text); }

const PackageName kMath{"acme", "math"};

Package package_of(const char* version_text, std::string_view component) {
  Package package;
  package.package = kMath;
  package.version = version(version_text);
  package.component = bytes(component);
  return package;
}

class DirectorySourceTest : public testing::Test {
 protected:
  void add(const std::string& path, std::string_view content) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  std::string range(const std::string& text) {
    const Result<Version> chosen =
        choose_version(*source_, kMath, *parse_version_range(text.empty() ? "*" : text), text);
    return chosen ? print_version(*chosen) : problem_of(chosen);
  }

  TemporaryFolder temporary_;
  std::filesystem::path root_ = temporary_.path() / "packages";
  std::unique_ptr<PackageSource> source_ = make_directory_source(root_);
};

TEST_F(DirectorySourceTest, ReadsTheLayoutOfWkg) {
  add("acme/math/1.10.0.wasm", "ten");
  add("acme/math/1.9.0.wasm", "nine");
  add("acme/math/1.9.0.toml", "schema = 1\n");
  add("acme/math/2.0.0-rc.1.wasm", "next");
  const Result<std::vector<Version>> versions = source_->list_versions(kMath);
  ASSERT_TRUE(versions) << problem_of(versions);
  EXPECT_THAT(*versions, ElementsAre(version("1.9.0"), version("1.10.0"), version("2.0.0-rc.1")));
  const Result<FetchedPackage> fetched = source_->fetch(kMath, version("1.9.0"));
  ASSERT_TRUE(fetched) << problem_of(fetched);
  EXPECT_EQ(fetched->component, bytes("nine"));
  EXPECT_EQ(fetched->manifest, "schema = 1\n");
  EXPECT_EQ(fetched->sha256, engine::sha256_hex(bytes("nine")));
  EXPECT_EQ(fetched->origin, (root_ / "acme/math/1.9.0.wasm").string());
  EXPECT_EQ(source_->fetch(kMath, version("1.10.0"))->manifest, std::nullopt);
}

TEST_F(DirectorySourceTest, TheGreatestVersionOfARangeIsChosen) {
  for (const char* name : {"1.9.0", "1.10.0", "0.9.0", "2.0.0-rc.1"})
    add(fmt::format("acme/math/{}.wasm", name), "x");
  EXPECT_EQ(range("^1"), "1.10.0");
  EXPECT_EQ(range(""), "1.10.0");
  EXPECT_EQ(range("=2.0.0-rc.1"), "2.0.0-rc.1");
  EXPECT_EQ(range("^3"), fmt::format("ext-not-found: no version of `acme:math` in the folder `{}` "
                                     "matches `^3`; existing versions: `0.9.0`, `1.9.0`, `1.10.0`, "
                                     "`2.0.0-rc.1`; `acme:math@=2.0.0-rc.1` selects the newest",
                                     root_.string()));
}

TEST_F(DirectorySourceTest, MissingPackagesAndVersionsHaveNearMisses) {
  add("acme/math/1.0.0.wasm", "x");
  EXPECT_THAT(problem_of(source_->fetch({"acme", "mth"}, version("1.0.0"))),
              AllOf(HasSubstr("ext-not-found: there is no package `acme:mth` in the folder"),
                    HasSubstr("did you mean `acme:math`?")));
  EXPECT_THAT(problem_of(source_->list_versions({"acne", "math"})),
              HasSubstr("did you mean `acme:math`?"));
  EXPECT_THAT(problem_of(source_->fetch(kMath, version("1.0.1"))),
              AllOf(HasSubstr("matches `1.0.1`; existing versions: `1.0.0`"),
                    HasSubstr("`acme:math@^1.0.0`")));
  EXPECT_THAT(problem_of(make_directory_source(root_ / "none")->list_versions(kMath)),
              HasSubstr("read-file: cannot read"));
}

TEST_F(DirectorySourceTest, ManyVersionsAreNotAllListed) {
  for (int i = 0; i < 30; ++i) add(fmt::format("acme/math/1.{}.0.wasm", i), "x");
  EXPECT_THAT(range("^2"), HasSubstr("`1.29.0`, and 20 older ones"));
}

TEST_F(DirectorySourceTest, ANameIsFoundInAnyNamespace) {
  add("acme/math/1.0.0.wasm", "x");
  add("acme/log/1.0.0.wasm", "x");
  add("other/log/1.0.0.wasm", "x");
  EXPECT_EQ(*find_package(*source_, "math"), kMath);
  EXPECT_THAT(problem_of(find_package(*source_, "log")),
              AllOf(HasSubstr("more than one package is named `log`"),
                    HasSubstr("write `acme:log`; write `other:log`")));
  EXPECT_THAT(problem_of(find_package(*source_, "mat")), HasSubstr("did you mean `math`?"));
}

TEST_F(DirectorySourceTest, OtherFilesAreIgnored) {
  add("acme/math/1.0.0.wasm", "x");
  for (const char* name : {"acme/math/latest.wasm", "acme/math/1.0.wasm", "acme/math/01.0.0.wasm",
                           "acme/math/.wasm", "acme/math/readme.md", "Acme/math/1.0.0.wasm",
                           "acme/ma_th/1.0.0.wasm", "acme/file", ".git/config"})
    add(name, "x");
  EXPECT_THAT(*source_->list_versions(kMath), ElementsAre(version("1.0.0")));
  EXPECT_THAT(source_->search({})->packages,
              ElementsAre(FoundPackage{kMath, {version("1.0.0")}, "", {}}));
}

TEST_F(DirectorySourceTest, LinksAreNotFollowed) {
  const std::filesystem::path outside = temporary_.path() / "outside";
  std::filesystem::create_directories(outside / "secret");
  std::ofstream(outside / "secret" / "1.0.0.wasm") << "secret";
  std::filesystem::create_directories(root_ / "acme" / "math");
  std::filesystem::create_symlink(outside, root_ / "linked");
  std::filesystem::create_symlink(outside / "secret", root_ / "acme" / "secret");
  std::filesystem::create_symlink(outside / "secret" / "1.0.0.wasm",
                                  root_ / "acme" / "math" / "1.0.0.wasm");
  for (const PackageName& package :
       {PackageName{"linked", "secret"}, PackageName{"acme", "secret"}, kMath})
    EXPECT_THAT(problem_of(source_->fetch(package, version("1.0.0"))),
                AllOf(HasSubstr("read-file"), HasSubstr("which is not followed here")));
  Package package = package_of("2.0.0", "x");
  package.package = {"linked", "secret"};
  EXPECT_THAT(problem_of(source_->publish(package)), HasSubstr("write-file"));
  EXPECT_FALSE(std::filesystem::exists(outside / "secret" / "2.0.0.wasm"));
}

TEST_F(DirectorySourceTest, FoldersPipesAndHugeFilesAreRefused) {
  std::filesystem::create_directories(root_ / "acme/math/1.0.0.wasm");
  EXPECT_THAT(problem_of(source_->fetch(kMath, version("1.0.0"))), HasSubstr("read-file"));
  ASSERT_EQ(::mkfifo((root_ / "acme/math/1.1.0.wasm").c_str(), 0600), 0);
  EXPECT_THAT(problem_of(source_->fetch(kMath, version("1.1.0"))), HasSubstr("read-file"));
  add("acme/math/1.2.0.wasm", "x");
  std::filesystem::resize_file(root_ / "acme/math/1.2.0.wasm", std::uintmax_t{1} << 40);
  EXPECT_THAT(problem_of(source_->fetch(kMath, version("1.2.0"))),
              AllOf(HasSubstr("read-limit"), HasSubstr("more than 268435456 bytes")));
  add("acme/math/1.3.0.wasm", "x");
  add("acme/math/1.3.0.toml", "x");
  std::filesystem::resize_file(root_ / "acme/math/1.3.0.toml", std::uintmax_t{1} << 30);
  EXPECT_THAT(problem_of(source_->fetch(kMath, version("1.3.0"))), HasSubstr("read-limit"));
}

TEST_F(DirectorySourceTest, PublishesAndReadsAgain) {
  Package package = package_of("1.0.0", "one");
  package.manifest = "[extension]\ndescription = \"Sums and products\"\n";
  const Result<Published> published = source_->publish(package);
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(published->outcome, PublishOutcome::Added);
  EXPECT_EQ(published->sha256, engine::sha256_hex(package.component));
  const Result<FetchedPackage> fetched = source_->fetch(kMath, version("1.0.0"));
  ASSERT_TRUE(fetched) << problem_of(fetched);
  EXPECT_EQ(fetched->component, package.component);
  EXPECT_EQ(fetched->manifest, package.manifest);
  EXPECT_EQ(fetched->origin, published->origin);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / "acme/math"))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("1.0.0.wasm", "1.0.0.toml"));
}

TEST_F(DirectorySourceTest, AVersionIsNeverReplaced) {
  Package package = package_of("1.0.0", "one");
  ASSERT_TRUE(source_->publish(package));
  EXPECT_EQ(source_->publish(package)->outcome, PublishOutcome::AlreadyThere);
  package.manifest = "schema = 1\n";
  EXPECT_THAT(problem_of(source_->publish(package)),
              HasSubstr("ext-publish: `acme:math@1.0.0` is already published in the folder"));
  EXPECT_THAT(problem_of(source_->publish(package_of("1.0.0", "two"))), HasSubstr("ext-publish"));
  EXPECT_EQ(source_->fetch(kMath, version("1.0.0"))->component, bytes("one"));
}

TEST_F(DirectorySourceTest, OneOfManyConcurrentPublishersWins) {
  constexpr int kPublishers = 8;
  std::atomic<int> added = 0;
  std::vector<std::thread> publishers;
  for (int i = 0; i < kPublishers; ++i)
    publishers.emplace_back([&, i] {
      Package package = package_of("1.0.0", fmt::format("component {}", i));
      package.manifest = fmt::format("text of component {}", i);
      const Result<Published> published = make_directory_source(root_)->publish(package);
      if (published && published->outcome == PublishOutcome::Added) ++added;
    });
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(added, 1);
  const Result<FetchedPackage> fetched = source_->fetch(kMath, version("1.0.0"));
  ASSERT_TRUE(fetched) << problem_of(fetched);
  const std::string component(fetched->component.begin(), fetched->component.end());
  EXPECT_EQ(*fetched->manifest, "text of " + component);
}

TEST_F(DirectorySourceTest, LeftoversOfAStoppedPublisherAreReplaced) {
  add("acme/math/1.0.0.toml", "of another");
  add("acme/math/.1.0.0.wasm.tmp", "half");
  EXPECT_THAT(source_->search({})->packages, IsEmpty());
  const Result<Published> published = source_->publish(package_of("1.0.0", "one"));
  ASSERT_TRUE(published) << problem_of(published);
  EXPECT_EQ(source_->fetch(kMath, version("1.0.0"))->manifest, std::nullopt);
}

TEST_F(DirectorySourceTest, InvalidPackagesAreRefused) {
  EXPECT_THAT(
      problem_of(source_->publish(package_of("1.0.0", ""))),
      HasSubstr("ext-publish: `acme:math@1.0.0` cannot be published: its component is empty"));
  Package package = package_of("1.0.0", "one");
  package.manifest = "\xff";
  EXPECT_THAT(problem_of(source_->publish(package)), HasSubstr("not UTF-8"));
  package.manifest = std::string(std::size_t{1} << 21, ' ');
  EXPECT_THAT(problem_of(source_->publish(package)), HasSubstr("more than 524288 bytes"));
  package = package_of("1.0.0", "one");
  package.package.space = "..";
  EXPECT_THAT(problem_of(source_->publish(package)),
              HasSubstr("ext-source: invalid package name `..:math`"));
  EXPECT_THAT(problem_of(source_->list_versions(package.package)), HasSubstr("ext-source"));
}

TEST_F(DirectorySourceTest, SearchLooksAtNamesAndDescriptions) {
  add("acme/math/1.0.0.wasm", "x");
  add("acme/math/1.0.0.toml", "[extension]\ndescription = \"Sums\"\n");
  add("acme/math/1.1.0.wasm", "x");
  add("acme/math/1.1.0.toml", "[extension]\ndescription = \"Sums and Products\"\n");
  add("acme/log/1.0.0.wasm", "x");
  add("acme/log/1.0.0.toml", "not toml [");
  const FoundPackage math{kMath, {version("1.0.0"), version("1.1.0")}, "Sums and Products"};
  EXPECT_THAT(source_->search({.text = "PRODUCT"})->packages, ElementsAre(math));
  EXPECT_THAT(source_->search({.text = "acme:m"})->packages, ElementsAre(math));
  EXPECT_THAT(source_->search({.text = "nothing"})->packages, IsEmpty());
  EXPECT_EQ(source_->search({})->packages.size(), 2U);
}

}  // namespace
}  // namespace tenon::registry::directory_source_test
