(component
  (import "acme:tax/lib@1.2.0" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m
    (import "tax" "rate" (func $rate (result i32)))
    (func (export "f") (result i32) (call $rate)))
  (core instance $i (instantiate $m (with "tax" (instance (export "rate" (func $rate))))))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
