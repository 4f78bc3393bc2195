// Consent: what a tenon.toml asks for beyond its own folder, and what its user has allowed.
//
// A component can do nothing by itself, so a manifest is harmless until it asks for something: for
// native code, for the network, for folders elsewhere. The author of the manifest decides what it
// asks for, and may be anyone: the repository may have been cloned a minute ago. So
// `CompositionBuilder::build` refuses such a manifest until somebody agrees: a program by
// `CompositionBuilder::trust`, the user of the command by `tenon trust`, which is stored here.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"

namespace tenon {

// Something that a tenon.toml asks for.
struct ManifestRequest {
  enum class Kind : std::uint8_t {
    NativeCode,  // `[hosts.NAME]`: the folder of a host bundle, or its library
    Network,     // an entry of `net`
    Directory,   // an entry of `dirs`, or a path in the `config` of a host bundle
  };
  Kind kind = Kind::NativeCode;
  std::string text = {};    // without links: "/srv/shop/bundles/sqlite", "rw:/srv", "*"
  std::string folder = {};  // of the manifest, without links
  Location where = {};

  // Whether consent to one covers the other. The line in the manifest does not matter.
  [[nodiscard]] bool is_same(const ManifestRequest& other) const {
    return kind == other.kind && text == other.text && folder == other.folder;
  }
};

// "native code in /srv/shop/bundles/sqlite"
[[nodiscard]] std::string describe_request(const ManifestRequest& request);

// Whether root and the effective user are the only ones who can change a file or folder: it, every
// folder above it and every link on the way belong to them, and are not writable by others, nor by
// a group unless that is the user's private one. Folders with the sticky bit are fine.
// Errors: config-untrusted; read-file (it cannot be opened).
[[nodiscard]] Result<void> check_owner(std::string_view path);

// A folder whose manifest the user has allowed something.
struct TrustedFolder {
  std::string folder;  // without links
  std::vector<ManifestRequest> requests;
};

// The file `trust.toml`, in which consent is stored. Processes may share it: their changes take
// turns.
class TrustFile final {
 public:
  // Nothing is read yet. The folder is made (0700) when something is written.
  explicit TrustFile(std::string path) : path_(std::move(path)) {}

  // By folder; none if there is no file. Errors: read-file; config-, config-untrusted (others can
  // change the file).
  [[nodiscard]] Result<std::vector<TrustedFolder>> list() const;
  // Those of `requests` that the user has not agreed to. Errors: as list().
  [[nodiscard]] Result<std::vector<ManifestRequest>> find_new(
      std::span<const ManifestRequest> requests) const;
  // Stores consent to `requests`, beside what is there. Errors: as list(); write-file.
  [[nodiscard]] Result<void> add(std::span<const ManifestRequest> requests) const;
  // Forgets a folder; false: there is none. Errors: as list(); write-file.
  [[nodiscard]] Result<bool> remove(std::string_view folder) const;

 private:
  std::string path_;
};

}  // namespace tenon
