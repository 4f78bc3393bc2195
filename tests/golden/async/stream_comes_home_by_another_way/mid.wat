;; Gives a stream to `lib`.
(component
  (import "x:y/lib" (instance $lib (export "put" (func (param "it" (stream u8))))))
  (core func $put (canon lower (func $lib "put")))
  (core module $code
    (import "" "put" (func $put (param i32)))
    (func (export "put") (param i32) (call $put (local.get 0))))
  (core instance $core (instantiate $code (with "" (instance (export "put" (func $put))))))
  (func $pass (param "it" (stream u8)) (canon lift (core func $core "put")))
  (instance $mid (export "put" (func $pass)))
  (export "x:y/mid" (instance $mid)))
