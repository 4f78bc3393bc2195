// index.json is read on every use of a store, completion included, so both directions are direct:
// the printer appends to one string, and the reader walks the nodes of a TextTree without building
// maps. Keys are printed in the order in which the reader takes them, so that each is usually found
// at the first look.
#include "extension/index.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/sha256.h"
#include "extension/manifest.h"
#include "registry/source.h"
#include "support/diagnostics.h"
#include "support/semver.h"
#include "value/json_syntax.h"

namespace tenon::extension {

namespace {

constexpr std::uint64_t kSchema = 1;

// Names, paths and versions rarely need escapes.
void print_text(std::string_view text, std::string& out) {
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (is_plain)
    out.append("\"").append(text).append("\"");
  else
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Prints an object, key by key, until `end`. Empty values are left out, since most extensions have few keys.
class ObjectText final {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;
  ~ObjectText() = default;
  void end() { out_ += '}'; }

  void add(std::string_view key, std::string_view text) {
    if (text.empty()) return;
    begin(key);
    print_text(text, out_);
  }
  void add(std::string_view key, const std::vector<std::string>& texts) {
    add_all(key, texts, [](const std::string& text, std::string& out) { print_text(text, out); });
  }
  void add(std::string_view key, std::optional<std::uint64_t> number) {
    if (!number) return;
    begin(key);
    fmt::format_to(std::back_inserter(out_), "{}", *number);
  }
  void add_flag(std::string_view key, bool flag) {
    if (!flag) return;
    begin(key);
    out_ += "true";
  }
  // print: void(const T&, std::string&).
  template <class T, class F>
  void add_all(std::string_view key, const std::vector<T>& all, F&& print) {
    if (all.empty()) return;
    begin(key);
    char mark = '[';
    for (const T& value : all) {
      out_ += mark;
      print(value, out_);
      mark = ',';
    }
    out_ += ']';
  }
  // fill: void(ObjectText&).
  template <class F>
  void add_object(std::string_view key, F&& fill) {
    begin(key);
    ObjectText inner(out_);
    fill(inner);
    inner.end();
  }

 private:
  void begin(std::string_view key) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    out_.append("\"").append(key).append("\":");
  }

  std::string& out_;
  bool is_first_ = true;
};

void print_dependency(const ExtensionDependency& dependency, std::string& out) {
  ObjectText object(out);
  object.add("name", dependency.name);
  object.add("range", dependency.range);
  object.add("from", dependency.from);
  object.add_flag("optional", dependency.is_optional);
  object.add_flag("lazy", dependency.is_lazy);
  object.end();
}

void print_need(const ExtensionNeed& need, std::string& out) {
  ObjectText object(out);
  object.add("interface", need.interface);
  object.add("export", need.exported);
  object.add("from", need.from);
  object.add("version", need.version);
  object.add_flag("lazy", need.is_lazy);
  object.end();
}

void print_signer(const ExtensionSigner& signer, std::string& out) {
  ObjectText object(out);
  object.add("key", signer.key);
  object.add("sha256", signer.sha256);
  object.add("identity", signer.identity);
  object.add("issuer", signer.issuer);
  object.end();
}

void print_limits(const Limits& limits, ObjectText& object) {
  object.add("memory", limits.memory);
  object.add("fuel", limits.fuel);
  object.add("instances", limits.instances);
  if (limits.call_timeout)
    object.add("timeout-ms", static_cast<std::uint64_t>(limits.call_timeout->count()));
}

void print_extension(const Extension& extension, std::string& out) {
  ObjectText object(out);
  object.add("name", extension.name);
  object.add("version", extension.version);
  object.add("sha256", extension.digest);
  object.add("bytes", extension.bytes);
  object.add("source", extension.source);
  if (extension.asked != extension.source) object.add("asked", extension.asked);
  object.add("registry", extension.registry);
  object.add_flag("unpinned", extension.unpinned);
  object.add("added", extension.added);
  object.add("link", extension.link);
  object.add("description", extension.description);
  object.add("license", extension.license);
  object.add("repository", extension.repository);
  object.add("authors", extension.authors);
  if (extension.command)
    object.add_object("command", [&](ObjectText& command) {
      command.add("export", extension.command->exported);
      command.add("aliases", extension.command->aliases);
    });
  object.add("imports", extension.imports);
  object.add("exports", extension.exports);
  object.add("libraries", extension.libraries);
  object.add_all("dependencies", extension.dependencies, print_dependency);
  object.add_all("needs", extension.needs, print_need);
  const ExtensionPermissions& wants = extension.wants;
  if (!wants.fs.empty() || !wants.net.empty() || !wants.http.empty() || !wants.env.empty() ||
      !wants.host.empty())
    object.add_object("wants", [&](ObjectText& permissions) {
      permissions.add("fs", wants.fs);
      permissions.add("net", wants.net);
      permissions.add("http", wants.http);
      permissions.add("env", wants.env);
      permissions.add("host", wants.host);
    });
  if (extension.limits.memory || extension.limits.fuel || extension.limits.instances ||
      extension.limits.call_timeout)
    object.add_object("limits",
                      [&](ObjectText& limits) { print_limits(extension.limits, limits); });
  object.add("grants", extension.grants);
  object.add_all("signed-by", extension.signed_by, print_signer);
  object.end();
}

// Takes keys of an object. A value of another kind, or an unparsable version, clears `is_sound`, and
// then the whole text is rejected: an index is only written by tenon, so any damage is damage to
// all of it.
class ObjectReader final {
 public:
  // object: a node of the tree.
  ObjectReader(const value::TextTree& tree, const value::TextNode& object, bool& is_sound)
      : tree_(tree), is_sound_(is_sound) {
    if (!fits(object.kind == Kind::Fields)) return;
    first_ = index_of(object) + 1;
    next_ = first_;
    end_ = object.next;
  }

