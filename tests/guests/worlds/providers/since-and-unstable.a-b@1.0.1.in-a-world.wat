;; Exports what the world `in-a-world` of the test `since-and-unstable` imports: resources of the root,
;; and a function.
(component
  (core module $code
    (func (export "new") (result i32) unreachable)
    (func (export "x") unreachable))
  (core instance $i (instantiate $code))
  (type $made-t6 (resource (rep i32)))
  (export "t6" (type $made-t6))
  (type $made-t7 (resource (rep i32)))
  (export $t7 "t7" (type $made-t7))
  (func $new (result (own $t7)) (canon lift (core func $i "new")))
  (export "[constructor]t7" (func $new))
  (func $x (canon lift (core func $i "x")))
  (export "x" (func $x)))
