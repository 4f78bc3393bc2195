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

std::string key_of(const Engine& engine, std::span<const std::uint8_t> wasm) {
  const std::string text = fmt::format("{} {} {}", kMagic, engine.fingerprint(), sha256_hex(wasm));
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
template <class Compiled>
std::optional<Compiled> find_file(const Engine& engine, const fs::path& path, std::string_view key,
                                  Diagnostics& warnings) {
  const OwnedFile file = OwnedFile::open(path);
  if (file.is_missing()) return std::nullopt;
  const Refusal refusal = file.refusal() ? file.refusal() : check_content(file.bytes(), key);
  if (refusal) {
    warnings.push_back(make_warning(path, "the cached code", *refusal));
    return std::nullopt;
  }
  Result<Compiled> code = Compiled::deserialize_trusted_file(engine, path);
  if (!code) {
    warnings.push_back(make_warning(path, "the cached code", code.error().front().message));
    return std::nullopt;
  }
  mark_used(path);
  return *std::move(code);
}

void keep_code(const auto& code, const fs::path& path, std::string_view key,
               Diagnostics& warnings) {
  const Result<std::vector<std::uint8_t>> image = code.serialize();
  const Refusal refusal =
      image ? write_owned_file(path, {*image, bytes_of(make_trailer(key, image->size()))})
            : image.error().front().message;
  if (refusal) warnings.push_back(make_warning(path, "the cached code", *refusal));
  trim_folder(path.parent_path(), limits::kCodeCacheBytes, path);
}

template <class Compiled>
Result<Cached<Compiled>> load(const Engine& engine, std::span<const std::uint8_t> wasm,
                              const fs::path& folder) {
  Diagnostics warnings;
  bool usable = !folder.empty();
  if (usable) {
    if (const Refusal refusal = open_owned_folder(folder)) {
      warnings.push_back(make_warning(folder, "the code cache", *refusal));
      usable = false;
    }
  }
  const std::string key = usable ? key_of(engine, wasm) : std::string();
  const fs::path path = folder / file_name(key);
  if (usable) {
    if (std::optional<Compiled> found = find_file<Compiled>(engine, path, key, warnings)) {
      return Cached<Compiled>{*std::move(found), CodeOrigin::Cached, key, std::move(warnings)};
    }
  }
  TENON_TRY(Compiled code, Compiled::compile(engine, wasm));
  if (usable) keep_code(code, path, key, warnings);
  return Cached<Compiled>{std::move(code), CodeOrigin::Compiled, key, std::move(warnings)};
}

template <class Compiled>
std::optional<Compiled> find(const Engine& engine, const fs::path& folder, std::string_view key) {
  Diagnostics unused;
  return find_file<Compiled>(engine, folder / file_name(key), key, unused);
}

}  // namespace

std::string code_file_name(const Engine& engine, std::span<const std::uint8_t> wasm) {
  return file_name(key_of(engine, wasm));
}

Result<CachedCode> load_or_compile(const Engine& engine, std::span<const std::uint8_t> component,
                                   const std::filesystem::path& folder) {
  return load<CompiledComponent>(engine, component, folder);
}

Result<CachedModule> load_or_compile_module(const Engine& engine,
                                            std::span<const std::uint8_t> module,
                                            const std::filesystem::path& folder) {
  return load<CompiledModule>(engine, module, folder);
}

std::optional<CompiledComponent> find_code(const Engine& engine, const fs::path& folder,
                                           std::string_view key) {
  return find<CompiledComponent>(engine, folder, key);
}

std::optional<CompiledModule> find_module(const Engine& engine, const fs::path& folder,
                                          std::string_view key) {
  return find<CompiledModule>(engine, folder, key);
}

}  // namespace tenon::engine
