import type { CodegenConfig } from '@graphql-codegen/cli';

/** A typed client for the examples, from the printed schema alone: no server and no network are needed. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: ['examples/**/*.ts', '!examples/gql/**'],
  generates: {
    'examples/gql/': {
      preset: 'client',
      // Programs read an entry as a whole; masking would hide its fields from whoever did not write the fragment.
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumType: 'string-literal',
        importExtension: '.ts',
        // What JSON has for them; a scalar that is not named here is an error, not `any`.
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          BigInt: { input: 'string | number', output: 'string' },
          Cursor: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
