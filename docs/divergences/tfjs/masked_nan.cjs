// TensorFlow.js 4.22.0: NaN in a step that is masked, or what overflows there, makes everything NaN.
// TensorFlow.js alone:
//
//     npm ci --prefix peers/tfjs
//     NODE_PATH=peers/tfjs/node_modules node docs/divergences/tfjs/masked_nan.cjs
//
// The second step is masked, so nothing depends on it, whatever stands there. But the new state is
// made as step * mask + state * (1 - mask), and NaN * 0 is NaN. A Masking layer in front of it is
// no help: it multiplies by its mask, too.

const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { layers } = require('@tensorflow/tfjs-layers');

tf.enableProdMode(); // no banner
const ones = { kernelInitializer: 'ones', recurrentInitializer: 'ones' };
const layer = layers.simpleRNN({ units: 1, activation: 'relu', ...ones });
const mask = tf.tensor2d([[1, 0]]);
for (const padding of [0, NaN, Infinity]) {
  const inputs = tf.tensor3d([[[0.5], [padding]]]);
  const [last] = layer.apply(inputs, { mask }).dataSync();
  const gradient = tf.grad((x) => tf.sum(layer.apply(x, { mask })))(inputs).dataSync();
  console.log(`${padding} in the masked step: last output ${last}, gradient ${[...gradient]}`);
}
