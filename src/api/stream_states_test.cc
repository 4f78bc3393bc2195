// Two guests have the two ends of a stream or future and never wait. Scripts of writes, reads,
// cancellations and drops, before and after a call passes the readable end, run in one domain and in
// two, and compare the code that each step returns.
//
// The component model defines these codes exactly if both ends belong to components, so isolation
// must not change them. Where it does, because the engine leaves no other way, `kDifferences` has the
// reason, and docs/domains.md describes it. A difference that the table does not have fails the test,
// and so does a row of the table that no script shows any more.
//
// With a remote peer, an operation ends when the network has passed it on, so its code at once depends
// on time. There each step must have an answer that is possible, and items must come in their order.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/remote.h"
#include "tests/support/sanitizers.h"
#include "tests/support/served.h"
#include "tests/support/temporary_folder.h"

namespace tenon::stream_states_test {
namespace {

using Words = std::vector<std::pair<std::string_view, std::string>>;

std::string fill(std::string_view text, const Words& words) {
  std::string filled(text);
  for (const auto& [from, to] : words)
    for (std::size_t at = 0; (at = filled.find(from, at)) != std::string::npos; at += to.size())
      filled.replace(at, from.size(), to);
  return filled;
}

// One end. Each function returns the code of the canonical ABI, or one of these. A reader adds from
// bit 16 the sum of the items that it got. The items of a writer are the numbers from 1.
constexpr std::uint32_t kBlocked = 0xffffffff;
constexpr std::uint32_t kForbidden = 0xfffffffe;  // the step would trap, and is left out
constexpr std::uint32_t kNoEvent = 0xfffffffd;

// KIND: stream or future. ROLE: write or read. CLOSE: drop-writable or drop-readable.
// COUNT: the parameter of a stream's operations for the number of items.
constexpr std::string_view kEnd = R"(
  (core module $libc
    (memory (export "memory") 4)
    (data (i32.const 2048) "\00\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f")
    (global $free (mut i32) (i32.const 65536))
    (func (export "reset") (global.set $free (i32.const 65536)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $new (canon KIND.new $items))
  (core func $transfer (canon KIND.ROLE $items async (memory $memory) OPTIONS))
  (core func $cancel (canon KIND.cancel-ROLE $items ASYNC))
  (core func $close (canon KIND.CLOSE $items))
  (core func $set-new (canon waitable-set.new))
  (core func $set-poll (canon waitable-set.poll (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $end
    (import "" "memory" (memory 4))
    (import "" "transfer" (func $transfer (param i32 i32 COUNT) (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "close" (func $close (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-poll" (func $set-poll (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (global $end (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (global $pending (mut i32) (i32.const 0)) ;; an operation; 2 if it is being cancelled
    (global $done (mut i32) (i32.const 0))
    (global $number (mut i32) (i32.const 0))
    (func $value (param $i i32) (result i32) VALUE)
    (func $put (param $i i32) (param $value i32) PUT)
    ;; The end of an operation, if it is one.
    (func $note (param $code i32) (result i32) (local $count i32) (local $sum i32)
      (if (i32.eq (local.get $code) (i32.const -1)) (then (return (local.get $code))))
      (global.set $pending (i32.const 0))
      (local.set $count (i32.shr_u (local.get $code) (i32.const 4)))
      (if (i32.eq (i32.and (local.get $code) (i32.const 15)) (i32.const 1))
        (then (global.set $done (i32.const 1))))
      (if (i32.and (i32.const IS_FUTURE) (i32.eqz (local.get $code)))
        (then (global.set $done (i32.const 1)) (local.set $count (i32.const 1))))
      (if (i32.const IS_READER) (then
        (block $end (loop $next
          (br_if $end (i32.eqz (local.get $count)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (local.set $sum (i32.add (local.get $sum) (call $value (local.get $count))))
          (br $next)))))
      (i32.or (local.get $code) (i32.shl (local.get $sum) (i32.const 16))))
    (func (export "begin") (param $handle i32)
      (if (i32.eqz (global.get $set)) (then (global.set $set (call $set-new))))
      (global.set $end (local.get $handle))
      (global.set $pending (i32.const 0))
      (global.set $done (i32.const 0))
      (global.set $number (i32.const 0)))
    (func $write-or-read (param $count i32) (result i32) (local $i i32)
      (if (i32.or (i32.eqz (global.get $end)) (i32.or (global.get $pending) (global.get $done)))
        (then (return (i32.const -2))))
      (if (i32.eqz (i32.const IS_READER)) (then
        (block $end (loop $next
          (br_if $end (i32.eq (local.get $i) (local.get $count)))
          (call $put (local.get $i)
            (i32.add (global.get $number) (i32.add (local.get $i) (i32.const 1))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))))
      (global.set $pending (i32.const 1))
      (call $note (call $transfer (global.get $end) (i32.const 1024) COUNT_ARGUMENT)))
    ;; The items that were passed are not written again.
    (func $pass (param $code i32) (result i32)
      (if (i32.lt_u (local.get $code) (i32.const 0xfffffff0)) (then
        (global.set $number (i32.add (global.get $number)
          (i32.and (i32.shr_u (local.get $code) (i32.const 4)) (i32.const 0xfff))))))
      (local.get $code))
    (func $stop (result i32)
      (if (i32.ne (global.get $pending) (i32.const 1)) (then (return (i32.const -2))))
      (global.set $pending (i32.const 2))
      (call $note (call $cancel (global.get $end))))
    (func $look (result i32) (local $event i32)
      (if (i32.eqz (global.get $pending)) (then (return (i32.const -2))))
      (call $join (global.get $end) (global.get $set))
      (local.set $event (call $set-poll (global.get $set) (i32.const 512)))
      (call $join (global.get $end) (i32.const 0))
      (if (i32.eqz (local.get $event)) (then (return (i32.const -3))))
      (call $note (i32.load (i32.const 516))))
    ;; The writable end of a future cannot be dropped before it was written.
    (func $drop (result i32)
      (if (i32.or (i32.eqz (global.get $end)) (i32.or (global.get $pending)
          (i32.and (i32.const MUST_WRITE) (i32.eqz (global.get $done)))))
        (then (return (i32.const -2))))
      (call $close (global.get $end))
      (global.set $end (i32.const 0))
      (i32.const 0))
    (func (export "step") (param $step i32) (result i32)
      (if (i32.eq (local.get $step) (i32.const 0)) 
        (then (return (call $pass (call $write-or-read (i32.const 1))))))
      (if (i32.eq (local.get $step) (i32.const 1)) 
        (then (return (call $pass (call $write-or-read (i32.const 2))))))
      (if (i32.eq (local.get $step) (i32.const 2)) (then (return (call $pass (call $stop)))))
      (if (i32.eq (local.get $step) (i32.const 3)) (then (return (call $pass (call $look)))))
      (call $drop)))
  (core instance $end (instantiate $end (with "" (instance
    (export "memory" (memory $memory)) (export "transfer" (func $transfer))
    (export "cancel" (func $cancel)) (export "close" (func $close))
    (export "set-new" (func $set-new)) (export "set-poll" (func $set-poll))
    (export "join" (func $join))))))
)";

// Holds an end, and takes a step with it when it is called. Step 5 makes the stream, and
// step 6 forgets the last one.
constexpr std::string_view kPeer = R"((component
  (type $items TYPE)
  THE_END
  RETURN
  (core module $code
    (import "" "new" (func $new (result i64)))
    (import "" "begin" (func $begin (param i32)))
    (import "" "step" (func $step (param i32) (result i32)))
    (import "" "reset" (func $reset))
    RETURN_IMPORT
    (global $other (mut i32) (i32.const 0))
    (func $open (local $ends i64)
      (call $reset)
      (local.set $ends (call $new))
      (global.set $other (i32.wrap_i64 (local.get $ends)))
      (call $begin (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))))
    (func $do (param $what i32) (result i32)
      (if (i32.eq (local.get $what) (i32.const 5)) (then (call $open) (return (i32.const 0))))
      (if (i32.eq (local.get $what) (i32.const 6))
        (then (call $begin (i32.const 0)) (return (i32.const 0))))
      (call $step (local.get $what)))
    (func (export "op") (param $what i32) (result i32) (call $do (local.get $what)) RETURN_NUMBER)
    (func (export "take") (param $end i32) RESULT
      (call $reset) (call $begin (local.get $end)) RETURN_NOTHING)
    (func (export "give") (result i32) (global.get $other) RETURN_END)
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "begin" (func $end "begin"))
    (export "step" (func $end "step")) (export "reset" (func $libc "reset")) RETURN_EXPORT))))
  (func $op ASYNC_FUNC (param "what" u32) (result u32) (canon lift (core func $core "op") LIFT))
  (func $take ASYNC_FUNC (param "end" $items) (canon lift (core func $core "take") LIFT))
  (func $give ASYNC_FUNC (result $items) (canon lift (core func $core "give") LIFT))
  (instance $peer (export "op" (func $op)) (export "take" (func $take)) (export "give" (func $give)))
  (export "x:y/peer" (instance $peer))))";

// Takes the steps of a script: 0 to 4 with its own end, 16 more with that of the peer, 32 passes the
// readable end. Returns their codes; that of a call which has not returned is
// 0x10000000 and its status, and ends the script.
constexpr std::string_view kDriver = R"((component
  (type $items TYPE)
  (import "x:y/peer" (instance $peer
    (export "op" (func ASYNC_FUNC (param "what" u32) (result u32)))
    (export "take" (func ASYNC_FUNC (param "end" $items)))
    (export "give" (func ASYNC_FUNC (result $items)))))
  THE_END
  (core func $op (canon lower (func $peer "op") LOWER))
  (core func $take (canon lower (func $peer "take") LOWER))
  (core func $give (canon lower (func $peer "give") LOWER))
  (core module $code
    (import "" "memory" (memory 4))
    (import "" "new" (func $new (result i64)))
    (import "" "begin" (func $begin (param i32)))
    (import "" "step" (func $step (param i32) (result i32)))
    (import "" "reset" (func $reset))
    (import "" "op" (func $op (param i32 LOWER_ADDRESS) (result i32)))
    (import "" "take" (func $take (param i32) TAKE_RESULT))
    (import "" "give" (func $give (param LOWER_ADDRESS) (result i32)))
    (global $other (mut i32) (i32.const 0))
    (func $open (local $ends i64)
      (local.set $ends (call $new))
      (global.set $other (i32.wrap_i64 (local.get $ends)))
      (call $begin (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32)))))
    ;; Calls of the peer. -4 if it has not returned.
    (global $status (mut i32) (i32.const 2))
    (func $ask (param $what i32) (result i32) CALL_OP)
    (func $pass (local $end i32) CALL_PASS)
    (func $do (param $what i32) (result i32)
      (if (i32.eq (local.get $what) (i32.const 32)) (then (call $pass) (return (i32.const 0))))
      (if (i32.ge_u (local.get $what) (i32.const 16))
        (then (return (call $ask (i32.sub (local.get $what) (i32.const 16))))))
      (call $step (local.get $what)))
    (func (export "run") (param $script i32) (param $size i32) (result i32)
      (local $i i32) (local $code i32)
      (global.set $status (i32.const 2))
      (call $begin (i32.const 0))
      OPEN
      (block $end (loop $next
        (br_if $end (i32.eq (local.get $i) (local.get $size)))
        (local.set $code (call $do (i32.load8_u (i32.add (local.get $script) (local.get $i)))))
        (if (i32.ne (global.get $status) (i32.const 2))
          (then (local.set $code (i32.or (global.get $status) (i32.const 0x10000000)))))
        (i32.store (i32.add (i32.const 4096) (i32.shl (local.get $i) (i32.const 2)))
          (local.get $code))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.eq (global.get $status) (i32.const 2)))))
      (call $reset)
      (i32.store (i32.const 768) (i32.const 4096))
      (i32.store (i32.const 772) (local.get $i))
      (i32.const 768)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new))
    (export "begin" (func $end "begin")) (export "step" (func $end "step"))
    (export "reset" (func $libc "reset")) (export "op" (func $op))
    (export "take" (func $take)) (export "give" (func $give))))))
  (func (export "run") async (param "script" (list u8)) (result (list u32))
    (canon lift (core func $core "run") (memory $memory) (realloc $realloc)))))";

