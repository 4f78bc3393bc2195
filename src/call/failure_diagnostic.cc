#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "call/bounds.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "tenon/result.h"

namespace tenon {

namespace {

using Frames = std::span<const CallFailure::Frame>;

// The most rows that are shown, and the longest cycle that is looked for.
constexpr std::size_t kShownRows = 20;
constexpr std::size_t kLongestCycle = 8;

// "lookup, function 34"
std::string describe_function(const CallFailure::Frame& frame) {
  if (!frame.function_index) return frame.function.empty() ? "(no name)" : frame.function;
  const std::string number = fmt::format("function {}", *frame.function_index);
  return frame.function.empty() ? number : fmt::format("{}, {}", frame.function, number);
}

std::string format_frame(std::size_t number, const CallFailure::Frame& frame, std::size_t width) {
  const std::string unit = frame.unit.empty() ? "(host)" : frame.unit;
  std::string text =
      fmt::format("{:>2}: {}  {}", number, pad_right(unit, width), describe_function(frame));
  if (!frame.module.empty()) text += fmt::format("  in {}", frame.module);
  if (!frame.source.empty()) text += fmt::format("  at {}", frame.source);
  if (frame.offset) text += fmt::format("  (byte {:#x})", *frame.offset);
  return text;
}

// A run of frames that repeats, as recursion leaves it.
struct Cycle {
  std::size_t length = 1;
  std::size_t times = 1;
};

// The shortest cycle at the start of `frames` that occurs at least three times; else one frame.
Cycle find_cycle(Frames frames) {
  for (std::size_t length = 1; length <= kLongestCycle && 2 * length < frames.size(); ++length) {
    std::size_t times = 1;
    while ((times + 1) * length <= frames.size() &&
           std::ranges::equal(frames.first(length), frames.subspan(times * length, length)))
      ++times;
    if (times > 2) return {length, times};
  }
  return {};
}

Note backtrace_note(const std::vector<CallFailure::Frame>& frames) {
  std::size_t width = 0;
  for (const CallFailure::Frame& frame : frames)
    width = std::max(width, frame.unit.empty() ? 6 : display_width(sanitize_text(frame.unit)));
  Note note;
  note.text = "backtrace, innermost first";
  std::size_t at = 0;
  for (std::size_t rows = 0; at < frames.size() && rows < kShownRows;) {
    const Cycle cycle = find_cycle(Frames(frames).subspan(at));
    for (std::size_t i = 0; i < cycle.length; ++i, ++rows)
      note.excerpt.lines.push_back(format_frame(at + i, frames[at + i], width));
    at += cycle.length * cycle.times;
    if (cycle.times > 1)
      note.excerpt.lines.push_back(fmt::format(
          "    {}, {} more times",
          cycle.length == 1 ? std::string("the same") : fmt::format("these {}", cycle.length),
          cycle.times - 1));
  }
  if (at < frames.size())
    note.excerpt.lines.push_back(fmt::format("    and {} more", frames.size() - at));
  if (frames.size() >= limits::kBacktraceFrames)
    note.excerpt.lines.emplace_back("    and more, which were not recorded");
  return note;
}

Note waits_note(const std::vector<std::string>& waits) {
  Note note;
  note.text = "what waits";
  for (std::size_t i = 0; i < std::min(waits.size(), kShownRows); ++i)
    note.excerpt.lines.push_back(fmt::format("    {}", waits[i]));
  if (waits.size() > kShownRows)
    note.excerpt.lines.push_back(fmt::format("    and {} more", waits.size() - kShownRows));
  return note;
}

// Whose limit it is: "the domain `tax`".
std::string describe_limited(const CallFailure& failure, std::string_view limit) {
  if (limit == call::kRemoteTimeout) return fmt::format("the remote unit `{}`", failure.unit);
  if (limit == call::kRequestTimeout) return "HTTP requests";
  return failure.domain.empty() ? "the root's domain"
                                : fmt::format("the domain `{}`", failure.domain);
}

// The hint that raises a limit. more: "if it needs more time".
Hint hint_at_limit(const CallFailure& failure, std::string_view limit, std::string_view more) {
  const bool is_remote = limit == call::kRemoteTimeout;
  const bool is_http = limit == call::kRequestTimeout;
  const std::string key(is_remote ? "timeout" : limit);
  std::string member = key;
  std::ranges::replace(member, '-', '_');
  HintWays ways;
  ways.program = is_http ? std::string("in `[http]` of a manifest")
                         : fmt::format("`{}::{}`", is_remote ? "RemoteOptions" : "Limits", member);
  // The flags limit the root's domain.
  const bool is_main = failure.domain.empty() || failure.domain == "main";
  if (!is_remote && (key == "timeout" || (is_main && (key == "fuel" || key == "memory"))))
    ways.command = fmt::format("--{} {}", key,
                               key == "timeout"  ? "DURATION"
                               : key == "memory" ? "SIZE"
                                                 : "N");
  ways.manifest = {is_http                  ? std::string("[http]")
                   : is_remote              ? fmt::format("[remotes.{}]", failure.unit)
                   : failure.domain.empty() ? std::string("[domains.main]")
                                            : fmt::format("[domains.{}]", failure.domain),
                   fmt::format("{} = ...", key)};
  return {fmt::format("{}, raise `{}` of {}", more, key, describe_limited(failure, limit)),
          std::move(ways)};
}

void add_limits(Diagnostic& problem, const CallFailure& failure) {
  for (const std::string& limit : failure.limits) {
    switch (failure.kind) {
      case CallFailure::Kind::Deadline:
        problem.hints.push_back(hint_at_limit(failure, limit, "if it needs more time"));
        break;
      case CallFailure::Kind::Trap:
        if (limit == "fuel")
          problem.hints.push_back(hint_at_limit(failure, limit, "if it needs more fuel"));
        else
          problem.notes.push_back(
              {fmt::format("a guest that gets no more memory may trap so: the limit is `{}` of {}",
                           limit, describe_limited(failure, limit)),
               {},
               {}});
        break;
      case CallFailure::Kind::Engine:
        problem.hints.push_back(hint_at_limit(failure, limit, "if it needs more"));
        break;
      case CallFailure::Kind::Deadlock:
      case CallFailure::Kind::OpenImport:
      case CallFailure::Kind::Ended:
      case CallFailure::Kind::Reentrance:
      case CallFailure::Kind::BadCall:
      case CallFailure::Kind::GuestError:
      case CallFailure::Kind::Interrupted:
      case CallFailure::Kind::Remote:
      case CallFailure::Kind::Refused:
        break;
    }
  }
}

bool is_peer_absent(const CallFailure& failure) {
  return failure.kind == CallFailure::Kind::Remote &&
         failure.message.find(call::kNothingListens) != std::string::npos;
}

bool is_remote_timeout(const CallFailure& failure) {
  return failure.limits.size() == 1 && failure.limits.front() == call::kRemoteTimeout;
}

// The first, with the others as notes.
Diagnostic describe_problems(const CallFailure& failure) {
  Diagnostic problem = failure.problems.front();
  if (!failure.function.empty())
    problem.message = fmt::format("`{}` was not called: {}", failure.function, problem.message);
  for (std::size_t i = 1; i < failure.problems.size(); ++i) {
    const Diagnostic& more = failure.problems[i];
    problem.notes.push_back({fmt::format("and `{}`: {}", more.where.item, more.message), {}, {}});
    problem.hints.insert(problem.hints.end(), more.hints.begin(), more.hints.end());
  }
  return problem;
}

// A call that was not made because another thread did not leave the composition.
Diagnostic describe_wait(const CallFailure& failure, const std::string& function) {
  const bool is_late = failure.kind == CallFailure::Kind::Deadline;
  Diagnostic problem = make_diagnostic(is_late ? Code::RunDeadline : Code::RunReentrance,
                                       "a call{} was not made: {}", function, failure.message);
  if (!is_late)
    problem.hints.emplace_back(
        "let the threads call in one direction: what one calls must not call back into a "
        "composition whose thread waits for it");
  return problem;
}

// Reads the engine's message for a memory that starts larger than the limit: its size in pages.
std::optional<std::uint64_t> find_needed_pages(std::string_view message) {
  constexpr std::string_view kBefore = "memory minimum size of ";
  constexpr std::string_view kAfter = " pages exceeds memory limits";
  const std::size_t at = message.find(kBefore);
  if (at == message.npos) return std::nullopt;
  const std::string_view rest = message.substr(at + kBefore.size());
  std::uint64_t pages = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), pages);
  const bool is_it = error == std::errc() && pages < (std::uint64_t{1} << 32U) &&
                     rest.substr(static_cast<std::size_t>(end - rest.data())).starts_with(kAfter);
  return is_it ? std::optional(pages) : std::nullopt;
}

