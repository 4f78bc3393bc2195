(component
  (core module $code (func (export "ping") (result i32) (i32.const 1)))
  (core instance $c (instantiate $code))
  (func (export "ping") (result u32) (canon lift (core func $c "ping"))))
