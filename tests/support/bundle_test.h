// For tests of host bundles: the guests of tests/guests/domains with `lib` as native code
// (tests/bundles/domains), and copies of bundles to modify.
#pragma once

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/call_test.h"

namespace tenon {

class Bundles : public testing::Test {
 protected:
  Bundles()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("tenon_bundles_{}", getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Bundles() override { std::filesystem::remove_all(folder_); }

  static std::string whole_text(const Diagnostics& problems) {
    std::string text;
    for (const Diagnostic& problem : problems) {
      text += fmt::format("{}: {}", problem.code, problem.message);
      for (const Note& note : problem.notes) text += "; " + note.text;
      for (const Hint& hint : problem.hints) text += "; " + std::string(hint);
      text += '\n';
    }
    return text;
  }
  [[nodiscard]] static std::string bundle(std::string_view name = "domains") {
    return fmt::format("{}/bundles/{}", TENON_BINARY_DIR, name);
  }
  // Makes a copy of the bundle to modify.
  [[nodiscard]] std::string copy(std::string_view name) const {
    const std::filesystem::path bundle_folder = folder_ / name;
    std::filesystem::copy(bundle(), bundle_folder, std::filesystem::copy_options::recursive);
    return bundle_folder;
  }
  static void replace(const std::string& path, std::string_view from, std::string_view to) {
    std::stringstream content;
    content << std::ifstream(path).rdbuf();
    std::string text = content.str();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << path;
    text.replace(at, from.size(), to);
    std::ofstream(path) << text;
  }
  [[nodiscard]] std::string log() const { return folder_ / "log"; }
  [[nodiscard]] std::vector<std::string> logged() const {
    std::vector<std::string> lines;
    std::ifstream file(log());
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  // `front` and `keeper`, whose `lib` is native.
  static CompositionBuilder make_builder(std::string_view path = {}) {
    CompositionBuilder builder;
    builder.add_component("front", domain_guest("front"));
    builder.add_component("keeper", domain_guest("keeper"));
    builder.add_host_bundle("lib", path.empty() ? bundle() : path);
    builder.set_root("front");
    return builder;
  }
  static Composition build(CompositionBuilder builder) {
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << whole_text(built.error());
    return *std::move(built);
  }
  static std::string problems(CompositionBuilder builder) {
    const Result<Composition> built = builder.build();
    return built ? std::string() : whole_text(built.error());
  }

  std::filesystem::path folder_;
};

}  // namespace tenon
