// TensorFlow.js's recurrent layers as a peer of rnnspec: see its docs/protocol.md.

import { createInterface } from 'node:readline';
import { script } from './script.mjs';

const needed = async (name) => {
  try {
    return await import(name);
  } catch (error) {
    console.error(`${error.message.split('\n')[0]}; try npm ci --prefix peers/tfjs`);
    return process.exit(1);
  }
};
const tf = await needed('@tensorflow/tfjs-core');
await needed('@tensorflow/tfjs-backend-cpu');
const { layers, version_layers } = await needed('@tensorflow/tfjs-layers');

console.log = console.info = console.error; // standard output is for answers alone
tf.enableProdMode(); // no banner, no advice

const COMMON = {
  orientation: 'in,out',
  biases: ['none', 'input'],
  directions: ['forward', 'backward', 'both'],
  layers: 3,
  // before its first valid step, a layer that goes backwards puts out its initial state
  past_end: { forward: 'held', backward: 'unspecified', both: 'unspecified' },
};
const HELLO = {
  protocol: 1,
  name: 'tfjs',
  versions: { tfjs: version_layers, node: process.versions.node },
  levels: { float32: 'relative' },
  conventions: {
    rnn: { ...COMMON, blocks: ['hidden'], activations: ['tanh', 'relu'] },
    lstm: { ...COMMON, blocks: ['input', 'forget', 'candidate', 'output'] },
    gru: { ...COMMON, blocks: ['update', 'reset', 'candidate'], resets: ['before'] },
  },
  ways: { 'last output': 'path', 'stacked cells': 'path' },
  can: ['gradients', 'count', 'script'],
};
const LAYERS = { rnn: layers.simpleRNN, lstm: layers.lstm, gru: layers.gru };
const CELLS = { rnn: layers.simpleRNNCell, lstm: layers.lstmCell, gru: layers.gruCell };
const STATES = { rnn: ['hidden'], lstm: ['hidden', 'cell'], gru: ['hidden'] };

const wide = (network) => (network.direction === 'both' ? 2 : 1);
const repeat = (length, make) => Array.from({ length }, (_, index) => make(index));
const parted = (list, size) =>
  repeat(list.length / size, (k) => list.slice(k * size, (k + 1) * size));

/** The layers of a network, from below. Stacked cells that go one way are one layer. */
function build(network, way) {
  const { cell, units } = network;
  const options = {
    units,
    useBias: network.biases !== 'none',
    activation: cell === 'rnn' ? network.activation : 'tanh',
    recurrentActivation: 'sigmoid', // by default, it is a hard one
    kernelInitializer: 'zeros',
    recurrentInitializer: 'zeros',
  };
  const stacked = way === 'stacked cells';
  const joint = stacked && wide(network) === 1 ? network.layers : 1;
  return repeat(network.layers / joint, (index) => {
    const how = {
      returnSequences: way !== 'last output' || index < network.layers - 1,
      returnState: true,
      goBackwards: network.direction === 'backward',
    };
    let layer = stacked
      ? layers.rnn({ cell: repeat(joint, () => CELLS[cell](options)), ...how })
      : LAYERS[cell]({ ...options, ...how });
    if (wide(network) === 2) layer = layers.bidirectional({ layer, mergeMode: 'concat' });
    layer.apply(tf.zeros([1, 1, index > 0 ? units * wide(network) : network.inputs]));
    return layer; // which has its weights now
  });
}

const kept = new Map();

/** Those that were built before, once more: to build takes longer than to call. */
function stack(network, way = '') {
  const key = JSON.stringify([network, way]);
  if (kept.size === 256 && !kept.has(key)) {
    [...kept.values()].flat().forEach((layer) => layer.dispose());
    kept.clear();
  }
  if (!kept.has(key)) kept.set(key, build(network, way));
  return kept.get(key);
}

