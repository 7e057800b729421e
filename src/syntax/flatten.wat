;; Flattens a whole syntax tree in one call, next to the runtime that made it: it reads the subtrees where they lie in
;; web-tree-sitter's memory, which takes a small part of the time of its cursor. Layouts are those of `subtree.h`,
;; `tree.h` and `parser.h` of the pinned release on wasm32; `runtime.ts` compares with the cursor before it relies on
;; them. Built by src/tools/grammars.ts.
;;
;; Subtree, 8 bytes: a leaf in place (bit 0 of the first byte is set), or the address of what is on the heap.
;;   in place  +0 flags: 1 in place, 2 visible, 8 extra; +1 symbol; +6 padding; +7 size, 8 bits each
;;   heap      +4 padding; +16 size; +36 number of children, which lie before it; +40 symbol, 16 bits;
;;             +44 flags: 1 visible, 4 extra
;;             with children: +48 visible ones; +56 visible descendants; +66 production, 16 bits
;; Tree: +0 root; +8 language. Field of a production: +0 field, 16 bits; +2 child, 8 bits; +3 inherited, 8 bits.
;; Sizes and positions are bytes of UTF-16. A hidden node's visible descendants are children of the node around it.
(module
  (import "runtime" "memory" (memory 0))
  (import "runtime" "malloc" (func $malloc (param i32) (result i32)))
  (import "runtime" "free" (func $free (param i32)))

  ;; 1 when the last flatten left out nodes below the deepest level allowed.
  (global $cut (mut i32) (i32.const 0))
  (func (export "cut") (result i32) (global.get $cut))

  ;; The ABI of the tree's language.
  (func (export "abi") (param $tree i32) (result i32)
    (i32.load (i32.load offset=8 (local.get $tree))))

  ;; Number of nodes of the tree.
  (func (export "size") (param $tree i32) (result i32)
    (i32.add (call $descendants (local.get $tree)) (i32.const 1)))

  ;; Number of the root's children.
  (func (export "item_count") (param $tree i32) (result i32)
    (if (result i32) (call $parts (local.get $tree))
      (then (i32.load offset=48 (i32.load (local.get $tree))))
      (else (i32.const 0))))

  ;; Writes six integers to $out for each child of the root: type, field, start, end, identity, preorder index. The
  ;; identity is the node's address, 0 without children: a subtree that an incremental parse takes over from the old
  ;; tree keeps it, while both trees live. Returns the number of children, -1 when there is no memory left.
  (func (export "items") (param $tree i32) (param $out i32) (param $count i32) (result i32)
    (call $read_language (local.get $tree))
    (call $begin (local.get $tree))
    (call $walk (local.get $out) (local.get $count) (i32.const 0) (i32.const 1)))

  ;; Flattens the node with the preorder index $index and what lies below it. Returns the number of nodes written,
  ;; never more than $capacity, -1 when there is no memory left; indices count from 0 at that node.
  (func (export "flatten") (param $tree i32) (param $index i32) (param $out i32) (param $capacity i32)
      (param $depth i32) (result i32)
    (call $read_language (local.get $tree))
    (call $begin (local.get $tree))
    (if (local.get $index) (then (call $descend (local.get $index))))
    (call $walk (local.get $out) (local.get $capacity) (local.get $depth) (i32.const 0)))

  ;; Number of children of the subtree at $slot, hidden ones as well.
  (func $parts (param $slot i32) (result i32)
    (local $heap i32)
    (local.set $heap (i32.load (local.get $slot)))
    (if (result i32) (i32.and (local.get $heap) (i32.const 1))
      (then (i32.const 0))
      (else (i32.load offset=36 (local.get $heap)))))

  ;; Number of visible descendants of the subtree at $slot.
  (func $descendants (param $slot i32) (result i32)
    (if (result i32) (call $parts (local.get $slot))
      (then (i32.load offset=56 (i32.load (local.get $slot))))
      (else (i32.const 0))))

  ;; What the language of the tree at hand says: symbols that productions give their children, and bytes a production;
  ;; the symbol to show for a symbol; ranges of fields by production, 0 in a language without fields; the fields.
  (global $aliases (mut i32) (i32.const 0))
  (global $alias_bytes (mut i32) (i32.const 0))
  (global $shown (mut i32) (i32.const 0))
  (global $ranges (mut i32) (i32.const 0))
  (global $fields (mut i32) (i32.const 0))

  (func $read_language (param $tree i32)
    (local $language i32)
    (local.set $language (i32.load offset=8 (local.get $tree)))
    (global.set $alias_bytes (i32.shl (i32.load16_u offset=36 (local.get $language)) (i32.const 1)))
    (global.set $aliases (i32.load offset=84 (local.get $language)))
    (global.set $shown (i32.load offset=76 (local.get $language)))
    (global.set $fields (i32.load offset=68 (local.get $language)))
    (global.set $ranges (select (i32.load offset=64 (local.get $language)) (i32.const 0)
      (i32.load offset=32 (local.get $language)))))

  ;; Where the walk stands: the next subtree and the end of its brothers, how many brothers before it are no extras,
  ;; the symbols and the fields that their production gives, the field of hidden nodes around them, and the position
  ;; before the next one's padding.
  (global $slot (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))
  (global $structural (mut i32) (i32.const 0))
  (global $alias (mut i32) (i32.const 0))
  (global $field (mut i32) (i32.const 0))
  (global $field_end (mut i32) (i32.const 0))
  (global $inherited (mut i32) (i32.const 0))
  (global $position (mut i32) (i32.const 0))

  ;; Stands before the root.
  (func $begin (param $tree i32)
    (global.set $slot (local.get $tree))
    (global.set $end (i32.add (local.get $tree) (i32.const 8)))
    (global.set $structural (i32.const 0))
    (global.set $alias (i32.const 0))
    (global.set $field (i32.const 0))
    (global.set $field_end (i32.const 0))
    (global.set $inherited (i32.const 0))
    (global.set $position (i32.const 0)))

  ;; Stands before the first child of a heap node that begins at $start, after its padding, and has children.
  (func $enter (param $heap i32) (param $start i32)
    (local $production i32) (local $range i32) (local $first i32)
    (global.set $end (local.get $heap))
    (global.set $slot
      (i32.sub (local.get $heap) (i32.shl (i32.load offset=36 (local.get $heap)) (i32.const 3))))
    (local.set $production (i32.load16_u offset=66 (local.get $heap)))
    (global.set $structural (i32.const 0))
    (global.set $alias (i32.const 0))
    (if (local.get $production)
      (then
        (global.set $alias
          (i32.add (global.get $aliases) (i32.mul (local.get $production) (global.get $alias_bytes))))))
    (global.set $field (i32.const 0))
    (global.set $field_end (i32.const 0))
    (if (global.get $ranges)
      (then
        (local.set $range
          (i32.load (i32.add (global.get $ranges) (i32.shl (local.get $production) (i32.const 2)))))
        (global.set $field
          (i32.add (global.get $fields)
            (i32.shl (i32.and (local.get $range) (i32.const 0xffff)) (i32.const 2))))
        (global.set $field_end
          (i32.add (global.get $field) (i32.shl (i32.shr_u (local.get $range) (i32.const 16)) (i32.const 2))))))
    ;; The first child begins where its parent does; its padding was counted there.
    (local.set $first (i32.load (global.get $slot)))
    (global.set $position
      (i32.sub (local.get $start)
        (if (result i32) (i32.and (local.get $first) (i32.const 1))
          (then (i32.load8_u offset=6 (global.get $slot)))
          (else (i32.load offset=4 (local.get $first)))))))

  ;; The field of child number $structural among those from $at to $end; $inherited when it has none.
  (func $field_of (param $structural i32) (param $at i32) (param $end i32) (param $inherited i32) (result i32)
    (loop $next
      (if (i32.ne (local.get $at) (local.get $end))
        (then
          ;; One comparison says both: this child, and not inherited. No production has 256 children.
          (if (i32.eq (i32.load16_u offset=2 (local.get $at)) (local.get $structural))
            (then (return (i32.load16_u (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br $next))))
    (local.get $inherited))

  ;; Goes from before the root to before the node with the preorder index $index, as if it had no brothers after it.
  (func $descend (param $index i32)
    (local $heap i32) (local $start i32) (local $end i32) (local $extra i32) (local $visible i32) (local $nodes i32)
    (local $field i32)
    (loop $next
      (local.set $heap (i32.load (global.get $slot)))
      (if (i32.and (local.get $heap) (i32.const 1))
        (then
          (local.set $start (i32.add (global.get $position) (i32.load8_u offset=6 (global.get $slot))))
          (local.set $end (i32.add (local.get $start) (i32.load8_u offset=7 (global.get $slot))))
          (local.set $visible (i32.and (i32.shr_u (local.get $heap) (i32.const 1)) (i32.const 1)))
          (local.set $extra (i32.and (local.get $heap) (i32.const 8))))
        (else
          (local.set $start (i32.add (global.get $position) (i32.load offset=4 (local.get $heap))))
          (local.set $end (i32.add (local.get $start) (i32.load offset=16 (local.get $heap))))
          (local.set $visible (i32.and (i32.load8_u offset=44 (local.get $heap)) (i32.const 1)))
          (local.set $extra (i32.and (i32.load8_u offset=44 (local.get $heap)) (i32.const 4)))))
      (if (i32.and (i32.eqz (local.get $extra)) (i32.ne (global.get $alias) (i32.const 0)))
        (then
          (if (i32.load16_u
                (i32.add (global.get $alias) (i32.shl (global.get $structural) (i32.const 1))))
            (then (local.set $visible (i32.const 1))))))
      ;; The index counts from the subtree at hand.
      (if (i32.and (local.get $visible) (i32.eqz (local.get $index)))
        (then
          (global.set $end (i32.add (global.get $slot) (i32.const 8)))
          (return)))
      (local.set $nodes (i32.add (local.get $visible) (call $descendants (global.get $slot))))
      (if (i32.lt_u (local.get $index) (local.get $nodes))
        (then
          (local.set $index (i32.sub (local.get $index) (local.get $visible)))
          (local.set $field (i32.const 0))
          (if (i32.eqz (i32.or (local.get $visible) (local.get $extra)))
            (then
              (local.set $field
                (call $field_of (global.get $structural) (global.get $field) (global.get $field_end)
                  (global.get $inherited)))))
          (call $enter (local.get $heap) (local.get $start))
          (global.set $inherited (local.get $field)))
        (else
          (local.set $index (i32.sub (local.get $index) (local.get $nodes)))
          (global.set $position (local.get $end))
          (global.set $structural
            (i32.add (global.get $structural) (i32.eqz (local.get $extra))))
          (global.set $slot (i32.add (global.get $slot) (i32.const 8)))))
      (br $next)))

  ;; Writes the node before which we stand and what lies below it, six integers a node: type, field, start, end,
  ;; parent, index after the subtree. With $items, which begins at the root, its children as `items` says.
  (func $walk (param $out i32) (param $capacity i32) (param $depth i32) (param $items i32) (result i32)
    ;; Where we stand, and the row of the parent, -1 where that is hidden.
    (local $slot i32) (local $end i32) (local $structural i32) (local $alias i32) (local $field_from i32)
    (local $field_end i32) (local $inherited i32) (local $position i32) (local $node i32)
    ;; The subtree at hand; its children, 0 when none of them can be seen.
    (local $heap i32) (local $symbol i32) (local $field i32) (local $start i32) (local $visible i32)
    (local $extra i32) (local $children i32)
    ;; Row of the nearest visible parent, number of rows, the row at hand, preorder index with $items.
    (local $parent i32) (local $size i32) (local $at i32) (local $index i32)
    ;; What is open around, 36 bytes each: a heap of its own, since nothing bounds how deep hidden nodes lie.
    (local $stack i32) (local $bytes i32) (local $used i32) (local $grown i32)
    (global.set $cut (i32.const 0))
    (if (i32.eqz (local.get $capacity)) (then (return (i32.const 0))))
    (local.set $bytes (i32.const 9216))
    (local.set $stack (call $malloc (local.get $bytes)))
    (if (i32.eqz (local.get $stack)) (then (return (i32.const -1))))
    (local.set $slot (global.get $slot))
    (local.set $end (global.get $end))
    (local.set $structural (global.get $structural))
    (local.set $alias (global.get $alias))
    (local.set $field_from (global.get $field))
    (local.set $field_end (global.get $field_end))
    (local.set $inherited (global.get $inherited))
    (local.set $position (global.get $position))
    (local.set $node (i32.const -1))
    (local.set $parent (i32.const -1))
    (block $full
      (loop $next
        (if (i32.eq (local.get $slot) (local.get $end))
          (then
            ;; That was the last child: its parent is done.
            (if (i32.ne (local.get $node) (i32.const -1))
              (then
                (local.set $at (i32.add (local.get $out) (i32.mul (local.get $node) (i32.const 24))))
                (i32.store offset=20 (local.get $at) (local.get $size))
                (local.set $parent (i32.load offset=16 (local.get $at)))
                (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
            (br_if $full (i32.eqz (local.get $used)))
            (local.set $used (i32.sub (local.get $used) (i32.const 36)))
            (local.set $at (i32.add (local.get $stack) (local.get $used)))
            (local.set $slot (i32.load (local.get $at)))
            (local.set $end (i32.load offset=4 (local.get $at)))
            (local.set $structural (i32.load offset=8 (local.get $at)))
            (local.set $alias (i32.load offset=12 (local.get $at)))
            (local.set $field_from (i32.load offset=16 (local.get $at)))
            (local.set $field_end (i32.load offset=20 (local.get $at)))
            (local.set $inherited (i32.load offset=24 (local.get $at)))
            (local.set $position (i32.load offset=28 (local.get $at)))
            (local.set $node (i32.load offset=32 (local.get $at)))
            (br $next)))

        (local.set $heap (i32.load (local.get $slot)))
        (if (i32.and (local.get $heap) (i32.const 1))
          (then
            (local.set $start (i32.add (local.get $position) (i32.load8_u offset=6 (local.get $slot))))
            (local.set $position (i32.add (local.get $start) (i32.load8_u offset=7 (local.get $slot))))
            (local.set $visible (i32.and (local.get $heap) (i32.const 2)))
            (local.set $extra (i32.and (local.get $heap) (i32.const 8)))
            (local.set $symbol (i32.and (i32.shr_u (local.get $heap) (i32.const 8)) (i32.const 0xff)))
            (local.set $children (i32.const 0)))
          (else
            (local.set $start (i32.add (local.get $position) (i32.load offset=4 (local.get $heap))))
            (local.set $position (i32.add (local.get $start) (i32.load offset=16 (local.get $heap))))
            (local.set $visible (i32.and (i32.load8_u offset=44 (local.get $heap)) (i32.const 1)))
            (local.set $extra (i32.and (i32.load8_u offset=44 (local.get $heap)) (i32.const 4)))
            (local.set $symbol (i32.load16_u offset=40 (local.get $heap)))
            (local.set $children (i32.load offset=36 (local.get $heap)))
            (if (local.get $children) (then (local.set $children (i32.load offset=48 (local.get $heap)))))))
        (local.set $slot (i32.add (local.get $slot) (i32.const 8)))
        (local.set $field (i32.const 0))
        (if (i32.eqz (local.get $extra))
          (then
            (if (local.get $alias)
              (then
                (local.set $at
                  (i32.load16_u (i32.add (local.get $alias) (i32.shl (local.get $structural) (i32.const 1)))))
                (if (local.get $at)
                  (then
                    (local.set $symbol (local.get $at))
                    (local.set $visible (i32.const 1))))))
            (local.set $field
              (if (result i32) (i32.eq (local.get $field_from) (local.get $field_end))
                (then (local.get $inherited))
                (else
                  (call $field_of (local.get $structural) (local.get $field_from) (local.get $field_end)
                    (local.get $inherited)))))
            (local.set $structural (i32.add (local.get $structural) (i32.const 1)))))
        ;; Where the walk begins, the node counts whatever its flags say; items lie below it.
        (if (i32.eqz (i32.or (local.get $used) (local.get $size)))
          (then (local.set $visible (i32.eqz (local.get $items)))))

        (if (local.get $visible)
          (then
            (local.set $at (i32.add (local.get $out) (i32.mul (local.get $size) (i32.const 24))))
            ;; ERROR is in no table.
            (if (i32.ne (local.get $symbol) (i32.const 65535))
              (then
                (local.set $symbol
                  (i32.load16_u (i32.add (global.get $shown) (i32.shl (local.get $symbol) (i32.const 1)))))))
            (i32.store (local.get $at) (local.get $symbol))
            (i32.store offset=4 (local.get $at) (local.get $field))
            (i32.store offset=8 (local.get $at) (i32.shr_u (local.get $start) (i32.const 1)))
            (i32.store offset=12 (local.get $at) (i32.shr_u (local.get $position) (i32.const 1)))
            (local.set $size (i32.add (local.get $size) (i32.const 1)))
            (if (local.get $items)
              (then
                (local.set $index (i32.add (local.get $index) (i32.const 1)))
                (i32.store offset=16 (local.get $at)
                  (select (local.get $heap) (i32.const 0) (local.get $children)))
                (i32.store offset=20 (local.get $at) (local.get $index))
                (local.set $index
                  (i32.add (local.get $index) (call $descendants (i32.sub (local.get $slot) (i32.const 8)))))
                (br_if $full (i32.eq (local.get $size) (local.get $capacity)))
                (br $next)))
            (i32.store offset=16 (local.get $at) (local.get $parent))
            (i32.store offset=20 (local.get $at) (local.get $size))
            (br_if $full (i32.eq (local.get $size) (local.get $capacity)))
            (br_if $next (i32.eqz (local.get $children)))
            (if (i32.eqz (local.get $depth))
              (then
                (global.set $cut (i32.const 1))
                (br $next)))
            (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
            (local.set $parent (i32.sub (local.get $size) (i32.const 1)))
            (local.set $field (i32.const 0)))
          (else (br_if $next (i32.eqz (local.get $children)))))

        ;; Into its children.
        (if (i32.eq (local.get $used) (local.get $bytes))
          (then
            (local.set $grown (call $malloc (i32.shl (local.get $bytes) (i32.const 1))))
            (if (i32.eqz (local.get $grown))
              (then
                (call $free (local.get $stack))
                (return (i32.const -1))))
            (memory.copy (local.get $grown) (local.get $stack) (local.get $bytes))
            (call $free (local.get $stack))
            (local.set $stack (local.get $grown))
            (local.set $bytes (i32.shl (local.get $bytes) (i32.const 1)))))
        (local.set $at (i32.add (local.get $stack) (local.get $used)))
        (i32.store (local.get $at) (local.get $slot))
        (i32.store offset=4 (local.get $at) (local.get $end))
        (i32.store offset=8 (local.get $at) (local.get $structural))
        (i32.store offset=12 (local.get $at) (local.get $alias))
        (i32.store offset=16 (local.get $at) (local.get $field_from))
        (i32.store offset=20 (local.get $at) (local.get $field_end))
        (i32.store offset=24 (local.get $at) (local.get $inherited))
        (i32.store offset=28 (local.get $at) (local.get $position))
        (i32.store offset=32 (local.get $at) (local.get $node))
        (local.set $used (i32.add (local.get $used) (i32.const 36)))
        (call $enter (local.get $heap) (local.get $start))
        (local.set $slot (global.get $slot))
        (local.set $end (global.get $end))
        (local.set $structural (i32.const 0))
        (local.set $alias (global.get $alias))
        (local.set $field_from (global.get $field))
        (local.set $field_end (global.get $field_end))
        (local.set $inherited (local.get $field))
        (local.set $position (global.get $position))
        (local.set $node (select (local.get $parent) (i32.const -1) (local.get $visible)))
        (br $next)))
    (call $free (local.get $stack))
    ;; Only a full buffer leaves ancestors open.
    (block $closed
      (loop $ancestor
        (br_if $closed (i32.or (local.get $items) (i32.eq (local.get $parent) (i32.const -1))))
        (local.set $at (i32.add (local.get $out) (i32.mul (local.get $parent) (i32.const 24))))
        (i32.store offset=20 (local.get $at) (local.get $size))
        (local.set $parent (i32.load offset=16 (local.get $at)))
        (br $ancestor)))
    (local.get $size)))
