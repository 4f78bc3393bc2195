;; Loops that call `bench:native/ops` `n` times: `add`, and `count` with a list of `size` bytes.
(component
  (import "bench:native/ops" (instance $ops
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "count" (func (param "data" (list u8)) (result u32)))))
  (core module $memory (memory (export "memory") 32))
  (core instance $memory' (instantiate $memory))
  (core func $add (canon lower (func $ops "add")))
  (core func $count (canon lower (func $ops "count") (memory $memory' "memory")))
  (core module $code
    (import "ops" "add" (func $add (param i32 i32) (result i32)))
    (import "ops" "count" (func $count (param i32 i32) (result i32)))
    (func (export "run-add") (param $n i32) (param $size i32) (result i32) (local $sum i32)
      (loop $next
        (local.set $sum (call $add (local.get $sum) (i32.const 3)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $sum))
    (func (export "run-count") (param $n i32) (param $size i32) (result i32) (local $sum i32)
      (loop $next
        (local.set $sum
          (i32.add (local.get $sum) (call $count (i32.const 64) (local.get $size))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $sum)))
  (core instance $core (instantiate $code (with "ops" (instance
    (export "add" (func $add)) (export "count" (func $count))))))
  (func (export "run-add") (param "n" u32) (param "size" u32) (result u32)
    (canon lift (core func $core "run-add")))
  (func (export "run-count") (param "n" u32) (param "size" u32) (result u32)
    (canon lift (core func $core "run-count"))))
