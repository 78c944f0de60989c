// The head of a screen: title, context, and at most one primary button at the right end.
import type { ReactNode } from "react";
import { LoadingLine } from "../components/shapes";

interface HeaderProps {
  title: string;
  context?: ReactNode;
  before?: ReactNode;
  children?: ReactNode;
  loading?: boolean;
}

export function Header({ title, context, before, children, loading = false }: HeaderProps) {
  return (
    <header className="head">
      {before}
      <h1 className="cut" tabIndex={-1} id="screen-title">{title}</h1>
      {context && <div className="head-context">{context}</div>}
      <div className="head-end">{children}</div>
      <LoadingLine on={loading} />
    </header>
  );
}
