import { FLAT_INTS } from '../flat-tree.ts';
import { Kind, type NodeId, Role } from '../node.ts';
import { lower, lowerAll, lowerPattern, lowerPatterns } from './expressions.ts';
import { Class } from './grammar.ts';
import type { Lowering, Row } from './lowering.ts';
import { lowerType } from './types.ts';

/** Lowers all that stands in `p`, whatever it is. */
export function lowerChildren(s: Lowering, p: Row, role: Role): void {
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) if (s.counts(c)) lowerStatement(s, c, role);
}

/** Lowers a `block` or a case's `statement_list`. */
export function lowerBlock(s: Lowering, p: Row, role: Role, name = ''): NodeId {
  const w = s.writer;
  const id = w.open(Kind.Block, role, name, s.start(p), s.end(p));
  const outer = s.block;
  s.block = s.span(p);
  lowerStatements(s, p);
  s.block = outer;
  return w.close(id);
}

function lowerStatements(s: Lowering, p: Row): void {
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    const k = s.classOf(c);
    if (k === Class.StatementList) lowerStatements(s, c);
    else if (k !== Class.Skip && k !== Class.Comment) lowerStatement(s, c, Role.Statement);
  }
}

function lowerStatement(s: Lowering, p: Row, role: Role): void {
  const w = s.writer;
  const f = s.fields;
  const start = s.start(p);
  const end = s.end(p);
  switch (s.classOf(p)) {
    case Class.ExpressionStatement: {
      const e = s.first(p);
      if (e >= 0) lower(s, e, role);
      return;
    }
    case Class.ShortVar: {
      const id = w.open(Kind.Let, role, ':=', start, end);
      lowerPatterns(s, s.field(p, f.left));
      lowerAll(s, s.field(p, f.right), Role.Value);
      w.close(id);
      return;
    }
    case Class.Assignment: {
      const id = w.open(Kind.Assign, role, s.operator(p), start, end);
      lowerAll(s, s.field(p, f.left), Role.Target);
      lowerAll(s, s.field(p, f.right), Role.Value);
      w.close(id);
      return;
    }
    case Class.Inc:
    case Class.Dec: {
      const id = w.open(Kind.Assign, role, s.classOf(p) === Class.Inc ? '+=' : '-=', start, end);
      const target = s.first(p);
      if (target >= 0) lower(s, target, Role.Target);
      w.leaf(Kind.Number, Role.Value, '1', end - 2, end);
      w.close(id);
      return;
    }
    case Class.Return: {
      const id = w.open(Kind.Return, role, '', start, end);
      lowerAll(s, s.first(p), Role.Value);
      w.close(id);
      return;
    }
    case Class.If: {
      const id = w.open(Kind.If, role, '', start, end);
      const initializer = s.field(p, f.initializer);
      if (initializer >= 0) lowerStatement(s, initializer, Role.Init);
      const condition = s.field(p, f.condition);
      if (condition >= 0) lower(s, condition, Role.Condition);
      const then = s.field(p, f.consequence);
      if (then >= 0) lowerBlock(s, then, Role.Then);
      const otherwise = s.field(p, f.alternative);
      if (otherwise >= 0) lowerStatement(s, otherwise, Role.Else);
      w.close(id);
      return;
    }
    case Class.For:
      loop(s, p, role);
      return;
    case Class.Block:
      lowerBlock(s, p, role);
      return;
    case Class.StatementList:
      lowerStatements(s, p);
      return;
    case Class.VarDeclaration:
    case Class.ConstDeclaration:
    case Class.VarSpecList: {
      const last = s.after(p);
      for (let c = p + FLAT_INTS; c < last; c = s.after(c)) if (s.counts(c)) lowerStatement(s, c, role);
      return;
    }
    case Class.VarSpec:
    case Class.ConstSpec: {
      const id = w.open(Kind.Let, role, s.classOf(p) === Class.VarSpec ? 'var' : 'const', start, end);
      const last = s.after(p);
      for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
        const field = s.data[c + 1];
        if (field === f.name && s.counts(c)) lowerPattern(s, c);
      }
      const type = s.field(p, f.type);
      if (type >= 0) lowerType(s, type, Role.Type);
      lowerAll(s, s.field(p, f.value), Role.Value);
      w.close(id);
      return;
    }
    case Class.TypeDeclaration:
      s.localTypes.push({ row: p, block: s.block });
      return;
    case Class.Switch: {
      const id = w.open(Kind.Match, role, '', start, end);
      const initializer = s.field(p, f.initializer);
      if (initializer >= 0) lowerStatement(s, initializer, Role.Init);
      const subject = s.field(p, f.value);
      if (subject >= 0) lower(s, subject, Role.Subject);
      arms(s, p);
      w.close(id);
      return;
    }
    case Class.TypeSwitch: {
      const id = w.open(Kind.Match, role, 'type', start, end);
      const initializer = s.field(p, f.initializer);
      if (initializer >= 0) lowerStatement(s, initializer, Role.Init);
      lowerPatterns(s, s.field(p, f.alias));
      const subject = s.field(p, f.value);
      if (subject >= 0) lower(s, subject, Role.Subject);
      arms(s, p);
      w.close(id);
      return;
    }
    case Class.Select: {
      const id = w.open(Kind.Select, role, '', start, end);
      arms(s, p);
      w.close(id);
      return;
    }
    case Class.Receive: {
      const left = s.field(p, f.left);
      const right = s.field(p, f.right);
      if (left < 0) {
        if (right >= 0) lower(s, right, role);
        return;
      }
      const declares = s.hasToken(p, ':=');
      const id = w.open(declares ? Kind.Let : Kind.Assign, role, declares ? ':=' : '=', start, end);
      if (declares) lowerPatterns(s, left);
      else lowerAll(s, left, Role.Target);
      if (right >= 0) lower(s, right, Role.Value);
      w.close(id);
      return;
    }
    case Class.Send: {
      const id = w.open(Kind.Send, role, '', start, end);
      const channel = s.field(p, f.channel);
      if (channel >= 0) lower(s, channel, Role.Object);
      const value = s.field(p, f.value);
      if (value >= 0) lower(s, value, Role.Value);
      w.close(id);
      return;
    }
    case Class.Go:
    case Class.Defer: {
      const id = w.open(s.classOf(p) === Class.Go ? Kind.Spawn : Kind.Defer, role, '', start, end);
      const call = s.first(p);
      if (call >= 0) lower(s, call, Role.Object);
      w.close(id);
      return;
    }
    case Class.Labeled:
      labeled(s, p, role);
      return;
    case Class.Break:
    case Class.Continue: {
      const label = s.first(p);
      w.leaf(
        s.classOf(p) === Class.Break ? Kind.Break : Kind.Continue,
        role,
        label < 0 ? '' : s.textOf(label),
        start,
        end,
      );
      return;
    }
    case Class.Goto:
      w.leaf(Kind.Other, role, 'goto_statement', start, end);
      return;
    case Class.Fallthrough:
      w.leaf(Kind.Other, role, 'fallthrough_statement', start, end);
      return;
    case Class.Empty:
      return;
    default:
      lower(s, p, role);
  }
}

