#include "render/graph.h"

#include <fmt/core.h>

#include <charconv>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/nearby.h"
#include "render/picture.h"
#include "support/terminal_text.h"
#include "tenon/builder.h"

namespace tenon::cli {

namespace {

struct GraphFlags {
  LinkRequest request;
  std::string format = "tree";
  std::string output = "-";
  std::optional<std::size_t> depth;
  bool wasi = false;
  bool functions = false;
  bool no_labels = false;
};

void add_flags(CommandLine& line, GraphFlags& flags) {
  add_component_flags(line, flags.request);
  line.add_option("--format", flags.format, "Format of the picture")
      .type_name("tree|dot|svg|mermaid|json");
  line.add_flag("--json", [&flags] { flags.format = "json"; }, "Same as --format json");
  line.add_option(
          "--depth",
          [&flags](const std::string& text) -> std::string {
            const char* const end = text.data() + text.size();
            const auto [read, error] = std::from_chars(text.data(), end, flags.depth.emplace());
            if (error == std::errc() && read == end) return {};
            return fmt::format("invalid value `{}` for `--depth`, expected a number", text);
          },
          "Draw only units at most N edges from the root")
      .type_name("N");
  line.add_flag("--wasi", flags.wasi, "Draw WASI, too");
  const CommandLine::Option functions =
      line.add_flag("--functions", flags.functions, "Show the functions of each interface");
  line.add_flag("--no-labels", flags.no_labels, "Draw lines without the names of interfaces")
      .excludes(functions);
  add_output_flag(line, flags.output);
  add_link_flags(line, flags.request.flags);
  line.set_footer(
      "Examples:\n"
      "  tenon graph app.wasm tax.wasm\n"
      "  tenon graph --format svg -o shop.svg app.wasm tax.wasm");
}

Result<std::string> draw(const Graph& graph, const std::string& format, const Style& style) {
  if (format == "tree") return render_graph_tree(graph, style);
  if (format == "dot") return render_graph_dot(graph);
  if (format == "mermaid") return render_graph_mermaid(graph);
  if (format == "json") return render_graph_json(graph);
  if (format != "svg")
    return make_usage_problem(
        fmt::format("invalid value `{}` for `--format`", sanitize_text(format)),
        {"expected tree, dot, svg, mermaid or json"});
  if (graph.nodes.size() > kMostPictureNodes)
    return make_usage_problem(
        fmt::format("{} units are too many for a picture, which can have at most {}",
                    graph.nodes.size(), kMostPictureNodes),
        {"`--depth N` draws only the units near the root",
         "`--format dot` writes text for other programs"});
  return render_graph_svg(graph);
}

}  // namespace

int graph_command(Session& session, Words words) {
  CommandLine line(
      "Draw a graph of the linked components; solid lines are direct calls, dashed bridged, dotted "
      "remote",
      "tenon graph");
  GraphFlags flags;
  add_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.no_labels && (flags.format == "tree" || flags.format == "json"))
    return report(session, {make_usage_problem("`--no-labels` is for pictures",
                                               {"add `--format svg`, `dot` or `mermaid`"})});
  Result<CompositionBuilder> builder = make_builder(flags.request);
  if (!builder) return report(session, builder.error());
  const Result<void> checked =
      check_output(flags.output, "-o ", builder->files(), Replaces::NoComponent);
  if (!checked) return report(session, checked.error());
  Result<Plan> plan = builder->plan();
  report_times(session, builder->times());
  if (!plan) {
    suggest_nearby(*builder, flags.request.flags.hosts, plan.error());
    return report(session, plan.error());
  }
  GraphOptions options;
  options.depth = flags.depth;
  if (flags.wasi) options.wasi = ShowWasi::Yes;
  if (flags.functions) options.functions = ShowFunctions::Yes;
  Style style = session.out;
  if (flags.output != "-") style.color = Color::No;
  Graph graph = make_graph(*plan, options);
  if (flags.no_labels)
    for (GraphEdge& edge : graph.edges) edge.items.clear();
  const Result<std::string> picture = draw(graph, flags.format, style);
  if (!picture) return report(session, picture.error());
  const Result<void> written = write_output(flags.output, *picture, Content::Text);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

}  // namespace tenon::cli
