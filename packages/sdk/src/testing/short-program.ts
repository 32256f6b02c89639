/** Makes one span and ends by itself, without a shutdown. `MODE` adds what a test wants to see. */
import { context, propagation, trace } from '@opentelemetry/api';
import { ConsoleSpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createSpanProcessor, setupTracing, traced } from '@spanwise/sdk';

const mode = process.env.MODE;
if (mode === 'own provider') {
  const exporter = new ConsoleSpanExporter();
  const spanProcessors = [new SimpleSpanProcessor({ exporter }), createSpanProcessor()];
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
}
const first = setupTracing('short', { shutdownTimeoutMillis: 1000 });
if (mode === 'twice') console.log(setupTracing('again') === first);
traced.step('work', () => {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  console.log(JSON.stringify({ isRecording: trace.getActiveSpan()?.isRecording(), headers }));
});
if (mode === 'exit') process.exit();
if (mode === 'own provider') {
  const provider = trace.getTracerProvider();
  if ('getDelegate' in provider)
    await (provider as { getDelegate(): TracerProvider }).getDelegate().forceFlush();
}
