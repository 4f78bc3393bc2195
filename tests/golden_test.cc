// Runs the command on every case of tests/golden, and compares its output.
//
// tests/golden/<area>/<case>/ is a folder:
//
//   command           one line: the arguments of tenon, split at spaces; '..' and ".." quote
//   expected.out      standard output (no file: empty)
//   expected.err      standard error (no file: empty)
//   expected.code     exit code (no file: 0)
//   expected.files    names of the files that the command creates (no file: none)
//   server            arguments of a `tenon serve` that runs at the same time
//   stdin             standard input
//   environment       environment variables, one a line, such as `PATH=$DIR`
//   modes             modes of inputs that differ from those of a checkout: `0777 lib/x.so`
//   embedded.err      standard error of the run with embedded code, if it differs (see below)
//   isolated.err      the same for the run with a domain for each unit
//   one-domain        why the units cannot be in domains of their own (see below)
//   without-asan      why the case cannot pass with the address sanitizer
//   NAME.hex          becomes NAME.wasm; `#` begins a comment
//   everything else   inputs, at the same place in the working folder
//
// A case that runs units links them by reference, because its cache is empty. It runs once more with
// embedded code, and once with a domain for each unit, and must give the same output. Backtraces can differ,
// because small functions of other units are inlined in embedded code, and not at all between domains.
//
// A case that links and runs units (see `is_link_case`), unless tenon itself fails, is also planned
// both ways: each direct edge must become a bridged one. tests/support/test_scale.h
// chooses which cases do so. If the units of a case cannot be apart, its file `one-domain` has the
// code of the error, or one of these words:
//   grants    a unit other than the root uses a grant of its domain
//   statuses  the guests check at which moment an operation ends, which differs between domains:
//             what happens within a turn of one domain is seen by the other in its next turn
//   outlives  a guest traps while another one has nothing more to do with it: in domains of their own,
//             the other one returns
// In the area `async`, the second run is made once more without the buffers of streams, which they use
// only after many writes.
//
// They run once more with a process for each unit, which is served to the others over a Unix socket
// (in_processes.py), unless units cannot be apart in this way. The file `one-process` of a case has the
// word `statuses`: its guests check whether a call returns at once, which depends on time then.
//
// These cases run once more with guests that use async functions (`make_async`), whose domains have
// event loops, in one domain and in many.
//
// Each case runs in a temporary copy. In arguments, variables and outputs, `$DIR` is the copy, `$HOME` its
// parent, `$ROOT` the source tree and `$BUILD` the build tree. With a server, `$PORT` is a free port of
// TCP and `$CERTIFICATES` a folder with the files of tests/support/certificates.h. In standard error,
// `$TIME` is the duration at the end of a line of a call trace, and each of those that `--repeat` prints.
// The coordinates of SVG come from Graphviz, so each number is compared as `0`.
//
// BLESS=1 rewrites the expectations.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "tests/support/certificates.h"
#include "tests/support/nats_server.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::vector<std::string> split_arguments(std::string_view line) {
  std::vector<std::string> arguments;
  std::optional<std::string> argument;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      if (!argument) argument = "";
    } else if (quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (argument) arguments.push_back(*std::move(argument));
      argument.reset();
    } else {
      if (!argument) argument = "";
      *argument += c;
    }
  }
  if (argument) arguments.push_back(*std::move(argument));
  return arguments;
}

// Converts text such as "00 61 # magic" to bytes.
std::string decode_hex(std::string_view text) {
  std::string digits;
  bool in_comment = false;
  for (const char c : text) {
    if (c == '#') in_comment = true;
    if (c == '\n') in_comment = false;
    if (!in_comment && std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

// A temporary folder: case/ is the working folder; the outputs and the code cache are beside it.
class Workspace final {
 public:
  Workspace() {
    fs::create_directory(folder());
    variables = {{"$DIR", folder().string()},
                 {"$HOME", root().string()},
                 {"$BUILD", TENON_BINARY_DIR},
                 {"$ROOT", TENON_SOURCE_DIR}};
  }

  // The names of variables in arguments and outputs, and their values.
  std::map<std::string, std::string> variables;

  [[nodiscard]] fs::path root() const { return root_.path(); }
  [[nodiscard]] fs::path folder() const { return root() / "case"; }

  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder()))
      if (!entry.is_directory()) names.insert(entry.path().lexically_relative(folder()).string());
    return names;
  }

 private:
  tenon::TemporaryFolder root_;
};

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
  std::string files;  // names of new files, one per line

  bool operator==(const Outcome&) const = default;
};

