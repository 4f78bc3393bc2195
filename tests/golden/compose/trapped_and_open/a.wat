(component
  (import "go" (func $go (result u32)))
  (import "t:a/types" (instance $types
    (export "key" (type $k (sub resource)))
    (export "use-it" (func (param "k" (borrow $k)) (result u32)))))
  (export "use-it" (func $types "use-it"))
  (export "go" (func $go)))
