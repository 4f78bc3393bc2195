(component
  (core module $m (func (export "go") (result i32) i32.const 3))
  (core instance $i (instantiate $m))
  (func $go (result u32) (canon lift (core func $i "go")))
  (export "go" (func $go)))
