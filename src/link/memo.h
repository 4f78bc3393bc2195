// Memos: what a step of a link found, kept in the cache for later links. The key of a memo identifies
// everything that the step depends on, so a memo that is found is right. One that cannot be used is as good
// as none: the step is done again.
//
//   step                     memo            key
//   look at files            known_files.h   their paths
//   read a component         unit_record.h   the digest of its bytes
//   plan and compose         start_plan.h    link_key.h
//   compile                  engine/code_cache.h, a file of the engine that is mapped as it is
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/cache_folder.h"
#include "support/archive.h"
#include "support/files.h"

namespace tenon::link {

struct MemoKind {
  std::string_view suffix;  // of its files: ".link"
  std::string_view magic;   // at their beginning, with the version of the format
  std::string_view what;    // for warnings: "the cached plan"
};

class Memo final {
 public:
  // kind: lives as long as the memo.
  Memo(const MemoKind& kind, std::string key) : kind_(kind), key_(std::move(key)) {}

  // read: makes an optional value from the content, an ArchiveReader. It must check `is_done()` first.
  // folder: null if there is none. Nothing if there is no memo or, with a `run-cache` warning, if its file
  // cannot be used.
  template <class Read>
  [[nodiscard]] std::invoke_result_t<Read, ArchiveReader&> recall(const engine::CacheFolder* folder,
                                                                  Diagnostics& warnings,
                                                                  Read&& read) const {
    if (folder == nullptr) return std::nullopt;
    const engine::CacheFile file = folder->read(file_name(), kind_.what, warnings);
    auto value = parse(file.content(), std::forward<Read>(read));
    if (value) file.mark_used();
    return value;
  }
  // Its bytes, for `parse`; null if there is none.
  [[nodiscard]] std::shared_ptr<const Bytes> load(const engine::CacheFolder* folder) const {
    if (folder == nullptr) return nullptr;
    const engine::CacheFile file = folder->read(file_name());
    ArchiveReader in(file.content());
    if (!begins(in)) return nullptr;
    file.mark_used();
    return std::make_shared<const Bytes>(file.content().begin(), file.content().end());
  }
  template <class Read>
  [[nodiscard]] std::invoke_result_t<Read, ArchiveReader&> parse(
      std::span<const std::uint8_t> bytes, Read&& read) const {
    ArchiveReader in(bytes);
    if (!begins(in)) return std::nullopt;
    return read(in);
  }

  // write: puts the content into an ArchiveWriter.
  template <class Write>
  [[nodiscard]] Bytes print(Write&& write) const {
    ArchiveWriter out;
    out(std::string(kind_.magic), key_);
    write(out);
    return {out.bytes().begin(), out.bytes().end()};
  }
  // bytes: of `print`. A memo that cannot be written is made again next time.
  void keep(const engine::CacheFolder& folder, std::span<const std::uint8_t> bytes) const {
    (void)folder.write(file_name(), bytes);
  }

 private:
  [[nodiscard]] std::string file_name() const { return key_ + std::string(kind_.suffix); }
  [[nodiscard]] bool begins(ArchiveReader& in) const {
    std::string magic;
    std::string key;
    in(magic, key);
    return magic == kind_.magic && key == key_;
  }

  const MemoKind& kind_;
  std::string key_;
};

}  // namespace tenon::link
