// TensorFlow.js 4.22.0: a layer that is made of cells cannot go both ways. TensorFlow.js alone:
//
//     npm ci --prefix peers/tfjs
//     NODE_PATH=peers/tfjs/node_modules node docs/divergences/tfjs/bidirectional_cells.cjs
//
// Bidirectional makes its two layers from one configuration. RNN.fromConfig() puts the cell that it
// has built into it, and so the second layer is to be made from a cell instead of a description.

const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { layers } = require('@tensorflow/tfjs-layers');

tf.enableProdMode(); // no banner
const options = { units: 2, kernelInitializer: 'ones', recurrentInitializer: 'ones' };
const made = {
  'an LSTM': () => layers.lstm(options),
  'an LSTM cell': () => layers.rnn({ cell: layers.lstmCell(options) }),
  'two LSTM cells': () => layers.rnn({ cell: [layers.lstmCell(options), layers.lstmCell(options)] }),
};
for (const [what, make] of Object.entries(made)) {
  console.log(`${what}, forward: ${make().apply(tf.ones([1, 3, 2])).shape}`);
  try {
    const both = layers.bidirectional({ layer: make(), mergeMode: 'concat' });
    console.log(`${what}, both ways: ${both.apply(tf.ones([1, 3, 2])).shape}`);
  } catch (error) {
    console.log(`${what}, both ways: ${error.message.slice(0, 60)} ...`);
  }
}
