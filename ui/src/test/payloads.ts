// Text that tries to become something else: markup, addresses, templates, tricks of direction and of parsers. Each piece calls
// `pwned()` where it runs, so that a test sees it.

const CALL = "pwned()";

const ELEMENTS = ["img", "svg", "body", "video", "audio", "details", "input", "select", "textarea", "marquee", "iframe", "object", "embed", "math", "form", "a", "x-y"];
const HANDLERS = ["onerror", "onload", "onfocus", "ontoggle", "onmouseover", "onclick", "onanimationstart", "onpointerenter", "onbegin", "onhashchange"];

function handlers(): string[] {
  return ELEMENTS.flatMap((element) =>
    HANDLERS.flatMap((handler) => [
      `<${element} src=x ${handler}=${CALL}>`,
      `"><${element.toUpperCase()}/${handler.toUpperCase()}='${CALL}' autofocus tabindex=1 open>`,
    ]),
  );
}

const SCHEMES = ["javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\u0001javascript:", "vbscript:", "data:text/html,", "data:text/html;base64,", "blob:", "file:///", "&#106;avascript:", "javascript&colon;"];
const CARRIERS: ((address: string) => string)[] = [
  (address) => address,
  (address) => `<a href="${address}">look</a>`,
  (address) => `[look](${address})`,
  (address) => `![look](${address})`,
  (address) => `<iframe src='${address}'></iframe>`,
  (address) => `<form action=${address}><button>go</button></form>`,
  (address) => `<object data="${address}"></object>`,
  (address) => `<meta http-equiv=refresh content="0;url=${address}">`,
  (address) => `<base href="${address}//">`,
  (address) => `<svg><a xlink:href="${address}"><text y=20>look</text></a></svg>`,
];

const ODD = [
  `<script>${CALL}</script>`, `</title><script>${CALL}</script>`, `</textarea><script>${CALL}</script>`, `<scr<script>ipt>${CALL}</scr</script>ipt>`,
  `<style>@import "javascript:${CALL}";</style>`, `<link rel=stylesheet href="data:text/css,*{background:url(x)}">`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${CALL}&gt;">`,
  `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`, `<svg></p><style><a id="</style><img src=1 onerror=${CALL}>">`,
  `<template><script>${CALL}</script></template>`, `<![CDATA[<script>${CALL}</script>]]>`, `<!--><script>${CALL}</script>-->`, `<?xml version="1.0"?><x onload=${CALL}/>`,
  `{{constructor.constructor('${CALL}')()}}`, `\${${CALL}}`, `<%= ${CALL} %>`, `#{${CALL}}`, `{@html ${CALL}}`, `'-${CALL}-'`, `";${CALL};//`, `\\u003cscript\\u003e${CALL}`,
  `__proto__`, `constructor`, `toString`, `=HYPERLINK("http://x.example","${CALL}")`, `@SUM(1+1)*cmd|' /C calc'!A0`,
  "\u202egnp.exe", "\u2066abc\u2069", "\u200b\u200c\u200d\ufeff", "a\u0000b", "\u001b[31mred\u001b[0m", "line\r\nSet-Cookie: x=1", "𝕏".repeat(50), "e\u0301".repeat(50), "\ud800",
  "<".repeat(300), "&lt;script&gt;", "&amp;lt;img src=x onerror=1&amp;gt;", "%3Cscript%3E", "<IMG \"\"\"><SCRIPT>pwned()</SCRIPT>\">", "<a href=x onclick=pwned()//", "<img src=`x`onerror=pwned()>",
];

/** At least five hundred of them, all different. */
export const PAYLOADS: readonly string[] = [
  ...new Set([...handlers(), ...SCHEMES.flatMap((scheme) => CARRIERS.map((carry) => carry(`${scheme}${CALL}`))), ...ODD]),
];
