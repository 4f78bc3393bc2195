#include "types/difference.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "support/terminal_text.h"
#include "types/print_type.h"

namespace tenon::types {

namespace {

// The number of unchanged lines shown before and after a changed one.
constexpr std::size_t kContext = 2;
// The number of lines shown of one side when whole items are shown.
constexpr std::size_t kItemLines = 12;

struct Line {
  char mark = ' ';  // '-', '+', or a space for a line of both sides
  std::string text;
};

TypeNames names_of(const Types& types, const DifferenceSide& side) {
  return side.instance.is_valid() ? names_of_instance(types, side.instance) : TypeNames{};
}

// Keeps only the names of resources, so that every value type is written out.
TypeNames without_types(TypeNames names) {
  names.types.clear();
  return names;
}

std::string name_of(const TypeNames& names, TypeId id) {
  const auto name = names.types.find(id);
  return name == names.types.end() ? std::string() : name->second;
}

// --- A type with members ---

Declaration declare(const Types& types, const DifferenceSide& side) {
  const TypeNames names = names_of(types, side);
  return print_declaration(types, names, name_of(names, *side.enclosing), *side.enclosing);
}

// Writes out the type of one member. Two members with the same label can read the same although
// their types differ, because both types have the same name.
void write_out(const Types& types, const DifferenceSide& side, const std::string& label,
               Declaration& declaration) {
  const auto at = std::find(declaration.labels.begin(), declaration.labels.end(), label);
  if (at == declaration.labels.end()) return;
  const Declaration written_out =
      print_declaration(types, without_types(names_of(types, side)), "", *side.enclosing);
  const auto index = static_cast<std::size_t>(at - declaration.labels.begin());
  declaration.members[index] = written_out.members[index];
}

// A simple diff of two lists: the common lines at the beginning and end are unchanged, all lines
// between are removed and added.
void add_block(const std::vector<std::string>& expected, const std::vector<std::string>& actual,
               std::vector<Line>& lines) {
  std::size_t before = 0;
  const std::size_t shorter = std::min(expected.size(), actual.size());
  while (before < shorter && expected[before] == actual[before]) ++before;
  std::size_t after = 0;
  while (after < shorter - before &&
         expected[expected.size() - 1 - after] == actual[actual.size() - 1 - after])
    ++after;
  for (std::size_t i = 0; i < before; ++i) lines.push_back({' ', expected[i]});
  for (std::size_t i = before; i < expected.size() - after; ++i)
    lines.push_back({'-', expected[i]});
  for (std::size_t i = before; i < actual.size() - after; ++i) lines.push_back({'+', actual[i]});
  for (std::size_t i = expected.size() - after; i < expected.size(); ++i)
    lines.push_back({' ', expected[i]});
}

std::vector<Line> member_lines(const Types& types, const Difference& difference) {
  Declaration expected = declare(types, difference.expected);
  Declaration actual = declare(types, difference.actual);
  if (expected.head == actual.head && expected.members == actual.members) {
    write_out(types, difference.expected, difference.label, expected);
    write_out(types, difference.actual, difference.label, actual);
  }
  std::vector<Line> lines;
  add_block({expected.head}, {actual.head}, lines);
  if (expected.labels == actual.labels) {
    for (std::size_t i = 0; i < expected.members.size(); ++i)
      add_block({expected.members[i]}, {actual.members[i]}, lines);
  } else {
    add_block(expected.members, actual.members, lines);
  }
  lines.push_back({' ', "}"});
  return lines;
}

// --- A whole item ---

std::vector<std::string> print_side(const Types& types, const TypeNames& names,
                                    const Difference& difference, const DifferenceSide& side) {
  if (!side.item) return {};
  const std::string name = difference.item_path.empty() ? "" : difference.item_path.back();
  std::vector<std::string> lines = print_item(types, names, name, *side.item);
  if (lines.size() <= kItemLines) return lines;
  const std::string last = lines.back();
  lines.resize(kItemLines - 2);
  lines.emplace_back("  ...");
  lines.push_back(last);
  return lines;
}

std::vector<Line> item_lines(const Types& types, const Difference& difference) {
  const TypeNames expected_names = names_of(types, difference.expected);
  const TypeNames actual_names = names_of(types, difference.actual);
  std::vector<std::string> expected =
      print_side(types, expected_names, difference, difference.expected);
  std::vector<std::string> actual = print_side(types, actual_names, difference, difference.actual);
  if (expected == actual) {
    expected = print_side(types, without_types(expected_names), difference, difference.expected);
    actual = print_side(types, without_types(actual_names), difference, difference.actual);
  }
  std::vector<Line> lines;
  for (std::string& line : expected) lines.push_back({'-', std::move(line)});
  for (std::string& line : actual) lines.push_back({'+', std::move(line)});
  return lines;
}

// --- Both ---

// Drops unchanged members that are far from a change. The head and the closing brace stay.
std::vector<Line> cut_around_changes(std::vector<Line> lines) {
  std::vector<bool> keep(lines.size(), false);
  if (!lines.empty()) keep.front() = keep.back() = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const std::size_t begin = i < kContext ? 0 : i - kContext;
    const std::size_t end = std::min(lines.size(), i + kContext + 1);
    std::fill(keep.begin() + static_cast<std::ptrdiff_t>(begin),
              keep.begin() + static_cast<std::ptrdiff_t>(end), true);
  }
  std::vector<Line> kept;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (keep[i])
      kept.push_back(std::move(lines[i]));
    else if (i == 0 || keep[i - 1])
      kept.push_back({' ', "  ..."});
  }
  return kept;
}

// Cuts long runs of lines with the same mark to the first lines and the last.
std::vector<Line> cut_runs(std::vector<Line> lines) {
  std::vector<Line> kept;
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin;
    while (end < lines.size() && lines[end].mark == lines[begin].mark) ++end;
    for (std::size_t i = begin; i < end; ++i) {
      const bool is_middle = i - begin >= kItemLines - 1 && i + 1 < end;
      if (!is_middle)
        kept.push_back(std::move(lines[i]));
      else if (i - begin == kItemLines - 1)
        kept.push_back({lines[i].mark, "  ..."});
    }
    begin = end;
  }
  return kept;
}

Excerpt render(const std::vector<Line>& lines, std::string_view expected_label,
               std::string_view actual_label) {
  const auto first = [&](char mark) {
    return std::find_if(lines.begin(), lines.end(), [&](const Line& l) { return l.mark == mark; });
  };
  const auto first_expected = first('-');
  const auto first_actual = first('+');
  std::size_t width = 0;
  for (const auto& line : {first_expected, first_actual})
    if (line != lines.end()) width = std::max(width, display_width(line->text));
  Excerpt excerpt;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    std::string text = std::string(1, line->mark) + " ";
    if (line == first_expected || line == first_actual)
      text += pad_right(line->text, width) + "  " +
              sanitize_text(line == first_expected ? expected_label : actual_label);
    else
      text += line->text;
    excerpt.lines.push_back(std::move(text));
  }
  return excerpt;
}

}  // namespace

Excerpt show_difference(const Types& types, const Difference& difference,
                        std::string_view expected_label, std::string_view actual_label) {
  const bool has_members = difference.expected.enclosing && difference.actual.enclosing;
  std::vector<Line> lines = has_members ? cut_around_changes(member_lines(types, difference))
                                        : item_lines(types, difference);
  return render(cut_runs(std::move(lines)), expected_label, actual_label);
}

}  // namespace tenon::types
