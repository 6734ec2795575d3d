// TensorFlow.js 4.22.0: there is no way back through a recurrent layer that is given one step.
// TensorFlow.js alone:
//
//     npm ci --prefix peers/tfjs
//     NODE_PATH=peers/tfjs/node_modules node docs/divergences/tfjs/one_step_gradient.cjs
//
// The layer takes its inputs apart with tf.unstack. An operation of one result hands a tensor to its
// gradient, one of several a list of them; the gradient of unstack always wants a list.

const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { layers } = require('@tensorflow/tfjs-layers');

tf.enableProdMode(); // no banner

const attempt = (what, gradient) => {
  try {
    console.log(`${what}: ${gradient().dataSync()}`);
  } catch (error) {
    console.log(`${what}: ${error.message}`);
  }
};
const layer = layers.lstm({ units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones' });
const through = tf.grad((x) => tf.sum(layer.apply(x)));
attempt('an LSTM, two steps', () => through(tf.ones([1, 2, 1])));
attempt('an LSTM, one step', () => through(tf.ones([1, 1, 1])));
attempt('unstack, one tensor', () => tf.grad((x) => tf.unstack(x)[0])(tf.ones([1, 1])));
