#include "bindgen/cpp_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenon::bindgen {

namespace {

// Keywords of C and C++; `std` and `tenon`, which generated code names; macros that common headers
// and compilers define. Sorted.
constexpr auto kTaken = std::to_array<std::string_view>({
    "alignas",      "alignof",   "and",           "and_eq",       "asm",
    "assert",       "auto",      "bitand",        "bitor",        "bool",
    "break",        "case",      "catch",         "char",         "char16_t",
    "char32_t",     "char8_t",   "class",         "co_await",     "co_return",
    "co_yield",     "compl",     "complex",       "concept",      "const",
    "const_cast",   "consteval", "constexpr",     "constinit",    "continue",
    "decltype",     "default",   "delete",        "do",           "double",
    "dynamic_cast", "else",      "enum",          "errno",        "explicit",
    "export",       "extern",    "false",         "float",        "for",
    "friend",       "goto",      "i386",          "if",           "inline",
    "int",          "linux",     "long",          "main",         "mutable",
    "namespace",    "new",       "noexcept",      "not",          "not_eq",
    "nullptr",      "offsetof",  "operator",      "or",           "or_eq",
    "private",      "protected", "public",        "register",     "reinterpret_cast",
    "requires",     "restrict",  "return",        "short",        "signed",
    "sizeof",       "static",    "static_assert", "static_cast",  "std",
    "stderr",       "stdin",     "stdout",        "struct",       "switch",
    "template",     "tenon",     "this",          "thread_local", "throw",
    "true",         "try",       "typedef",       "typeid",       "typename",
    "typeof",       "union",     "unix",          "unsigned",     "using",
    "virtual",      "void",      "volatile",      "wchar_t",      "while",
    "xor",          "xor_eq",
});
static_assert(std::is_sorted(kTaken.begin(), kTaken.end()));

}  // namespace

std::string snake_words(std::string_view label) {
  std::string made(label);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '_';
  }
  return made;
}

std::string snake_name(std::string_view label) {
  std::string made = snake_words(label);
  if (std::binary_search(kTaken.begin(), kTaken.end(), std::string_view(made))) made += '_';
  return made;
}

std::string Names::take(std::string name) {
  while (!taken_.insert(name).second) name += '_';
  return name;
}

}  // namespace tenon::bindgen
