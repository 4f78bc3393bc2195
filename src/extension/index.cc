#include "extension/index.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "extension/manifest.h"
#include "host/manifest.h"
#include "support/diagnostics.h"
#include "support/sha256.h"
#include "support/version_range.h"
#include "value/json_tree.h"

namespace tenon::extension {

namespace {

constexpr std::uint64_t kSchema = 1;

// Texts of names, paths and versions hardly ever need more than quotes.
void print_text(std::string_view text, std::string& out) {
  const bool is_plain = std::ranges::all_of(
      text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (is_plain)
    out.append("\"").append(text).append("\"");
  else
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// An object, key by key. What is not there is not written: most extensions have little of it.
class ObjectText final {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;
  ~ObjectText() { out_ += '}'; }

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
    for (const T& one : all) {
      out_ += mark;
      print(one, out_);
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

void print_dependency(const ExtensionDependency& one, std::string& out) {
  ObjectText made(out);
  made.add("name", one.name);
  made.add("range", one.range);
  made.add("from", one.from);
  made.add_flag("optional", one.is_optional);
  made.add_flag("lazy", one.is_lazy);
}

void print_need(const ExtensionNeed& one, std::string& out) {
  ObjectText made(out);
  made.add("interface", one.interface);
  made.add("export", one.exported);
  made.add("from", one.from);
  made.add("version", one.version);
  made.add_flag("lazy", one.is_lazy);
}

void print_limits(const Limits& limits, ObjectText& made) {
  made.add("memory", limits.memory);
  made.add("fuel", limits.fuel);
  made.add("instances", limits.instances);
  if (limits.call_timeout)
    made.add("timeout-ms", static_cast<std::uint64_t>(limits.call_timeout->count()));
}

void print_extension(const Extension& one, std::string& out) {
  ObjectText made(out);
  made.add("name", one.name);
  made.add("version", one.version);
  made.add("sha256", one.digest);
  made.add("bytes", one.bytes);
  made.add("source", one.source);
  if (one.asked != one.source) made.add("asked", one.asked);
  made.add("added", one.added);
  made.add("link", one.link);
  made.add("description", one.description);
  made.add("license", one.license);
  made.add("repository", one.repository);
  made.add("authors", one.authors);
  if (one.command)
    made.add_object("command", [&](ObjectText& command) {
      command.add("export", one.command->exported);
      command.add("aliases", one.command->aliases);
    });
  made.add("imports", one.imports);
  made.add("exports", one.exports);
  made.add("libraries", one.libraries);
  made.add_all("dependencies", one.dependencies, print_dependency);
  made.add_all("needs", one.needs, print_need);
  const ExtensionPermissions& wants = one.wants;
  if (!wants.fs.empty() || !wants.net.empty() || !wants.env.empty() || !wants.host.empty())
    made.add_object("wants", [&](ObjectText& object) {
      object.add("fs", wants.fs);
      object.add("net", wants.net);
      object.add("env", wants.env);
      object.add("host", wants.host);
    });
  if (one.limits.memory || one.limits.fuel || one.limits.instances || one.limits.call_timeout)
    made.add_object("limits", [&](ObjectText& limits) { print_limits(one.limits, limits); });
  made.add("grants", one.grants);
}

// Takes keys of an object; what is of another kind, or no version, makes the whole no index.
class ObjectReader final {
 public:
  // object: one of the nodes of the tree.
  ObjectReader(const value::JsonTree& tree, const value::JsonNode& object, bool& is_sound)
      : tree_(tree), is_sound_(is_sound) {
    if (!fits(object.kind == Kind::Object)) return;
    first_ = index_of(object) + 1;
    next_ = first_;
    end_ = object.next;
  }

  std::string take_text(std::string_view key, std::string otherwise = {}) {
    const value::JsonNode* const found = find(key);
    return found == nullptr ? std::move(otherwise) : text_of(*found);
  }
  bool take_flag(std::string_view key) {
    const value::JsonNode* const found = find(key);
    if (found == nullptr) return false;
    fits(found->kind == Kind::True || found->kind == Kind::False);
    return found->kind == Kind::True;
  }
  std::vector<std::string> take_texts(std::string_view key) {
    std::vector<std::string> made;
    const value::JsonNode* const found = find(key);
    if (found == nullptr || !fits(found->kind == Kind::Array)) return made;
    made.reserve(found->parts);
    for_parts(*found, [&](const value::JsonNode& one) { made.push_back(text_of(one)); });
    return made;
  }
  std::optional<std::uint64_t> take_count(std::string_view key) {
    const value::JsonNode* const found = find(key);
    if (found == nullptr || !fits(found->kind == Kind::Number)) return std::nullopt;
    const std::string_view digits = tree_.text_of(*found);
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
  // Calls `read` for the object under `key`, if it is there.
  template <class F>
  void take_object(std::string_view key, F&& read) {
    const value::JsonNode* const found = find(key);
    if (found != nullptr) read_part(*found, read);
  }
  // Calls `read` for each object of the array under `key`.
  template <class F>
  void take_objects(std::string_view key, F&& read) {
    const value::JsonNode* const found = find(key);
    if (found == nullptr || !fits(found->kind == Kind::Array)) return;
    for_parts(*found, [&](const value::JsonNode& one) { read_part(one, read); });
  }
  bool fits(bool does) {
    is_sound_ = is_sound_ && does;
    return does;
  }

 private:
  using Kind = value::JsonNode::Kind;

  [[nodiscard]] std::size_t index_of(const value::JsonNode& node) const {
    return static_cast<std::size_t>(&node - tree_.nodes.data());
  }
  template <class F>
  void for_parts(const value::JsonNode& array, F&& call) {
    for (std::size_t at = index_of(array) + 1; at < array.next; at = tree_.nodes[at].next)
      call(tree_.nodes[at]);
  }
  template <class F>
  void read_part(const value::JsonNode& object, F&& read) {
    ObjectReader inner(tree_, object, is_sound_);
    if (is_sound_) read(inner);
  }
  std::string text_of(const value::JsonNode& node) {
    return fits(node.kind == Kind::String) ? std::string(tree_.text_of(node)) : std::string();
  }
  // Null: it is not there. Keys mostly stand in the order in which they are asked for.
  const value::JsonNode* find(std::string_view key) {
    if (next_ == end_) return nullptr;
    const auto is_at = [&](std::size_t at) { return tree_.text_of(tree_.nodes[at]) == key; };
    if (is_at(next_)) {
      const value::JsonNode& found = tree_.nodes[next_ + 1];
      next_ = found.next;
      return &found;
    }
    for (std::size_t at = first_; at < end_; at = tree_.nodes[at + 1].next)
      if (is_at(at)) return &tree_.nodes[at + 1];
    return nullptr;
  }

  const value::JsonTree& tree_;
  bool& is_sound_;
  std::size_t first_ = 0;
  std::size_t next_ = 0;  // the end: all that is there was taken, in its order
  std::size_t end_ = 0;
};

ExtensionDependency read_dependency(ObjectReader& object) {
  ExtensionDependency made;
  made.name = object.take_text("name");
  made.range = object.take_text("range", "*");
  object.fits(static_cast<bool>(parse_version_range(made.range)));
  made.from = object.take_text("from");
  made.is_optional = object.take_flag("optional");
  made.is_lazy = object.take_flag("lazy");
  return made;
}

ExtensionNeed read_need(ObjectReader& object) {
  return {.interface = object.take_text("interface"),
          .exported = object.take_text("export"),
          .from = object.take_text("from"),
          .version = object.take_version("version"),
          .is_lazy = object.take_flag("lazy")};
}

Extension read_extension(ObjectReader& object) {
  Extension made;
  made.name = object.take_text("name");
  object.fits(is_extension_name(made.name));
  made.version = object.take_version("version");
  made.digest = object.take_text("sha256");
  object.fits(is_digest(made.digest));
  made.bytes = object.take_count("bytes").value_or(0);
  made.source = object.take_text("source");
  made.asked = object.take_text("asked", made.source);
  made.link = object.take_text("link");
  made.added = object.take_text("added");
  made.description = object.take_text("description");
  made.license = object.take_text("license");
  made.repository = object.take_text("repository");
  made.authors = object.take_texts("authors");
  object.take_object("command", [&](ObjectReader& command) {
    made.command = ExtensionCommand{command.take_text("export"), command.take_texts("aliases")};
  });
  made.imports = object.take_texts("imports");
  made.exports = object.take_texts("exports");
  made.libraries = object.take_texts("libraries");
  object.take_objects("dependencies", [&](ObjectReader& dependency) {
    made.dependencies.push_back(read_dependency(dependency));
  });
  object.take_objects("needs", [&](ObjectReader& need) { made.needs.push_back(read_need(need)); });
  object.take_object("wants", [&](ObjectReader& wants) {
    made.wants = {wants.take_texts("fs"), wants.take_texts("net"), wants.take_texts("env"),
                  wants.take_texts("host")};
  });
  object.take_object("limits", [&](ObjectReader& limits) {
    made.limits.memory = limits.take_count("memory");
    made.limits.fuel = limits.take_count("fuel");
    made.limits.instances = limits.take_count("instances");
    if (const auto count = limits.take_count("timeout-ms")) {
      const auto time = Limits::parse_duration(fmt::format("{}ms", *count));
      if (limits.fits(time.has_value())) made.limits.call_timeout = *time;
    }
  });
  made.grants = object.take_texts("grants");
  return made;
}

bool is_before(const Extension& a, const Extension& b) {
  return a.name != b.name ? a.name < b.name : compare_versions(version_of(a), version_of(b)) < 0;
}

}  // namespace

Version version_of(const Extension& extension) { return *parse_version(extension.version); }

const Extension* Index::find(std::string_view name) const {
  const auto past = std::ranges::upper_bound(
      extensions, name, {}, [](const Extension& one) -> std::string_view { return one.name; });
  return past == extensions.begin() || std::prev(past)->name != name ? nullptr : &*std::prev(past);
}

const Extension* Index::find(std::string_view name, std::string_view version) const {
  const auto same = std::ranges::equal_range(
      extensions, name, {}, [](const Extension& one) -> std::string_view { return one.name; });
  for (const Extension& one : same)
    if (one.version == version) return &one;
  return nullptr;
}

void Index::sort() { std::ranges::sort(extensions, is_before); }

std::string print_index(const Index& index) {
  // One extension a line: what changed is seen by `diff`.
  std::string text = fmt::format("{{\"schema\": {}, \"extensions\": [", kSchema);
  for (const Extension& one : index.extensions) {
    text += &one == &index.extensions.front() ? "\n" : ",\n";
    print_extension(one, text);
  }
  return text + "\n]}\n";
}

Result<Index> parse_index(std::string_view text, const std::string& file) {
  const Result<value::JsonTree> tree = value::read_json_tree(text);
  bool is_sound = tree.has_value();
  bool is_known = false;
  Index index;
  if (is_sound) {
    ObjectReader root(*tree, tree->nodes.front(), is_sound);
    is_known = root.take_count("schema") == kSchema;
    if (is_known)
      root.take_objects("extensions", [&](ObjectReader& one) {
        index.extensions.push_back(read_extension(one));
      });
  }
  // Of a name and version there is one.
  const auto out_of_order = [](const Extension& a, const Extension& b) { return !is_before(a, b); };
  if (is_known && is_sound &&
      std::ranges::adjacent_find(index.extensions, out_of_order) == index.extensions.end())
    return index;
  Diagnostic problem =
      make_diagnostic(Code::ExtStore, "`{}` is {}", file,
                      is_sound && !is_known ? "the index of another tenon" : "damaged");
  problem.where.file = file;
  problem.hints.emplace_back(
      "take a newer tenon; or move the store away, and add its extensions again: ext.lock names "
      "their sources");
  return problem;
}

}  // namespace tenon::extension
