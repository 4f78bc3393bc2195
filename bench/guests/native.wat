;; `add` for the program, and a loop that calls `host-add` of the program `n` times.
(component
  (import "host-add" (func $add (param "a" u32) (param "b" u32) (result u32)))
  (core func $add' (canon lower (func $add)))
  (core module $code
    (import "" "host-add" (func $add (param i32 i32) (result i32)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "run") (param $n i32) (result i32) (local $sum i32)
      (loop $next
        (local.set $sum (call $add (local.get $sum) (i32.const 3)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $sum)))
  (core instance $core (instantiate $code (with "" (instance
    (export "host-add" (func $add'))))))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add")))
  (func (export "run") (param "n" u32) (result u32)
    (canon lift (core func $core "run"))))
