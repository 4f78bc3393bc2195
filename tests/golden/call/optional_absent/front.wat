;; Passes calls on to `app`.
(component
  (import "tick" (func $tick (result u32)))
  (import "say" (func $say (result u32)))
  (import "sound" (func $sound))
  (core func $tick-of-app (canon lower (func $tick)))
  (core func $say-of-app (canon lower (func $say)))
  (core func $sound-of-app (canon lower (func $sound)))
  (core module $code
    (import "app" "tick" (func $tick (result i32)))
    (import "app" "say" (func $say (result i32)))
    (import "app" "sound" (func $sound))
    (func (export "tick") (result i32) (call $tick))
    (func (export "say") (result i32) (call $say))
    (func (export "sound") (call $sound)))
  (core instance $i (instantiate $code (with "app" (instance
    (export "tick" (func $tick-of-app)) (export "say" (func $say-of-app))
    (export "sound" (func $sound-of-app))))))
  (func (export "run-tick") (result u32) (canon lift (core func $i "tick")))
  (func (export "run-say") (result u32) (canon lift (core func $i "say")))
  (func (export "run-sound") (canon lift (core func $i "sound"))))
