/** The chat page: sends a message to POST /chat, writes the answer as it comes, and links its trace. */

const byId = (id) => document.getElementById(id);
const turns = byId('turns');
const suggestions = byId('suggestions');
const form = byId('ask');
const input = byId('message');

/** What went wrong, by the code that the service gave. */
const WORDS_FOR_CODES = {
  timeout: 'A service took longer than 15 seconds.',
  rate_limited: 'Too many questions at once. Wait a little.',
  demo_fault: 'The fault you switched on did its work.',
  connection_failed: 'A service did not answer.',
};

let sessionId = crypto.randomUUID();
let running;

const options = await (await fetch('/chat/options')).json();
for (const text of options.suggestions) {
  const button = element('button', { type: 'button', textContent: text });
  button.addEventListener('click', () => ask(text));
  suggestions.append(element('li', {}, button));
}
for (const service of options.services) {
  byId('fault-service').append(element('option', { value: service, textContent: service }));
}
byId('fault-service').value = 'llm-proxy';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === '' || running !== undefined) return;
  input.value = '';
  ask(text);
});
byId('stop').addEventListener('click', () => running?.abort());
byId('new-conversation').addEventListener('click', () => {
  running?.abort();
  sessionId = crypto.randomUUID();
  turns.replaceChildren();
  input.focus();
});
input.focus();

async function ask(text) {
  if (running !== undefined) return;
  const started = performance.now();
  const answer = element('p', { className: 'answer waiting' });
  const facts = element('p', { className: 'facts' });
  const turn = element(
    'li',
    { className: 'turn' },
    element('p', { className: 'question', textContent: text }),
    answer,
    facts,
  );
  turns.append(turn);
  turn.scrollIntoView({ block: 'end' });

  running = new AbortController();
  setRunning(true);
  let traceUrl;
  try {
    for await (const { event, data } of postForEvents(
      '/chat',
      { message: text, sessionId },
      running.signal,
    )) {
      if (event === 'start') traceUrl = data.traceUrl;
      if (event === 'token') {
        answer.classList.remove('waiting');
        answer.append(data.text);
        turns.parentElement.scrollTop = turns.parentElement.scrollHeight;
      }
      if (event === 'error')
        throw new Error(WORDS_FOR_CODES[data.code] ?? `That did not work (${data.code}).`);
      if (event === 'done') {
        const { total } = data.tokens;
        facts.append(element('span', { textContent: `${total.toLocaleString('en')} tokens` }));
        facts.append(element('span', { textContent: data.model }));
        if (data.tools.length > 0) {
          facts.append(element('span', { textContent: `used ${data.tools.join(', ')}` }));
        }
      }
    }
    byId('status').textContent = answer.textContent;
  } catch (error) {
    const stopped = error.name === 'AbortError';
    if (answer.textContent !== '') answer.append(' ');
    answer.append(
      element('span', { className: 'failed', textContent: stopped ? 'Stopped.' : error.message }),
    );
    byId('status').textContent = answer.textContent;
  } finally {
    answer.classList.remove('waiting');
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    facts.prepend(element('span', { textContent: `${seconds} s` }));
    if (traceUrl) {
      const textContent = `trace ${traceUrl.slice(-32, -24)}…`;
      facts.append(element('a', { href: traceUrl, target: '_blank', rel: 'noopener', textContent }));
    }
    running = undefined;
    setRunning(false);
    turn.scrollIntoView({ block: 'nearest' });
    input.focus();
  }
}

function setRunning(isRunning) {
  byId('send').hidden = isRunning;
  byId('stop').hidden = !isRunning;
  for (const button of suggestions.querySelectorAll('button')) button.disabled = isRunning;
}

/** Server-sent events of a POST, which the browser's own EventSource cannot read. */
async function* postForEvents(url, body, signal) {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const fault = byId('fault').value;
  if (fault !== '') headers['x-demo-fault'] = `${byId('fault-service').value}=${fault}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (!response.ok) {
    const { code, problems = [] } = await response.json().catch(() => ({ code: `http_${response.status}` }));
    yield { event: 'error', data: { code: problems.map(({ problem }) => problem).join(', ') || code } };
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const events = (pending + read.value).split('\n\n');
    pending = events.pop() ?? '';
    for (const text of events) {
      const event = /^event: (.+)$/m.exec(text)?.[1];
      const data = /^data: (.+)$/m.exec(text)?.[1];
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}

/** An element with its properties and children. Texts go in as text, never as markup. */
function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
