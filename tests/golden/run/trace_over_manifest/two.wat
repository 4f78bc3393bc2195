(component
  (core module $m (func (export "f") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $old (export "total" (func $f)) (export "rate" (func $f)))
  (instance $new (export "total" (func $f)))
  (export "acme:tax/lib@1.2.0" (instance $old))
  (export "acme:tax/lib@2.0.0" (instance $new)))