std::string replace_root(std::string text) {
  replace_all(text, "$ROOT", TENON_SOURCE_DIR);
  replace_all(text, "$BUILD", TENON_BINARY_DIR);
  return text;
}

// The environment of every case. From the machine, it takes only PATH and the sanitizer options.
std::vector<std::string> make_environment(const Workspace& workspace) {
  std::vector<std::string> environment = {
      "NO_COLOR=1", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + workspace.root().string(),
      "TENON_CACHE_DIR=" + (workspace.root() / "cache").string()};
  for (const char* const name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
                                 "TSAN_OPTIONS", "LLVM_PROFILE_FILE"})
    if (const char* const value = std::getenv(name))
      environment.push_back(std::string(name) + "=" + value);
  // Of two variables with the same name, the first counts.
  std::ifstream lines(workspace.root() / "environment");
  for (std::string line; std::getline(lines, line);) {
    replace_all(line, "$DIR", workspace.folder().string());
    environment.insert(environment.begin(), replace_root(line));
  }
  return environment;
}

std::vector<char*> make_pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void redirect(const fs::path& path, int flags, int descriptor) {
  const int file = ::open(path.c_str(), flags, 0600);
  if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
}

// Replaces attributes that are numbers, such as x="12.5", and whole paths, because the layout also
// decides how many curves a path has.
std::string drop_coordinates(const std::string& svg) {
  static const std::regex kNumbers(" (x|y|width|height)=\"[-0-9.]+\"");
  static const std::regex kPaths(" (viewBox|d)=\"[-0-9. MCh]+\"");
  return std::regex_replace(std::regex_replace(svg, kNumbers, " $1=\"0\""), kPaths, " $1=\"0\"");
}

