// Manifests of components in OCI registries, as wkg writes and reads them: a config of WebAssembly
// and one layer that is the component. The text of extension.toml is an annotation; a second layer
// is read too.
//
// Source: OCI image specification 1.1, "Image Manifest"; CNCF TAG Runtime, "Wasm OCI Artifact
// layout"; rust-oci-wasm, src/config.rs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/package_source.h"
#include "tenon/result.h"

namespace tenon::registry {

inline constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kConfigType = "application/vnd.wasm.config.v0+json";
inline constexpr std::string_view kComponentType = "application/wasm";
inline constexpr std::string_view kExtensionType = "application/vnd.tenon.extension.v1+toml";
inline constexpr std::string_view kExtensionAnnotation = "org.tenon.extension";

// Which rule a manifest breaks: "it has no layer `application/wasm`".
struct ManifestError {
  std::string reason;

  bool operator==(const ManifestError&) const = default;
};

struct OciDescriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;

  bool operator==(const OciDescriptor&) const = default;
};

struct OciManifest {
  OciDescriptor config;
  OciDescriptor component;
  std::optional<OciDescriptor> extension;     // the second layer
  std::optional<std::string> extension_text;  // the annotation; it stands for the layer
  std::string description;                    // empty: none

  bool operator==(const OciManifest&) const = default;
};

// `sha256:` and the digits.
[[nodiscard]] std::string digest_of(std::span<const std::uint8_t> bytes);

// Sizes are within limits; whether the bytes are those of the digests, who fetches them sees.
[[nodiscard]] Result<OciManifest, ManifestError> parse_oci_manifest(
    std::span<const std::uint8_t> text);

// What the config says of the component. Refused: another architecture or system, other layers.
[[nodiscard]] Result<void, ManifestError> check_wasm_config(std::span<const std::uint8_t> text,
                                                            const OciDescriptor& component);

// The blobs of a package and the manifest that names them. The same package has the same texts,
// whenever it is published: no time is in them.
struct OciImage {
  Bytes config;
  Bytes manifest;
  OciDescriptor config_descriptor;
  OciDescriptor component_descriptor;
};
[[nodiscard]] OciImage make_oci_image(const Package& package);

}  // namespace tenon::registry
