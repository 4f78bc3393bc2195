#include "extension/store_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "support/diagnostics.h"
#include "support/files.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

constexpr const char* kUnfinished = ".new";
constexpr const char* kIndex = "index.json";
constexpr const char* kExtLock = "ext.lock";
constexpr const char* kLock = "lock";
constexpr const char* kBlobs = "blobs/sha256";

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(0, slash);
}

std::string blob_path(std::string_view digest) {
  return fmt::format("{}/{}/{}.wasm", kBlobs, digest.substr(0, 2), digest);
}

}  // namespace

std::set<std::string> digests_of(const Index& index) {
  std::set<std::string> digests;
  for (const Extension& one : index.extensions) digests.insert(one.digest);
  return digests;
}

std::string StoreFiles::component_path(const Extension& extension) const {
  return extension.link.empty() ? join_path(folder_, blob_path(extension.digest)) : extension.link;
}

Result<std::string> StoreFiles::read_component(const Extension& extension) const {
  TENON_TRY(std::optional<std::string> content, disk_.read(blob_path(extension.digest)));
  if (content) return *std::move(content);
  Diagnostic problem =
      make_diagnostic(Code::ExtStore, "the component of `{}` is missing", extension.name);
  problem.where.file = component_path(extension);
  problem.hints.push_back(
      fmt::format("add it again: `tenon ext add {} --force`", extension.source));
  return problem;
}

Result<void> StoreFiles::add_component(CompositionBuilder& builder, const std::string& unit,
                                       const Extension& extension) const {
  if (!extension.link.empty()) {
    builder.add_component(unit, extension.link);
    return {};
  }
  TENON_TRY(const std::string content, read_component(extension));
  // As bytes: the file may be removed when nobody holds the store. Its digest is checked: grants
  // were given to that component, not to whatever has its name.
  builder.add_component(unit, as_bytes(content), {.sha256 = extension.digest});
  return {};
}

Result<std::string> StoreFiles::read_text() const {
  TENON_TRY(std::optional<std::string> text, disk_.read(kIndex));
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
  const std::string path = join_path(folder_, kExtLock);
  TENON_TRY(const std::optional<std::string> text, disk_.read(kExtLock));
  if (text) {
    TENON_TRY(std::vector<LockedExtension> rows, parse_ext_lock(*text, path));
    // A lock file that came with a project grants nothing.
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
  TENON_TRY(const std::vector<std::string> names, disk_.list(""));
  if (names.empty()) return std::shared_ptr<void>();
  return disk_.lock(kLock, Disk::Sharing::Shared);
}

Result<bool> StoreFiles::replace(const Snapshot& before, const Index& next,
                                 const std::vector<Blob>& blobs) {
  TENON_TRY_VOID(disk_.make_folder(""));
  TENON_TRY(const std::shared_ptr<void> lock, disk_.lock(kLock, Disk::Sharing::Exclusive));
  TENON_TRY(const std::string found, read_text());
  if (found != before.text) return false;
  // Until all is done the new ext.lock lies beside the old one: where it does, a change was cut
  // off.
  TENON_TRY(const std::vector<std::string> names, disk_.list(""));
  const bool was_cut_off = std::ranges::find(names, "ext.lock.new") != names.end();
  Index shown = next;
  if (grants_.is_used())
    for (Extension& one : shown.extensions) one.grants.clear();
  TENON_TRY_VOID(write_aside(kExtLock, print_ext_lock(shown)));
  TENON_TRY_VOID(write_aside(kIndex, print_index(shown)));
  TENON_TRY_VOID(disk_.sync(""));
  for (const Blob& blob : blobs) TENON_TRY_VOID(add_blob(blob));
  TENON_TRY_VOID(move_in(kIndex));
  std::set<std::string> unnamed = before.digests;
  if (was_cut_off) {
    TENON_TRY(unnamed, list_blobs());
  }
  for (const Extension& one : next.extensions) unnamed.erase(one.digest);
  TENON_TRY_VOID(remove_blobs(unnamed));
  TENON_TRY_VOID(move_in(kExtLock));
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
  for (const char* const around : {kBlobs, "blobs", ""}) TENON_TRY_VOID(disk_.sync(around));
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
  TENON_TRY(const std::vector<std::string> folders, disk_.list(kBlobs));
  for (const std::string& folder : folders) {
    TENON_TRY(const std::vector<std::string> names,
              disk_.list(fmt::format("{}/{}", kBlobs, folder)));
    for (const std::string& name : names) digests.insert(name.substr(0, name.find('.')));
  }
  return digests;
}

}  // namespace tenon::extension
