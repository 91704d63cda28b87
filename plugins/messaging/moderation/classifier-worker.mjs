// Runs the model in a thread of its own: a picture takes a tenth of a second of a core, which no request may wait for. Plain
// JavaScript, because a thread does not inherit what lets the server run TypeScript.
import { parentPort, workerData } from 'node:worker_threads';

// nsfwjs greets whoever loads a model.
console.info = () => undefined;

const { tensorflow, wasm, core, model, wasmFolder } = workerData;
const tf = await import(tensorflow);
const { setWasmPaths } = await import(wasm);
setWasmPaths(wasmFolder);
await tf.setBackend('wasm');
const { load } = await import(core);
const { MobileNetV2Model } = await import(model);
const classifier = await load('MobileNetV2', { modelDefinitions: [MobileNetV2Model] });

parentPort.on('message', async ({ id, pixels, side }) => {
  const picture = tf.tensor3d(new Uint8Array(pixels), [side, side, 3], 'int32');
  try {
    const classes = await classifier.classify(picture);
    const scores = Object.fromEntries(classes.map(({ className, probability }) => [className.toLowerCase(), probability]));
    parentPort.postMessage({ id, scores });
  } catch (error) {
    parentPort.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    picture.dispose();
  }
});
parentPort.postMessage({ isReady: true });
