// Manifests of components in OCI registries, as wkg writes and reads them. A manifest is a JSON
// document that refers to blobs by digest: a config that describes the component, and one layer
// with its bytes. The text of extension.toml is an annotation of the manifest; a second layer with
// that text is accepted, too.
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
inline constexpr std::string_view kIndexManifestType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kConfigType = "application/vnd.wasm.config.v0+json";
inline constexpr std::string_view kComponentType = "application/wasm";
inline constexpr std::string_view kExtensionType = "application/vnd.tenon.extension.v1+toml";
inline constexpr std::string_view kExtensionAnnotation = "org.tenon.extension";

// The rule that a manifest breaks, as a clause: "it has no layer of type `application/wasm`".
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
  std::optional<std::string> extension_text;  // the annotation; takes precedence over the layer
  std::string description;                    // can be empty
  std::string version;                        // that the annotation of OCI names; can be empty

  bool operator==(const OciManifest&) const = default;
};

// The digest as registries write it: `sha256:` and 64 digits.
[[nodiscard]] std::string digest_of(std::span<const std::uint8_t> bytes);

// Parses a manifest and checks that sizes are within limits. The digests have to be checked when
// the blobs are downloaded.
[[nodiscard]] Result<OciManifest, ManifestError> parse_oci_manifest(
    std::span<const std::uint8_t> text);

// A document as an artifact: a manifest with an artifact type, whose one layer is the document.
// Source: OCI image specification 1.1, "Guidelines for Artifact Usage".
struct OciArtifact {
  Bytes config;
  Bytes manifest;
  OciDescriptor config_descriptor;
  OciDescriptor document;
};
// title: shown to people who browse the registry.
[[nodiscard]] OciArtifact make_oci_artifact(std::string_view type, std::string_view title,
                                            std::span<const std::uint8_t> document);
// The document of an artifact of this type.
[[nodiscard]] Result<OciDescriptor, ManifestError> parse_oci_artifact(
    std::span<const std::uint8_t> text, std::string_view type);

// A signature of cosign 2: the document that is signed, and its signature in base64.
struct CosignLayer {
  OciDescriptor payload;
  std::string signature;
  // For a signature without a key: a PEM file, and a transparency log entry as JSON. Otherwise empty.
  std::string certificate;
  std::string log_entry;

  bool operator==(const CosignLayer&) const = default;
};
// The signatures in a manifest. Other layers are left out.
[[nodiscard]] Result<std::vector<CosignLayer>, ManifestError> parse_cosign_layers(
    std::span<const std::uint8_t> text);

// The manifests of an index that have this artifact type.
// Source: OCI image specification 1.1, "Image Index".
[[nodiscard]] Result<std::vector<OciDescriptor>, ManifestError> parse_oci_index(
    std::span<const std::uint8_t> text, std::string_view artifact_type);

// The interfaces of a component, as its config blob lists them, which wkg writes too. Empty if the
// config has no such lists.
struct WasmInterfaces {
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};
[[nodiscard]] WasmInterfaces find_wasm_interfaces(std::span<const std::uint8_t> config);

// Checks the config blob of a component: architecture, operating system and layer digests.
[[nodiscard]] Result<void, ManifestError> check_wasm_config(std::span<const std::uint8_t> text,
                                                            const OciDescriptor& component);

// The manifest and the config blob of a package. They depend on the package alone and contain no
// timestamp, so that publishing it again yields the same bytes.
struct OciImage {
  Bytes config;
  Bytes manifest;
  OciDescriptor config_descriptor;
  OciDescriptor component_descriptor;
};
[[nodiscard]] OciImage make_oci_image(const Package& package);

}  // namespace tenon::registry
