#include "link/known_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "engine/sha256.h"
#include "link/link_key.h"
#include "link/memo.h"
#include "link/unit_record.h"
#include "support/archive.h"

namespace tenon {

void exchange(auto& archive, ValueOf<FileState> auto& state) {
  archive(state.device, state.number, state.size, state.modified, state.changed);
}

}  // namespace tenon

namespace tenon::link {

namespace {

constexpr MemoKind kLists{".files", "tenon-files-2", "the list of known files"};

// One file of an entry.
struct KnownFile {
  FileState state;
  std::string digest;
  Bytes record;
};

void exchange(auto& archive, ValueOf<KnownFile> auto& file) {
  archive(file.state, file.digest, file.record);
}

bool is_from_file(const UnitRequest& unit) {
  return unit.kind == UnitKind::Component && unit.as<host::HostEntry>() == nullptr &&
         !unit.path.empty() && unit.bytes == nullptr && unit.abi == PackageAbi::Detect;
}

bool is_outside(const UnitRequest& unit) {
  return unit.as<remote::RemoteSettings>() != nullptr || unit.kind == UnitKind::HostBundle;
}

}  // namespace

KnownFiles::KnownFiles(const Request& request, const Files& files, std::chrono::nanoseconds now) {
  if (request.lock != nullptr || identify_program().empty()) return;
  std::string paths = fmt::format("{} {}\n", kLists.magic, identify_program());
  for (std::size_t i = 0; i < request.units.size(); ++i) {
    const UnitRequest& unit = request.units[i];
    if (is_outside(unit) || unit.digest != nullptr) continue;
    std::optional<FileState> state;
    if (is_from_file(unit) && !unit.sha256) state = files.find_state(unit.path);
    if (!state) {
      unit_files_.clear();
      return;
    }
    paths += fmt::format("{}\n", unit.path);
    is_settled_ &= std::max(state->modified, state->changed) + kSettleTime <= now;
    unit_files_.push_back({i, *state});
  }
  key_ = engine::sha256_hex(as_bytes(paths));
}

bool KnownFiles::use(const engine::CacheFolder& folder, Request& request, Diagnostics& warnings) {
  if (unit_files_.empty()) return false;
  auto list =
      Memo(kLists, key_)
          .recall(
              &folder, warnings, [&](ArchiveReader& in) -> std::optional<std::vector<KnownFile>> {
                std::vector<KnownFile> known;
                in(known);
                const bool is_same =
                    in.is_done() &&
                    std::ranges::equal(known, unit_files_, {}, &KnownFile::state, &UnitFile::state);
                return is_same ? std::optional(std::move(known)) : std::nullopt;
              });
  if (!list) return false;
  for (std::size_t i = 0; i < list->size(); ++i) {
    UnitRequest& unit = request.units[unit_files_[i].unit];
    unit.is_late = true;
    unit.digest = std::make_shared<const std::string>(std::move((*list)[i].digest));
    unit.record = std::make_shared<const Bytes>(std::move((*list)[i].record));
  }
  is_known_ = true;
  return true;
}

bool KnownFiles::forget(Request& request) const {
  if (!is_known_) return false;
  for (const UnitFile& file : unit_files_) {
    UnitRequest& unit = request.units[file.unit];
    unit.is_late = false;
    unit.digest.reset();
    unit.record.reset();
  }
  return true;
}

void KnownFiles::keep(const engine::CacheFolder& folder, const Request& request) const {
  if (unit_files_.empty() || !is_settled_ || is_known_) return;
  std::vector<KnownFile> known;
  for (const UnitFile& file : unit_files_) {
    const UnitRequest& unit = request.units[file.unit];
    const auto record = unit.digest ? load_unit_record(&folder, *unit.digest) : nullptr;
    if (record == nullptr) return;
    known.push_back({file.state, *unit.digest, *record});
  }
  const Memo memo(kLists, key_);
  memo.keep(folder, memo.print([&](ArchiveWriter& out) { out(known); }));
}

}  // namespace tenon::link
