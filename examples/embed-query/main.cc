// A query engine whose functions are plugins, each in a domain of its own.
//
//   query TABLE.csv PLUGIN... -- QUERY...
//
// A query is a column and functions of it: 'title | cut 5 | shout'. An aggregate makes one row of all. After a query that
// fails, the engine continues with the next one. `plugin.h` is generated from wit/query.wit.
#include <tenon/builder.h>
#include <tenon/composition.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugin.h"

namespace {

using plugin::types::column;
using numbers = std::vector<double>;
using texts = std::vector<std::string>;

// The reason why a query failed.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Table {
  std::map<std::string, column, std::less<>> columns;
  std::size_t rows = 0;
};

struct Function {
  plugin::exports::functions::functions unit;
  bool is_aggregate = false;
};

// The settings of a session are variables of the environment: `mark` is QUERY_mark.
class Session final : public plugin::session::host {
 public:
  std::optional<std::string> setting(std::string_view name) override {
    const char* const found = std::getenv(("QUERY_" + std::string(name)).c_str());
    return found == nullptr ? std::nullopt : std::optional<std::string>(found);
  }
};

texts split(const std::string& line, char separator) {
  std::istringstream in(line);
  texts cells;
  for (std::string cell; std::getline(in, cell, separator);) cells.push_back(cell);
  return cells;
}

// A column of numbers, if all of its cells are.
column make_column(const texts& cells) {
  numbers found;
  for (const std::string& cell : cells) {
    char* end = nullptr;
    found.push_back(std::strtod(cell.c_str(), &end));
    if (cell.empty() || *end != '\0') return column::texts{cells};
  }
  return column::numbers{found};
}

Table read_table(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw Failure("cannot read " + path);
  const texts names = split(line, ',');
  std::vector<texts> cells(names.size());
  Table table;
  for (; std::getline(file, line); ++table.rows) {
    texts row = split(line, ',');
    row.resize(names.size());
    for (std::size_t i = 0; i < row.size(); ++i) cells[i].push_back(std::move(row[i]));
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    table.columns.emplace(names[i], make_column(cells[i]));
  return table;
}

// The result of a plugin. A trap ends the query, and neither the engine nor other plugins.
template <class T>
T value_of(tenon::CallResult<T> called) {
  if (!called) throw Failure(tenon::failure_diagnostic(called.error()).message);
  return *std::move(called);
}
template <class T>
T value_of(tenon::CallResult<tenon::Expected<T, std::string>> called) {
  tenon::Expected<T, std::string> answer =
      value_of<tenon::Expected<T, std::string>>(std::move(called));
  if (!answer) throw Failure(answer.error());
  if constexpr (!std::is_void_v<T>) return *std::move(answer);
}

class Engine {
 public:
  explicit Engine(const std::vector<std::string>& paths) {
    tenon::CompositionBuilder builder;
    for (const std::string& path : paths) builder.add_component(name_of(path), path);
    builder.isolate_all().restart_all({.max = 100});
    plugin::session::provide(builder, std::make_shared<Session>());
    composition_ = check(builder.build());
    for (const std::string& path : paths) add_functions(name_of(path));
  }

  column call(const std::string& name, const std::vector<column>& arguments) const {
    const auto found = functions_.find(name);
    if (found == functions_.end()) throw Failure("no plugin has the function `" + name + "`");
    const auto& [unit, is_aggregate] = found->second;
    if (!is_aggregate) return value_of(unit.call(name, arguments));
    const auto aggregate = value_of(unit.make_aggregate(name));
    value_of(aggregate.add(arguments.front()));
    return column::numbers{{value_of(aggregate.finish())}};
  }

 private:
  static std::string name_of(const std::string& path) { return std::filesystem::path(path).stem(); }
  template <class T>
  static T check(tenon::Result<T> result) {
    if (!result) throw Failure(tenon::print_diagnostics(result.error()));
    return *std::move(result);
  }

  void add_functions(const std::string& name) {
    const auto unit = check(plugin::instance::find(*composition_->unit(name))).functions;
    for (const bool is_aggregate : {false, true})
      for (const std::string& each : value_of(is_aggregate ? unit.aggregates() : unit.scalars()))
        if (!functions_.emplace(each, Function{unit, is_aggregate}).second)
          throw Failure("two plugins have the function `" + each + "`");
  }

  std::optional<tenon::Composition> composition_;
  std::map<std::string, Function> functions_;
};

column find_column(const Table& table, const std::string& word) {
  if (const auto found = table.columns.find(word); found != table.columns.end())
    return found->second;
  char* end = nullptr;
  const double number = std::strtod(word.c_str(), &end);
  if (*end != '\0') throw Failure("there is no column `" + word + "`");
  return column::numbers{numbers(table.rows, number)};
}

// query: "title | cut 5 | shout". A function gets what is before it, and its words.
column evaluate(const Engine& engine, const Table& table, const std::string& query) {
  std::vector<column> value;
  for (const std::string& stage : split(query, '|')) {
    texts words = split(stage, ' ');
    std::erase(words, "");
    if (words.empty()) throw Failure("a part of the query is empty");
    const bool is_function = !value.empty();
    for (auto word = words.begin() + (is_function ? 1 : 0); word != words.end(); ++word)
      value.push_back(find_column(table, *word));
    if (is_function) value = {engine.call(words.front(), value)};
  }
  if (value.empty()) throw Failure("the query is empty");
  return value.front();
}

void print(double number) { std::printf("%g\n", number); }
void print(const std::string& text) { std::printf("%s\n", text.c_str()); }

}  // namespace

int main(int argc, char** argv) try {
  const texts words(argv + 1, argv + argc);
  const auto mark = std::find(words.begin(), words.end(), "--");
  if (mark == words.begin() || mark == words.end())
    throw Failure("usage: query TABLE.csv PLUGIN... -- QUERY...");
  const Table table = read_table(words.front());
  const Engine engine({words.begin() + 1, mark});
  int code = 0;
  for (auto query = mark + 1; query != words.end(); ++query) try {
      const auto print_all = [](const auto& all) {
        for (const auto& cell : all.value) print(cell);
      };
      std::visit(print_all, evaluate(engine, table, *query).which);
    } catch (const Failure& failure) {
      std::printf("error: %s\n", failure.what());
      code = 1;
    }
  return code;
} catch (const Failure& failure) {
  std::fprintf(stderr, "error: %s\n", failure.what());
  return 1;
}