// unit: the caller.
Diagnostic describe_open_import(const CallFailure& failure, const std::string& unit) {
  const std::string& import = failure.import;
  Diagnostic problem = make_diagnostic(
      Code::RunOpenImport, "{} called {}, {}", unit, failure.message,
      failure.wire.empty() ? std::string("which no unit provides")
                           : fmt::format("which the wire `{}` makes trap", failure.wire));
  if (failure.wire.empty()) {
    problem.hints.emplace_back(fmt::format("add a component that exports `{}`", import),
                               HintWays{.program = "`add_component`",
                                        .command = "--with FILE",
                                        .manifest = {"[components.NAME]", "path = \"FILE\""}});
  } else {
    problem.hints.emplace_back(
        fmt::format("give that wire a unit that exports `{}`, instead of `trap`", import),
        HintWays{.program = "`Wire::provider`",
                 .command = {},
                 .manifest = {"[[wire]]", fmt::format("import = \"{}\"", import),
                              "provider = \"UNIT\""}});
  }
  return problem;
}

Diagnostic describe_kind(const CallFailure& failure) {
  const std::string unit = failure.unit.empty() ? "a unit" : fmt::format("`{}`", failure.unit);
  const std::string function =
      failure.function.empty() ? std::string() : fmt::format(" in `{}`", failure.function);
  if (failure.is_wait) return describe_wait(failure, function);
  switch (failure.kind) {
    case CallFailure::Kind::Trap:
      return make_diagnostic(Code::RunTrap, "{} trapped{}: {}", unit, function, failure.message);
    case CallFailure::Kind::OpenImport:
      return describe_open_import(failure, unit);
    case CallFailure::Kind::Deadlock: {
      Diagnostic problem =
          make_diagnostic(Code::RunDeadlock, "a call{} cannot end: {}", function, failure.message);
      problem.hints.emplace_back(
          "let one of them go on without the other: start both calls before waiting for one, or "
          "write and read a stream in tasks of their own");
      return problem;
    }
    case CallFailure::Kind::Remote: {
      Diagnostic problem = make_diagnostic(Code::RunRemote, "`{}` of {} failed {}",
                                           failure.function, unit, failure.message);
      problem.hints.emplace_back(
          is_peer_absent(failure)
              ? "start the peer first: `tenon serve TARGET --listen ADDRESS`"
              : "look at the output of the peer: `tenon serve` prints what it serves, and each "
                "call that fails");
      return problem;
    }
    case CallFailure::Kind::Refused: {
      Diagnostic problem = failure.function.empty()
                               ? make_diagnostic(Code::RunRefused, "{}", failure.message)
                               : make_diagnostic(Code::RunRefused, "a call of `{}` was refused: {}",
                                                 failure.function, failure.message);
      problem.hints.emplace_back(
          "to let the caller go on, give its wire `on-failure` or the function a string error");
      return problem;
    }
    case CallFailure::Kind::Interrupted:
      return make_diagnostic(Code::RunInterrupted, "{} was stopped{}: {}", unit, function,
                             failure.message);
    case CallFailure::Kind::Deadline:
      if (is_remote_timeout(failure))
        return make_diagnostic(Code::RunDeadline, "`{}` of {} failed {}", failure.function, unit,
                               failure.message);
      return make_diagnostic(Code::RunDeadline, "{} was stopped{}: {}", unit, function,
                             failure.message);
    case CallFailure::Kind::Ended: {
      Diagnostic problem =
          make_diagnostic(Code::RunEnded, "a call{} was not made: {}", function, failure.message);
      problem.hints.emplace_back(
          "give the domain another life: `restart = { on-trap = true, max = 3 }` in its table, or "
          "a "
          "greater `max`");
      return problem;
    }
    case CallFailure::Kind::Reentrance: {
      Diagnostic problem = make_diagnostic(Code::RunReentrance, "a call{} was not made: {}",
                                           function, failure.message);
      problem.hints.emplace_back(
          "let the unit that is called last return what it would call for, or move that function "
          "to "
          "a third unit");
      return problem;
    }
    case CallFailure::Kind::GuestError: {
      Diagnostic problem = make_diagnostic(Code::RunGuestError, "{} refused a call{}: {}", unit,
                                           function, failure.message);
      problem.hints.emplace_back("look at what the function takes: `tenon inspect FILE`");
      return problem;
    }
    case CallFailure::Kind::BadCall:
      if (!failure.problems.empty()) return describe_problems(failure);
      [[fallthrough]];
    case CallFailure::Kind::Engine:
      if (const auto pages = find_needed_pages(failure.message))
        return make_diagnostic(
            Code::RunEngine,
            "{} could not start: it needs {} KiB of memory, more than is left of the "
            "`memory` of its domain",
            unit, *pages * 64);
      return make_diagnostic(Code::RunEngine, "{} could not be called{}: {}", unit, function,
                             failure.message);
  }
  return {};
}

}  // namespace

Diagnostic failure_diagnostic(const CallFailure& failure) {
  Diagnostic problem = describe_kind(failure);
  if (problem.where.unit.empty()) problem.where.unit = failure.unit;
  if (problem.where.item.empty()) problem.where.item = failure.function;
  // Without a peer, it does not matter who called.
  if (!failure.backtrace.empty() && !is_peer_absent(failure))
    problem.notes.push_back(backtrace_note(failure.backtrace));
  if (!failure.waits.empty()) problem.notes.push_back(waits_note(failure.waits));
  add_limits(problem, failure);
  return problem;
}

}  // namespace tenon