enum class Kind { Stream, Future };
enum class Writer { Driver, Peer };  // who makes the stream, and writes it
enum class Calls { Sync, Async };    // how the peer's functions are lifted and lowered
enum class Place { OneDomain, TwoDomains, Remote };  // of the peer, beside the driver
enum class Step { One, Two, Cancel, Poll, Drop };

// Items and how a guest stores them.
struct Payload {
  const char* name;
  const char* type;  // empty: none
  const char* put;   // of `value` as item `i`, from 1024 on
  const char* value;
  const char* options;
};

constexpr Payload kNothing = {"nothing", "", "", "(i32.const 1)", ""};
constexpr Payload kBytes = {
    "bytes", "u8", "(i32.store8 (i32.add (i32.const 1024) (local.get $i)) (local.get $value))",
    "(i32.load8_u (i32.add (i32.const 1024) (local.get $i)))", ""};
constexpr Payload kNumbers = {
    "numbers", "u32",
    "(i32.store (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 2))) (local.get "
    "$value))",
    "(i32.load (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 2))))", ""};
// Not every byte is a bool.
constexpr Payload kPairs = {
    "pairs", "(tuple u8 bool)",
    "(i32.store16 (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 1))) (local.get "
    "$value))",
    "(i32.load8_u (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 1))))", ""};
