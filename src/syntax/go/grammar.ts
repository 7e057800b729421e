import { ERROR_TYPE, type Vocabulary } from '../flat-tree.ts';

/**
 * The node types of tree-sitter-go that lowering tells apart, as small numbers of our own: the grammar's ids move
 * from version to version and one name can have several ids.
 */
export const Class = {
  /** Punctuation, keywords, comments and other things lowering steps over. */
  Skip: 0,
  Identifier: 1,
  SelectorExpression: 2,
  CallExpression: 3,
  InterpretedString: 4,
  RawString: 5,
  Int: 6,
  Float: 7,
  Imaginary: 8,
  Rune: 9,
  Nil: 10,
  True: 11,
  False: 12,
  Iota: 13,
  Blank: 14,
  Unary: 15,
  Binary: 16,
  Index: 17,
  SliceExpression: 18,
  Composite: 19,
  Parenthesized: 20,
  FuncLiteral: 21,
  TypeAssertion: 22,
  TypeConversion: 23,
  TypeInstantiation: 24,
  VariadicArgument: 25,
  LiteralValue: 26,
  LiteralElement: 27,
  KeyedElement: 28,
  ExpressionList: 29,

  TypeIdentifier: 40,
  QualifiedType: 41,
  PointerType: 42,
  SliceType: 43,
  ArrayType: 44,
  ImplicitArrayType: 45,
  MapType: 46,
  ChannelType: 47,
  FunctionType: 48,
  StructType: 49,
  InterfaceType: 50,
  GenericType: 51,
  ParenthesizedType: 52,
  NegatedType: 53,
  TypeElem: 54,
  TypeConstraint: 55,
  TypeArguments: 56,
  ParameterList: 57,
  Parameter: 58,
  VariadicParameter: 59,
  TypeParameterList: 60,
  TypeParameter: 61,
  FieldDeclarationList: 62,
  FieldDeclaration: 63,
  MethodElem: 64,

  ExpressionStatement: 70,
  ShortVar: 71,
  Assignment: 72,
  Inc: 73,
  Dec: 74,
  Return: 75,
  If: 76,
  For: 77,
  Block: 78,
  StatementList: 79,
  VarDeclaration: 80,
  VarSpecList: 81,
  VarSpec: 82,
  ConstDeclaration: 83,
  ConstSpec: 84,
  TypeDeclaration: 85,
  TypeSpec: 86,
  TypeAlias: 87,
  Switch: 88,
  TypeSwitch: 89,
  ExpressionCase: 90,
  TypeCase: 91,
  DefaultCase: 92,
  Select: 93,
  CommunicationCase: 94,
  Receive: 95,
  Send: 96,
  Go: 97,
  Defer: 98,
  Labeled: 99,
  Break: 100,
  Continue: 101,
  Goto: 102,
  Fallthrough: 103,
  Empty: 104,
  ForClause: 105,
  RangeClause: 106,

  Function: 110,
  Method: 111,
  Import: 112,
  ImportList: 113,
  ImportSpec: 114,
  Package: 115,
  Comment: 116,

  Error: 120,
  /** A named node the table does not list. */
  Unknown: 121,
} as const;

const TYPES: Readonly<Record<string, number>> = {
  identifier: Class.Identifier,
  package_identifier: Class.Identifier,
  field_identifier: Class.Identifier,
  label_name: Class.Identifier,
  blank_identifier: Class.Blank,
  dot: Class.Identifier,
  selector_expression: Class.SelectorExpression,
  call_expression: Class.CallExpression,
  interpreted_string_literal: Class.InterpretedString,
  raw_string_literal: Class.RawString,
  int_literal: Class.Int,
  float_literal: Class.Float,
  imaginary_literal: Class.Imaginary,
  rune_literal: Class.Rune,
  nil: Class.Nil,
  true: Class.True,
  false: Class.False,
  iota: Class.Iota,
  unary_expression: Class.Unary,
  binary_expression: Class.Binary,
  index_expression: Class.Index,
  slice_expression: Class.SliceExpression,
  composite_literal: Class.Composite,
  parenthesized_expression: Class.Parenthesized,
  func_literal: Class.FuncLiteral,
  type_assertion_expression: Class.TypeAssertion,
  type_conversion_expression: Class.TypeConversion,
  type_instantiation_expression: Class.TypeInstantiation,
  variadic_argument: Class.VariadicArgument,
  literal_value: Class.LiteralValue,
  literal_element: Class.LiteralElement,
  keyed_element: Class.KeyedElement,
  expression_list: Class.ExpressionList,
  type_identifier: Class.TypeIdentifier,
  qualified_type: Class.QualifiedType,
  pointer_type: Class.PointerType,
  slice_type: Class.SliceType,
  array_type: Class.ArrayType,
  implicit_length_array_type: Class.ImplicitArrayType,
  map_type: Class.MapType,
  channel_type: Class.ChannelType,
  function_type: Class.FunctionType,
  struct_type: Class.StructType,
  interface_type: Class.InterfaceType,
  generic_type: Class.GenericType,
  parenthesized_type: Class.ParenthesizedType,
  negated_type: Class.NegatedType,
  type_elem: Class.TypeElem,
  type_constraint: Class.TypeConstraint,
  type_arguments: Class.TypeArguments,
  parameter_list: Class.ParameterList,
  parameter_declaration: Class.Parameter,
  variadic_parameter_declaration: Class.VariadicParameter,
  type_parameter_list: Class.TypeParameterList,
  type_parameter_declaration: Class.TypeParameter,
  field_declaration_list: Class.FieldDeclarationList,
  field_declaration: Class.FieldDeclaration,
  method_elem: Class.MethodElem,
  expression_statement: Class.ExpressionStatement,
  short_var_declaration: Class.ShortVar,
  assignment_statement: Class.Assignment,
  inc_statement: Class.Inc,
  dec_statement: Class.Dec,
  return_statement: Class.Return,
  if_statement: Class.If,
  for_statement: Class.For,
  block: Class.Block,
  statement_list: Class.StatementList,
  var_declaration: Class.VarDeclaration,
  var_spec_list: Class.VarSpecList,
  var_spec: Class.VarSpec,
  const_declaration: Class.ConstDeclaration,
  const_spec: Class.ConstSpec,
  type_declaration: Class.TypeDeclaration,
  type_spec: Class.TypeSpec,
  type_alias: Class.TypeAlias,
  expression_switch_statement: Class.Switch,
  type_switch_statement: Class.TypeSwitch,
  expression_case: Class.ExpressionCase,
  type_case: Class.TypeCase,
  default_case: Class.DefaultCase,
  select_statement: Class.Select,
  communication_case: Class.CommunicationCase,
  receive_statement: Class.Receive,
  send_statement: Class.Send,
  go_statement: Class.Go,
  defer_statement: Class.Defer,
  labeled_statement: Class.Labeled,
  break_statement: Class.Break,
  continue_statement: Class.Continue,
  goto_statement: Class.Goto,
  fallthrough_statement: Class.Fallthrough,
  empty_statement: Class.Empty,
  for_clause: Class.ForClause,
  range_clause: Class.RangeClause,
  function_declaration: Class.Function,
  method_declaration: Class.Method,
  import_declaration: Class.Import,
  import_spec_list: Class.ImportList,
  import_spec: Class.ImportSpec,
  package_clause: Class.Package,
  comment: Class.Comment,
};

