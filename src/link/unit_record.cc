#include "link/unit_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "link/known_link.h"
#include "support/archive.h"
#include "support/sha256.h"
#include "types/archive_types.h"
#include "types/copy_types.h"

namespace tenon::compose {

void exchange(auto& archive, ValueOf<CoreModule> auto& module) {
  archive(module.digest, module.bytes.begin, module.bytes.end, module.type);
}
void exchange(auto& archive, ValueOf<ReferenceForm::Alias> auto& alias) {
  archive(alias.offset, alias.depth, alias.module);
}
void exchange(auto& archive, ValueOf<ReferenceForm> auto& form) {
  archive(form.bytes, form.aliases, form.modules);
}

}  // namespace tenon::compose

namespace tenon::link {

namespace {

constexpr std::string_view kUnitMagic = "tenon-unit-1";

std::string unit_file_name(const std::string& key) { return key + ".unit"; }

// Another build of the program can read units differently.
std::string key_of(const std::string& digest) {
  return sha256_hex(as_bytes(fmt::format("{} {} {}", kUnitMagic, identify_program(), digest)));
}

bool begins_record(ArchiveReader& in, const std::string& key) {
  std::string magic;
  std::string found;
  in(magic, found);
  return magic == kUnitMagic && found == key;
}

bool is_consistent(const compose::ReferenceForm& form) {
  return std::ranges::all_of(form.aliases, [&](const compose::ReferenceForm::Alias& alias) {
    return alias.module < form.modules.size() && compose::has_place(form, alias);
  });
}

}  // namespace

Bytes write_unit_record(const UnitContent& content, const types::Types& types,
                        const std::string& key) {
  types::Types own;
  const types::ComponentType type = types::TypeCopier(types, own).copy(content.unit.type);
  ArchiveWriter out;
  out(std::string(kUnitMagic), key, own, type, content.unit.version, content.concurrency,
      *content.form);
  return {out.bytes().begin(), out.bytes().end()};
}

std::optional<UnitContent> read_unit_record(std::span<const std::uint8_t> bytes,
                                            const std::string& key, types::Types& types) {
  ArchiveReader in(bytes);
  if (!begins_record(in, key)) return std::nullopt;
  types::Types own;
  types::ComponentType type;
  UnitContent content;
  compose::ReferenceForm form;
  in(own, type, content.unit.version, content.concurrency, form);
  if (!in.is_done() || !types::are_in(own, type) || !is_consistent(form)) return std::nullopt;
  content.unit.type = types::TypeCopier(own, types).copy(type);
  content.form = std::make_shared<const compose::ReferenceForm>(std::move(form));
  return content;
}

std::optional<UnitContent> find_unit_record(const engine::CacheFolder* folder,
                                            const std::string& digest, types::Types& types,
                                            Diagnostics& warnings) {
  if (folder == nullptr) return std::nullopt;
  const std::string key = key_of(digest);
  const engine::CacheFile file = folder->read(unit_file_name(key), "the cached unit", warnings);
  std::optional<UnitContent> content = read_unit_record(file.content(), key, types);
  if (content) file.mark_used();
  return content;
}

std::shared_ptr<const Bytes> load_unit_record(const engine::CacheFolder* folder,
                                              const std::string& digest) {
  if (folder == nullptr) return nullptr;
  const std::string key = key_of(digest);
  const engine::CacheFile file = folder->read(unit_file_name(key));
  ArchiveReader in(file.content());
  if (!begins_record(in, key)) return nullptr;
  file.mark_used();
  return std::make_shared<const Bytes>(file.content().begin(), file.content().end());
}

std::optional<UnitContent> parse_unit_record(const Bytes& record, const std::string& digest,
                                             types::Types& types) {
  return read_unit_record(record, key_of(digest), types);
}

void keep_unit_record(const engine::CacheFolder* folder, const std::string& digest,
                      std::span<const std::uint8_t> bytes, UnitContent& content,
                      const types::Types& types) {
  if (folder == nullptr || content.package != nullptr) return;
  Result<compose::ReferenceForm> form = compose::make_reference_form(bytes);
  if (!form) return;  // the engine says why
  content.form = std::make_shared<const compose::ReferenceForm>(*std::move(form));
  const std::string key = key_of(digest);
  (void)folder->write(unit_file_name(key), write_unit_record(content, types, key));
}

}  // namespace tenon::link
