;; In WIT, the names of this component are `%func`, and `%list` of `example:%interface/%import`.
(component
  (core module $code (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $c (instantiate $code))
  (func $f (param "x" u32) (result u32) (canon lift (core func $c "f")))
  (instance $i (export "list" (func $f)))
  (export "func" (func $f))
  (export "example:interface/import" (instance $i)))