constexpr Payload kTexts = {
    "texts", "string",
    R"((i32.store (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 3)))
         (i32.add (i32.const 2048) (local.get $value)))
       (i32.store (i32.add (i32.const 1028) (i32.shl (local.get $i) (i32.const 3))) (i32.const 1)))",
    "(i32.load8_u (i32.load (i32.add (i32.const 1024) (i32.shl (local.get $i) (i32.const 3)))))",
    "(realloc $realloc)"};

struct Setting {
  Kind kind;
  Payload payload;
  Writer writer;
  Calls calls;
};

std::string describe(const Setting& setting) {
  return std::string(setting.kind == Kind::Stream ? "stream of " : "future of ") +
         setting.payload.name + (setting.writer == Writer::Driver ? ", passed" : ", returned") +
         (setting.calls == Calls::Sync ? ", sync" : ", async");
}

std::string make_end(const Setting& setting, bool is_writer) {
  const bool is_future = setting.kind == Kind::Future;
  const bool reallocates = !is_writer && setting.payload.options[0] != 0;
  return fill(kEnd, {{"COUNT_ARGUMENT", is_future ? "" : "(local.get $count)"},
                     {"COUNT", is_future ? "" : "i32"},
                     {"MUST_WRITE", is_future && is_writer ? "1" : "0"},
                     {"IS_FUTURE", is_future ? "1" : "0"},
                     {"IS_READER", is_writer ? "0" : "1"},
                     {"KIND", is_future ? "future" : "stream"},
                     {"ROLE", is_writer ? "write" : "read"},
                     {"CLOSE", is_writer ? "drop-writable" : "drop-readable"},
                     {"OPTIONS", reallocates ? "(realloc $realloc)" : ""},
                     {"ASYNC", setting.calls == Calls::Sync ? "async" : ""},
                     {"VALUE", is_writer ? "(i32.const 0)" : setting.payload.value},
                     {"PUT", is_writer ? setting.payload.put : ""}});
}

