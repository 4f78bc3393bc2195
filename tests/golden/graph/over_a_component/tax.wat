(component
  (core module $m (func (export "rate") (result i32) i32.const 19))
  (core instance $i (instantiate $m))
  (func (export "rate") (result u32) (canon lift (core func $i "rate"))))
