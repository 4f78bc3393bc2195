#include "link/unit_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/sha256.h"
#include "link/link_key.h"
#include "link/memo.h"
#include "support/archive.h"
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

constexpr MemoKind kUnits{".unit", "tenon-unit-1", "the cached unit"};

// Another build of the program can read units differently.
std::string key_of(const std::string& digest) {
  return engine::sha256_hex(
      as_bytes(fmt::format("{} {} {}", kUnits.magic, identify_program(), digest)));
}

Memo memo_of(const std::string& digest) { return {kUnits, key_of(digest)}; }

bool is_consistent(const compose::ReferenceForm& form) {
  return std::ranges::all_of(form.aliases, [&](const compose::ReferenceForm::Alias& alias) {
    return alias.module < form.modules.size() && compose::has_place(form, alias);
  });
}

// Reads a record, and adds its types to `types`.
auto read_into(types::Types& types) {
  return [&types](ArchiveReader& in) -> std::optional<UnitContent> {
    types::Types own;
    types::ComponentType type;
    UnitContent content;
    compose::ReferenceForm form;
    in(own, type, content.unit.version, content.concurrency, form);
    if (!in.is_done() || !types::are_in(own, type) || !is_consistent(form)) return std::nullopt;
    content.unit.type = types::TypeCopier(own, types).copy(type);
    content.form = std::make_shared<const compose::ReferenceForm>(std::move(form));
    return content;
  };
}

}  // namespace

Bytes print_unit_record(const UnitContent& content, const types::Types& types,
                        const std::string& digest) {
  types::Types own;
  const types::ComponentType type = types::TypeCopier(types, own).copy(content.unit.type);
  return memo_of(digest).print([&](ArchiveWriter& out) {
    out(own, type, content.unit.version, content.concurrency, *content.form);
  });
}

std::optional<UnitContent> parse_unit_record(std::span<const std::uint8_t> bytes,
                                             const std::string& digest, types::Types& types) {
  return memo_of(digest).parse(bytes, read_into(types));
}

std::optional<UnitContent> find_unit_record(const engine::CacheFolder* folder,
                                            const std::string& digest, types::Types& types,
                                            Diagnostics& warnings) {
  if (folder == nullptr) return std::nullopt;
  return memo_of(digest).recall(folder, warnings, read_into(types));
}

std::shared_ptr<const Bytes> load_unit_record(const engine::CacheFolder* folder,
                                              const std::string& digest) {
  return folder == nullptr ? nullptr : memo_of(digest).load(folder);
}

void keep_unit_record(const engine::CacheFolder* folder, const std::string& digest,
                      std::span<const std::uint8_t> bytes, UnitContent& content,
                      const types::Types& types) {
  if (folder == nullptr || content.package != nullptr) return;
  Result<compose::ReferenceForm> form = compose::make_reference_form(bytes);
  if (!form) return;  // the engine says why
  content.form = std::make_shared<const compose::ReferenceForm>(*std::move(form));
  memo_of(digest).keep(*folder, print_unit_record(content, types, digest));
}

}  // namespace tenon::link