std::string type_of(const Setting& setting) {
  const std::string name = setting.kind == Kind::Stream ? "stream" : "future";
  return setting.payload.type[0] == 0 ? "(" + name + ")"
                                      : "(" + name + " " + setting.payload.type + ")";
}

std::vector<std::uint8_t> to_wasm(const std::string& text) {
  auto wasm = engine::wat_to_wasm("guest.wat", text);
  EXPECT_TRUE(wasm) << wasm.error().front().message << text;
  return *std::move(wasm);
}

std::vector<std::uint8_t> make_peer(const Setting& setting) {
  const bool is_async = setting.calls == Calls::Async;
  return to_wasm(fill(
      kPeer,
      {{"THE_END", make_end(setting, setting.writer == Writer::Peer)},
       {"RETURN_NUMBER", is_async ? "(call $return-number) (i32.const 0)" : ""},
       {"RETURN_NOTHING", is_async ? "(call $return-nothing) (i32.const 0)" : ""},
       {"RETURN_END", is_async ? "(call $return-end) (i32.const 0)" : ""},
       {"RETURN_IMPORT", is_async ? R"((import "" "return-number" (func $return-number (param i32)))
                                       (import "" "return-nothing" (func $return-nothing))
                                       (import "" "return-end" (func $return-end (param i32))))"
                                  : ""},
       {"RETURN_EXPORT", is_async ? R"((export "return-number" (func $return-number))
                                       (export "return-nothing" (func $return-nothing))
                                       (export "return-end" (func $return-end)))"
                                  : ""},
       {"RETURN", is_async ? R"((core func $return-number (canon task.return (result u32)))
                                (core func $return-nothing (canon task.return))
                                (core func $return-end (canon task.return (result $items))))"
                           : ""},
       {"RESULT", is_async ? "(result i32)" : ""},
       {"ASYNC_FUNC", is_async ? "async" : ""},
       {"LIFT", is_async ? R"(async (callback (core func $core "callback")))" : ""},
       {"TYPE", type_of(setting)}}));
}

