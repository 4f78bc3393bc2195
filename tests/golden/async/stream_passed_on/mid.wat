;; Passes a stream of `lib` on, without reading it, and has nothing to do with it after that.
(component
  (import "x:y/lib" (instance $lib (export "open" (func async (result (stream u8))))))
  (core func $open (canon lower (func $lib "open")))
  (core module $code
    (import "" "open" (func $open (result i32)))
    (func (export "open") (result i32) (call $open)))
  (core instance $core (instantiate $code (with "" (instance (export "open" (func $open))))))
  (func $pass async (result (stream u8)) (canon lift (core func $core "open")))
  (instance $mid (export "open" (func $pass)))
  (export "x:y/mid" (instance $mid)))
