// The cost of a call that passes a resource between two domains, with the loop inside the guest.
// Its peer, in the same run, is the same two components connected through the engine's own values.
//
// items_per_second counts calls of `next`, or pairs of a constructor and `consume`.
#include <benchmark/benchmark.h>

#include <iterator>
#include <string>

#include "pair_of_guests.h"
#include "tree_peer.h"

namespace tenon::bench {
namespace {

constexpr const char* kResource = "counter";
constexpr const char* kFunctions[] = {"[constructor]counter", "[method]counter.next", "consume"};

constexpr const char* kCallee = R"((component
    (type $own (resource (rep i32)))
    (core func $new (canon resource.new $own))
    (core func $drop (canon resource.drop $own))
    (core module $code
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "next") (param i32) (result i32)
        (i32.add (local.get 0) (i32.const 1)))
      (func (export "consume") (param i32) (result i32)
        (call $drop (local.get 0)) (i32.const 1)))
    (core instance $core (instantiate $code (with "" (instance
      (export "new" (func $new)) (export "drop" (func $drop))))))
    (export $counter "counter" (type $own))
    (func (export "[constructor]counter") (param "start" u32) (result (own $counter))
      (canon lift (core func $core "make")))
    (func (export "[method]counter.next") (param "self" (borrow $counter)) (result u32)
      (canon lift (core func $core "next")))
    (func (export "consume") (param "c" (own $counter)) (result u32)
      (canon lift (core func $core "consume")))))";

constexpr const char* kCaller = R"((component
    (import "counter" (type $counter (sub resource)))
    (import "[constructor]counter"
      (func $make (param "start" u32) (result (own $counter))))
    (import "[method]counter.next"
      (func $next (param "self" (borrow $counter)) (result u32)))
    (import "consume" (func $consume (param "c" (own $counter)) (result u32)))
    (core func $make' (canon lower (func $make)))
    (core func $next' (canon lower (func $next)))
    (core func $consume' (canon lower (func $consume)))
    (core func $drop (canon resource.drop $counter))
    (core module $code
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "next" (func $next (param i32) (result i32)))
      (import "" "consume" (func $consume (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run-borrow") (param $n i32) (param i32) (result i32)
        (local $counter i32) (local $sum i32)
        (local.set $counter (call $make (i32.const 7)))
        (loop $again
          (local.set $sum (i32.add (local.get $sum) (call $next (local.get $counter))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $again (local.get $n)))
        (call $drop (local.get $counter))
        (local.get $sum))
      (func (export "run-own") (param $n i32) (param i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum
            (i32.add (local.get $sum) (call $consume (call $make (local.get $n)))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $again (local.get $n)))
        (local.get $sum)))
    (core instance $core (instantiate $code (with "" (instance
      (export "make" (func $make')) (export "next" (func $next'))
      (export "consume" (func $consume')) (export "drop" (func $drop))))))
    (func (export "run-borrow") (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $core "run-borrow")))
    (func (export "run-own") (param "n" u32) (param "size" u32) (result u32)
      (canon lift (core func $core "run-own")))))";

constexpr std::uint32_t kCalls = 10'000;

void bridged(benchmark::State& state, const char* function) {
  run_bridged(state, assemble(kCaller), assemble(kCallee), function, kCalls);
}

void tree(benchmark::State& state, const char* function) {
  TreePeer to;
  to.start(assemble(kCallee));
  TreePeer from;
  TreePeer::Edge edges[std::size(kFunctions)];
  from.define_resource(kResource, to);
  for (std::size_t i = 0; i < std::size(kFunctions); ++i) from.define(kFunctions[i], to, edges[i]);
  from.start(assemble(kCaller));
  run_tree(state, from, function, kCalls);
}

BENCHMARK_CAPTURE(bridged, borrow, "run-borrow")->Arg(0);
BENCHMARK_CAPTURE(tree, borrow, "run-borrow")->Arg(0);
BENCHMARK_CAPTURE(bridged, own, "run-own")->Arg(0);
BENCHMARK_CAPTURE(tree, own, "run-own")->Arg(0);

}  // namespace
}  // namespace tenon::bench
