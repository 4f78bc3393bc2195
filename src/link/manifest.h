// Reads tenon.toml.
//
// Source: docs/manifest.md. Every problem of a file is reported, with its line: unknown keys with
// the nearest known one, values of the wrong kind, paths that match no file.
#pragma once

#include <string>
#include <string_view>

#include "link/request.h"
#include "tenon/result.h"

namespace tenon::link {

inline constexpr std::string_view kManifestName = "tenon.toml";

// path: path of the manifest; paths inside of it are relative to its folder.
// Errors: read-file, config-syntax, config-unknown-key, config-value.
[[nodiscard]] Result<Request> read_manifest(const std::string& path, const Files& files);

// The same from text. file: its path, for messages and for relative paths.
[[nodiscard]] Result<Request> parse_manifest(std::string_view text, const std::string& file);

}  // namespace tenon::link
