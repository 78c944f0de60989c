// Formatted text as elements, never as markup. Links open nothing by themselves: their host stands beside them.
import type { ReactNode } from "react";
import type { Block } from "../../../api/generated/Block";
import type { Inline } from "../../../api/generated/Inline";
import type { ListItem } from "../../../api/generated/ListItem";
import type { Table } from "../../../api/generated/Table";

export function Blocks({ blocks }: { blocks: Block[] }) {
  return <>{blocks.map((block, at) => <BlockView key={at} block={block} />)}</>;
}

function BlockView({ block }: { block: Block }): ReactNode {
  switch (block.block) {
    case "paragraph":
      return <p><Inlines pieces={block.of} /></p>;
    case "heading":
      return <p className="text-heading" role="heading" aria-level={Math.min(6, block.of.level + 3)}><Inlines pieces={block.of.content} /></p>;
    case "code":
      return <pre className="text-code">{block.of.text}</pre>;
    case "quote":
      return <blockquote className="text-quote"><Blocks blocks={block.of.blocks} /></blockquote>;
    case "list":
      return block.of.start === null
        ? <ul className="text-list"><Items items={block.of.items} /></ul>
        : <ol className="text-list text-numbers" start={block.of.start}><Items items={block.of.items} /></ol>;
    case "rule":
      return <hr />;
    case "table":
      return <TableView table={block.of} />;
  }
}

function Items({ items }: { items: ListItem[] }) {
  return (
    <>
      {items.map((item, at) => (
        <li key={at} className={item.task === null ? undefined : "text-task"}>
          {item.task !== null && <span>{item.task ? "☑ " : "☐ "}<span className="hidden-text">{item.task ? "done: " : "open: "}</span></span>}
          <Blocks blocks={item.blocks} />
        </li>
      ))}
    </>
  );
}

function TableView({ table }: { table: Table }) {
  const headed = table.header.some((cell) => cell.length > 0);
  return (
    <table className="text-table">
      {headed && <thead><tr>{table.header.map((cell, at) => <th key={at} scope="col"><Inlines pieces={cell} /></th>)}</tr></thead>}
      <tbody>{table.rows.map((row, at) => <tr key={at}>{row.map((cell, place) => <td key={place}><Inlines pieces={cell} /></td>)}</tr>)}</tbody>
    </table>
  );
}

export function Inlines({ pieces }: { pieces: Inline[] }) {
  return <>{pieces.map((piece, at) => <InlineView key={at} piece={piece} />)}</>;
}

function InlineView({ piece: { content, marks } }: { piece: Inline }): ReactNode {
  if (content.is === "break") return <br />;
  let shown: ReactNode = content.is === "code" ? <code>{content.of}</code> : content.is === "image" ? <span className="text-picture">picture: {content.of.alt || "without a name"}</span> : content.of;
  if (marks.strong) shown = <strong>{shown}</strong>;
  if (marks.em) shown = <em>{shown}</em>;
  if (marks.strike) shown = <s>{shown}</s>;
  if (marks.link === null) return shown;
  const host = hostOf(marks.link);
  const named = content.is === "text" && content.of.includes(host);
  return <span className="text-link" title={marks.link}><span>{shown}</span>{!named && <span className="text-host"> ({host})</span>}</span>;
}

export function hostOf(address: string): string {
  try {
    const { protocol, host } = new URL(address);
    return host === "" ? protocol : host;
  } catch {
    return address;
  }
}

/** The pieces of a paragraph, line by line. */
export function linesOf(pieces: Inline[]): Inline[][] {
  const lines: Inline[][] = [[]];
  for (const piece of pieces) {
    if (piece.content.is === "break") lines.push([]);
    else lines.at(-1)?.push(piece);
  }
  return lines;
}
