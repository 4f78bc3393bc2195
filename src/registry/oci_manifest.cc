#include "registry/oci_manifest.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/sha256.h"
#include "registry/source.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kArchitecture = "wasm";
constexpr std::string_view kSystem = "wasip2";
constexpr std::string_view kDescriptionAnnotation = "org.opencontainers.image.description";
constexpr std::string_view kVersionAnnotation = "org.opencontainers.image.version";
constexpr std::string_view kTitleAnnotation = "org.opencontainers.image.title";
constexpr std::string_view kCosignType = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view kCosignAnnotation = "dev.cosignproject.cosign/signature";
constexpr std::string_view kCertificateAnnotation = "dev.sigstore.cosign/certificate";
constexpr std::string_view kLogAnnotation = "dev.sigstore.cosign/bundle";
constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";

// The string under `key`; absent if there is none.
std::optional<std::string> find_text(const Json& object, std::string_view key) {
  if (!object.is_object()) return std::nullopt;
  const auto match = object.find(key);
  if (match == object.end() || !match->is_string()) return std::nullopt;
  return match->get<std::string>();
}

std::string show_text(const std::optional<std::string>& text) {
  constexpr std::size_t kMaxShown = 100;
  return text ? fmt::format("`{}`", truncate_text(sanitize_text(*text), kMaxShown, Charset::Ascii))
              : "nothing";
}

Result<OciDescriptor, ManifestError> parse_descriptor(const Json& object, std::string_view what,
                                                      std::uint64_t max_bytes) {
  OciDescriptor descriptor;
  const std::optional<std::string> type = find_text(object, "mediaType");
  const std::optional<std::string> digest = find_text(object, "digest");
  const auto size = object.is_object() ? object.find("size") : object.end();
  if (!type || size == object.end() || !size->is_number_unsigned())
    return ManifestError{fmt::format("its {} has no `mediaType` or no `size`", what)};
  if (!digest || !is_oci_digest(*digest))
    return ManifestError{fmt::format("the digest of its {} is {}; expected `sha256:` and 64 digits",
                                     what, show_text(digest))};
  descriptor.media_type = *type;
  descriptor.digest = *digest;
  descriptor.size = size->get<std::uint64_t>();
  if (descriptor.size > max_bytes)
    return ManifestError{
        fmt::format("its {} has {} bytes; the limit is {}", what, descriptor.size, max_bytes)};
  return descriptor;
}

Result<void, ManifestError> check_manifest_type(const Json& json) {
  if (!json.is_object()) return ManifestError{"it is not a JSON object"};
  const std::optional<std::string> type = find_text(json, "mediaType");
  if (json.contains("manifests")) return ManifestError{"it is an index of container images"};
  if (type && *type != kManifestType)
    return ManifestError{
        fmt::format("its type is {}; expected `{}`", show_text(type), kManifestType)};
  const auto schema = json.find("schemaVersion");
  if (schema == json.end() || *schema != 2) return ManifestError{"its `schemaVersion` is not 2"};
  return {};
}

Result<void, ManifestError> read_layers(const Json& json, OciManifest& manifest) {
  const auto layers = json.find("layers");
  if (layers == json.end() || !layers->is_array()) return ManifestError{"it has no list `layers`"};
  bool has_component = false;
  for (const Json& layer : *layers) {
    const std::optional<std::string> type = find_text(layer, "mediaType");
    if (type == kExtensionType && !manifest.extension) {
      TENON_TRY(manifest.extension, parse_descriptor(layer, "text", limits::kPackageTextBytes));
    } else if (type == kComponentType && !has_component) {
      TENON_TRY(manifest.component, parse_descriptor(layer, "component", limits::kPackageBytes));
      has_component = true;
    } else {
      return ManifestError{
          fmt::format("it has an unexpected or duplicate layer of type {}", show_text(type))};
    }
  }
  if (!has_component)
    return ManifestError{fmt::format("it has no layer of type `{}`", kComponentType)};
  return {};
}

Bytes print_bytes(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Bytes(text.begin(), text.end());
}

OciDescriptor describe(std::string_view media_type, std::span<const std::uint8_t> bytes) {
  return {std::string(media_type), digest_of(bytes), bytes.size()};
}

Json print_descriptor(const OciDescriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"digest", descriptor.digest},
          {"size", descriptor.size}};
}

}  // namespace

std::string digest_of(std::span<const std::uint8_t> bytes) {
  return "sha256:" + engine::sha256_hex(bytes);
}

Result<OciManifest, ManifestError> parse_oci_manifest(std::span<const std::uint8_t> text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  TENON_TRY_VOID(check_manifest_type(json));
  OciManifest manifest;
  const auto config = json.find("config");
  const Json missing;
  // Not a copy: nlohmann copies nested values recursively, and whoever wrote this one chose its depth.
  TENON_TRY(manifest.config, parse_descriptor(config == json.end() ? missing : *config, "config",
                                              limits::kRegistryAnswerBytes));
  if (manifest.config.media_type != kConfigType)
    return ManifestError{fmt::format("the type of its config is {}; expected `{}`",
                                     show_text(manifest.config.media_type), kConfigType)};
  TENON_TRY_VOID(read_layers(json, manifest));
  if (const auto annotations = json.find("annotations"); annotations != json.end()) {
    manifest.extension_text = find_text(*annotations, kExtensionAnnotation);
    manifest.description = find_text(*annotations, kDescriptionAnnotation).value_or("");
    manifest.version = find_text(*annotations, kVersionAnnotation).value_or("");
  }
  return manifest;
}

