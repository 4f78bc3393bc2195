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
  const auto found = names.types.find(id);
  return found == names.types.end() ? std::string() : found->second;
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
void add_block(const std::vector<std::string>& wanted, const std::vector<std::string>& found,
               std::vector<Line>& lines) {
  std::size_t before = 0;
  const std::size_t shorter = std::min(wanted.size(), found.size());
  while (before < shorter && wanted[before] == found[before]) ++before;
  std::size_t after = 0;
  while (after < shorter - before &&
         wanted[wanted.size() - 1 - after] == found[found.size() - 1 - after])
    ++after;
  for (std::size_t i = 0; i < before; ++i) lines.push_back({' ', wanted[i]});
  for (std::size_t i = before; i < wanted.size() - after; ++i) lines.push_back({'-', wanted[i]});
  for (std::size_t i = before; i < found.size() - after; ++i) lines.push_back({'+', found[i]});
  for (std::size_t i = wanted.size() - after; i < wanted.size(); ++i)
    lines.push_back({' ', wanted[i]});
}

std::vector<Line> member_lines(const Types& types, const Difference& difference) {
  Declaration wanted = declare(types, difference.wanted);
  Declaration found = declare(types, difference.found);
  if (wanted.head == found.head && wanted.members == found.members) {
    write_out(types, difference.wanted, difference.label, wanted);
    write_out(types, difference.found, difference.label, found);
  }
  std::vector<Line> lines;
  add_block({wanted.head}, {found.head}, lines);
  if (wanted.labels == found.labels) {
    for (std::size_t i = 0; i < wanted.members.size(); ++i)
      add_block({wanted.members[i]}, {found.members[i]}, lines);
  } else {
    add_block(wanted.members, found.members, lines);
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
  const TypeNames wanted_names = names_of(types, difference.wanted);
  const TypeNames found_names = names_of(types, difference.found);
  std::vector<std::string> wanted = print_side(types, wanted_names, difference, difference.wanted);
  std::vector<std::string> found = print_side(types, found_names, difference, difference.found);
  if (wanted == found) {
    wanted = print_side(types, without_types(wanted_names), difference, difference.wanted);
    found = print_side(types, without_types(found_names), difference, difference.found);
  }
  std::vector<Line> lines;
  for (std::string& line : wanted) lines.push_back({'-', std::move(line)});
  for (std::string& line : found) lines.push_back({'+', std::move(line)});
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

Excerpt render(const std::vector<Line>& lines, std::string_view wanted_label,
               std::string_view found_label) {
  const auto first = [&](char mark) {
    return std::find_if(lines.begin(), lines.end(), [&](const Line& l) { return l.mark == mark; });
  };
  const auto first_wanted = first('-');
  const auto first_found = first('+');
  std::size_t width = 0;
  for (const auto& line : {first_wanted, first_found})
    if (line != lines.end()) width = std::max(width, display_width(line->text));
  Excerpt excerpt;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    std::string text = std::string(1, line->mark) + " ";
    if (line == first_wanted || line == first_found)
      text += pad_right(line->text, width) + "  " +
              sanitize_text(line == first_wanted ? wanted_label : found_label);
    else
      text += line->text;
    excerpt.lines.push_back(std::move(text));
  }
  return excerpt;
}

}  // namespace

Excerpt show_difference(const Types& types, const Difference& difference,
                        std::string_view wanted_label, std::string_view found_label) {
  const bool has_members = difference.wanted.enclosing && difference.found.enclosing;
  std::vector<Line> lines = has_members ? cut_around_changes(member_lines(types, difference))
                                        : item_lines(types, difference);
  return render(cut_runs(std::move(lines)), wanted_label, found_label);
}

}  // namespace tenon::types
