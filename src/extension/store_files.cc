#include "extension/store_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

constexpr const char* kUnfinished = ".new";

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

std::set<std::string> digests_of(const Index& index) {
  std::set<std::string> digests;
  for (const Extension& one : index.extensions) digests.insert(one.digest);
  return digests;
}

std::string StoreFiles::blob_path(std::string_view digest) const {
  return fmt::format("{}/blobs/sha256/{}/{}.wasm", folder_, digest.substr(0, 2), digest);
}

Result<void> StoreFiles::add_component(CompositionBuilder& builder, const std::string& unit,
                                       const Extension& extension) const {
  if (!extension.link.empty()) {
    builder.add_component(unit, extension.link);
    return {};
  }
  const std::string path = blob_path(extension.digest);
  TENON_TRY(const std::optional<std::string> content, disk_.read(path));
  if (!content) {
    Diagnostic problem =
        make_diagnostic(Code::ExtStore, "the component of `{}` is not there", extension.name);
    problem.where.file = path;
    problem.hints.push_back(
        fmt::format("add it again: `tenon ext add {} --force`", extension.source));
    return problem;
  }
  // As bytes: the file may be swept when nobody holds the store. What was granted to a component is
  // not granted to whatever stands in its place.
  builder.add_component(
      unit, std::span(reinterpret_cast<const std::uint8_t*>(content->data()), content->size()),
      {.sha256 = extension.digest});
  return {};
}

Result<std::string> StoreFiles::read_text() const {
  TENON_TRY(std::optional<std::string> text, disk_.read(index_path()));
  return std::move(text).value_or(std::string());
}

Result<Index> StoreFiles::parse(std::string_view text) const {
  if (text.empty()) return Index();
  TENON_TRY(Index index, parse_index(text, index_path()));
  TENON_TRY_VOID(grants_.apply(index));
  return index;
}

Result<Index> StoreFiles::read() const {
  TENON_TRY(const std::string text, read_text());
  return parse(text);
}

Result<std::vector<LockedExtension>> StoreFiles::read_lock() const {
  const std::string path = lock_path();
  TENON_TRY(const std::optional<std::string> text, disk_.read(path));
  if (text) {
    TENON_TRY(std::vector<LockedExtension> rows, parse_ext_lock(*text, path));
    // What others granted is not granted here.
    if (grants_.is_used())
      for (LockedExtension& row : rows) row.grants.clear();
    return rows;
  }
  Diagnostic problem = make_diagnostic(Code::ExtLocked, "the store has no ext.lock");
  problem.where.file = path;
  problem.hints.emplace_back("leave `--locked` out: adding something makes one");
  return problem;
}

Result<std::shared_ptr<void>> StoreFiles::hold() const {
  TENON_TRY(const std::vector<std::string> names, disk_.list(folder_));
  if (names.empty()) return std::shared_ptr<void>();
  return disk_.lock(folder_ + "/lock", Disk::Sharing::Shared);
}

Result<bool> StoreFiles::replace(const Snapshot& before, const Index& next,
                                 const std::vector<Blob>& blobs) {
  TENON_TRY_VOID(disk_.make_folder(folder_));
  TENON_TRY(const std::shared_ptr<void> lock,
            disk_.lock(folder_ + "/lock", Disk::Sharing::Exclusive));
  TENON_TRY(const std::string found, read_text());
  if (found != before.text) return false;
  // Until all is done the new ext.lock lies beside the old one: where it does, a change was cut
  // off.
  TENON_TRY(const std::vector<std::string> names, disk_.list(folder_));
  const bool was_cut_off = std::ranges::find(names, "ext.lock.new") != names.end();
  Index shown = next;
  if (grants_.is_used())
    for (Extension& one : shown.extensions) one.grants.clear();
  TENON_TRY_VOID(write_aside(lock_path(), print_ext_lock(shown)));
  TENON_TRY_VOID(write_aside(index_path(), print_index(shown)));
  TENON_TRY_VOID(disk_.sync(folder_));
  for (const Blob& blob : blobs) TENON_TRY_VOID(add_blob(blob));
  TENON_TRY_VOID(move_in(index_path()));
  std::set<std::string> unnamed = before.digests;
  if (was_cut_off) {
    TENON_TRY(unnamed, list_blobs());
  }
  for (const Extension& one : next.extensions) unnamed.erase(one.digest);
  TENON_TRY_VOID(remove_blobs(unnamed));
  TENON_TRY_VOID(move_in(lock_path()));
  TENON_TRY_VOID(grants_.keep(next));
  return true;
}

Result<void> StoreFiles::add_blob(const Blob& blob) {
  const std::string path = blob_path(blob.digest);
  TENON_TRY_VOID(disk_.make_folder(folder_of(path)));
  const std::string_view content(reinterpret_cast<const char*>(blob.bytes->data()),
                                 blob.bytes->size());
  TENON_TRY_VOID(write_aside(path, content));
  TENON_TRY_VOID(move_in(path));
  // The folders around it may be new.
  for (const char* const around : {"/blobs/sha256", "/blobs", ""})
    TENON_TRY_VOID(disk_.sync(folder_ + around));
  return {};
}

Result<void> StoreFiles::write_aside(const std::string& path, std::string_view text) {
  TENON_TRY_VOID(disk_.write(path + kUnfinished, text));
  return disk_.sync(path + kUnfinished);
}

// All of what was written aside or the old file, whatever happens.
Result<void> StoreFiles::move_in(const std::string& path) {
  TENON_TRY_VOID(disk_.rename(path + kUnfinished, path));
  return disk_.sync(folder_of(path));
}

Result<void> StoreFiles::remove_blobs(const std::set<std::string>& digests) {
  std::set<std::string> folders;
  for (const std::string& digest : digests) {
    const std::string folder = folder_of(blob_path(digest));
    TENON_TRY(const std::vector<std::string> names, disk_.list(folder));
    for (const std::string& name : names) {
      if (!name.starts_with(digest)) continue;
      TENON_TRY_VOID(disk_.remove(fmt::format("{}/{}", folder, name)));
      folders.insert(folder);
    }
  }
  for (const std::string& folder : folders) TENON_TRY_VOID(disk_.sync(folder));
  return {};
}

// Those that are there, also unfinished ones.
Result<std::set<std::string>> StoreFiles::list_blobs() const {
  std::set<std::string> digests;
  const std::string blobs = folder_ + "/blobs/sha256";
  TENON_TRY(const std::vector<std::string> folders, disk_.list(blobs));
  for (const std::string& folder : folders) {
    TENON_TRY(const std::vector<std::string> names,
              disk_.list(fmt::format("{}/{}", blobs, folder)));
    for (const std::string& name : names) digests.insert(name.substr(0, name.find('.')));
  }
  return digests;
}

}  // namespace tenon::extension
