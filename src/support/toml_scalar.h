// A value of a TOML file that is neither a list nor a table, as `TomlTable` gives it.
#pragma once

#include <string>

#include "tenon/diagnostic.h"

namespace tenon {

enum class TomlKind { Text, Integer, Float, Flag };

struct TomlScalar {
  std::string name;
  TomlKind kind = TomlKind::Text;
  std::string text;  // as TOML writes it, texts without quotes
  Location where;
};

}  // namespace tenon
