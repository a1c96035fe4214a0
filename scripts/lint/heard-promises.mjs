import ts from 'typescript';

/*
 * Lint rule: no promise is begun that nobody may come to hear.
 *
 * A promise that is rejected before anybody waits for it ends the process. It happens where several are begun one after another and a
 * later one fails to begin: `[from, to].map((text) => read(parse(text)))`, whose second `parse` throws while the first `read` is
 * under way. So
 * - a callback of `map` that begins a promise is `async`, or only calls what is: what it throws is a rejection too, which is heard
 *   with all the others;
 * - in a list of promises nothing is called after the first but what begins the next one;
 * - a promise that is kept in a variable is handed on before anything else is called or awaited.
 */

const BEGINNERS = new Set(['map', 'flatMap', 'from']);

const isFunction = (node) => /^(Arrow)?Function(Expression|Declaration)$/.test(node.type);

/** Whether `node`, outside of functions in it, has something that can throw or takes turns of the event loop. */
function mayThrow(node, { visitorKeys }, passed = null) {
  if (!node || isFunction(node)) return false;
  if (/^(Call|New|Await|ImportExpression|TaggedTemplate)/.test(node.type) && node !== passed) return true;
  if (node.type === 'ThrowStatement') return true;
  return (visitorKeys[node.type] ?? [])
    .flatMap((key) => node[key] ?? [])
    .some((child) => mayThrow(child, { visitorKeys }, passed));
}

/** The call that makes the value of an expression: of `a && f(x)` and of `a ? f(x) : y` it is `f(x)`. */
function beginning(node) {
  switch (node.type) {
    case 'LogicalExpression':
      return beginning(node.right);
    case 'ConditionalExpression':
      return beginning(node.consequent) ?? beginning(node.alternate);
    case 'ChainExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return beginning(node.expression);
    case 'CallExpression':
    case 'ImportExpression':
      return node;
    default:
      return null;
  }
}

/** @type {import('eslint').Rule.RuleModule} */
export const heardPromises = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      callback:
        'This callback begins promises: make it async, so that what it throws is heard with what they reject with.',
      list: 'A promise of this list is under way when this is called; if it throws, nobody hears the promise. Call it before.',
      kept: 'This promise is under way while something else is called or awaited; if that fails, nobody hears it. Begin it later, or hand it on first.',
    },
  },
  create({ report, sourceCode }) {
    const { program, esTreeNodeToTSNodeMap: toTs } = sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const { visitorKeys } = sourceCode;
    const isThenable = (type) =>
      (type.isUnion() ? type.types : [type]).some((part) => part.getProperty('then') !== undefined);
    const isPromise = (node) => isThenable(checker.getTypeAtLocation(toTs.get(node)));
    const beginsPromise = (node) => node !== null && beginning(node) !== null && isPromise(node);
    /** `({ promise }) => promise`, or `(id) => this.find(id)` where `find` is an async function: it can't throw. */
    const onlyCallsAsync = ({ body, params }) => {
      if ([body, ...params].some((part) => mayThrow(part, { visitorKeys }, body))) return false;
      if (body.type !== 'CallExpression') return true;
      const declaration = checker.getResolvedSignature(toTs.get(body))?.declaration;
      return declaration?.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
    };

    return {
      CallExpression({ callee, arguments: args }) {
        if (callee.type !== 'MemberExpression' || !BEGINNERS.has(callee.property.name)) return;
        for (const callback of args) {
          if (!isFunction(callback) || callback.async || onlyCallsAsync(callback)) continue;
          const signatures = checker.getTypeAtLocation(toTs.get(callback)).getCallSignatures();
          if (signatures.some((signature) => isThenable(signature.getReturnType())))
            report({ node: callback, messageId: 'callback' });
        }
      },
      ArrayExpression({ elements }) {
        let under = false;
        for (const element of elements) {
          if (!element) continue;
          const begun = beginsPromise(element) ? beginning(element) : null;
          if (under && mayThrow(element, { visitorKeys }, begun)) report({ node: element, messageId: 'list' });
          under ||= begun !== null;
        }
      },
      VariableDeclarator(node) {
        if (node.id.type !== 'Identifier' || !node.init || !beginsPromise(node.init)) return;
        const [variable] = sourceCode.getDeclaredVariables(node);
        const block = node.parent.parent;
        if (!variable || !Array.isArray(block.body)) return;
        const after = block.body.slice(block.body.indexOf(node.parent) + 1);
        for (const statement of after) {
          const uses = variable.references.filter(
            ({ identifier }) => identifier !== node.id && within(identifier, statement),
          );
          if (uses.length > 0) return;
          if (mayThrow(statement, { visitorKeys })) return void report({ node, messageId: 'kept' });
        }
      },
    };
  },
};

const within = ({ range: [start, end] }, { range: [from, to] }) => start >= from && end <= to;
