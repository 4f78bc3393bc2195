// How a change of the store survives a crash.
//
// The store is what index.json says, and components are stored under the digests of their content.
// A blob that no index names is garbage, never damage. So a change does its work in this order:
//
//   1. Lock the store, and compare index.json, and the user's grants, with the texts that the change was
//      computed from. If another process has changed them, give up; the caller computes the change again.
//   2. Write ext.lock.new and index.json.new, and sync both and the folder.
//   3. Write each new blob aside, sync it, rename it to its digest, and sync the folders.
//   4. Rename index.json.new to index.json, and sync the folder. This is the commit: before it a
//      reader sees the old store, after it the new one, and every blob either of them names exists.
//   5. Remove the blobs that only the old index named.
//   6. Rename ext.lock.new to ext.lock, and save the user's grants.
//
// Nothing repairs a store after a crash. A crash before step 4 leaves files named `.new` and blobs
// that no index names; one after it leaves old blobs. As ext.lock.new is the first file to be
// written and the last to be renamed, its existence tells the next change that the one before it
// did not finish. That change then compares all blobs with its new index, not only those of the
// old index, and removes what is left over. The files named `.new` are overwritten.
//
// Readers do not lock to read the index, because a rename replaces it in one step. They take the
// lock shared while they read components, so that step 5 cannot remove one of them.
#include "extension/store_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>
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
  for (const Extension& extension : index.extensions) digests.insert(extension.digest);
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

Diagnostic StoreFiles::modified_problem(const Extension& extension) const {
  Diagnostic problem =
      make_diagnostic(Code::ExtDigest, "the component of `{}` was modified", extension.name);
  problem.where.file = component_path(extension);
  problem.hints.push_back(
      fmt::format("add it again: `tenon ext add {} --force`", extension.source));
  return problem;
}

Result<void> StoreFiles::add_component(CompositionBuilder& builder, const std::string& unit,
                                       const Extension& extension,
                                       UnitOptions::Reading reading) const {
  if (!extension.link.empty()) {
    builder.add_component(unit, extension.link);
    return {};
  }
  if (reading == UnitOptions::Reading::WhenNeeded) {
    builder.add_component(unit, component_path(extension),
                          {.sha256 = extension.digest, .reading = reading});
    return {};
  }
  TENON_TRY(const std::string content, read_component(extension));
  if (content.size() != extension.bytes) return modified_problem(extension);
  // Passed as bytes, because the file can be removed once the store is unlocked. The digest is
  // checked, because grants were given to that component and not to any file of its name.
  builder.add_component(unit, as_bytes(content), {.sha256 = extension.digest});
  return {};
}

Result<StoreText> StoreFiles::read_text() const {
  StoreText text;
  TENON_TRY(std::optional<std::string> index, disk_.read(kIndex));
  if (!index) return text;
  text.index = *std::move(index);
  TENON_TRY(text.grants, grants_.read());
  return text;
}

Result<Index> StoreFiles::parse(const StoreText& text) const {
  if (text.index.empty()) return Index();
  TENON_TRY(Index index, parse_index(text.index, index_path()));
  grants_.apply(text.grants, index);
  return index;
}

Result<Index> StoreFiles::read() const {
  TENON_TRY(const StoreText text, read_text());
  return parse(text);
}

Result<std::vector<LockedExtension>> StoreFiles::read_lock() const {
  const std::string path = join_path(folder_, kExtLock);
  TENON_TRY(const std::optional<std::string> text, disk_.read(kExtLock));
  if (text) {
    TENON_TRY(std::vector<LockedExtension> rows, parse_ext_lock(*text, path));
    // Like the index of a project, its lock file must not grant anything.
    if (grants_.is_used())
      for (LockedExtension& row : rows) row.grants.clear();
    return rows;
  }
  Diagnostic problem = make_diagnostic(Code::ExtLocked, "the store has no ext.lock");
  problem.where.file = path;
  problem.hints.emplace_back("run without `--locked`: adding an extension creates one");
  return problem;
}

Result<std::shared_ptr<void>> StoreFiles::lock_shared() const {
  TENON_TRY(const std::vector<std::string> names, disk_.list(""));
  if (names.empty()) return std::shared_ptr<void>();
  return disk_.lock(kLock, Disk::Sharing::Shared);
}

Result<bool> StoreFiles::replace(const Snapshot& before, const Index& next,
                                 const std::vector<Blob>& blobs) {
  TENON_TRY_VOID(disk_.make_folder(""));
  TENON_TRY(const std::shared_ptr<void> lock, disk_.lock(kLock, Disk::Sharing::Exclusive));
  TENON_TRY(const StoreText text, read_text());
  if (text != before.text) return false;
  // ext.lock.new is written first and renamed last, so it is left by every unfinished change.
  TENON_TRY(const std::vector<std::string> names, disk_.list(""));
  const bool was_interrupted = std::ranges::find(names, "ext.lock.new") != names.end();
  Index written = next;
  if (grants_.is_used())
    for (Extension& extension : written.extensions) extension.grants.clear();
  TENON_TRY_VOID(write_aside(kExtLock, print_ext_lock(written)));
  TENON_TRY_VOID(write_aside(kIndex, print_index(written)));
  TENON_TRY_VOID(disk_.sync(""));
  for (const Blob& blob : blobs) TENON_TRY_VOID(add_blob(blob));
  TENON_TRY_VOID(move_into_place(kIndex));
  std::set<std::string> unused = before.digests;
  if (was_interrupted) {
    TENON_TRY(unused, list_blobs());
  }
  for (const Extension& extension : next.extensions) unused.erase(extension.digest);
  TENON_TRY_VOID(remove_blobs(unused));
  TENON_TRY_VOID(move_into_place(kExtLock));
  TENON_TRY_VOID(grants_.save(next));
  return true;
}

Result<void> StoreFiles::add_blob(const Blob& blob) {
  const std::string path = blob_path(blob.digest);
  TENON_TRY_VOID(disk_.make_folder(folder_of(path)));
  const std::string_view content(reinterpret_cast<const char*>(blob.bytes->data()),
                                 blob.bytes->size());
  TENON_TRY_VOID(write_aside(path, content));
  TENON_TRY_VOID(move_into_place(path));
  // The parent folders can be new as well.
  for (const char* const parent : {kBlobs, "blobs", ""}) TENON_TRY_VOID(disk_.sync(parent));
  return {};
}

Result<void> StoreFiles::write_aside(const std::string& path, std::string_view text) {
  TENON_TRY_VOID(disk_.write(path + kUnfinished, text));
  return disk_.sync(path + kUnfinished);
}

// Replaces a file by the one that was written aside. A crash leaves one of the two, complete.
Result<void> StoreFiles::move_into_place(const std::string& path) {
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

// The digests of all blobs on disk, including unfinished ones.
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