std::vector<std::uint8_t> make_driver(const Setting& setting) {
  const bool is_async = setting.calls == Calls::Async;
  const bool writes = setting.writer == Writer::Driver;
  std::string pass;
  if (writes)
    pass = is_async ? "(global.set $status (call $take (global.get $other)))"
                    : "(call $take (global.get $other))";
  else
    pass = is_async ? "(global.set $status (call $give (i32.const 600)))"
                      "(call $begin (i32.load (i32.const 600)))"
                    : "(call $begin (call $give))";
  return to_wasm(
      fill(kDriver, {{"THE_END", make_end(setting, writes)},
                     {"OPEN", writes ? "(call $open) (drop (call $ask (i32.const 6)))"
                                     : "(drop (call $ask (i32.const 5)))"},
                     {"CALL_OP", is_async ? "(global.set $status (call $op (local.get $what) "
                                            "(i32.const 600))) (i32.load (i32.const 600))"
                                          : "(call $op (local.get $what))"},
                     {"CALL_PASS", pass},
                     {"LOWER_ADDRESS", is_async ? "i32" : ""},
                     {"LOWER", is_async ? "async (memory $memory)" : ""},
                     {"TAKE_RESULT", is_async ? "(result i32)" : ""},
                     {"ASYNC_FUNC", is_async ? "async" : ""},
                     {"TYPE", type_of(setting)}}));
}

using Script = std::vector<std::uint8_t>;
using Codes = std::vector<std::uint32_t>;
constexpr std::uint8_t kOfPeer = 16;
constexpr std::uint8_t kPass = 32;

class Pair final {
 public:
  Pair(const Setting& setting, Place place) {
    CompositionBuilder builder;
    builder.add_component("driver", make_driver(setting));
    if (place == Place::Remote) {
      CompositionBuilder peer;
      peer.add_component("peer", make_peer(setting));
      const std::string socket = "unix:" + (folder_.path() / "s").string();
      served_.emplace(peer, ServeOptions{.listen = {socket}});
      builder.add_remote("peer", served_->address(), {.interfaces = {"x:y/peer"}});
    } else {
      builder.add_component("peer", make_peer(setting));
    }
    if (place == Place::TwoDomains) builder.isolate_all();
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    composition_.emplace(*std::move(built));
    run_.emplace(*composition_->function<Codes(Script)>("", "run"));
  }

  CallResult<Codes> run(const Script& script) { return (*run_)(script); }

 private:
  TemporaryFolder folder_;
  std::optional<Served> served_;
  std::optional<Composition> composition_;
  std::optional<TypedFunction<Codes(Script)>> run_;
};

// The codes of a script, unless it traps: then the pair is made anew for the next one.
class Runner final {
 public:
  Runner(const Setting& setting, Place place) : setting_(setting), place_(place) {}

  std::optional<Codes> run(const Script& script) {
    if (!pair_) pair_.emplace(setting_, place_);
    CallResult<Codes> codes = pair_->run(script);
    if (codes) return *std::move(codes);
    pair_.reset();
    return std::nullopt;
  }

 private:
  Setting setting_;
  Place place_;
  std::optional<Pair> pair_;
};

// Calls `f` with every script of up to `length` steps around a pass.
void for_each_script(const Setting& setting, std::size_t length,
                     const std::function<void(const Script&)>& f) {
  const bool is_future = setting.kind == Kind::Future;
  Script script;
  const std::function<void(bool, std::size_t)> extend = [&](bool is_passed, std::size_t left) {
    if (is_passed && !script.empty() && script.back() != kPass) f(script);
    if (!is_passed) {
      script.push_back(kPass);
      extend(true, left);
      script.pop_back();
    }
    if (left == 0) return;
    for (const std::uint8_t side : {std::uint8_t{0}, kOfPeer}) {
      // Before the pass, only the writer has an end.
      if (!is_passed && (side == 0) != (setting.writer == Writer::Driver)) continue;
      for (const Step step : {Step::One, Step::Two, Step::Cancel, Step::Poll, Step::Drop}) {
        if (step == Step::Two && is_future) continue;
        script.push_back(static_cast<std::uint8_t>(side + static_cast<std::uint8_t>(step)));
        extend(is_passed, left - 1);
        script.pop_back();
      }
    }
  };
  extend(false, length);
}

