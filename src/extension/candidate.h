// What may be installed: a component, and what it and its manifest say.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "extension/policy.h"
#include "extension/store_files.h"
#include "support/files.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

struct Candidate {
  Extension extension;  // without needs, grants and time
  std::shared_ptr<const Bytes> bytes;
};

// What a source has.
struct Package {
  std::string source;                  // where these bytes are to be had again
  std::string asked;                   // where newer ones may be
  std::string file;                    // of the component, for messages
  std::string name;                    // that it gets if nobody says another
  std::shared_ptr<const Bytes> bytes;  // of the component
  std::string manifest_file;           // empty: there is none
  std::string manifest;
};

// A file, or a folder with extension.toml. Errors: read-, ext-source.
[[nodiscard]] Result<Package> read_package(const Files& files, const std::string& path);

// Checks a package against itself: digest, component, manifest. name: empty: the manifest's, or
// that of its file. sha256: empty: any. Errors: ext-digest, ext-not-component, ext-manifest,
// ext-library-rule, config-, read-, type-; all of them at once.
[[nodiscard]] Result<Candidate> make_candidate(const Package& package, std::string_view name,
                                               std::string_view sha256,
                                               const LibraryPolicy& policy);

}  // namespace tenon::extension
