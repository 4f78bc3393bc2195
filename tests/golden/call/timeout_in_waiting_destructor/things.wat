;; The destructor waits for an hour. A stream in its types makes the domain concurrent, so the wait is one of its loop.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (type (stream u8))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $end
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (func (export "end") (param i32)
      (call $block (call $subscribe (i64.const 3600000000000)))))
  (core instance $end (instantiate $end (with "" (instance
    (export "block" (func $block))
    (export "subscribe" (func $subscribe))))))
  (type $thing (resource (rep i32) (dtor (func $end "end"))))
  (core func $new (canon resource.new $thing))
  (core module $main
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7))))
  (core instance $main (instantiate $main (with "host" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $main "make")))
  (component $names
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (result (own $t))))
    (export $shown "thing" (type $t))
    (export "make" (func $make) (func (result (own $shown)))))
  (instance $lib (instantiate $names (with "thing" (type $thing)) (with "make" (func $make))))
  (export "demo:things/lib" (instance $lib)))