// Starts tenon in the workspace. wrapper: a command that gets that of tenon as arguments.
pid_t start_tenon(const Workspace& workspace, std::vector<std::string> arguments,
                  const std::vector<std::string>& wrapper, const fs::path& out,
                  const fs::path& err) {
  for (std::string& argument : arguments)
    for (const auto& [name, value] : workspace.variables) replace_all(argument, name, value);
  arguments.insert(arguments.begin(), TENON_BINARY_DIR "/tenon");
  arguments.insert(arguments.begin(), wrapper.begin(), wrapper.end());
  std::vector<std::string> environment = make_environment(workspace);
  const std::vector<char*> argv = make_pointers(arguments);
  const std::vector<char*> envp = make_pointers(environment);
  const fs::path input = workspace.root() / "stdin";
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  redirect(fs::exists(input) ? input : "/dev/null", O_RDONLY, STDIN_FILENO);
  redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (::chdir(workspace.folder().c_str()) != 0) ::_exit(126);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

// `tenon serve` in a workspace, ready and until it is destroyed.
class Server final {
 public:
  Server(Workspace& workspace, std::vector<std::string> arguments) {
    workspace.variables["$PORT"] = std::to_string(tenon::NatsServer::find_port());
    workspace.variables["$CERTIFICATES"] = certificates_.folder();
    const fs::path log = workspace.root() / "server";
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    arguments.insert(arguments.end(), {"--ready-fd", std::to_string(ready[1])});
    arguments.insert(arguments.begin(), "serve");
    process_ = start_tenon(workspace, std::move(arguments), {}, log, log);
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1) << "the server does not start:\n" << read_text(log);
    ::close(ready[0]);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

 private:
  tenon::Certificates certificates_;
  pid_t process_ = 0;
};

// Runs tenon in the workspace and waits for it. wrapper: as for start_tenon.
Outcome run_tenon(const Workspace& workspace, std::vector<std::string> arguments,
                  const std::vector<std::string>& wrapper = {}) {
  const std::set<std::string> before = workspace.files();
  const fs::path out = workspace.root() / "stdout";
  const fs::path err = workspace.root() / "stderr";
  const pid_t child = start_tenon(workspace, std::move(arguments), wrapper, out, err);
  int status = 0;
  ::waitpid(child, &status, 0);

  Outcome outcome;
  outcome.code = WEXITSTATUS(status);
  outcome.out = read_text(out);
  outcome.err = read_text(err);
  for (std::string* const text : {&outcome.out, &outcome.err})
    for (const auto& [name, value] : workspace.variables) replace_all(*text, value, name);
  if (outcome.out.starts_with("<svg ")) outcome.out = drop_coordinates(outcome.out);
  static const std::regex kDuration("  [0-9]+([.][0-9])?(ns|us|ms|s)\n");
  outcome.err = std::regex_replace(outcome.err, kDuration, "  $$TIME\n");
  static const std::regex kCallTimes("(median|p99|min|max) [0-9]+([.][0-9])? (ns|us|ms|s)");
  outcome.err = std::regex_replace(outcome.err, kCallTimes, "$1 $$TIME");
  // An exception on a fiber of the engine, whose stack the sanitizer does not know.
  static const std::regex kFiber(
      "==[0-9]+==WARNING: ASan is ignoring requested [^\n]*\n[^\n]*\n[^\n]*\n");
  if (tenon::kHasAddressSanitizer) outcome.err = std::regex_replace(outcome.err, kFiber, "");
  // A crash and a broken invariant of tenon are never expected, and BLESS must not record them.
  EXPECT_FALSE(WIFSIGNALED(status)) << "tenon was killed by signal " << WTERMSIG(status) << "\n"
                                    << outcome.err;
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 70)
      << "tenon reported an internal error\n"
      << outcome.err;
  for (const std::string& name : workspace.files())
    if (!before.contains(name)) outcome.files += name + "\n";
  return outcome;
}

bool is_blessing() { return std::getenv("BLESS") != nullptr; }

// Writes the expectation; an empty one has no file.
void bless(const fs::path& path, std::string_view text) {
  if (text.empty()) {
    fs::remove(path);
  } else {
    write_text(path, text);
  }
}

bool is_expectation(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "command" || name == "stdin" || name == "one-domain" || name == "without-asan" ||
         name == "modes" || name == "environment" || name == "one-process" || name == "server" ||
         name == "embedded.err" || name == "isolated.err" || name.starts_with("expected.");
}

void copy_case(const fs::path& folder, const Workspace& workspace) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path to = workspace.folder() / entry.path().filename();
    if (entry.path().extension() == ".hex")
      write_text(fs::path(to).replace_extension(".wasm"), decode_hex(read_text(entry.path())));
    else if (!is_expectation(entry.path()))
      fs::copy(entry.path(), to, fs::copy_options::recursive);
  }
  for (const char* const name : {"stdin", "environment"})
    if (fs::exists(folder / name)) fs::copy(folder / name, workspace.root() / name);
  // git stores no modes except the executable bit.
  std::ifstream modes(folder / "modes");
  for (std::string mode, path; modes >> mode >> path;)
    fs::permissions(workspace.folder() / path, static_cast<fs::perms>(std::stoi(mode, nullptr, 8)));
}

// Adds an unused function of the async ABI to every component in a file or folder: WebAssembly text
// becomes a binary, which gets one more section. The domains of these components are concurrent.
// Returns the number of components.
int make_async(const fs::path& path) {
  static constexpr std::string_view kComponent("\0asm\x0d\0\x01", 7);
  static constexpr std::string_view kWaitableSetNew("\x08\x02\x01\x1f", 4);
  int count = 0;
  if (fs::is_directory(path))
    for (const fs::directory_entry& entry : fs::directory_iterator(path))
      count += make_async(entry.path());
  if (!fs::is_regular_file(path)) return count;
  std::string content = read_text(path);
  if (path.extension() == ".wat")
    if (const auto binary = tenon::engine::wat_to_wasm(path.string(), content))
      content.assign(binary->begin(), binary->end());
  if (!content.starts_with(kComponent)) return count;
  write_text(path, content.append(kWaitableSetNew));
  return count + 1;
}

