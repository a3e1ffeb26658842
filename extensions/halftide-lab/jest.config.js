/** The model is plain TypeScript without a browser, so its tests need neither a DOM nor JupyterLab. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src'],
  testMatch: ['**/__tests__/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/lib'],
  transform: { '\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }] }
};
