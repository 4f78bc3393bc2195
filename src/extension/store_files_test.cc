// Crashes during a change of the store: every prefix of its disk operations is run, and whatever was
// not synced is lost.
#include "extension/store_files.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/sha256.h"

namespace tenon::extension::store_files_test {
namespace {

using testing::AnyOf;
using testing::Eq;

std::string parent_of(const std::string& path) {
  return path.find('/') == path.npos ? "" : path.substr(0, path.rfind('/'));
}

// Files in memory that can lose power. What survives are the names as of the last sync of their
// folder, and the contents as of the last sync of the file. Operations fail after `steps` of them.
class FragileDisk final : public Disk {
 public:
  struct File {
    std::string content;
    std::string durable;  // the synced content
  };

  explicit FragileDisk(std::size_t steps) : left_(steps) {}

  Result<std::optional<std::string>> read(const std::string& path) const override {
    const auto file = names_.find(path);
    if (file == names_.end()) return std::optional<std::string>();
    return std::optional<std::string>(file->second->content);
  }
  Result<std::vector<std::string>> list(const std::string& folder) const override {
    std::set<std::string> names;
    const std::string prefix = folder.empty() ? "" : folder + "/";
    for (const auto& [path, file] : names_)
      if (path.starts_with(prefix)) {
        const std::string rest = path.substr(prefix.size());
        names.insert(rest.substr(0, rest.find('/')));
      }
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<void> write(const std::string& path, std::string_view content) override {
    if (!step()) return stopped();
    auto& file = names_[path];
    if (file == nullptr) file = std::make_shared<File>();
    file->content = content;
    return {};
  }
  Result<void> sync(const std::string& path) override {
    if (!step()) return stopped();
    if (const auto file = names_.find(path); file != names_.end()) {
      file->second->durable = file->second->content;
      return {};
    }
    std::erase_if(durable_names_,
                  [&](const auto& entry) { return parent_of(entry.first) == path; });
    for (const auto& [name, file] : names_)
      if (parent_of(name) == path) durable_names_[name] = file;
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (!step()) return stopped();
    names_[to] = names_.at(from);
    names_.erase(from);
    return {};
  }
  Result<void> remove(const std::string& path) override {
    if (!step()) return stopped();
    names_.erase(path);
    return {};
  }
  Result<void> make_folder(const std::string&) override {
    return step() ? Result<void>() : stopped();
  }
  Result<std::shared_ptr<void>> lock(const std::string&, Sharing) override {
    return std::shared_ptr<void>();
  }

  // Simulates a loss of power. A rename or removal whose folder was not synced may or may not have
  // become durable; `lucky` decides.
  void lose_power(bool lucky) {
    if (!lucky) names_ = durable_names_;
    for (auto& [path, file] : names_) file->content = file->durable;
    left_ = static_cast<std::size_t>(-1);
  }
  void finish() {
    for (auto& [path, file] : names_) file->durable = file->content;
    durable_names_ = names_;
  }
  void allow(std::size_t steps) { left_ = steps; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  bool step() {
    if (left_ == 0) return false;
    --left_;
    ++taken_;
    return true;
  }
  static Diagnostics stopped() { return {Diagnostic()}; }

  std::map<std::string, std::shared_ptr<File>> names_;
  std::map<std::string, std::shared_ptr<File>> durable_names_;
  std::size_t left_;
  std::size_t taken_ = 0;
};

struct StoredExtension {
  Extension extension;
  Blob blob;
};

StoredExtension make_stored(const std::string& name, const std::string& content) {
  StoredExtension stored;
  stored.blob.bytes = std::make_shared<const Bytes>(content.begin(), content.end());
  stored.blob.digest = engine::sha256_hex(*stored.blob.bytes);
  stored.extension.name = name;
  stored.extension.version = "1.0.0";
  stored.extension.digest = stored.blob.digest;
  return stored;
}

Index index_of(const std::vector<StoredExtension>& all) {
  Index index;
  for (const StoredExtension& stored : all) index.extensions.push_back(stored.extension);
  index.sort();
  return index;
}

Snapshot snapshot_of(const StoreFiles& files) {
  return {*files.read_text(), digests_of(*files.read())};
}

// The text of the index, after checking that every component exists and is complete; or what is
// wrong.
std::string read_whole(FragileDisk& disk) {
  const StoreFiles files(disk, "/store");
  const Result<Index> index = files.read();
  if (!index) return "no index: " + index.error().front().message;
  for (const Extension& extension : index->extensions) {
    const Result<std::string> content = files.read_component(extension);
    if (!content) return "no component of " + extension.name;
    if (engine::sha256_hex(Bytes(content->begin(), content->end())) != extension.digest)
      return "another component of " + extension.name;
  }
  return print_index(*index);
}

TEST(StoreFiles, ACrashLeavesTheOldStoreOrTheNewOne) {
  const std::vector<StoredExtension> before = {make_stored("a", "component a"),
                                               make_stored("b", "component b")};
  // One extension is replaced, one removed, and two are added.
  const std::vector<StoredExtension> after = {make_stored("a", "another a"),
                                              make_stored("c", "component c"),
                                              make_stored("d", "component d")};
  const std::string old_text = print_index(index_of(before));
  const std::string new_text = print_index(index_of(after));
  const auto start = [&] {
    auto disk = std::make_unique<FragileDisk>(static_cast<std::size_t>(-1));
    StoreFiles files(*disk, "/store");
    std::vector<Blob> blobs;
    for (const StoredExtension& stored : before) blobs.push_back(stored.blob);
    EXPECT_TRUE(*files.replace({}, index_of(before), blobs));
    disk->finish();
    return disk;
  };
  const auto change = [&](FragileDisk& disk) {
    StoreFiles files(disk, "/store");
    std::vector<Blob> blobs;
    for (const StoredExtension& stored : after) blobs.push_back(stored.blob);
    return files.replace(snapshot_of(files), index_of(after), blobs);
  };
  const auto whole = start();
  const std::size_t at_first = whole->taken();
  ASSERT_TRUE(*change(*whole));
  ASSERT_EQ(read_whole(*whole), new_text);
  const std::size_t steps = whole->taken() - at_first;
  ASSERT_GT(steps, 20U);
  std::size_t old_count = 0;
  for (std::size_t taken = 0; taken <= steps; ++taken)
    for (const bool lucky : {false, true}) {
      const auto disk = start();
      disk->allow(taken);
      const Result<bool> changed = change(*disk);
      EXPECT_EQ(changed.has_value(), taken == steps);
      disk->lose_power(lucky);
      const std::string text = read_whole(*disk);
      EXPECT_THAT(text, AnyOf(Eq(old_text), Eq(new_text))) << taken << " of " << steps;
      if (text == old_text) ++old_count;
      // Leftovers do not disturb the next change, which removes them.
      StoreFiles files(*disk, "/store");
      std::vector<Blob> blobs;
      for (const StoredExtension& stored : after) blobs.push_back(stored.blob);
      ASSERT_TRUE(*files.replace(snapshot_of(files), index_of(after), blobs));
      EXPECT_EQ(read_whole(*disk), new_text);
      EXPECT_EQ(disk->read("ext.lock")->value(), print_ext_lock(index_of(after)));
      std::size_t components = 0;
      const std::vector<std::string> folders = *disk->list("blobs/sha256");
      for (const std::string& folder : folders)
        components += disk->list("blobs/sha256/" + folder)->size();
      EXPECT_EQ(components, after.size());
    }
  EXPECT_GT(old_count, steps / 2);
}

TEST(StoreFiles, AChangeOfAnOutdatedStoreIsRejected) {
  FragileDisk disk(static_cast<std::size_t>(-1));
  StoreFiles files(disk, "/store");
  const StoredExtension a = make_stored("a", "a");
  const StoredExtension b = make_stored("b", "b");
  ASSERT_TRUE(*files.replace({}, index_of({a}), {a.blob}));
  EXPECT_FALSE(*files.replace({}, index_of({b}), {b.blob}));
  EXPECT_EQ(read_whole(disk), print_index(index_of({a})));
}

TEST(StoreFiles, TheLockListsInstalledExtensions) {
  StoredExtension a = make_stored("a", "a");
  a.extension.source = "/srv/a.wasm";
  a.extension.libraries = {"x:a/lib@1.0.0"};
  a.extension.grants = {"fs=ro:."};
  a.extension.needs = {{"x:b/lib", "x:b/lib", "b", "1.0.0", false}};
  const std::string text = print_ext_lock(index_of({a}));
  EXPECT_THAT(text, testing::HasSubstr("name = \"a\""));
  EXPECT_THAT(text, testing::HasSubstr("source = \"/srv/a.wasm\""));
  EXPECT_THAT(text, testing::HasSubstr("from = \"b\""));
}

}  // namespace
}  // namespace tenon::extension::store_files_test