enum class Guests { AsTheyAre, Async };

// Copies a case to the workspace. Returns the arguments of its command.
std::vector<std::string> copy_case(const fs::path& folder, const Workspace& workspace,
                                   Guests guests) {
  copy_case(folder, workspace);
  std::vector<std::string> arguments = split_arguments(read_text(folder / "command"));
  if (guests == Guests::AsTheyAre) return arguments;
  int count = make_async(workspace.folder());
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const fs::path original = replace_root(arguments[i]);
    if (!arguments[i].starts_with("$ROOT") || !fs::exists(original)) continue;
    const fs::path copy = workspace.root() / ("async" + std::to_string(i)) / original.filename();
    fs::create_directories(copy.parent_path());
    fs::copy(original, copy, fs::copy_options::recursive);
    count += make_async(copy);
    arguments[i] = copy;
  }
  EXPECT_GT(count, 1) << "the case has no guests that could be async";
  return arguments;
}

Outcome read_expected(const fs::path& folder) {
  const std::string code = read_text(folder / "expected.code");
  return {code.empty() ? 0 : std::stoi(code), read_text(folder / "expected.out"),
          read_text(folder / "expected.err"), read_text(folder / "expected.files")};
}

void expect_outcome(const Outcome& actual, const Outcome& expected) {
  EXPECT_EQ(actual.code, expected.code) << actual.err;
  EXPECT_EQ(actual.out, expected.out);
  EXPECT_EQ(actual.err, expected.err);
  EXPECT_EQ(actual.files, expected.files);
}

void run_golden_case(const fs::path& folder) {
  const fs::path without_asan = folder / "without-asan";
  if (tenon::kHasAddressSanitizer && fs::exists(without_asan))
    GTEST_SKIP() << read_text(without_asan);
  Workspace workspace;
  const std::vector<std::string> arguments = copy_case(folder, workspace, Guests::AsTheyAre);
  ASSERT_FALSE(arguments.empty()) << folder << " has no command";
  std::optional<Server> server;
  if (fs::exists(folder / "server"))
    server.emplace(workspace, split_arguments(read_text(folder / "server")));
  const Outcome actual = run_tenon(workspace, arguments);
  if (testing::Test::HasFailure()) return;
  if (is_blessing()) {
    bless(folder / "expected.out", actual.out);
    bless(folder / "expected.err", actual.err);
    bless(folder / "expected.files", actual.files);
    bless(folder / "expected.code", actual.code == 0 ? "" : std::to_string(actual.code) + "\n");
    return;
  }
  expect_outcome(actual, read_expected(folder));
}

bool runs_units(const std::vector<std::string>& arguments) {
  return arguments[0] == "run" || arguments[0] == "call";
}

// A second run of a case with other flags, which must give the same output. Standard error can differ, in
// backtraces and in the names of domains: then the file `errors` of the case has it. If the flags are not
// possible for a case, its file `obstacle` has the code of the error.
struct Variant {
  const char* suite;
  std::vector<std::string> flags;
  const char* errors;
  const char* obstacle = "";
};

