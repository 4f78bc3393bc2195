(component
  (import "import" (func $import (param "x" u32) (result u32)))
  (core func $lowered (canon lower (func $import)))
  (core module $code
    (import "host" "import" (func $import (param i32) (result i32)))
    (func (export "f") (param i32) (result i32) (call $import (local.get 0))))
  (core instance $c (instantiate $code (with "host" (instance (export "import" (func $lowered))))))
  (func (export "use") (param "x" u32) (result u32) (canon lift (core func $c "f"))))
