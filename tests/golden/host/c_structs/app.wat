;; Passes a list of variants on to a plain C library.
(component
  (import "example:host/shapes" (instance $shapes
    (type $point-type (record (field "x" s16) (field "y" f64)))
    (export "point" (type $point (eq $point-type)))
    (type $shape-type (variant (case "nothing") (case "circle" f64) (case "at" $point)))
    (export "shape" (type $shape (eq $shape-type)))
    (export "turn" (func (param "shapes" (list $shape)) (result (list $shape))))))
  (alias export $shapes "shape" (type $shape))
  (core module $memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 16))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free
        (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
  (core instance $m (instantiate $memory))
  (core func $turn (canon lower (func $shapes "turn") (memory $m "memory") (realloc (func $m "realloc"))))
  (core module $code
    (import "host" "turn" (func $turn (param i32 i32 i32)))
    (func (export "turn") (param i32 i32) (result i32)
      (call $turn (local.get 0) (local.get 1) (i32.const 8))
      (i32.const 8)))
  (core instance $c (instantiate $code (with "host" (instance (export "turn" (func $turn))))))
  (func (export "turn") (param "shapes" (list $shape)) (result (list $shape))
    (canon lift (core func $c "turn") (memory $m "memory") (realloc (func $m "realloc")))))