/** Fields of the grammar, by the number they have in the flattened tree. */
export interface Fields {
  readonly alias: number;
  readonly alternative: number;
  readonly arguments: number;
  readonly body: number;
  readonly capacity: number;
  readonly channel: number;
  readonly communication: number;
  readonly condition: number;
  readonly consequence: number;
  readonly element: number;
  readonly end: number;
  readonly field: number;
  readonly function: number;
  readonly index: number;
  readonly initializer: number;
  readonly key: number;
  readonly label: number;
  readonly left: number;
  readonly length: number;
  readonly name: number;
  readonly operand: number;
  readonly operator: number;
  readonly parameters: number;
  readonly path: number;
  readonly receiver: number;
  readonly result: number;
  readonly right: number;
  readonly start: number;
  readonly type: number;
  readonly type_arguments: number;
  readonly type_parameters: number;
  readonly update: number;
  readonly value: number;
}

export interface GoGrammar {
  /** `Class` by the grammar's type id; long enough for `ERROR_TYPE`. */
  readonly classes: Uint8Array;
  readonly fields: Fields;
  /** 1 for a type that, when it is empty, was missing in the source. Ends of lines may be empty. */
  readonly solid: Uint8Array;
  /** Texts of anonymous nodes by type id. */
  readonly types: readonly string[];
}

const grammars = new WeakMap<Vocabulary, GoGrammar>();

/** The grammar's numbers for a vocabulary; computed once. */
export function goGrammar(vocabulary: Vocabulary): GoGrammar {
  let grammar = grammars.get(vocabulary);
  if (!grammar) {
    const classes = new Uint8Array(ERROR_TYPE + 1);
    const solid = new Uint8Array(ERROR_TYPE + 1);
    for (let id = 0; id < vocabulary.types.length; id++) {
      const name = vocabulary.types[id] as string;
      if (vocabulary.named[id]) {
        const c = TYPES[name] ?? Class.Unknown;
        classes[id] = c;
        if (c === Class.Identifier || c === Class.TypeIdentifier) solid[id] = 1;
      } else if (/^[^\s\0_]+$/.test(name)) solid[id] = 1;
    }
    classes[ERROR_TYPE] = Class.Error;
    const id = vocabulary.fieldId;
    grammar = {
      classes,
      solid,
      types: vocabulary.types,
      fields: {
        alias: id('alias'),
        alternative: id('alternative'),
        arguments: id('arguments'),
        body: id('body'),
        capacity: id('capacity'),
        channel: id('channel'),
        communication: id('communication'),
        condition: id('condition'),
        consequence: id('consequence'),
        element: id('element'),
        end: id('end'),
        field: id('field'),
        function: id('function'),
        index: id('index'),
        initializer: id('initializer'),
        key: id('key'),
        label: id('label'),
        left: id('left'),
        length: id('length'),
        name: id('name'),
        operand: id('operand'),
        operator: id('operator'),
        parameters: id('parameters'),
        path: id('path'),
        receiver: id('receiver'),
        result: id('result'),
        right: id('right'),
        start: id('start'),
        type: id('type'),
        type_arguments: id('type_arguments'),
        type_parameters: id('type_parameters'),
        update: id('update'),
        value: id('value'),
      },
    };
    grammars.set(vocabulary, grammar);
  }
  return grammar;
}
