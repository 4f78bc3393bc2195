#include "cli/tar_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace tenon::cli::tar_file_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string read_file(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class TarFiles : public testing::Test {
 protected:
  TarFiles() : folder_(fs::temp_directory_path() / ("tenon_tar_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "out");
  }
  ~TarFiles() override { fs::remove_all(folder_); }

  // Extracts with the system's tar, which must not print anything.
  void extract(const std::string& archive) const {
    std::ofstream(folder_ / "it.tar.gz", std::ios::binary) << archive;
    const std::string command =
        "cd '" + folder_.string() +
        "/out' && tar -xzf ../it.tar.gz > ../messages 2>&1 && test ! -s ../messages";
    ASSERT_EQ(std::system(command.c_str()), 0) << read_file(folder_ / "messages");
  }

  fs::path folder_;
};

TEST_F(TarFiles, AreExtractedByTar) {
  std::string large(1'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>(i * 31 >> 3);
  const std::string deep = "b/" + std::string(90, 'd') + "/" + std::string(60, 'e') + "/" +
                           std::string(96, 'f') + ".wit";
  const std::vector<TarFile> files = {{"b/host.toml", "[host]\n"},
                                      {"b/empty", ""},
                                      {"b/block", std::string(512, '\0')},
                                      {deep, "deep"},
                                      {"b/lib/libb.so", large}};
  const Result<std::string> archive = make_tar_gz(files);
  ASSERT_TRUE(archive);
  extract(*archive);
  for (const TarFile& file : files) {
    const fs::path path = folder_ / "out" / file.path;
    ASSERT_TRUE(fs::is_regular_file(path)) << path;
    EXPECT_EQ(read_file(path), file.content);
    EXPECT_EQ(fs::status(path).permissions() & fs::perms(0700), fs::perms(0600));
  }
  EXPECT_EQ(*make_tar_gz(files), *archive);
}

TEST_F(TarFiles, RejectsLongPaths) {
  const std::vector<TarFile> files = {{"b/" + std::string(101, 'x'), ""}};
  const Result<std::string> archive = make_tar_gz(files);
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().front().code, "write-file");
  EXPECT_THAT(archive.error().front().message, HasSubstr("too long for a tar archive"));
}

}  // namespace
}  // namespace tenon::cli::tar_file_test
