(component
  (import "acme:tax/lib@1.0.0" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m
    (import "tax" "rate" (func $rate (result i32)))
    (func (export "total") (result i32) (i32.add (call $rate) (i32.const 100))))
  (core instance $i (instantiate $m (with "tax" (instance (export "rate" (func $rate))))))
  (func (export "total") (result u32) (canon lift (core func $i "total"))))
