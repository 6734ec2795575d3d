// A case as code of TensorFlow.js alone, for those who maintain it.

const LAYERS = { rnn: 'simpleRNN', lstm: 'lstm', gru: 'gru' };
const STATES = { rnn: ['hidden'], lstm: ['hidden', 'cell'], gru: ['hidden'] };
const WORDS = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' };

const repeat = (length, make) => Array.from({ length }, (_, index) => make(index));
const number = (n) => WORDS[n] ?? (Object.is(n, -0) ? '-0' : String(n));
const tensor = ({ shape, numbers }) =>
  numbers.every((n) => Object.is(n, 0))
    ? `tf.zeros([${shape}])`
    : `tf.tensor([${numbers.map(number).join(', ')}], [${shape}])`;
const list = (of) => `[${of.join(', ')}]`;

/** Rows and steps, exchanged. */
function turned({ shape: [steps, rows, size], numbers }) {
  const at = (b, t) => numbers.slice((t * rows + b) * size, (t * rows + b + 1) * size);
  const moved = repeat(rows, (b) => repeat(steps, (t) => at(b, t))).flat(2);
  return { shape: [rows, steps, size], numbers: moved };
}

/** What a state is of one direction of one layer. */
function half({ shape: [, rows, units], numbers }, k) {
  const size = rows * units;
  return { shape: [rows, units], numbers: numbers.slice(k * size, (k + 1) * size) };
}

/** A state that is missing, where others are given, is zero. */
function zeros({ network, inputs }) {
  const shape = [network.layers * directions(network), inputs.shape[1], network.units];
  return { shape, numbers: repeat(shape[0] * shape[1] * shape[2], () => 0) };
}

const directions = (network) => (network.direction === 'both' ? 2 : 1);

/** A layer. An orthogonal matrix to begin with, as usual, would need what is not required. */
function layer(network) {
  const options = [`units: ${network.units}`, 'returnSequences: true', 'returnState: true'];
  if (network.cell === 'rnn') options.push(`activation: '${network.activation}'`);
  else options.push("recurrentActivation: 'sigmoid'");
  if (network.biases === 'none') options.push('useBias: false');
  if (network.direction === 'backward') options.push('goBackwards: true');
  options.push("kernelInitializer: 'zeros'", "recurrentInitializer: 'zeros'");
  const made = `layers.${LAYERS[network.cell]}({ ${options.join(', ')} })`;
  if (network.direction !== 'both') return made;
  return `layers.bidirectional({ layer: ${made}, mergeMode: 'concat' })`;
}

/** The fields of an object: layers, weights, inputs, initial states, mask. */
function given({ case: of, packed }) {
  const { network, inputs, states, lengths } = of;
  const wide = directions(network);
  const halves = packed.map((each) => [each.input, each.recurrent, each.input_bias]);
  const initial = (k) =>
    STATES[network.cell].map((name) => tensor(half(states[name] ?? zeros(of), k)));
  const by = (make) =>
    repeat(network.layers, (n) => list(repeat(wide, (d) => make(n * wide + d)).flat()));
  const steps = repeat(inputs.shape[0], (t) => t);
  const rows = lengths?.map((length) => list(steps.map((t) => t < length)));
  return [
    `  made: ${list(repeat(network.layers, () => layer(network)))},`,
    `  weights: ${list(by((k) => halves[k].filter((each) => each !== null).map(tensor)))},`,
    `  inputs: ${tensor(turned(inputs))}, // rows first`,
    ...(Object.keys(states).length > 0 ? [`  initial: ${list(by(initial))},`] : []),
    ...(lengths ? [`  mask: tf.tensor(${list(rows)}, undefined, 'bool'),`] : []),
  ];
}

