;; Imports `wasi:config/store`.
(component
  (import "wasi:config/store" (instance $store (export "get" (func (result u32)))))
  (alias export $store "get" (func $get))
  (export "f" (func $get)))
