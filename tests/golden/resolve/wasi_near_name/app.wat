;; Imports `wasi:config/stores`, which is almost the name of an export.
(component
  (import "wasi:config/stores" (instance $store (export "get" (func (result u32)))))
  (alias export $store "get" (func $get))
  (export "f" (func $get)))