  std::string take_text(std::string_view key, std::string otherwise = {}) {
    const value::TextNode* const node = find(key);
    return node == nullptr ? std::move(otherwise) : text_of(*node);
  }
  bool take_flag(std::string_view key) {
    const value::TextNode* const node = find(key);
    if (node == nullptr) return false;
    const std::string_view word = tree_.word_of(*node);
    fits(word == "true" || word == "false");
    return word == "true";
  }
  std::vector<std::string> take_texts(std::string_view key) {
    std::vector<std::string> texts;
    const value::TextNode* const node = find(key);
    if (node == nullptr || !fits(node->kind == Kind::List)) return texts;
    texts.reserve(node->parts);
    for_parts(*node, [&](const value::TextNode& part) { texts.push_back(text_of(part)); });
    return texts;
  }
  std::optional<std::uint64_t> take_count(std::string_view key) {
    const value::TextNode* const node = find(key);
    if (node == nullptr || !fits(node->kind == Kind::Number)) return std::nullopt;
    const std::string_view digits = tree_.text_of(*node);
    const char* const end = digits.data() + digits.size();
    std::uint64_t count = 0;
    const auto [rest, failed] = std::from_chars(digits.data(), end, count);
    return fits(failed == std::errc() && rest == end) ? std::optional(count) : std::nullopt;
  }
  std::string take_version(std::string_view key) {
    std::string text = take_text(key);
    fits(static_cast<bool>(parse_version(text)));
    return text;
  }
  // Calls `read` for the object under `key`, if there is one.
  template <class F>
  void take_object(std::string_view key, F&& read) {
    const value::TextNode* const node = find(key);
    if (node != nullptr) read_part(*node, read);
  }
  // Calls `read` for each object of the array under `key`.
  template <class F>
  void take_objects(std::string_view key, F&& read) {
    const value::TextNode* const node = find(key);
    if (node == nullptr || !fits(node->kind == Kind::List)) return;
    for_parts(*node, [&](const value::TextNode& part) { read_part(part, read); });
  }
  // Records a broken rule if `is_valid` is false; returns `is_valid`.
  bool fits(bool is_valid) {
    is_sound_ = is_sound_ && is_valid;
    return is_valid;
  }

