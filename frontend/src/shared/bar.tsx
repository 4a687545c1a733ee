// A bar with a value, or a moving one where nobody can say.
export function Bar({ name, value, text }: { name: string; value: number | null; text: string }) {
  const known = value === null ? {} : { "aria-valuenow": Math.round(value * 100) };
  return (
    <div class={value === null ? "sdw-bar sdw-bar-open" : "sdw-bar"} role="progressbar" aria-label={name} aria-valuetext={text} {...known}>
      <div class="sdw-bar-fill" style={value === null ? undefined : { transform: `scaleX(${value.toFixed(3)})` }} />
    </div>
  );
}