const BACKWARDS = '    x = tf.reverse(above, 1); // it came in the order of processing';
const called = (network) => [
  'function call({ made, weights, inputs, initial = [], mask }) {',
  '  let [x, finals] = [inputs, []];',
  '  made.forEach((layer, k) => {',
  '    if (!layer.built) { layer.apply(x); layer.setWeights(weights[k]); }',
  '    const [above, ...after] = layer.apply(x, { mask, initialState: initial[k] });',
  network.direction === 'backward' ? BACKWARDS : '    x = above;',
  '    finals.push(...after);',
  '  });',
  '  return [x, ...finals];',
  '}',
];

/** Which of what a call gives it is, and where in it. */
function place({ of, index: [first, second, third] }, network) {
  const names = STATES[network.cell];
  if (of[0] === 'outputs') return [0, [second, first, third]];
  return [1 + first * names.length + names.indexOf(of[1]), [second, third]];
}

/** Which of the gradients it is, and where in it. */
function source({ of, index }, { case: { network, states }, packed }) {
  const [first, second, third] = index;
  const names = STATES[network.cell];
  const halves = network.layers * directions(network);
  const initial = Object.keys(states).length > 0 ? halves * names.length : 0;
  if (of[0] === 'inputs') return [0, [second, first, third]];
  if (of[0] === 'initial') return [1 + first * names.length + names.indexOf(of[1]), [second, third]];
  const arrays = ['input', 'recurrent', 'input_bias'].filter((name) => packed[0][name] !== null);
  return [1 + initial + of[1] * arrays.length + arrays.indexOf(of[2]), index];
}

/** The way back, from the cotangents of what a call gives. */
function back({ case: { network }, cotangents }) {
  const names = STATES[network.cell];
  const seeds = Object.entries(cotangents).flatMap(([name, seed]) =>
    name === 'outputs'
      ? [[0, turned(seed)]]
      : repeat(seed.shape[0], (k) => [1 + k * names.length + names.indexOf(name), half(seed, k)]));
  return [
    `const seeds = { ${seeds.map(([k, seed]) => `${k}: ${tensor(seed)}`).join(', ')} };`,
    'call(given); // layers have variables once they were called',
    'const variables = given.made.flatMap((layer) => layer.trainableWeights.map((w) => w.read()));',
    'const sources = [given.inputs, ...(given.initial ?? []).flat(), ...variables];',
    'const term = (part, k) => (seeds[k] ? [tf.sum(tf.mul(part, seeds[k]))] : []);',
    'const loss = () => tf.addN(call(given).flatMap(term));',
    'const { grads } = tf.engine().gradients(loss, sources, null, true);',
    'const found = grads.map((each, k) => each ?? tf.zerosLike(sources[k]));',
  ];
}

/** The code, or null where none is written. */
export function script(request) {
  const { case: of, about, cotangents, shown } = request;
  if (of.way || (shown?.against && shown.against.case.way)) return null;
  const lines = [
    ...about.map((line) => `// ${line}`),
    "const tf = require('@tensorflow/tfjs-core');",
    "require('@tensorflow/tfjs-backend-cpu');",
    "const { layers } = require('@tensorflow/tfjs-layers');",
    '',
    ...called(of.network),
    ...['const given = {', ...given(request), '};'],
    ...(cotangents ? back(request) : ['const found = call(given);']),
  ];
  if (!shown) return [...lines, 'found.forEach((each) => each.print());', ''].join('\n');
  const [k, index] = cotangents ? source(shown, request) : place(shown, of.network);
  const element = `found[${k}].arraySync()${index.map((i) => `[${i}]`).join('')}`;
  let expected = number(shown.expected);
  if (shown.against) {
    lines.push('// the call that must give the same there');
    lines.push('const other = call({', ...given(shown.against), '});');
    expected = element.replace('found', 'other');
  }
  const allowed = shown.bound ? `give or take ${number(shown.bound)}` : 'to the last bit';
  lines.push(
    `console.log('${element} is', ${element});`,
    `console.log('it must be', ${expected}, '${allowed}');`,
    '',
  );
  return lines.join('\n');
}
