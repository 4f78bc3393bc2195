(component
  (core module $m (func (export "size") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func $size (result u32) (canon lift (core func $i "size")))
  (instance $x (export "size" (func $size)))
  (export "test:service-a/storage@1.0.0" (instance $x)))
