;; Imports a core module, which tenon does not link.
(component
  (import "code" (core module (export "f" (func))))
  (export "again" (core module 0)))
