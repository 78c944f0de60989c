// Strict types, the rules of hooks, and the doors that stay shut: Tauri outside its one file, markup from strings, inline styles.
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const markup = "Text of tickets is text, never markup (reliability.md T1).";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/generated"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked, reactHooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }, globals: globals.browser },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "no-restricted-imports": ["error", { patterns: [{ group: ["@tauri-apps/*"], message: "Only src/api/tauri.ts knows Tauri." }] }],
      "no-restricted-globals": ["error", { name: "fetch", message: "The pages talk to nobody but the app: use call()." }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: markup },
        { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: markup },
        { selector: "CallExpression[callee.property.name=/^(write|writeln)$/][callee.object.name='document']", message: markup },
        { selector: "JSXAttribute[name.name='style']", message: "Styles live in CSS files; the policy lets in no others." },
      ],
    },
  },
  { files: ["src/api/tauri.ts"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["src/pages/*/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [
          { group: ["@tauri-apps/*"], message: "Only src/api/tauri.ts knows Tauri." },
          { group: ["../../pages/*", "../welcome/*", "../overview/*", "../sync/*", "../run/*", "../conflicts/*", "../quarantine/*", "../links/*", "../accounts/*", "../settings/*", "../plan/*", "../../sync/*", "../../run/*", "../../overview/*", "../../welcome/*", "../../plan/*", "../../conflicts/*", "../../quarantine/*", "../../links/*", "../../accounts/*", "../../settings/*"], message: "Pages do not import each other." },
        ] },
      ],
    },
  },
  { files: ["e2e/**/*.mjs", "*.js"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
);
