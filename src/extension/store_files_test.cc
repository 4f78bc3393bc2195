// What a crash leaves of a store: every prefix of what a change does to the disk, without what was
// not made durable.
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

#include "support/sha256.h"

namespace tenon::extension::store_files_test {
namespace {

using testing::AnyOf;
using testing::Eq;

std::string parent_of(const std::string& path) {
  return path.find('/') == path.npos ? "" : path.substr(0, path.rfind('/'));
}

// Files in memory, with what would be there after a loss of power: names as of the last sync of
// their folder, contents as of the last sync of the file. It ends after `steps` of its changes.
class FragileDisk final : public Disk {
 public:
  struct File {
    std::string content;
    std::string durable;  // of the content
  };

  explicit FragileDisk(std::size_t steps) : left_(steps) {}

  Result<std::optional<std::string>> read(const std::string& path) const override {
    const auto found = names_.find(path);
    if (found == names_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second->content);
  }
  Result<std::vector<std::string>> list(const std::string& folder) const override {
    std::set<std::string> found;
    const std::string prefix = folder.empty() ? "" : folder + "/";
    for (const auto& [path, file] : names_)
      if (path.starts_with(prefix)) {
        const std::string rest = path.substr(prefix.size());
        found.insert(rest.substr(0, rest.find('/')));
      }
    return std::vector<std::string>(found.begin(), found.end());
  }
  Result<void> write(const std::string& path, std::string_view content) override {
    if (!step()) return ended();
    auto& file = names_[path];
    if (file == nullptr) file = std::make_shared<File>();
    file->content = content;
    return {};
  }
  Result<void> sync(const std::string& path) override {
    if (!step()) return ended();
    if (const auto found = names_.find(path); found != names_.end()) {
      found->second->durable = found->second->content;
      return {};
    }
    std::erase_if(durable_names_, [&](const auto& one) { return parent_of(one.first) == path; });
    for (const auto& [name, file] : names_)
      if (parent_of(name) == path) durable_names_[name] = file;
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (!step()) return ended();
    names_[to] = names_.at(from);
    names_.erase(from);
    return {};
  }
  Result<void> remove(const std::string& path) override {
    if (!step()) return ended();
    names_.erase(path);
    return {};
  }
  Result<void> make_folder(const std::string&) override {
    return step() ? Result<void>() : ended();
  }
  Result<std::shared_ptr<void>> lock(const std::string&, Sharing) override {
    return std::shared_ptr<void>();
  }

  // Power is lost. A rename or a removal whose folder was not synced may have become durable or
  // not: `lucky` says which.
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
  static Diagnostics ended() { return {Diagnostic()}; }

  std::map<std::string, std::shared_ptr<File>> names_;
  std::map<std::string, std::shared_ptr<File>> durable_names_;
  std::size_t left_;
  std::size_t taken_ = 0;
};

struct Made {
  Extension extension;
  Blob blob;
};

Made make(const std::string& name, const std::string& content) {
  Made made;
  made.blob.bytes = std::make_shared<const Bytes>(content.begin(), content.end());
  made.blob.digest = sha256_hex(*made.blob.bytes);
  made.extension.name = name;
  made.extension.version = "1.0.0";
  made.extension.digest = made.blob.digest;
  return made;
}

Index index_of(const std::vector<Made>& all) {
  Index made;
  for (const Made& one : all) made.extensions.push_back(one.extension);
  made.sort();
  return made;
}

Snapshot snapshot_of(const StoreFiles& files) {
  return {*files.read_text(), digests_of(*files.read())};
}

// The store on a disk, or why it is none: each component is there, whole.
std::string read_whole(FragileDisk& disk) {
  const StoreFiles files(disk, "/store");
  const Result<Index> index = files.read();
  if (!index) return "no index: " + index.error().front().message;
  for (const Extension& one : index->extensions) {
    const Result<std::string> content = files.read_component(one);
    if (!content) return "no component of " + one.name;
    if (sha256_hex(Bytes(content->begin(), content->end())) != one.digest)
      return "another component of " + one.name;
  }
  return print_index(*index);
}

TEST(StoreFiles, ACrashLeavesTheOldStoreOrTheNewOne) {
  const std::vector<Made> before = {make("a", "component a"), make("b", "component b")};
  // One is replaced, one removed, two are added.
  const std::vector<Made> after = {make("a", "another a"), make("c", "component c"),
                                   make("d", "component d")};
  const std::string old_text = print_index(index_of(before));
  const std::string new_text = print_index(index_of(after));
  const auto start = [&] {
    auto disk = std::make_unique<FragileDisk>(static_cast<std::size_t>(-1));
    StoreFiles files(*disk, "/store");
    std::vector<Blob> blobs;
    for (const Made& one : before) blobs.push_back(one.blob);
    EXPECT_TRUE(*files.replace({}, index_of(before), blobs));
    disk->finish();
    return disk;
  };
  const auto change = [&](FragileDisk& disk) {
    StoreFiles files(disk, "/store");
    std::vector<Blob> blobs;
    for (const Made& one : after) blobs.push_back(one.blob);
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
      const std::string found = read_whole(*disk);
      EXPECT_THAT(found, AnyOf(Eq(old_text), Eq(new_text))) << taken << " of " << steps;
      if (found == old_text) ++old_count;
      // What was left in between does not hold the next change up, and does not stay.
      StoreFiles files(*disk, "/store");
      std::vector<Blob> blobs;
      for (const Made& one : after) blobs.push_back(one.blob);
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

TEST(StoreFiles, AChangeOfWhatChangedMeanwhileIsNone) {
  FragileDisk disk(static_cast<std::size_t>(-1));
  StoreFiles files(disk, "/store");
  const Made a = make("a", "a");
  const Made b = make("b", "b");
  ASSERT_TRUE(*files.replace({}, index_of({a}), {a.blob}));
  EXPECT_FALSE(*files.replace({}, index_of({b}), {b.blob}));
  EXPECT_EQ(read_whole(disk), print_index(index_of({a})));
}

TEST(StoreFiles, TheLockNamesWhatIsInstalled) {
  Made a = make("a", "a");
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
