// The files of a store, and the one transaction that changes them.
//
//   index.json          what is installed; the store is what this file says
//   ext.lock            the same for people and for `--locked`, written after it
//   blobs/sha256/ab/..  components by digest, never changed once written
//   lock                locked exclusively by a change, and shared by readers of components
//
// `replace` writes components first and the index last, so that a crash leaves either the old store
// or the new one. store_files.cc explains how.
//
// Source: docs/extensions.md, "The store".
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "extension/disk.h"
#include "extension/grants_file.h"
#include "extension/index.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/result.h"

namespace tenon::extension {

// A component to be stored.
struct Blob {
  std::string digest;
  std::shared_ptr<const Bytes> bytes;
};

// The digests of all components of an index.
[[nodiscard]] std::set<std::string> digests_of(const Index& index);

// The content of a store's files, as it was read.
struct StoreText {
  std::string index;             // the text of `index.json`; empty if there is none
  std::vector<GrantRow> grants;  // of the user, if they are not in the index

  bool operator==(const StoreText&) const = default;
};

// The state of the store that a change was computed from.
struct Snapshot {
  StoreText text;
  std::set<std::string> digests;
};

class StoreFiles final {
 public:
  // folder: of the disk, for messages. Lifetime: `disk` outlives this object.
  StoreFiles(Disk& disk, std::string folder, GrantsFile grants = {{}, {}})
      : disk_(disk), folder_(std::move(folder)), grants_(std::move(grants)) {}

  // The index; empty if there is no store yet. Errors: ext-store, read-file.
  [[nodiscard]] Result<Index> read() const;
  // The two steps of `read`, for a caller that needs the text as well.
  // Errors: read-file, config-; ext-store.
  [[nodiscard]] Result<StoreText> read_text() const;
  [[nodiscard]] Result<Index> parse(const StoreText& text) const;
  // The rows of `ext.lock`. Errors: ext-locked (there is no such file), config-, read-file.
  [[nodiscard]] Result<std::vector<LockedExtension>> read_lock() const;
  [[nodiscard]] std::string index_path() const { return folder_ + "/index.json"; }
  // The path of an extension's component: a blob, or the linked file.
  [[nodiscard]] std::string component_path(const Extension& extension) const;
  // REQUIRES: the extension is not linked. Errors: ext-store (the blob is missing), read-file.
  [[nodiscard]] Result<std::string> read_component(const Extension& extension) const;
  // ext-digest: the component does not have the digest of the index.
  [[nodiscard]] Diagnostic modified_problem(const Extension& extension) const;
  // Adds the component of an installed extension to a builder. With `AtLink`, it is read by this call.
  // Errors: as read_component; ext-digest, if its size shows it. The builder compares the digests.
  [[nodiscard]] Result<void> add_component(CompositionBuilder& builder, const std::string& unit,
                                           const Extension& extension,
                                           UnitOptions::Reading reading) const;

  // Prevents the removal of components until the result is destroyed. Null if there is no store, or
  // if the store is not writable. Errors: write-file.
  [[nodiscard]] Result<std::shared_ptr<void>> lock_shared() const;

  // Replaces the index by `next`, after adding `blobs`, and removes components that are no longer
  // used. Returns false, and writes nothing, if the store is not in the state `before` any more.
  // Errors: write-file, read-file.
  [[nodiscard]] Result<bool> replace(const Snapshot& before, const Index& next,
                                     const std::vector<Blob>& blobs);

 private:
  [[nodiscard]] Result<void> add_blob(const Blob& blob);
  [[nodiscard]] Result<void> write_aside(const std::string& path, std::string_view text);
  [[nodiscard]] Result<void> move_into_place(const std::string& path);
  [[nodiscard]] Result<void> remove_blobs(const std::set<std::string>& digests);
  [[nodiscard]] Result<std::set<std::string>> list_blobs() const;
  Disk& disk_;
  std::string folder_;
  GrantsFile grants_;
};

}  // namespace tenon::extension
