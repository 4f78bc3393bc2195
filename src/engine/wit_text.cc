#include "engine/wit_text.h"

#include <utility>

#include "engine/seam.h"
#include "support/files.h"

namespace tenon::engine {

namespace {

WitItemKind item_kind(std::uint8_t kind) {
  switch (kind) {
    case TNENGINE_WIT_WORLD:
      return WitItemKind::World;
    case TNENGINE_WIT_TYPE:
      return WitItemKind::Type;
    case TNENGINE_WIT_MEMBER:
      return WitItemKind::Member;
    case TNENGINE_WIT_FUNCTION:
      return WitItemKind::Function;
    case TNENGINE_WIT_IMPORT:
      return WitItemKind::WorldImport;
    case TNENGINE_WIT_EXPORT:
      return WitItemKind::WorldExport;
    default:
      return WitItemKind::Interface;
  }
}

Location location_of(const tnengine_wit_item_t& item) {
  Location where;
  where.file = to_text(item.file);
  where.line = item.line;
  where.column = item.column;
  return where;
}

void copy_item(const tnengine_wit_item_t& item, EncodedWit& encoded) {
  std::string path(to_text(item.path));
  if (item.kind == TNENGINE_WIT_LEFT_OUT) {
    encoded.left_out.push_back(
        {std::move(path), std::string(to_text(item.feature)), location_of(item)});
    return;
  }
  if (item.kind == TNENGINE_WIT_KEYWORD_NAME) {
    encoded.keyword_names.push_back({std::move(path), location_of(item)});
    return;
  }
  if (item.kind == TNENGINE_WIT_WORLD) encoded.worlds.push_back(path);
  if (item.line == 0) return;
  encoded.items.push_back({.kind = item_kind(item.kind),
                           .path = std::move(path),
                           .docs = std::string(to_text(item.docs)),
                           .file = std::string(to_text(item.file)),
                           .line = item.line,
                           .column = item.column});
}

EncodedWit copy_out(const WitHandle& wit) {
  tnengine_wit_view_t view = {};
  tnengine_wit_get(wit.get(), &view);
  EncodedWit encoded;
  encoded.package = to_text(view.package);
  encoded.binary.assign(view.binary.data, view.binary.data + view.binary.size);
  encoded.items.reserve(view.item_count);
  for (std::size_t i = 0; i < view.item_count; ++i) {
    tnengine_wit_item_t item = {};
    if (tnengine_wit_item_get(wit.get(), i, &item)) copy_item(item, encoded);
  }
  for (std::size_t i = 0; i < view.feature_count; ++i)
    encoded.features.emplace_back(to_text(tnengine_wit_feature_get(wit.get(), i)));
  return encoded;
}

}  // namespace

Result<EncodedWit> encode_wit(std::span<const WitSource> sources, const WitFeatures& features,
                              std::string_view world) {
  std::vector<tnengine_wit_source_t> files;
  for (const WitSource& source : sources)
    files.push_back({to_slice(std::string_view(source.file)),
                     to_slice(std::span<const std::uint8_t>(source.bytes)), source.package});
  std::vector<tnengine_slice_t> names;
  for (const std::string& name : features.names) names.push_back(to_slice(std::string_view(name)));
  const tnengine_wit_request_t request = {.sources = files.data(),
                                          .source_count = files.size(),
                                          .features = names.data(),
                                          .feature_count = names.size(),
                                          .world = to_slice(world),
                                          .all_features = features.all};
  tnengine_wit_t* wit = nullptr;
  if (tnengine_problem_t* problem = tnengine_wit_encode(&request, &wit))
    return take_problem(Code::WitSyntax, problem);
  return copy_out(WitHandle(wit));
}

Result<EncodedWit> encode_wit_text(std::string_view file, std::string_view text,
                                   const WitFeatures& features) {
  const std::span<const std::uint8_t> bytes = as_bytes(text);
  const WitSource source{.file = std::string(file), .bytes = {bytes.begin(), bytes.end()}};
  return encode_wit({&source, 1}, features, {});
}

Result<std::string> print_wit(std::span<const std::uint8_t> binary) {
  const tnengine_slice_t bytes = to_slice(binary);
  OwnedBytes text;
  if (tnengine_problem_t* problem = tnengine_wit_print(&bytes, text.out())) {
    return take_problem(Code::ReadMalformed, problem);
  }
  return text.to_string();
}

std::vector<WasiPackage> wasi_packages(WasiTrack track) {
  const std::uint32_t minor = track == WasiTrack::Wasi02 ? 2 : 3;
  std::vector<WasiPackage> packages;
  tnengine_slice_t name = {};
  tnengine_slice_t binary = {};
  while (tnengine_wasi_package(minor, packages.size(), &name, &binary)) {
    packages.push_back({.name = to_text(name), .binary = {binary.data, binary.size}});
  }
  return packages;
}

}  // namespace tenon::engine
