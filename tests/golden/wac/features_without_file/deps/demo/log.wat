;; `sum` is the sum of what was logged.
(component
  (core module $m
    (global $sum (mut i32) (i32.const 0))
    (func (export "log") (param i32)
      (global.set $sum (i32.add (global.get $sum) (local.get 0))))
    (func (export "sum") (result i32) (global.get $sum)))
  (core instance $i (instantiate $m))
  (func (export "log") (param "n" u32) (canon lift (core func $i "log")))
  (func (export "sum") (result u32) (canon lift (core func $i "sum"))))
