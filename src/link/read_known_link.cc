#include <algorithm>
#include <string_view>
#include <utility>

#include "link/known_link_file.h"
#include "support/byte_reader.h"
#include "support/try.h"

namespace tenon::link {

namespace {

using known_link_format::Kind;
using known_link_format::kMagic;
using known_link_format::Sort;

class Reader final {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : in_(bytes, "known link") {}

  Result<KnownLink> read(const std::string& key) {
    TENON_TRY(const std::string magic, text());
    TENON_TRY(const std::string version, text());
    if (magic != kMagic || version != key) return wrong();
    KnownLink link;
    TENON_TRY(link.program, text());
    TENON_TRY(link.command, text());
    TENON_TRY(link.command_domain, number());
    TENON_TRY(link.domain, text());
    TENON_TRY_VOID(read_types(link));
    TENON_TRY(link.domains,
              read_vector(in_, "domains", [this](ByteReader&) { return read_domain(); }));
    TENON_TRY(const std::uint32_t notes, in_.read_count("notes"));
    for (std::uint32_t i = 0; i < notes; ++i) {
      link.notes.emplace_back();
      TENON_TRY_VOID(read_note(link.notes.back()));
    }
    if (!in_.at_end() || !refers_to_domains(link)) return wrong();
    link.types = std::make_shared<const types::Types>(std::move(types_));
    return link;
  }

 private:
  [[nodiscard]] Diagnostic wrong() const {
    return in_.malformed(in_.offset(), "link", "is not what was written");
  }
  static bool refers_to_domains(const KnownLink& link) {
    const std::size_t count = link.domains.size();
    return link.command_domain < count &&
           std::ranges::all_of(
               link.kinds, [&](const auto& kind) { return kind.second.home < count; }) &&
           std::ranges::all_of(
               link.domains,
               [&](const KnownDomain& domain) {
                 return std::ranges::all_of(domain.imports, [&](const KnownImport& import) {
                   return import.provider < count;
                 });
               });
  }

  Result<std::string> text() {
    TENON_TRY(const std::string_view name, in_.read_name("text", kTextBytes));
    return std::string(name);
  }
  Result<std::uint32_t> number() { return in_.read_u32("number"); }
  Result<bool> flag() {
    TENON_TRY(const std::uint8_t value, in_.read_byte("flag"));
    return value != 0;
  }
  template <class T>
  Result<Id<T>> place(const Arena<T>& arena) {
    TENON_TRY(const std::uint32_t index, number());
    if (index >= arena.size()) return wrong();
    return Id<T>{index};
  }
  Result<std::optional<types::TypeId>> optional_type() {
    TENON_TRY(const bool is_there, flag());
    if (!is_there) return std::optional<types::TypeId>();
    TENON_TRY(const types::TypeId id, place(types_.types));
    return std::optional<types::TypeId>(id);
  }
  Result<std::vector<std::string>> texts() {
    return read_vector(in_, "texts", [this](ByteReader&) { return text(); });
  }
  Result<std::vector<types::Field>> fields() {
    return read_vector(in_, "fields", [this](ByteReader&) -> Result<types::Field> {
      types::Field field;
      TENON_TRY(field.label, text());
      TENON_TRY(field.type, place(types_.types));
      return field;
    });
  }

  Result<void> read_types(KnownLink& link) {
    TENON_TRY(const std::uint32_t resources, in_.read_count("resources"));
    for (std::uint32_t i = 0; i < resources; ++i) {
      types::Resource resource;
      KnownKind kind;
      TENON_TRY(resource.name, text());
      TENON_TRY(kind.key, text());
      TENON_TRY(kind.name, text());
      TENON_TRY(kind.home, number());
      link.kinds.emplace(types_.resources.add(std::move(resource)), std::move(kind));
    }
    TENON_TRY(const std::uint32_t types, in_.read_count("types"));
    for (std::uint32_t i = 0; i < types; ++i) {
      TENON_TRY(types::Type type, read_type());
      types_.types.add(std::move(type));
    }
    TENON_TRY(const std::uint32_t functions, in_.read_count("functions"));
    for (std::uint32_t i = 0; i < functions; ++i) {
      types::Function function;
      TENON_TRY(function.params, fields());
      TENON_TRY(function.result, optional_type());
      types_.functions.add(std::move(function));
    }
    TENON_TRY(const std::uint32_t instances, in_.read_count("instances"));
    for (std::uint32_t i = 0; i < instances; ++i) {
      TENON_TRY(types::Instance instance, read_instance());
      types_.instances.add(std::move(instance));
    }
    return {};
  }
  Result<types::Instance> read_instance() {
    types::Instance instance;
    TENON_TRY(const std::uint32_t count, in_.read_count("exports"));
    for (std::uint32_t i = 0; i < count; ++i) {
      TENON_TRY(std::string name, text());
      TENON_TRY(const types::Item item, read_item());
      instance.add_export(std::move(name), item);
    }
    return instance;
  }
  Result<types::Type> read_type() {
    TENON_TRY(const std::uint8_t kind, in_.read_byte("kind"));
    switch (static_cast<Kind>(kind)) {
      case Kind::Primitive: {
        TENON_TRY(const std::uint8_t primitive, in_.read_byte("primitive"));
        if (primitive >= types_.primitives.size()) return wrong();
        return types::Type{static_cast<types::Primitive>(primitive)};
      }
      case Kind::Record: {
        TENON_TRY(std::vector<types::Field> all, fields());
        return types::Type{types::Record{std::move(all)}};
      }
      case Kind::Variant: {
        TENON_TRY(std::vector<types::Case> cases,
                  read_vector(in_, "cases", [this](ByteReader&) -> Result<types::Case> {
                    types::Case variant_case;
                    TENON_TRY(variant_case.label, text());
                    TENON_TRY(variant_case.type, optional_type());
                    return variant_case;
                  }));
        return types::Type{types::Variant{std::move(cases)}};
      }
      case Kind::List: {
        types::List list;
        TENON_TRY(list.element, place(types_.types));
        TENON_TRY(const bool is_fixed, flag());
        TENON_TRY(const std::uint32_t length, number());
        if (is_fixed) list.length = length;
        return types::Type{list};
      }
      case Kind::Map: {
        types::Map map;
        TENON_TRY(map.key, place(types_.types));
        TENON_TRY(map.value, place(types_.types));
        return types::Type{map};
      }
      case Kind::Tuple: {
        TENON_TRY(std::vector<types::TypeId> all,
                  read_vector(in_, "types", [this](ByteReader&) { return place(types_.types); }));
        return types::Type{types::Tuple{std::move(all)}};
      }
      case Kind::Flags: {
        TENON_TRY(std::vector<std::string> labels, texts());
        return types::Type{types::Flags{std::move(labels)}};
      }
      case Kind::Enum: {
        TENON_TRY(std::vector<std::string> labels, texts());
        return types::Type{types::Enum{std::move(labels)}};
      }
      case Kind::Option: {
        TENON_TRY(const types::TypeId type, place(types_.types));
        return types::Type{types::Option{type}};
      }
      case Kind::Result: {
        types::ResultType result;
        TENON_TRY(result.ok, optional_type());
        TENON_TRY(result.error, optional_type());
        return types::Type{result};
      }
      case Kind::Own: {
        TENON_TRY(const types::ResourceId resource, place(types_.resources));
        return types::Type{types::Own{resource}};
      }
      case Kind::Borrow: {
        TENON_TRY(const types::ResourceId resource, place(types_.resources));
        return types::Type{types::Borrow{resource}};
      }
    }
    return wrong();
  }

