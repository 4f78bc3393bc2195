#include "engine/trim_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>

#include "engine/test_components.h"
#include "tests/support/temporary_folder.h"

namespace tenon::engine::trim_folder_test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class TrimFolder : public testing::Test {
 protected:
  // A file of `bytes` bytes that was used `hours` ago.
  fs::path add(const std::string& name, std::size_t bytes, int hours) {
    const fs::path path = folder() / name;
    std::ofstream(path) << std::string(bytes, 'x');
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
    return path;
  }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder()))
      found.insert(entry.path().filename());
    return found;
  }
  [[nodiscard]] const fs::path& folder() const { return temporary_.path(); }

 private:
  TemporaryFolder temporary_;
};

TEST_F(TrimFolder, RemovesWhatWasUsedLongestAgo) {
  add("old", 10, 3);
  add("older", 10, 4);
  add("new", 10, 1);
  trim_folder(folder(), 20, {});
  EXPECT_THAT(names(), ElementsAre("new", "old"));
}

TEST_F(TrimFolder, WhatIsMarkedIsNew) {
  mark_used(add("old", 10, 3));
  add("new", 10, 1);
  trim_folder(folder(), 10, {});
  EXPECT_THAT(names(), ElementsAre("old"));
}

TEST_F(TrimFolder, KeepsOneThatIsTooLargeAlone) {
  const fs::path large = add("large", 100, 9);
  add("small", 1, 0);
  trim_folder(folder(), 10, large);
  EXPECT_THAT(names(), ElementsAre("large"));
}

TEST_F(TrimFolder, LeavesFoldersAndLinks) {
  fs::create_directory(folder() / "folder");
  fs::create_symlink("nowhere", folder() / "link");
  add("file", 10, 0);
  trim_folder(folder(), 0, {});
  EXPECT_THAT(names(), ElementsAre("folder", "link"));
}

TEST_F(TrimFolder, AMissingFolderIsEmpty) { trim_folder(folder() / "none", 0, {}); }

}  // namespace
}  // namespace tenon::engine::trim_folder_test
