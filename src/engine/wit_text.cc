#include "engine/wit_text.h"

#include <system_error>

#include "engine/seam.h"
#include "support/files.h"

namespace tenon::engine {

namespace {

WitItemKind item_kind(std::uint8_t kind) {
  switch (kind) {
    case TENON_ENGINE_WIT_WORLD:
      return WitItemKind::World;
    case TENON_ENGINE_WIT_TYPE:
      return WitItemKind::Type;
    case TENON_ENGINE_WIT_FUNCTION:
      return WitItemKind::Function;
    case TENON_ENGINE_WIT_IMPORT:
      return WitItemKind::WorldImport;
    case TENON_ENGINE_WIT_EXPORT:
      return WitItemKind::WorldExport;
    default:
      return WitItemKind::Interface;
  }
}

EncodedWit copy_out(const WitHandle& wit) {
  tenon_engine_wit_view_t view = {};
  tenon_engine_wit_get(wit.get(), &view);
  EncodedWit encoded;
  encoded.package = to_text(view.package);
  encoded.binary.assign(view.binary.data, view.binary.data + view.binary.size);
  encoded.items.reserve(view.item_count);
  for (std::size_t i = 0; i < view.item_count; ++i) {
    tenon_engine_wit_item_t item = {};
    if (!tenon_engine_wit_item_get(wit.get(), i, &item)) break;
    encoded.items.push_back({.kind = item_kind(item.kind),
                             .path = std::string(to_text(item.path)),
                             .file = std::string(to_text(item.file)),
                             .line = item.line,
                             .column = item.column});
  }
  return encoded;
}

}  // namespace

Result<EncodedWit> encode_wit(const std::filesystem::path& path) {
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return missing_path(RealFiles(), path.string());
  const tenon_engine_slice_t path_slice = to_slice(path.native());
  tenon_engine_wit_t* wit = nullptr;
  if (tenon_engine_problem_t* refused = tenon_engine_wit_encode_path(&path_slice, &wit)) {
    Diagnostic problem = take_problem(Code::WitSyntax, refused);
    if (problem.where.file.empty()) problem.where.file = path.string();
    return problem;
  }
  return copy_out(WitHandle(wit));
}

Result<EncodedWit> encode_wit_text(std::string_view file, std::string_view text) {
  const tenon_engine_slice_t file_slice = to_slice(file);
  const tenon_engine_slice_t text_slice = to_slice(text);
  tenon_engine_wit_t* wit = nullptr;
  if (tenon_engine_problem_t* problem =
          tenon_engine_wit_encode_text(&file_slice, &text_slice, &wit)) {
    return take_problem(Code::WitSyntax, problem);
  }
  return copy_out(WitHandle(wit));
}

Result<std::string> print_wit(std::span<const std::uint8_t> binary) {
  const tenon_engine_slice_t bytes = to_slice(binary);
  OwnedBytes text;
  if (tenon_engine_problem_t* problem = tenon_engine_wit_print(&bytes, text.out())) {
    return take_problem(Code::ReadMalformed, problem);
  }
  return text.to_string();
}

std::vector<WasiPackage> wasi_packages(WasiTrack track) {
  const std::uint32_t minor = track == WasiTrack::Wasi02 ? 2 : 3;
  std::vector<WasiPackage> packages;
  tenon_engine_slice_t name = {};
  tenon_engine_slice_t binary = {};
  while (tenon_engine_wasi_package(minor, packages.size(), &name, &binary)) {
    packages.push_back({.name = to_text(name), .binary = {binary.data, binary.size}});
  }
  return packages;
}

}  // namespace tenon::engine
