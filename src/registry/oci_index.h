// The index of an OCI registry: what `tenon ext search` needs to know of each published version,
// without a request for each.
//
// It is a repository beside those of the packages, `<prefix>tenon-index`, which is not the name of a
// package. A publisher writes the entry of its version under a tag of its own, `entry-` and a hash
// of name and version. Nobody else writes that tag, so publishers that run at the same time lose
// none. Then it merges all entries into one document under the tag `latest`, which spares a reader
// most requests. Two publishers can overwrite each other's `latest`, which then lacks an entry:
// readers see by the list of tags which ones, and the next publisher adds them again.
//
// Source: docs/formats/registry-index.md; docs/adr/0042-an-index-without-compare-and-swap.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/oci_client.h"
#include "tenon/result.h"

namespace tenon::registry {

inline constexpr std::string_view kIndexRepository = "tenon-index";

// A published version.
struct IndexEntry {
  PackageName package;
  Version version;
  std::string description = {};           // can be empty
  std::vector<std::string> imports = {};  // interfaces, with versions
  std::vector<std::string> exports = {};
  std::string digest = {};  // of the component: `sha256:` and 64 digits

  bool operator==(const IndexEntry&) const = default;
};

// The document: entries by package and version. Equal sets have equal texts.
[[nodiscard]] Bytes print_index(std::vector<IndexEntry> entries);
// Sorted; of entries for one version, the first. Errors: the rule that the text breaks.
[[nodiscard]] Result<std::vector<IndexEntry>, ManifestError> parse_index(
    std::span<const std::uint8_t> text);

// All entries, sorted; empty if there is no index. Parts that cannot be used are left out, with a
// note (ext-fetch). repository: of the index. Errors: ext-fetch, ext-auth.
[[nodiscard]] Result<std::vector<IndexEntry>> read_index(OciClient& client,
                                                         const std::string& repository,
                                                         Intent intent, Diagnostics& notes);

// Adds an entry, or writes it again. Errors: ext-fetch, ext-auth, ext-digest.
[[nodiscard]] Result<void> add_to_index(OciClient& client, const std::string& repository,
                                        const IndexEntry& entry);

}  // namespace tenon::registry
