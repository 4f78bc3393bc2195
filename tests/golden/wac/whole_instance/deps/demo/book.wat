;; Takes all of a log as one instance.
(component
  (import "book" (instance $book
    (export "log" (func (param "n" u32)))
    (export "sum" (func (result u32)))))
  (core func $log (canon lower (func $book "log")))
  (core func $sum (canon lower (func $book "sum")))
  (core module $m
    (import "" "log" (func $log (param i32)))
    (import "" "sum" (func $sum (result i32)))
    (func (export "add") (param i32) (result i32) (call $log (local.get 0)) (call $sum)))
  (core instance $i (instantiate $m (with "" (instance
    (export "log" (func $log)) (export "sum" (func $sum))))))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add"))))
