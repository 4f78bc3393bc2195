// A new, empty folder that is removed after the test. Tests that run at the same time get different
// folders.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace tenon {

class TemporaryFolder final {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "tenon_test_XXXXXX";
    path_ = std::filesystem::canonical(::mkdtemp(name.data()));
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // The absolute path, with symbolic links resolved.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file and returns its path. The name can contain folders, which are created.
  std::string write(const std::filesystem::path& name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

// A temporary folder that is the working folder during its lifetime.
class WorkingFolder final {
 public:
  WorkingFolder() { std::filesystem::current_path(folder_.path()); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  ~WorkingFolder() { std::filesystem::current_path(before_); }

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  // Like TemporaryFolder::write.
  std::string write(const std::filesystem::path& name, std::string_view text) const {
    return folder_.write(name, text);
  }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryFolder folder_;
};

}  // namespace tenon
