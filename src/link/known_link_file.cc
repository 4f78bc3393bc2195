// The file format of known links: the facts that a start needs, and the types of the bridges between
// the domains.
#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "link/known_link.h"
#include "support/archive.h"
#include "types/archive_types.h"
#include "types/copy_types.h"
#include "types/uses.h"

namespace tenon {

// Files have only codes that exist (`has_known_codes`).
void exchange(ArchiveWriter& archive, const Diagnostic& note);
void exchange(ArchiveReader& archive, Diagnostic& note);

void exchange(auto& archive, ValueOf<Location> auto& location) {
  archive(location.file, location.unit, location.item, location.offset, location.line,
          location.column);
}
void exchange(auto& archive, ValueOf<Excerpt> auto& excerpt) { archive(excerpt.lines); }
void exchange(auto& archive, ValueOf<Note> auto& note) {
  archive(note.text, note.excerpt, note.related);
}
void exchange(auto& archive, ValueOf<Hint> auto& hint) {
  archive(hint.text, hint.ways.program, hint.ways.command, hint.ways.manifest);
}
void exchange_parts(auto& archive, std::string& code, ValueOf<Diagnostic> auto& note) {
  archive(code, note.severity, note.message, note.where, note.excerpt, note.notes, note.hints);
}
void exchange(ArchiveWriter& archive, const Diagnostic& note) {
  std::string code(note.code);
  exchange_parts(archive, code, note);
}
void exchange(ArchiveReader& archive, Diagnostic& note) {
  std::string code;
  exchange_parts(archive, code, note);
  const auto codes = all_diagnostic_codes();
  const auto known = std::ranges::find(codes, std::string_view(code));
  if (known != codes.end())
    note.code = *known;
  else
    archive.fail();
}

}  // namespace tenon

namespace tenon::link {

void exchange(auto& archive, ValueOf<CodeKeys> auto& keys) {
  archive(keys.embedded, keys.reference, keys.modules);
}
void exchange(auto& archive, ValueOf<KnownImport> auto& import) {
  archive(import.name, import.provider, import.export_name, import.lazy, import.on_failure,
          import.unit, import.exported, import.item);
}
void exchange(ArchiveWriter& archive, const KnownDomain& domain) {
  archive(domain.name, *domain.code, domain.concurrency, domain.needs_wasi, domain.imports);
}
void exchange(ArchiveReader& archive, KnownDomain& domain) {
  CodeKeys code;
  archive(domain.name, code, domain.concurrency, domain.needs_wasi, domain.imports);
  domain.code = std::make_shared<const CodeKeys>(std::move(code));
}
void exchange(auto& archive, ValueOf<KnownKind> auto& kind) {
  archive(kind.key, kind.name, kind.home);
}

namespace {

constexpr std::string_view kLinkMagic = "tenon-link-6";

// `link` without `types`, which is constant in it.
void exchange_link(auto& archive, ValueOf<KnownLink> auto& link) {
  archive(link.program, link.command, link.command_domain, link.domain, link.domains, link.kinds,
          link.notes);
}

// Copies what is called: functions, the types that they use, and resources. Value types that an
// interface only names are left out.
types::Item copy_callable(const types::Types& from, types::Types& to, types::TypeCopier& copier,
                          const types::Item& item) {
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return copier.copy(item);
  types::Instance callable;
  for (const types::NamedItem& part : from.instances[*instance].exports) {
    const auto* const bound = std::get_if<types::TypeBound>(&part.item);
    if (bound == nullptr || std::holds_alternative<types::ResourceId>(bound->type))
      callable.add_export(part.name, copier.copy(part.item));
  }
  return to.instances.add(std::move(callable));
}

// Whether an edge with these types can be made without a plan.
bool are_known_types(const types::Types& types) {
  return std::ranges::none_of(types.functions,
                              [](const types::Function& function) {
                                return function.is_async || function.is_untyped;
                              }) &&
         std::ranges::none_of(types.types, [](const types::Type& type) {
           return std::holds_alternative<types::Stream>(type.kind) ||
                  std::holds_alternative<types::Future>(type.kind) ||
                  std::holds_alternative<types::Dynamic>(type.kind);
         });
}

bool is_consistent(const KnownLink& link, const types::Types& types) {
  const std::size_t domains = link.domains.size();
  const auto is_known = [&](const KnownImport& import) {
    if (import.provider >= domains || !types::is_in(types, import.item)) return false;
    const auto mentioned = types::mentioned_resources(types, import.item);
    return std::ranges::all_of(mentioned, [&](auto id) { return link.kinds.contains(id); });
  };
  return link.command_domain < domains && are_known_types(types) &&
         std::ranges::all_of(
             link.kinds,
             [&](const auto& kind) {
               return kind.first.index < types.resources.size() && kind.second.home < domains;
             }) &&
         std::ranges::all_of(
             link.domains,
             [&](const KnownDomain& domain) {
               return std::ranges::all_of(domain.imports, is_known);
             });
}

}  // namespace

std::optional<Bytes> write_known_link(const KnownLink& link, const std::string& key) {
  if (std::ranges::any_of(link.notes,
                          [](const Diagnostic& note) { return note.severity != Severity::Note; }))
    return std::nullopt;
  types::Types types;
  types::TypeCopier copier(*link.types, types);
  KnownLink kept = link;
  for (KnownDomain& domain : kept.domains)
    for (KnownImport& import : domain.imports)
      import.item = copy_callable(*link.types, types, copier, import.item);
  kept.kinds.clear();
  for (const auto& [resource, kind] : link.kinds) kept.kinds.emplace(copier.copy(resource), kind);
  if (!is_consistent(kept, types)) return std::nullopt;
  ArchiveWriter out;
  out(std::string(kLinkMagic), key, types);
  exchange_link(out, std::as_const(kept));
  return Bytes(out.bytes().begin(), out.bytes().end());
}

std::optional<KnownLink> read_known_link(std::span<const std::uint8_t> bytes,
                                         const std::string& key) {
  ArchiveReader in(bytes);
  std::string magic;
  std::string found;
  in(magic, found);
  if (magic != kLinkMagic || found != key) return std::nullopt;
  types::Types types;
  KnownLink link;
  in(types);
  exchange_link(in, link);
  if (!in.is_done() || !is_consistent(link, types)) return std::nullopt;
  link.types = std::make_shared<const types::Types>(std::move(types));
  return link;
}

}  // namespace tenon::link
