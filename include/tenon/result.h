// How tenon reports failures. They are ordinary results, and no function of tenon throws, except
// std::bad_alloc ("Memory", below) and what continuations of the program threw (`Task::then`): an exception
// must not unwind through the engine's frames.
//
// An operation that fails, such as a link, returns a `Result` with all problems that it found, in
// input order. Each is a `Diagnostic`: data with a stable code, a message, a location and hints. The
// library prints nothing; `print_diagnostics` is the text that the `tenon` command prints.
//
//   tenon::Result<tenon::Plan> plan = builder.plan();
//   if (!plan)
//     for (const tenon::Diagnostic& problem : plan.error())
//       if (problem.code == "resolve-no-provider") ...
//
// A call of a guest can also fail after the composition was built without errors: the guest traps,
// runs out of time, or gets arguments of the wrong type. It returns a `CallResult`, which has the
// result or a `CallFailure`.
//
//   tenon::CallResult<double> sum = (*total)(items);
//   if (!sum && sum.error().kind == tenon::CallFailure::Kind::Deadline) retry();
//   if (!sum) report(tenon::failure_diagnostic(sum.error()));
//
// Memory. If an allocation fails, a function throws std::bad_alloc. Of a call, it may instead end the domain
// of the guest that was running, as a trap. In both cases the object is as before, or can still be used and
// destroyed, nothing stays locked, and the same call can be made again. A builder may have lost the
// setting: call the setter again. A task throws when it is waited for or awaited, and passes a failure to a
// continuation. Nothing else throws, and functions that are `noexcept` need no memory. What ends the process:
// allocations of the engine, which compiles and runs guests; those of libnats, for units over NATS; and reading or
// writing JSON (values in that form, plans, choices, errors and traces, and what registries, signatures and
// extensions have in it), whose library needs memory to report a failure.
//
// A broken invariant is a bug of tenon and not an error in its input. The library checks its
// invariants in release builds too, and ends the process if one is broken. A program can install a
// handler to log the failure first:
//
//   tenon::set_check_handler([](const char* condition, const char* file, int line) {
//     std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
//     std::abort();
//   });
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

enum class Severity { Error, Warning, Note };

// The place where a problem was found. Each part can be absent. `file` and `unit` describe the same
// input in two ways: the path that the user wrote, and the name of the unit.
struct Location {
  std::string file;                     // as the user wrote it; empty: no file
  std::string unit;                     // name of the unit; empty: none
  std::string item;                     // import, export or key, such as "acme:tax/lib@1.2.0"
  std::optional<std::uint64_t> offset;  // byte offset into `file`
  std::uint32_t line = 0;               // 1-based; 0: not a position in text
  std::uint32_t column = 0;             // 1-based, in characters

  bool operator==(const Location&) const = default;
};

// Lines that show the problem: source text with a caret line, or both sides of a difference, marked
// with `-` and `+`.
struct Excerpt {
  std::vector<std::string> lines;

  bool operator==(const Excerpt&) const = default;
};

// A fact that explains a problem, with an optional excerpt.
struct Note {
  std::string text;
  Excerpt excerpt;
  // A second place that is involved, such as a near miss or an earlier definition; for machines,
  // may be empty.
  Location related;

  bool operator==(const Note&) const = default;
};

// The ways to follow a hint, for those who can do so in different places. Empty: not possible there.
struct HintWays {
  std::string program;                // a function of the library: "`CompositionBuilder::set_root`"
  std::string command;                // a flag of the command with its value: "--root app"
  std::vector<std::string> manifest;  // lines of a tenon.toml

  bool operator==(const HintWays&) const = default;
};

// A way to fix a problem. As a string, it is the text for a program that uses the library. The
// command prints the flags that it has instead of functions, and lines for a tenon.toml where one
// is in use.
struct Hint {
  std::string text;  // what to do: "make `app` the root"
  HintWays ways;     // how; nothing: `text` says it

  Hint() = default;
  Hint(const char* what);
  explicit Hint(std::string_view what) : text(what) {}
  Hint(std::string what, HintWays how = {});
  operator std::string() const { return ways.program.empty() ? text : text + ": " + ways.program; }

