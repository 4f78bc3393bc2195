// What the user granted to the extensions of a store that is not only the user's own.
//
// The store of a project comes with the project, from whoever wrote it. So what its index says of
// grants counts for nothing; they are kept in a file of the user's, by the store's path and the
// component: another component in its place has none of them.
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
  // Gives each extension what the user granted to it, and no more. Errors: config-,
  // config-untrusted, read-file.
  [[nodiscard]] Result<void> apply(Index& index) const;
  // Keeps the grants of an index. Errors: as apply(); write-file.
  [[nodiscard]] Result<void> keep(const Index& index) const;

 private:
  std::string path_;
  std::string store_;
};

}  // namespace tenon::extension