std::string print_step(std::uint8_t step) {
  static constexpr const char* kNames[] = {"one", "two", "cancel", "poll", "drop"};
  if (step == kPass) return "pass";
  return (step >= kOfPeer ? "peer " : "") + std::string(kNames[step % kOfPeer]);
}

std::string print_code(std::uint32_t code) {
  static constexpr const char* kStates[] = {"COMPLETED", "DROPPED", "CANCELLED"};
  if (code == kBlocked) return "BLOCKED";
  if (code == kForbidden) return "-";
  if (code == kNoEvent) return "NONE";
  if (code >> 28 == 1) return "status " + std::to_string(code & 0xf);
  std::string text = std::string(kStates[code & 3]) + "(" + std::to_string(code >> 4 & 0xfff) + ")";
  if (code >> 16 != 0) text += "=" + std::to_string(code >> 16);
  return text;
}

std::string print(const Script& script, const std::optional<Codes>& codes) {
  std::string text;
  for (std::size_t i = 0; i < script.size(); ++i) {
    text += (i == 0 ? "" : ", ") + print_step(script[i]);
    if (script[i] != kPass && codes && i < codes->size()) text += " " + print_code((*codes)[i]);
  }
  return codes ? text : text + ": a trap";
}

// The first step whose codes differ.
struct Difference {
  const Setting& setting;
  const Script& script;
  std::size_t at = 0;
  std::uint32_t one = 0;  // in one domain
  std::uint32_t two = 0;
  bool is_trap = false;  // in two domains

  [[nodiscard]] std::uint8_t step() const { return script[at] % kOfPeer; }
  [[nodiscard]] bool is(Step wanted) const { return step() == static_cast<std::uint8_t>(wanted); }
};

// A difference that is known, and why it is there. docs/domains.md describes them.
struct KnownDifference {
  const char* reason;
  bool (*is_it)(const Difference&);
};

constexpr KnownDifference kDifferences[] = {
    {"the engine answers an `async` cancellation of a host's end later",
     [](const Difference& d) {
       return d.is(Step::Cancel) && d.setting.calls == Calls::Sync && d.two == kBlocked;
     }},
    {"the engine polls a host's end when its guest waits",
     [](const Difference& d) { return d.is(Step::Poll) && d.two == kNoEvent; }},
};

// The engine cannot pass items that are not only numbers to a read whose task has ended, within one
// domain (`set_thread` of a task that is gone, wasmtime 48.0.8). Such scripts are left out.
bool can_run_in_one_domain(const std::optional<Codes>& codes) { return codes.has_value(); }

std::vector<Setting> list_settings() {
  std::vector<Setting> all;
  for (const Calls calls : {Calls::Async, Calls::Sync})
    for (const Writer writer : {Writer::Driver, Writer::Peer}) {
      for (const Payload& payload : {kNothing, kBytes, kNumbers, kPairs, kTexts})
        all.push_back({Kind::Stream, payload, writer, calls});
      for (const Payload& payload : {kNothing, kBytes, kTexts})
        all.push_back({Kind::Future, payload, writer, calls});
    }
  return all;
}

// The first step whose codes differ; nothing if all are equal.
std::optional<Difference> find_difference(const Setting& setting, const Script& script,
                                          const Codes& one, const std::optional<Codes>& two) {
  Difference difference{.setting = setting, .script = script};
  if (!two) {
    difference.is_trap = true;
    return difference;
  }
  for (std::size_t i = 0; i < script.size(); ++i) {
    const bool are_equal = i < one.size() && i < two->size() && one[i] == (*two)[i];
    if (are_equal) continue;
    difference.at = i;
    difference.one = i < one.size() ? one[i] : kForbidden;
    difference.two = i < two->size() ? (*two)[i] : kForbidden;
    return difference;
  }
  return std::nullopt;
}

