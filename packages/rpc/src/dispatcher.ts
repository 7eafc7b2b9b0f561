export * from './server/dispatcher.js';
