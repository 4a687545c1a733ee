// A part that is drawn again only when one of its properties is another one.
import { Component, type FunctionComponent } from "preact";

export function memo<P extends object>(Part: FunctionComponent<P>): new () => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => before[name] !== value);
    }
    override render(props: P) {
      return <Part {...props} />;
    }
  };
}
