// Walks a TOML table and complains: unknown keys, values of the wrong kind, each with its line.
//
//   TomlTable wire(file, *row, "[[wire]]", problems);
//   made.import = wire.take_text("import", Presence::Required);
//   wire.finish();   // every key that was not taken is unknown
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/diagnostic.h"
#include "tenon/result.h"

// toml_table.cc alone compiles toml++.
namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace tenon {

// A file as parsed. Tables refer to it, so it must outlive them.
class TomlDocument final {
 public:
  explicit TomlDocument(toml::table root);
  TomlDocument(TomlDocument&& other) noexcept;
  ~TomlDocument();

  [[nodiscard]] const toml::table& root() const { return *root_; }

 private:
  std::unique_ptr<const toml::table> root_;
};

// file: as the user wrote it, for messages. Errors: config-syntax, with line, column and the line.
[[nodiscard]] Result<TomlDocument> parse_toml(std::string_view text, const std::string& file);

// As TOML writes a text, with its quotes.
[[nodiscard]] std::string quote_toml(std::string_view text);

enum class Presence { Optional, Required };

enum class TomlKind { Text, Integer, Float, Flag };

// A value that is neither a list nor a table.
struct TomlScalar {
  std::string name;
  TomlKind kind = TomlKind::Text;
  std::string text;  // as TOML writes it, texts without quotes
  Location where;
};

// Refers to the file name, the table and the list of problems: they must outlive it.
class TomlTable final {
 public:
  // title: how messages call the table, such as "[project]"; empty for the whole file.
  TomlTable(const std::string& file, const toml::table& table, std::string title,
            Diagnostics& problems);
  // The whole file.
  TomlTable(const std::string& file, const TomlDocument& document, Diagnostics& problems);

  // Each takes one key; a value of another kind is a problem and counts as absent.
  std::optional<std::string> take_text(std::string_view key,
                                       Presence presence = Presence::Optional);
  std::optional<bool> take_flag(std::string_view key);
  std::optional<std::int64_t> take_number(std::string_view key);
  std::vector<std::pair<std::string, Location>> take_texts(std::string_view key);
  std::vector<std::pair<std::string, std::string>> take_text_map(std::string_view key);
  // A text, a number or a flag.
  std::optional<TomlScalar> take_scalar(std::string_view key);
  // Each text, number or flag of a table and the tables in it, by dotted names.
  std::vector<TomlScalar> take_scalars(std::string_view key);
  // Whether there is anything, or a table, under `key`; it is not taken by that.
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool has_table(std::string_view key) const;
  // Every key, by name.
  [[nodiscard]] std::vector<std::string> keys() const;
  // Calls `visit` for the table under `key`, or each table of it.
  void take_table(std::string_view key, const std::function<void(TomlTable&)>& visit);
  void take_named_tables(std::string_view key,
                         const std::function<void(const std::string&, TomlTable&)>& visit);
  void take_rows(std::string_view key, const std::function<void(TomlTable&)>& visit);

  // Reports every key that was not taken.
  void finish();

  // Where the table, or one key of it, is written.
  [[nodiscard]] Location where() const;
  [[nodiscard]] Location where(std::string_view key) const;

  // hint: a line that would do, such as `schema = 1`.
  void complain_value(std::string_view key, const std::string& rule, std::string_view hint);

 private:
  const toml::node* take(std::string_view key);
  [[nodiscard]] Location locate(const toml::node& node) const;
  [[nodiscard]] std::string describe(std::string_view key) const;

  const std::string& file_;
  const toml::table& table_;
  std::string title_;
  Diagnostics& problems_;
  std::vector<std::string> known_;
};

}  // namespace tenon
