#include "engine/cache_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace tenon::engine::cache_folder_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr uid_t kStranger = 65534;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class CacheFolderTest : public testing::Test {
 protected:
  [[nodiscard]] CacheFolder open() const { return *CacheFolder::open(path_); }
  // The reason why it is not opened; empty if it is.
  [[nodiscard]] std::string refusal() const {
    const Result<CacheFolder, std::string> folder = CacheFolder::open(path_);
    return folder ? "" : folder.error();
  }
  void write(const std::string& name, std::string_view text) const {
    EXPECT_EQ(open().write(name, bytes_of(text)), std::nullopt);
  }
  // The content, the reason why it is refused, or "missing".
  [[nodiscard]] std::string read(const std::string& name) const {
    const CacheFile file = open().read(name);
    if (file.is_missing()) return "missing";
    if (file.refusal()) return *file.refusal();
    return {file.content().begin(), file.content().end()};
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_))
      names.insert(entry.path().filename());
    return names;
  }
  // A file of some hundred bytes that was used `hours` ago.
  void add(const std::string& name, int hours) const {
    write(name, std::string(100, 'x'));
    fs::last_write_time(path_ / name, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  }
  [[nodiscard]] std::uint64_t size_of_one() const { return fs::file_size(path_ / "new"); }

  TemporaryFolder temporary_;
  fs::path path_ = temporary_.path() / "deep" / "cache";
};

constexpr std::string_view kDamaged = "its content is damaged";

TEST_F(CacheFolderTest, ReadsWhatWasWritten) {
  EXPECT_EQ(read("a"), "missing");
  write("a", "one");
  write("b", "");
  EXPECT_EQ(read("a"), "one");
  EXPECT_EQ(read("b"), "");
  write("a", "two");
  EXPECT_EQ(read("a"), "two");
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

TEST_F(CacheFolderTest, ItsPathBeginsWithTheContent) {
  write("a", "one");
  const CacheFile file = open().read("a");
  fs::remove(path_ / "a");
  std::ifstream opened(file.path(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(opened), {}};
  EXPECT_THAT(text, testing::StartsWith("one\n"));
}

TEST_F(CacheFolderTest, EveryDamagedByteIsDetected) {
  write("a", "some content that is kept");
  std::ifstream opened(path_ / "a", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(opened), {}};
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int bit : {0x01, 0x80}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      std::ofstream(path_ / "a", std::ios::binary) << damaged;
      EXPECT_EQ(read("a"), kDamaged) << i;
    }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(path_ / "a", std::ios::binary) << whole.substr(0, size);
    EXPECT_EQ(read("a"), kDamaged) << size;
  }
  std::ofstream(path_ / "a", std::ios::binary) << whole << whole;
  EXPECT_EQ(read("a"), kDamaged);
}

TEST_F(CacheFolderTest, AFileBelongsToItsName) {
  write("a", "one");
  fs::rename(path_ / "a", path_ / "b");
  EXPECT_EQ(read("b"), kDamaged);
}

TEST_F(CacheFolderTest, RefusesAFolderThatOthersCanEnter) {
  write("a", "one");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0700));
  fs::permissions(path_, fs::perms(0750));
  EXPECT_THAT(refusal(), HasSubstr("its mode is 0750, not 0700"));
}

TEST_F(CacheFolderTest, RefusesAParentThatOthersCanWrite) {
  write("a", "one");
  fs::permissions(path_.parent_path(), fs::perms(0777));
  EXPECT_THAT(refusal(), HasSubstr("other users can change a folder above it: drwxrwxrwx"));
  fs::permissions(path_.parent_path(), fs::perms(01777));
  EXPECT_EQ(refusal(), "");
}

TEST_F(CacheFolderTest, KeepsTheFolderThatItOpened) {
  write("a", "one");
  const CacheFolder folder = open();
  fs::rename(path_, path_.parent_path() / "moved");
  fs::create_directory(path_);
  std::ofstream(path_ / "a") << "another";
  EXPECT_TRUE(std::ranges::equal(folder.read("a").content(), bytes_of("one")));
  EXPECT_EQ(folder.write("b", bytes_of("two")), std::nullopt);
  folder.trim(0);
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(CacheFolderTest, FilesThatOthersCanReadAreRefused) {
  write("a", "one");
  fs::permissions(path_ / "a", fs::perms(0640));
  EXPECT_THAT(read("a"), HasSubstr("its mode is 0640, not 0600"));
}

TEST_F(CacheFolderTest, FilesOfAnotherUserAreRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  write("a", "one");
  fs::permissions(path_ / "a", fs::perms(0600));
  ASSERT_EQ(::chown((path_ / "a").c_str(), kStranger, 0), 0);
  EXPECT_THAT(read("a"), HasSubstr("it belongs to user 65534"));
}

TEST_F(CacheFolderTest, LinksAndPipesAreRefused) {
  write("a", "one");
  fs::rename(path_ / "a", temporary_.path() / "a");
  fs::create_symlink(temporary_.path() / "a", path_ / "a");
  EXPECT_THAT(read("a"), HasSubstr("it cannot be opened"));
  ASSERT_EQ(::mkfifo((path_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read("pipe"), "it is not a regular file");
}

TEST_F(CacheFolderTest, TrimRemovesTheLeastRecentlyUsed) {
  add("old", 10);
  add("older", 20);
  add("new", 1);
  open().trim(2 * size_of_one());
  EXPECT_THAT(names(), ElementsAre("new", "old"));
}

TEST_F(CacheFolderTest, AMarkedFileCountsAsUsed) {
  add("old", 10);
  open().read("old").mark_used();
  add("new", 1);
  open().trim(size_of_one());
  EXPECT_THAT(names(), ElementsAre("old"));
}

TEST_F(CacheFolderTest, TrimKeepsTheNewestFileEvenIfItIsTooLarge) {
  add("old", 10);
  add("new", 1);
  open().trim(0);
  EXPECT_THAT(names(), ElementsAre("new"));
}

TEST_F(CacheFolderTest, ListsAndRemovesFiles) {
  write("a", "one");
  write("b", "four");
  fs::create_directory(path_ / "folder");
  const CacheFolder folder = open();
  std::vector<CacheFolder::Entry> entries = folder.list();
  std::ranges::sort(entries, {}, &CacheFolder::Entry::name);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[1].bytes, entries[0].bytes + 1);
  EXPECT_TRUE(folder.remove("a"));
  EXPECT_FALSE(folder.remove("a"));
  EXPECT_THAT(names(), ElementsAre("b", "folder"));
}

TEST_F(CacheFolderTest, TrimLeavesFoldersAndLinks) {
  write("a", "one");
  fs::create_directory(path_ / "folder");
  fs::create_symlink("nowhere", path_ / "link");
  open().trim(0);
  EXPECT_THAT(names(), ElementsAre("a", "folder", "link"));
}

}  // namespace
}  // namespace tenon::engine::cache_folder_test
