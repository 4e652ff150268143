// A side of the move for real clients: a page, a WebSocket that answers with the side's name, an event stream, and what was posted.
// usage: site.js NAME; prints "listening PORT", and a line for each POST.
'use strict';
const http = require('http');
const { WebSocketServer } = require('ws');

const name = process.argv[2];

const page = `<!DOCTYPE html><meta charset="utf-8"><title>clients</title><script>
  const seen = { protocol: performance.getEntriesByType('navigation')[0].nextHopProtocol, pictures: 0, codes: [] };
  let from = { socket: '', events: '' };
  const told = new Set();
  function tell() {
    const side = from.socket === from.events ? from.socket : '';
    if (side && seen.pictures === 20 && !told.has(side)) {
      told.add(side);
      fetch('/result', { method: 'POST', body: JSON.stringify({ ...seen, side }) });
    }
  }
  function connect() {
    const socket = new WebSocket('wss://' + location.host + '/api/v1/streaming');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = (message) => { from.socket = message.data.split(':')[0]; tell(); };
    socket.onclose = (close) => { seen.codes.push(close.code); setTimeout(connect, 100); };
  }
  connect();
  new EventSource('/api/v1/streaming/user').onmessage = (event) => { from.events = event.data; tell(); };
  for (let i = 0; i < 20; i++) {
    fetch('/picture/' + i).then((answer) => answer.text()).then((text) => { seen.pictures += text.length > 0; tell(); });
  }
</script>`;

const server = http.createServer((request, response) => {
  const body = [];
  request.on('data', (data) => body.push(data));
  request.on('end', () => {
    const all = Buffer.concat(body);
    if (request.method === 'POST') {
      console.log('POST ' + request.url + ' ' + all.toString().slice(0, 1000));
    }
    if (request.url === '/api/v1/streaming/user') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write('retry: 100\ndata: ' + name + '\n\n');
    } else if (request.url === '/page') {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(page);
    } else {
      response.end(all.length > 0 ? name + ' ' + all.length : name);
    }
  });
});

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', (message) => socket.send(name + ': ' + message));
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port));