  bool operator==(const Hint&) const = default;
};

// One problem.
struct Diagnostic {
  // A stable, kebab-case code from docs/diagnostics.md, such as "resolve-cycle".
  // Lifetime: static.
  std::string_view code;
  Severity severity = Severity::Error;
  // States the problem and what was expected. Names are in backticks, the first word is in lower
  // case, and there is no full stop.
  std::string message;
  Location where;
  Excerpt excerpt;
  std::vector<Note> notes;
  // Ways to fix the problem; each can be applied as written.
  std::vector<Hint> hints;

  bool operator==(const Diagnostic&) const = default;
};

// Problems in input order. Never empty as the error of a `Result`.
using Diagnostics = std::vector<Diagnostic>;

// Returns the problems as text for people, in lines: each with its code, place, notes and hints, and
// at the end how many errors there are. Control characters are escaped.
// Thread: any.
[[nodiscard]] std::string print_diagnostics(const Diagnostics& problems);

// Returns the explanation of a code as Markdown without a heading; empty if the code is unknown.
// Lifetime: static. Thread: any.
std::string_view explain_code(std::string_view code);

// Returns all diagnostic codes, sorted.
// Lifetime: static. Thread: any.
std::vector<std::string_view> all_diagnostic_codes();

namespace detail {
struct Nothing {};
}  // namespace detail

// A `T` or a failure `E`, which by default is a non-empty list of `Diagnostic`.
// T: the value; must be movable. E: the failure; must differ from T.
// Reading `*result` of a failure, or `error()` of a success, ends the process.
template <class T, class E = Diagnostics>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : value_(std::move(value)), has_value_(true) {}
  Result(E error) : error_(std::move(error)) {}
  // Makes a list with one problem.
  Result(Diagnostic problem)
    requires std::same_as<E, Diagnostics>
      : Result(list_of(std::move(problem))) {}

  Result(Result&& other) noexcept { take(std::move(other)); }
  Result(const Result& other)
    requires std::copy_constructible<T> && std::copy_constructible<E>
  {
    take(other);
  }
  Result& operator=(Result&& other) noexcept {
    if (this != &other) {
      destroy();
      take(std::move(other));
    }
    return *this;
  }
  Result& operator=(const Result& other)
    requires std::copy_constructible<T> && std::copy_constructible<E>
  {
    *this = Result(other);
    return *this;
  }
  ~Result() { destroy(); }

  [[nodiscard]] bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value_; }

  T& operator*() & { return *checked_value(); }
  const T& operator*() const& { return *checked_value(); }
  T&& operator*() && { return std::move(*checked_value()); }
  T* operator->() { return checked_value(); }
  const T* operator->() const { return checked_value(); }

  E& error() & { return *checked_error(); }
  const E& error() const& { return *checked_error(); }
  E&& error() && { return std::move(*checked_error()); }

 private:
  static E list_of(Diagnostic problem) {
    E list;
    list.push_back(std::move(problem));
    return list;
  }

  const T* checked_value() const {
    if (!has_value_) std::abort();
    return &value_;
  }
  const E* checked_error() const {
    if (has_value_) std::abort();
    return &error_;
  }
  T* checked_value() { return const_cast<T*>(std::as_const(*this).checked_value()); }
  E* checked_error() { return const_cast<E*>(std::as_const(*this).checked_error()); }

  // REQUIRES: neither member is alive
  template <class Other>
  void take(Other&& other) {
    has_value_ = other.has_value_;
    if (has_value_)
      std::construct_at(&value_, std::forward<Other>(other).value_);
    else
      std::construct_at(&error_, std::forward<Other>(other).error_);
  }
  void destroy() {
    if (has_value_)
      std::destroy_at(&value_);
    else
      destroy_error();
  }
  // Failures are rare: keep the code that frees one out of line.
  [[gnu::cold, gnu::noinline]] void destroy_error() { std::destroy_at(&error_); }

  union {
    T value_;
    E error_;
  };
  bool has_value_ = false;
};

// A success without a value, or a failure: `return {};` is the success.
template <class E>
class [[nodiscard]] Result<void, E> : Result<detail::Nothing, E> {
  using Base = Result<detail::Nothing, E>;

