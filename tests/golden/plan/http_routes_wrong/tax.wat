(component
  (core module $code (func (export "rate") (result i32) (i32.const 1)))
  (core instance $i (instantiate $code))
  (func (export "rate") (result u32) (canon lift (core func $i "rate"))))
