;; Counts calls.
(component
  (core module $code
    (global $count (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count)))
  (core instance $i (instantiate $code))
  (func $next (result u32) (canon lift (core func $i "next")))
  (instance $counter (export "next" (func $next)))
  (export "acme:count/counter@1.0.0" (instance $counter)))
