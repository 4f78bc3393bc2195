// The file format of start plans.
#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "link/memo.h"
#include "link/start_plan.h"
#include "support/archive.h"
#include "support/diagnostics.h"
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

namespace tenon::resolve {

void exchange(auto& archive, ValueOf<UnitExport> auto& at) { archive(at.unit, at.index); }

}  // namespace tenon::resolve

namespace tenon::link {

void exchange(auto& archive, ValueOf<CodeKeys> auto& keys) {
  archive(keys.embedded, keys.reference, keys.modules);
}
void exchange(auto& archive, ValueOf<FunctionRow> auto& row) {
  archive(row.name, row.type, row.provided);
}
void exchange(auto& archive, ValueOf<ResourceRow> auto& row) { archive(row.name, row.resource); }
void exchange(auto& archive, ValueOf<ExportRow> auto& row) {
  archive(row.name, row.from, row.user);
}
// Without what a start plan in a file does not have: see `is_plain`.
void exchange(auto& archive, ValueOf<EdgeRow> auto& edge) {
  archive(edge.import, edge.functions, edge.resources, edge.options.lazy, edge.options.on_failure,
          edge.options.stream_buffer, edge.consumer, edge.imported, edge.unit, edge.provider,
          edge.export_name, edge.exported);
}
void exchange_domain(auto& archive, auto& domain, auto& code) {
  archive(domain.name, domain.declared, code, domain.concurrency, domain.needs_wasi,
          domain.needs_http, domain.units, domain.imports, domain.exports, domain.http_handler,
          domain.http_unit, domain.serves_requests);
}
void exchange(ArchiveWriter& archive, const DomainRow& domain) {
  exchange_domain(archive, domain, *domain.code);
}
void exchange(ArchiveReader& archive, DomainRow& domain) {
  CodeKeys code;
  exchange_domain(archive, domain, code);
  domain.code = std::make_shared<const CodeKeys>(std::move(code));
}
void exchange(auto& archive, ValueOf<KindRow> auto& kind) {
  archive(kind.key, kind.name, kind.home);
}

namespace {

constexpr MemoKind kStartPlans{".link", "tenon-link-9", "the cached plan"};

bool is_plain(const EdgeRow& edge) {
  return edge.provider != resolve::kOutside && edge.package == nullptr &&
         edge.options.middleware.empty() && !edge.options.is_adapted;
}

bool is_plain(const DomainRow& domain) {
  return domain.package == nullptr &&
         std::ranges::all_of(domain.imports, [](const EdgeRow& edge) { return is_plain(edge); });
}

// Whether calls with these types can be made without the names of types.
bool are_plain(const types::Types& types) {
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

bool is_consistent(const StartPlan& start) {
  const types::Types& types = *start.types;
  const auto is_known = [&](types::FunctionId function) {
    return types::is_in(types, function) &&
           std::ranges::all_of(types::mentioned_resources(types, function),
                               [&](auto id) { return start.kinds.contains(id); });
  };
  const auto is_known_edge = [&](const EdgeRow& edge) {
    return edge.provider < start.domains.size() &&
           std::ranges::all_of(
               edge.functions,
               [&](const FunctionRow& row) {
                 return is_known(row.type) && is_known(row.provided);
               }) &&
           std::ranges::all_of(
               edge.resources,
               [&](const ResourceRow& row) { return start.kinds.contains(row.resource); });
  };
  return start.command_domain < start.domains.size() && are_plain(types) &&
         std::ranges::all_of(
             start.kinds,
             [&](const auto& kind) {
               return kind.first.index < types.resources.size() &&
                      kind.second.home < start.domains.size();
             }) &&
         std::ranges::all_of(
             start.domains,
             [&](const DomainRow& domain) {
               return std::ranges::all_of(domain.imports, is_known_edge);
             });
}

// `start` without `types`, which is constant in it, and without `names`.
void exchange_start(auto& archive, ValueOf<StartPlan> auto& start) {
  archive(start.program, start.command, start.command_domain, start.domain, start.domains,
          start.kinds, start.notes);
}

// The start plan with nothing but the types that its rows mention.
StartPlan copy_mentioned(const StartPlan& start) {
  types::Types types;
  types::TypeCopier copier(*start.types, types);
  StartPlan kept = start;
  for (DomainRow& domain : kept.domains)
    for (EdgeRow& edge : domain.imports) {
      for (FunctionRow& row : edge.functions) {
        row.type = copier.copy(row.type);
        row.provided = copier.copy(row.provided);
      }
      for (ResourceRow& row : edge.resources) row.resource = copier.copy(row.resource);
    }
  kept.kinds.clear();
  for (const auto& [resource, kind] : start.kinds) kept.kinds.emplace(copier.copy(resource), kind);
  kept.types = std::make_shared<const types::Types>(std::move(types));
  return kept;
}

}  // namespace

std::optional<Bytes> print_start_plan(const StartPlan& start, const std::string& key) {
  if (!std::ranges::all_of(start.domains, [](const DomainRow& row) { return is_plain(row); }))
    return std::nullopt;
  StartPlan kept = copy_mentioned(start);
  std::erase_if(kept.notes,
                [](const Diagnostic& note) { return note.code == code_text(Code::RunCache); });
  const bool has_warnings = std::ranges::any_of(
      kept.notes, [](const Diagnostic& note) { return note.severity != Severity::Note; });
  if (has_warnings || !is_consistent(kept)) return std::nullopt;
  return Memo(kStartPlans, key).print([&](ArchiveWriter& out) {
    out(*kept.types);
    exchange_start(out, std::as_const(kept));
  });
}

namespace {

std::optional<StartPlan> read_start(ArchiveReader& in) {
  types::Types types;
  StartPlan start;
  in(types);
  exchange_start(in, start);
  if (!in.is_done()) return std::nullopt;
  start.types = std::make_shared<const types::Types>(std::move(types));
  return is_consistent(start) ? std::optional(std::move(start)) : std::nullopt;
}

}  // namespace

std::optional<StartPlan> parse_start_plan(std::span<const std::uint8_t> bytes,
                                          const std::string& key) {
  return Memo(kStartPlans, key).parse(bytes, read_start);
}

std::optional<StartPlan> find_start_plan(const engine::CacheFolder* folder, const std::string& key,
                                         Diagnostics& warnings) {
  return Memo(kStartPlans, key).recall(folder, warnings, read_start);
}

void keep_start_plan(const engine::CacheFolder& folder, const std::string& key,
                     const StartPlan& start) {
  if (const std::optional<Bytes> bytes = print_start_plan(start, key))
    Memo(kStartPlans, key).keep(folder, *bytes);
}

}  // namespace tenon::link
