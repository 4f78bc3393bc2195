// A store in a temporary folder, and components for it, written as text.
#pragma once

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/extension.h"
#include "tenon/value.h"
#include "tests/support/temporary_folder.h"

namespace tenon {

namespace fs = std::filesystem;

inline constexpr const char* kFunction = R"((func (param "a" u32) (result u32)))";

// A component that exports `exported`. Its `f` passes its argument through the `f` of each import
// in turn, and adds `number`.
inline std::string component(std::string_view exported, int number,
                             const std::vector<std::string>& imports = {},
                             std::string_view type = kFunction) {
  std::string text = "(component\n";
  std::string lowered;
  std::string instances;
  std::string core_imports;
  std::string calls;
  int at = 0;
  for (const std::string& import : imports) {
    text +=
        fmt::format("(import \"{}\" (instance $i{} (export \"f\" {})))\n", import, at, kFunction);
    lowered += fmt::format("(core func $l{0} (canon lower (func $i{0} \"f\")))\n", at);
    instances += fmt::format("(export \"f{0}\" (func $l{0}))", at);
    core_imports +=
        fmt::format("(import \"h\" \"f{0}\" (func $f{0} (param i32) (result i32)))\n", at);
    calls += fmt::format("(call $f{})", at);
    ++at;
  }
  text += lowered;
  text += fmt::format(
      "(core module $m {} (func (export \"f\") (param i32) (result i32) (local.get 0) {} "
      "(i32.add (i32.const {}))))\n",
      core_imports, calls, number);
  text +=
      fmt::format("(core instance $c (instantiate $m (with \"h\" (instance {}))))\n", instances);
  std::string lifted_type(type);
  lifted_type = lifted_type.substr(6, lifted_type.size() - 7);
  text += fmt::format("(func $f {} (canon lift (core func $c \"f\")))\n", lifted_type);
  if (!exported.empty())
    text += fmt::format("(instance $e (export \"f\" (func $f)))\n(export \"{}\" (instance $e))\n",
                        exported);
  return text + ")";
}

class ExtensionStores : public testing::Test {
 protected:
  ExtensionStores() : store_(open()) {}

  [[nodiscard]] ExtensionStore open() const {
    return ExtensionStore({.folder = place("store"), .cache_dir = place("cache")});
  }
  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }
  std::string write(std::string_view name, std::string_view text) const {
    return folder_.write(name, text);
  }
  static std::string whole_text(const Diagnostics& problems) {
    std::string text;
    for (const Diagnostic& problem : problems) {
      text += fmt::format("{}: {}", problem.code, problem.message);
      for (const Note& note : problem.notes) text += "; " + note.text;
      text += '\n';
    }
    return text;
  }
  // "fine", or the problems.
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result ? "fine" : whole_text(result.error());
  }
  std::string add(const std::vector<std::string>& sources, const AddOptions& options = {}) {
    std::vector<ExtensionRequest> requests;
    for (const std::string& source : sources) requests.push_back({.source = source});
    return outcome(store_.add(requests, options));
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    const auto all = store_.list();
    EXPECT_TRUE(all) << outcome(all);
    for (const Extension& extension : *all)
      names.push_back(extension.name + " " + extension.version);
    return names;
  }
  // The result of calling `f(1)` of an exported interface.
  [[nodiscard]] std::string call(std::string_view name, std::string_view interface) const {
    Result<CompositionBuilder> builder = store_.link(name);
    if (!builder) return whole_text(builder.error());
    const Result<Composition> running = builder->build();
    if (!running) return whole_text(running.error());
    const std::vector<Value> arguments = {Value::u32(1)};
    const auto answer = running->call(interface, "f", arguments);
    return answer ? print_wave(**answer) : failure_diagnostic(answer.error()).message;
  }
  [[nodiscard]] std::string everything() const {
    std::string text;
    std::vector<fs::path> paths;
    if (!fs::exists(place("store"))) return text;
    for (const auto& entry : fs::recursive_directory_iterator(place("store")))
      if (entry.is_regular_file()) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths) {
      std::stringstream content;
      content << std::ifstream(path).rdbuf();
      text += path.string() + "\n" + content.str();
    }
    return text;
  }

  TemporaryFolder folder_;
  ExtensionStore store_;
};

}  // namespace tenon
