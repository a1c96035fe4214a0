import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { heardPromises } from './scripts/lint/heard-promises.mjs';

export default defineConfig(
  globalIgnores(['dist', 'coverage', 'data', 'node_modules']),
  tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'projections/**/*.ts', 'test/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'projections/**/*.ts'],
    plugins: { shop: { rules: { 'heard-promises': heardPromises } } },
    rules: {
      'shop/heard-promises': 'error',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'class-validator',
              importNames: ['IsObject'],
              message: 'It accepts any object. Write a class for it and use @ValidateNested() with @Type().',
            },
            {
              name: 'class-validator',
              importNames: ['Length', 'MaxLength', 'MinLength'],
              message: 'They count otherwise than events and the reference do. Use @Of() or @Characters().',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "PropertyDefinition:has(Decorator CallExpression[callee.name='IsArray']):not(:has(Decorator Property[key.name='each']))",
          message: '@IsArray() alone accepts any elements. Add a validator with { each: true } for them.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['describe', 'it', 'test'].map((object) => ({
          object,
          property: 'only',
          message: 'A focused test hides all the others.',
        })),
      ],
      'no-restricted-globals': [
        'error',
        ...['fdescribe', 'fit'].map((name) => ({ name, message: 'A focused test hides all the others.' })),
      ],
    },
  },
  { files: ['**/*.js'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  prettier,
);
