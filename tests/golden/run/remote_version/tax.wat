(component
  (core module $m (func (export "rate") (result i32) i32.const 19) (func (export "boom") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (func $boom (result u32) (canon lift (core func $i "boom")))
  (instance $lib (export "rate" (func $rate)) (export "boom" (func $boom)))
  (export "acme:tax/lib@1.0.0" (instance $lib)))
