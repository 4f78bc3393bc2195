// The verbs. Each parses its words, calls the library, prints the rendered answer, and returns the
// exit code of the process. The table in main.cc lists them.
#pragma once

#include "cli/session.h"

namespace tenon::bindgen {
struct BindgenOptions;
}  // namespace tenon::bindgen

namespace tenon::cli {

class CommandLine;

int run_command(Session& session, Words words);
int call_command(Session& session, Words words);
int shell_command(Session& session, Words words);
int swap_command(Session& session, Words words);
int serve_command(Session& session, Words words);
int init_command(Session& session, Words words);
int add_command(Session& session, Words words);
int plan_command(Session& session, Words words);
int compose_command(Session& session, Words words);
int graph_command(Session& session, Words words);
int inspect_command(Session& session, Words words);
int check_command(Session& session, Words words);
// `tenon pack types|encode|decode|verify`.
int pack_command(Session& session, Words words);
// `tenon bindgen host-cpp|host-c`.
int bindgen_command(Session& session, Words words);
// Adds `--wit`, `--world`, `--offers` and the feature flags, which say what a bundle provides.
void add_bundle_world_flags(CommandLine& line, bindgen::BindgenOptions& options);
// `tenon host list|inspect|check|new|pack`.
int host_command(Session& session, Words words);
// `tenon ext` and its actions, of which these have files of their own.
int ext_command(Session& session, Words words);
int ext_add_command(Session& session, Words words);
int ext_list_command(Session& session, Words words);
int ext_info_command(Session& session, Words words);
int ext_libs_command(Session& session, Words words);
int ext_deps_command(Session& session, Words words);
int ext_run_command(Session& session, Words words);
int ext_call_command(Session& session, Words words);
int ext_upgrade_command(Session& session, Words words);
int ext_search_command(Session& session, Words words);
int ext_publish_command(Session& session, Words words);
int explain_command(Session& session, Words words);
int help_command(Session& session, Words words);
int completions_command(Session& session, Words words);
int trust_command(Session& session, Words words);
// `tenon cache info|clean|warm`.
int cache_command(Session& session, Words words);
int version_command(Session& session, Words words);

// Hidden: `tenon __complete WORD...` prints the candidates for the last word, for the scripts of
// `tenon completions`.
int complete_command(Session& session, Words words);

}  // namespace tenon::cli
