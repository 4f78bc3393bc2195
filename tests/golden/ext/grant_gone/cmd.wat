(component
  (import "wasi:filesystem/types@0.2.6" (instance $types (export "descriptor" (type (sub resource)))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.6" (instance
    (alias outer 1 $descriptor (type $d))
    (export "get-directories" (func (result (list (tuple (own $d) string)))))))
  (core module $m (func (export "run") (result i32) (i32.const 1)))
  (core instance $c (instantiate $m))
  (func $f (result (result)) (canon lift (core func $c "run")))
  (instance $e (export "run" (func $f)))
  (export "wasi:cli/run@0.2.6" (instance $e)))
