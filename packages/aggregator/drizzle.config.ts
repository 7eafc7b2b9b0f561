import { defineConfig } from 'drizzle-kit';

// New migration after a change of the schema: `npx drizzle-kit generate` in this folder.
export default defineConfig({ dialect: 'postgresql', schema: './src/database/schema.ts', out: './drizzle' });
