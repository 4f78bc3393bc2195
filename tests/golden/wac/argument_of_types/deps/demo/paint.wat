(component
  (import "palette" (instance
    (type $c (enum "red" "blue"))
    (export "color" (type (eq $c)))))
  (core module $m (func (export "number") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "number") (result u32) (canon lift (core func $i "number"))))
