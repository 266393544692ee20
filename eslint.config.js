import tseslint from "typescript-eslint";

/** The house: each floor may use only those below it. From the top. */
const floors = ["guard", "kinds", "engine", "schema", "apply", "inventory", "record", "plan", "seed", "image", "xml", "libvirt", "transport", "base"];
/** A floor's files may not import from the floors above it, nor from what is built on the package. Imports in the house are relative. */
const floorRules = floors.map((floor, level) => ({
  files: [`provider/${floor}/**/*.ts`],
  rules: {
    "no-restricted-imports": ["error", { patterns: [
      ...floors.slice(0, level).map((above) => ({
        regex: `^(\\.\\./)+${above}/`,
        message: `provider/${floor} is below provider/${above} in the house and may not use it (docs/architecture.md)`,
      })),
      { regex: "^(\\.\\./)+(cli|lab|test|bench)/", message: "the package does not use what is built on it" },
    ] }],
  },
}));

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", ".drover/", "examples/*/node_modules/", "**/*.generated.ts"] },
  {
    files: ["**/*.ts", "lab/setup/*.mjs"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/unified-signatures": "off",
      // Taking properties out of an object names them.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "eqeqeq": "error",
      "no-console": "error",
    },
  },
  ...floorRules,
  {
    files: ["cli/**/*.ts", "lab/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts", "test/**/*.ts"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // node:test's describe and it return promises that the runner itself awaits.
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", name: ["describe", "it", "test", "before", "after", "beforeEach", "afterEach"], package: "node:test" }] }],
    },
  },
);
