;; The memory of arena.ts, which chunks of busy connections lie in, and what
;; copies between them.
(module
  ;; 64 MiB, and never more: growing would detach the views of it.
  (memory (export "memory") 1024 1024)

  (func (export "copy") (param $to i32) (param $from i32) (param $length i32)
    (memory.copy
      (local.get $to) (local.get $from) (local.get $length)))

  ;; The same, each byte XOR one of the four of $key, in turn, lowest first.
  (func (export "copyMasked")
    (param $to i32) (param $from i32) (param $length i32) (param $key i32)
    (local $keys v128) (local $end i32)
    (local.set $keys (i32x4.splat (local.get $key)))
    (local.set $end (i32.add (local.get $to)
      (i32.and (local.get $length) (i32.const -16))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
      (v128.store (local.get $to)
        (v128.xor (v128.load (local.get $from)) (local.get $keys)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br $next)))
    (local.set $end (i32.add (local.get $end)
      (i32.and (local.get $length) (i32.const 15))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
      (i32.store8 (local.get $to)
        (i32.xor (i32.load8_u (local.get $from)) (local.get $key)))
      (local.set $key (i32.rotr (local.get $key) (i32.const 8)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br $next)))))
