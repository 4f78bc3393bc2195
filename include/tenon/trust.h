// Consent: what a tenon.toml requests outside its own folder, and what its user has allowed.
//
// A component can do nothing on its own, so a manifest is harmless until it requests something:
// native code, the network, or other folders. The author of the manifest decides what it requests,
// and can be anyone, for example if the repository was just cloned. So `CompositionBuilder::build`
// rejects such a manifest until its user agrees. A program agrees with `CompositionBuilder::trust`;
// the user of the command agrees with `tenon trust`, and the consent is stored in a `TrustFile`.
//
//   tenon::TrustFile consent(config_dir + "/trust.toml");
//   auto requests = consent.find_new(builder.manifest_requests());
//   if (requests && requests->empty()) builder.trust();  // the user has agreed to all of them
//
// Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

// Something that a tenon.toml requests.
struct ManifestRequest {
  enum class Kind : std::uint8_t {
    NativeCode,    // `[hosts.NAME]`: the folder of a host bundle, or its library
    Network,       // an entry of `net`, or the address of a remote unit
    HttpRequests,  // an entry of `allow-http`
    Directory,  // an entry of `dirs`, a path in the `config` of a host bundle, or a key of a remote unit
  };
  Kind kind = Kind::NativeCode;
  // with symbolic links resolved: "/srv/shop/bundles/sqlite", "rw:/srv", "*", "tcp://[::1]:7761"
  std::string text = {};
  std::string folder = {};  // folder of the manifest, with symbolic links resolved
  Location where = {};

  // Returns true if consent to one request also covers the other. The line in the manifest is
  // ignored.
  [[nodiscard]] bool is_same(const ManifestRequest& other) const {
    return kind == other.kind && text == other.text && folder == other.folder;
  }
};

// Describes a request for people: "native code in /srv/shop/bundles/sqlite".
[[nodiscard]] std::string describe_request(const ManifestRequest& request);

// Checks that only root and the effective user can change a file or folder. They must own it, all
// folders above it and all links on the way, and none of these can be writable by others, or by a
// group other than the user's private one. Folders with the sticky bit are accepted.
// Errors: config-untrusted; read-file (it cannot be opened).
[[nodiscard]] Result<void> check_owner(std::string_view path);

// The requests of one folder's manifest to which the user has agreed.
struct TrustedFolder {
  std::string folder;  // with symbolic links resolved
  std::vector<ManifestRequest> requests;
};

// The file `trust.toml`, which stores consent. Several processes can share it; a lock serializes
// their changes.
class TrustFile final {
 public:
  // Creates the object without reading the file. Its folder is created with mode 0700 on the first
  // write.
  explicit TrustFile(std::string path) : path_(std::move(path)) {}

  // Returns all stored consent, by folder; empty if the file does not exist.
  // Errors: read-file; config-, config-untrusted (others can change the file).
  [[nodiscard]] Result<std::vector<TrustedFolder>> list() const;
  // Returns the `requests` to which the user has not agreed yet.
  // Errors: as list().
  [[nodiscard]] Result<std::vector<ManifestRequest>> find_new(
      std::span<const ManifestRequest> requests) const;
  // Stores consent to `requests` in addition to what is stored.
  // Errors: as list(); write-file.
  [[nodiscard]] Result<void> add(std::span<const ManifestRequest> requests) const;
  // Removes all consent for a folder. Returns false if there was none.
  // Errors: as list(); write-file.
  [[nodiscard]] Result<bool> remove(std::string_view folder) const;

 private:
  std::string path_;
};

}  // namespace tenon