void run_variant(const fs::path& folder, const Variant& variant) {
  Workspace workspace;
  std::vector<std::string> arguments = copy_case(folder, workspace, Guests::AsTheyAre);
  std::optional<Server> server;
  if (fs::exists(folder / "server"))
    server.emplace(workspace, split_arguments(read_text(folder / "server")));
  arguments.insert(arguments.begin() + 1, variant.flags.begin(), variant.flags.end());
  const Outcome actual = run_tenon(workspace, arguments);
  Outcome expected = read_expected(folder);
  if (fs::is_regular_file(folder / variant.obstacle)) {
    std::string reason = read_text(folder / variant.obstacle);
    reason.pop_back();  // the end of the line
    EXPECT_NE(actual.code, expected.code) << "remove the file `" << variant.obstacle << "`";
    if (reason == "outlives")
      EXPECT_EQ(actual.code, 0) << actual.err;
    else
      EXPECT_NE(actual.err.find("error[" + reason + "]"), std::string::npos) << actual.err;
    return;
  }
  const fs::path other = folder / variant.errors;
  if (is_blessing()) {
    EXPECT_EQ(actual.code, expected.code) << actual.err;
    bless(other, actual.err == expected.err ? "" : actual.err);
  } else {
    if (fs::exists(other)) expected.err = read_text(other);
    expect_outcome(actual, expected);
  }
}

// The first of tenon's own exit codes of a run: the time limit; the others are above it.
constexpr int kFirstOwnCode = 124;

// Whether a command runs several units and does not choose their domains. Middleware separates units.
bool is_link_case(const std::vector<std::string>& arguments) {
  if (!runs_units(arguments)) return false;
  bool has_units = false;
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument.starts_with("--isolate") || argument.starts_with("--trace") ||
        argument.find("=tenon:") != std::string::npos)
      return false;
    // A folder of the source tree has several units.
    has_units = has_units || argument == "--with" ||
                (argument.starts_with("$ROOT") && fs::is_directory(replace_root(argument)));
  }
  return has_units;
}

// The `plan` command for the same link: the target and the link flags of `arguments`.
std::vector<std::string> make_plan_command(const std::vector<std::string>& arguments) {
  static const std::set<std::string_view> kWithValue = {
      "--wire", "--via", "--hide", "--expose", "--export", "--root", "--optional"};
  static const std::set<std::string_view> kAlone = {"--export-all", "--allow-unresolved"};
  std::vector<std::string> plan = {"plan",           "--format", "json",
                                   "--error-format", "human",    arguments[1]};
  for (std::size_t i = 2; i < arguments.size() && arguments[i] != "--"; ++i) {
    const bool has_value = kWithValue.contains(arguments[i]);
    if (has_value || kAlone.contains(arguments[i])) plan.push_back(arguments[i]);
    if ((has_value || arguments[i] == "--with") && i + 1 < arguments.size())
      plan.push_back(arguments[++i]);
  }
  return plan;
}

// The number of edges of a kind in a plan as JSON.
std::size_t count_edges(const Outcome& plan, std::string_view kind) {
  const std::string text = "\"kind\": \"" + std::string(kind) + "\"";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = plan.out.find(text, at)) != std::string::npos; ++at) ++count;
  return count;
}

// Runs a case of `is_link_case` with a domain for each unit.
void run_in_many_domains(const fs::path& folder, Guests guests) {
  const Workspace workspace;
  std::vector<std::string> arguments = copy_case(folder, workspace, guests);
  std::string reason = read_text(folder / "one-domain");  // empty: the units can be apart
  if (!reason.empty()) reason.pop_back();                 // the end of the line
  ASSERT_FALSE(arguments[1].starts_with("-")) << "the target must come first";
  std::vector<std::string> plan = make_plan_command(arguments);
  const Outcome one = run_tenon(workspace, plan);
  ASSERT_EQ(one.code, 0) << one.err;
  const std::size_t edges = count_edges(one, "direct");
  EXPECT_GT(edges, 0U) << one.out;
  EXPECT_EQ(count_edges(one, "bridged"), 0U) << one.out;

  plan.emplace_back("--isolate");
  const Outcome many = run_tenon(workspace, plan);
  if (!reason.empty() && reason != "grants" && reason != "statuses") {
    EXPECT_NE(many.code, 0) << "the units can be apart: remove the file `one-domain`";
    EXPECT_NE(many.err.find("error[" + reason + "]"), std::string::npos) << many.err;
    return;
  }
  ASSERT_EQ(many.code, 0) << many.err;
  EXPECT_EQ(count_edges(many, "direct"), 0U) << many.out;
  EXPECT_EQ(count_edges(many, "bridged"), edges) << many.out;

  const Outcome expected = read_expected(folder);
  arguments.insert(arguments.begin() + 1, "--isolate");
  const Outcome actual = run_tenon(workspace, arguments);
  if (folder.parent_path().filename() == "async" && reason.empty()) {
    arguments.insert(arguments.begin() + 1, {"--stream-buffer", "0B"});
    expect_outcome(run_tenon(workspace, arguments), expected);
  }
  if (reason.empty()) {
    expect_outcome(actual, expected);
    return;
  }
  EXPECT_FALSE(actual == expected) << "the result is the same: remove the file `one-domain`";
  if (reason == "grants") {
    EXPECT_LT(actual.code, kFirstOwnCode) << actual.err;
  }
  // A check of a guest fails, and nothing else.
  if (reason == "statuses") {
    EXPECT_NE(actual.err.find("error[run-trap]"), std::string::npos) << actual.err;
  }
}