/** A loop, switch or block with a label becomes a Block that is named by it. */
function labeled(s: Lowering, p: Row, role: Role): void {
  const label = s.field(p, s.fields.label);
  const end = s.after(p);
  for (let c = p + FLAT_INTS; c < end; c = s.after(c)) {
    if (c === label || !s.counts(c)) continue;
    switch (s.classOf(c)) {
      case Class.For:
      case Class.Switch:
      case Class.TypeSwitch:
      case Class.Select: {
        const name = label < 0 ? '' : s.textOf(label);
        const id = s.writer.open(Kind.Block, role, name, s.start(p), s.end(p));
        lowerStatement(s, c, Role.Statement);
        s.writer.close(id);
        return;
      }
      case Class.Block:
        lowerBlock(s, c, role, label < 0 ? '' : s.textOf(label));
        return;
      default:
        lowerStatement(s, c, role);
        return;
    }
  }
}

function loop(s: Lowering, p: Row, role: Role): void {
  const w = s.writer;
  const f = s.fields;
  const body = s.field(p, f.body);
  let head = -1;
  const last = s.after(p);
  for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
    if (c !== body && s.counts(c)) {
      head = c;
      break;
    }
  }
  const headClass = head < 0 ? Class.Skip : s.classOf(head);
  let name: string;
  let condition = -1;
  if (headClass === Class.RangeClause) name = 'for';
  else {
    condition = headClass === Class.ForClause ? s.field(head, f.condition) : head;
    name = condition < 0 ? 'loop' : 'while';
  }
  const id = w.open(Kind.Loop, role, name, s.start(p), s.end(p));
  if (headClass === Class.RangeClause) {
    const left = s.field(head, f.left);
    if (left >= 0) {
      if (s.hasToken(head, ':=')) lowerPatterns(s, left);
      else lowerAll(s, left, Role.Target);
    }
    const right = s.field(head, f.right);
    if (right >= 0) lower(s, right, Role.Iter);
  } else {
    if (headClass === Class.ForClause) {
      const initializer = s.field(head, f.initializer);
      if (initializer >= 0) lowerStatement(s, initializer, Role.Init);
    }
    if (condition >= 0) lower(s, condition, Role.Condition);
    if (headClass === Class.ForClause) {
      const update = s.field(head, f.update);
      if (update >= 0) lowerStatement(s, update, Role.Update);
    }
  }
  if (body >= 0) lowerBlock(s, body, Role.Body);
  w.close(id);
}

function arms(s: Lowering, p: Row): void {
  const w = s.writer;
  const f = s.fields;
  const last = s.after(p);
  for (let c = p + FLAT_INTS; c < last; c = s.after(c)) {
    const k = s.classOf(c);
    if (k === Class.Error) lowerStatement(s, c, Role.None);
    if (
      k !== Class.ExpressionCase &&
      k !== Class.TypeCase &&
      k !== Class.DefaultCase &&
      k !== Class.CommunicationCase
    ) {
      continue;
    }
    const id = w.open(Kind.Arm, Role.Arm, '', s.start(c), s.end(c));
    if (k === Class.ExpressionCase) {
      lowerAll(s, s.field(c, f.value), Role.Pattern);
    } else if (k === Class.CommunicationCase) {
      const communication = s.field(c, f.communication);
      if (communication >= 0) lowerStatement(s, communication, Role.Comm);
    } else if (k === Class.TypeCase) {
      const end = s.after(c);
      for (let t = c + FLAT_INTS; t < end; t = s.after(t)) {
        if (s.data[t + 1] !== f.type || !s.counts(t)) continue;
        if (s.classOf(t) === Class.TypeIdentifier && s.textOf(t) === 'nil') {
          w.leaf(Kind.Literal, Role.Pattern, 'nil', s.start(t), s.end(t));
        } else lowerType(s, t, Role.Pattern);
      }
    }
    const body = s.firstOf(c, Class.StatementList);
    if (body >= 0) lowerBlock(s, body, Role.Body);
    else w.leaf(Kind.Block, Role.Body, '', s.end(c), s.end(c));
    w.close(id);
  }
}
