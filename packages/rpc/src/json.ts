export * from './server/json.js';
