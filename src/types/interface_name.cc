#include "types/interface_name.h"

#include <algorithm>
#include <utility>

#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::types {

namespace {

constexpr std::string_view kConstructor = "[constructor]";
constexpr std::string_view kMethod = "[method]";
constexpr std::string_view kStatic = "[static]";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Diagnostic bad_name(std::string_view name, std::string_view rule) {
  return make_diagnostic(Code::TypeName, "invalid import or export name `{}`: {}",
                         sanitize_text(name), rule);
}

bool is_lower_label(std::string_view text) {
  return is_label(text) && std::none_of(text.begin(), text.end(), is_upper);
}

// A word of a label, without its dashes.
bool is_word(std::string_view word) {
  if (word.empty()) return false;
  bool has_lower = false;
  bool has_upper = false;
  for (const char c : word) {
    if (!is_lower(c) && !is_upper(c) && !is_digit(c)) return false;
    has_lower |= is_lower(c);
    has_upper |= is_upper(c);
  }
  return !(has_lower && has_upper);
}

constexpr std::string_view kLabelRule = "a label consists of words of one case, joined by `-`";

std::string key_of(NameKind kind, std::string_view text, std::string_view resource,
                   std::string_view function) {
  switch (kind) {
    case NameKind::Label:
    case NameKind::Constructor:
      return label_key(text);
    case NameKind::Method:
    case NameKind::Static:
      // `[method]l.l` and the label `l` exclude each other (Explainer.md, "strongly-unique").
      if (label_key(resource) == label_key(function)) return label_key(resource);
      return label_key(fmt::format("{}.{}", resource, function));
    case NameKind::Interface:
    case NameKind::NestedName:
    case NameKind::Dependency:
    case NameKind::Url:
    case NameKind::Integrity:
      break;
  }
  return std::string(text);
}

// The parts of a name, as views into it.
struct NameParts {
  NameKind kind = NameKind::Label;
  std::string_view ns, package, interface, path, version, resource, function;
};

NameKind kind_of(std::string_view text) {
  if (text.starts_with(kConstructor)) return NameKind::Constructor;
  if (text.starts_with(kMethod)) return NameKind::Method;
  if (text.starts_with(kStatic)) return NameKind::Static;
  if (text.starts_with("unlocked-dep=") || text.starts_with("locked-dep="))
    return NameKind::Dependency;
  if (text.starts_with("url=")) return NameKind::Url;
  if (text.starts_with("integrity=")) return NameKind::Integrity;
  return text.find(':') != std::string_view::npos ? NameKind::Interface : NameKind::Label;
}

// `r.f`, after `[method]` or `[static]`.
Result<NameParts> cut_resource_function(NameKind kind, std::string_view text,
                                        std::string_view rest) {
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos)
    return bad_name(text, "expected a resource and its function, joined by `.`");
  if (!is_label(rest.substr(0, dot)) || !is_label(rest.substr(dot + 1)))
    return bad_name(text, kLabelRule);
  NameParts parts;
  parts.kind = kind;
  parts.resource = rest.substr(0, dot);
  parts.function = rest.substr(dot + 1);
  return parts;
}

// interfacename ::= <namespace> ':' <label> '/' <label> ('@' <version>)?
// With more namespaces in front or more `/` parts behind it is a nested name.
Result<NameParts> cut_interface_name(std::string_view text) {
  NameParts parts;
  parts.kind = NameKind::Interface;
  const std::size_t at = text.find('@');
  parts.path = text.substr(0, at);
  if (at != std::string_view::npos) parts.version = text.substr(at + 1);
  const std::size_t slash = parts.path.find('/');
  if (slash == std::string_view::npos)
    return bad_name(text, "expected `/` and an interface after the package");
  const std::string_view package = parts.path.substr(0, slash);
  const std::size_t colon = package.find(':');
  if (colon == std::string_view::npos)
    return bad_name(text, "expected the `:` of a package before the `/` of its interface");
  parts.ns = package.substr(0, colon);
  parts.package = package.substr(colon + 1);
  parts.interface = parts.path.substr(slash + 1);
  if (parts.package.find(':') != std::string_view::npos ||
      parts.interface.find('/') != std::string_view::npos) {
    parts.kind = NameKind::NestedName;
    return parts;
  }
  if (!is_lower_label(parts.ns) || !is_lower_label(parts.package))
    return bad_name(text, "a namespace and a package must be lowercase labels");
  if (!is_label(parts.interface)) return bad_name(text, kLabelRule);
  return parts;
}

