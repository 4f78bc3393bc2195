(component
  (import "acme:low/lib@1.0.0" (instance $i0 (export "f" (func (param "a" u32) (result u32)))))
  (core func $l0 (canon lower (func $i0 "f")))
  (core module $m
    (func $f0 (import "h" "f0") (param i32) (result i32))
    (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (local.get 0))
      (call $f0)
    ))
  (core instance $c (instantiate $m (with "h" (instance (export "f0" (func $l0))))))
  (func $f (param "a" u32) (result u32) (canon lift (core func $c "f")))
  (instance $e (export "f" (func $f)))
  (export "acme:top/api" (instance $e)))
