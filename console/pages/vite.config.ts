import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    emptyOutDir: true,
    target: 'es2023',
    // The Content-Security-Policy of the console allows neither inline scripts nor data: URLs for them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
