;; Flattens a whole syntax tree in one call, next to the runtime that made it: it shares web-tree-sitter's memory
;; and calls its cursor functions, so that no node costs a step between wasm and JavaScript. The runtime keeps its
;; cursor in a transfer buffer between calls, which is why the functions take nothing but the tree.
;; Built by src/tools/grammars.ts.
(module
  (import "runtime" "memory" (memory 0))
  (import "runtime" "ts_tree_root_node_wasm" (func $root (param i32)))
  (import "runtime" "ts_node_descendant_count_wasm" (func $count (param i32) (result i32)))
  (import "runtime" "ts_node_child_count_wasm" (func $children (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_new_wasm" (func $open (param i32)))
  (import "runtime" "ts_tree_cursor_delete_wasm" (func $close (param i32)))
  (import "runtime" "ts_tree_cursor_goto_first_child_wasm" (func $child (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_goto_next_sibling_wasm" (func $sibling (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_goto_parent_wasm" (func $parent (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_goto_descendant_wasm" (func $descend (param i32 i32)))
  (import "runtime" "ts_tree_cursor_current_descendant_index_wasm" (func $index (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_current_node_id_wasm" (func $id (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_current_node_type_id_wasm" (func $type (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_current_field_id_wasm" (func $field (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_start_index_wasm" (func $start (param i32) (result i32)))
  (import "runtime" "ts_tree_cursor_end_index_wasm" (func $end (param i32) (result i32)))

  ;; 1 when the last flatten left out nodes below the deepest level allowed.
  (global $cut (mut i32) (i32.const 0))
  (func (export "cut") (result i32) (global.get $cut))

  ;; Number of nodes of the tree.
  (func (export "size") (param $tree i32) (result i32)
    (call $root (local.get $tree))
    (call $count (local.get $tree)))

  ;; Number of the root's children.
  (func (export "item_count") (param $tree i32) (result i32)
    (call $root (local.get $tree))
    (call $children (local.get $tree)))

  ;; Writes six integers to $out for each child of the root: type, field, start, end, identity, preorder index. The
  ;; identity is that of the node's own list of children, 0 without children: a subtree that an incremental parse
  ;; takes over from the old tree keeps it, while both trees live.
  (func (export "items") (param $tree i32) (param $out i32)
    (local $id i32)
    (call $root (local.get $tree))
    (call $open (local.get $tree))
    (if (call $child (local.get $tree))
      (then
        (loop $next
          (i32.store (local.get $out) (call $type (local.get $tree)))
          (i32.store offset=4 (local.get $out) (call $field (local.get $tree)))
          (i32.store offset=8 (local.get $out) (call $start (local.get $tree)))
          (i32.store offset=12 (local.get $out) (call $end (local.get $tree)))
          (i32.store offset=20 (local.get $out) (call $index (local.get $tree)))
          (local.set $id (i32.const 0))
          (if (call $child (local.get $tree))
            (then
              (local.set $id (call $id (local.get $tree)))
              (drop (call $parent (local.get $tree)))))
          (i32.store offset=16 (local.get $out) (local.get $id))
          (local.set $out (i32.add (local.get $out) (i32.const 24)))
          (br_if $next (call $sibling (local.get $tree))))))
    (call $close (local.get $tree)))

  ;; Flattens the node with the preorder index $index and what lies below it. Returns the number of nodes written,
  ;; never more than $capacity; indices count from 0 at that node.
  (func (export "flatten") (param $tree i32) (param $index i32) (param $out i32) (param $capacity i32)
      (param $depth i32) (result i32)
    (local $size i32)
    (global.set $cut (i32.const 0))
    (if (i32.eqz (local.get $capacity)) (then (return (i32.const 0))))
    (call $root (local.get $tree))
    (call $open (local.get $tree))
    (if (local.get $index) (then (call $descend (local.get $tree) (local.get $index))))
    (local.set $size
      (call $walk (local.get $tree) (local.get $out) (local.get $capacity) (local.get $depth)))
    (call $close (local.get $tree))
    (local.get $size))

  ;; Writes six integers a node to $out: type, field, start, end, parent, index after the subtree.
  (func $walk (param $tree i32) (param $out i32) (param $capacity i32) (param $depth i32) (result i32)
    (local $node i32) (local $size i32) (local $parent_node i32) (local $at i32)
    (local.set $parent_node (i32.const -1))
    (block $done
      (loop $enter
        (local.set $node (local.get $size))
        (local.set $at (i32.add (local.get $out) (i32.mul (local.get $size) (i32.const 24))))
        (local.set $size (i32.add (local.get $size) (i32.const 1)))
        (i32.store (local.get $at) (call $type (local.get $tree)))
        (i32.store offset=4 (local.get $at) (call $field (local.get $tree)))
        (i32.store offset=8 (local.get $at) (call $start (local.get $tree)))
        (i32.store offset=12 (local.get $at) (call $end (local.get $tree)))
        (i32.store offset=16 (local.get $at) (local.get $parent_node))
        (i32.store offset=20 (local.get $at) (local.get $size))
        (br_if $done (i32.eq (local.get $size) (local.get $capacity)))
        (if (call $child (local.get $tree))
          (then
            (if (local.get $depth)
              (then
                (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
                (local.set $parent_node (local.get $node))
                (br $enter))
              (else
                (global.set $cut (i32.const 1))
                (drop (call $parent (local.get $tree)))))))
        (loop $leave
          (i32.store offset=20
            (i32.add (local.get $out) (i32.mul (local.get $node) (i32.const 24)))
            (local.get $size))
          (br_if $done (i32.eq (local.get $parent_node) (i32.const -1)))
          (br_if $enter (call $sibling (local.get $tree)))
          (drop (call $parent (local.get $tree)))
          (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
          (local.set $node (local.get $parent_node))
          (local.set $parent_node
            (i32.load offset=16 (i32.add (local.get $out) (i32.mul (local.get $node) (i32.const 24)))))
          (br $leave))))
    ;; Only a full buffer leaves ancestors open.
    (block $closed
      (loop $ancestor
        (br_if $closed (i32.eq (local.get $parent_node) (i32.const -1)))
        (local.set $at (i32.add (local.get $out) (i32.mul (local.get $parent_node) (i32.const 24))))
        (i32.store offset=20 (local.get $at) (local.get $size))
        (local.set $parent_node (i32.load offset=16 (local.get $at)))
        (br $ancestor)))
    (local.get $size)))
