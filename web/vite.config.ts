import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Writes the licences of everything the bundle contains beside it, as those licences ask. */
function licences(): Plugin {
  return {
    name: 'flyball-licences',
    apply: 'build',
    generateBundle(_options, bundle) {
      const packages = new Set(['@fontsource-variable/inter']);
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        for (const id of Object.keys(file.modules)) {
          const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
          if (name) packages.add(name);
        }
      }
      const source = [...packages].sort().map(licenceOf).join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source });
    },
  };
}

function licenceOf(name: string): string {
  const folder = join(import.meta.dirname, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}`;
}

const server = process.env['FLYBALL_URL'] ?? 'http://127.0.0.1:9099';

export default defineConfig({
  plugins: [react(), licences()],
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, changeOrigin: true } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
});
