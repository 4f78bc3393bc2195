;; Passes on an interface of types alone.
(component
  (import "acme:kv/types@1.0.0" (instance $types
    (export "bucket" (type $bucket (sub resource)))
    (type $defined (enum "cold" "hot"))
    (export "kind" (type $kind (eq $defined)))))
  (export "acme:kv/types@1.0.0" (instance $types)))
