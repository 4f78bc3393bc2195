#include "resolve/hints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace tenon::resolve {

namespace {

std::string quote(std::string_view key, std::string_view value) {
  return fmt::format("{} = \"{}\"", key, value);
}

// filter: "hide" or "expose".
HintWays ways_to_filter(std::string_view filter, const std::string& unit, const std::string& item) {
  return {.program = fmt::format("`{}(\"{}\", \"{}\")`", filter, unit, item),
          .command = fmt::format("--{} {}:{}", filter, unit, item),
          .manifest = {fmt::format("[components.{}]", unit),
                       fmt::format("{} = [\"{}\"]", filter, item)}};
}

}  // namespace

Hint hint_at_wire(std::string text, const ProposedWire& wire) {
  HintWays ways;
  ways.program = fmt::format("`wire({{.consumer = \"{}\", .import = \"{}\", .provider = \"{}\"",
                             wire.consumer, wire.import, wire.provider);
  ways.command = fmt::format("--wire {}:{}={}", wire.consumer, wire.import, wire.provider);
  ways.manifest = {"[[wire]]", quote("consumer", wire.consumer), quote("import", wire.import),
                   quote("provider", wire.provider)};
  if (wire.export_name) {
    ways.program += fmt::format(", .export_name = \"{}\"", *wire.export_name);
    ways.command += ":" + *wire.export_name;
    ways.manifest.push_back(quote("export", *wire.export_name));
  }
  ways.program += "})`";
  return {std::move(text), std::move(ways)};
}

Hint hint_at_chain(const std::string& consumer, const std::string& import,
                   const std::vector<std::string>& members) {
  return {
      fmt::format("put {} in between", members.size() == 1 ? "the middleware" : "the middlewares"),
      {.program = "`wire` with `Wire::via`",
       .command = fmt::format("--via {}:{}={}", consumer, import, fmt::join(members, ",")),
       .manifest = {"[[wire]]", quote("consumer", consumer), quote("import", import),
                    fmt::format("via = [\"{}\"]", fmt::join(members, "\", \""))}}};
}

Hint hint_at_wire_key(std::string text, std::string_view key, const std::string& import,
                      const std::string& provider) {
  return {std::move(text),
          {.program = fmt::format("`wire` with `Wire::{}`", key),
           .command = {},
           .manifest = {"[[wire]]", quote("import", import), quote("provider", provider),
                        fmt::format("{} = true", key)}}};
}

Hint hint_at_root(const std::string& unit) {
  return {fmt::format("make `{}` the root", unit),
          {.program = fmt::format("`set_root(\"{}\")`", unit),
           .command = fmt::format("--root {}", unit),
           .manifest = {"[project]", quote("root", unit)}}};
}

Hint hint_at_export(std::string text, const std::string& unit, const std::string& item,
                    const std::string& as) {
  HintWays ways;
  ways.program = fmt::format("`export_item(\"{}\", \"{}\"", unit, item);
  ways.command = fmt::format("--export {}:{}", unit, item);
  ways.manifest = {"[[export]]", quote("unit", unit), quote("item", item)};
  if (!as.empty()) {
    ways.program += fmt::format(", \"{}\"", as);
    ways.command += "=" + as;
    ways.manifest.push_back(quote("as", as));
  }
  ways.program += ")`";
  return {std::move(text), std::move(ways)};
}

Hint hint_at_hiding(const std::string& unit, const std::string& item) {
  return {fmt::format("hide `{}` of `{}`", item, unit), ways_to_filter("hide", unit, item)};
}

Hint hint_at_exposing(const std::string& unit, const std::string& item) {
  return {fmt::format("expose `{}` of `{}` as well", item, unit),
          ways_to_filter("expose", unit, item)};
}

Hint hint_at_isolation(std::string_view give, const std::string& unit) {
  return {fmt::format("{} `{}` a domain of its own", give, unit),
          {.program = fmt::format("`isolate(\"{}\")`", unit),
           .command = fmt::format("--isolate={}", unit),
           .manifest = {fmt::format("[components.{}]", unit), "isolated = true"}}};
}

}  // namespace tenon::resolve
