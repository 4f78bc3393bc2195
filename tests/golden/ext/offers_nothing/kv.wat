;; A component whose export is not a library.
(component (instance $i) (export "acme:store/kv@1.0.0" (instance $i)))
