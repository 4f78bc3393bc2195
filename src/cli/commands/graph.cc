#include "cli/graph.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli/commands/verbs.h"
#include "cli/link_request.h"
#include "cli/output.h"
#include "cli/render_graph.h"
#include "cli/render_svg.h"
#include "tenon/composition.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct GraphFlags {
  LinkRequest request;
  std::string format = "tree";
  std::string output = "-";
  std::optional<std::size_t> depth;
  bool wasi = false;
  bool functions = false;
};

void add_flags(CLI::App& app, GraphFlags& flags) {
  app.add_option("components", flags.request.components,
                 "Files, NAME=FILE, folders or globs; none: the tenon.toml here")
      ->type_name("COMPONENT");
  app.add_option("--format", flags.format, "Form of the picture")
      ->type_name("tree|dot|svg|mermaid|json");
  app.add_flag_callback("--json", [&flags] { flags.format = "json"; }, "The same as --format json");
  app.add_option_function<std::string>(
         "--depth",
         [&flags](const std::string& text) {
           const char* const end = text.data() + text.size();
           const auto [read, error] = std::from_chars(text.data(), end, flags.depth.emplace());
           if (error != std::errc() || read != end)
             throw CLI::ValidationError(fmt::format("--depth takes a number, not {}", text));
         },
         "Draw only what is this many edges from the root")
      ->type_name("N");
  app.add_flag("--wasi", flags.wasi, "Draw WASI too");
  app.add_flag("--functions", flags.functions, "Show the functions of each interface");
  add_output_flag(app, flags.output);
  add_link_flags(app, flags.request.flags);
  app.footer(
      "Examples:\n"
      "  tenon graph app.wasm tax.wasm\n"
      "  tenon graph --format svg -o shop.svg app.wasm tax.wasm");
}

Result<std::string> draw(const Graph& graph, const std::string& format, const Style& style) {
  if (format == "tree") return render_graph_tree(graph, style);
  if (format == "dot") return render_graph_dot(graph);
  if (format == "mermaid") return render_graph_mermaid(graph);
  if (format == "json") return dump_json(make_graph_json(graph));
  if (format != "svg")
    return make_usage_problem(
        fmt::format("there is no form `{}` of a graph", sanitize_text(format)),
        {"`--format` takes tree, dot, svg, mermaid or json"});
  if (graph.nodes.size() > kMostPictureNodes)
    return make_usage_problem(
        fmt::format("{} units are too many for a picture of at most {}", graph.nodes.size(),
                    kMostPictureNodes),
        {"`--depth N` draws what is near the root", "`--format dot` is for other programs"});
  return render_graph_svg(graph);
}

}  // namespace

int graph_command(Session& session, Words words) {
  CLI::App app("Draw who uses whom; solid lines are direct calls, dashed bridged, dotted remote",
               "tenon graph");
  GraphFlags flags;
  add_flags(app, flags);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  Result<CompositionBuilder> builder = make_builder(flags.request);
  if (!builder) return report(session, builder.error());
  const Result<Plan> plan = builder->plan();
  report_times(session, builder->times());
  if (!plan) return report(session, plan.error());
  GraphOptions options;
  options.depth = flags.depth;
  if (flags.wasi) options.wasi = ShowWasi::Yes;
  if (flags.functions) options.functions = ShowFunctions::Yes;
  Style style = session.out;
  if (flags.output != "-") style.color = Color::No;
  const Result<std::string> picture = draw(make_graph(*plan, options), flags.format, style);
  if (!picture) return report(session, picture.error());
  const Result<void> written = write_output(flags.output, *picture, Content::Text);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
