// `tenon host pack`: a host bundle as one file.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/host_flags.h"
#include "cli/output.h"
#include "cli/render_hosts.h"
#include "cli/tar_file.h"
#include "tenon/host_bundle.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

// Its files in a folder of its name: unpacked in a folder of bundles it is found by that.
Result<std::string> archive_of(HostPackage& package) {
  std::vector<TarFile> files;
  for (HostPackageFile& file : package.files)
    files.push_back({package.bundle.name + '/' + file.path, std::move(file.content)});
  return make_tar_gz(files);
}

std::string file_name_of(const HostBundle& bundle) {
  return fmt::format("{}{}.tar.gz", bundle.name,
                     bundle.version.empty() ? "" : '-' + bundle.version);
}

}  // namespace

int host_pack_command(Session& session, Words words) {
  CommandLine line("Write a host bundle to one file, to give away", "tenon host pack");
  std::string bundle;
  std::vector<std::string> added;
  std::string output;
  HostFlags hosts;
  OutputFormat format = OutputFormat::Human;
  line.add_option("bundle", bundle, "Folder of a bundle, or a name that a link would find")
      .type_name("BUNDLE");
  line.add_option("--add", added, "A file or folder in the bundle, to be packed as well")
      .type_name("PATH")
      .one_value_each();
  line.add_option("-o,--output", output,
                  "File to write, NAME-VERSION.tar.gz if not given; `-` is standard output")
      .type_name("OUT");
  add_host_flags(line, hosts, "Search flags");
  add_format_flags(line, format);
  line.set_footer(
      "In it are host.toml, the WIT, the libraries of all machines and what lies beside them, and\n"
      "README, LICENSE and the like. The same files give the same bytes. None of its code runs:\n"
      "`tenon host check` first.\n\n"
      "Examples:\n"
      "  tenon host pack ./bundles/sqlite\n"
      "  tenon host pack ./bundles/sqlite --add data -o sqlite.tar.gz");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (bundle.empty())
    return report(session, {make_usage_problem("`tenon host pack` needs a bundle",
                                               {"`tenon host pack BUNDLE`"})});
  Result<HostPackage> package = pack_host_bundle(bundle, added, make_host_search(hosts));
  if (!package) return report(session, package.error());
  const std::string shown = format == OutputFormat::Json ? render_host_package_json(*package)
                                                         : render_host_package(*package);
  const Result<std::string> archive = archive_of(*package);
  if (!archive) return report(session, archive.error());
  const std::string to = output.empty() ? file_name_of(package->bundle) : output;
  if (const auto written = write_output(to, *archive, Content::Binary); !written)
    return report(session, written.error());
  if (to == "-") return to_int(ExitCode::Fine);
  print_result(shown);
  if (format == OutputFormat::Human)
    print_result(fmt::format("wrote {}: {} bytes\n", sanitize_text(to), archive->size()));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
