export * from './async.js';
export * from './bytes.js';
export * from './config.js';
export * from './errors.js';
export * from './field.js';
export * from './log.js';
export * from './process.js';
export * from './service.js';
