import tseslint from "typescript-eslint";
import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";

/** The house: each floor may use only those below it. From the top. */
const floors = ["kinds", "engine", "schema", "apply", "inventory", "plan", "seed", "image", "xml", "libvirt", "transport", "base"];
const zones = floors.flatMap((floor, level) =>
  floors.slice(0, level).map((above) => ({
    target: `./provider/${floor}`,
    from: `./provider/${above}`,
    message: `provider/${floor} is below provider/${above} in the house and may not use it (docs/architecture.md)`,
  })),
);
zones.push({ target: "./provider", from: ["./cli", "./lab", "./test", "./bench"], message: "the package does not use what is built on it" });

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", ".drover/", "examples/*/node_modules/", "**/*.generated.ts"] },
  {
    files: ["**/*.ts", "lab/setup/*.mjs"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()] },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/unified-signatures": "off",
      "eqeqeq": "error",
      "no-console": "error",
    },
  },
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