 private:
  using Kind = value::TextKind;

  [[nodiscard]] std::size_t index_of(const value::TextNode& node) const {
    return static_cast<std::size_t>(&node - tree_.nodes.data());
  }
  template <class F>
  void for_parts(const value::TextNode& array, F&& call) {
    for (std::size_t at = index_of(array) + 1; at < array.next; at = tree_.nodes[at].next)
      call(tree_.nodes[at]);
  }
  template <class F>
  void read_part(const value::TextNode& object, F&& read) {
    ObjectReader inner(tree_, object, is_sound_);
    if (is_sound_) read(inner);
  }
  std::string text_of(const value::TextNode& node) {
    return fits(node.kind == Kind::String) ? std::string(tree_.text_of(node)) : std::string();
  }
  // The value of a key, or null. Tries the key after the last one first.
  const value::TextNode* find(std::string_view key) {
    if (next_ == end_) return nullptr;
    const auto is_at = [&](std::size_t at) { return tree_.text_of(tree_.nodes[at]) == key; };
    if (is_at(next_)) {
      const value::TextNode& node = tree_.nodes[next_ + 1];
      next_ = node.next;
      return &node;
    }
    for (std::size_t at = first_; at < end_; at = tree_.nodes[at + 1].next)
      if (is_at(at)) return &tree_.nodes[at + 1];
    return nullptr;
  }