// The exit code of in_processes.py for units that cannot be in processes of their own.
constexpr int kNotApart = 77;

// Runs a case of `is_link_case` with a process for each unit, which call each other over Unix sockets.
// Between processes, an operation can end at another moment than in one process. If a guest checks such
// moments, the file `one-process` says `statuses`, and the check may fail; but nothing else may.
void run_in_many_processes(const fs::path& folder) {
  const std::string reason = read_text(folder / "one-process");
  if (fs::exists(folder / "one-domain") || (!reason.empty() && reason != "statuses\n"))
    GTEST_SKIP() << "its units cannot be apart: " << read_text(folder / "one-domain") << reason;
  const Workspace workspace;
  const std::vector<std::string> arguments = copy_case(folder, workspace, Guests::AsTheyAre);
  const Outcome actual = run_tenon(
      workspace, arguments, {"/usr/bin/env", "python3", TENON_SOURCE_DIR "/tests/in_processes.py"});
  if (actual.code == kNotApart) GTEST_SKIP() << actual.err;
  // If the unit has already returned, its caller sees the end of a future instead.
  for (const char* const failed_check : {"wasm `unreachable` instruction executed",
                                         "the writer of a future ended before it wrote a value"})
    if (!reason.empty() && actual.err.find(failed_check) != std::string::npos) return;
  expect_outcome(actual, read_expected(folder));
}

// Runs a case of `is_link_case` with guests that use async functions, in one domain and in many.
void run_with_async_guests(const fs::path& folder) {
  const Workspace workspace;
  const std::vector<std::string> arguments = copy_case(folder, workspace, Guests::Async);
  expect_outcome(run_tenon(workspace, arguments), read_expected(folder));
  if (!testing::Test::HasFailure()) run_in_many_domains(folder, Guests::Async);
}

// The errors in human-readable output that have no hint.
std::vector<std::string> find_errors_without_hint(std::string_view text) {
  std::vector<std::string> errors;
  std::string error;
  bool has_hint = true;
  const auto close = [&] {
    if (!has_hint) errors.push_back(error);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("error[")) {
      close();
      error = line;
      // The fix for a trap is in the guest's code, to which the backtrace leads.
      has_hint = line.starts_with("error[run-trap]");
    }
    if (line.starts_with("   = hint: ")) has_hint = true;
  }
  close();
  return errors;
}

void check_hints(const fs::path& golden) {
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(golden))
    if (file.path().filename() == "expected.err")
      for (const std::string& error : find_errors_without_hint(read_text(file.path())))
        ADD_FAILURE() << file.path() << " has no hint for\n" << error;
}

class GoldenCase : public testing::Test {
 public:
  explicit GoldenCase(std::function<void()> body) : body_(std::move(body)) {}
  void TestBody() override { body_(); }

 private:
  std::function<void()> body_;
};

void register_case(const char* suite, std::string name, std::function<void()> body) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  testing::RegisterTest(suite, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                        [body = std::move(body)]() -> GoldenCase* { return new GoldenCase(body); });
}