  Result<types::Item> read_item() {
    TENON_TRY(const std::uint8_t sort, in_.read_byte("sort"));
    switch (static_cast<Sort>(sort)) {
      case Sort::Function: {
        TENON_TRY(const types::FunctionId function, place(types_.functions));
        return types::Item(function);
      }
      case Sort::Instance: {
        TENON_TRY(const types::InstanceId instance, place(types_.instances));
        return types::Item(instance);
      }
      case Sort::Resource: {
        TENON_TRY(const types::ResourceId resource, place(types_.resources));
        return types::Item(types::TypeBound{resource});
      }
      case Sort::Type:
        return types::Item(types::TypeBound{types::TypeId()});
    }
    return wrong();
  }

  Result<KnownDomain> read_domain() {
    KnownDomain domain;
    TENON_TRY(domain.name, text());
    TENON_TRY(domain.code.embedded, text());
    TENON_TRY(domain.code.reference, text());
    TENON_TRY(domain.code.modules, texts());
    TENON_TRY(const bool is_concurrent, flag());
    domain.concurrency = is_concurrent ? Concurrency::Yes : Concurrency::No;
    TENON_TRY(domain.needs_wasi, flag());
    TENON_TRY(domain.imports,
              read_vector(in_, "imports", [this](ByteReader&) { return read_import(); }));
    return domain;
  }
  Result<KnownImport> read_import() {
    KnownImport import;
    TENON_TRY(import.name, text());
    TENON_TRY(import.provider, number());
    TENON_TRY(import.export_name, text());
    TENON_TRY(import.lazy, flag());
    TENON_TRY(import.on_failure, text());
    TENON_TRY(import.unit, text());
    TENON_TRY(import.exported, text());
    TENON_TRY(import.item, read_item());
    return import;
  }

  Result<void> read_note(Diagnostic& note) {
    note.severity = Severity::Note;
    TENON_TRY(const std::string code, text());
    const auto codes = all_diagnostic_codes();
    const auto known = std::ranges::find(codes, std::string_view(code));
    if (known == codes.end()) return wrong();
    note.code = *known;
    TENON_TRY(note.message, text());
    TENON_TRY(note.where.file, text());
    TENON_TRY(note.where.unit, text());
    TENON_TRY(note.where.item, text());
    TENON_TRY(const bool has_offset, flag());
    TENON_TRY(const std::uint32_t offset, number());
    if (has_offset) note.where.offset = offset;
    TENON_TRY(note.where.line, number());
    TENON_TRY(note.where.column, number());
    TENON_TRY(const std::vector<std::string> notes, texts());
    for (const std::string& text : notes) note.notes.push_back({text, {}, {}});
    TENON_TRY(note.hints, texts());
    return {};
  }

  static constexpr std::size_t kTextBytes = std::size_t{1} << 20;

  ByteReader in_;
  types::Types types_;
};

}  // namespace

std::optional<KnownLink> read_known_link(std::span<const std::uint8_t> bytes,
                                         const std::string& key) {
  Result<KnownLink> link = Reader(bytes).read(key);
  if (!link) return std::nullopt;
  const std::optional<Bytes> again = write_known_link(*link, key);
  if (!again || !std::ranges::equal(*again, bytes)) return std::nullopt;
  return *std::move(link);
}

}  // namespace tenon::link
