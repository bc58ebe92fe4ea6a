;; Finds bytes in memory, 16 at a time. `npm run generate` assembles this file; needle-finder.ts says where things lie.
;;
;; Most places are ruled out by two bytes of the needle that are rare in the text: they are compared at 64 places at
;; once, and only where both agree is the whole needle compared. (The idea is that of memchr's "packed pair", in Rust.)
;;
;; A byte of the text agrees with one of the needle when (byte | fold) = byte of the needle. `fold` is 0x20 for a letter
;; that counts in either case, as the two differ in that bit only; 0 for any other byte; and 0xff, beside 0xff in the
;; needle, for what agrees with everything.
(module
  (import "scan" "memory" (memory 1))

  ;; A needle lies in memory as
  ;;    0  i32  how many bytes of text follow, a multiple of 16: the rest is filled up with what agrees with everything
  ;;    4  i32  where in the needle the first rare byte is
  ;;    8  i32  the same of the second; they are one and the same in a needle of one byte
  ;;   12  i8   the first rare byte
  ;;   13  i8   its fold
  ;;   14  i8   the second rare byte
  ;;   15  i8   its fold
  ;;   16       the text, 16 bytes after which come their 16 folds, and so on
  ;;
  ;; Gives the address of the first occurrence of `needle` that begins in [from, to), or -1. Reads up to 96 bytes more
  ;; than the longest occurrence would take: they must exist, whatever is in them.
  (func (export "find") (param $needle i32) (param $from i32) (param $to i32) (result i32)
    (local $at1 i32) (local $at2 i32)
    (local $byte1 v128) (local $fold1 v128) (local $byte2 v128) (local $fold2 v128)
    (local $agree0 v128) (local $agree16 v128) (local $agree32 v128) (local $agree48 v128)
    (local $places i64) (local $place i32)

    (local.set $byte1 (v128.load8_splat offset=12 (local.get $needle)))
    (local.set $fold1 (v128.load8_splat offset=13 (local.get $needle)))
    (local.set $byte2 (v128.load8_splat offset=14 (local.get $needle)))
    (local.set $fold2 (v128.load8_splat offset=15 (local.get $needle)))

    (loop $next64
      (if (i32.ge_s (local.get $from) (local.get $to)) (then (return (i32.const -1))))
      (local.set $at1 (i32.add (local.get $from) (i32.load offset=4 (local.get $needle))))
      (local.set $at2 (i32.add (local.get $from) (i32.load offset=8 (local.get $needle))))
      (local.set $agree0 (v128.and
        (i8x16.eq (v128.or (v128.load (local.get $at1)) (local.get $fold1)) (local.get $byte1))
        (i8x16.eq (v128.or (v128.load (local.get $at2)) (local.get $fold2)) (local.get $byte2))))
      (local.set $agree16 (v128.and
        (i8x16.eq (v128.or (v128.load offset=16 (local.get $at1)) (local.get $fold1)) (local.get $byte1))
        (i8x16.eq (v128.or (v128.load offset=16 (local.get $at2)) (local.get $fold2)) (local.get $byte2))))
      (local.set $agree32 (v128.and
        (i8x16.eq (v128.or (v128.load offset=32 (local.get $at1)) (local.get $fold1)) (local.get $byte1))
        (i8x16.eq (v128.or (v128.load offset=32 (local.get $at2)) (local.get $fold2)) (local.get $byte2))))
      (local.set $agree48 (v128.and
        (i8x16.eq (v128.or (v128.load offset=48 (local.get $at1)) (local.get $fold1)) (local.get $byte1))
        (i8x16.eq (v128.or (v128.load offset=48 (local.get $at2)) (local.get $fold2)) (local.get $byte2))))

      (if (v128.any_true (v128.or
            (v128.or (local.get $agree0) (local.get $agree16))
            (v128.or (local.get $agree32) (local.get $agree48))))
        (then
          ;; A bit for each of the 64 places, the first lowest.
          (local.set $places (i64.or
            (i64.or
              (i64.extend_i32_u (i8x16.bitmask (local.get $agree0)))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $agree16))) (i64.const 16)))
            (i64.or
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $agree32))) (i64.const 32))
              (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $agree48))) (i64.const 48)))))
          (loop $nextPlace
            (local.set $place (i32.add (local.get $from) (i32.wrap_i64 (i64.ctz (local.get $places)))))
            (if (i32.ge_s (local.get $place) (local.get $to)) (then (return (i32.const -1))))
            (if (call $agrees (local.get $needle) (local.get $place)) (then (return (local.get $place))))
            ;; Clears the lowest bit.
            (local.set $places (i64.and (local.get $places) (i64.sub (local.get $places) (i64.const 1))))
            (br_if $nextPlace (i64.ne (local.get $places) (i64.const 0))))))

      (local.set $from (i32.add (local.get $from) (i32.const 64)))
      (br $next64))
    (unreachable))

  ;; Whether the whole needle is at `place`.
  (func $agrees (param $needle i32) (param $place i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $place) (i32.load (local.get $needle))))
    (loop $next16
      (if (i32.eqz (i8x16.all_true (i8x16.eq
            (v128.or (v128.load (local.get $place)) (v128.load offset=32 (local.get $needle)))
            (v128.load offset=16 (local.get $needle)))))
        (then (return (i32.const 0))))
      (local.set $needle (i32.add (local.get $needle) (i32.const 32)))
      (local.set $place (i32.add (local.get $place) (i32.const 16)))
      (br_if $next16 (i32.lt_s (local.get $place) (local.get $end))))
    (i32.const 1)))
