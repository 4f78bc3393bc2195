(component
  (core module $m (func (export "rate") (result i32) i32.const 19))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "acme:tax/lib@1.0.3" (instance $lib)))