/** Outputs and final states. A half, one direction of one layer, has a list of states. */
function call(built, { network, lengths }, inputs, states) {
  const [steps, rows] = inputs.shape;
  const names = STATES[network.cell];
  const halves = wide(network) * network.layers;
  // stacked cells have their states from the top downwards
  const turned = (list) => (wide(network) === 2 ? list : [...list].reverse());
  let given = [];
  if (Object.keys(states).length > 0) {
    const zeros = tf.zeros([halves, rows, network.units]);
    const half = (k) =>
      names.map((name) => tf.squeeze(tf.slice(states[name] ?? zeros, k, 1), [0]));
    given = parted(repeat(halves, half), halves / built.length).map((of) => turned(of).flat());
  }
  const valid = lengths?.map((length) => repeat(steps, (t) => t < length));
  const mask = valid && tf.tensor2d(valid.flat(), [rows, steps], 'bool');
  let below = tf.transpose(inputs, [1, 0, 2]);
  const finals = [];
  built.forEach((layer, index) => {
    const [above, ...after] = layer.apply(below, { mask, initialState: given[index] });
    // what goes backwards puts out in the order of processing
    below = above.rank === 3 && network.direction === 'backward' ? tf.reverse(above, 1) : above;
    finals.push(...turned(parted(after, names.length)));
  });
  const whole = below.rank === 3;
  if (!whole) { // the last output stands for the hidden state that it equals
    finals.slice(-wide(network)).forEach((half, k) => {
      half[0] = tf.slice(below, [0, k * network.units], [-1, network.units]);
    });
  }
  const found = { outputs: whole ? tf.transpose(below, [1, 0, 2]) : null };
  names.forEach((name, k) => (found[name] = tf.stack(finals.map((half) => half[k]))));
  return found;
}

/** Layers with the weights of a request, and its inputs and states. */
function loaded({ case: given, packed }) {
  const built = stack(given.network, given.way);
  const weights = packed.flatMap((half) => [half.input, half.recurrent, half.input_bias]);
  const present = weights.filter((each) => each !== null).map(tensor);
  parted(present, present.length / built.length).forEach((of, k) => built[k].setWeights(of));
  return [built, tensor(given.inputs), mapped(given.states, tensor)];
}

function answer({ outputs, ...states }) {
  return { outputs: outputs && array(outputs), states: mapped(states, array) };
}

function run(request) {
  const [built, inputs, states] = loaded(request);
  return answer(call(built, request.case, inputs, states));
}

function gradients(request) {
  const [built, inputs, states] = loaded(request);
  const variables = built.flatMap((layer) => layer.trainableWeights.map((each) => each.read()));
  const sources = [inputs, ...Object.values(states), ...variables];
  let forward;
  const loss = () => {
    const parts = call(built, request.case, inputs, states);
    forward = answer(parts);
    return Object.entries(request.cotangents)
      .map(([name, each]) => tf.sum(tf.mul(parts[name], tensor(each))))
      .reduce((sum, each) => tf.add(sum, each));
  };
  const { grads } = tf.engine().gradients(loss, sources, null, true);
  const found = grads.map((each, k) => array(each ?? tf.zerosLike(sources[k])));
  const back = { inputs: found.shift(), initial: mapped(states, () => found.shift()) };
  const halves = parted(found, found.length / request.packed.length);
  back.packed = request.packed.map(({ layer, direction }, k) => {
    const [input, recurrent, bias = null] = halves[k];
    return { layer, direction, input, recurrent, input_bias: bias, recurrent_bias: null };
  });
  return { ...forward, ...back };
}

function count({ network }) {
  return { count: stack(network).reduce((sum, layer) => sum + layer.countParams(), 0) };
}

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
const WORDS = { nan: NaN, inf: Infinity, '-inf': -Infinity };
const tensor = ({ shape, numbers }) =>
  tf.tensor(Float32Array.from(numbers, (n) => WORDS[n] ?? n), shape);
const array = (of) => ({ shape: of.shape, numbers: Array.from(of.dataSync()) });

/** JSON.stringify would write null for NaN and the infinities, and 0 for -0. */
function json(value) {
  if (Number.isNaN(value)) return '"nan"';
  if (value === Infinity) return '"inf"';
  if (value === -Infinity) return '"-inf"';
  if (Object.is(value, -0)) return '-0.0';
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, of]) => `${JSON.stringify(name)}:${json(of)}`);
  return `{${fields.join()}}`;
}

const written = (request) => ({ code: script(request) });
const ANSWERS = { hello: () => HELLO, run, gradients, count, script: written, bye: () => ({}) };
const REFUSALS = ['ValueError', 'NotImplementedError']; // as TensorFlow.js names what it refuses

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let found;
  try {
    found = tf.tidy(() => ANSWERS[request.do](request));
  } catch (error) {
    const kind = error.constructor.name;
    const told = `${kind}: ${error.message}`.slice(0, 200); // a configuration may follow
    found = { [REFUSALS.includes(kind) ? 'refused' : 'error']: told };
  }
  process.stdout.write(`${json({ id: request.id, ...found })}\n`);
  if (request.do === 'bye') break;
}
