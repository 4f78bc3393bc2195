;; passes streams on
(component
  (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
  (export "wasi:io/streams@0.2.0" (instance $streams)))
