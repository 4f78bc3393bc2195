(component
  (import "a:b/types" (instance (export "t" (type (sub resource)))))
)