TEST(StreamStates, AreThoseOfOneDomain) {
  std::set<const KnownDifference*> met;
  std::size_t unknown = 0;
  for (const Setting& setting : list_settings()) {
    Runner one(setting, Place::OneDomain);
    Runner two(setting, Place::TwoDomains);
    const bool is_short = kHasAddressSanitizer || setting.calls == Calls::Sync;
    for_each_script(setting, is_short ? 2 : 3, [&](const Script& script) {
      const std::optional<Codes> codes = one.run(script);
      if (!can_run_in_one_domain(codes)) return;
      const std::optional<Codes> isolated = two.run(script);
      const std::optional<Difference> difference =
          find_difference(setting, script, *codes, isolated);
      if (!difference) return;
      const auto* const known = std::ranges::find_if(
          kDifferences, [&](const auto& row) { return row.is_it(*difference); });
      if (known != std::end(kDifferences)) return void(met.insert(known));
      if (++unknown <= 20)
        ADD_FAILURE() << describe(setting) << "\n  one domain: " << print(script, codes)
                      << "\n  two:        " << print(script, isolated);
    });
  }
  EXPECT_EQ(unknown, 0U);
  // Short scripts do not show all.
  if (kHasAddressSanitizer) return;
  for (const KnownDifference& row : kDifferences)
    EXPECT_TRUE(met.contains(&row)) << "no script shows any more: " << row.reason;
}

// Whether a step can return a code: a transfer passes at most as many items as it is asked for, and is
// CANCELLED only by a later step.
bool is_possible(std::uint8_t step, std::uint32_t code) {
  if (code == kForbidden) return true;
  switch (static_cast<Step>(step % kOfPeer)) {
    case Step::One:
    case Step::Two:
      return code == kBlocked || ((code & 0xf) < 2 && (code >> 4 & 0xfff) <= 1U + step % kOfPeer);
    case Step::Cancel:
      return code == kBlocked || (code & 0xf) <= 2;
    case Step::Poll:
      return code == kNoEvent || (code & 0xf) <= 2;
    case Step::Drop:
      return code == 0;
  }
  return false;
}

// The first step with an answer that no order of events explains; nothing if there is none.
std::optional<std::size_t> find_wrong_answer(const Setting& setting, const Script& script,
                                             const Codes& codes) {
  if (codes.size() != script.size()) return codes.size();
  std::uint32_t offered = 0;
  std::uint32_t read = 0;
  bool has_dropped[2] = {};  // the driver, and the peer
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (script[i] == kPass) continue;
    if (!is_possible(script[i], codes[i])) return i;
    const bool is_of_peer = script[i] >= kOfPeer;
    if (script[i] % kOfPeer == static_cast<std::uint8_t>(Step::Drop)) {
      has_dropped[is_of_peer] |= codes[i] == 0;
      continue;
    }
    const bool is_of_writer = is_of_peer == (setting.writer == Writer::Peer);
    if (codes[i] >= kNoEvent) {
      // The reader can get the items before the writer hears of it.
      if (is_of_writer && script[i] % kOfPeer < 2) offered += 1U + script[i] % kOfPeer;
      continue;
    }
    if ((codes[i] & 0xf) == 1 && !has_dropped[!is_of_peer]) return i;
    const std::uint32_t sum = codes[i] >> 16;
    const std::uint32_t count =
        setting.kind == Kind::Stream ? codes[i] >> 4 & 0xfff : (sum == 0 ? 0 : 1);
    if (is_of_writer) {
      offered += setting.kind == Kind::Stream ? count : 1;
      continue;
    }
    std::uint32_t expected = 0;
    for (std::uint32_t item = 0; item < count; ++item)
      expected += setting.payload.type[0] == 0 ? 1 : ++read;
    if (sum != expected || read > offered) return i;
  }
  return std::nullopt;
}

TEST(StreamStates, OfARemotePeerArePossible) {
  std::size_t wrong = 0;
  for (const Setting& setting : list_settings()) {
    // Async calls of a remote peer do not return at once.
    if (setting.calls == Calls::Async) continue;
    Runner one(setting, Place::OneDomain);
    Runner remote(setting, Place::Remote);
    for_each_script(setting, 2, [&](const Script& script) {
      if (!can_run_in_one_domain(one.run(script))) return;
      const std::optional<Codes> codes = remote.run(script);
      if (codes && !find_wrong_answer(setting, script, *codes)) return;
      if (++wrong <= 20) ADD_FAILURE() << describe(setting) << ": " << print(script, codes);
    });
  }
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace tenon::stream_states_test
