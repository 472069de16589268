import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForStop, SAME_PRESS } from '../../cli/stop-signal.ts';

const press = (...at: number[]) => {
  const source = new EventEmitter();
  let clock = 0;
  const ended: number[] = [];
  const { stop } = listenForStop(
    source as never,
    () => clock,
    (code) => ended.push(code),
  );
  for (const instant of at) {
    clock = instant;
    source.emit('SIGINT');
  }
  return { stopped: stop.aborted, ended };
};

describe('Ctrl-C', () => {
  it('asks to stop once', () => {
    expect(press(5)).toEqual({ stopped: true, ended: [] });
  });

  it('is one press when npm delivers it again', () => {
    expect(press(5, 6, 5 + SAME_PRESS)).toEqual({ stopped: true, ended: [] });
  });

  it('pressed again by a person ends at once', () => {
    expect(press(5, 6, 6 + SAME_PRESS)).toEqual({ stopped: true, ended: [130] });
  });
});