 public:
  using value_type = void;
  using error_type = E;

  Result() : Base(detail::Nothing()) {}
  using Base::Base;

  using Base::error;
  using Base::has_value;
  using Base::operator bool;
};

// A failed call: what kind of failure it was, where it happened, and the stack of the guest.
struct CallFailure {
  enum class Kind : std::uint8_t {
    Trap,        // the guest trapped
    OpenImport,  // the guest called an open import, or one that a wire makes trap; see `import`
    Deadline,    // the call, or the run that it belongs to, exceeded its time limit
    Ended,       // the function's domain had already ended; `message` describes its first failure
    // the call would enter a domain that is busy with a call of its own, or wait for a thread that
    // waits for this one
    Reentrance,
    Engine,       // the engine refused the call
    BadCall,      // the guest was not entered; see `problems`
    GuestError,   // a packr package returned an error; the package keeps running
    Interrupted,  // `Composition::interrupt` ended the call
    Deadlock,     // nothing that the call waits for can happen any more; see `waits`
    Remote,       // a call of a remote unit: its peer was not reached, or gave no valid answer
    Refused,      // middleware did not make the call, or not return its result
  };
  struct Frame {
    std::string unit;                     // empty: the host or an adapter
    std::string function;                 // demangled, from the guest's name section; may be empty
    std::string module;                   // name of the core module; may be empty
    std::optional<std::uint64_t> offset;  // in bytes, into the unit's component
    std::string source = {};              // "tax.c:7:3", if the unit contains debug information
    // Index in the core module's function index space, imports included, as printed by `wasm-tools
    // print`. Absent: the frame is not in a guest.
    std::optional<std::uint32_t> function_index = {};
    bool operator==(const Frame&) const = default;
  };
  Kind kind = Kind::Trap;
  std::string unit;              // the unit that failed; empty: unknown
  std::string function;          // the function that was called
  std::string message;           // "wasm `unreachable` instruction executed"
  std::string import;            // OpenImport: name of the import
  std::vector<Frame> backtrace;  // innermost first
  // BadCall: why the guest was not entered: run-no-function, run-ambiguous-function,
  // run-no-command; type-unsupported-value, type-too-large; value-type, value-label, value-handle,
  // value-too-large.
  Diagnostics problems;
  // The limits that ended the call, or for a Trap may have (`memory`), named as in a manifest
  // ("call-timeout"), and the domain that they belong to. Empty: no limit is involved.
  std::vector<std::string> limits = {};
  std::string domain = {};
  // Deadline and Reentrance: the guest was not entered, because another thread was in its
  // composition and did not leave in time or waits for this thread.
  bool is_wait = false;
  // Deadlock, and a Deadline that passed while the call waited: what all tasks of the composition
  // wait for, such as "`total` of `cart` waits for `acme:tax/lib#rate` of `tax`".
  std::vector<std::string> waits = {};
  // OpenImport: the wire that makes calls of the import trap, such as "app:acme:log/log=(trap)". Empty:
  // nothing provides it.
  std::string wire = {};
};

// Converts a failure to a diagnostic, with the backtrace as a note. Its code is run-trap,
// run-open-import, run-deadline, run-deadlock, run-ended, run-reentrance, run-guest-error,
// run-interrupted, run-remote, run-refused or run-engine. A BadCall becomes the first of its
// `problems`, with the others as notes.
[[nodiscard]] Diagnostic failure_diagnostic(const CallFailure& failure);

template <class T>
using CallResult = Result<T, CallFailure>;

// The failure of a function that the program provides (tenon/host.h). It ends the call of the guest and the guest's
// domain.
struct Trap {
  std::string message;
};
template <class T>
using HostResult = Result<T, Trap>;

// Receives the broken condition and its source location. Must end the process.
using CheckHandler = void (*)(const char* condition, const char* file, int line);

// Replaces the handler. The default writes nothing and calls std::abort.
// Thread: any; preferably at startup.
void set_check_handler(CheckHandler handler);

// Calls the handler, and aborts if it returns.
[[noreturn]] void fail_check(const char* condition, const char* file, int line);

}  // namespace tenon
