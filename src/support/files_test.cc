#include "support/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "support/memory_files.h"
#include "tests/support/temporary_folder.h"

namespace tenon::files_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

std::string code_of(const Diagnostics& problems) { return std::string(problems.front().code); }

class FilesTest : public testing::Test {
 protected:
  std::string path(std::string_view name) const { return join_path(folder_, name); }
  mode_t mode(std::string_view name) const {
    struct stat status{};
    ::stat(path(name).c_str(), &status);
    return status.st_mode & 07777U;
  }

  TemporaryFolder temporary_;
  std::string folder_ = temporary_.path();
  RealFiles files_;
};

TEST_F(FilesTest, ReadsWhatWasWritten) {
  const Bytes content = bytes(std::string(200'000, 'x'));
  ASSERT_TRUE(files_.write(path("a"), content, Access::Shared));
  EXPECT_EQ(*read_file(files_, path("a"), NamedBy::User), content);
  ASSERT_TRUE(files_.write(path("empty"), {}, Access::Shared));
  EXPECT_THAT(*read_file(files_, path("empty"), NamedBy::User), IsEmpty());
}

TEST_F(FilesTest, WritingLeavesNoOtherFile) {
  ASSERT_TRUE(files_.write(path("a"), bytes("one"), Access::Shared));
  ASSERT_TRUE(files_.write(path("a"), bytes("two"), Access::Shared));
  EXPECT_EQ(*read_text_file(files_, path("a"), NamedBy::User), "two");
  EXPECT_THAT(*files_.list(folder_), ElementsAre("a"));
}

TEST_F(FilesTest, WritingKeepsTheModeUnlessOnlyTheOwnerMayRead) {
  ASSERT_TRUE(files_.write(path("a"), bytes("x"), Access::Shared));
  ::chmod(path("a").c_str(), 0640);
  ASSERT_TRUE(files_.write(path("a"), bytes("y"), Access::Shared));
  EXPECT_EQ(mode("a"), 0640U);
  ASSERT_TRUE(files_.write(path("a"), bytes("z"), Access::OwnerOnly));
  EXPECT_EQ(mode("a"), 0600U);
}

TEST_F(FilesTest, WritingFollowsALink) {
  ASSERT_TRUE(files_.write(path("real"), bytes("x"), Access::Shared));
  ASSERT_EQ(::symlink("real", path("link").c_str()), 0);
  ASSERT_TRUE(files_.write(path("link"), bytes("y"), Access::Shared));
  EXPECT_EQ(*read_text_file(files_, path("real"), NamedBy::User), "y");
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
}

TEST_F(FilesTest, WritingADeviceLeavesItADevice) {
  ASSERT_TRUE(files_.write("/dev/null", bytes("x"), Access::Shared));
  EXPECT_EQ(files_.find_kind("/dev/null"), FileKind::Other);
}

TEST_F(FilesTest, ReportsWhyAFileCannotBeRead) {
  const Result<Bytes> missing = read_file(files_, path("none"), NamedBy::User);
  EXPECT_EQ(code_of(missing.error()), "read-file");
  EXPECT_THAT(missing.error()[0].message, HasSubstr("there is no file"));
  EXPECT_EQ(missing.error()[0].where.file, path("none"));
  const Result<Bytes> folder = read_file(files_, folder_, NamedBy::User);
  EXPECT_THAT(folder.error()[0].message, HasSubstr("it is a folder"));
}

TEST_F(FilesTest, RefusesAFileOverTheLimit) {
  ASSERT_TRUE(files_.write(path("a"), bytes("12345"), Access::Shared));
  EXPECT_TRUE(files_.read(path("a"), 5, NamedBy::User));
  EXPECT_EQ(code_of(files_.read(path("a"), 4, NamedBy::User).error()), "read-limit");
  // The size of a device is unknown, so the limit applies while it is read.
  EXPECT_EQ(code_of(files_.read("/dev/zero", 100'000, NamedBy::User).error()), "read-limit");
}

TEST_F(FilesTest, RefusesPipesAndDevicesThatAFileNames) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& name : {path("pipe"), std::string("/dev/zero")}) {
    const Result<Bytes> refused = read_file(files_, name, NamedBy::File);
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error()[0].message, HasSubstr("it is not a regular file"));
  }
  // A link to a regular file is fine.
  ASSERT_TRUE(files_.write(path("a"), bytes("x"), Access::Shared));
  fs::create_symlink("a", path("link"));
  EXPECT_TRUE(read_file(files_, path("link"), NamedBy::File));
}

TEST_F(FilesTest, LimitsTheSizeOfTexts) {
  ASSERT_TRUE(files_.write(path("a"), bytes("x"), Access::Shared));
  fs::resize_file(path("a"), limits::kTextBytes);
  EXPECT_TRUE(read_text_file(files_, path("a"), NamedBy::File));
  fs::resize_file(path("a"), limits::kTextBytes + 1);
  EXPECT_EQ(code_of(read_text_file(files_, path("a"), NamedBy::File).error()), "read-limit");
  EXPECT_EQ(code_of(read_text_file(files_, "/dev/zero", NamedBy::User).error()), "read-limit");
}

TEST_F(FilesTest, ReportsWhyAFileCannotBeWritten) {
  EXPECT_EQ(code_of(files_.write(path("none/a"), bytes("x"), Access::Shared).error()),
            "write-file");
  EXPECT_EQ(code_of(files_.write(folder_, bytes("x"), Access::Shared).error()), "write-file");
  EXPECT_THAT(*files_.list(folder_), IsEmpty());
}

TEST_F(FilesTest, ReportsWhyAFolderCannotBeListed) {
  EXPECT_EQ(code_of(files_.list(path("none")).error()), "read-file");
}

TEST_F(FilesTest, FindsTheKindOfAFile) {
  ASSERT_TRUE(files_.write(path("a"), bytes("x"), Access::Shared));
  EXPECT_EQ(files_.find_kind(path("a")), FileKind::File);
  EXPECT_EQ(files_.find_kind(folder_), FileKind::Folder);
  EXPECT_EQ(files_.find_kind(path("none")), FileKind::Missing);
}

TEST_F(FilesTest, FindsPathsInRealFolders) {
  ASSERT_TRUE(files_.write(path("b.wasm"), bytes("x"), Access::Shared));
  ASSERT_TRUE(files_.write(path("a.wasm"), bytes("x"), Access::Shared));
  EXPECT_THAT(*find_paths(files_, path("*.wasm")), ElementsAre(path("a.wasm"), path("b.wasm")));
}

TEST(MemoryFiles, ListsFoldersThatHaveFiles) {
  MemoryFiles files;
  files.add("shop/cart.wasm", "c");
  files.add("shop/deps/tax.wasm", "t");
  files.add("shop-2/x", "");
  EXPECT_EQ(files.find_kind("shop"), FileKind::Folder);
  EXPECT_EQ(files.find_kind("./shop/cart.wasm"), FileKind::File);
  EXPECT_EQ(files.find_kind("sho"), FileKind::Missing);
  EXPECT_THAT(*files.list("shop/"), ElementsAre("cart.wasm", "deps"));
  EXPECT_THAT(*files.list("."), ElementsAre("shop", "shop-2"));
  EXPECT_FALSE(files.list("shop/cart.wasm"));
}

TEST(MemoryFiles, FailsOnDemand) {
  MemoryFiles files;
  files.add("a", "content");
  files.fail("a", "input/output error");
  EXPECT_EQ(read_file(files, "a", NamedBy::User).error()[0].message,
            "cannot read `a`: input/output error");
  EXPECT_EQ(code_of(files.write("a", {}, Access::Shared).error()), "write-file");
}

TEST(MemoryFiles, BehavesAsRealFiles) {
  MemoryFiles files;
  files.add("shop/a", "12345");
  EXPECT_EQ(code_of(files.read("shop/a", 4, NamedBy::User).error()), "read-limit");
  EXPECT_THAT(read_file(files, "shop", NamedBy::User).error()[0].message,
              HasSubstr("it is a folder"));
  ASSERT_TRUE(files.write("shop/b", bytes("x"), Access::Shared));
  EXPECT_EQ(*read_text_file(files, "shop/b", NamedBy::User), "x");
}

TEST(FindPaths, MatchesPartByPart) {
  MemoryFiles files;
  for (const char* const name : {"build/z.wasm", "build/a.wasm", "build/deps/b.wasm",
                                 "build/.c.wasm", "build/notes.txt", "src/a.wasm"})
    files.add(name, "");
  EXPECT_THAT(*find_paths(files, "build/*.wasm"), ElementsAre("build/a.wasm", "build/z.wasm"));
  EXPECT_THAT(*find_paths(files, "*/a.wasm"), ElementsAre("build/a.wasm", "src/a.wasm"));
  EXPECT_THAT(*find_paths(files, "build/.*.wasm"), ElementsAre("build/.c.wasm"));
  EXPECT_THAT(*find_paths(files, "build/*/*"), ElementsAre("build/deps/b.wasm"));
  EXPECT_THAT(*find_paths(files, "build/a.wasm"), ElementsAre("build/a.wasm"));
  EXPECT_THAT(*find_paths(files, "build/none"), IsEmpty());
  EXPECT_THAT(*find_paths(files, "none/*"), IsEmpty());
}

TEST(FindPaths, ReportsAFolderThatCannotBeListed) {
  MemoryFiles files;
  files.add("build/a.wasm", "");
  files.fail("build", "permission denied");
  EXPECT_EQ(code_of(find_paths(files, "build/*").error()), "read-file");
}

TEST(JoinPath, PutsOneSlash) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("/", "b"), "/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(join_path("a", "/b"), "/b");
}

TEST(MissingPath, SuggestsNearNames) {
  MemoryFiles files;
  files.add("out/cart.wasm", "");
  EXPECT_THAT(missing_path(files, "out/crat.wasm").hints,
              testing::ElementsAre("did you mean `out/cart.wasm`?"));
  EXPECT_THAT(missing_path(files, "out/tax.wasm").hints,
              testing::ElementsAre("`out/` has `cart.wasm`"));
  EXPECT_THAT(missing_path(files, "in/cart.wasm").hints,
              testing::ElementsAre("the folder `in/` cannot be listed: check the path"));
  EXPECT_THAT(
      missing_path(files, "https://acme.example/cart.wasm").hints,
      testing::ElementsAre("URLs are not fetched: download the file first, then pass its path"));
  EXPECT_THAT(missing_path(files, "").hints[0], HasSubstr("an empty path"));
}

TEST(StaysInside, CountsFoldersUpAndDown) {
  for (const char* const path : {"a", "a/b", "./a", "a/../b", "a//b/.."})
    EXPECT_TRUE(stays_inside(path)) << path;
  for (const char* const path : {"", "/a", "..", "a/../../b", "./../a"})
    EXPECT_FALSE(stays_inside(path)) << path;
}

}  // namespace
}  // namespace tenon::files_test
