;; A WIT package in binary: types of components and no code.
(component
  (type (component
    (type (component (export "acme:tax/lib@1.0.0" (instance (export "rate" (func))))))
    (export "acme:tax/lib@1.0.0" (component (type 0)))))
  (export "lib" (type 0)))