std::set<fs::path> list_folder(const fs::path& folder) {
  std::error_code missing;
  std::set<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, missing))
    paths.insert(entry.path());
  return paths;
}

// The folders of the link cases, by name.
std::map<std::string, fs::path> list_link_cases(const fs::path& golden) {
  std::map<std::string, fs::path> cases;
  for (const char* const area : {"run", "call", "async"})
    for (const fs::path& folder : list_folder(golden / area))
      if (read_expected(folder).code < kFirstOwnCode &&
          is_link_case(split_arguments(read_text(folder / "command"))))
        cases.emplace(std::string(area) + "_" + folder.filename().string(), folder);
  return cases;
}

void register_link_cases(const fs::path& golden) {
  const std::map<std::string, fs::path> cases = list_link_cases(golden);
  // Async cases exist for what happens between domains, so all of them run.
  const auto is_async = [](const std::string& name) { return name.starts_with("async_"); };
  std::vector<std::string> names;
  for (const auto& [name, folder] : cases)
    if (!is_async(name)) names.push_back(name);
  const std::vector<std::string> sample = tenon::choose_sample(names);
  const auto add = [&](const char* suite, const std::string& name, std::function<void()> body) {
    if (is_async(name) || std::ranges::find(sample, name) != sample.end())
      register_case(suite, name, std::move(body));
    else
      register_case(suite, name, [] { GTEST_SKIP() << tenon::kOutOfSample; });
  };
  for (const auto& [name, folder] : cases) {
    add("many_domains", name, [root = folder] { run_in_many_domains(root, Guests::AsTheyAre); });
    add("many_processes", name, [root = folder] { run_in_many_processes(root); });
    if (!is_async(name))
      add("async_guests", name, [root = folder] { run_with_async_guests(root); });
  }
}

// Registers the second runs of all cases that run units, unless a word of the command begins with the first
// flag. others: cases that run with the flags elsewhere.
void register_variant(const fs::path& golden, const Variant& variant,
                      const std::map<std::string, fs::path>& others = {}) {
  const auto leaves_open = [&](const std::vector<std::string>& arguments) {
    const auto end = std::ranges::find(arguments, "--");
    return runs_units(arguments) && std::none_of(arguments.begin(), end, [&](const auto& word) {
             return word.starts_with(variant.flags.front());
           });
  };
  std::map<std::string, fs::path> cases;
  for (const char* const area : {"run", "call", "async"})
    for (const fs::path& folder : list_folder(golden / area))
      if (leaves_open(split_arguments(read_text(folder / "command"))))
        cases.emplace(std::string(area) + "_" + folder.filename().string(), folder);
  std::erase_if(cases, [&](const auto& entry) { return others.contains(entry.first); });
  std::vector<std::string> names;
  for (const auto& [name, folder] : cases) names.push_back(name);
  // They take long under a sanitizer.
  if (tenon::kHasAddressSanitizer) names = tenon::choose_sample(names);
  for (const auto& [name, folder] : cases) {
    if (std::ranges::find(names, name) != names.end())
      register_case(variant.suite, name, [root = folder, variant] { run_variant(root, variant); });
    else
      register_case(variant.suite, name, [] { GTEST_SKIP() << tenon::kOutOfSample; });
  }
}

void register_cases() {
  const fs::path golden = fs::path(TENON_SOURCE_DIR) / "tests/golden";
  for (const fs::path& area : list_folder(golden))
    for (const fs::path& folder : list_folder(area))
      if (fs::is_directory(folder))
        register_case("golden", area.filename().string() + "_" + folder.filename().string(),
                      [folder] { run_golden_case(folder); });
  register_variant(golden, {"embedded", {"--link-form", "embedded"}, "embedded.err"});
  register_variant(golden, {"isolated", {"--isolate"}, "isolated.err", "one-domain"},
                   list_link_cases(golden));
  register_link_cases(golden);
  register_case("golden", "every_error_has_a_hint", [golden] { check_hints(golden); });
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  register_cases();
  return RUN_ALL_TESTS();
}
