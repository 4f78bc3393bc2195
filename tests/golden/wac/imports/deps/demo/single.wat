(component
  (import "rate" (func $rate (result u32)))
  (core func $rate (canon lower (func $rate)))
  (core module $m
    (import "" "rate" (func $rate (result i32)))
    (func (export "twice") (result i32) (i32.mul (call $rate) (i32.const 2))))
  (core instance $i (instantiate $m (with "" (instance (export "rate" (func $rate))))))
  (func (export "twice") (result u32) (canon lift (core func $i "twice"))))
