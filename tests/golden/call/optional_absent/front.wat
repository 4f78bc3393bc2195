;; Passes calls on to `app`.
(component
  (import "tick" (func $tick (result u32)))
  (import "say" (func $say (result u32)))
  (import "sound" (func $sound))
  (export "run-tick" (func $tick))
  (export "run-say" (func $say))
  (export "run-sound" (func $sound)))
