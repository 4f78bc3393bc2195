// A store on disk.
//
//   index.json          all that is installed; renamed into place: the store is what it says
//   ext.lock            the same for people and for `--locked`, written after it
//   blobs/sha256/ab/..  components by their digests; never changed
//   lock                held by who changes the store, and shared by who reads components
//
// A change writes components first and the index last, so that whatever a crash leaves is the old
// store or the new one. Components that no index names are removed by the next change.
//
// Source: docs/extensions.md, "The store".
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "extension/disk.h"
#include "extension/ext_lock.h"
#include "extension/grants_file.h"
#include "extension/index.h"
#include "support/files.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::extension {

struct Blob {
  std::string digest;
  std::shared_ptr<const Bytes> bytes;
};

// The digests of its components.
[[nodiscard]] std::set<std::string> digests_of(const Index& index);

// The store that a change begins with.
struct Snapshot {
  std::string text;  // of `index.json`; empty: there is none
  std::set<std::string> digests;
};

class StoreFiles final {
 public:
  // folder: of the disk, for messages. Lifetime: of the disk.
  StoreFiles(Disk& disk, std::string folder, GrantsFile grants = {{}, {}})
      : disk_(disk), folder_(std::move(folder)), grants_(std::move(grants)) {}

  // None yet: empty. Errors: ext-store, read-file.
  [[nodiscard]] Result<Index> read() const;
  // The text that `read` reads, and what it says. Errors: read-file; ext-store.
  [[nodiscard]] Result<std::string> read_text() const;
  [[nodiscard]] Result<Index> parse(std::string_view text) const;
  // `ext.lock` as it is. Errors: ext-locked (there is none), config-, read-file.
  [[nodiscard]] Result<std::vector<LockedExtension>> read_lock() const;
  [[nodiscard]] std::string index_path() const { return folder_ + "/index.json"; }
  // The path of an extension's component: in the store, or where it is linked to.
  [[nodiscard]] std::string component_path(const Extension& extension) const;
  // Errors: ext-store (it is not there), read-file.
  [[nodiscard]] Result<std::string> read_component(const Extension& extension) const;
  // Adds the component of an installed extension, or the file that it is linked to.
  // Errors: as read_component.
  [[nodiscard]] Result<void> add_component(CompositionBuilder& builder, const std::string& unit,
                                           const Extension& extension) const;

  // Until what is returned ends nobody removes a component. Null: there is no store, or nobody can
  // write to it. Errors: write-file.
  [[nodiscard]] Result<std::shared_ptr<void>> hold() const;

  // Makes `next` the store, if it is still what `before` says; false: it is not, and nothing is
  // written. Components that nothing names go, also those of a change that did not end.
  // Errors: write-file, read-file.
  [[nodiscard]] Result<bool> replace(const Snapshot& before, const Index& next,
                                     const std::vector<Blob>& blobs);

 private:
  [[nodiscard]] Result<void> add_blob(const Blob& blob);
  [[nodiscard]] Result<void> write_aside(const std::string& path, std::string_view text);
  [[nodiscard]] Result<void> move_in(const std::string& path);
  [[nodiscard]] Result<void> remove_blobs(const std::set<std::string>& digests);
  [[nodiscard]] Result<std::set<std::string>> list_blobs() const;
  Disk& disk_;
  std::string folder_;
  GrantsFile grants_;
};

}  // namespace tenon::extension