OciArtifact make_oci_artifact(std::string_view type, std::string_view title,
                              std::span<const std::uint8_t> document) {
  OciArtifact artifact;
  artifact.config = {'{', '}'};
  artifact.config_descriptor = describe(kEmptyType, artifact.config);
  artifact.document = describe(type, document);
  artifact.manifest = print_bytes({{"schemaVersion", 2},
                                   {"mediaType", kManifestType},
                                   {"artifactType", type},
                                   {"config", print_descriptor(artifact.config_descriptor)},
                                   {"layers", Json::array({print_descriptor(artifact.document)})},
                                   {"annotations", {{kTitleAnnotation, title}}}});
  return artifact;
}

Result<OciDescriptor, ManifestError> parse_oci_artifact(std::span<const std::uint8_t> text,
                                                        std::string_view type) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  TENON_TRY_VOID(check_manifest_type(json));
  const std::optional<std::string> artifact = find_text(json, "artifactType");
  if (artifact != type)
    return ManifestError{
        fmt::format("its artifact type is {}; expected `{}`", show_text(artifact), type)};
  const auto layers = json.find("layers");
  if (layers == json.end() || !layers->is_array() || layers->size() != 1)
    return ManifestError{"it does not have one layer"};
  TENON_TRY(OciDescriptor document,
            parse_descriptor(layers->front(), "layer", limits::kRegistryAnswerBytes));
  if (document.media_type != type)
    return ManifestError{fmt::format("the type of its layer is {}; expected `{}`",
                                     show_text(document.media_type), type)};
  return document;
}

Result<std::vector<CosignLayer>, ManifestError> parse_cosign_layers(
    std::span<const std::uint8_t> text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  TENON_TRY_VOID(check_manifest_type(json));
  const auto layers = json.find("layers");
  if (layers == json.end() || !layers->is_array()) return ManifestError{"it has no list `layers`"};
  std::vector<CosignLayer> signatures;
  for (const Json& layer : *layers) {
    if (find_text(layer, "mediaType") != kCosignType) continue;
    CosignLayer signature;
    TENON_TRY(signature.payload, parse_descriptor(layer, "layer", limits::kRegistryAnswerBytes));
    const auto annotations = layer.find("annotations");
    if (annotations != layer.end()) {
      signature.signature = find_text(*annotations, kCosignAnnotation).value_or("");
      signature.certificate = find_text(*annotations, kCertificateAnnotation).value_or("");
      signature.log_entry = find_text(*annotations, kLogAnnotation).value_or("");
    }
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

Result<std::vector<OciDescriptor>, ManifestError> parse_oci_index(
    std::span<const std::uint8_t> text, std::string_view artifact_type) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  const auto manifests = json.is_object() ? json.find("manifests") : json.end();
  if (manifests == json.end() || !manifests->is_array())
    return ManifestError{"it is not a JSON object with a list `manifests`"};
  std::vector<OciDescriptor> descriptors;
  for (const Json& manifest : *manifests) {
    if (find_text(manifest, "artifactType") != artifact_type) continue;
    TENON_TRY(OciDescriptor descriptor,
              parse_descriptor(manifest, "manifest", limits::kRegistryAnswerBytes));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

WasmInterfaces find_wasm_interfaces(std::span<const std::uint8_t> config) {
  WasmInterfaces interfaces;
  const Json json = Json::parse(config.begin(), config.end(), nullptr, false);
  const auto component = json.is_object() ? json.find("component") : json.end();
  if (component == json.end() || !component->is_object()) return interfaces;
  const auto read = [&](const char* key, std::vector<std::string>& names) {
    const auto list = component->find(key);
    if (list == component->end() || !list->is_array()) return;
    for (const Json& name : *list)
      if (name.is_string()) names.push_back(name.get<std::string>());
  };
  read("imports", interfaces.imports);
  read("exports", interfaces.exports);
  return interfaces;
}

Result<void, ManifestError> check_wasm_config(std::span<const std::uint8_t> text,
                                              const OciDescriptor& component) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return ManifestError{"its config is not a JSON object"};
  const std::optional<std::string> architecture = find_text(json, "architecture");
  const std::optional<std::string> system = find_text(json, "os");
  if (architecture != kArchitecture || system != kSystem)
    return ManifestError{fmt::format("its architecture is {} on {}; expected `{}` on `{}`",
                                     show_text(architecture), show_text(system), kArchitecture,
                                     kSystem)};
  const auto digests = json.find("layerDigests");
  if (digests != json.end() &&
      (!digests->is_array() ||
       std::ranges::find(*digests, Json(component.digest)) == digests->end()))
    return ManifestError{"its config belongs to another component"};
  return {};
}

OciImage make_oci_image(const Package& package) {
  OciImage image;
  image.component_descriptor = describe(kComponentType, package.component);
  image.config = print_bytes(
      {{"created", "1970-01-01T00:00:00Z"},
       {"architecture", kArchitecture},
       {"os", kSystem},
       {"layerDigests", Json::array({image.component_descriptor.digest})},
       {"component",
        {{"exports", package.exports}, {"imports", package.imports}, {"target", nullptr}}}});
  image.config_descriptor = describe(kConfigType, image.config);
  Json layer = print_descriptor(image.component_descriptor);
  layer["annotations"] = {{kTitleAnnotation, package.package.name + ".wasm"}};
  Json manifest = {{"schemaVersion", 2},
                   {"mediaType", kManifestType},
                   {"config", print_descriptor(image.config_descriptor)},
                   {"layers", Json::array({layer})},
                   {"annotations", {{kVersionAnnotation, print_version(package.version)}}}};
  if (package.manifest) {
    manifest["annotations"][std::string(kExtensionAnnotation)] = *package.manifest;
    if (const std::string text = find_description(*package.manifest); !text.empty())
      manifest["annotations"][std::string(kDescriptionAnnotation)] = text;
  }
  image.manifest = print_bytes(manifest);
  return image;
}

}  // namespace tenon::registry
