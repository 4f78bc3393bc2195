// Grants to the extensions of a store that the user does not own alone.
//
// The store of a project comes with the project, from whoever wrote it, so grants in its index are
// ignored. The user's grants are stored in a file of the user's, by the path of the store and the
// digest of the component: a component that takes the place of another gets none of its grants.
//
// Source: docs/extensions.md, "Grants".
#pragma once

#include <string>
#include <utility>

#include "extension/index.h"
#include "tenon/result.h"

namespace tenon::extension {

class GrantsFile final {
 public:
  // path: of the file; empty: grants are those of the index. store: the store's folder.
  GrantsFile(std::string path, std::string store)
      : path_(std::move(path)), store_(std::move(store)) {}

  // Whether grants are kept here.
  [[nodiscard]] bool is_used() const { return !path_.empty(); }
  // Replaces the grants in the index by those that the user gave. Errors: config-,
  // config-untrusted, read-file.
  [[nodiscard]] Result<void> apply(Index& index) const;
  // Stores the grants of an index. Errors: as apply(); write-file.
  [[nodiscard]] Result<void> keep(const Index& index) const;

 private:
  std::string path_;
  std::string store_;
};

}  // namespace tenon::extension
