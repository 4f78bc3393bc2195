// Grants to extensions in stores that others can write to.
//
// A project's store comes with the project, written by someone else, so grants in its index are
// ignored. The user's own grants are kept in a file of the user, keyed by the path of the store and
// the digest of the component. A component that replaces another one therefore gets none of its
// grants.
//
// Source: docs/extensions.md, "What an extension may do".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "extension/index.h"
#include "tenon/result.h"

namespace tenon::extension {

// The grants of one extension in one store.
struct GrantRow {
  std::string store;
  std::string name;
  std::string component;
  std::vector<std::string> grants;

  bool operator==(const GrantRow&) const = default;
};

class GrantsFile final {
 public:
  // path: of the file; if it is empty, the grants in the index count. store: the store's folder.
  GrantsFile(std::string path, std::string store)
      : path_(std::move(path)), store_(std::move(store)) {}

  // False if the grants in the index count.
  [[nodiscard]] bool is_used() const { return !path_.empty(); }
  // The rows of the store; none if the grants in the index count. Errors: config-, config-untrusted,
  // read-file.
  [[nodiscard]] Result<std::vector<GrantRow>> read() const;
  // Replaces the grants in the index by those in the rows of the store, unless the ones in the index
  // count.
  void apply(const std::vector<GrantRow>& rows, Index& index) const;
  // Makes the grants of an index the rows of the store. Errors: as read(); write-file.
  [[nodiscard]] Result<void> save(const Index& index) const;

 private:
  std::string path_;
  std::string store_;
};

}  // namespace tenon::extension