Result<NameParts> cut_name(std::string_view text) {
  NameParts parts;
  parts.kind = kind_of(text);
  switch (parts.kind) {
    case NameKind::Label:
      if (!is_label(text)) return bad_name(text, kLabelRule);
      return parts;
    case NameKind::Constructor:
      parts.resource = text.substr(kConstructor.size());
      if (!is_label(parts.resource)) return bad_name(text, kLabelRule);
      return parts;
    case NameKind::Method:
      return cut_resource_function(parts.kind, text, text.substr(kMethod.size()));
    case NameKind::Static:
      return cut_resource_function(parts.kind, text, text.substr(kStatic.size()));
    case NameKind::Interface:
      return cut_interface_name(text);
    case NameKind::NestedName:
    case NameKind::Dependency:
    case NameKind::Url:
    case NameKind::Integrity:
      return parts;
  }
  return parts;
}

// The version of an interface name, if it has one.
Result<std::optional<Version>> read_version(const NameParts& parts, std::string_view text,
                                            std::optional<std::string_view> suffix) {
  const bool has_at = text.find('@') != std::string_view::npos;
  if (parts.kind != NameKind::Interface || !has_at) {
    if (suffix)
      return bad_name(text,
                      "only the name of an interface with a version can have a version suffix");
    return std::optional<Version>();
  }
  Result<Version, VersionError> version = parse_interface_version(parts.version, suffix);
  if (!version) return bad_name(text, version.error().reason);
  return std::optional<Version>(*std::move(version));
}

}  // namespace

bool is_label(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return false;
  while (true) {
    const std::size_t dash = text.find('-');
    if (!is_word(text.substr(0, dash))) return false;
    if (dash == std::string_view::npos) return true;
    text = text.substr(dash + 1);
  }
}

std::string label_key(std::string_view label) {
  std::string lower(label);
  for (char& c : lower)
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string strip_escapes(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char before = plain.empty() ? ' ' : plain.back();
    const bool is_first =
        !is_lower(before) && !is_upper(before) && !is_digit(before) && before != '-';
    const bool is_letter = i + 1 < name.size() && (is_lower(name[i + 1]) || is_upper(name[i + 1]));
    if (name[i] != '%' || !is_first || !is_letter) plain += name[i];
  }
  return plain;
}

std::string ItemName::full_text() const {
  if (!is_canonical || !version) return text;
  return path + "@" + print_version(*version);
}

Result<ItemName> parse_item_name(std::string_view text,
                                 std::optional<std::string_view> version_suffix) {
  TENON_TRY(const NameParts parts, cut_name(text));
  TENON_TRY(std::optional<Version> version, read_version(parts, text, version_suffix));
  ItemName name;
  name.kind = parts.kind;
  name.text = text;
  name.ns = parts.ns;
  name.package = parts.package;
  name.interface = parts.interface;
  name.path = parts.path;
  name.resource = parts.resource;
  name.function = parts.function;
  if (version) {
    name.track = track_of(*version);
    name.is_canonical = print_version(*version) != parts.version;
    name.version = std::move(version);
  }
  return name;
}

Result<std::string> make_uniqueness_key(std::string_view text,
                                        std::optional<std::string_view> version_suffix) {
  TENON_TRY(const NameParts parts, cut_name(text));
  TENON_TRY_VOID(read_version(parts, text, version_suffix));
  return key_of(parts.kind, text, parts.resource, parts.function);
}

std::string uniqueness_key(const ItemName& name) {
  return key_of(name.kind, name.text, name.resource, name.function);
}

}  // namespace tenon::types
