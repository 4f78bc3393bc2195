#include "extension/store_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

constexpr std::string_view kUnfinished = ".new";

}  // namespace

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
  // As bytes: the file may be swept when nobody holds the store.
  builder.add_component(
      unit, std::span(reinterpret_cast<const std::uint8_t*>(content->data()), content->size()));
  return {};
}

Result<std::string> StoreFiles::read_text() const {
  TENON_TRY(std::optional<std::string> text, disk_.read(index_path()));
  return std::move(text).value_or(std::string());
}

Result<Index> StoreFiles::parse(std::string_view text) const {
  if (text.empty()) return Index();
  return parse_index(text, index_path());
}

Result<Index> StoreFiles::read() const {
  TENON_TRY(const std::string text, read_text());
  return parse(text);
}

Result<std::vector<LockedExtension>> StoreFiles::read_lock() const {
  const std::string path = folder_ + "/ext.lock";
  TENON_TRY(const std::optional<std::string> text, disk_.read(path));
  if (text) return parse_ext_lock(*text, path);
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

Result<bool> StoreFiles::replace(const std::string& before, const Index& next,
                                 const std::vector<Blob>& blobs) {
  TENON_TRY_VOID(disk_.make_folder(folder_));
  TENON_TRY(const std::shared_ptr<void> lock,
            disk_.lock(folder_ + "/lock", Disk::Sharing::Exclusive));
  TENON_TRY(const std::string found, read_text());
  if (found != before) return false;
  for (const Blob& blob : blobs) TENON_TRY_VOID(add_blob(blob));
  TENON_TRY_VOID(put(index_path(), print_index(next)));
  TENON_TRY_VOID(put(folder_ + "/ext.lock", print_ext_lock(next)));
  TENON_TRY_VOID(sweep(next));
  return true;
}

Result<void> StoreFiles::add_blob(const Blob& blob) {
  const std::string path = blob_path(blob.digest);
  const std::string folder = path.substr(0, path.rfind('/'));
  TENON_TRY_VOID(disk_.make_folder(folder));
  const std::string_view content(reinterpret_cast<const char*>(blob.bytes->data()),
                                 blob.bytes->size());
  TENON_TRY_VOID(put(path, content));
  // The folders around it may be new.
  for (const char* const around : {"/blobs/sha256", "/blobs", ""})
    TENON_TRY_VOID(disk_.sync(folder_ + around));
  return {};
}

// All of the text or the old one, whatever happens.
Result<void> StoreFiles::put(const std::string& path, std::string_view text) {
  const std::string aside = path + std::string(kUnfinished);
  TENON_TRY_VOID(disk_.write(aside, text));
  TENON_TRY_VOID(disk_.sync(aside));
  TENON_TRY_VOID(disk_.rename(aside, path));
  return disk_.sync(path.substr(0, path.rfind('/')));
}

Result<void> StoreFiles::sweep(const Index& index) {
  std::set<std::string> named;
  for (const Extension& one : index.extensions) named.insert(one.digest + ".wasm");
  const std::string blobs = folder_ + "/blobs/sha256";
  TENON_TRY(const std::vector<std::string> folders, disk_.list(blobs));
  for (const std::string& folder : folders) {
    const std::string path = fmt::format("{}/{}", blobs, folder);
    TENON_TRY(const std::vector<std::string> names, disk_.list(path));
    for (const std::string& name : names)
      if (!named.contains(name)) TENON_TRY_VOID(disk_.remove(fmt::format("{}/{}", path, name)));
  }
  return {};
}

}  // namespace tenon::extension
