(component
  (core module $m
    (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (local.get 0))
    ))
  (core instance $c (instantiate $m (with "h" (instance ))))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $f)))
  (export "acme:low/lib@2.0.0" (instance $e)))
