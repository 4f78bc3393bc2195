(component
  (import "test:crash/api@1.0.0" (instance $api (export "segfault" (func))))
  (core func $segfault (canon lower (func $api "segfault")))
  (core module $code
    (import "api" "segfault" (func $segfault))
    (func (export "f") (call $segfault)))
  (core instance $c (instantiate $code (with "api" (instance (export "segfault" (func $segfault))))))
  (func (export "f") (canon lift (core func $c "f"))))
