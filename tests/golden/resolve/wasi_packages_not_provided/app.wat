;; Imports of packages of WASI that the engine does not have, with and without a hint of their own.
(component
  (import "wasi:keyvalue/store@0.2.0-draft" (instance (export "open" (func (param "name" string) (result u32)))))
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" (instance (export "load" (func (param "bytes" (list u8)) (result u32)))))
  (import "wasi:tls/client@0.3.0-draft" (instance (export "connect" (func))))
  (import "wasi:blobstore/blobstore" (instance (export "create-container" (func (param "name" string)))))
  (import "wasi:cli/stdouts@0.2.6" (instance (export "get" (func))))
  (core module $code (func (export "f")))
  (core instance $run (instantiate $code))
  (func (export "f") (canon lift (core func $run "f"))))
