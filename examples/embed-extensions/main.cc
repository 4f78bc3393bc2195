// An editor with plugins. The plugins are extensions, and the editor has a store of its own.
//
//   editor add PLUGIN...         files and folders; all of them, or none
//   editor remove PLUGIN...
//   editor list
//   editor run TEXT PLUGIN...    runs the plugins in this order, each on the result of the last
//
// The store is in the folder that EDITOR_PLUGINS names, or in `plugins`. The exit code is 1 if a
// change of the store was refused or a plugin failed.
#include <tenon/tenon.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::string_view kPlugin = "editor:app/plugin";

// The document that plugins read and change.
struct Document {
  std::string text;
  std::vector<std::string> said;
};

// Prints code, message and notes. Hints are left out, because they name commands of tenon.
int report(const tenon::Diagnostics& problems) {
  for (const tenon::Diagnostic& problem : problems) {
    std::fprintf(stderr, "error[%s]: %s\n", std::string(problem.code).c_str(),
                 problem.message.c_str());
    for (const tenon::Note& note : problem.notes) std::fprintf(stderr, "  %s\n", note.text.c_str());
  }
  return 1;
}

class Editor final {
 public:
  explicit Editor(const std::string& folder)
      : compiled_(folder + "/compiled"), store_(options(folder)) {}
  // Not copyable: the functions that plugins import refer to this object.
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  int add(const std::vector<std::string>& sources) {
    std::vector<tenon::ExtensionRequest> requests;
    for (const std::string& source : sources) requests.push_back({.source = source});
    const auto added = store_.add(requests);
    if (!added) return report(added.error());
    for (const tenon::AddedExtension& one : *added)
      std::printf("added %s %s\n", one.extension.name.c_str(), one.extension.version.c_str());
    return 0;
  }

  int remove(const std::vector<std::string>& names) {
    const auto removed = store_.remove(names);
    return removed ? 0 : report(removed.error());
  }

  int list() {
    const auto all = store_.list();
    if (!all) return report(all.error());
    for (const tenon::Extension& one : *all)
      std::printf("%s %s (%s): %s\n", one.name.c_str(), one.version.c_str(),
                  is_plugin(one) ? "plugin" : "library", one.description.c_str());
    return 0;
  }

  int run(std::string text, const std::vector<std::string>& names) {
    document_.text = std::move(text);
    int code = 0;
    for (const std::string& name : names) code = std::max(code, run_one(name));
    std::printf("%s\n", document_.text.c_str());
    for (const std::string& line : document_.said) std::printf("-- %s\n", line.c_str());
    return code;
  }

 private:
  tenon::ExtensionOptions options(const std::string& folder) {
    tenon::ExtensionOptions made;
    made.folder = folder;
    made.cache_dir = compiled_;
    // Plugins can use each other through these interfaces.
    made.policy = tenon::ExtensionPolicy{{"editor:*/lib"}};
    made.add_host = [this](tenon::CompositionBuilder& builder) {
      const char* const kDocument = "editor:app/document";
      builder.add_host_function(kDocument, "text", [this] { return document_.text; });
      builder.add_host_function(kDocument, "replace",
                                [this](std::string_view text) { document_.text = text; });
      builder.add_host_function(
          kDocument, "say", [this](std::string_view line) { document_.said.emplace_back(line); });
    };
    return made;
  }

  static bool is_plugin(const tenon::Extension& one) {
    return std::any_of(one.exports.begin(), one.exports.end(), [](std::string_view name) {
      return name.substr(0, name.find('@')) == kPlugin;
    });
  }

  // If the plugin fails in any way, the document is restored.
  int run_one(const std::string& name) {
    const Document before = document_;
    const int code = call(name);
    if (code != 0) document_ = before;
    return code;
  }

  int call(const std::string& name) {
    tenon::Result<tenon::CompositionBuilder> builder = store_.link(name);
    if (!builder) return report(builder.error());
    tenon::BuildOptions wishes;
    wishes.cache_dir = compiled_;
    const tenon::Result<tenon::Composition> plugin = builder->build(wishes);
    if (!plugin) return report(plugin.error());
    const auto run = plugin->function<tenon::Expected<void, std::string>()>(kPlugin, "run");
    if (!run) return report(run.error());
    const auto done = (*run)();
    if (!done) {
      tenon::Diagnostic problem = tenon::failure_diagnostic(done.error());
      // The notes are the backtrace in the plugin, which users of the editor do not need.
      problem.notes.clear();
      return report({problem});
    }
    if (*done) return 0;
    std::fprintf(stderr, "%s: %s\n", name.c_str(), (*done).error().c_str());
    return 1;
  }

  Document document_;
  std::string compiled_;
  tenon::ExtensionStore store_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  const char* const folder = std::getenv("EDITOR_PLUGINS");
  Editor editor(folder != nullptr ? folder : "plugins");
  if (verb == "add" && !words.empty()) return editor.add(words);
  if (verb == "remove" && !words.empty()) return editor.remove(words);
  if (verb == "list" && words.empty()) return editor.list();
  if (verb == "run" && words.size() > 1)
    return editor.run(words.front(), {words.begin() + 1, words.end()});
  std::fputs("usage: editor add|remove PLUGIN... | list | run TEXT PLUGIN...\n", stderr);
  return 2;
}
