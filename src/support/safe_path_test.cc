#include "support/safe_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace tenon::safe_path_test {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::StartsWith;

constexpr uid_t kStranger = 65534;

// The temporary folder is inside one with the sticky bit.
class SafePath : public testing::Test {
 protected:
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

  static void set_mode(const fs::path& path, int mode) {
    fs::permissions(path, static_cast<fs::perms>(mode));
  }

  // The first entry that others can change; empty if the file is safe.
  static std::string find_unsafe(const fs::path& path,
                                 const std::vector<std::string>& trusted = {}) {
    const Result<SafeFile, UnsafePath> opened = open_safe(path, trusted);
    if (opened) return {};
    return opened.error().error != 0 ? "error" : opened.error().entry;
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.write("a/b/file", "text");
};

TEST_F(SafePath, OpensAFileOfTheUser) {
  const Result<SafeFile, UnsafePath> opened = open_safe(file_);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->path, file_);
  char text[5] = {};
  EXPECT_EQ(::read(opened->file.number(), text, 4), 4);
  EXPECT_STREQ(text, "text");
}

TEST_F(SafePath, OpensAFolder) {
  const Result<SafeFile, UnsafePath> opened = open_safe(path() / "a" / "b" / ".." / ".");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->path, path() / "a");
  EXPECT_TRUE(S_ISDIR(opened->status.st_mode));
  EXPECT_EQ(open_safe("/")->path, "/");
}

TEST_F(SafePath, ResolvesRelativePathsInTheWorkingFolder) {
  const WorkingFolder here;
  fs::create_directory("x");
  const Result<SafeFile, UnsafePath> opened = open_safe("x/..//x/");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->path, here.path() / "x");
}

TEST_F(SafePath, ReportsAMissingFile) {
  const Result<SafeFile, UnsafePath> opened = open_safe(path() / "none");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error, ENOENT);
  EXPECT_EQ(open_safe("").error().error, ENOENT);
  EXPECT_EQ(open_safe(file_ + "/x").error().error, ENOTDIR);
}

TEST_F(SafePath, RefusesAFileThatOthersCanWrite) {
  set_mode(file_, 0646);
  EXPECT_EQ(find_unsafe(file_), file_);
  const Result<SafeFile, UnsafePath> opened = open_safe(file_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().shown, StartsWith("-rw-r--rw- "));
  EXPECT_THAT(opened.error().shown, EndsWith(" " + file_));
}

TEST_F(SafePath, RefusesAFolderThatOthersCanWrite) {
  set_mode(path() / "a", 0777);
  EXPECT_EQ(find_unsafe(file_), path() / "a");
  EXPECT_EQ(find_unsafe(path() / "a" / "none"), path() / "a");
}

TEST_F(SafePath, AcceptsAStickyFolder) {
  set_mode(path() / "a", 01777);
  EXPECT_EQ(find_unsafe(file_), "");
}

TEST_F(SafePath, DoesNotCheckTrustedFolders) {
  set_mode(path() / "a", 0777);
  set_mode(file_, 0666);
  EXPECT_EQ(find_unsafe(file_, {path() / "a"}), "");
  EXPECT_EQ(find_unsafe(file_, {path() / "a" / "b"}), path() / "a");
  EXPECT_EQ(find_unsafe(file_, {path() / "a" / "b" / "fil"}), path() / "a");
  EXPECT_EQ(find_unsafe(file_, {"/"}), "");
}

TEST_F(SafePath, AcceptsGroupWriteOnlyForAPrivateGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another group";
  set_mode(file_, 0664);
  EXPECT_EQ(find_unsafe(file_), "");  // its group is `root`, which has no other members
  ASSERT_EQ(::chown(file_.c_str(), 0, kStranger), 0);
  EXPECT_EQ(find_unsafe(file_), file_);
}

TEST_F(SafePath, RefusesWhatBelongsToAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  ASSERT_EQ(::chown((path() / "a").c_str(), kStranger, 0), 0);
  EXPECT_EQ(find_unsafe(file_), path() / "a");
}

TEST_F(SafePath, FollowsAndChecksLinks) {
  fs::create_directory(path() / "open");
  fs::create_symlink("../open/second", path() / "a" / "first");
  fs::create_symlink(file_, path() / "open" / "second");
  const Result<SafeFile, UnsafePath> opened = open_safe(path() / "a" / "first");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->path, file_);
  // Whoever can replace the link decides which file is opened.
  set_mode(path() / "open", 0777);
  EXPECT_EQ(find_unsafe(path() / "a" / "first"), path() / "open");
}

TEST_F(SafePath, LinksOfAnotherUserAreRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link to another user";
  fs::create_directory(path() / "open");
  fs::create_symlink("../open/second", path() / "a" / "first");
  fs::create_symlink(file_, path() / "open" / "second");
  set_mode(path() / "open", 01777);
  EXPECT_EQ(find_unsafe(path() / "a" / "first"), "");
  ASSERT_EQ(::lchown((path() / "open" / "second").c_str(), kStranger, 0), 0);
  EXPECT_EQ(find_unsafe(path() / "a" / "first"), path() / "open" / "second");
}

TEST_F(SafePath, RefusesACycleOfLinks) {
  fs::create_symlink("two", path() / "one");
  fs::create_symlink("one", path() / "two");
  const Result<SafeFile, UnsafePath> opened = open_safe(path() / "one");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error, ELOOP);
}

TEST_F(SafePath, DoesNotBlockOnPipes) {
  const std::string pipe = path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const Result<SafeFile, UnsafePath> opened = open_safe(pipe);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(S_ISFIFO(opened->status.st_mode));
}

TEST(IsInFolder, ComparesWholeNames) {
  EXPECT_TRUE(is_in_folder("/a/b", "/a"));
  EXPECT_TRUE(is_in_folder("/a", "/a"));
  EXPECT_TRUE(is_in_folder("/a", "/"));
  EXPECT_FALSE(is_in_folder("/ab", "/a"));
  EXPECT_FALSE(is_in_folder("/", "/a"));
}

}  // namespace
}  // namespace tenon::safe_path_test
