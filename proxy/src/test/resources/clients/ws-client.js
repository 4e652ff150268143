// A client of the ws package. usage: ws-client.js URL; sends the lines that it reads, prints what happens.
'use strict';
const WebSocket = require('ws');

const socket = new WebSocket(process.argv[2]);
socket.on('open', () => console.log('open'));
socket.on('message', (message) => console.log('got ' + message));
socket.on('close', (code) => { console.log('closed ' + code); process.exit(0); });
socket.on('error', (error) => console.log('error ' + error.message));
require('readline').createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