  const value::TextTree& tree_;
  bool& is_sound_;
  std::size_t first_ = 0;
  std::size_t next_ = 0;  // after the key that was taken last
  std::size_t end_ = 0;
};

ExtensionDependency read_dependency(ObjectReader& object) {
  ExtensionDependency dependency;
  dependency.name = object.take_text("name");
  dependency.range = object.take_text("range", "*");
  object.fits(static_cast<bool>(parse_version_range(dependency.range)));
  dependency.from = object.take_text("from");
  dependency.is_optional = object.take_flag("optional");
  dependency.is_lazy = object.take_flag("lazy");
  return dependency;
}

ExtensionNeed read_need(ObjectReader& object) {
  return {.interface = object.take_text("interface"),
          .exported = object.take_text("export"),
          .from = object.take_text("from"),
          .version = object.take_version("version"),
          .is_lazy = object.take_flag("lazy")};
}

// Whether an installed extension can have this source: a reference in a registry has a digest.
bool is_exact_source(std::string_view source) {
  constexpr std::string_view kOci = "oci://";
  if (!source.starts_with(kOci)) return true;
  const auto reference = registry::parse_oci_reference(source.substr(kOci.size()));
  return reference && !reference->digest.empty();
}

Extension read_extension(ObjectReader& object) {
  Extension extension;
  extension.name = object.take_text("name");
  object.fits(is_extension_name(extension.name));
  extension.version = object.take_version("version");
  extension.digest = object.take_text("sha256");
  object.fits(engine::is_digest(extension.digest));
  extension.bytes = object.take_count("bytes").value_or(0);
  extension.source = object.take_text("source");
  object.fits(is_exact_source(extension.source));
  extension.asked = object.take_text("asked", extension.source);
  extension.registry = object.take_text("registry");
  extension.unpinned = object.take_flag("unpinned");
  extension.link = object.take_text("link");
  extension.added = object.take_text("added");
  extension.description = object.take_text("description");
  extension.license = object.take_text("license");
  extension.repository = object.take_text("repository");
  extension.authors = object.take_texts("authors");
  object.take_object("command", [&](ObjectReader& command) {
    extension.command =
        ExtensionCommand{command.take_text("export"), command.take_texts("aliases")};
  });
  extension.imports = object.take_texts("imports");
  extension.exports = object.take_texts("exports");
  extension.libraries = object.take_texts("libraries");
  object.take_objects("dependencies", [&](ObjectReader& dependency) {
    extension.dependencies.push_back(read_dependency(dependency));
  });
  object.take_objects("needs",
                      [&](ObjectReader& need) { extension.needs.push_back(read_need(need)); });
  object.take_object("wants", [&](ObjectReader& wants) {
    extension.wants = {wants.take_texts("fs"), wants.take_texts("net"), wants.take_texts("http"),
                       wants.take_texts("env"), wants.take_texts("host")};
  });
  object.take_object("limits", [&](ObjectReader& limits) {
    extension.limits.memory = limits.take_count("memory");
    extension.limits.fuel = limits.take_count("fuel");
    extension.limits.instances = limits.take_count("instances");
    if (const auto count = limits.take_count("timeout-ms")) {
      const auto time = Limits::parse_duration(fmt::format("{}ms", *count));
      if (limits.fits(time.has_value())) extension.limits.call_timeout = *time;
    }
  });
  extension.grants = object.take_texts("grants");
  object.take_objects("signed-by", [&](ObjectReader& signer) {
    extension.signed_by.push_back({.key = signer.take_text("key"),
                                   .sha256 = signer.take_text("sha256"),
                                   .identity = signer.take_text("identity"),
                                   .issuer = signer.take_text("issuer")});
  });
  return extension;
}

bool is_before(const Extension& a, const Extension& b) {
  return a.name != b.name ? a.name < b.name : compare_versions(version_of(a), version_of(b)) < 0;
}

}  // namespace

Version version_of(const Extension& extension) { return *parse_version(extension.version); }

const Extension* Index::find(std::string_view name) const {
  const auto past = std::ranges::upper_bound(
      extensions, name, {},
      [](const Extension& extension) -> std::string_view { return extension.name; });
  return past == extensions.begin() || std::prev(past)->name != name ? nullptr : &*std::prev(past);
}

const Extension* Index::find(std::string_view name, std::string_view version) const {
  const auto same = std::ranges::equal_range(
      extensions, name, {},
      [](const Extension& extension) -> std::string_view { return extension.name; });
  for (const Extension& extension : same)
    if (extension.version == version) return &extension;
  return nullptr;
}

void Index::sort() { std::ranges::sort(extensions, is_before); }

std::string print_index(const Index& index) {
  // One line for each extension, so that `diff` shows what changed.
  std::string text = fmt::format("{{\"schema\": {}, \"extensions\": [", kSchema);
  for (const Extension& extension : index.extensions) {
    text += &extension == &index.extensions.front() ? "\n" : ",\n";
    print_extension(extension, text);
  }
  return text + "\n]}\n";
}

Result<Index> parse_index(std::string_view text, const std::string& file) {
  const Result<value::TextTree> tree = value::parse_json_tree(text);
  bool is_sound = tree.has_value();
  bool is_known = false;
  Index index;
  if (is_sound) {
    ObjectReader root(*tree, tree->nodes.front(), is_sound);
    is_known = root.take_count("schema") == kSchema;
    if (is_known)
      root.take_objects("extensions", [&](ObjectReader& extension) {
        index.extensions.push_back(read_extension(extension));
      });
  }
  // Sorted, and without duplicates: `Index::find` searches by bisection.
  const auto out_of_order = [](const Extension& a, const Extension& b) { return !is_before(a, b); };
  if (is_known && is_sound &&
      std::ranges::adjacent_find(index.extensions, out_of_order) == index.extensions.end())
    return index;
  Diagnostic problem = make_diagnostic(
      Code::ExtStore, "`{}` is {}", file,
      is_sound && !is_known ? "written by an incompatible version of tenon" : "damaged");
  problem.where.file = file;
  problem.hints.emplace_back(
      "update tenon; or move the store away and add its extensions again from the sources in "
      "ext.lock");
  return problem;
}

}  // namespace tenon::extension
