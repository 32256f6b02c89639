import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `vite packages/web` finds a running backend. */
const backend = process.env.SPANWISE_URL ?? 'http://127.0.0.1:16686';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // No data: URLs, so that a strict content security policy needs no exception.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file of 227 kB gzipped: all pages need most of it.
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: { '/api': { target: backend, changeOrigin: true } } },
});
