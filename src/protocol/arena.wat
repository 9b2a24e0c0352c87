;; The memory of arena.ts, which chunks of busy connections lie in, and what
;; copies between them.
(module
  ;; 64 MiB, and never more: growing would detach the views of it.
  (memory (export "memory") 1024 1024)

  (func (export "copy") (param $to i32) (param $from i32) (param $length i32)
    (memory.copy
      (local.get $to) (local.get $from) (local.get $length))))
