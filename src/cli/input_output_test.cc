#include "cli/input_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace tenon::cli::input_output_test {

namespace fs = std::filesystem;

class Output : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return folder_ / name; }
  [[nodiscard]] std::string read(const char* name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] auto count_files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

 private:
  TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(Output, ReplacesAFileAndLeavesNoTemporaryFile) {
  ASSERT_TRUE(write_output(path("a"), "first", Content::Text).has_value());
  ASSERT_TRUE(write_output(path("a"), std::string("\0x", 2), Content::Binary).has_value());
  EXPECT_EQ(read("a"), std::string("\0x", 2));
  EXPECT_EQ(count_files(), 1);
}

TEST_F(Output, MissingFolderIsAProblem) {
  const Result<void> written = write_output(path("none/a"), "text", Content::Text);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error()[0].code, "write-file");
  EXPECT_EQ(count_files(), 0);
}

TEST_F(Output, FolderIsNotReplaced) {
  fs::create_directory(path("d"));
  EXPECT_FALSE(write_output(path("d"), "text", Content::Text).has_value());
  EXPECT_TRUE(fs::is_directory(path("d")));
}

TEST_F(Output, NeverReplacesAnInputUnderAnyOfItsNames) {
  std::ofstream(path("a.wasm")) << "input";
  fs::create_symlink("a.wasm", path("link"));
  fs::create_hard_link(path("a.wasm"), path("other"));
  const std::vector<std::string> inputs = {path("missing"), path("link")};
  for (const char* name : {"a.wasm", "link", "other", "./a.wasm"}) {
    const Result<void> checked = check_output(path(name), "-o ", inputs, Replaces::AnyFile);
    ASSERT_FALSE(checked.has_value()) << name;
    EXPECT_EQ(checked.error()[0].code, "config-usage");
  }
  EXPECT_TRUE(check_output(path("new"), "-o ", inputs, Replaces::NoComponent).has_value());
  EXPECT_TRUE(check_output("-", "-o ", inputs, Replaces::NoComponent).has_value());
  const std::vector<std::string> device = {"/dev/null"};
  EXPECT_TRUE(check_output("/dev/null", "-o ", device, Replaces::NoComponent).has_value());
}

TEST_F(Output, OfTextDoesNotReplaceAComponent) {
  std::ofstream(path("a.wasm"), std::ios::binary) << std::string("\0asm\x0d\0\x01\0", 8);
  EXPECT_TRUE(check_output(path("a.wasm"), "-o ", {}, Replaces::AnyFile).has_value());
  EXPECT_FALSE(check_output(path("a.wasm"), "-o ", {}, Replaces::NoComponent).has_value());
}

// Somebody who can write to the folder could have put a link where the new file is written.
TEST_F(Output, DoesNotFollowALinkBesideItsPlace) {
  std::ofstream(path("victim")) << "of another";
  for (const char* const end : {".part", "-0.tmp"})
    fs::create_symlink("victim", path(fmt::format("a.{}{}", ::getpid(), end).c_str()));
  EXPECT_TRUE(write_output(path("a"), "text", Content::Text).has_value());
  EXPECT_EQ(read("a"), "text");
  EXPECT_EQ(read("victim"), "of another");
}

TEST_F(Output, KeepsTheModeOfAFile) {
  std::ofstream(path("a")) << "first";
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(write_output(path("a"), "second", Content::Text).has_value());
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// The whole buffer of a stream fails when it is full, and the flush at the end has nothing left to write.
TEST_F(Output, OfAResultThatCannotBeWrittenIsKnown) {
  EXPECT_EXIT(
      {
        ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO);
        print_result(std::string(1 << 20, 'x'));
        ::_exit(flush_results() == ENOSPC && flush_results() == ENOSPC ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Output, OfAnErrorThatCannotBeWrittenIsLost) {
  EXPECT_EXIT(
      {
        ::dup2(::open("/dev/full", O_WRONLY), STDERR_FILENO);
        print_error("{}\n", "text");
        ::_exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Output, DeviceIsWrittenDirectly) {
  EXPECT_TRUE(write_output("/dev/null", "text", Content::Text).has_value());
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
}

}  // namespace tenon::cli::input_output_test
