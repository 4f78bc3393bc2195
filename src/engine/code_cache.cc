#include "engine/code_cache.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/owned_file.h"
#include "engine/trim_folder.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

namespace fs = std::filesystem;

// A file is the image, which the engine maps from the file's start, and a trailer of one line:
//   "tenon-code-2 <key> <size of the image>\n"
// in which the key is what the file's name spells.
constexpr std::string_view kMagic = "tenon-code-2";

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string key_of(const Engine& engine, std::span<const std::uint8_t> component) {
  const std::string text =
      fmt::format("{} {} {}", kMagic, engine.fingerprint(), sha256_hex(component));
  return sha256_hex(bytes_of(text));
}

std::string file_name(std::string_view key) { return fmt::format("{}.code", key); }

std::string make_trailer(std::string_view key, std::size_t image_bytes) {
  return fmt::format("{} {} {}\n", kMagic, key, image_bytes);
}

// Whether the file is whole and is what its name says.
Refusal check_content(std::span<const std::uint8_t> file, std::string_view key) {
  // The trailer of an image is shorter than that of the whole file by a digit at most.
  for (std::size_t less = 0; less < 2; ++less) {
    const std::size_t length = make_trailer(key, file.size()).size() - less;
    if (length > file.size()) continue;
    const std::string wanted = make_trailer(key, file.size() - length);
    if (std::ranges::equal(file.last(length), bytes_of(wanted))) return std::nullopt;
  }
  return "its content is not what was written";
}

Diagnostic make_warning(const fs::path& path, std::string_view what, std::string_view why) {
  Diagnostic warning =
      make_diagnostic(Code::RunCache, "{} `{}` is not used: {}", what, path.string(), why);
  warning.where.file = path.string();
  return warning;
}

// The code from the cache; none if it is not there, with a warning if it is but cannot be used.
std::optional<CompiledComponent> find_file(const Engine& engine, const fs::path& path,
                                           std::string_view key, Diagnostics& warnings) {
  const OwnedFile file = OwnedFile::open(path);
  if (file.is_missing()) return std::nullopt;
  const Refusal refusal = file.refusal() ? file.refusal() : check_content(file.bytes(), key);
  if (refusal) {
    warnings.push_back(make_warning(path, "the cached code", *refusal));
    return std::nullopt;
  }
  Result<CompiledComponent> code = CompiledComponent::deserialize_trusted_file(engine, path);
  if (!code) {
    warnings.push_back(make_warning(path, "the cached code", code.error().front().message));
    return std::nullopt;
  }
  mark_used(path);
  return *std::move(code);
}

void keep_code(const CompiledComponent& code, const fs::path& path, std::string_view key,
               Diagnostics& warnings) {
  const Result<std::vector<std::uint8_t>> image = code.serialize();
  const Refusal refusal =
      image ? write_owned_file(path, {*image, bytes_of(make_trailer(key, image->size()))})
            : image.error().front().message;
  if (refusal) warnings.push_back(make_warning(path, "the cached code", *refusal));
  trim_folder(path.parent_path(), limits::kCodeCacheBytes, path);
}

}  // namespace

std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> component) {
  return file_name(key_of(engine, component));
}

Result<CachedCode> load_or_compile(const Engine& engine, std::span<const std::uint8_t> component,
                                   const std::filesystem::path& folder) {
  Diagnostics warnings;
  bool usable = !folder.empty();
  if (usable) {
    if (const Refusal refusal = open_owned_folder(folder)) {
      warnings.push_back(make_warning(folder, "the code cache", *refusal));
      usable = false;
    }
  }
  const std::string key = usable ? key_of(engine, component) : std::string();
  const fs::path path = folder / file_name(key);
  if (usable) {
    if (std::optional<CompiledComponent> found = find_file(engine, path, key, warnings)) {
      return CachedCode{*std::move(found), CodeOrigin::Cached, key, std::move(warnings)};
    }
  }
  TENON_TRY(CompiledComponent code, CompiledComponent::compile(engine, component));
  if (usable) keep_code(code, path, key, warnings);
  return CachedCode{std::move(code), CodeOrigin::Compiled, key, std::move(warnings)};
}

std::optional<CompiledComponent> find_code(const Engine& engine, const fs::path& folder,
                                           std::string_view key) {
  Diagnostics unused;
  return find_file(engine, folder / file_name(key), key, unused);
}

}  // namespace tenon::engine
